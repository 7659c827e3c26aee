"""Releases that have wheels for some Pythons and an sdist for the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from resolver.constraints.conda_side import CondaSide
from resolver.constraints.pypi_policy import Policy
from resolver.constraints.universe import JointUniverse
from resolver.explain.core import CoreFinder
from resolver.explain.derivation import leaves_of, links_of
from resolver.model.names import CondaName, PypiName
from resolver.model.origin import Origin
from resolver.model.records import CondaRecord, CoreMetadata, DistFile, ProjectPage
from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.model.target import Target, VirtualPackage
from resolver.model.unusable import Cause, Unusable
from resolver.solving.search import Search
from tests.support.records import conda_record
from tests.support.tables import table

WHEEL = DistFile("x-1.0-cp311-cp311-manylinux_2_17_x86_64.whl", "1.0", True, "https://example.org/w", {})
SDIST = DistFile("x-1.0.tar.gz", "1.0", False, "https://example.org/s", {})
TARGET = Target(subdir="linux-64", virtual_packages=(VirtualPackage(name="__glibc", version="2.28"),))


class Index:
    """One project with a wheel for Python 3.11 and an sdist; says what was read."""

    def __init__(self, *, builds: bool, wheel: DistFile = WHEEL) -> None:
        self.builds = builds
        self.wheel = wheel
        self.read: list[tuple[str, bool]] = []

    def project(self, name: PypiName) -> ProjectPage | None:
        return ProjectPage(name=name, index="index", files=(self.wheel, SDIST)) if name == "x" else None

    def metadata(self, file: DistFile, *, may_build: bool = True) -> CoreMetadata | Unusable:
        self.read.append((file.file_name, may_build))
        if not file.is_wheel and not (self.builds and may_build):
            return Unusable("it can't be built here")
        return CoreMetadata(name="x", version="1.0")

    def prefetch_projects(self, names: Iterable[PypiName]) -> None:
        pass

    def prefetch_metadata(self, files: Iterable[DistFile]) -> None:
        pass


class Subdir:
    """python 3.11 and 3.12."""

    def __init__(self) -> None:
        from resolver.model.channels import Channel

        self.channel = Channel(name="conda-forge", base_url="https://conda.example.org/conda-forge")
        self.subdir = "linux-64"

    def records(self, name: str) -> Sequence[CondaRecord]:
        return [conda_record("python", v) for v in ("3.12.1", "3.11.2")] if name == "python" else []

    def find(self, name: str, file_name: str) -> None:
        pass

    def faulty(self, name: str) -> Sequence[CondaRecord]:
        return ()

    def prefetch(self, names: Sequence[str]) -> None:
        pass

    def url_of(self, record: CondaRecord) -> str:
        return record.file_name


class NoNames:
    """No conda package ships a project."""

    def pypi_of(self, record: CondaRecord) -> Sequence[tuple[PypiName, str | None]]:
        return ()

    def conda_names_of(self, project: PypiName) -> Sequence[CondaName]:
        return ()


def universe(
    python: str,
    index: Index,
    build_python: tuple[int, int] | None = None,
    *,
    line: str = "x",
    by_hand: frozenset[str] = frozenset(),
) -> JointUniverse:
    asked = CondaRequirement(name=CondaName("python"), spec=python, origin=Origin(file="e.yml", line=1))
    project = PypiRequirement.parse(line, Origin(file="e.yml", line=2))
    return JointUniverse(
        CondaSide([Subdir()], TARGET),
        [asked],
        [project],
        source=index,
        names=NoNames(),
        policy=Policy(build_python=build_python, by_hand=by_hand),
    )


def python_chosen(found: JointUniverse) -> str | None:
    selected = Search(found).solve().selected
    if selected is None:
        return None
    domain = found.conda.domain("python")
    return next(domain.records[c].version for n, c in selected.items() if found.name(n) == "python")


def test_a_wheel_is_taken_before_anything_is_built() -> None:
    index = Index(builds=True)
    assert python_chosen(universe("python", index)) == "3.11.2"
    assert {name for name, _ in index.read} == {WHEEL.file_name}


def test_an_sdist_serves_a_python_without_a_wheel() -> None:
    assert python_chosen(universe("python 3.12.*", Index(builds=True))) == "3.12.1"


def test_it_is_built_only_with_the_python_of_the_target() -> None:
    index = Index(builds=True)
    assert python_chosen(universe("python 3.12.*", index, build_python=(3, 11))) is None
    assert (SDIST.file_name, False) in index.read
    assert python_chosen(universe("python 3.12.*", Index(builds=True), build_python=(3, 12))) == "3.12.1"


def test_wheels_for_another_platform_don_t_bind_the_build_to_a_python() -> None:
    foreign = DistFile("x-1.0-cp311-cp311-win_amd64.whl", "1.0", True, "https://example.org/v", {})
    index = Index(builds=True, wheel=foreign)
    assert python_chosen(universe("python 3.12.*", index, build_python=(3, 11))) == "3.12.1"
    assert (SDIST.file_name, True) in index.read


def test_the_line_that_asks_for_the_python_is_part_of_the_conflict() -> None:
    core = CoreFinder(universe("python 3.12.*", Index(builds=False))).find()
    assert core is not None
    lines = [getattr(member, "spec", None) or member.text for member in core.members]
    assert lines == ["python 3.12.*", "x"]


class Sdists(Index):
    """A project with an sdist of each of six releases, of which some can't be built."""

    def __init__(self, *fails: str, cause: Cause = Cause.BUILD_FAILED) -> None:
        super().__init__(builds=True)
        self.fails, self.cause = fails, cause

    def project(self, name: PypiName) -> ProjectPage | None:
        files = (replace(SDIST, file_name=f"x-{n}.0.tar.gz", version=f"{n}.0") for n in range(6, 0, -1))
        return ProjectPage(name=name, index="index", files=tuple(files)) if name == "x" else None

    def metadata(self, file: DistFile, *, may_build: bool = True) -> CoreMetadata | Unusable:
        self.read.append((file.version, may_build))
        if file.version in self.fails:
            return Unusable("its metadata can't be built", self.cause)
        return CoreMetadata(name="x", version=file.version)


THREE = ("6.0", "5.0", "4.0")


@table(
    "index, line, by_hand, chosen, read",
    [
        ("the newest one", Sdists(), "x", (), "6.0", ["6.0"]),
        ("two that fail", Sdists("6.0", "5.0"), "x", (), "4.0", ["6.0", "5.0", "4.0"]),
        ("three that fail: no older one is built", Sdists(*THREE), "x", (), None, [*THREE]),
        ("or that take another Python", Sdists(*THREE, cause=Cause.OTHER_PYTHON), "x", (), None, [*THREE]),
        ("faulty files count for none", Sdists(*THREE, cause=Cause.FAULTY), "x", (), "3.0", [*THREE, "3.0"]),
        ("nor does a network", Sdists(*THREE, cause=Cause.NETWORK), "x", (), "3.0", [*THREE, "3.0"]),
        ("one that a line names is tried", Sdists(*THREE), "x==2", (), "2.0", ["2.0"]),
        ("so are all that are told of by hand", Sdists(*THREE), "x", ("x",), "3.0", [*THREE, "3.0"]),
    ],
)  # fmt: skip
def test_where_three_builds_come_to_nothing_no_more_are_tried(
    index: Sdists, line: str, by_hand: Sequence[str], chosen: str | None, read: Sequence[str]
) -> None:
    found = universe("python 3.12.*", index, line=line, by_hand=frozenset(by_hand))
    selected = Search(found).solve().selected
    releases = found.pypi.domain(PypiName("x"))[0].releases
    named = {found.name(number): place for number, place in (selected or {}).items()}
    assert (releases[named["x"]].version if selected else None) == chosen
    assert [version for version, _ in index.read] == list(read)


def test_what_isn_t_built_any_more_is_told() -> None:
    found = universe("python 3.12.*", Sdists(*THREE))
    Search(found).solve()
    said = found.pypi.given_up(PypiName("x"))
    assert said is not None
    assert (
        said.reason
        == "it isn't built, as 6.0, 5.0 and 4.0 can't be (a line `x==VERSION` has that release tried)"
    )


def test_an_explanation_gives_a_reason_of_one_that_was_tried_and_why_others_were_not() -> None:
    finder = CoreFinder(universe("python 3.12.*", Sdists(*THREE)))
    core = finder.find()
    assert core is not None
    assert core.proof is not None
    links = links_of(leaves_of(core.proof))
    (reasons,) = (link.reasons for link in links if link.reasons)
    tried, untried = (
        r"x [654]\.0: its metadata can't be built",
        r"x [321]\.0: it isn't built, as 6\.0, 5\.0 and 4",
    )
    assert re.match(f"{tried}; {untried}", reasons)
