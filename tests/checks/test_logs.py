"""Failure signatures are found in logs as jobs write them, and nowhere in ordinary ones."""

# ruff: noqa: E501  # names of real files and messages stay in one piece

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.checks import facts
from resolver.checks.logs import clean_line, explain_match, match_log
from resolver.checks.registry import all_rules
from tests.checks.make import Env, make_context

#: Signature -> the message as the libraries print it; several lines where they wrap it.
MESSAGES = {
    "no-kernel-image": "RuntimeError: CUDA error: no kernel image is available for execution on the device",
    "sm-not-compatible": "UserWarning: Tesla V100-SXM2-32GB with CUDA capability sm_70 is not compatible with the current PyTorch installation.",
    "cc-warning-new": "UserWarning: \n    Found GPU0 Tesla V100-SXM2-16GB which is of compute capability (CC) 7.0.\n    The following list shows the CCs this version of PyTorch was built for",
    "driver-too-old": "RuntimeError: The NVIDIA driver on your system is too old (found version 11040). Please update your GPU driver",
    "container-requirement": "nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8, please update your driver to a newer version, or use an earlier cuda container: unknown",
    "err-803": "RuntimeError: Unexpected error from cudaGetDeviceCount(). Error 803: system has unsupported display driver / cuda driver combination",
    "err-804": "RuntimeError: Unexpected error from cudaGetDeviceCount(). Error 804: forward compatibility was attempted on non supported HW",
    "unsupported-ptx": "RuntimeError: CUDA error: the provided PTX was compiled with an unsupported toolchain.",
    "ijit": "ImportError: /opt/miniconda/lib/python3.11/site-packages/torch/lib/libtorch_cpu.so: undefined symbol: iJIT_NotifyEvent",
    "nvjitlink-121": "ImportError: /usr/local/lib/python3.11/site-packages/nvidia/cusparse/lib/libcusparse.so.12: undefined symbol: __nvJitLinkAddData_12_1, version libnvJitLink.so.12",
    "nvjitlink-124": "ImportError: libcusparse.so.12: undefined symbol: __nvJitLinkComplete_12_4, version libnvJitLink.so.12",
    "cusparse-dll": 'OSError: [WinError 126] The specified module could not be found. Error loading "C:\\torch\\lib\\cusparse64_12.dll" or one of its dependencies.',
    "cudnn8-mixed": "Could not load library libcudnn_cnn_train.so.8. Error: /usr/lib/x86_64-linux-gnu/libcudnn_cnn_train.so.8: undefined symbol: _ZTIN10cask_trait",
    "cudnn9-unable": "Unable to load any of {libcudnn_ops.so.9.1.0, libcudnn_ops.so.9.1, libcudnn_ops.so.9, libcudnn_ops.so}",
    "cudnn-incompat-torch": "RuntimeError: cuDNN version incompatibility: PyTorch was compiled  against (8, 9, 2) but found runtime version (8, 5, 0).",
    "cudnn-loaded-runtime": "E cuda_dnn.cc:502] Loaded runtime CuDNN library: 9.1.0 but source was compiled with: 9.3.0.  CuDNN library needs to have matching major version",
    "ort-win126": '[E:onnxruntime:Default, provider_bridge_ort.cc:1992] LoadLibrary failed with error 126 "" when trying to load "C:\\ort\\onnxruntime_providers_cuda.dll"',
    "tf-dlopen": "W gpu_device.cc:2344] Cannot dlopen some GPU libraries. Please make sure the missing libraries mentioned above are installed properly",
    "tf-no-driver": "I cudart_stub.cc:31] Could not find cuda drivers on your machine, GPU will not be used.",
    "tf216-path": "Skipping registering GPU devices...",
    "numpy2-module": "A module that was compiled using NumPy 1.x cannot be run in\nNumPy 2.1.0 as it may crash. To support both 1.x and 2.x",
    "numpy-not-available": "RuntimeError: Numpy is not available",
    "array-api": "AttributeError: _ARRAY_API not found",
    "glibcxx": "ImportError: /lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /opt/env/lib/python3.11/site-packages/_core.so)",
    "omp15": "OMP: Error #15: Initializing libiomp5.so, but found libomp.so already initialized.",
    "mkl-libgomp": "Error: mkl-service + Intel(R) MKL: MKL_THREADING_LAYER=INTEL is incompatible with libgomp-a34b3233.so.1 library.",
    "llvm-openmp16": "WARNING profiler: DataLoader workers are all pinned to one core",
    "tv-nms": "RuntimeError: operator torchvision::nms does not exist",
    "fa-undef": "ImportError: /opt/env/lib/python3.11/site-packages/flash_attn_2_cuda.cpython-311-x86_64-linux-gnu.so: undefined symbol: _ZN3c105ErrorC2ENS_14SourceLocationE",
    "libc10-missing": "ImportError: libc10.so: cannot open shared object file: No such file or directory",
    "flashinfer-undef": "ImportError: /opt/env/lib/python3.11/site-packages/flashinfer/_kernels.abi3.so: undefined symbol: _ZN5torch3jit17parseSchemaOrNameERKSs",
    "nccl-undef": "ImportError: /opt/env/lib/python3.11/site-packages/torch/lib/libtorch_cuda.so: undefined symbol: ncclCommRegister",
    "bnb-setup": "RuntimeError: CUDA Setup failed despite GPU being available. Please run the following command to get more information:",
    "ds-cuda-mismatch": "deepspeed.ops.op_builder.builder.CUDAMismatchException: >- DeepSpeed Op Builder: Installed CUDA version 13.1 does not match the version torch was compiled with 12.4, unable to compile",
    "cppext-mismatch": "RuntimeError: \nThe detected CUDA version (13.1) mismatches the version that was used to compile\nPyTorch (12.4). Please make sure to use the same CUDA versions.",
    "torch-not-cuda": "AssertionError: Torch not compiled with CUDA enabled",
    "cuda-virtual": "  - nothing provides __cuda needed by pytorch-2.5.1-cuda126_generic_py311",
    "libjpeg-opencv": "ImportError: /opt/env/lib/python3.11/site-packages/../../libtiff.so.6: undefined symbol: jpeg12_write_raw_data, version LIBJPEG_8.0",
    "nvrtc-cubin": "ImportError: /usr/local/cuda/lib64/libnvrtc.so: undefined symbol: nvrtcGetCUBIN",
    "paddle-torch-cudnn-win": 'OSError: [WinError 127] The specified procedure could not be found. Error loading "C:\\torch\\lib\\cudnn_cnn_infer64_8.dll" or one of its dependencies.',
    "err-802": "RuntimeError: Unexpected error from cudaGetDeviceCount(). Error 802: system not yet initialized",
    "driver-insufficient": "RuntimeError: CUDA error: CUDA driver version is insufficient for CUDA runtime version",
    "glibc": "ImportError: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /opt/env/lib/python3.11/site-packages/_core.so)",
    "ort-cuda-library": "[E:onnxruntime:Default, provider_bridge_ort.cc:2036] Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: cannot open shared object file: No such file or directory",
    "cuda-library-missing": "ImportError: libcudnn.so.8: cannot open shared object file: No such file or directory",
    "openssl-1.1": "ImportError: libssl.so.1.1: cannot open shared object file: No such file or directory",
    "jax-no-cuda": "WARNING:jax._src.xla_bridge:An NVIDIA GPU may be present on this machine, but a CUDA-enabled jaxlib is not installed. Falling back to cpu.",
    "keras-3-transformers": "ValueError: Your currently installed version of Keras is Keras 3, but this is not yet supported in Transformers.",
    "mkl-parts": "INTEL MKL ERROR: /opt/env/lib/libmkl_avx2.so.2: undefined symbol: mkl_sparse_optimize_bsr_trsm_i8.",
    "nccl-error": "torch.distributed.DistBackendError: NCCL error in: ../torch/csrc/distributed/c10d/ProcessGroupNCCL.cpp:1691, unhandled cuda error",
    "numpy-size-changed": "ValueError: numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88 from PyObject",
    "nvcc-architecture": "nvcc fatal   : Unsupported gpu architecture 'compute_120'",
    "protobuf-descriptors": "TypeError: Descriptors cannot be created directly.",
    "protobuf-builder": "ImportError: cannot import name 'builder' from 'google.protobuf.internal' (/opt/env/lib/python3.9/site-packages/google/protobuf/internal/__init__.py)",
    "transformers-requires": "ImportError: tokenizers>=0.14,<0.19 is required for a normal functioning of this module, but found tokenizers==0.20.0.",
    "triton-ptxas": "RuntimeError: ptxas fatal   : Value 'sm_120' is not defined for option 'gpu-name'",
    "xformers-extensions": "WARNING[XFORMERS]: xFormers can't load C++/CUDA extensions. xFormers was built for:",
}
#: What a job's runtime writes around a line.
WRAPPINGS = {
    "bare": "{}",
    "timestamp": "2026-11-20T09:14:03.123456Z {}",
    "azure ml": "2026/11/20 09:14:03 INFO {}",
    "rank": "[rank3]: {}",
    "torchrun": "[default7]:{}",
    "time, level and rank": "2026-11-20 09:14:03,123 ERROR [rank0] {}",
    "kubernetes": "2026-11-20T09:14:03.1+00:00 stderr F {}",
    "red": "\x1b[31m{}\x1b[0m",
    "bold with a time": "\x1b[36m09:14:03\x1b[0m \x1b[1;31m{}\x1b[0m",
    "ray": "\x1b[36m(RayTrainWorker pid=4711, ip=10.0.0.4)\x1b[0m {}",
    "behind a progress bar": "Epoch 1:  45%|####5     | 45/100\r{}",
}
ORDINARY = (Path(__file__).parent / "ordinary_log.txt").read_text(encoding="utf-8").splitlines()


def test_every_signature_has_a_message() -> None:
    assert set(MESSAGES) == {row.id for row in facts.table(facts.Signature).rows}
    assert len(MESSAGES) == 57


@pytest.mark.parametrize("wrapping", WRAPPINGS.values(), ids=WRAPPINGS)
@pytest.mark.parametrize("signature", MESSAGES)
def test_signature_is_found_inside_a_log(signature: str, wrapping: str) -> None:
    lines = [wrapping.format(line) for line in MESSAGES[signature].split("\n")]
    found = match_log([*ORDINARY[:5], *lines, *ORDINARY[5:10]])
    assert signature in {match.id for match in found}
    match = next(match for match in found if match.id == signature)
    assert 5 < match.line <= 5 + len(lines)
    assert match.count == 1
    assert match.cause
    assert match.remedy
    assert match.fact.source


@pytest.mark.parametrize("signature", MESSAGES)
def test_signature_is_not_taken_for_another(signature: str) -> None:
    related = {
        "sm-not-compatible": {"cc-warning-new"},
        "nvjitlink-124": {"nvjitlink-121"},
        "cusparse-dll": {"paddle-torch-cudnn-win"},
        "ort-cuda-library": {"cuda-library-missing"},
    }
    found = {match.id for match in match_log(MESSAGES[signature].split("\n"))}
    assert found - {signature} <= related.get(signature, set())


def test_ordinary_logs_hold_no_signature() -> None:
    assert len(ORDINARY) >= 200
    assert match_log(ORDINARY) == ()


@pytest.mark.shared
def test_reported_logs_are_recognised(shared: Path) -> None:
    """Lines of public reports, each with one known cause."""
    folder = shared / "cases" / "check" / "logs"
    silent = [
        path.stem
        for path in sorted(folder.glob("*.log"))
        if not match_log(path.read_text(encoding="utf-8", errors="replace").split("\n"))
    ]
    assert silent == []


def test_repeated_message_is_counted() -> None:
    message = MESSAGES["no-kernel-image"]
    [match] = match_log([f"[rank{rank}]: {message}" for rank in range(8)])
    assert (match.line, match.count) == (1, 8)


#: Nothing that is locked or installed shows their cause.
NOT_OF_THE_ENVIRONMENT = {"err-802"}


def test_rules_of_signatures_exist() -> None:
    known = {rule.id for rule in all_rules()}
    for row in facts.table(facts.Signature).rows:
        assert row.rules or row.id in NOT_OF_THE_ENVIRONMENT
        assert set(row.rules) <= known


def test_environment_shows_the_records_behind_a_failure() -> None:
    context = make_context(
        Env(
            conda="pytorch/linux-64/pytorch-2.1.0-py3.11_cuda12.1_cudnn8.9.2_0.tar.bz2 conda-forge/linux-64/mkl-2024.1.0-ha957f24_693.conda"
        )
    )
    [match] = match_log([MESSAGES["ijit"]])
    explained = explain_match(match, context)
    assert [finding.rule for finding in explained.findings] == ["torch/mkl-2024-1"]
    assert "mkl 2024.1.0" in "\n".join(explained.findings[0].evidence)


def test_clean_line_keeps_the_message() -> None:
    assert clean_line("2026-11-20T09:14:03Z [rank0]: \x1b[31mValueError: no\x1b[0m\r\n") == "ValueError: no"


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=80), max_size=30))
def test_any_text_can_be_read(lines: list[str]) -> None:
    for match in match_log(lines):
        assert 1 <= match.line <= len(lines)
