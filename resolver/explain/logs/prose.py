"""Errors told in sentences: uv's and poetry's (both PubGrub's)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from resolver.explain.logs.lines import Line
from resolver.explain.logs.own_conflict import LoggedDemand, conflict_of_demands, conflict_of_missing
from resolver.explain.logs.report import Collector, LogReport, PythonNeed, Tool
from resolver.inputs.default_python import PYTHONS
from resolver.model.target import Target
from resolver.model.unusable import Unusable

if TYPE_CHECKING:
    from packaging.markers import Marker

_UV = re.compile(
    r"No solution found when resolving|failed to solve the pypi requirements|"
    r"your requirements are unsatisfiable|"
    r"your project's requirements are unsatisfiable|we can conclude that"
)
_POETRY = re.compile(r"version solving failed|^(?:So, b|B)ecause .+ depends on .+\(.+\)")
_GUTTER = re.compile(r"^[\s│|]*(?:[×╰─▶╭├↳]+[─▶>]*\s*)?(?:cause: )?")  # noqa: RUF001  (uv's own sign)
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
_HINT = re.compile(r"^\s*(?:hint|help):")

_POETRY_SPEC = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?) \((?P<range>[^)]*)\)")
_POETRY_DEPENDS = re.compile(
    r"(?P<name>[\w.-]+) \((?P<version>[^)]*)\) (?:which )?(?:depends on|requires) "
    r"(?P<other>[\w.-]+(?:\[[^\]]*\])?) \((?P<range>[^)]*)\)"
)
_NO_MATCH = re.compile(r"(?P<name>[\w.-]+) \((?P<range>[^)]*)\) which doesn't match any versions")
_IS_FORBIDDEN = re.compile(r"requires Python .+ is forbidden")
_NEEDS_PYTHON = re.compile(
    r"(?P<owner>[\w.-]+ \([^)]*\)) (?:which )?requires Python (?P<range>[^\s,]+(?:,[^\s,]+)*)(?=,?\s)"
)
_PROJECT_PYTHON = re.compile(
    r"current project's (?:supported )?Python (?:requirement|range) \((?P<range>[^)]*)\)"
)
_ROOT = re.compile(r"[Bb]ecause (?P<root>[\w.-]+) depends on")


def read_uv(lines: Sequence[Line]) -> LogReport | None:
    """Return the first error of uv's resolver (also within pixi)."""
    start = next((n for n, line in enumerate(lines) if _UV.search(line.text)), None)
    if start is None:
        return None
    begin = start
    while begin > 0 and _is_prose(lines[begin - 1].text):
        begin -= 1
    words, places, last, closed = _joined(lines, begin, _END)
    words, places = _without_markers(words, places)
    specs = Collector()
    asked = _CONCLUDED.sub(lambda m: " " * len(m.group()), words)
    for found in _YOU_REQUIRE.finditer(asked):
        for spec in found["specs"].split(" and "):
            specs.add(spec.rstrip(".,"), "pypi", _number(places, found.start()))
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


def _may_hold(marker: Marker, environment: Mapping[str, str]) -> bool:
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


def _is_prose(text: str) -> bool:
    return bool(re.search(r"\b(?:Because|because|And because|depends on|we can conclude)\b", text))


def _joined(
    lines: Sequence[Line], begin: int, end: re.Pattern[str]
) -> tuple[str, list[tuple[int, int]], int, bool]:
    """Join wrapped lines: words, (offset, line number) pairs, the last line, whether the end was seen."""
    words = ""
    places: list[tuple[int, int]] = []
    last = lines[begin].number
    blank = 0
    for line in lines[begin:]:
        text = line.text[len(_GUTTER.match(line.text)[0]) :].strip() if line.text else ""  # type: ignore[index]
        if not text or _HINT.match(text):
            blank += 1
            if blank > 1 and words:
                break
            continue
        if words and not _belongs(text) and _is_sentence_end(words):
            blank += 1
            continue
        places.append((len(words), line.number))
        words += text + " "
        last = line.number
        if end.search(text):
            return words, places, last, True
    return words, places, last, bool(end.search(words.strip()))


def _belongs(text: str) -> bool:
    return bool(re.match(r"(?:And|Because|So|And,|we can|from|\(|[a-z])", text)) or _is_prose(text)


def _is_sentence_end(words: str) -> bool:
    return words.rstrip().endswith((".", ":"))


def _number(places: Sequence[tuple[int, int]], offset: int) -> int:
    return max((number for at, number in places if at <= offset), default=places[0][1] if places else 1)


def read_poetry(lines: Sequence[Line]) -> LogReport | None:
    """Return the first error of poetry's resolver."""
    start = next((n for n, line in enumerate(lines) if _POETRY.search(line.text.strip())), None)
    if start is None:
        return None
    while start > 0 and (_is_prose(before := lines[start - 1].text) or _IS_FORBIDDEN.search(before)):
        start -= 1
    words, places, last, closed = _joined(lines, start, re.compile(r"version solving failed\.?$"))
    roots = [found["root"] for found in _ROOT.finditer(words)]
    root = roots[-1] if roots else None
    specs = Collector()
    if root is not None:
        for found in re.finditer(
            rf"\b{re.escape(root)} depends on (?P<rest>.*?)(?=, |\bwhich\b|\. |$)", words
        ):
            for spec in _POETRY_SPEC.finditer(found["rest"]):
                specs.add(poetry_spec(spec["name"], spec["range"]), "pypi", _number(places, found.start()))
    missing = [
        poetry_spec(found["name"], found["range"])
        for found in re.finditer(
            r"no versions? of (?P<name>[\w.-]+) match(?:es)? \(?(?P<range>[^)]*?)\)?(?=,|\s|$)", words
        )
    ]
    missing += [poetry_spec(m["name"], m["range"]) for m in _NO_MATCH.finditer(words)]
    reasons = [
        f"{found['owner']} depends on {found['other']}"
        for found in re.finditer(
            r"(?P<owner>[\w.-]+ \([^)]*\)) (?:which )?(?:depends on|requires) (?P<other>[\w.-]+ \([^)]*\))",
            words,
        )
        if not found["owner"].startswith(f"{root} ")
    ]
    demands = [
        LoggedDemand(
            owner=found["name"], version=found["version"], needs=poetry_spec(found["other"], found["range"])
        )
        for found in _POETRY_DEPENDS.finditer(words)
        if found["name"] != root
    ]
    demands += [LoggedDemand(needs=spec.text) for spec in specs.all()]
    reasons += [
        f"{found['owner']} requires Python {found['range']}" for found in _NEEDS_PYTHON.finditer(words)
    ]
    reasons += [
        f"the project asks for Python {found['range']}"
        for line in lines[:last]
        for found in _PROJECT_PYTHON.finditer(line.text)
    ]
    project = next((m["range"] for line in lines[:last] for m in _PROJECT_PYTHON.finditer(line.text)), None)
    pythons = [
        PythonNeed(owner=re.sub(r"[()]", "", m["owner"]), needs=m["range"], asked=project)
        for m in _NEEDS_PYTHON.finditer(words)
        if project is not None
    ]
    return LogReport(
        tool=Tool.POETRY,
        specs=specs.all(),
        first_line=lines[start].number,
        last_line=last,
        reasons=tuple(dict.fromkeys(reasons)),
        missing=tuple(dict.fromkeys(missing)),
        pythons=tuple(dict.fromkeys(pythons)),
        conflict=conflict_of_demands(demands)
        or (() if pythons else conflict_of_missing(dict.fromkeys(missing), "the index")),
        complete=closed,
    )


def poetry_spec(name: str, written: str) -> str:
    """Return poetry's notation as PEP 508: ``^1.2`` and ``~1.2`` as ranges, a bare version as ``==``."""
    text = written.replace(" ", "").split("||")[0].rstrip(",")
    if text in ("", "*", "anyversion"):
        return name
    caret = re.fullmatch(r"\^(\d+(?:\.\d+)*)", text)
    if caret:
        return f"{name}>={caret[1]},<{_caret_end(caret[1])}"
    tilde = re.fullmatch(r"~(\d+(?:\.\d+)*)", text)
    if tilde:
        parts = tilde[1].split(".")
        end = [*parts[:1], str(int(parts[1]) + 1)] if len(parts) > 1 else [str(int(parts[0]) + 1)]
        return f"{name}>={tilde[1]},<{'.'.join(end)}"
    return f"{name}{text}" if text[0] in "<>=!~" else f"{name}=={text}"


def _caret_end(version: str) -> str:
    parts = [int(part) for part in version.split(".")]
    at = next((n for n, part in enumerate(parts) if part), len(parts) - 1)
    return ".".join(map(str, [*parts[:at], parts[at] + 1]))
