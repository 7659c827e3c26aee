"""libmamba's solver tests: C++ sources of which packages, jobs and the outcome are read as text.

FOLDER is a clone. Read are the conflicts of its problem graphs, and each innermost section of its solver's
test with all that stands around it. An installed package is a locked one whose record is in the channel; what
is installed and nothing installed needs is asked for beside the jobs. What removes, reinstalls or leaves
dependencies out asks about a prefix and is passed over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.suites.case import Channel, CondaCase, Expected, Package, Passed, Read, Verdict, required
from benchmarks.suites.read_conda_solvers import MACHINE

SUITE = "mamba"
_PACKAGE = re.compile(r'mkpkg\("(\w[\w-]*)",\s*"([^"]+)"(?:,\s*\{([^}]*)\})?\)')
_FOO = re.compile(r'mkfoo\("([^"]+)"(?:,\s*(\d+))?(?:,\s*\{([^}]*)\})?(?:,\s*(\d+))?\)')
_INFO = re.compile(r'PackageInfo\("([\w-]+)"(?:,\s*"([^"]*)",\s*"([^"]*)",\s*(\d+))?\)')
_VARIABLE = re.compile(r"auto (\w+) = (?:specs::)?(PackageInfo\([^)]*\));")
_FIELD = re.compile(r"\b(\w+)\.(\w+) = ([^;]+);")
_REPO = re.compile(
    r'(?:auto (\w+) = )?db\.add_repo_from_(packages\(\s*std::array\{(.*?)\},\s*"([\w-]+)"'
    r'|repodata_json\(.*?"repodata/([\w.-]+)")',
    re.DOTALL,
)
_JOB = re.compile(r'Request::(\w+)\{\s*"([^"]+)"_ms(?:,\s*(true|false))?')
_LEAVES_OUT = re.compile(r"keep_dependencies(?:=? \*/| =) false|\.keep_user_specs(?:=? \*/| =) false")
_TEXT = re.compile(r'"([^"]*)"')
_ACTIONS = re.compile(r'auto (\w+) = find_actions_with_name\(solution, "([\w-]+)"\)')
_ASSERTED = re.compile(
    r'(\w+)\.(?:front|back)\(\)\)\s*\.install\.(version|build_string|build_number|timestamp|md5)\s*==\s*"?([\w.]+)"?'
)
#: field of a C++ package -> that of a record
_FIELDS = {
    "dependencies": "depends", "constrains": "constrains", "version": "version", "build_string": "build",
    "build_number": "build_number", "md5": "md5", "track_features": "track_features",
    "timestamp": "timestamp",
}  # fmt: skip
Record = Mapping[str, Any]


class _NoQuestionError(LookupError):
    """Something that a lock isn't asked for, or that text alone doesn't tell."""


def read(folder: Path) -> Read:
    """Yield the cases; raises MissingSuiteError."""
    tests = required(folder / "libmamba" / "tests")
    yield from _conflicts(required(tests / "src" / "solver" / "test_problems_graph.cpp"))
    text = required(tests / "src" / "solver" / "libsolv" / "test_solver.cpp").read_text(encoding="utf-8")
    functions = dict(re.findall(r"auto (make_\w+)\([^{]*?\)\s*\{\n(.*?)\n        \}\n", text, re.DOTALL))
    for body in functions.values():
        text = text.replace(body, "")
    for part in re.split(r"\bTEST_CASE\(", text)[1:]:
        for name, scope in _leaves(part, part.partition('"')[2].partition('"')[0]):
            label = f"solver/{name}"
            try:
                yield _World(scope, functions, tests / "data" / "repodata").case(label)
            except _NoQuestionError as error:
                yield Passed(suite=SUITE, name=label, why=str(error))


# --- the problem graphs ---


def _conflicts(path: Path) -> Iterator[CondaCase | Passed]:
    """Yield what each ``create_...`` of the problem graphs asks: all are conflicts."""
    text = path.read_text(encoding="utf-8")
    bodies = dict(re.findall(r"auto create_(\w+)\(Context&.*?\{\n(.*?)\n    \}\n", text, re.DOTALL))
    for name, body in bodies.items():
        if name.endswith("_"):
            continue
        shared = re.search(r"return create_(\w+_)\(.*, (true|false)\)", body)
        if shared is not None:  # one more package is there, or it isn't
            body = bodies[shared[1]]
            extra = re.search(r"if \(!missing_package\)\s*\{(.*?)\}\n", body, re.DOTALL)
            if extra is not None and shared[2] == "true":
                body = body.replace(extra[0], "")
        label, records = f"conflicts/{name}", [_mkpkg(*found) for found in _PACKAGE.findall(body)]
        jobs = _JOB.findall(body)
        if not records or not jobs or "create_conda_forge_database" in body:
            yield Passed(suite=SUITE, name=label, why="asks a live channel, or a puzzle of its own")
            continue
        yield CondaCase(
            suite=SUITE,
            name=label,
            channels={"test": {"noarch": _files(records)}},
            specs=tuple(spec for job, spec, _ in jobs if job == "Install"),
            constraints=tuple(spec for job, spec, _ in jobs if job == "Pin"),
            expected=Expected(verdict=Verdict.NONE),
            virtual=MACHINE,
        )


# --- the sections ---


def _leaves(text: str, name: str, around: str = "") -> Iterator[tuple[str, str]]:
    """Yield (name, text with all around it) of each section that has none within."""
    outside, inner, place = "", [], 0
    for found in re.finditer(r'\bSECTION\("([^"]*)"\)\s*\{', text):
        if found.start() < place:
            continue
        end = _closing(text, found.end() - 1)
        inner.append((found.group(1), text[found.end() : end]))
        outside += text[place : found.start()]
        place = end
    outside += text[place:]
    if not inner:
        yield name, around + text
    for label, body in inner:
        yield from _leaves(body, label, around + outside)


def _closing(text: str, start: int) -> int:
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == "{") - (text[place] == "}")
        if not depth:
            return place
    return len(text)


@dataclass(slots=True)
class _World:
    """What one section sees: repositories by priority, packages by variable, jobs, what is asserted."""

    text: str
    functions: Mapping[str, str]
    data: Path
    variables: dict[str, dict[str, Any]] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    installed: list[dict[str, Any]] = field(default_factory=list)

    def case(self, label: str) -> CondaCase:
        """Return the question; raises _NoQuestionError."""
        for name, body in self.functions.items():
            called = re.search(rf'{name}\(\w+, "([^"]*)"\)', self.text)
            if called is not None:
                self.text = body.replace("cuda_virtual_version", f'"{called[1]}"') + self.text
        jobs = _JOB.findall(self.text)
        self._check(jobs)
        self._read_packages()
        wanted = [self._wanted(job, spec) for job, spec, _ in jobs if job != "Pin"]
        roots = self._roots()
        updated = frozenset(re.split(r"[=<>]", spec)[0] for job, spec, _ in jobs if job == "Update")
        return CondaCase(
            suite=SUITE,
            name=label,
            channels=self.channels,
            specs=tuple(dict.fromkeys([*wanted, *(r for r in roots if r not in updated)])),
            constraints=tuple(spec for job, spec, _ in jobs if job == "Pin"),
            expected=self._expected(),
            virtual=self._virtual(),
            locked=tuple(map(_package, self.installed)),
            updated=updated,
            keep_all=bool(self.installed) and not any(clean == "true" for _, _, clean in jobs),
            priority="strict" if "strict_repo_priority = true" in self.text else "flexible",
        )

    def _check(self, jobs: list[tuple[str, str, str]]) -> None:
        if not jobs:
            raise _NoQuestionError("asks for nothing")
        other = next((job for job, _, _ in jobs if job not in ("Install", "Update", "Pin", "Keep")), None)
        if other is not None:
            raise _NoQuestionError(f"the job {other}")
        if _LEAVES_OUT.search(self.text) and "UnSolvable" not in self.text:
            raise _NoQuestionError("leaves dependencies, or what was asked for, out")
        if (
            re.search(r"allow_downgrade= \*/ false|force_reinstall = true", self.text)
            and "set_installed" in self.text
        ):
            raise _NoQuestionError("forbids that anything gets older, or installs it again")

    def _wanted(self, job: str, spec: str) -> str:
        if job == "Keep":
            found = next(r for r in self.installed if r["name"] == spec)
            return f"{spec} =={found['version']} {found['build']}"
        return spec

    def _read_packages(self) -> None:
        for name, made in _VARIABLE.findall(self.text):
            self.variables[name] = _info(*_INFO.search(made).groups())  # type: ignore[union-attr]
        for name, attribute, value in _FIELD.findall(self.text):
            record = self.variables.get(name)
            if record is None or not (_TEXT.search(value) or value.strip().isdigit()):
                continue
            if attribute == "package_url":
                record["channel"] = _TEXT.findall(value)[0].split("/")[-3]
            elif attribute in ("dependencies", "constrains"):
                record[attribute if attribute == "constrains" else "depends"] = _TEXT.findall(value)
            elif attribute in _FIELDS:
                text = value.strip().strip('"')
                record[_FIELDS[attribute]] = int(text) if attribute in ("build_number", "timestamp") else text
        held = re.search(r"set_installed_repo\((\w+)\)", self.text)
        for variable, _, array, name, repodata in _REPO.findall(self.text):
            if repodata:
                self.records.setdefault("conda-forge", [])
                self.channels["conda-forge"] = _repodata(self.data / repodata)
            elif held is not None and variable == held[1]:
                self.installed += self._records(array)
            else:
                for record in self._records(array):
                    self.records.setdefault(record.pop("channel", name), []).append(record)
        self.records.setdefault(next(iter(self.records), "test"), []).extend(self.installed)
        for name, records in self.records.items():
            self.channels[name] = {**self.channels.get(name, {}), "noarch": _files(records)}

    def _records(self, array: str) -> Iterator[dict[str, Any]]:
        for found in re.finditer(rf"{_INFO.pattern}|{_FOO.pattern}|\b(\w+)\b", array):
            groups = found.groups()
            if groups[0] is not None:
                yield _info(*groups[:4])
            elif groups[4] is not None:
                yield _foo(*(group or "" for group in groups[4:8]))
            elif groups[8] in self.variables:
                yield dict(self.variables[groups[8]])

    def _roots(self) -> list[str]:
        """Return what is installed and nothing installed needs."""
        needed = {re.split(r"[ =<>]", text)[0] for record in self.installed for text in record["depends"]}
        return [record["name"] for record in self.installed if record["name"] not in needed]

    def _virtual(self) -> Mapping[str, str]:
        given = {n: v for n, v, _, _ in _INFO.findall(self.text) if n.startswith("__")}
        return {**MACHINE, **given}

    def _expected(self) -> Expected:
        if "holds_alternative<libsolv::UnSolvable>" in self.text:
            return Expected(verdict=Verdict.NONE)
        if "solution.actions.empty());" in self.text and "FALSE(solution.actions.empty" not in self.text:
            return Expected(verdict=Verdict.SOLUTION, present=tuple(map(_package, self.installed)))
        actions = dict(_ACTIONS.findall(self.text))
        named = re.search(r'install\.name == "([\w-]+)"', self.text)
        only = named[1] if named else next((r["name"] for r in self._all()), "")
        fields: dict[str, dict[str, str]] = {name: {} for name in actions.values()}
        for variable, attribute, value in _ASSERTED.findall(self.text):
            fields.setdefault(actions.get(variable, only), {})[attribute] = value
        present, absent = [], []
        for variable, name in actions.items():
            if re.search(rf"{variable}\.empty\(\)|Remove>\({variable}\.", self.text):
                fields.pop(name, None)
                absent.append(Package(name=name, version=""))
        stays = re.findall(r'find_actions_with_name\(solution, "([\w-]+)"\)\.empty\(\)', self.text)
        present += [_package(record) for record in self.installed if record["name"] in stays]
        for name, known in fields.items():
            meant = [r for r in self._all() if r["name"] == name and _is_meant(r, known)]
            present += [_package(r) for r in meant] if known else [Package(name=name, version="")]
        return Expected(verdict=Verdict.SOLUTION, present=tuple(present), absent=tuple(absent))

    def _all(self) -> Iterator[Record]:
        for subdirs in self.channels.values():
            for files in subdirs.values():
                yield from files.values()


def _is_meant(record: Record, known: Mapping[str, str]) -> bool:
    return all(str(record.get(_FIELDS[attribute])) == value for attribute, value in known.items())


# --- records ---


def _info(name: str, version: str | None, build: str | None, number: str | None) -> dict[str, Any]:
    return _full(name, version or "0", build or "h", build_number=int(number or 0))


def _mkpkg(name: str, version: str, depends: str) -> dict[str, Any]:
    return _full(name, version, "bld", depends=_TEXT.findall(depends))


def _foo(version: str, number: str, features: str, timestamp: str) -> dict[str, Any]:
    more = {"track_features": ",".join(_TEXT.findall(features)), "timestamp": int(timestamp or 0)}
    return _full("foo", version, f"b{number or 0}t{timestamp or 0}", build_number=int(number or 0), **more)


def _full(name: str, version: str, build: str, **more: Any) -> dict[str, Any]:
    known = {"depends": [], "constrains": [], "build_number": 0, "md5": "0" * 32, "sha256": "0" * 64}
    return {"name": name, "version": version, "build": build, "subdir": "noarch", **known, **more}


def _files(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Return records by file; builds that differ in a number or digest alone are told apart there too."""
    return {
        f"{r['name']}-{r['version']}-{r['build']}{'' if n == 0 else f'.{n}'}.conda": r
        for n, r in _numbered(records)
    }


def _numbered(records: list[dict[str, Any]]) -> Iterator[tuple[int, dict[str, Any]]]:
    seen: dict[tuple[str, str, str], int] = {}
    for record in records:
        key = record["name"], record["version"], record["build"]
        yield seen.setdefault(key, 0), record
        seen[key] += 1


def _package(record: Record) -> Package:
    return Package(name=record["name"], version=record["version"], build=record["build"])


@cache
def _repodata(path: Path) -> Channel:
    packed = json.loads(required(path).read_text(encoding="utf-8"))
    return {"linux-64": {**packed.get("packages", {}), **packed.get("packages.conda", {})}}
