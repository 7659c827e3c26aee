"""What must move in a fleet's lockfiles, and which locked packages that means.

========== =====================================================================================
versions   ``openssl<3.0.15``: a locked package that fits may not stay
advisories OSV's form: a locked package that one is about may not stay
packages   as ``lock --update``: take their newest
before     a moment: what lines ask for and was published before it takes its newest
========== =====================================================================================
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from lockfiles.fleet.holding import Wanted, parse_wanted
from resolver.errors import InputError
from resolver.model.origin import Origin
from resolver.model.resolution import Resolution

if TYPE_CHECKING:
    from lockfiles.verification.advisories import Advisory

#: Ecosystem (``conda`` or ``pypi``) and name.
Package = tuple[str, str]


class MoveRules(msgspec.Struct, frozen=True, kw_only=True):
    """What must move. It goes to other processes: files by names that they can read."""

    versions: tuple[str, ...] = ()
    advisories: tuple[str, ...] = ()  #: files
    packages: tuple[str, ...] = ()
    before: int | None = None  #: seconds since 1970, UTC

    def __bool__(self) -> bool:
        return bool(self.versions or self.advisories or self.packages or self.before is not None)


class MoveReason(msgspec.Struct, frozen=True, eq=False):
    """Why some versions of a package may not stay."""

    text: str
    forbids: Callable[[str], bool]  #: version -> whether it may not stay


class Must(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A locked package that may not stay, and why."""

    package: Package
    versions: Mapping[str, str]  #: platform -> what is locked there
    reasons: tuple[MoveReason, ...]

    def forbids(self, version: str) -> bool:
        """Tell whether a version may not stay for any of the reasons."""
        return any(reason.forbids(version) for reason in self.reasons)

    @property
    def told(self) -> tuple[str, ...]:
        """The reasons in words, each once."""
        return tuple(dict.fromkeys(reason.text for reason in self.reasons))


class ReadRules:
    """Rules with their texts parsed and their files read."""

    def __init__(self, rules: MoveRules, read: Callable[[str], bytes]) -> None:
        """Raise InputError for a text that means no versions, and for a file that holds no advisories."""
        self.rules = rules
        self._wanted = [(text, parse_versions(text)) for text in rules.versions]
        self._advisories = [one for name in rules.advisories for one in _advisories(name, read)]

    def find(self, resolutions: Sequence[Resolution]) -> dict[Package, Must]:
        """Return what of these platforms may not stay, in order of ecosystem and name."""
        found: dict[Package, tuple[dict[str, str], dict[str, MoveReason]]] = {}
        for package, platform, version, reason in self._matches(resolutions):
            versions, reasons = found.setdefault(package, ({}, {}))
            versions[platform] = version
            reasons.setdefault(reason.text, reason)
        return {
            package: Must(package=package, versions=versions, reasons=tuple(reasons.values()))
            for package, (versions, reasons) in sorted(found.items())
        }

    def _matches(self, resolutions: Sequence[Resolution]) -> Iterable[tuple[Package, str, str, MoveReason]]:
        for text, wanted in self._wanted:
            for resolution in resolutions:
                for package, version, forbids in _held(resolution, wanted):
                    if forbids(version):
                        yield package, resolution.target.subdir, version, MoveReason(text, forbids)
        if self._advisories:
            from lockfiles.verification.advisories import iter_affected

            for one in iter_affected(self._advisories, resolutions):
                kind = "conda" if one.manager == "conda" else "pypi"
                for platform in one.platforms:
                    yield (kind, one.name), platform, one.version, MoveReason(one.told, one.affects)


def parse_versions(text: str) -> Wanted:
    """Return what a rule means; raises InputError for a name alone, and for builds."""
    wanted = parse_wanted(text, "--avoid")
    if wanted.has_build:
        raise InputError(f"`{text}` names builds", Origin(file="--avoid"), "Versions are meant.")
    if not wanted.has_versions:
        hint = f"Which versions may not stay? `--update {wanted.name}` takes its newest."
        raise InputError(f"`{text}` names no versions", Origin(file="--avoid"), hint)
    return wanted


def _held(resolution: Resolution, wanted: Wanted) -> Iterable[tuple[Package, str, Callable[[str], bool]]]:
    """Yield the packages of that name, each with its version and what judges versions of its ecosystem."""
    from resolver.model.names import pypi_name

    conda, pypi = wanted.conda, wanted.pypi
    if conda is not None:
        for pin in resolution.conda:
            if pin.record.name == wanted.name:
                yield ("conda", wanted.name), pin.record.version, lambda version: conda(version, "")
    if pypi is not None:
        name = str(pypi_name(wanted.name))
        for project in resolution.pypi:
            if project.name == name and project.direct is None:
                yield ("pypi", name), project.version, pypi


@functools.lru_cache(maxsize=8)
def read_rules(rules: MoveRules, read: Callable[[str], bytes]) -> ReadRules:
    """Return rules read; a process reads each once."""
    return ReadRules(rules, read)


def _advisories(name: str, read: Callable[[str], bytes]) -> tuple[Advisory, ...]:
    from lockfiles.verification.advisories import parse_advisories

    try:
        data = read(name)
    except OSError as error:
        raise InputError((error.strerror or str(error)).lower(), Origin(file=name)) from error
    return parse_advisories(data, name)
