"""What a check looked at: packages, the rules that have something to compare, those without a fact for it.

Rules lack a fact where facts end (:mod:`resolver.checks.horizon`), or were read of other platforms alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from resolver.checks import facts, stack
from resolver.checks.context import CheckContext
from resolver.model.findings import Unknown


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of what was looked at; rules are named by their id, sorted."""

    packages: int
    rules: int  #: all there are
    applied: tuple[str, ...]  #: their subject is in the environment or part of the machine
    without_fact: tuple[str, ...]  #: of those, the ones whose facts end before what is there

    def to_json(self) -> dict[str, object]:
        """Return the coverage as JSON values: ``rules``, ``applied`` (how many), ``without_fact`` (ids)."""
        return {
            "rules": self.rules,
            "applied": len(self.applied),
            "without_fact": list(self.without_fact),
        }


def _has(*names: str) -> Callable[[CheckContext], bool]:
    return lambda context: any(context.version(name) is not None for name in names)


#: First part of a rule's id -> whether what it compares is there.
SUBJECTS: Mapping[str, Callable[[CheckContext], bool]] = {
    "azureml": lambda context: getattr(context.machine.image, "curated", None) is not None,
    "channel": lambda context: bool(context.resolution.conda),
    "cuda": lambda context: any(True for _ in stack.cuda_users(context)),
    "gpu": lambda context: context.wants_gpu is not None or context.machine.driver_is_known,
    "image": lambda context: context.machine.image is not None or bool(context.machine.library_path),
    "jax": _has("jax", "jaxlib", "jax-cuda12-plugin", "jax-cuda13-plugin"),
    "locked": lambda context: context.deviations is not None,
    "onnxruntime": _has("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-openvino"),
    "pip": lambda context: context.requirements is not None and bool(context.requirements.pypi),
    "prefix": lambda context: context.installation is not None,
    "python": lambda context: context.resolution.python is not None and bool(context.resolution.pypi),
    "runtime": lambda context: bool(context.resolution.conda or context.resolution.pypi),
    "supply": lambda context: bool(context.resolution.pypi),
    "tensorflow": _has("tensorflow", "tensorflow-gpu"),
    "torch": _has(
        "torch",
        "pytorch",
        "libtorch",
        "torchvision",
        "torchaudio",
        "torchtext",
        "xformers",
        "vllm",
        "flash-attn",
    ),
    "vm": lambda context: context.machine.vm_size is not None,
}


def cover(
    context: CheckContext, rules: Iterable[tuple[str, tuple[str, ...]]], unknown: Iterable[Unknown]
) -> Coverage:
    """Return what the rules (id, tables of facts) look at in a context, given what the facts don't reach."""
    every = sorted(rules)
    there = {name: is_there(context) for name, is_there in SUBJECTS.items()}
    applied = [(name, tables) for name, tables in every if there.get(name.split("/")[0], True)]
    ended = {table for found in (*unknown, *context.machine.unknown) for table in found.tables}
    return Coverage(
        packages=len(context.resolution.conda) + len(context.resolution.pypi),
        rules=len(every),
        applied=tuple(name for name, _ in applied),
        without_fact=tuple(name for name, tables in applied if ended & set(tables)),
    )


def unread_of(context: CheckContext) -> tuple[Unknown, ...]:
    """Return what the facts hold for other platforms alone; each stands once."""
    return (*_gpu_code(context), *_tensorflow(context))


def _gpu_code(context: CheckContext) -> Iterator[Unknown]:
    """Yield a torch for CUDA whose builds were read for other platforms, where a GPU is to be compared."""
    gpu, build = context.machine.gpu, stack.torch_build(context)
    if gpu is None or gpu.capability is None or build is None or build.cuda is None:
        return
    table = facts.table(facts.TorchArch)
    read = sorted({row.platform for row in table.rows if row.channel == build.source})
    if read and context.target.subdir not in read:
        yield Unknown(
            subject=f"torch {build.version} on {context.target.subdir}",
            text=f"the GPU code in torch {build.version} was read of builds for {' and '.join(read)} alone: "
            f"nothing is said of what it holds on {context.target.subdir}",
            date=table.read,
            tables=("torch_arch",),
        )


def _tensorflow(context: CheckContext) -> Iterator[Unknown]:
    """Yield a TensorFlow whose requirements are another project's on this platform."""
    table, version = facts.table(facts.TensorflowRelease), context.version("tensorflow")
    row = next((row for row in table.rows if row.version == version and "tensorflow" in context.pypi), None)
    if row is not None and context.target.subdir not in row.platforms:
        yield Unknown(
            subject=f"tensorflow {row.version} on {context.target.subdir}",
            text=f"what tensorflow {row.version} asks for was read of wheels for "
            f"{', '.join(row.platforms)} alone: nothing is said of its keras, numpy and protobuf on "
            f"{context.target.subdir}",
            date=table.read,
            tables=("tensorflow_releases",),
        )
