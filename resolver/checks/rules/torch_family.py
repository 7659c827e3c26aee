"""torch and the packages that are compiled against one release of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from resolver.checks import facts, stack
from resolver.checks.context import CheckContext
from resolver.checks.horizon import is_beyond
from resolver.checks.numpy_abi import numpy_fault_text, numpy_faults
from resolver.checks.registry import Found, Proposal, rule
from resolver.model.dependency_text import split_dependency
from resolver.model.findings import Severity
from resolver.model.leading_numbers import conda_satisfies, major, minor, satisfies
from resolver.model.resolution import CondaPin, PypiPin


def _torch(context: CheckContext) -> CondaPin | PypiPin | None:
    return context.pypi.get("torch") or context.conda.get("pytorch")


def _pair(context: CheckContext, project: str) -> Iterator[Found]:
    """Compare torchvision or torchaudio with the torch whose release its wheel for this platform pins."""
    torch = _torch(context)
    pin = context.pypi.get(project) or context.conda.get(project)
    if torch is None or pin is None or isinstance(torch, CondaPin) != isinstance(pin, CondaPin):
        return
    if isinstance(pin, CondaPin) and isinstance(torch, CondaPin):
        yield from _conda_pair(pin, torch)
        return
    version = stack.pypi_version(pin)
    row = stack.torch_requirement(project, version)
    if row is None or isinstance(pin, CondaPin):
        return
    have, wanted = stack.pypi_version(torch), stack.needs_of(context, row, pin).get("torch", "")
    if wanted and not satisfies(have, wanted):
        yield Found(
            message=f"{project} {version} is built for torch{wanted}, the environment has {have}",
            evidence=(pin, torch),
            fact=row.fact(f"{project} {version} requires torch{wanted}"),
            proposals=_matching(project, have)
            or (Proposal(text=f"torch{wanted}", pypi=(f"torch{wanted}",)),),
        )


def _conda_pair(pin: CondaPin, torch: CondaPin) -> Iterator[Found]:
    """Compare a conda build with the pytorch that its own record names.

    A channel may pair releases as it likes.
    """
    for spec in pin.record.depends:
        name, rest = split_dependency(spec)
        if name in ("pytorch", "libtorch") and not conda_satisfies(torch.record.version, rest.split(" ")[0]):
            yield Found(
                message=f"{pin.record.name} {pin.record.version} is built for {spec}, the environment has "
                f"{torch.record.version}",
                evidence=(pin, torch),
                fact=facts.statement("torch-vision-pair"),
                proposals=(Proposal(text=spec, conda=(spec,)),),
            )
            return


def _matching(project: str, torch: str) -> tuple[Proposal, ...]:
    """Return the newest release that pins this torch."""
    pins = [row for row in facts.table(facts.TorchPin).rows if row.project == project]
    version = next((row.version for row in reversed(pins) if row.torch == f"=={torch}"), None)
    text = f"{project}=={version}"
    return (Proposal(text=text, pypi=(text,)),) if version is not None else ()


@rule(
    "torch/vision",
    Severity.ERROR,
    "torchvision belongs to another release of torch",
    facts=("torch_pins",),
)
def vision(context: CheckContext) -> Iterator[Found]:
    """Compare torchvision with torch: its operators are compiled against one release.

    Otherwise: `operator torchvision::nms does not exist`.
    """
    yield from _pair(context, "torchvision")


@rule("torch/audio", Severity.ERROR, "torchaudio belongs to another release of torch", facts=("torch_pins",))
def audio(context: CheckContext) -> Iterator[Found]:
    """Compare torchaudio with torch.

    Its extension is compiled against one release (up to 2.10; 2.11 pins none).
    """
    yield from _pair(context, "torchaudio")


@rule("torch/text", Severity.ERROR, "torchtext belongs to another release of torch", facts=("torch_pins",))
def text(context: CheckContext) -> Iterator[Found]:
    """Compare torchtext with torch: its library is compiled against one release.

    Otherwise: `libtorchtext.so: undefined symbol`. The last one, 0.18.0, is for torch 2.3 and doesn't say so.
    """
    yield from _pinned(context, "torchtext")


@rule("torch/triton", Severity.ERROR, "triton isn't the release that torch pins", facts=("torch_releases",))
def triton(context: CheckContext) -> Iterator[Found]:
    """Compare the triton wheel with torch's pin.

    `torch.compile` calls triton's internals, which change with each release.
    """
    wheel, torch = context.pypi.get("triton"), context.pypi.get("torch")
    row = stack.torch_release(torch.version) if torch is not None else None
    if wheel is None or torch is None or row is None or row.triton is None:
        return
    if context.target.subdir not in row.platforms:
        return  # nothing is known of what its wheels ask for there
    python = ".".join((context.resolution.python or "").split(".")[:2])
    if python and row.triton_pythons and python not in row.triton_pythons:
        return  # on this Python torch asks for none
    if not satisfies(wheel.version, row.triton):
        yield Found(
            message=f"triton {wheel.version} stands where torch {torch.version} pins triton{row.triton}",
            evidence=(wheel, torch),
            fact=stack.torch_release_fact(row, f"torch {row.version} requires triton{row.triton}"),
            proposals=(Proposal(text=f"triton{row.triton}", pypi=(f"triton{row.triton}",)),),
        )


def _pinned(context: CheckContext, project: str) -> Iterator[Found]:
    """Compare torch (and xformers) with what a release of a project requires."""
    pin, torch = context.pypi.get(project), _torch(context)
    row = stack.torch_requirement(project, pin.version) if pin is not None else None
    if pin is None or row is None:
        return
    for name, specifier in sorted(stack.needs_of(context, row, pin).items()):
        other = torch if name == "torch" else context.pypi.get(name)
        if other is None or not specifier or satisfies(stack.pypi_version(other), specifier):
            continue
        yield Found(
            message=f"{project} {pin.version} is built for {name}{specifier}, the environment has "
            f"{stack.pypi_version(other)}",
            evidence=(pin, other),
            fact=row.fact(f"{project} {row.version} requires {name}{specifier}"),
            proposals=(Proposal(text=f"{name}{specifier}", pypi=(f"{name}{specifier}",)),),
        )


@rule("torch/xformers", Severity.ERROR, "xformers belongs to another release of torch", facts=("torch_pins",))
def xformers(context: CheckContext) -> Iterator[Found]:
    """Compare xformers with torch: up to 0.0.34 each release is compiled against exactly one."""
    yield from _pinned(context, "xformers")


@rule(
    "torch/vllm",
    Severity.ERROR,
    "vllm belongs to other releases of torch, torchvision, torchaudio or xformers",
    facts=("torch_pins",),
)
def vllm(context: CheckContext) -> Iterator[Found]:
    """Compare vllm with torch and its family: each release pins them all."""
    yield from _pinned(context, "vllm")


_FLASH = re.compile(r"\+?cu(\d+)torch(\d+\.\d+)cxx11abi(TRUE|FALSE)", re.IGNORECASE)


@rule(
    "torch/flash-attn",
    Severity.ERROR,
    "a flash-attn wheel is built for another torch, CUDA or C++ ABI",
    facts=("torch_abi", "flash_attn_releases"),
)
def flash_attn(context: CheckContext) -> Iterator[Found]:
    """Compare a flash-attn wheel (`+cu12torch2.5cxx11abiFALSE`) with the torch beside it.

    A mismatch ends in `flash_attn_2_cuda...: undefined symbol: _Z...`. torch from PyPI uses the new C++ ABI
    from 2.7 on (2.6 in its cu126 variant); some wheels hold another ABI than their name says. Where no name
    tells, the torch releases count that the release's workflow builds wheels for: with another torch it has
    to be compiled. Of one that is among them nothing is said, though its build may have failed; of one for
    which the wheels were built with a nightly, before torch's release, that is said.
    """
    pin, torch = context.pypi.get("flash-attn"), context.pypi.get("torch")
    if pin is None or torch is None or (pin.file is not None and not pin.file.is_wheel):
        return
    match = _FLASH.search(pin.version) or (_FLASH.search(pin.file.file_name) if pin.file else None)
    if match is None:
        yield from _flash_attn_release(context, pin, torch)
        return
    build = stack.torch_build(context)
    faults = []
    if match[2] != minor(torch.version):
        faults.append(f"torch {match[2]}")
    if build is not None and build.cuda and int(match[1][:2]) != major(build.cuda):
        faults.append(f"CUDA {match[1]}")
    abi, released = stack.torch_abi(torch.version), _flash_row(pin.version)
    named = match[3].upper() == "TRUE"
    mislabelled = released is not None and not named and match[2] in released.mislabelled
    if abi is not None and abi.cxx11 != (named or mislabelled):
        faults.append(
            "the new C++ ABI, whatever its name says" if mislabelled else f"cxx11abi{match[3].upper()}"
        )
    if faults:
        fact = facts.statement("flash-attn-wheel")
        if mislabelled and released is not None:
            fact = released.fact(
                f"wheels of flash-attn {released.version} for torch {match[2]} are mislabelled"
            )
        elif abi is not None and len(faults) == 1 and faults[0].startswith("cxx11"):
            fact = abi.fact(f"torch {abi.releases}: C++11 ABI {abi.cxx11}")
        yield Found(
            message=f"flash-attn {pin.version} is built for {', '.join(faults)}; the environment has torch "
            f"{torch.version}",
            evidence=(pin, torch),
            fact=fact,
        )


def _flash_row(version: str) -> facts.FlashAttnRelease | None:
    """Return the row of a release of flash-attn, its local part aside; None where it isn't listed."""
    public = version.split("+", 1)[0]
    return next((row for row in facts.table(facts.FlashAttnRelease).rows if row.version == public), None)


def _flash_attn_release(context: CheckContext, pin: PypiPin, torch: PypiPin) -> Iterator[Found]:
    """Compare the torch releases that a release of flash-attn has wheels for with the torch beside it."""
    row, build = _flash_row(pin.version), stack.torch_build(context)
    if row is None or is_beyond("torch", torch.version):
        return
    abi = stack.torch_abi(torch.version)
    mislabelled = minor(torch.version) in row.mislabelled and abi is not None and not abi.cxx11
    other_cuda = build is not None and build.cuda is not None and str(major(build.cuda)) not in row.cuda
    if minor(torch.version) in row.torch and not mislabelled and not other_cuda:
        return
    for_nightly = row.nightlies.get(minor(torch.version), ())
    if for_nightly and (build is None or build.cuda is None or str(major(build.cuda)) in for_nightly):
        yield _built_with_a_nightly(row, pin, torch)
        return
    wheels = f"torch {row.torch[0]} to {row.torch[-1]} and CUDA {', '.join(row.cuda)}"
    note = f"; {row.note}" if row.note else ""
    yield Found(
        message=f"flash-attn {pin.version} has wheels for {wheels}, "
        + ("of which those for torch 2.6 hold another C++ ABI than " if mislabelled else "not for ")
        + f"torch {torch.version}",
        evidence=(pin, torch),
        fact=row.fact(
            f"the workflow of flash-attn {row.version} builds wheels for releases of torch "
            f"{', '.join(row.torch)} and CUDA {', '.join(row.cuda)}{note}"
        ),
        severity=Severity.WARNING,
        fix=None
        if mislabelled
        else "compile it against this torch: `--no-build-isolation --no-binary flash-attn`",
    )


def _built_with_a_nightly(row: facts.FlashAttnRelease, pin: PypiPin, torch: PypiPin) -> Found:
    """Say of a wheel that bears a release's name that it was built before that release."""
    named, note = minor(torch.version), f"; {row.note}" if row.note else ""
    return Found(
        message=f"flash-attn {pin.version}: its wheels for torch {named} were built with a nightly before "
        f"torch {named}.0, not with torch {torch.version}",
        evidence=(pin, torch),
        fact=row.fact(
            f"the workflow of flash-attn {row.version} builds the wheels that it names torch{named} with a "
            f"nightly of torch{note}"
        ),
        severity=Severity.WARNING,
        fix="should it fail with `undefined symbol`, compile it against this torch, or take a later release",
    )


@rule(
    "torch/flash-attn-source",
    Severity.NOTE,
    "flash-attn is an sdist: it fetches a wheel or is compiled on installation",
)
def flash_attn_source(context: CheckContext) -> Iterator[Found]:
    """Find flash-attn as an sdist: which wheel its setup.py fetches from GitHub is locked by no hash.

    Where none fits it is compiled: that needs nvcc of torch's CUDA major in the image, and an hour. In build
    isolation its setup.py finds no torch: install it with `--no-build-isolation`.
    """
    pin = context.pypi.get("flash-attn")
    if pin is not None and pin.file is not None and not pin.file.is_wheel:
        yield Found(
            message=f"flash-attn {pin.version} is an sdist: on installation it fetches a wheel from GitHub "
            "or is compiled",
            evidence=(pin,),
            fact=facts.statement("flash-attn-sdist"),
            fix="install it with `--no-build-isolation`, or take a wheel of its GitHub releases",
        )


@rule("torch/numpy-2", Severity.ERROR, "numpy 2 under a package built for numpy 1", facts=("numpy_abi",))
def numpy_2(context: CheckContext) -> Iterator[Found]:
    """Find wheels that were compiled against numpy 1 beside numpy 2.

    torch declares no numpy at all and opencv no upper bound, so no resolver sees it:
    `RuntimeError: Numpy is not available`, `_ARRAY_API not found`.
    """
    for row, pin, numpy in numpy_faults(context.resolution):
        is_conda = isinstance(numpy, CondaPin)
        yield Found(
            message=numpy_fault_text(row, pin, numpy),
            evidence=(pin, numpy),
            fact=row.fact(f"{row.project} before {row.before} is compiled for numpy 1"),
            proposals=(
                Proposal(
                    text="numpy<2",
                    conda=("numpy <2",) if is_conda else (),
                    pypi=() if is_conda else ("numpy<2",),
                ),
            ),
        )
