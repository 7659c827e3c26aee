"""libmamba's solver tests: C++ sources of which packages, jobs and the outcome are read as text.

FOLDER is a clone. Read are the conflicts of its problem graphs and the sections of its solver's test that
install into an empty environment; what removes, updates or reinstalls asks about a prefix and is passed over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.suites.case import Channel, CondaCase, Expected, Package, Passed, Read, Verdict, required
from benchmarks.suites.read_conda_solvers import MACHINE

SUITE = "mamba"
_PACKAGE = re.compile(r'mkpkg\("(\w[\w-]*)",\s*"([^"]+)"(?:,\s*\{([^}]*)\})?\)')
_FOO = re.compile(r'mkfoo\("([^"]+)"(?:,\s*(\d+))?(?:,\s*\{([^}]*)\})?(?:,\s*(\d+))?\)')
_JOB = re.compile(r'Request::(\w+)\{\s*"([^"]+)"_ms')
_TEXT = re.compile(r'"([^"]*)"')
#: what an answer is asserted to have: field and value
_ASSERTED = re.compile(r"install\.(version|build_number|timestamp) == \"?([\w.]+)\"?")


def read(folder: Path) -> Read:
    """Yield the cases; raises MissingSuiteError."""
    tests = required(folder / "libmamba" / "tests")
    yield from _conflicts(required(tests / "src" / "solver" / "test_problems_graph.cpp"))
    yield from _sections(required(tests / "src" / "solver" / "libsolv" / "test_solver.cpp"), tests / "data")


def _conflicts(path: Path) -> Iterator[CondaCase | Passed]:
    """Yield what each ``create_...`` of the problem graphs asks: all are conflicts."""
    text = path.read_text(encoding="utf-8")
    for name, body in re.findall(r"auto create_(\w+)\(Context&.*?\{\n(.*?)\n    \}\n", text, re.DOTALL):
        label = f"conflicts/{name}"
        records = [_record(*found) for found in _PACKAGE.findall(body)]
        if records and "create_conda_forge_database" not in body:
            yield _case(label, {"noarch": _files(records)}, body, Expected(verdict=Verdict.NONE))
        else:
            yield Passed(suite=SUITE, name=label, why="asks a live channel, or by another function")


def _sections(path: Path, data: Path) -> Iterator[CondaCase | Passed]:
    """Yield what each innermost section of the solver's test asks."""
    for test in path.read_text(encoding="utf-8").split('TEST_CASE("')[1:]:
        head, *parts = re.split(r'SECTION\("', test)
        for part in parts:
            head += part if "set_installed_repo" in part else ""  # those that stand within it have it too
            label = f"solver/{part.partition(chr(34))[0]}"
            repodata = re.findall(r'"repodata/([\w.-]+\.json)"', head)
            records = [_foo(*found) for found in _FOO.findall(part)]
            if "set_installed_repo" in head + part or not (records or len(repodata) == 1) or "_msg" in part:
                yield Passed(
                    suite=SUITE, name=label, why="asks about what is installed, or builds packages by hand"
                )
            elif "keep_" in part or re.search(r"Request::(?!Install|Pin)\w+\{", part):
                yield Passed(suite=SUITE, name=label, why="asks for something else than an install")
            else:
                files = {"noarch": _files(records)} if records else _repodata(data / "repodata" / repodata[0])
                yield _case(label, files, part, _expected(part, records))


def _case(label: str, channel: Channel, text: str, expected: Expected) -> CondaCase | Passed:
    jobs = _JOB.findall(text)
    if not jobs:
        return Passed(suite=SUITE, name=label, why="asks for nothing")
    return CondaCase(
        suite=SUITE,
        name=label,
        channels={"test": channel},
        specs=tuple(spec for job, spec in jobs if job == "Install"),
        constraints=tuple(spec for job, spec in jobs if job == "Pin"),
        expected=expected,
        virtual=MACHINE,
    )


def _expected(text: str, records: list[Mapping[str, Any]]) -> Expected:
    if "holds_alternative<libsolv::UnSolvable>" in text:
        return Expected(verdict=Verdict.NONE)
    present = []
    for field, value in _ASSERTED.findall(text):
        meant = [one for one in records if str(one[field]) == value]
        present += [Package(name=one["name"], version=one["version"], build=one["build"]) for one in meant]
    return Expected(verdict=Verdict.SOLUTION, present=tuple(present))


def _record(name: str, version: str, depends: str) -> dict[str, Any]:
    return _full(name, version, "bld", depends=_TEXT.findall(depends))


def _foo(version: str, number: str, features: str, timestamp: str) -> dict[str, Any]:
    more = {"track_features": ",".join(_TEXT.findall(features)), "timestamp": int(timestamp or 0)}
    return _full("foo", version, f"b{number or 0}t{timestamp or 0}", build_number=int(number or 0), **more)


def _full(name: str, version: str, build: str, **more: Any) -> dict[str, Any]:
    known = {"depends": [], "constrains": [], "build_number": 0, "md5": "0" * 32, "sha256": "0" * 64}
    return {"name": name, "version": version, "build": build, "subdir": "noarch", **known, **more}


def _files(records: list[dict[str, Any]]) -> dict[str, Any]:
    return {f"{one['name']}-{one['version']}-{one['build']}.conda": one for one in records}


@cache
def _repodata(path: Path) -> Channel:
    packed = json.loads(required(path).read_text(encoding="utf-8"))
    return {"linux-64": {**packed.get("packages", {}), **packed.get("packages.conda", {})}}
