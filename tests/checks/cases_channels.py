"""Channel and runtime rules: a failing and a passing environment each, of real records."""

# ruff: noqa: E501  # names of real files and messages stay in one piece

from __future__ import annotations

from tests.checks.make import Case, Env

CF, MAIN = "conda-forge/linux-64", "pkgs/main/linux-64"
PY311 = f"{CF}/python-3.11.9-hb806964_0_cpython.conda"
CURL = f"{CF}/libcurl-8.1.2-hca28451_1.conda"
OPENSSL = f"{CF}/openssl-3.5.0-h7b32b05_0.conda"
OPENSSL_MAIN = f"{MAIN}/openssl-3.0.15-h5eee18b_0.conda"
AZUREML = "mcr.microsoft.com/azureml/openmpi5.0-ubuntu24.04:20260301.v1"
ONLY_FORGE = ("channel:conda-forge", "libcurl")

CASES = [
    Case(
        rule="channel/families-linked",
        names=("libcurl", "openssl"),
        fails=Env(conda=f"{CURL} {OPENSSL_MAIN}"),
        passes=Env(conda=f"{CURL} {OPENSSL}"),
    ),
    Case(
        rule="channel/families-mixed",
        names=("sqlite", "libwebp-base"),
        fails=Env(conda=f"{CF}/sqlite-3.41.2-h2c6b66d_1.conda {MAIN}/libwebp-base-1.3.2-h5eee18b_0.conda"),
        passes=Env(conda=f"{CF}/sqlite-3.41.2-h2c6b66d_1.conda {OPENSSL}"),
    ),
    Case(
        rule="channel/priority-not-strict",
        names=("libcurl", "pytorch"),
        fails=Env(
            conda=f"{CURL} pytorch/linux-64/pytorch-2.3.1-py3.11_cuda12.1_cudnn8.9.2_0.tar.bz2",
            priority="flexible",
        ),
        passes=Env(conda=f"{CURL} pytorch/linux-64/pytorch-2.3.1-py3.11_cuda12.1_cudnn8.9.2_0.tar.bz2"),
    ),
    Case(
        rule="channel/flips-with-priority",
        names=("libcurl",),
        fails=Env(
            conda=CURL, priority="disabled", asked=("channel:conda-forge", "channel:defaults", "libcurl")
        ),
        passes=Env(conda=CURL, asked=("channel:conda-forge", "channel:defaults", "libcurl")),
    ),
    Case(
        rule="channel/defaults-despite-conda-forge",
        names=("openssl", "environment.yml"),
        fails=Env(conda=f"{CURL} {OPENSSL_MAIN}", asked=ONLY_FORGE),
        passes=Env(conda=f"{CURL} {OPENSSL}", asked=ONLY_FORGE),
    ),
    Case(
        rule="channel/nodefaults-missing",
        names=("environment.yml", "conda-forge"),
        fails=Env(conda=CURL, asked=ONLY_FORGE, image=AZUREML),
        passes=Env(conda=CURL, asked=(*ONLY_FORGE, "channel:nodefaults"), image=AZUREML),
    ),
    Case(
        rule="channel/broken-label",
        names=("mpich",),
        fails=Env(conda="conda-forge/label/broken/linux-64/mpich-4.1.2-external_4.conda"),
        passes=Env(conda=CURL),
    ),
    Case(
        rule="channel/free",
        names=("numpy",),
        fails=Env(conda="pkgs/free/linux-64/numpy-1.10.0-py35_0.tar.bz2"),
        passes=Env(conda=f"{MAIN}/numpy-base-1.26.4-py312h0da6c21_0.conda"),
    ),
    Case(
        rule="channel/pytorch-ended",
        names=("pytorch",),
        fails=Env(conda="pytorch/linux-64/pytorch-2.3.1-py3.11_cpu_0.tar.bz2"),
        passes=Env(conda=f"{CF}/pytorch-2.5.1-cpu_generic_py311_h36b4074_10.conda"),
    ),
    Case(
        rule="channel/gcc-runtime",
        names=("libgcc-ng", "libcurl"),
        fails=Env(conda=f"{CURL} {MAIN}/libgcc-ng-11.2.0-h1234567_1.conda"),
        passes=Env(conda=f"{CURL} {CF}/libgcc-ng-13.2.0-h77fa898_10.conda"),
    ),
    Case(
        rule="channel/openssl",
        names=("openssl", "libcurl"),
        fails=Env(conda=f"{CURL} {OPENSSL_MAIN}"),
        passes=Env(conda=f"{CURL} {OPENSSL}"),
    ),
    Case(
        rule="channel/icu",
        names=("icu", "libxml2"),
        fails=Env(conda=f"{CF}/libxml2-2.12.6-h232c23b_0.conda {MAIN}/icu-58.2-he6710b0_3.conda"),
        passes=Env(conda=f"{CF}/libxml2-2.12.6-h232c23b_0.conda {CF}/icu-73.2-h59595ed_0.conda"),
    ),
    Case(
        rule="channel/protobuf",
        names=("libprotobuf", "libgrpc"),
        fails=Env(conda=f"{CF}/libgrpc-1.54.3-hb20ce57_0.conda {MAIN}/libprotobuf-3.11.4-hd408876_0.conda"),
        passes=Env(conda=f"{CF}/libgrpc-1.54.3-hb20ce57_0.conda {CF}/libprotobuf-5.28.2-h5b01275_0.conda"),
    ),
    Case(
        rule="channel/hdf5",
        names=("hdf5", "h5py"),
        fails=Env(
            conda=f"{CF}/h5py-3.12.1-nompi_py311hb639ac4_102.conda {MAIN}/hdf5-1.10.4-hb1b8bf9_0.conda"
        ),
        passes=Env(
            conda=f"{CF}/h5py-3.12.1-nompi_py311hb639ac4_102.conda {CF}/hdf5-1.14.3-nompi_h2d575fe_107.conda"
        ),
    ),
    Case(
        rule="channel/imaging",
        names=("libtiff", "pillow"),
        fails=Env(conda=f"{CF}/pillow-10.2.0-py311ha6c5da5_0.conda {MAIN}/libtiff-4.5.1-h6a678d5_0.conda"),
        passes=Env(conda=f"{CF}/pillow-10.2.0-py311ha6c5da5_0.conda {CF}/libtiff-4.6.0-ha9c0a0a_2.conda"),
    ),
    Case(
        rule="channel/python",
        names=("python", "numpy"),
        fails=Env(conda=f"{CF}/numpy-1.26.4-py310hb13e2d6_0.conda {MAIN}/python-3.9.1-hdb3f193_2.conda"),
        passes=Env(conda=f"{CF}/numpy-1.26.4-py311h64a7726_0.conda {PY311}"),
    ),
    Case(
        rule="runtime/two-openmp",
        names=("intel-openmp", "llvm-openmp"),
        fails=Env(
            conda=f"{MAIN}/intel-openmp-2021.4.0-h06a4308_3561.conda {CF}/llvm-openmp-15.0.7-h0cdce71_0.conda"
        ),
        passes=Env(conda=f"{CF}/mkl-2023.2.0-h84fe81f_50496.conda {CF}/llvm-openmp-15.0.7-h0cdce71_0.conda"),
    ),
    Case(
        rule="runtime/wheel-openmp",
        names=("torch", "llvm-openmp"),
        fails=Env(
            conda=f"{CF}/llvm-openmp-15.0.7-h0cdce71_0.conda",
            pip="torch-2.6.0-cp311-cp311-manylinux1_x86_64.whl",
        ),
        passes=Env(
            conda=f"{CF}/libopenblas-0.3.29-pthreads_h94d23a6_0.conda",
            pip="torch-2.6.0-cp311-cp311-manylinux1_x86_64.whl",
        ),
    ),
    Case(
        rule="runtime/mkl-and-libgomp",
        names=("mkl-service 2.4.0", "torch"),
        fails=Env(
            conda=f"{MAIN}/mkl-2021.4.0-h06a4308_640.conda {MAIN}/intel-openmp-2021.4.0-h06a4308_3561.conda {MAIN}/mkl-service-2.4.0-py39h7f8727e_0.conda",
            pip="torch-2.6.0-cp39-cp39-manylinux1_x86_64.whl",
        ),
        passes=Env(
            conda=f"{MAIN}/mkl-2021.4.0-h06a4308_640.conda {MAIN}/intel-openmp-2021.4.0-h06a4308_3561.conda",
            pip="torch-2.6.0-cp39-cp39-manylinux1_x86_64.whl",
        ),
    ),
    Case(
        rule="runtime/two-blas",
        names=("mkl", "libopenblas"),
        fails=Env(
            conda=f"{CF}/mkl-2023.2.0-h84fe81f_50496.conda {CF}/libopenblas-0.3.29-pthreads_h94d23a6_0.conda "
            f"{CF}/libblas-3.9.0-30_h59b9bed_openblas.conda"
        ),
        passes=Env(
            conda=f"{CF}/libopenblas-0.3.29-pthreads_h94d23a6_0.conda {CF}/libblas-3.9.0-30_h59b9bed_openblas.conda"
        ),
    ),
    Case(
        rule="runtime/two-blas",
        names=("libblas", "libcblas"),
        severity="error",
        fails=Env(
            conda=f"{CF}/libblas-3.9.0-30_h2556b6b_mkl.conda {CF}/libcblas-3.9.0-30_he106b2a_openblas.conda"
        ),
        passes=Env(
            conda=f"{CF}/libblas-3.9.0-32_h66dfbfd_blis.conda {CF}/liblapack-3.9.0-12_hd37a5e2_netlib.conda"
        ),
    ),
    Case(
        rule="runtime/cuda-libraries-twice",
        names=("libcublas", "nvidia-cublas-cu12"),
        fails=Env(conda=f"{CF}/libcublas-12.4.5.8-hd3aeb46_1.conda", pip="nvidia-cublas-cu12==12.4.5.8"),
        passes=Env(
            conda=f"{CF}/libcublas-12.4.5.8-hd3aeb46_1.conda",
            pip="xformers-0.0.29.post3-cp311-cp311-manylinux_2_28_x86_64.whl",
        ),
    ),
    Case(
        rule="runtime/pip-over-conda",
        names=("numpy 1.26.4", "numpy 2.2.6"),
        fails=Env(
            conda=f"{CF}/numpy-1.26.4-py311h64a7726_0.conda",
            pip="numpy-2.2.6-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        ),
        passes=Env(
            conda=f"{CF}/numpy-1.26.4-py311h64a7726_0.conda",
            pip="torch-2.6.0-cp311-cp311-manylinux1_x86_64.whl",
        ),
    ),
    Case(
        rule="runtime/opencv-twice",
        names=("opencv-python 4.6.0.66", "opencv-python-headless 4.10.0.84"),
        fails=Env(
            pip="opencv_python-4.6.0.66-cp36-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl "
            "opencv_python_headless-4.10.0.84-cp37-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
        ),
        passes=Env(
            pip="opencv_python_headless-4.10.0.84-cp37-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
        ),
    ),
]
