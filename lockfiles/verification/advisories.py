"""Advisories in OSV's form (https://ossf.github.io/osv-schema) from a file, beside locked versions.

A file holds one advisory, a list of them, ``{"vulns": [...]}`` as the service answers, or one a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from functools import partial

import msgspec

from lockfiles.verification.model import SourceFault, SourceFinding
from lockfiles.verification.packages import LockedIn, conda_packages, pypi_packages
from resolver.errors import InputError
from resolver.model.json_text import decode_json
from resolver.model.names import pypi_name
from resolver.model.origin import Origin
from resolver.model.resolution import CondaPin, PypiPin, Resolution


class _AffectedPackage(msgspec.Struct):
    ecosystem: str = ""
    name: str = ""


class _Range(msgspec.Struct):
    type: str = ""
    events: list[dict[str, str]] = []


class _Affected(msgspec.Struct):
    package: _AffectedPackage = msgspec.field(default_factory=_AffectedPackage)
    ranges: list[_Range] = []
    versions: list[str] = []


class Advisory(msgspec.Struct):
    """What is read of an OSV record."""

    id: str
    summary: str = ""
    details: str = ""
    aliases: list[str] = []
    withdrawn: str | None = None
    affected: list[_Affected] = []


class _Answer(msgspec.Struct):
    vulns: list[Advisory]


class Ecosystem(Enum):
    """Whose versions an advisory speaks of."""

    PYPI = "pypi"
    CONDA = "conda"


#: OSV's names of ecosystems, in lower case and without a suffix (``Conda:conda-forge``).
_ECOSYSTEMS = {"pypi": Ecosystem.PYPI, "conda": Ecosystem.CONDA, "conda-forge": Ecosystem.CONDA}
#: A package's version, and how it is told apart: ecosystem, name.
_Held = dict[tuple[Ecosystem, str], list[tuple[str, LockedIn[CondaPin] | LockedIn[PypiPin]]]]


def parse_advisories(data: bytes, file: str) -> tuple[Advisory, ...]:
    """Return the advisories of a file, without those that were withdrawn. Raises InputError."""
    text = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    try:
        is_list = text.startswith(b"[")
        found = decode_json(text, list[Advisory]) if is_list else _objects(text)
    except ValueError as error:
        hint = 'One OSV record, a list of them, `{"vulns": [...]}`, or one a line is meant.'
        raise InputError(f"holds no OSV advisories: {error}", Origin(file=file), hint) from None
    return tuple(advisory for advisory in found if advisory.withdrawn is None)


def _objects(text: bytes) -> list[Advisory]:
    try:
        value = decode_json(text, dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        return [decode_json(line, Advisory) for line in lines]
    if "vulns" in value:
        return decode_json(text, _Answer).vulns
    return [decode_json(text, Advisory)]


def match_advisories(
    advisories: Sequence[Advisory],
    conda: Sequence[LockedIn[CondaPin]],
    pypi: Sequence[LockedIn[PypiPin]],
    resolutions: Sequence[Resolution],
) -> tuple[SourceFinding, ...]:
    """Return a finding for each package and advisory, by package; PyPI's are about conda's builds too.

    A conda package that ships a project is looked for under the project's name and version.
    """
    found: dict[tuple[str, str, str, str], SourceFinding] = {}
    for locked, advisory, affected, _ in _matched(advisories, _held(conda, pypi, resolutions)):
        finding = _finding(locked, advisory, affected)
        key = (finding.name, finding.manager, finding.version, advisory.id)
        found.setdefault(key, finding)
    return tuple(found[key] for key in sorted(found))


class Affected(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A locked package that an advisory is about."""

    manager: str  #: ``conda`` or ``pip``
    name: str
    version: str
    platforms: tuple[str, ...]
    told: str  #: the advisory in one line
    affects: Callable[[str], bool]  #: any version of the package -> whether the advisory is about it too


def iter_affected(advisories: Sequence[Advisory], resolutions: Sequence[Resolution]) -> Iterator[Affected]:
    """Yield the locked packages that advisories are about, as :func:`match_advisories` finds them."""
    held = _held(conda_packages(resolutions), pypi_packages(resolutions), resolutions)
    for locked, advisory, affected, ecosystem in _matched(advisories, held):
        finding = _finding(locked, advisory, affected)
        yield Affected(
            manager=finding.manager,
            name=finding.name,
            version=finding.version,
            platforms=finding.platforms,
            told=finding.message,
            affects=partial(_is_affected, affected=affected, ecosystem=ecosystem),
        )


def _matched(
    advisories: Sequence[Advisory], held: _Held
) -> Iterator[tuple[LockedIn[CondaPin] | LockedIn[PypiPin], Advisory, _Affected, Ecosystem]]:
    """Yield each locked package with what is about it: in order of advisories, then as they name packages."""
    for advisory in sorted(advisories, key=lambda advisory: advisory.id):
        for affected in advisory.affected:
            ecosystem = _ECOSYSTEMS.get(affected.package.ecosystem.partition(":")[0].strip().lower())
            if ecosystem is None:
                continue
            for version, locked in held.get((ecosystem, _normal(affected.package.name)), ()):
                if _is_affected(version, affected, ecosystem):
                    yield locked, advisory, affected, ecosystem


def _held(
    conda: Sequence[LockedIn[CondaPin]],
    pypi: Sequence[LockedIn[PypiPin]],
    resolutions: Sequence[Resolution],
) -> _Held:
    held: _Held = {}
    by_name: dict[str, list[LockedIn[CondaPin]]] = {}
    for package in conda:
        by_name.setdefault(package.pin.record.name, []).append(package)
        key = (Ecosystem.CONDA, _normal(package.pin.record.name))
        held.setdefault(key, []).append((package.pin.record.version, package))
    for project in pypi:
        held.setdefault((Ecosystem.PYPI, str(project.pin.name)), []).append((project.pin.version, project))
    shipped = {
        (str(project), name, version)
        for resolution in resolutions
        for project, (name, version) in resolution.provided.items()
    }
    for project_name, name, version in sorted(shipped):
        for package in by_name.get(name, ()):
            held.setdefault((Ecosystem.PYPI, project_name), []).append((version, package))
    return held


def _normal(name: str) -> str:
    return str(pypi_name(name))


def _finding(
    locked: LockedIn[CondaPin] | LockedIn[PypiPin], advisory: Advisory, affected: _Affected
) -> SourceFinding:
    told = (advisory.summary or advisory.details).strip().splitlines()
    aliases = f" ({', '.join(advisory.aliases[:3])})" if advisory.aliases else ""
    fixed = tuple(
        dict.fromkeys(event["fixed"] for one in affected.ranges for event in one.events if "fixed" in event)
    )
    until = f"; fixed in {', '.join(fixed)}" if fixed else ""
    message = f"{advisory.id}{aliases}: {told[0][:200] if told else 'no summary'}{until}"
    return locked.finding(SourceFault.VULNERABLE, message, advisory=advisory.id, fixed=fixed)


def _is_affected(version: str, affected: _Affected, ecosystem: Ecosystem) -> bool:
    """Tell whether a version is listed, or lies within a range (OSV: both count)."""
    order = _Order(ecosystem)
    if any(order.key(version) == order.key(listed) for listed in affected.versions):
        return True
    return any(
        _is_within(version, one.events, order)
        for one in affected.ranges
        if one.type in ("ECOSYSTEM", "SEMVER")
    )


def _is_within(version: str, events: Sequence[Mapping[str, str]], order: _Order) -> bool:
    """Follow the events in the order of versions, as OSV's evaluation algorithm does."""
    here = order.key(version)
    if here is None:
        return False
    is_inside = False
    for kind, text in sorted(_points(events), key=lambda event: order.rank(event[1])):
        point = order.rank(text)
        if kind == "introduced" and order.rank(version) >= point:
            is_inside = True
        elif (kind == "fixed" and order.rank(version) >= point) or (
            kind == "last_affected" and order.rank(version) > point
        ):
            is_inside = False
    return is_inside


def _points(events: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    for event in events:
        for kind in ("introduced", "fixed", "last_affected"):
            if kind in event:
                yield kind, event[kind]


class _Order:
    """The order of versions of an ecosystem; what is none of its versions stands before all."""

    def __init__(self, ecosystem: Ecosystem) -> None:
        self._ecosystem = ecosystem

    def key(self, text: str) -> object | None:
        """Return the version that a text is; None for one that is none."""
        if self._ecosystem is Ecosystem.PYPI:
            from packaging.version import InvalidVersion, Version

            try:
                return Version(text)
            except InvalidVersion:
                return None
        from resolver.model.conda_types import parse_version

        try:
            return parse_version(text)
        except ValueError:
            return None

    def rank(self, text: str) -> tuple[int, object]:
        """Return what to sort by."""
        found = None if text == "0" else self.key(text)
        return (0, 0) if found is None else (1, found)
