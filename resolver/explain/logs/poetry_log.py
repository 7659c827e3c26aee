"""Errors of poetry's resolver."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from resolver.explain.logs.lines import Line
from resolver.explain.logs.own_conflict import LoggedDemand, conflict_of_demands, conflict_of_missing
from resolver.explain.logs.prose import is_prose, joined, number
from resolver.explain.logs.report import Collector, LogReport, PythonNeed, Tool

_POETRY = re.compile(r"version solving failed|^(?:So, b|B)ecause .+ depends on .+\(.+\)")
_POETRY_SPEC = re.compile(r"(?<![\w.-])(?P<name>[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?) \((?P<range>[^()]*)\)")
_POETRY_DEPENDS = re.compile(
    r"(?<![\w.-])(?P<name>[\w.-]+) \((?P<version>[^()]*)\) (?:which )?(?:depends on|requires) "
    r"(?P<other>[\w.-]+(?:\[[^\]]*\])?) \((?P<range>[^()]*)\)"
)
_NO_MATCH = re.compile(r"(?<![\w.-])(?P<name>[\w.-]+) \((?P<range>[^()]*)\) which doesn't match any versions")
_IS_FORBIDDEN = re.compile(r"requires Python .+ is forbidden")
_NEEDS_PYTHON = re.compile(
    r"(?<![\w.-])(?P<owner>[\w.-]+ \([^()]*\)) (?:which )?"
    r"requires Python (?P<range>[^\s,]+(?:,[^\s,]+)*)(?=,?\s)"
)
_PROJECT_PYTHON = re.compile(
    r"current project's (?:supported )?Python (?:requirement|range) \((?P<range>[^)]*)\)"
)
_ROOT = re.compile(r"[Bb]ecause (?P<root>[\w.-]+) depends on")
_END = re.compile(r"version solving failed\.?$")
_NO_VERSIONS = re.compile(r"no versions? of (?P<name>[\w.-]+) match(?:es)? \(?(?P<range>[^)]*?)\)?(?=,|\s|$)")
_REASON = re.compile(
    r"(?<![\w.-])(?P<owner>[\w.-]+ \([^()]*\)) (?:which )?(?:depends on|requires) "
    r"(?P<other>[\w.-]+ \([^()]*\))"
)


def read_poetry(lines: Sequence[Line]) -> LogReport | None:
    """Return the first error of poetry's resolver."""
    start = next((n for n, line in enumerate(lines) if _POETRY.search(line.text.strip())), None)
    if start is None:
        return None
    while start > 0 and (is_prose(before := lines[start - 1].text) or _IS_FORBIDDEN.search(before)):
        start -= 1
    words, places, last, closed = joined(lines, start, _END)
    roots = [found["root"] for found in _ROOT.finditer(words)]
    root = roots[-1] if roots else None
    specs = Collector()
    for text, offset in _asked(words, root):
        specs.add(text, "pypi", number(places, offset))
    missing = [
        poetry_spec(m["name"], m["range"]) for p in (_NO_VERSIONS, _NO_MATCH) for m in p.finditer(words)
    ]
    demands = [*_demands(words, root), *(LoggedDemand(needs=spec.text) for spec in specs.all())]
    of_project = [found["range"] for line in lines[:last] for found in _PROJECT_PYTHON.finditer(line.text)]
    pythons = _pythons(words, of_project[0]) if of_project else ()
    return LogReport(
        tool=Tool.POETRY,
        specs=specs.all(),
        first_line=lines[start].number,
        last_line=last,
        reasons=tuple(dict.fromkeys(_reasons(words, root, of_project))),
        missing=tuple(dict.fromkeys(missing)),
        pythons=pythons,
        conflict=conflict_of_demands(demands)
        or (() if pythons else conflict_of_missing(dict.fromkeys(missing), "the index")),
        complete=closed,
    )


def _asked(words: str, root: str | None) -> Iterator[tuple[str, int]]:
    """Yield what the project itself asks for, each with where its sentence begins."""
    if root is None:
        return
    asks = rf"\b{re.escape(root)} depends on (?P<rest>.*?)(?=, |\bwhich\b|\. |$)"
    for found in re.finditer(asks, words):
        for spec in _POETRY_SPEC.finditer(found["rest"]):
            yield poetry_spec(spec["name"], spec["range"]), found.start()


def _demands(words: str, root: str | None) -> Iterator[LoggedDemand]:
    """Yield what packages need of others."""
    for found in _POETRY_DEPENDS.finditer(words):
        if found["name"] != root:
            needs = poetry_spec(found["other"], found["range"])
            yield LoggedDemand(owner=found["name"], version=found["version"], needs=needs)


def _reasons(words: str, root: str | None, of_project: Sequence[str]) -> Iterator[str]:
    """Yield what is said of packages, then of the Pythons that they and the project need."""
    for found in _REASON.finditer(words):
        if not found["owner"].startswith(f"{root} "):
            yield f"{found['owner']} depends on {found['other']}"
    for found in _NEEDS_PYTHON.finditer(words):
        yield f"{found['owner']} requires Python {found['range']}"
    for pythons in of_project:
        yield f"the project asks for Python {pythons}"


def _pythons(words: str, asked: str) -> tuple[PythonNeed, ...]:
    """Return the packages that the project's Pythons don't suit, each once."""
    found = (
        PythonNeed(owner=re.sub(r"[()]", "", m["owner"]), needs=m["range"], asked=asked)
        for m in _NEEDS_PYTHON.finditer(words)
    )
    return tuple(dict.fromkeys(found))


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
