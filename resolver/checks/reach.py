"""Where the facts were read: what of an environment they know for another platform alone.

Nothing is said of it on this one; a check names it with the date of the facts.
"""

from __future__ import annotations

from collections.abc import Iterator

from resolver.checks import facts, stack
from resolver.checks.context import CheckContext
from resolver.model.findings import Unknown


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
