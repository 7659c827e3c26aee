"""torch of the `pytorch` channel among packages it wasn't built with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from resolver.checks import facts, stack
from resolver.checks.context import CheckContext
from resolver.checks.registry import Found, Proposal, rule
from resolver.model.findings import Severity
from resolver.model.leading_numbers import minor, within
from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.model.resolution import CondaPin

_ONE_VERSION = re.compile(r"=*([0-9.]+?)(?:\.?\*)?\Z")


def _pytorch(context: CheckContext) -> CondaPin | None:
    """Return the pytorch of the pytorch channel, None where it is another's."""
    pin = context.conda.get("pytorch")
    return pin if pin is not None and stack.channel_name(pin) == "pytorch" else None


@rule("torch/mkl-2024-1", Severity.ERROR, "torch of the pytorch channel with MKL 2024.1 or later")
def mkl_2024_1(context: CheckContext) -> Iterator[Found]:
    """Find MKL 2024.1 or later under torch of the `pytorch` channel (x86_64, not Windows).

    `import torch` ends in `undefined symbol: iJIT_NotifyEvent`; its dependency is an open `mkl >=2018`.
    """
    pin, mkl = _pytorch(context), context.conda.get("mkl")
    if pin is None or mkl is None or context.target.subdir not in ("linux-64", "osx-64"):
        return
    if facts.holds("mkl-2024-1", mkl=mkl.record.version, pytorch=pin.record.version):
        older = f"mkl {facts.before('mkl-2024-1', 'mkl')}"
        yield Found(
            message=f"pytorch {pin.record.version} of the pytorch channel can't load with mkl "
            f"{mkl.record.version}",
            evidence=(pin, mkl),
            fact=facts.statement("mkl-2024-1"),
            proposals=(Proposal(text=older, conda=(older,)),),
        )


@rule("torch/llvm-openmp-16", Severity.WARNING, "torch of the pytorch channel with llvm-openmp 16 or later")
def llvm_openmp_16(context: CheckContext) -> Iterator[Found]:
    """Find llvm-openmp 16 or later under torch of the `pytorch` channel, on Linux.

    Its forked DataLoader workers then share one core.
    """
    pin, openmp = _pytorch(context), context.conda.get("llvm-openmp")
    if pin is None or openmp is None or context.system != "linux":
        return
    if facts.holds("llvm-openmp-16", llvm_openmp=openmp.record.version):
        older = f"llvm-openmp {facts.before('llvm-openmp-16', 'llvm-openmp')}"
        yield Found(
            message=f"llvm-openmp {openmp.record.version} binds the workers of pytorch {pin.record.version} "
            "to one core",
            evidence=(pin, openmp),
            fact=facts.statement("llvm-openmp-16"),
            proposals=(Proposal(text=older, conda=(older,)),),
        )


@rule("torch/cpuonly-ignored", Severity.WARNING, "`cpuonly` doesn't hold this pytorch to its CPU build")
def cpuonly_ignored(context: CheckContext) -> Iterator[Found]:
    """Find `cpuonly` beside a CUDA build: it only binds packages of the pytorch channel."""
    marker = context.conda.get("cpuonly")
    build = stack.torch_build(context)
    asked = context.requested("cpuonly")
    if build is None or build.cuda is None or (marker is None and not asked):
        return
    yield Found(
        message=f"`cpuonly` was asked for, and torch {build.version} is built for CUDA {build.cuda}",
        evidence=(build.pin, *((marker,) if marker else ()), *(f"{item.origin}: cpuonly" for item in asked)),
        fact=facts.statement("cpuonly"),
        proposals=(Proposal(text="conda-forge's CPU build", conda=("pytorch * cpu*",)),),
    )


@rule(
    "torch/pytorch-cuda",
    Severity.ERROR,
    "pytorch-cuda names another CUDA than pytorch's build",
    facts=("conda_torch",),
)
def pytorch_cuda(context: CheckContext) -> Iterator[Found]:
    """Compare `pytorch-cuda` with the CUDA of pytorch's build.

    conda-forge's pytorch doesn't look at `pytorch-cuda`: what was asked for isn't what is installed.
    """
    marker, build = context.conda.get("pytorch-cuda"), stack.torch_build(context)
    if marker is None or build is None or not build.is_conda:
        return
    if build.is_cpu or (build.cuda is not None and minor(build.cuda) != minor(marker.record.version)):
        yield Found(
            message=f"pytorch-cuda {marker.record.version} was chosen, pytorch {build.version} is "
            + ("a CPU build" if build.is_cpu else f"built for CUDA {build.cuda}"),
            evidence=(marker, build.pin),
            fact=facts.statement("pytorch-cuda"),
            proposals=(Proposal(text="pytorch of the pytorch channel", conda=("pytorch::pytorch",)),),
        )


@rule(
    "torch/no-such-conda-variant",
    Severity.NOTE,
    "no conda build of this pytorch was published for the CUDA asked for",
    facts=("conda_torch",),
)
def no_such_conda_variant(context: CheckContext) -> Iterator[Found]:
    """Compare the CUDA that is asked for with those pytorch was built for.

    It speaks of `pytorch-cuda` and `cuda-version` lines. Within a CUDA major an older build
    runs; the note says that the build isn't of the version asked for.
    """
    pin = context.conda.get("pytorch")
    asked = [item for name in ("pytorch-cuda", "cuda-version") for item in context.requested(name)]
    build = stack.torch_build(context)
    if pin is None or build is None or build.cuda is None or not asked:
        return
    rows = [
        row
        for row in facts.table(facts.CondaTorch).rows
        if row.channel == build.source and within(build.version, row.first, row.last)
    ]
    wanted = _version_asked(asked[0])
    published = [text for row in rows for text in _built_for(row, context.system)]
    if published and wanted.count(".") == 1 and wanted not in published and wanted != minor(build.cuda):
        yield Found(
            message=f"CUDA {wanted} was asked for, pytorch {build.version} is built for CUDA {build.cuda}",
            evidence=(pin, f"{asked[0].origin}: {getattr(asked[0], 'spec', '')}"),
            fact=rows[0].fact(
                f"pytorch {rows[0].first} to {rows[0].last} in {build.source} for CUDA {', '.join(published)}"
            ),
        )


def _built_for(row: facts.CondaTorch, system: str) -> tuple[str, ...]:
    return row.windows if system == "win" else row.linux


def _version_asked(line: CondaRequirement | PypiRequirement) -> str:
    """Return the release (major.minor) of the one version that a conda line asks for; empty: another kind."""
    if not isinstance(line, CondaRequirement):
        return ""
    found = _ONE_VERSION.match(line.match_spec.version or "")
    return minor(found[1]) if found else ""
