"""The generator and the brute force are judged: by a full product, py-rattler and packaging."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import rattler
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import parse_wheel_filename
from rattler.package import BuildString

from resolver.model.target import Target
from tests.oracles import brute
from tests.oracles.universe_generator import DIRECT, make_universe
from tests.oracles.universe_text import (
    conda_records,
    conda_specs,
    core_metadata,
    environment_files,
    metadata_text,
    pip_requirements,
    project_pages,
    repodata,
)
from tests.oracles.universes import Candidate, Kind, Need, Package, Universe, find_violations
from tests.support.amount import IS_WHOLE

SEEDS = range(1500 if IS_WHOLE else 250)


@pytest.fixture(scope="module")
def universes() -> list[Universe]:
    return [make_universe(seed) for seed in SEEDS]


def tiny(*, root: tuple[Need, ...], **packages: tuple[Candidate, ...]) -> Universe:
    """Return a hand-made universe; ``pypi_x`` names the project x, which is installed into a python."""
    if any(name.startswith("pypi_") for name in packages):
        packages = {"python": (Candidate(version="3"),), **packages}
    made = {}
    for name, candidates in packages.items():
        key = name.replace("pypi_", "pypi:")
        made[key] = Package(key=key, kind=Kind.PYPI if ":" in key else Kind.CONDA, candidates=candidates)
    return Universe(seed=-1, packages=made, root=root)


def need(package: str, *allowed: int, optional: bool = False, when: frozenset[int] | None = None) -> Need:
    return Need(package=package, allowed=frozenset(allowed), text=package, optional=optional, when=when)


A_NEEDS_OLD_B = (Candidate(version="2", needs=(need("b", 1),)), Candidate(version="1"))
TWO = (Candidate(version="2"), Candidate(version="1"))
SHIPS = (Candidate(version="2", provides=(("x", "2"),)), Candidate(version="1", provides=(("x", "1"),)))
X_BOTH = (
    Candidate(version="3"),
    Candidate(version="2", is_provided=True),
    Candidate(version="1", is_provided=True),
)


@pytest.mark.parametrize(
    ("universe", "best"),
    [
        pytest.param(tiny(root=(need("a", 0, 1),), a=TWO), {(0,)}, id="the newest, where nothing opposes"),
        pytest.param(
            tiny(root=(need("a", 0, 1), need("b", 0, 1)), a=A_NEEDS_OLD_B, b=TWO),
            {(0, 1), (1, 0)},
            id="two best answers, where the newest of one needs the older of the other",
        ),
        pytest.param(
            tiny(root=(need("a", 0, 1), need("b", 0)), a=A_NEEDS_OLD_B, b=TWO),
            {(1, 0)},
            id="a root need decides",
        ),
        pytest.param(tiny(root=(need("a", 0), need("b", 0)), a=A_NEEDS_OLD_B, b=TWO), set(), id="no answer"),
        pytest.param(
            tiny(root=(need("a", 0),), a=(Candidate(version="1", needs=(need("missing", 0),)),)),
            set(),
            id="what no source holds can't be had",
        ),
        pytest.param(
            tiny(
                root=(need("a", 0),),
                a=(Candidate(version="1", needs=(need("missing", optional=True),)),),
            ),
            {(0,)},
            id="a constraint on what is absent says nothing",
        ),
        pytest.param(
            tiny(root=(need("pypi:x", 0, 1, 2), need("c", 0, 1)), c=SHIPS, pypi_x=X_BOTH),
            {(1, 0)},
            id="conda brings the project in, so its version is forced",
        ),
        pytest.param(
            tiny(root=(need("pypi:x", 2),), c=SHIPS, pypi_x=X_BOTH),
            set(),
            id="a pip line never brings a conda package in",
        ),
        pytest.param(
            tiny(
                root=(need("pypi:x", 2), need("a", 0)),
                a=(Candidate(version="1", needs=(need("c", 0, 1),)),),
                c=SHIPS,
                pypi_x=X_BOTH,
            ),
            {(2, 0)},
            id="a conda package that conda needs meets the pip line",
        ),
        pytest.param(
            tiny(
                root=(need("pypi:x", 1, 2), need("a", 0, 1)),
                a=(Candidate(version="2"), Candidate(version="1", needs=(need("c", 0, 1),))),
                c=SHIPS,
                pypi_x=X_BOTH,
            ),
            {(1, 1)},
            id="conda chooses again, and what it chooses then may bring the package in",
        ),
        pytest.param(
            tiny(
                root=(need("pypi:x", 2),),
                c=tuple(replace(one, needs=(need("d", 0),)) for one in SHIPS),
                d=(Candidate(version="1", needs=(need("c", 0, 1),)),),
                pypi_x=X_BOTH,
            ),
            set(),
            id="two conda packages that need each other are no reason",
        ),
        pytest.param(
            tiny(root=(need("pypi:x", 0), need("c", 0, 1)), c=SHIPS, pypi_x=X_BOTH),
            set(),
            id="pip never overwrites conda",
        ),
        pytest.param(
            tiny(
                root=(need("python", 0, 1), need("a", 0)),
                python=TWO,
                a=(Candidate(version="1", needs=(need("missing", when=frozenset({0})),)),),
            ),
            {(1, 0)},
            id="a marker sends python back",
        ),
    ],
)
def test_hand_made(universe: Universe, best: set[tuple[int, ...]]) -> None:
    assert brute.solve(universe).best == best
    assert brute.enumerate_all(universe) == frozenset(best)


def test_search_agrees_with_the_full_product(universes: list[Universe]) -> None:
    compared = 0
    for universe in universes[: len(universes) // 2]:
        expected = brute.enumerate_all(universe, limit=6000)
        if expected is not None:
            compared += 1
            assert brute.solve(universe).best == expected, universe.seed
    assert compared > len(universes) // 5


def test_examples_are_valid_and_minimal(universes: list[Universe]) -> None:
    for universe in universes:
        for vector, assignment in brute.solve(universe).examples.items():
            assert find_violations(universe, assignment, minimal=True) == [], universe.seed
            assert tuple(assignment[key] for key in universe.requested) == vector


def test_the_mix_is_worth_solving(universes: list[Universe]) -> None:
    answers = [brute.solve(universe) for universe in universes]
    counts = Counter(min(len(answer.best), 2) for answer in answers)
    assert 0.25 < counts[0] / len(answers) < 0.6
    assert counts[2] / len(answers) > 0.05
    everything = [package for universe in universes for package in universe.packages.values()]
    candidates = [candidate for package in everything for candidate in package.candidates]
    needs = [one for candidate in candidates for one in candidate.needs]
    assert {package.kind for package in everything} == set(Kind)
    for feature in (
        any(package.direct for package in everything),
        any(package.hidden_records for package in everything),
        any(package.hidden_versions for package in everything),
        any(candidate.track_features for candidate in candidates),
        any(candidate.is_provided for candidate in candidates),
        any(one.when is not None for one in needs),
        any(one.optional for one in needs),
        any(one.optional for universe in universes for one in universe.root),
        any(one.package == "__cuda" and not one.allowed for one in needs),
        any(one.package == "missing" for one in needs),
    ):
        assert feature


def test_a_wrong_answer_is_found(universes: list[Universe]) -> None:
    """Changing one choice of a solution is noticed wherever it matters: never silently better."""
    noticed = 0
    for universe in universes[: len(universes) // 2]:
        answer = brute.solve(universe)
        for vector, assignment in answer.examples.items():
            for key in assignment:
                for index in range(len(universe.packages[key].candidates)):
                    changed = {**assignment, key: index}
                    if find_violations(universe, changed):
                        noticed += 1
                        continue
                    moved = tuple(changed[name] for name in universe.requested)
                    assert not any(brute.dominates(moved, best) for best in answer.best), (
                        universe.seed,
                        vector,
                    )
    assert noticed > 100


def test_same_seed_same_universe_in_another_process() -> None:
    program = (
        "from tests.oracles.universe_generator import make_universe;"
        "print([make_universe(seed) for seed in range(30)])"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            cwd=Path(__file__).resolve().parents[2],
            capture_output=True,
            text=True,
            check=True,
            timeout=240,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(runs) == 1


# --- the sets that a universe states, against the meaning that py-rattler and packaging give its texts ---


def rattler_matches(spec: str, package: Package) -> frozenset[int]:
    return frozenset(
        index
        for index, candidate in enumerate(package.candidates)
        if rattler.MatchSpec(spec).matches(
            rattler.PackageRecord(
                package.key,
                candidate.version,
                BuildString(candidate.build),
                candidate.build_number,
                "linux-64",
            )
        )
    )


def test_conda_texts_mean_what_they_state(universes: list[Universe]) -> None:
    checked = 0
    for universe in universes[:400]:
        needs: list[Need] = [*universe.root]
        for package in universe.packages.values():
            needs += [one for candidate in package.candidates for one in candidate.needs]
        for one in needs:
            target = universe.packages.get(one.package)
            if target is not None and target.kind in (Kind.CONDA, Kind.VIRTUAL) and "|" not in one.text:
                assert rattler_matches(one.text, target) == one.allowed, (universe.seed, one.text)
                checked += 1
    assert checked > 500


def applies(text: str, python: str, extra: str = "") -> bool:
    marker = Requirement(text).marker
    environment = Target(subdir="linux-64").marker_environment()
    environment |= {
        "python_full_version": python,
        "python_version": python.rpartition(".")[0],
        "extra": extra,
    }
    return marker is None or marker.evaluate(environment)


def test_pypi_texts_mean_what_they_state(universes: list[Universe]) -> None:
    checked = 0
    for universe in universes[:400]:
        pythons = universe.packages["python"].candidates if "python" in universe.packages else ()
        for package in universe.packages.values():
            if package.kind not in (Kind.PYPI, Kind.EXTRA):
                continue
            extra = package.key.partition("[")[2].rstrip("]")
            for candidate in package.candidates:
                for one in candidate.needs:
                    if not one.package.startswith("pypi:") or one.package == package.base:
                        continue
                    if one.package in universe.packages:
                        target = universe.packages[one.package].candidates
                        specifier = Requirement(one.text).specifier
                        matching = {i for i, c in enumerate(target) if specifier.contains(c.version)}
                        assert matching == one.allowed, (universe.seed, one.text)
                    for index, python in enumerate(pythons):
                        holds = one.when is None or index in one.when
                        assert applies(one.text, python.version, extra) == holds, (universe.seed, one.text)
                    checked += 1
    assert checked > 500


def test_every_true_requirement_is_stated_as_a_need(universes: list[Universe]) -> None:
    for universe in universes[:400]:
        for package in universe.packages.values():
            if package.kind is not Kind.PYPI:
                continue
            for candidate in package.candidates:
                stated = {one.text for one in candidate.needs}
                for text in candidate.texts:
                    if any(
                        applies(text, python.version) for python in universe.packages["python"].candidates
                    ):
                        assert text in stated, (universe.seed, text)


def test_wheels_fit_the_pythons_they_state(universes: list[Universe]) -> None:
    for universe in universes[:400]:
        for package in universe.packages.values():
            for candidate in package.candidates if package.kind is Kind.PYPI else ():
                if candidate.is_provided:
                    continue
                allowed = next(one.allowed for one in candidate.needs if one.package == "python")
                for index, python in enumerate(universe.packages["python"].candidates):
                    minor = int(python.version.split(".")[1])
                    fits = any(tag_fits(name, minor) for name in candidate.files)
                    wanted = SpecifierSet(candidate.requires_python or "").contains(python.version)
                    assert (index in allowed) == (fits and wanted), (universe.seed, package.key)


def tag_fits(file_name: str, minor: int) -> bool:
    for tag in parse_wheel_filename(file_name)[3]:
        built = int(tag.interpreter[3:] or 0) if tag.interpreter.startswith("cp3") else 0
        if tag.interpreter == "py3" or built == minor or (tag.abi == "abi3" and built <= minor):
            return True
    return False


# --- the text level ---


def test_text_level_holds_every_candidate(universes: list[Universe]) -> None:
    for universe in universes[: len(universes) // 2]:
        records = conda_records(universe)["first"]
        stated = {
            (package.key, candidate.version, candidate.build)
            for package in universe.packages.values()
            if package.kind is Kind.CONDA
            for candidate in package.candidates
        }
        assert {(r.name, r.version, r.build) for subdir in records.values() for r in subdir} == stated
        listed = [
            entry for subdir in repodata(universe)["first"].values() for entry in subdir["packages.conda"]
        ]
        assert len(listed) == len(stated)
        metadata = core_metadata(universe)
        for page in project_pages(universe).values():
            fitting = [f for f in page.files if f.yanked is None and "win" not in f.file_name]
            assert all(file.file_name in metadata for file in fitting)
        for one in metadata.values():
            assert metadata_text(one).startswith("Metadata-Version: ")
        for text in (t for one in metadata.values() for t in one.requires_dist):
            Requirement(text)


def test_user_files_repeat_the_root(universes: list[Universe]) -> None:
    for universe in universes[: len(universes) // 2]:
        files = environment_files(universe)
        required, constraints = pip_requirements(universe)
        assert ("constraints.txt" in files) == bool(constraints)
        for text in [*conda_specs(universe), *required]:
            assert text in files.get("environment.yml", files.get("requirements.txt", "")) or text == "python"
        for text in [*required, *constraints]:
            assert DIRECT not in text
            Requirement(text)
