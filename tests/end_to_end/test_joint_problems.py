"""Real conda and pip requirements that only a joint search can satisfy, against the live index.

Run with ``pytest -m live tests/end_to_end/test_joint_problems.py``; without the index every test is
skipped. Two of the eight take part in every run, all of them where LOCKSTACK_ALL is set.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from packaging.requirements import Requirement

from resolver.constraints.name_map import NameMap
from resolver.errors import NoSolutionError, SourceError
from resolver.model.indexes import Index
from resolver.model.names import pypi_name
from resolver.model.resolution import Resolution
from resolver.sources.cache.folder import Cache
from resolver.sources.http.fetching import Fetcher
from resolver.sources.pypi.indexes import IndexSet
from tests.end_to_end.live import HTTP, INDEX, TARGET, JointProblem, LiveMetadata, open_problem, read_joint
from tests.oracles.conda_checker import build_of, matches, spec_name
from tests.oracles.pip_check import check_resolution
from tests.support.amount import IS_WHOLE, sampled

pytestmark = [pytest.mark.live, pytest.mark.shared]

SOLVED = (
    "numba-needs-old-numpy",
    "tensorflow-needs-numpy-1",
    "streamlit-caps-packaging-and-pandas",
    "conda-already-brings-it",
    "extras",
    "pure-pip-on-conda-python",
)
UNSOLVABLE = ("no-solution-numpy", "no-solution-python")
#: those of every run
SMALL = ("numba-needs-old-numpy", "no-solution-numpy")
KEPT = ("nothing kept", "some kept", "all kept", "all kept and offline")


def chosen(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the problems of this run."""
    return names if IS_WHOLE else tuple(name for name in names if name in SMALL)


@pytest.fixture(scope="module")
def problems(shared: Path) -> dict[str, JointProblem]:
    found = read_joint(shared / "problems" / "joint.yaml")
    assert set(found) == {*SOLVED, *UNSOLVABLE}, "a problem that no test runs"
    return found


@pytest.fixture(scope="module")
def metadata() -> Iterator[LiveMetadata]:
    with Fetcher(HTTP, environ=os.environ) as fetcher:
        indexes = IndexSet([Index(name="default", url=INDEX)], fetcher=fetcher, cache=Cache(None))
        try:
            indexes.project(pypi_name("six"))
        except SourceError as error:
            pytest.skip(f"the index can't be reached: {error}")
    reader = LiveMetadata()
    yield reader
    reader.close()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all problems, in the order of the file."""
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("name", chosen(SOLVED))
def test_solved(
    name: str, problems: dict[str, JointProblem], metadata: LiveMetadata, shared: Path, cache: Path
) -> None:
    problem = problems[name]
    with open_problem(problem, shared / "channels", cache) as session:
        found = session.resolve(TARGET)
    conda = {pin.name: build_of(pin.record) for pin in found.conda}
    for spec in (*problem.holds, *problem.conda):
        assert spec_name(spec) in conda, f"`{spec}`: no such conda package"
        assert matches(spec, *conda[spec_name(spec)]), f"`{spec}`: {conda[spec_name(spec)]}"
    pypi = {pin.name for pin in found.pypi}
    assert {pypi_name(project) for project in problem.from_conda} <= shipped(found)
    assert not {pypi_name(project) for project in problem.from_conda} & pypi
    assert {pypi_name(project) for project in problem.pypi_has} <= pypi
    assert shipped(found) & pypi == set(), "both conda and the index install them"
    assert {pypi_name(Requirement(text).name) for text in problem.pip} <= shipped(found) | pypi
    said = metadata.read(found.pypi)
    assert check_resolution(found, lambda pin: said[str(pin.name)], roots=problem.pip) == []


def shipped(found: Resolution) -> set[str]:
    """Return every project that some conda pin ships, needed or not."""
    names = NameMap.load(None)
    return {project for pin in found.conda for project, _ in names.pypi_of(pin.record)}


@pytest.mark.usefixtures("metadata")
@pytest.mark.parametrize("name", chosen(UNSOLVABLE))
@pytest.mark.parametrize("kept", sampled(KEPT, 3, 1))
def test_no_solution_and_the_lines_that_clash(
    name: str,
    kept: str,
    problems: dict[str, JointProblem],
    shared: Path,
    cache: Path,
    tmp_path: Path,
) -> None:
    """What an earlier run has kept changes neither the verdict nor its reasons."""
    folder = tmp_path if kept == "nothing kept" else cache
    problem = problems[name]
    is_offline = kept == "all kept and offline"
    # tests may be shared out among processes: who runs offline keeps what it needs itself
    for http in (HTTP, replace(HTTP, offline=True)) if is_offline else (HTTP,):
        with (
            open_problem(problem, shared / "channels", folder, http=http) as session,
            pytest.raises(NoSolutionError) as caught,
        ):
            session.resolve(TARGET)
    assert sorted(text for _, text in caught.value.core) == sorted(problem.core)
