"""conda's own tests of a solver (``conda.testing.solver_helpers``): run as they are, a side's answers within.

FOLDER is a clone. The class asks an environment to install specs and compares what it gets; here the
environment asks a side, and what the test asserts is left to it. What names no package (``track_features``
alone) or removes something is passed over. The channels are conda's test indexes, ``pip`` a need of Python.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from _pytest.outcomes import Failed

from benchmarks.suites.case import (
    Answer,
    Channel,
    CondaCase,
    Expected,
    LiveCase,
    Passed,
    Read,
    Verdict,
    required,
)
from benchmarks.suites.read_conda_solvers import MACHINE
from benchmarks.suites.recording import run_file

SUITE = "conda"
Ask = Callable[[CondaCase], Answer]


class UnaskableError(Exception):
    """The test does what no question says."""


class UnsatisfiableError(Exception):
    """What conda raises where there is no solution."""


class _NoSolutionError(UnsatisfiableError):
    """Another solver's: the tests compare the words of conda's own alone."""


@dataclass(frozen=True, slots=True)
class _Context:
    subdir: str = "linux-64"
    subdirs: tuple[str, ...] = ("linux-64", "noarch")


@dataclass(slots=True)
class _Named:
    name: str


class Record:
    """A package record, as conda's tests make and read them."""

    def __init__(
        self, name: str = "a", version: str = "1.0", depends: Any = None, build: str = "0", **more: Any
    ) -> None:
        self.name, self.version, self.build = name, version, build
        self.depends = tuple(depends or ())
        self.build_number = int(more.get("build_number", 0))
        self.fn = more.get("fn") or f"{name}-{version}-{build}.conda"
        self.url = more.get("url", "")
        self.subdir = more.get("subdir") or "linux-64"
        self.features = more.get("features") or ()
        self.more = {
            k: v for k, v in more.items() if k in ("timestamp", "track_features", "constrains") and v
        }
        self.channel = _Named(str(more.get("channel") or "test"))

    @classmethod
    def from_objects(cls, other: Record, **changed: Any) -> Record:
        """Return a record with some values changed."""
        return cls(**{**other.facts(), **other.more, "channel": other.channel.name, **changed})

    def facts(self) -> dict[str, Any]:
        """Return the record as repodata has it."""
        return {
            "name": self.name, "version": self.version, "build": self.build, "depends": list(self.depends),
            "build_number": self.build_number, "subdir": self.subdir, "fn": self.fn, "url": self.url,
        }  # fmt: skip

    def to_match_spec(self) -> Record:
        """Return what names this very build."""
        return self

    def conda_build_form(self) -> str:
        """Return a spec of this build."""
        return f"{self.name} {self.version} {self.build}"

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        return f"{self.channel.name}::{self.name}-{self.version}-{self.build}"


class _MatchSpec:
    def __init__(self, text: str = "", **fields: object) -> None:
        if fields or not text:
            raise UnaskableError("a spec without a name")
        self._text = text.rpartition("::")[2]

    def match(self, record: Record) -> bool:
        name, version, build = re.split("=+", self._text)
        return (record.name, record.version, record.build) == (name, version, build)


@dataclass(slots=True)
class Environment:
    """Stands for conda's test environment."""

    ask: Ask
    name: str
    repo_packages: list[Record] | dict[str, list[Record]] = field(default_factory=list)
    installed_packages: list[Record] = field(default_factory=list)
    priority: str = "flexible"

    def setenv(self, name: str, value: str) -> None:
        """Take conda's variable for the channel priority, as pytest's ``monkeypatch`` would set it."""
        if name != "CONDA_CHANNEL_PRIORITY":
            raise UnaskableError(f"sets {name}")
        self.priority = {"True": "flexible", "False": "disabled"}.get(value, value)

    def install(self, *specs: str, as_specs: bool = False) -> Any:
        """Return what a side chooses; raises UnsatisfiableError."""
        if not specs:
            return set()
        packages = self.repo_packages
        by_channel = packages if isinstance(packages, dict) else {"test": packages}
        case = CondaCase(
            suite=SUITE,
            name=self.name,
            channels={name: _channel(records) for name, records in by_channel.items()},
            specs=tuple(map(str, specs)),
            expected=Expected(verdict=Verdict.SOLUTION),
            priority=self.priority,
            virtual=MACHINE,
        )
        answer = self.ask(case)
        if answer.verdict is Verdict.UNASKED:
            raise UnaskableError(answer.why)
        if answer.verdict is not Verdict.SOLUTION:
            raise _NoSolutionError(answer.why)
        made = {
            (channel, r.subdir, r.name, r.version, r.build): r
            for channel, records in by_channel.items()
            for r in records
        }
        found = [made[p.channel, p.subdir, p.name, p.version, p.build] for p in answer.packages]
        for record in found:
            record.channel = _Named(record.channel.name if isinstance(packages, dict) else "test")
        return found if as_specs else {str(record) for record in found}

    def remove(self, *_: str, **__: object) -> None:
        """Refuse: a lock removes nothing."""
        raise UnaskableError("removes a package")


def read(folder: Path) -> Read:
    """Yield the tests; raises MissingSuiteError."""
    path = required(folder / "conda" / "testing" / "solver_helpers.py")
    data = required(folder / "tests" / "data")
    tests = run_file(path, _given(data), ("conda",), asserts=True)["SolverTests"]
    for name, function in vars(tests).items():
        label = name.removeprefix("test_")
        if any(mark.name == "xfail" for mark in getattr(function, "pytestmark", ())):
            yield Passed(suite=SUITE, name=label, why="is marked as failing")
        elif name.startswith("test_"):
            yield LiveCase(suite=SUITE, name=label, run=_runner(tests, name))


def _runner(tests: type, name: str) -> Callable[[Ask], list[str] | None]:
    """Return what runs one test with a side: what went wrong, in words; None: it can't be asked."""

    def run(ask: Ask) -> list[str] | None:
        environment = Environment(ask, name)
        instance = tests()
        instance.env = environment
        try:
            test = getattr(instance, name)
            test(**dict.fromkeys(inspect.signature(test).parameters, environment))
        except UnaskableError:
            return None
        except (AssertionError, Failed, UnsatisfiableError) as error:
            return [f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"]
        return []

    return run


def _given(data: Path) -> dict[str, dict[str, Any]]:
    class Helpers:
        record = staticmethod(lambda *args, **words: Record(*args, **words))

    for number in (1, 2, 4, 5):
        setattr(Helpers, f"get_index_r_{number}", staticmethod(lambda *_, n=number: (_index(data, n), None)))
    return {
        "conda.base.context": {"context": _Context()},
        "conda.testing": {"helpers": Helpers},
        "conda.exceptions": {
            "PackagesNotFoundError": UnsatisfiableError,
            "ResolvePackageNotFound": UnsatisfiableError,
            "UnsatisfiableError": UnsatisfiableError,
        },
        "conda.models.match_spec": {"MatchSpec": _MatchSpec},
        "conda.models.records": {"PackageRecord": Record},
        "conda.models.channel": {"Channel": _Named},
    }


@cache
def _index(data: Path, number: int) -> Mapping[str, Record]:
    name = "index.json" if number == 1 else f"index{number}.json"
    found = {}
    for file_name, entry in json.loads((data / name).read_text(encoding="utf-8")).items():
        record = Record(**{**entry, "fn": file_name, "channel": "test"})
        if record.name == "python" and record.version.startswith(("2.", "3.")):
            record.depends += ("pip",)
        found[file_name] = record
    return found


def _channel(records: Iterable[Record]) -> Channel:
    channel: dict[str, dict[str, dict[str, Any]]] = {}
    for record in records:
        facts = {**record.facts(), **record.more, "md5": "0" * 32, "sha256": "0" * 64}
        channel.setdefault(record.subdir, {})[record.fn] = facts
    return channel
