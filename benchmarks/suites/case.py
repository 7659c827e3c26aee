"""What a test of another project asks and expects, in one form for all suites."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

from packaging.utils import canonicalize_version

#: subdir -> file name -> record, as repodata.json has them
Channel: TypeAlias = Mapping[str, Mapping[str, Mapping[str, Any]]]


class Verdict(StrEnum):
    """How a question ends."""

    SOLUTION = "solution"
    NONE = "no solution"
    ERROR = "error"  #: refused, or the solver failed
    UNASKED = "not asked"  #: the solver has no way to say the question


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Package:
    """One chosen package; ``build`` is empty on PyPI."""

    name: str
    version: str
    build: str = ""
    channel: str = ""
    subdir: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.name, self.version, self.build) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a solver said; ``why`` for people."""

    verdict: Verdict
    packages: frozenset[Package] = frozenset()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a test asserts.

    ``exactly``: these are all packages. ``present``: these are among them. ``absent``: these are not.
    Of a package only what is said of it is compared: an empty version, build or channel means any.
    """

    verdict: Verdict
    exactly: tuple[Package, ...] | None = None
    present: tuple[Package, ...] = ()
    absent: tuple[Package, ...] = ()

    def differences(self, answer: Answer) -> Iterator[str]:
        """Yield in words what an answer has otherwise; nothing: it agrees."""
        if answer.verdict is not self.verdict:
            yield f"{answer.verdict}, not {self.verdict}"
            return
        wanted = self.present if self.exactly is None else self.exactly
        chosen = {package.name: package for package in answer.packages}
        for package in wanted:
            found = chosen.get(package.name)
            if not (found and is_meant(package, found)):
                yield f"{found or f'no {package.name}'}, not {package}"
        if self.exactly is not None:
            names = {package.name for package in self.exactly}
            yield from (f"{package}, not asked for" for name, package in chosen.items() if name not in names)
        for package in self.absent:
            found = chosen.get(package.name)
            if found and is_meant(package, found):
                yield f"{found}, which must not be there"


def is_meant(package: Package, found: Package) -> bool:
    """Tell whether what a test says of a package holds for the chosen one."""
    return (
        package.version in ("", found.version)
        and package.build in ("", found.build)
        and package.channel in ("", found.channel)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaCase:
    """A question over conda channels; ``channels`` by priority.

    ``constraints`` count if something else brings the package in. ``locked``: packages of an earlier
    lockfile; ``updated``: names that are to move to their newest; ``update_all`` forgets the lockfile.
    ``keep_all``: what was locked and fits beside the answer is in it, though nothing needs it.
    ``leave_out``: names that the test takes out of the answer (conda's ``--only-deps``).
    """

    suite: str
    name: str
    channels: Mapping[str, Channel]
    specs: tuple[str, ...]
    expected: Expected
    constraints: tuple[str, ...] = ()
    priority: str = "strict"
    virtual: Mapping[str, str] = field(default_factory=dict)
    locked: tuple[Package, ...] = ()
    updated: frozenset[str] = frozenset()
    update_all: bool = False
    keep_all: bool = False
    leave_out: frozenset[str] = frozenset()
    exclude_newer: int | None = None
    exempt: tuple[str, ...] = ()  #: what the limit in time doesn't hold for: names, ``CHANNEL::*``
    admit_undated: bool = False
    strategy: str = "highest"
    subdir: str = "linux-64"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """One file on an index; an sdist where ``is_sdist``. ``tags`` as in a wheel's name."""

    name: str
    version: str
    requires: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    requires_python: str | None = None
    yanked: bool = False
    tags: str = "py3-none-any"
    is_sdist: bool = False

    @property
    def file_name(self) -> str:
        """The file's name."""
        stem = f"{self.name.replace('-', '_')}-{self.version}"
        return f"{stem}.tar.gz" if self.is_sdist else f"{stem}-{self.tags}.whl"


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiCase:
    """A question over an index, for CPython ``python`` on Linux x86_64."""

    suite: str
    name: str
    files: tuple[Wheel, ...]
    requirements: tuple[str, ...]
    expected: Expected
    constraints: tuple[str, ...] = ()
    python: str = "3.12.5"
    pre: bool = False
    locked: tuple[Package, ...] = ()
    updated: frozenset[str] = frozenset()
    no_build: bool = False
    no_binary: bool = False


Case: TypeAlias = CondaCase | PypiCase


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCase:
    """A test that asks by itself, as often as it likes, and compares.

    ``run`` takes what asks a side, and returns what went wrong; None: the side can't be asked.
    """

    suite: str
    name: str
    run: Callable[[Callable[[CondaCase], Answer]], list[str] | None]


def canonical(version: str) -> str:
    """Return a version of PyPI's in the form in which expected and chosen ones are compared."""
    return canonicalize_version(version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A test that can't be put as a question, and why."""

    suite: str
    name: str
    why: str


Read: TypeAlias = Iterator[Case | LiveCase | Passed]


class MissingSuiteError(Exception):
    """A suite is not where it was looked for; the text says what was."""


def required(path: Path) -> Path:
    """Return a path that is there; raises MissingSuiteError."""
    if not path.exists():
        raise MissingSuiteError(f"no {path}")
    return path
