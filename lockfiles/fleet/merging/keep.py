"""How far the packages that an environment asks for may move: `--keep`.

====== ======================================================= ==========================
pins   the version stays as it is                               1.26.4 -> ``==1.26.4``
patch  its first two numbers stay (the minor series)            1.26.4 -> ``1.26.*``
minor  its first number stays (the major series)                1.26.4 -> ``1.*``
====== ======================================================= ==========================

It holds for packages that lines ask for, as the lockfile has them; what comes in behind them may move.
A version that has no such numbers (``2024b``, one with an epoch, a pre-release) stays as it is. Builds
may change. What it says is a line more, with the platforms, marker and hashes of the line that asks.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from lockfiles.fleet.merging.members import FleetMember, Requirement
from resolver.model.choices import StrEnum
from resolver.model.names import PypiName, conda_name
from resolver.model.patterns import pattern
from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.model.resolution import Resolution

#: Release numbers, then perhaps a local part: what a series can be told of.
_NUMBERS = pattern(r"(\d+)\.(\d+)(?:\.\d+)*(?:\+[A-Za-z0-9.]+)?\Z")


class Keep(StrEnum):
    """What of a version stays."""

    PATCH = "patch"
    MINOR = "minor"
    PINS = "pins"


def kept_version(version: str, keep: Keep) -> str:
    """Return the version clause that a kept version makes, in the words that conda and PEP 440 share."""
    found = _NUMBERS.match(version)
    if keep is Keep.PINS or found is None:
        return f"=={version}"
    return f"=={found[1]}.{found[2]}.*" if keep is Keep.PATCH else f"=={found[1]}.*"


def kept_lines(member: FleetMember, keep: Keep | None) -> tuple[Requirement, ...]:
    """Return the lines that hold a member's packages; none without a lockfile."""
    if keep is None or not member.has_lockfile:
        return ()
    found: dict[Requirement, None] = {}
    for line in member.lines:
        if line.is_constraint or line.name is None:
            continue
        for made in _lines_for(line, member, keep):
            found.setdefault(made)
    return tuple(found)


def _lines_for(line: Requirement, member: FleetMember, keep: Keep) -> Iterator[Requirement]:
    """Yield a line for each version that the platforms of a line have; one for all where it is the same."""
    where: dict[str, set[str]] = {}
    for resolution in member.resolutions:
        subdir = resolution.target.subdir
        if line.platforms is None or subdir in line.platforms:
            version = _version(line, resolution)
            if version is not None:
                where.setdefault(kept_version(version, keep), set()).add(subdir)
    everywhere = {one.target.subdir for one in member.resolutions}
    for clause, subdirs in where.items():
        platforms = None if subdirs == everywhere else frozenset(subdirs)
        if isinstance(line, CondaRequirement):
            spec = f"{line.name} {_in_conda(clause)}"
            yield replace(line, spec=spec, platforms=platforms)
        elif line.direct is None:
            marker = f"; {line.marker}" if line.marker else ""
            text = f"{line.name}{clause}{marker}"
            yield replace(line, text=text, specifier=clause, extras=frozenset(), platforms=platforms)


def _in_conda(clause: str) -> str:
    """Return a clause as conda writes it: a series without ``==``."""
    return clause.removeprefix("==") if clause.endswith(".*") else clause


def _version(line: CondaRequirement | PypiRequirement, resolution: Resolution) -> str | None:
    """Return the version that a line's package has; None where it isn't there, or comes from a place."""
    if isinstance(line, CondaRequirement):
        name = conda_name(line.name)
        return next((pin.record.version for pin in resolution.conda if pin.record.name == name), None)
    for pin in resolution.pypi:
        if pin.name == line.name:
            return pin.version if pin.direct is None else None
    provided = resolution.provided.get(PypiName(str(line.name)))
    if provided is None:
        return None
    conda, version = provided
    return version or next((p.record.version for p in resolution.conda if p.record.name == conda), None)
