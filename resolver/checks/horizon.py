"""How far the facts go: releases in an environment that are newer than what the tables know.

Nothing is said of them, neither good nor bad; a check names them with the date of the facts.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator

import msgspec

from resolver.checks import facts
from resolver.checks.context import CheckContext
from resolver.machine.drivers import cuda_is_known, newest_toolkit
from resolver.machine.facts import CudaToolkit
from resolver.machine.facts import table as machine_table
from resolver.machine.tables import Row
from resolver.model.findings import Unknown
from resolver.model.leading_numbers import minor, release


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """Projects of whose releases tables hold everything up to a newest one."""

    pypi: tuple[str, ...]
    conda: tuple[str, ...] = ()
    row: type[Row]  #: its table's reading is the date of the facts
    versions: Callable[[], Iterable[str]]  #: every release that is known
    tables: tuple[str, ...]  #: that end with the newest one
    what: str  #: what isn't known of a newer one


def _pins(project: str) -> Iterator[str]:
    return (row.version for row in facts.table(facts.TorchPin).rows if row.project == project)


def _last(row: type[facts.PackageNeed | facts.CudnnLoad], project: str) -> Iterator[str]:
    return (item.last for item in facts.table(row).rows if item.project == project)


#: What isn't known of a newer release of the projects whose rows stand where something changes.
_CHANGES: dict[str, tuple[type[facts.PackageNeed | facts.CudnnLoad], str, str]] = {
    "ctranslate2": (facts.CudnnLoad, "cudnn_loads", "the cuDNN it loads"),
    **dict.fromkeys(
        (
            "bitsandbytes", "catboost", "cudf-cu12", "cudf-cu13", "cupy-cuda11x", "cupy-cuda12x",
            "cupy-cuda13x", "faiss-gpu-cu12", "jax", "keras", "lightgbm", "mlflow", "mlflow-skinny", "numba",
            "numba-cuda", "paddlepaddle-gpu", "sglang", "tensorrt", "transformer-engine", "triton", "xgboost",
        ),
        (facts.PackageNeed, "package_needs", "what it asks for"),
    ),
}  # fmt: skip

FAMILIES = (
    Family(
        pypi=("torch",),
        conda=("pytorch", "libtorch"),
        row=facts.TorchRelease,
        versions=lambda: (row.version for row in facts.table(facts.TorchRelease).rows),
        tables=("torch_releases", "torch_arch"),
        what="its CUDA, its architectures and what it pins",
    ),
    Family(
        pypi=("flash-attn",),
        row=facts.FlashAttnRelease,
        versions=lambda: (row.version for row in facts.table(facts.FlashAttnRelease).rows),
        tables=("flash_attn_releases",),
        what="which torch it has wheels for",
    ),
    Family(
        pypi=("tensorflow", "tensorflow-gpu"),
        row=facts.TensorflowRelease,
        versions=lambda: (row.version for row in facts.table(facts.TensorflowRelease).rows),
        tables=("tensorflow_releases",),
        what="its CUDA and what it asks for",
    ),
    Family(
        pypi=("jax-cuda12-plugin", "jax-cuda13-plugin"),
        row=facts.JaxPlugin,
        versions=lambda: (row.version for row in facts.table(facts.JaxPlugin).rows),
        tables=("jax_plugins",),
        what="its NVIDIA packages",
    ),
    Family(
        pypi=("onnxruntime-gpu",),
        row=facts.OnnxRelease,
        versions=lambda: (row.version for row in facts.table(facts.OnnxRelease).rows),
        tables=("onnxruntime_releases",),
        what="the CUDA and cuDNN it loads",
    ),
    *(
        Family(
            pypi=(project,),
            row=facts.TorchPin,
            versions=functools.partial(_pins, project),
            tables=("torch_pins",),
            what="which torch it belongs to",
        )
        for project in ("torchaudio", "torchtext", "torchvision", "vllm", "xformers")
    ),
    *(
        Family(
            pypi=(project,),
            row=row,
            versions=functools.partial(_last, row, project),
            tables=(table,),
            what=what,
        )
        for project, (row, table, what) in sorted(_CHANGES.items())
    ),
)
_POST = re.compile(r"\.post(\d+)")
#: Packages whose version is that of a CUDA toolkit.
_TOOLKITS = ("cuda-version", "cuda-toolkit", "nvidia-cuda-runtime", "nvidia-cuda-runtime-cu12")


@functools.cache
def newest_known(family: Family) -> str:
    """Return the newest of the releases that the tables know."""
    return max(family.versions(), key=_order)


def _order(version: str) -> tuple[object, ...]:
    """Return what releases are compared by: numbers without zeros at the end, then a post-release."""
    numbers = release(version)
    while numbers and numbers[-1] == 0:
        numbers = numbers[:-1]
    post = _POST.search(version.split("+", 1)[0])
    return numbers, int(post[1]) if post else -1


def is_beyond(project: str, version: str) -> bool:
    """Tell whether a PyPI release of one of the families is newer than every one the tables know."""
    family = next((family for family in FAMILIES if project in family.pypi), None)
    return family is not None and _order(version) > _order(newest_known(family))


def unknown_of(context: CheckContext) -> tuple[Unknown, ...]:
    """Return what of the environment the facts don't reach: frameworks, cuDNN, CUDA; each stands once."""
    return (*_frameworks(context), *_cudnn(context), *_toolkit(context))


def _frameworks(context: CheckContext) -> Iterator[Unknown]:
    for family in FAMILIES:
        held = [name for name in (*family.conda, *family.pypi) if context.version(name) is not None]
        if not held:
            continue
        newest = newest_known(family)
        for name in held[:1]:
            version = context.version(name) or ""
            if _order(version) > _order(newest):
                yield Unknown(
                    subject=f"{name} {version}",
                    text=f"{name} {version} is newer than the facts know ({newest}): nothing is said of "
                    f"{family.what}",
                    date=facts.table(family.row).read,
                    tables=family.tables,
                )


def _cudnn(context: CheckContext) -> Iterator[Unknown]:
    """Yield a cuDNN newer than its newest support matrix, where a GPU is to be compared with it."""
    if context.machine.gpu is None or context.machine.gpu.capability is None:
        return
    name = next((name for name in (*context.pypi, *context.conda) if _is_cudnn(name)), None)
    if name is None:
        return
    table, version = facts.table(facts.CudnnSupport), context.version(name) or ""
    newest = max((row.version for row in table.rows), key=release)
    if release(version)[:2] > release(newest)[:2]:
        yield Unknown(
            subject=f"{name} {version}",
            text=f"{name} {version} is newer than the facts know ({newest}): nothing is said of the GPUs "
            "it supports",
            date=table.read,
            tables=("cudnn_support",),
        )


def _is_cudnn(name: str) -> bool:
    return name == "cudnn" or name.startswith("nvidia-cudnn-cu")


def _toolkit(context: CheckContext) -> Iterator[Unknown]:
    for name in _TOOLKITS:
        version = context.version(name)
        if version is not None and release(version) and not cuda_is_known(version):
            newest = newest_toolkit().cuda
            yield Unknown(
                subject=f"CUDA {minor(version)}",
                text=f"CUDA {minor(version)} of {name} is newer than the facts know ({newest}): it is judged "
                "by its major alone",
                date=machine_table(CudaToolkit).read,
                tables=("cuda_toolkits", "cuda_components", "cuda_arch"),
            )
            return
