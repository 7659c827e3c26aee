"""pip's ``ResolutionImpossible``, its "No matching distribution", and its "but you have"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from resolver.explain.logs.lines import Line
from resolver.explain.logs.own_conflict import LoggedDemand, conflict_of_demands, conflict_of_missing
from resolver.explain.logs.report import Collector, LogReport, PythonNeed, Tool

_CANNOT = re.compile(
    r"ERROR: Cannot install (?P<names>.+?) because these package versions have conflicting dependencies"
)
_CANNOT_CUT = re.compile(r"ERROR: Cannot install (?P<names>.+)$")
_REQUESTED = re.compile(r"The user requested (?P<constraint>\(constraint\) )?(?P<spec>\S.*)$")
_DEPENDS = re.compile(
    r"^\s*(?P<name>[A-Za-z0-9][\w.\-\[\],]*) (?P<version>\d[\w.!+\-]*) depends on (?P<spec>\S.*)$"
)
_NOT_FOUND = re.compile(
    r"ERROR: Could not find a version that satisfies the requirement (?P<spec>.+?) \(from "
)
_NO_MATCH = re.compile(r"ERROR: No matching distribution found for (?P<spec>\S.*?)(?: \(from .*\))?$")
#: What pip says of installed packages, after an installation that it made all the same.
_INSTALLED = re.compile(
    r"^(?P<name>[A-Za-z0-9][\w.\-]*) (?P<version>\d[\w.!+\-]*) requires (?P<spec>\S.*?), "
    r"but you have (?P<other>[A-Za-z0-9][\w.\-]*) (?P<its>\d[\w.!+\-]*) which is incompatible"
)
_IGNORED = re.compile(
    r"ERROR: Ignored the following (?:yanked )?versions that require a different python version"
)
_OTHER_PYTHON = re.compile(r"(?P<version>\d\S*) Requires-Python (?P<range>[^;]+)")
_IMPOSSIBLE = re.compile(r"ResolutionImpossible")
_PLACE = re.compile(r"^-[rc] ")
_PEP508 = re.compile(r"^[A-Za-z0-9][\w.\-]*(?:\[[^\]]*\])?")


def read_pip(lines: Sequence[Line]) -> LogReport | None:
    """Return the first error of pip's resolver."""
    reader = _PipReader()
    known = [line.number for line in lines if reader.take(line.text.strip(), line.number)]
    return reader.report(known[0], known[-1]) if known else None


class _PipReader:
    """Takes the lines of an error in, each for what it says."""

    def __init__(self) -> None:
        self._specs = Collector()
        self._demands: list[LoggedDemand] = []
        self._named: list[tuple[str, int]] = []
        self._reasons: list[str] = []
        self._owners: dict[str, list[tuple[str, int]]] = {}
        self._missing: list[str] = []
        self._ignored: list[tuple[str, str]] = []
        self._is_closed = False

    def take(self, text: str, number: int) -> bool:
        """Take one line in; tell whether it is a part of the error."""
        if found := _INSTALLED.search(text):
            self._installed(text, found, number)
        elif _IGNORED.search(text):
            self._reasons += _other_pythons(text)
            self._ignored += [(m["version"], m["range"].strip()) for m in _OTHER_PYTHON.finditer(text)]
        elif found := _CANNOT.search(text) or _CANNOT_CUT.search(text):
            self._named += [(name, number) for name in split_names(found["names"])]
        elif found := _REQUESTED.search(text):
            spec, is_constraint = _clean(found["spec"]), bool(found["constraint"])
            self._specs.add(spec, "pypi", number, is_constraint=is_constraint)
            self._demands.append(LoggedDemand(needs=spec, is_constraint=is_constraint))
        elif found := _DEPENDS.match(text):
            self._depends(text, found, number)
        elif found := _NOT_FOUND.search(text) or _NO_MATCH.search(text):
            spec = _clean(found["spec"])
            self._missing.append(spec)
            self._specs.add(spec, "pypi", number)
            self._is_closed |= _NO_MATCH.search(text) is not None
        elif _IMPOSSIBLE.search(text):
            self._is_closed = True
        else:
            return False
        return True

    def _installed(self, text: str, found: re.Match[str], number: int) -> None:
        other = f"{found['other']} {found['its']}"
        self._specs.add(f"{found['name']}=={found['version']}", "pypi", number)
        self._specs.add(f"{found['other']}=={found['its']}", "pypi", number)
        self._reasons.append(text)
        self._demands.append(_demand(found, but=f"{other} is installed"))
        self._is_closed = True

    def _depends(self, text: str, found: re.Match[str], number: int) -> None:
        self._reasons.append(text)
        self._demands.append(_demand(found))
        self._owners.setdefault(found["name"], []).append((found["version"], number))

    def report(self, first: int, last: int) -> LogReport:
        """Return what was taken in; ``first`` and ``last`` are the lines of the error."""
        _add_named(self._named, self._specs)
        if any(_PLACE.match(name) for name, _ in self._named):
            _add_owners(self._owners, self._specs)
        pythons = _passed_over(self._ignored, self._missing)
        return LogReport(
            tool=Tool.PIP,
            specs=self._specs.all(),
            first_line=first,
            last_line=last,
            reasons=tuple(dict.fromkeys(self._reasons)),
            missing=tuple(dict.fromkeys(self._missing)),
            pythons=pythons,
            conflict=conflict_of_demands(self._demands) or _lacking(self._missing, pythons),
            complete=self._is_closed,
        )


def _demand(found: re.Match[str], but: str = "") -> LoggedDemand:
    """Return what a package needs, as a line has it."""
    return LoggedDemand(owner=found["name"], version=found["version"], needs=_clean(found["spec"]), but=but)


def _lacking(missing: Sequence[str], pythons: Sequence[PythonNeed]) -> tuple[str, ...]:
    """Return what no index had; where the Python is the reason, that says more."""
    return () if pythons else conflict_of_missing(dict.fromkeys(missing), "the index")


def _passed_over(ignored: Sequence[tuple[str, str]], missing: Sequence[str]) -> tuple[PythonNeed, ...]:
    """Return the versions that were asked for, and that pip passed over for its Python."""
    from packaging.requirements import InvalidRequirement, Requirement

    found: dict[tuple[str, str], list[str]] = {}
    for text in dict.fromkeys(missing):
        try:
            asked = Requirement(text)
        except InvalidRequirement:
            continue
        for version, pythons in ignored:
            if asked.specifier.contains(version, prereleases=True):
                found.setdefault((asked.name, pythons), []).append(version)
    return tuple(
        PythonNeed(owner=f"{name} {_span(versions)}", needs=pythons)
        for (name, pythons), versions in found.items()
    )


def _span(versions: Sequence[str]) -> str:
    return versions[0] if len(versions) == 1 else f"{versions[0]} to {versions[-1]}"


def split_names(text: str) -> list[str]:
    """Return the items of ``a==1, -r x.txt (line 2) and b``."""
    return [part.strip() for part in re.split(r", (?![<>=!~])| and ", text) if part.strip()]


def _add_named(named: Sequence[tuple[str, int]], specs: Collector) -> None:
    """Add what the first line names, where nothing better is known of it."""
    known = {(_PEP508.match(spec.text) or [""])[0].lower().split("[")[0] for spec in specs.all()}
    for name, number in named:
        base = _PEP508.match(name)
        if _PLACE.match(name) or base is None or base[0].lower().split("[")[0] in known:
            continue
        specs.add(_clean(name), "pypi", number)


def _add_owners(owners: Mapping[str, Sequence[tuple[str, int]]], specs: Collector) -> None:
    """Add who needs what, where pip names a line of a file in place of what it says.

    A single version was asked for; of several, only the name is known.
    """
    known = {_base(spec.text) for spec in specs.all()}
    for name, found in owners.items():
        if _base(name) not in known:
            versions = {version for version, _ in found}
            text = f"{name}=={found[0][0]}" if len(versions) == 1 else name
            specs.add(text, "pypi", found[0][1])


def _base(text: str) -> str:
    found = _PEP508.match(text)
    return re.sub(r"[-_.]+", "-", found[0].split("[")[0].lower()) if found else ""


def _other_pythons(text: str) -> list[str]:
    """Return which versions pip passed over, together for each range of Pythons that they need."""
    by_range: dict[str, list[str]] = {}
    for found in _OTHER_PYTHON.finditer(text):
        by_range.setdefault(found["range"].strip(), []).append(found["version"])
    return [
        f"{versions[0]} needs Python {pythons}"
        if len(versions) == 1
        else f"{versions[0]} to {versions[-1]} need Python {pythons}"
        for pythons, versions in by_range.items()
    ]


def _clean(text: str) -> str:
    """Return a requirement as PEP 508 has it: pip writes ``numpy<1.27 and >=1.22``."""
    clean = re.sub(r"\s+and\s+(?=[<>=!~])", ",", text.strip().rstrip(";"))
    return re.sub(r"\s*\(from .*\)$", "", clean)
