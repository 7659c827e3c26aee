"""Errors of uv's resolver, also within pixi."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from resolver.explain.logs.lines import Line
from resolver.explain.logs.own_conflict import LoggedDemand, conflict_of_demands, conflict_of_missing
from resolver.explain.logs.prose import is_prose, joined, number
from resolver.explain.logs.report import Collector, LogReport, PythonNeed, Tool
from resolver.inputs.default_python import PYTHONS
from resolver.model.target import Target
from resolver.model.unusable import Unusable

if TYPE_CHECKING:
    from packaging.markers import Marker

    from resolver.model.plain_markers import PlainMarker

_UV = re.compile(
    r"No solution found when resolving|failed to solve the pypi requirements|"
    r"your requirements are unsatisfiable|"
    r"your project's requirements are unsatisfiable|we can conclude that"
)
#: A specifier as uv writes it: `numpy>=1.22,<1.27`, `numpy[all]==2`; with blanks never.
_CLAUSE = r"(?:===?|[<>]=?|!=|~=)[^\s,]+"
_SPEC = rf"[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[^\]]*\])?(?:{_CLAUSE}(?:,{_CLAUSE})*)?"
#: The condition under which uv has a requirement: ``torch{sys_platform == 'win32'}==2.7.1``.
_MARKER = re.compile(r"(?<=[A-Za-z0-9\]])\{[^{}]*\}")
_YOU_REQUIRE = re.compile(
    rf"(?:you require|your project (?:depends on|requires)|your workspace requires) "
    rf"(?P<specs>{_SPEC}(?: and {_SPEC}(?! (?:depends on|was not found)))*)"
)
_CONCLUDED = re.compile(
    rf"conclude that (?:you require|your project (?:depends on|requires)) {_SPEC}(?: and {_SPEC})*"
)
_NO_VERSION = re.compile(rf"there (?:is|are) no versions? of (?P<spec>{_SPEC})")
_NOT_FOUND = re.compile(
    r"(?P<spec>[A-Za-z0-9][\w.-]*) was not found in the (?:package registry|cache|provided package locations)"
)
_DEPENDS = re.compile(rf"(?P<owner>{_SPEC}) depends on (?P<spec>{_SPEC})")
#: `a==1 depends on Python>=3.10`, said where the interpreter is another
_UV_PYTHON = re.compile(rf"(?P<owner>{_SPEC}) depends on Python(?P<range>{_CLAUSE}(?:,{_CLAUSE})*)")
_UV_ASKED_PYTHON = re.compile(r"the requested Python version \(([^)]*)\) does not satisfy")
_NO_WHEELS = re.compile(rf"(?P<spec>{_SPEC}) has no `?(?P<tags>[^`]+?)`?-compatible wheels")
#: `No solution found when resolving dependencies for split (sys_platform == 'win32'):`
_SPLIT = re.compile(r"dependencies for split \((?P<marker>.*?)\):")
#: Platforms that a split may be of, likelier ones first.
_COMMON = ("linux-64", "osx-arm64", "win-64", "osx-64", "linux-aarch64")
_OWNER = re.compile(r"([A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?)(.*)")
_END = re.compile(r"unsatisfiable\.?$")


def read_uv(lines: Sequence[Line]) -> LogReport | None:
    """Return the first error of uv's resolver (also within pixi)."""
    start = next((n for n, line in enumerate(lines) if _UV.search(line.text)), None)
    if start is None:
        return None
    begin = start
    while begin > 0 and is_prose(lines[begin - 1].text):
        begin -= 1
    words, places, last, closed = joined(lines, begin, _END)
    words, places = _without_markers(words, places)
    specs = Collector()
    asked = _CONCLUDED.sub(lambda m: " " * len(m.group()), words)
    for found in _YOU_REQUIRE.finditer(asked):
        for spec in found["specs"].split(" and "):
            specs.add(spec.rstrip(".,"), "pypi", number(places, found.start()))
    missing = [m["spec"].rstrip(".,") for p in (_NO_VERSION, _NOT_FOUND) for m in p.finditer(words)]
    needed = [m for m in _DEPENDS.finditer(words) if not m["owner"].startswith("project")]
    reasons = [m.group() for m in needed]
    demands = [_demand(m["owner"], m["spec"]) for m in needed]
    demands += [LoggedDemand(needs=spec.text) for spec in specs.all()]
    python = _UV_ASKED_PYTHON.search(words)
    pythons = [
        PythonNeed(
            owner=m["owner"].replace("==", " "),
            needs=m["range"].rstrip(".,"),
            asked=python[1] if python else None,
        )
        for m in _UV_PYTHON.finditer(words)
    ]
    return LogReport(
        tool=Tool.UV,
        specs=specs.all(),
        first_line=lines[begin].number,
        last_line=last,
        reasons=tuple(dict.fromkeys(reasons)),
        missing=tuple(dict.fromkeys(missing)),
        platform=_platform(" ".join(line.text.strip() for line in lines[max(begin - 2, 0) : begin + 2])),
        pythons=tuple(dict.fromkeys(pythons)),
        conflict=conflict_of_demands(demands)
        or tuple(f"{m['spec']} has no wheel for {m['tags']}" for m in _NO_WHEELS.finditer(words))
        or conflict_of_missing(dict.fromkeys(missing), "the index"),
        complete=closed,
    )


def _platform(head: str) -> str | None:
    """Return the platform of the split that uv gave up on; None where it names none, or several."""
    found = _SPLIT.search(head)
    if found is None:
        return None
    from resolver.model.pep508 import parse_marker

    marker = parse_marker(found["marker"])
    if isinstance(marker, Unusable):
        return None
    here = [subdir for subdir in _COMMON if _may_hold(marker, Target(subdir=subdir).marker_environment())]
    return here[0] if here and len(here) < len(_COMMON) else None


def _may_hold(marker: PlainMarker | Marker, environment: Mapping[str, str]) -> bool:
    """Tell whether a marker holds on a platform under some Python."""
    pythons = (
        {
            "python_version": text.rpartition(".")[0],
            "python_full_version": text,
            "implementation_version": text,
        }
        for text in PYTHONS
    )
    return any(marker.evaluate({**environment, **python, "extra": ""}) for python in pythons)


def _demand(owner: str, needs: str) -> LoggedDemand:
    """Return what ``name==version`` asks for."""
    found = _OWNER.match(owner)
    name, rest = (found[1], found[2]) if found else (owner, "")
    return LoggedDemand(owner=name, version=rest.removeprefix("=="), needs=needs.rstrip(".,"))


def _without_markers(words: str, places: Sequence[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """Take uv's ``{marker}`` out from between name and version: the log is about where it holds."""
    spans = [found.span() for found in _MARKER.finditer(words)]
    moved = [(at - sum(min(end, at) - start for start, end in spans if start < at), n) for at, n in places]
    return _MARKER.sub("", words), moved
