"""Tests of an environment: whether it is what its lockfile says, and whether what was asked for works.

Made by `lock validate --init`, which writes this file anew; what is yours goes into test_smoke.py. Run
it with the environment's own Python, pytest beside it: `python -m pytest environment_tests`. With
ENVIRONMENT_TESTS_GPU=1 a machine without a GPU fails, where it is passed over otherwise.
"""

import ctypes
import ctypes.util
import importlib.metadata
import importlib.util
import os
import platform
import subprocess
import sys
from pathlib import Path

import environment_facts as facts
import pytest
from packaging.version import Version

LOCKED = facts.read_locked(Path(__file__).parent / "locked.json")
CONDA = facts.conda_packages(Path(sys.prefix))
CUDA = LOCKED.get("virtual_packages", {}).get("__cuda")
#: Seconds that an import may take: a framework's first one compiles its files.
LONGEST = 600

#: Package -> what it is to do on a GPU.
ON_GPU = {
    "pytorch": "import torch; x = torch.ones(8, device='cuda'); assert float((x + x).sum()) == 16",
    "tensorflow": "import tensorflow as t; assert t.config.list_physical_devices('GPU')",
    "jax": "import jax; assert jax.devices('gpu')",
    "cupy": "import cupy; assert float(cupy.ones(8).sum()) == 8",
    "onnxruntime": "import onnxruntime as o; assert 'CUDAExecutionProvider' in o.get_available_providers()",
    "numba": "from numba import cuda; assert cuda.is_available()",
}
#: Other names of these packages.
ALSO = {
    "pytorch": {"pytorch-gpu", "torch"},
    "tensorflow": {"tensorflow-gpu"},
    "onnxruntime": {"onnxruntime-gpu"},
    "cupy": {"cupy-cuda11x", "cupy-cuda12x", "cupy-cuda13x"},
}


def run(code):
    """Run code in a Python of its own, so that one that dies takes nothing along."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=LONGEST
    )
    assert done.returncode == 0, "exit code {}\n{}".format(done.returncode, done.stderr[-4000:])


def asked_for(manager):
    """Return the packages that the lockfile's input names."""
    return LOCKED.get("asked", {}).get(manager, [])


def modules_of_conda(name):
    """Return what a conda package lets one import."""
    return facts.modules_of(path for path in CONDA[name].get("files", ()) if "site-packages/" in path)


def modules_of_project(name):
    """Return what a project of an index lets one import."""
    return facts.modules_of(str(path) for path in importlib.metadata.files(name) or ())


def test_platform():
    assert LOCKED, "the lockfile holds nothing for {}".format(facts.this_platform())


def test_python():
    if LOCKED.get("python") is None:
        pytest.skip("the lockfile names no Python")
    locked = LOCKED["python"].split(".")  # its series alone, where it isn't a package
    assert platform.python_version().split(".")[: len(locked)] == locked


@pytest.mark.parametrize("name", sorted(LOCKED.get("conda", ())))
def test_conda_package(name):
    assert name in CONDA, "isn't installed"
    version, build = LOCKED["conda"][name]
    assert CONDA[name]["version"] == version
    if build:  # of some formats nothing but the file's name has it
        assert CONDA[name]["build"] == build


@pytest.mark.parametrize("name", sorted(LOCKED.get("pypi", ())))
def test_project(name):
    assert Version(importlib.metadata.version(name)) == Version(LOCKED["pypi"][name])


def test_needs():
    """What installed projects require of each other: `pip check`."""
    if importlib.util.find_spec("pip") is None:
        pytest.skip("there is no pip in this environment")
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", asked_for("conda"))
def test_import_conda(name):
    modules = modules_of_conda(name)
    if not modules:
        pytest.skip("there is nothing to import in it")
    run("; ".join("import " + module for module in modules))


@pytest.mark.parametrize("name", asked_for("pypi"))
def test_import_project(name):
    modules = modules_of_project(name)
    if not modules:
        pytest.skip("there is nothing to import in it")
    run("; ".join("import " + module for module in modules))


def test_import_together():
    """All that was asked for in one process: two OpenMP or CUDA runtimes show here."""
    modules = [module for name in asked_for("conda") if name in CONDA for module in modules_of_conda(name)]
    modules += [module for name in asked_for("pypi") for module in modules_of_project(name)]
    run("; ".join("import " + module for module in modules) or "pass")


def driver_cuda():
    """Return the newest CUDA that this machine's driver runs, as (major, minor); None without a driver."""
    library = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        found = ctypes.CDLL(library)
    except OSError:
        return None
    version = ctypes.c_int()
    if found.cuDriverGetVersion(ctypes.byref(version)) != 0:
        return None
    return version.value // 1000, version.value % 1000 // 10


def needs_gpu():
    """Pass over what needs a GPU, where the lockfile is for machines without one or this is such a one."""
    if CUDA is None:
        pytest.skip("the lockfile is for machines without a GPU")
    if driver_cuda() is None:
        if os.environ.get("ENVIRONMENT_TESTS_GPU") == "1":
            pytest.fail("there is no NVIDIA driver on this machine")
        pytest.skip("there is no NVIDIA driver on this machine")


def test_driver():
    needs_gpu()
    wanted = tuple(int(part) for part in (CUDA + ".0").split(".")[:2])
    assert driver_cuda() >= wanted, "the driver runs CUDA up to {}.{}".format(*driver_cuda())


@pytest.mark.parametrize("name", sorted(ON_GPU))
def test_gpu(name):
    locked = {*LOCKED.get("conda", ()), *LOCKED.get("pypi", ())}
    if locked.isdisjoint({name, *ALSO.get(name, ())}):
        pytest.skip("isn't locked")
    needs_gpu()
    run(ON_GPU[name])
