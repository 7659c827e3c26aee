"""resolvelib's functional inputs: Python (indexes of 2020) and CocoaPods (RubyGems), JSON files both.

FOLDER is a clone. Of an index only what the requests can reach is served. Ruby's specs and versions are
written as PEP 440 has them; a version that can't be is left out. Swift's inputs choose the oldest by a rule
of their own and are passed over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from benchmarks.suites.case import (
    Expected,
    Package,
    Passed,
    PypiCase,
    Read,
    Verdict,
    Wheel,
    canonical,
    required,
)

SUITE = "resolvelib"
PYTHON = "3.8.1"  #: what the indexes were written for
#: version -> requirements, by project
Index = Mapping[str, Mapping[str, tuple[str, ...]]]


def read(folder: Path) -> Read:
    """Yield the cases; raises MissingSuiteError."""
    functional = required(folder / "tests" / "functional")
    for path in sorted((functional / "python" / "inputs" / "case").glob("*.json")):
        yield _python_case(path)
    for path in sorted((functional / "cocoapods" / "inputs" / "case").glob("*.json")):
        yield _pods_case(path)
    for path in sorted((functional / "swift-package-manager" / "inputs").glob("*.json")):
        yield Passed(suite=SUITE, name=f"swift/{path.stem}", why="chooses the oldest, by a rule of its own")


def _load(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    try:
        return json.loads(text)
    except ValueError:  # some have comments
        return json.loads(re.sub(r"//.*$", "", text, flags=re.MULTILINE))


def _python_case(path: Path) -> PypiCase:
    case = _load(path)
    index = _python_index(path.parent.parent / "index" / f"{case['index']}.json")
    resolved = case.get("resolved")
    exactly = None
    if resolved is not None:
        versions = {n: v if isinstance(v, str) else v["version"] for n, v in resolved.items()}
        holds = {n: not isinstance(v, dict) or _is_true(v.get("marker")) for n, v in resolved.items()}
        exactly = tuple(Package(name=_name(n), version=canonical(v)) for n, v in versions.items() if holds[n])
    requests = tuple(case["requested"])
    return PypiCase(
        suite=SUITE,
        name=f"python/{path.stem}",
        files=tuple(_reachable(index, (_name(Requirement(text).name) for text in requests))),
        requirements=requests,
        expected=Expected(verdict=Verdict.NONE if exactly is None else Verdict.SOLUTION, exactly=exactly),
        python=PYTHON,
    )


def _is_true(marker: str | None) -> bool:
    from packaging.markers import Marker

    return marker is None or Marker(marker).evaluate({"extra": "", "python_version": "3.8"})


@cache
def _python_index(path: Path) -> Index:
    found = {}
    for name, versions in _load(path).items():
        if not isinstance(versions, dict):
            continue
        found[_name(name)] = {v: tuple(said["dependencies"]) for v, said in versions.items()}
    return found


def _pods_case(path: Path) -> PypiCase:
    case = _load(path)
    index = _pods_index(path.parent.parent / "index" / f"{case.get('index', 'awesome')}.json")
    requests = [("".join(c for c in n if c.isprintable()), spec) for n, spec in case["requested"].items()]
    exactly = tuple({p.name: p for p in _walk(case["resolved"])}.values())
    verdict = Verdict.NONE if case["conflicts"] else Verdict.SOLUTION
    base = tuple(_walk(case["base"]))
    return PypiCase(
        suite=SUITE,
        name=f"cocoapods/{path.stem}",
        files=tuple(_reachable(index, (_name(n) for n, _ in requests))),
        requirements=tuple(_pep508(n, spec) for n, spec in requests),
        expected=Expected(verdict=verdict, exactly=None if case["conflicts"] else exactly),
        python=PYTHON,
        constraints=tuple(f"{one.name}=={one.version}" for one in base),  # a base holds, whatever it costs
    )


def _walk(tree: Iterable[Mapping[str, Any]]) -> Iterator[Package]:
    for node in tree:
        yield Package(name=_name(node["name"]), version=canonical(node["version"]))
        yield from _walk(node["dependencies"])


@cache
def _pods_index(path: Path) -> Index:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, entries in _load(path).items():
        for entry in entries:
            needs = entry["dependencies"] or {}
            pairs = needs.items() if isinstance(needs, dict) else needs
            texts = tuple(_pep508(other, spec) for other, spec in pairs)
            if _plain(entry["version"]):
                found.setdefault(_name(name), {})[_plain(entry["version"])] = texts
    return found


def _name(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _plain(text: str) -> str:
    """Return a version as PEP 440 writes it; empty: it can't."""
    try:
        return str(Version(text))
    except InvalidVersion:
        return ""


def _pep508(name: str, spec: str) -> str:
    clauses = (_clause(*found) for found in re.findall(r"([><=~!]*)\s*([^\s,><=~!]+)", spec))
    return f"{_name(name)}{','.join(clauses)}"


def _clause(operator: str, version: str) -> str:
    plain = _plain(version) or "0"
    if operator == "~>":
        return f"~={plain}" if "." in plain else f">={plain},<{int(plain) + 1}"
    return f"{'==' if operator in ('', '=') else operator}{plain}"


def _reachable(index: Index, names: Iterable[str]) -> Iterator[Wheel]:
    """Yield the files of what these projects may come to need."""
    seen: set[str] = set()
    stack = list(names)
    while stack:
        name = stack.pop()
        if name in seen:
            continue
        seen.add(name)
        for version, texts in index.get(name, {}).items():
            plain = _plain(version)
            read_ones = [found for found in map(_parsed, texts) if found is not None]
            stack += [_name(one.name) for one in read_ones]
            if plain:
                yield Wheel(
                    name=name, version=plain, requires=tuple(map(str, read_ones)), extras=_extras(texts)
                )


@cache
def _parsed(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def _extras(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(e for text in texts for e in re.findall(r"extra\s*==\s*['\"]([^'\"]+)", text)))
