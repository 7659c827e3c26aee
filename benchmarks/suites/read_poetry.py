"""poetry's mixology scenarios: test functions, run with a recorder in place of poetry.

FOLDER is a clone. Poetry's own constraints (``^1.0``, ``>=1 <2``) are written as PEP 440 has them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from _pytest.outcomes import Failed
from packaging.version import Version

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
from benchmarks.suites.recording import Nothing, call, find_tests

SUITE = "poetry"
FILES = (
    "test_basic_graph",
    "test_backtracking",
    "test_python_constraint",
    "test_unsolvable",
    "test_with_lock",
)


@dataclass(slots=True)
class _Package:
    """A package of the repository, of a lockfile, or the project itself."""

    name: str
    version: str = "0"
    yanked: bool = False
    python_versions: str = "*"
    needs: list[tuple[str, Any]] = field(default_factory=list)

    def add_dependency(self, dependency: tuple[str, Any]) -> None:
        self.needs.append(dependency)


@dataclass(slots=True)
class _Repository:
    packages: list[_Package] = field(default_factory=list)

    def add_package(self, package: _Package) -> None:
        self.packages.append(package)


@dataclass(slots=True)
class _Provider:
    locked: list[_Package] = field(default_factory=list)
    python: str = "*"

    def set_package_python_versions(self, python: str) -> None:
        self.python = python


class _Recorder:
    """What one test function does: the questions in order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.root, self.repo = _Package("myapp"), _Repository()
        self.cases: list[PypiCase] = []

    def check(
        self,
        root: _Package,
        provider: _Provider,
        result: Mapping[str, str] | None = None,
        error: str | None = None,  # noqa: ARG002
        tries: int | None = None,  # noqa: ARG002
        use_latest: list[str] | None = None,
    ) -> Nothing:
        """Record a question."""
        exactly = None
        if result is not None:
            exactly = tuple(Package(name=n, version=canonical(v)) for n, v in result.items())
        self.cases.append(
            PypiCase(
                suite=SUITE,
                name=f"{self.name}{len(self.cases) or ''}",
                files=tuple(_wheel(package) for package in self.repo.packages),
                requirements=tuple(_pep508(name, said) for name, said in root.needs),
                expected=Expected(
                    verdict=Verdict.NONE if exactly is None else Verdict.SOLUTION, exactly=exactly
                ),
                locked=tuple(Package(name=p.name, version=p.version) for p in provider.locked),
                updated=frozenset(use_latest or ()),
            )
        )
        return Nothing()


def read(folder: Path) -> Read:
    """Yield the scenarios; raises MissingSuiteError."""
    tests = required(folder / "tests" / "mixology" / "version_solver")
    for stem in FILES:
        recorders: list[_Recorder] = []
        for name, function, parameters in find_tests(
            tests / f"{stem}.py", _given(recorders), ("poetry", "cleo", "tests")
        ):
            recorder = _Recorder(f"{stem.removeprefix('test_')}/{name.removeprefix('test_')}")
            recorders[:] = [recorder]
            values = {
                "root": recorder.root,
                "repo": recorder.repo,
                "provider": _Provider(),
                "pool": Nothing(),
            }
            try:
                call(function, {**values, **parameters})
            except (Exception, Failed) as error:  # whatever a test does that no recorder knows
                if not recorder.cases:
                    yield Passed(suite=SUITE, name=recorder.name, why=f"{type(error).__name__}: {error}")
            yield from recorder.cases


def _given(recorders: list[_Recorder]) -> dict[str, dict[str, Any]]:
    """Return what the test files import, as recorders; the last of ``recorders`` is the one at work."""

    def add_to_repo(
        repository: _Repository,
        name: str,
        version: str,
        deps: Any = None,
        python: Any = None,
        yanked: bool = False,
    ) -> None:
        package = _Package(name, version, yanked=yanked, python_versions=python or "*")
        package.needs += list((deps or {}).items())
        repository.add_package(package)

    class Factory:
        @staticmethod
        def create_dependency(name: str, said: Any, **_: object) -> tuple[str, Any]:
            return name, said

    def package(name: str, version: str, *, yanked: bool = False, **_: object) -> _Package:
        return _Package(name, version, yanked=yanked)

    def provider(*_: object, locked: Any = (), **__: object) -> _Provider:
        return _Provider(locked=list(locked))

    def check(*args: Any, **words: Any) -> Any:
        return recorders[-1].check(*args, **words)

    return {
        "poetry.factory": {"Factory": Factory},
        "poetry.core.packages.package": {"Package": package},
        "poetry.puzzle.provider": {"IncompatibleConstraintsError": LookupError},
        "tests.helpers": {"get_package": package},
        "tests.mixology.helpers": {"add_to_repo": add_to_repo, "check_solver_result": check},
        "tests.mixology.version_solver.conftest": {"Provider": provider},
    }


def _wheel(package: _Package) -> Wheel:
    python = _specifier(package.python_versions)
    return Wheel(
        name=package.name,
        version=package.version,
        requires=tuple(_pep508(name, said) for name, said in package.needs),
        requires_python=python or None,
        yanked=package.yanked,
    )


def _pep508(name: str, said: Any) -> str:
    if isinstance(said, str):
        return f"{name}{_specifier(said)}"
    unknown = set(said) - {"version", "extras", "python", "allow-prereleases"}
    if unknown:
        raise LookupError(f"a dependency with {', '.join(sorted(unknown))}")
    extras = said.get("extras", ())
    extras = [extras] if isinstance(extras, str) else extras
    return f"{name}{'[' + ','.join(extras) + ']' if extras else ''}{_specifier(said.get('version', '*'))}"


def _specifier(text: str) -> str:
    """Return a constraint of poetry's as a specifier set; raises LookupError for alternatives."""
    if "||" in text or "|" in text:
        raise LookupError(f"alternatives in `{text}`")
    found = (_clause(*pair) for pair in re.findall(r"(\^|~=|~|[><=!]*)\s*([^\s,><=!~^]+)", text))
    return ",".join(clause for clause in found if clause)


def _clause(operator: str, version: str) -> str:
    if version == "*":
        return ""
    if operator == "^":
        return f">={version},<{_next(version, caret=True)}"
    if operator == "~":
        return f">={version},<{_next(version, caret=False)}"
    return f"{'==' if operator in ('', '=') else operator}{version}"


def _next(version: str, *, caret: bool) -> str:
    """Return the first version that ``^`` or ``~`` leaves out."""
    numbers = list(Version(version).release)
    place = next((n for n, number in enumerate(numbers) if number), len(numbers) - 1)
    if not caret:
        place = min(1, len(numbers) - 1)
    return ".".join(map(str, [*numbers[:place], numbers[place] + 1]))
