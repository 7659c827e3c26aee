"""Small package universes as plain data: what the engine and the brute force both read.

A universe is a mapping of *package keys* to packages:

==================  =====================================================================
key                 package
==================  =====================================================================
``name``            a conda package
``python``          the interpreter: a conda package, or (``kind`` fixed) the one Python of the
                    target where no conda package gives it
``__name``          a virtual package: exactly one candidate; one the target lacks has no entry
``pypi:name``       a PyPI project: one candidate per version that the index has, newest
                    first, and behind them one per version that conda records provide, newest first
``pypi:name[e]``    an extra: as many candidates as ``pypi:name``, in the same order
==================  =====================================================================

``Package.candidates`` stands best first. A candidate has its dependencies twice:

* ``needs``: evaluated for this universe's target. A :class:`Need` says that ``package`` must be one of
  the candidates ``allowed`` (indexes). ``optional``: it may be absent too (conda's ``constrains``,
  pip's ``-c``). ``when``: it holds only under these candidates of ``python`` (a marker); None: always.
  A key without a package is one that no source holds: never selectable.
* ``texts``: the strings that a record (``depends``, ``constrains``) or wheel (``Requires-Dist``) carries,
  those included whose marker is false on this target.

What an assignment (package key -> candidate index; a key that is missing is absent) must fulfil:

1. every need of ``Universe.root`` holds;
2. every need of every selected candidate holds, if its ``when`` holds;
3. a selected ``pypi:x`` whose candidate ``is_provided`` at version v needs some selected conda candidate
   that provides x at v;
4. a selected conda candidate that provides x at v leaves for ``pypi:x``: absent, or provided at v;
5. every selected conda package is *founded*: the root requires it, or a founded conda package's candidate has
   a need (not ``optional``) on it; so a circle of packages that only need each other is not. A PyPI project
   is no reason, but for ``python``: the root requires the interpreter wherever it requires a project.

A virtual package that the target has is always there, so a need on it binds even where it is ``optional``.
Packages that nothing needs should be absent; an assignment that has them is valid but not minimal. (Taking
an unneeded package away never breaks another, so satisfiability and the best vectors are the same.)

Wheels need ``python`` (their tags and Requires-Python, evaluated into ``allowed``); provided candidates
have no needs but rule 3: what they depend on is what the conda record depends on. Projects with extras are
never provided by conda, and a project with a direct reference has one candidate and is never provided at all
(a conda record that ships it conflicts with the reference).

6. where ``pip_from_conda`` is ``prefer``, a conda package that ships a project which the root requires is
   founded by that;
7. where it is ``never``, a project that the root requires is not provided.

8. where the root requires a project, whatever ``when``, there is a Python.

A need of the root may have a ``when``, as a line may have a marker. What the root requires under other
Pythons than the chosen one is not asked for: it is there only if something else needs it.

Text level: :mod:`tests.oracles.universe_text` makes repodata, index pages, metadata and an environment file
of the same universe. ``hidden_records`` and ``hidden_versions`` exist only there: the records stand in a
channel of lower priority under a name that the first channel has too (strict priority leaves them out), the
versions are yanked, or have no file that fits the target.

The order of candidates is unambiguous: conda by number of track_features, then version, then build number,
which differs between builds of one version; PyPI by version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a package is."""

    CONDA = "conda"
    VIRTUAL = "virtual"
    FIXED = "fixed"  #: the target's Python, not a conda package
    PYPI = "pypi"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One evaluated dependency; see the module."""

    package: str
    allowed: frozenset[int]
    text: str  #: the string it comes from (a marker and extra included)
    optional: bool = False
    when: frozenset[int] | None = None  #: candidates of ``python``; None: always


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One conda build, or one version of a PyPI project."""

    version: str
    build: str = ""  #: conda: build string
    build_number: int = 0
    track_features: str = ""
    needs: tuple[Need, ...] = ()
    texts: tuple[str, ...] = ()  #: conda: ``depends``; PyPI: ``Requires-Dist``
    constrains: tuple[str, ...] = ()  #: conda only
    provides: tuple[tuple[str, str], ...] = ()  #: conda: (project, version) pairs that it ships
    purls: tuple[str, ...] | None = None  #: conda: as the record says; None: same-name rule
    is_provided: bool = False  #: PyPI: comes from a conda record
    requires_python: str | None = None  #: PyPI
    files: tuple[str, ...] = ()  #: PyPI: file names on the index


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package and its candidates, best first (1 or more)."""

    key: str
    kind: Kind
    candidates: tuple[Candidate, ...]
    base: str | None = None  #: extras: the key of the project
    extras: tuple[str, ...] = ()  #: projects: names of their extras
    direct: bool = False  #: projects: the root names a file; it is the only candidate
    hidden_records: tuple[Candidate, ...] = ()  #: conda: in the channel of lower priority
    hidden_versions: tuple[tuple[str, str], ...] = ()  #: PyPI: (version, ``yanked`` or ``platform``)


@dataclass(frozen=True, slots=True, kw_only=True)
class Universe:
    """A whole universe; ``root`` stands in file order."""

    seed: int
    packages: Mapping[str, Package]  #: sorted by key
    root: tuple[Need, ...]
    virtual_packages: Mapping[str, str] = field(default_factory=dict)  #: name -> version
    channels: tuple[str, ...] = ("first", "second")
    subdir: str = "linux-64"
    pip_from_conda: str = "if-present"  #: ``prefer``, ``never``: rules 6 and 7

    @property
    def asked_of_pip(self) -> frozenset[str]:
        """Projects that the root requires under some Python which its own needs leave."""
        keys = (need.package for need in self._required())
        return frozenset(
            key.removeprefix("pypi:").partition("[")[0] for key in keys if key.startswith("pypi:")
        )

    @property
    def requested(self) -> tuple[str, ...]:
        """Keys that the root requires, in file order; no virtual packages, no extras."""
        keys = (need.package for need in self._required())
        return tuple(dict.fromkeys(key for key in keys if not key.startswith("__") and "[" not in key))

    def _required(self) -> list[Need]:
        possible = self.possible_pythons
        return [n for n in self.root if not n.optional and (n.when is None or n.when & possible)]

    @property
    def possible_pythons(self) -> frozenset[int]:
        """The interpreters that the root's own needs of one leave; all where they leave none."""
        every = frozenset(range(len(self.packages["python"].candidates) if "python" in self.packages else 0))
        left = every
        for need in self.root:
            if need.package == "python" and need.when is None:
                left &= need.allowed
        return left or every

    def is_asked_of_pip(self, project: str, assignment: Assignment) -> bool:
        """Tell whether the root requires a project, or an extra of it, under an assignment's Python."""
        return any(
            need.package.partition("[")[0] == f"pypi:{project}" and is_active(need, assignment)
            for need in self._required()
        )

    @property
    def has_projects(self) -> bool:
        """Whether the root requires a project, so that it requires an interpreter: 8."""
        return any(need.package.startswith("pypi:") for need in self.root if not need.optional)

    @property
    def asked_under(self) -> Mapping[str, frozenset[int]]:
        """Those of ``requested`` that the root requires under some Pythons only, with these."""
        every = frozenset(range(len(self.packages["python"].candidates) if "python" in self.packages else 0))
        under: dict[str, frozenset[int]] = {}
        for need in self._required():
            if need.package in self.requested:
                holds = every if need.when is None else need.when
                under[need.package] = under.get(need.package, frozenset()) | holds
        return {key: pythons for key, pythons in under.items() if pythons != every}


Assignment = Mapping[str, int]


def is_active(need: Need, assignment: Assignment) -> bool:
    """Tell whether a need holds under the assignment's Python."""
    return need.when is None or assignment.get("python", -1) in need.when


def is_met(universe: Universe, need: Need, assignment: Assignment) -> bool:
    """Tell whether an active need is met; a virtual package that the target has is always there."""
    chosen = assignment.get(need.package)
    if chosen is None and need.package.startswith("__") and need.package in universe.packages:
        chosen = 0
    return need.optional if chosen is None else chosen in need.allowed


def find_violations(universe: Universe, assignment: Assignment, *, minimal: bool = False) -> list[str]:
    """Return what is wrong with an assignment, in words; empty: it is valid.

    ``minimal``: packages that nothing needs are reported too.
    """
    found = [
        f"root: `{need.text}` is not met"
        for need in universe.root
        if is_active(need, assignment) and not is_met(universe, need, assignment)
    ]
    if universe.has_projects and "python" not in assignment:
        found.append("root: there is no Python")
    for key, index in sorted(assignment.items()):
        package = universe.packages.get(key)
        if package is None or not 0 <= index < len(package.candidates):
            found.append(f"{key}: no candidate {index}")
            continue
        candidate = package.candidates[index]
        found += [
            f"{key} {candidate.version} {candidate.build}: `{need.text}` is not met"
            for need in candidate.needs
            if is_active(need, assignment) and not is_met(universe, need, assignment)
        ]
        found += _bridge_violations(universe, assignment, key, candidate)
    if universe.pip_from_conda == "never":
        found += [
            f"pypi:{x}: not from pip"
            for x in sorted(universe.asked_of_pip)
            if f"pypi:{x}" in assignment
            and universe.is_asked_of_pip(x, assignment)
            and universe.packages[f"pypi:{x}"].candidates[assignment[f"pypi:{x}"]].is_provided
        ]
    founded = founded_packages(universe, assignment)
    found += [
        f"{key}: no conda line and no conda package needs it"
        for key in sorted(assignment)
        if key in universe.packages and universe.packages[key].kind is Kind.CONDA and key not in founded
    ]
    if minimal and not found:
        found = [f"{key}: nothing needs it" for key in sorted(set(assignment) - needed(universe, assignment))]
    return found


def _bridge_violations(
    universe: Universe, assignment: Assignment, key: str, candidate: Candidate
) -> list[str]:
    """Return violations of rules 3 and 4 by one selected candidate."""
    found = []
    for project, version in candidate.provides:
        chosen = assignment.get(f"pypi:{project}")
        if chosen is not None:
            other = universe.packages[f"pypi:{project}"].candidates[chosen]
            if not other.is_provided or other.version != version:
                found.append(f"{key}: ships {project} {version}, but {other.version} is chosen")
    if candidate.is_provided and not providers(universe, assignment, key, candidate.version):
        found.append(f"{key}: no selected conda record ships {candidate.version}")
    return found


def providers(universe: Universe, assignment: Assignment, key: str, version: str) -> list[str]:
    """Return keys of the selected conda packages that ship a project at a version, sorted."""
    wanted = (key.removeprefix("pypi:").partition("[")[0], version)
    return sorted(
        other
        for other, index in assignment.items()
        if other in universe.packages and wanted in universe.packages[other].candidates[index].provides
    )


def founded_packages(universe: Universe, assignment: Assignment) -> set[str]:
    """Return the selected conda packages that the root's conda needs reach through conda packages alone."""
    stack = [need.package for need in universe.root if not need.optional]
    if any(key.startswith("pypi:") for key in stack):
        stack.append("python")
    if universe.pip_from_conda == "prefer":
        stack += [
            key
            for key, index in assignment.items()
            if key in universe.packages
            and any(x in universe.asked_of_pip for x, _ in universe.packages[key].candidates[index].provides)
        ]
    reached: set[str] = set()
    while stack:
        key = stack.pop()
        if key in reached or key not in assignment or universe.packages[key].kind is not Kind.CONDA:
            continue
        reached.add(key)
        candidate = universe.packages[key].candidates[assignment[key]]
        stack += [need.package for need in candidate.needs if not need.optional]
    return reached


def needed(universe: Universe, assignment: Assignment) -> set[str]:
    """Return the keys that can be reached from the root through active needs (and rule 3)."""
    stack = [n.package for n in universe.root if not n.optional and is_active(n, assignment)]
    stack += ["python"] if universe.has_projects else []
    reached: set[str] = set()
    while stack:
        key = stack.pop()
        if key in reached or key not in assignment:
            continue
        reached.add(key)
        candidate = universe.packages[key].candidates[assignment[key]]
        stack += [n.package for n in candidate.needs if not n.optional and is_active(n, assignment)]
        if candidate.is_provided:
            stack += providers(universe, assignment, key, candidate.version)
    return reached
