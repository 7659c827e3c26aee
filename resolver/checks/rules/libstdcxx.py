"""The C++ runtime (libstdc++) against what wheels, and what is compiled in the image, ask of it."""

from __future__ import annotations

from collections.abc import Iterator

from resolver.checks import facts
from resolver.checks.context import CheckContext
from resolver.checks.registry import Found, Proposal, rule
from resolver.metadata.wheel_tags import wheel_glibc
from resolver.model.findings import Severity
from resolver.model.leading_numbers import at_least, release
from resolver.model.resolution import CondaPin, PypiPin

#: Projects that compile C++ where they are installed or run, unless a wheel was made elsewhere.
COMPILES = ("deepspeed", "flash-attn", "apex", "ktransformers")


def _runtime(context: CheckContext) -> CondaPin | None:
    """Return conda's libstdc++, which a conda Python loads before the system's."""
    return context.conda.get("libstdcxx") or context.conda.get("libstdcxx-ng")


def _symbols_of_gcc(version: str) -> facts.GccRelease | None:
    """Return the row of the newest listed GCC that isn't newer than a version."""
    rows = [row for row in facts.table(facts.GccRelease).rows if at_least(version, row.gcc)]
    return max(rows, key=lambda row: release(row.gcc), default=None)


def _is_beyond(version: str) -> bool:
    """Tell whether a GCC is of a newer major than every one listed: what it holds isn't known."""
    return release(version)[:1] > max(release(row.gcc)[:1] for row in facts.table(facts.GccRelease).rows)


def _of_glibc(glibc: str) -> facts.ManylinuxPolicy | None:
    """Return what every distribution with a glibc offers, None where no row speaks of it."""
    rows = [row for row in facts.table(facts.ManylinuxPolicy).rows if at_least(glibc, row.glibc)]
    return max(rows, key=lambda row: release(row.glibc), default=None)


def _need(pin: PypiPin) -> facts.GlibcxxNeed | None:
    rows = [
        row
        for row in facts.table(facts.GlibcxxNeed).rows
        if row.project == pin.name and at_least(pin.version, row.version)
    ]
    return max(rows, key=lambda row: release(row.version), default=None)


@rule(
    "runtime/glibcxx",
    Severity.ERROR,
    "libstdc++ is older than what a wheel or a compiled extension asks for",
    facts=("gcc_releases", "glibcxx_needs", "manylinux_policies"),
)
def glibcxx(context: CheckContext) -> Iterator[Found]:
    """Compare libstdc++ (conda's, else the image's) with the symbols that wheels ask for.

    A conda Python loads conda's libstdc++ first. What a wheel was seen to ask for is an error; what its
    manylinux tag merely allows, what the system's OpenGL driver asks for once it is loaded, and what is
    compiled with the image's newer GCC are warnings: `version GLIBCXX_3.4.30 not found`.
    """
    if context.system != "linux":
        return
    runtime = _runtime(context)
    if runtime is None:
        yield from _against_image(context)
        return
    have = _symbols_of_gcc(runtime.record.version)
    if have is None or _is_beyond(runtime.record.version):
        return
    for pin in context.resolution.pypi:
        yield from _of_wheel(pin, runtime, have)
    yield from _of_compiled(context, runtime, have)


def _of_wheel(pin: PypiPin, runtime: CondaPin, have: facts.GccRelease) -> Iterator[Found]:
    need = _need(pin)
    if need is not None:
        if at_least(have.glibcxx, need.glibcxx):
            return
        yield Found(
            message=f"{pin.name} {pin.version} needs GLIBCXX_{need.glibcxx}"
            + (f" through {need.through}" if need.through else "")
            + f", {runtime.record.name} {runtime.record.version} ends at GLIBCXX_{have.glibcxx}",
            evidence=(pin, runtime),
            fact=need.fact(f"{pin.name} from {need.version} on needs GLIBCXX_{need.glibcxx}"),
            severity=Severity.WARNING if need.through else None,
            proposals=_newer(runtime),
        )
        return
    beyond = [
        row for row in facts.table(facts.ManylinuxPolicy).rows if not at_least(have.glibcxx, row.glibcxx)
    ]
    name = pin.file.file_name if pin.file is not None and pin.file.is_wheel else ""
    if not any(f"manylinux_{row.glibc.replace('.', '_')}_" in name for row in beyond):
        return
    floor = wheel_glibc(name)
    policy = _of_glibc(f"{floor[0]}.{floor[1]}") if floor is not None else None
    if policy is not None and not at_least(have.glibcxx, policy.glibcxx):
        yield Found(
            message=f"the wheel of {pin.name} {pin.version} may need GLIBCXX_{policy.glibcxx}, "
            f"{runtime.record.name} {runtime.record.version} ends at GLIBCXX_{have.glibcxx}",
            evidence=(pin, runtime),
            fact=policy.fact(
                f"a wheel tagged manylinux_{policy.glibc.replace('.', '_')} may ask for up to "
                f"GLIBCXX_{policy.glibcxx}"
            ),
            severity=Severity.WARNING,
            proposals=_newer(runtime),
        )


def _newer(runtime: CondaPin) -> tuple[Proposal, ...]:
    name = runtime.record.name
    return (Proposal(text=f"conda-forge's {name}", conda=(f"conda-forge::{name}",)),)


def _of_compiled(context: CheckContext, runtime: CondaPin, have: facts.GccRelease) -> Iterator[Found]:
    """Yield what is compiled with the image's GCC and then loads conda's older libstdc++."""
    image = context.machine.image
    system = _of_glibc(image.glibc) if image is not None and image.glibc else None
    has_compiler = any(name.startswith("gxx_") or name == "cxx-compiler" for name in context.conda)
    if image is None or system is None or has_compiler or at_least(have.glibcxx, system.glibcxx):
        return
    for name in COMPILES:
        pin = context.pypi.get(name)
        if pin is not None and (pin.file is None or not pin.file.is_wheel):
            yield Found(
                message=f"{name} {pin.version} is compiled with the image's GCC (up to GLIBCXX_"
                f"{system.glibcxx}), {runtime.record.name} {runtime.record.version} ends at GLIBCXX_"
                f"{have.glibcxx}",
                evidence=(pin, runtime, f"image {image.reference}: glibc {image.glibc}"),
                fact=have.fact(f"GCC {have.gcc} has GLIBCXX_{have.glibcxx}"),
                severity=Severity.WARNING,
                proposals=_newer(runtime),
            )


def _against_image(context: CheckContext) -> Iterator[Found]:
    """Yield the wheels that were seen to ask for more than the image's libstdc++ is known to offer."""
    image = context.machine.image
    system = _of_glibc(image.glibc) if image is not None and image.glibc else None
    if image is None or system is None:
        return
    for pin in context.resolution.pypi:
        need = _need(pin)
        if need is not None and not need.through and not at_least(system.glibcxx, need.glibcxx):
            yield Found(
                message=f"{pin.name} {pin.version} needs GLIBCXX_{need.glibcxx}, the image's libstdc++ is "
                f"known to offer GLIBCXX_{system.glibcxx}",
                evidence=(pin, f"image {image.reference}: glibc {image.glibc}"),
                fact=need.fact(f"{pin.name} from {need.version} on needs GLIBCXX_{need.glibcxx}"),
                fix="take an image with a newer Ubuntu",
            )
