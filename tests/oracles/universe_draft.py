"""Which packages a random universe has, and in which versions; their dependencies are drawn later."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.oracles import universe_specs as specs
from tests.oracles.universes import Candidate

PYTHONS = ("3.10.4", "3.11.2", "3.12.1")
VERSIONS = ["1.0", "1.1", "2.0", "2.1", "10.0"]  #: ascending; 10.0 catches comparison as text
CONDA_NAMES = ("alpha", "beta", "gamma", "delta")
PYPI_NAMES = ("red", "green", "blue")
YANKED = "20.0"  #: newer than all that is drawn elsewhere, and never named by a condition
FOREIGN = "21.0"  #: the same, for versions whose files fit another platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Sizes and chances of the generator."""

    conda: tuple[int, int] = (1, 4)  #: fewest and most conda packages
    pypi: tuple[int, int] = (1, 3)  #: fewest and most PyPI projects that conda does not name
    candidates: int = 4  #: most of one package
    dependencies: tuple[float, ...] = (0.3, 0.45, 0.25)  #: chance of 0, 1, 2 of them
    joint: float = 0.62
    pypi_only: float = 0.13
    provided: float = 0.45  #: of a conda package in a joint universe
    unknown: float = 0.02  #: of a dependency on what no source holds
    direct: float = 0.06
    opposed: float = 0.4
    marked: float = 0.0  #: of a pip line: it has a marker
    pythons: int = 1  #: fewest, where conda gives the interpreter
    unnamed: float = 0.0  #: no line names the interpreter, though pip lines need one


@dataclass(slots=True)
class Draft:
    """A universe while it is made; candidates are stubs without needs until ``finish``."""

    rng: random.Random
    options: Options
    virtual: dict[str, str] = field(default_factory=dict)
    conda: dict[str, list[Candidate]] = field(default_factory=dict)  #: python included, best first
    fixed_python: bool = False
    pypi: dict[str, list[Candidate]] = field(default_factory=dict)  #: best first, provided last
    extras: dict[str, tuple[str, ...]] = field(default_factory=dict)
    direct: set[str] = field(default_factory=set)
    opposed: bool = False  #: new versions need old versions of others, so that several answers are best


def draw_packages(draft: Draft) -> None:
    """Draw virtual packages, python, conda packages and projects, without dependencies."""
    rng, options = draft.rng, draft.options
    draft.virtual["__glibc"] = rng.choice(["2.17", "2.28", "2.35"])
    if rng.random() < 0.4:
        draft.virtual["__cuda"] = rng.choice(["11.8", "12.4"])
    draft.opposed = rng.random() < options.opposed
    flavour = rng.random()
    joint = flavour < options.joint
    draft.fixed_python = flavour > 1 - options.pypi_only
    pythons = rng.sample(PYTHONS, 1 if draft.fixed_python else rng.randint(options.pythons, 3))
    draft.conda["python"] = [
        Candidate(version=version, build="h0_0", purls=())
        for version in sorted(pythons, key=specs.release, reverse=True)
    ]
    if joint or draft.fixed_python:
        for name in rng.sample(PYPI_NAMES, rng.randint(*options.pypi)):
            draft.pypi[name] = draw_project(draft, at_least=1)
    if not draft.fixed_python:
        for name in rng.sample(CONDA_NAMES, rng.randint(*options.conda)):
            draw_conda(draft, name, joint=joint)
    for name in draft.pypi:
        provided = any(name == project for c in all_conda(draft) for project, _ in c.provides)
        if not provided and rng.random() < 0.3:
            draft.extras[name] = tuple(sorted(rng.sample(["fast", "gui"], rng.randint(1, 2))))
    if draft.pypi and rng.random() < options.direct:
        name = rng.choice(sorted(draft.pypi))
        if draft.pypi[name]:
            draft.direct.add(name)
            draft.pypi[name] = [rng.choice(draft.pypi[name])]
    add_provided(draft)


def all_conda(draft: Draft) -> list[Candidate]:
    """Return every conda candidate."""
    return [candidate for candidates in draft.conda.values() for candidate in candidates]


def draw_conda(draft: Draft, name: str, *, joint: bool) -> None:
    """Draw one conda package: versions, builds, and whether it ships a project."""
    rng, options = draft.rng, draft.options
    project = None
    same_name = False
    if joint and rng.random() < options.provided:
        same_name = rng.random() < 0.5
        project = name if same_name else rng.choice(sorted(draft.pypi))
    if same_name:
        draft.pypi[name] = draw_project(draft, at_least=0)
    found = []
    for version in rng.sample(VERSIONS, rng.choice([1, 2, 3, 3, 4])):
        builds = rng.sample(["cpu", "cuda", "h1"], rng.choice([1, 1, 2]))
        tracked = rng.choice(builds) if len(builds) > 1 and rng.random() < 0.3 else None
        for number, build in enumerate(builds):
            ships = project is not None and (same_name or rng.random() < 0.85)
            found.append(
                Candidate(
                    version=version,
                    build=f"{build}_{number}",
                    build_number=number,
                    track_features=f"{name}-{build}" if build == tracked else "",
                    provides=((project, version),) if project and ships else (),
                    purls=None if same_name else ((f"pkg:pypi/{project}",) if ships else ()),
                )
            )
    rng.shuffle(found)
    found = found[: options.candidates]
    found.sort(key=rank, reverse=True)
    draft.conda[name] = found


def rank(candidate: Candidate) -> tuple[int, specs.Release, int]:
    """Return what conda candidates are ordered by; the greatest is best."""
    return -len(candidate.track_features.split()), specs.release(candidate.version), candidate.build_number


def draw_project(draft: Draft, *, at_least: int) -> list[Candidate]:
    """Draw the versions of one project on the index, newest first, with their files."""
    rng = draft.rng
    versions = rng.sample(VERSIONS, rng.randint(at_least, draft.options.candidates))
    return [Candidate(version=version) for version in sorted(versions, key=specs.release, reverse=True)]


def add_provided(draft: Draft) -> None:
    """Append to each project the versions that conda records ship, newest first."""
    shipped: dict[str, set[str]] = {}
    for candidate in all_conda(draft):
        for project, version in candidate.provides:
            shipped.setdefault(project, set()).add(version)
    for project in set(draft.pypi) - draft.direct:
        draft.pypi[project] += [
            Candidate(version=version, is_provided=True)
            for version in sorted(shipped.get(project, ()), key=specs.release, reverse=True)
        ]
        if not draft.pypi[project]:  # every record that shipped a same-name project was dropped
            draft.pypi[project].append(Candidate(version="1.0"))
