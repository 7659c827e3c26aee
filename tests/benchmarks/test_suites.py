"""Other projects' tests as outcomes: each reader on a folder laid out as its project is; the comparison."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from benchmarks.suites import read_conda_solvers, read_poetry
from benchmarks.suites.__main__ import SUITES, run, table
from benchmarks.suites.case import Answer, CondaCase, Expected, MissingSuiteError, Package, PypiCase, Verdict
from benchmarks.suites.checks import InnerFormError, run_checks
from benchmarks.suites.conda_sides import CondaBench
from benchmarks.suites.pypi_sides import PypiBench

A1, A2, B1 = (Package(name=n, version=v) for n, v in (("a", "1"), ("a", "2"), ("b", "1")))
SOLVED = Expected(verdict=Verdict.SOLUTION, exactly=(A1,))

ANSWERS = [
    ("the very packages", SOLVED, {A1}, 0),
    ("another version", SOLVED, {A2}, 1),
    ("one more", SOLVED, {A1, B1}, 1),
    ("one more, where only some are named", Expected(verdict=Verdict.SOLUTION, present=(A1,)), {A1, B1}, 0),
    ("what must not be there", Expected(verdict=Verdict.SOLUTION, absent=(B1,)), {B1}, 1),
    ("another version of what must not be there",
     Expected(verdict=Verdict.SOLUTION, absent=(Package(name="b", version="2"),)), {B1}, 0),
    ("any version", Expected(verdict=Verdict.SOLUTION, present=(Package(name="a", version=""),)), {A2}, 0),
    ("an answer where there is none", Expected(verdict=Verdict.NONE), {A1}, 1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "chosen", "count"), [a[1:] for a in ANSWERS], ids=[a[0] for a in ANSWERS]
)
def test_what_an_answer_has_otherwise(expected: Expected, chosen: set[Package], count: int) -> None:
    answer = Answer(verdict=Verdict.SOLUTION, packages=frozenset(chosen))
    assert len(list(expected.differences(answer))) == count


@pytest.mark.parametrize("suite", sorted(SUITES))
def test_a_suite_that_is_not_there_is_told(suite: str, tmp_path: Path) -> None:
    with pytest.raises(MissingSuiteError, match=str(tmp_path)):
        list(SUITES[suite](tmp_path))


# --- pytest-conda-solvers ---


def record(name: str, version: str, build: str, *depends: str) -> dict[str, object]:
    return {"name": name, "version": version, "build": build, "build_number": 0, "depends": list(depends),
            "md5": "0" * 32, "sha256": "0" * 64}  # fmt: skip


RECORDS = [
    record("python", "3.6", "0"),
    record("python", "3.7", "0"),
    record("flask", "1.0", "py36_0", "python 3.6.*"),
    record("flask", "1.1", "py36_0", "python 3.6.*"),
    record("flask", "1.1", "py37_0", "python 3.7.*"),
]
AT = "channel-1/${{ arch }}"
TESTS = [
    {"id": "T1", "kind": "solve", "input": {"channels": "channel-1", "specs_to_add": "flask"},
     "output": {"final_state": [f"{AT}::python-3.7-0", f"{AT}::flask-1.1-py37_0"]}},
    {"id": "T2", "kind": "solve",
     "input": {"channels": "channel-1", "specs_to_add": "flask", "history_specs": "python",
               "prefix": [f"{AT}::python-3.6-0", f"{AT}::flask-1.0-py36_0"]},
     "output": {"final_state": [f"{AT}::python-3.6-0", f"{AT}::flask-1.1-py36_0"]}},
    {"id": "T3", "kind": "unsatisfiable",
     "input": {"channels": "channel-1", "specs_to_add": ["flask 1.0", "python 3.7"]}, "error": {}},
    {"id": "T4", "kind": "determine_constricting_specs", "input": {"channels": "channel-1"}, "output": {}},
]  # fmt: skip


@pytest.fixture
def conda_solvers(tmp_path: Path) -> Path:
    data = tmp_path / "pytest_conda_solvers" / "data"
    data.mkdir(parents=True)
    files = {f"{r['name']}-{r['version']}-{r['build']}.tar.bz2": r for r in RECORDS}
    (data / "channel-1_non-noarch.json").write_text(json.dumps(files))
    (data / "channel-1_noarch.json").write_text("{}")
    (tmp_path / "conda-solver-tests").mkdir()
    (tmp_path / "conda-solver-tests" / "basic.yaml").write_text(yaml.safe_dump({"tests": TESTS}))
    return tmp_path


def test_conda_solvers_are_locks_over_what_was_installed(conda_solvers: Path, tmp_path: Path) -> None:
    bench = CondaBench(tmp_path / "channels")
    cases = list(read_conda_solvers.read(conda_solvers))
    asked = {case.name: case for case in cases if isinstance(case, CondaCase)}
    assert [case.name for case in cases] == ["T1", "T2", "T3", "T4"]
    assert asked.keys() == {"T1", "T2", "T3"}
    assert asked["T2"].updated == {"flask"}
    for case in asked.values():
        assert list(case.expected.differences(bench.ours(case))) == [], case.name
        assert list(case.expected.differences(bench.ours(case, engine="resolvelib"))) == [] or case.locked


# --- packse, poetry, resolvelib ---

SCENARIO = """
name = "transitive"
[root]
requires = ["a[fast]"]
[expected]
satisfiable = true
[expected.packages]
a = "2.0.0"
b = "1.0.0"
[packages.a.versions."2.0.0"]
[packages.a.versions."2.0.0".extras]
fast = ["b"]
[packages.a.versions."3.0.0"]
requires_python = ">=3.14"
[packages.b.versions."1.0.0"]
wheel = false
"""

POETRY = """
import pytest
from poetry.factory import Factory
from tests.mixology.helpers import add_to_repo, check_solver_result


@pytest.mark.parametrize(("version", "chosen"), [("^1.0", "1.5"), ("~1.0", "1.0")])
def test_carets(root, provider, repo, version, chosen):
    root.add_dependency(Factory.create_dependency("foo", version))
    add_to_repo(repo, "foo", "1.0", deps={"bar": "*"})
    add_to_repo(repo, "foo", "1.5", deps={"bar": ">=1 <2"})
    add_to_repo(repo, "foo", "2.0")
    add_to_repo(repo, "bar", "1.0")
    result = check_solver_result(root, provider, {"foo": chosen, "bar": "1.0"})
    assert result.packages


def test_none(root, provider, repo):
    root.add_dependency(Factory.create_dependency("foo", "*"))
    check_solver_result(root, provider, error="told in words")


def test_of_something_else(fixture_dir):
    pass
"""


@pytest.fixture
def python_suites(tmp_path: Path) -> Path:
    packse = tmp_path / "packse" / "scenarios" / "extras" / "transitive.toml"
    packse.parent.mkdir(parents=True)
    packse.write_text(SCENARIO)
    tests = tmp_path / "poetry" / "tests" / "mixology" / "version_solver"
    tests.mkdir(parents=True)
    for stem in read_poetry.FILES:
        (tests / f"{stem}.py").write_text(POETRY if stem == "test_basic_graph" else "")
    inputs = tmp_path / "resolvelib" / "tests" / "functional"
    for kind, case, index in (
        ("python", {"index": "i", "requested": ["x"], "resolved": {"x": "1.0", "y": "2"}},
         {"x": {"1": {"dependencies": ["y (>=1)"]}}, "y": {"2.0": {"dependencies": []}}, "z": True}),
        ("cocoapods", {"index": "i", "requested": {"X/Core": "~> 1.2"}, "base": [], "conflicts": [],
                       "resolved": [{"name": "X/Core", "version": "1.9", "dependencies": []}]},
         {"X/Core": [{"name": "X/Core", "version": v, "dependencies": {}} for v in ("1.1", "1.9", "2.0")]}),
    ):  # fmt: skip
        for what, value in (("case", case), ("index", index)):
            path = inputs / kind / "inputs" / what / "i.json"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(value))
    return tmp_path


@pytest.mark.parametrize(
    ("suite", "names", "passed"),
    [
        ("packse", ["extras/transitive"], 0),
        ("poetry", ["basic_graph/carets[0]", "basic_graph/carets[1]", "basic_graph/none"], 1),
        ("resolvelib", ["python/i", "cocoapods/i"], 0),
    ],
)
def test_python_suites_agree_on_all_sides(
    python_suites: Path, tmp_path: Path, suite: str, names: list[str], passed: int
) -> None:
    with PypiBench(tmp_path) as bench:
        rows = list(run(suite, python_suites, lambda _: bench.sides()))
    asked = [row for row in rows if "sides" in row]
    assert [row["case"] for row in asked] == names
    assert len(rows) - len(asked) == passed
    assert all(set(row["sides"]) == {"lockstack", "uv", "resolvelib"} for row in asked)
    assert all(not differences for row in asked for differences in row["sides"].values()), asked
    assert any(line.split()[:2] == [suite, "uv"] for line in table(rows))


def test_locked_versions_stay_on_the_index_too(python_suites: Path, tmp_path: Path) -> None:
    case = next(one for one in read_poetry.read(python_suites / "poetry") if isinstance(one, PypiCase))
    from dataclasses import replace

    locked = replace(case, locked=(Package(name="foo", version="1.0"), Package(name="bar", version="1.0")))
    with PypiBench(tmp_path) as bench:
        for answer in (bench.ours(locked), bench.uv(locked)):
            assert {str(package) for package in answer.packages} == {"foo 1", "bar 1"}


# --- sources in other languages, and pip's ---

RUST = """
fn repo() -> Vec<RepoDataRecord> {
    vec![
        PackageBuilder::new("a").version("1").depends(["b <2"]).build(),
        PackageBuilder::new("b").version("1").build(), // the old one
    ]
}
pub(super) fn solve_oldest<T: SolverImpl + Default>() {
    let newer = PackageBuilder::new("b").version("2").timestamp("2022-06-01T00:00:00Z").build();
    run_solver_cases::<T>(&[
        SolverCase::new("by a function").repository(repo()).specs(["a"]).expect_present([("b", "1")]),
        SolverCase::new("by variables")
            .repository([newer.clone(), PackageBuilder::new("b").version("1").build()])
            .specs(["b"])
            .locked_packages(vec![newer.clone()])
            .expect_present([&newer])
            .expect_absent([("b", "1")]),
        SolverCase::new("overridden").repository([newer]).specs(["b"]).dependency_overrides(vec![("b", "c")]),
    ]);
}
"""

CPP = """
    auto create_basic_conflict(Context&, ChannelContext& channel_context)
    {
        return std::pair(
            create_pkgs_database(context, std::array{ mkpkg("A", "0.1.0", { "B=2", "C" }), mkpkg("B", "1") }),
            Request{ {}, { Request::Install{ "A=0.1.0"_ms } } }
        );
    }
"""

SECTIONS = """
    TEST_CASE("Install", "[x]")
    {
        SECTION("Pins are respected")
        {
            db.add_repo_from_packages(
                std::array{ mkfoo("1.0.0", 0, { "feat" }, 0), mkfoo("2.0.0", 1, {}, 1) }, "repo", No
            );
            auto request = Request{ {}, { Request::Install{ "foo"_ms }, Request::Pin{ "foo==1.0"_ms } } };
            REQUIRE(std::holds_alternative<Solution>(outcome.value()));
            REQUIRE(std::get<Solution::Install>(actions.front()).install.version == "1.0.0");
        }
        SECTION("Something is there")
        {
            auto old = PackageInfo("foo", "1.0", "h", 0);
            old.dependencies = { "bar" };
            const auto installed = db.add_repo_from_packages(
                std::array{ old, PackageInfo("bar", "1.0", "h", 0) }, "installed", No
            );
            db.set_installed_repo(installed);
            db.add_repo_from_packages(std::array{ PackageInfo("foo", "2.0", "h", 0) }, "repo", No);

            SECTION("It stays")
            {
                auto request = Request{ {}, { Request::Install{ "foo"_ms } } };
                REQUIRE(std::holds_alternative<Solution>(outcome.value()));
                REQUIRE(solution.actions.empty());
            }
            SECTION("It goes up")
            {
                auto request = Request{ {}, { Request::Update{ "foo"_ms, true } } };
                REQUIRE(std::holds_alternative<Solution>(outcome.value()));
                const auto foo_actions = find_actions_with_name(solution, "foo");
                REQUIRE(std::get<Solution::Upgrade>(foo_actions.front()).install.version == "2.0");
                const auto bar_actions = find_actions_with_name(solution, "bar");
                REQUIRE(std::holds_alternative<Solution::Remove>(bar_actions.front()));
            }
        }
        SECTION("Remove")
        {
            auto request = Request{ {}, { Request::Remove{ "foo"_ms } } };
        }
    }
"""

PIP = """
from tests.lib import create_basic_wheel_for_package


def test_new_resolver_stays(script):
    create_basic_wheel_for_package(script, "pkg", "1.0", extras={"fast": ["dep"]})
    create_basic_wheel_for_package(script, "dep", "3", requires_python=">=3")
    script.pip("install", "--no-index", "--find-links", script.scratch_path, "pkg[fast]")
    create_basic_wheel_for_package(script, "pkg", "2.0")
    result = script.pip("install", "--no-index", "--find-links", script.scratch_path, "pkg")
    assert "Requirement already satisfied" in result.stdout
    script.assert_installed(pkg="1.0")
    script.pip("install", "--no-index", "--find-links", script.scratch_path, "-U", "PKG")
    script.assert_installed(pkg="2.0")
    script.assert_not_installed("other")
    script.pip("install", "--no-index", "-f", script.scratch_path, "pkg>2", expect_error=True)


def test_new_resolver_by_path(script):
    path = create_basic_wheel_for_package(script, "pkg", "1.0")
    script.pip("install", path)
"""


def test_rust_cpp_and_pip_sources_are_read(tmp_path: Path) -> None:
    for name, text in (
        ("rattler/crates/rattler_solve/tests/backends/some_tests.rs", RUST),
        ("mamba/libmamba/tests/src/solver/test_problems_graph.cpp", CPP),
        ("mamba/libmamba/tests/src/solver/libsolv/test_solver.cpp", SECTIONS),
        ("pip/tests/functional/test_new_resolver.py", PIP),
        ("pip/tests/functional/test_new_resolver_errors.py", ""),
        ("pip/tests/functional/test_new_resolver_user.py", ""),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    conda = CondaBench(tmp_path / "channels")
    rows = [row for s in ("rattler", "mamba") for row in run(s, tmp_path, lambda _: [("ours", conda.ours)])]
    with PypiBench(tmp_path / "index") as bench:
        rows += run("pip", tmp_path, lambda _: [("ours", bench.ours), ("uv", bench.uv)])
    asked = {row["case"]: row["sides"] for row in rows if "sides" in row}
    assert list(asked) == [
        "some/oldest", "some/oldest1", "conflicts/basic_conflict", "solver/Pins are respected",
        "solver/It stays", "solver/It goes up", "stays", "stays1", "stays2", "stays3",
    ]  # fmt: skip
    assert not [case for case, sides in asked.items() if any(sides.values())], asked
    assert [row["case"] for row in rows if "passed" in row] == ["some/oldest2", "solver/Remove", "by_path"]


CONDA = """
import pytest
from ..base.context import context
from ..exceptions import UnsatisfiableError
from ..models.match_spec import MatchSpec
from . import helpers


class SolverTests:
    def find(self):
        return self.env

    def test_newest(self, env):
        env.repo_packages = [helpers.record(name="a", subdir="noarch"), helpers.record(name="b")]
        env.repo_packages += [helpers.record(name="a", depends=["b <2"])]
        assert env.install("a") == {"test::a-1.0-0"}, "the noarch one needs nothing"

    def test_wrong(self, env):
        env.repo_packages = list(helpers.get_index_r_1(context.subdir)[0].values())
        assert env.install("python") == {"test::python-2.7-0", "test::pip-1.0-0"}
        with pytest.raises(UnsatisfiableError):
            env.install("python 2.6*")
        assert env.install("pip") == set()

    def test_unasked(self, env):
        env.install("a", MatchSpec(track_features="mkl"))

    @pytest.mark.xfail(reason="known")
    def test_known(self, env):
        assert False
"""


def test_condas_own_class_is_run_with_a_sides_answers(tmp_path: Path) -> None:
    (tmp_path / "conda/conda/testing").mkdir(parents=True)
    (tmp_path / "conda/conda/testing/solver_helpers.py").write_text(CONDA)
    (tmp_path / "conda/tests/data").mkdir(parents=True)
    index = {
        "python-2.7-0.tar.bz2": record("python", "2.7", "0"),
        "pip-1.0-0.tar.bz2": record("pip", "1.0", "0"),
    }
    (tmp_path / "conda/tests/data/index.json").write_text(json.dumps(index))
    bench = CondaBench(tmp_path / "channels")
    rows = {row["case"]: row for row in run("conda", tmp_path, lambda _: [("ours", bench.ours)])}
    assert {case: row.get("passed") for case, row in rows.items()} == {
        "newest": None, "wrong": None, "unasked": None, "known": "is marked as failing",
    }  # fmt: skip
    assert rows["unasked"]["sides"] == {"ours": None}
    (newest,) = rows["newest"]["sides"]["ours"]
    assert newest.startswith("AssertionError: the noarch one")
    assert [text[:15] for text in rows["wrong"]["sides"]["ours"]] == ["AssertionError:"]


# --- checks one by one ---

ASSERTING = """
import pytest
from their.models import Number

@pytest.mark.parametrize("text", ["1", "2"])
def test_reading(text):
    assert Number(text).value == int(text)
    assert Number(text).inner

def test_order_and_refusal():
    numbers = [Number("1"), Number("3"), Number("2")]
    assert sorted(numbers) == numbers
    with pytest.raises(ValueError):
        Number("x")
        Number("7")

def test_what_cannot_go_on(unknown_fixture):
    assert False
"""


class Number:
    """A stand-in, which reads its text when its value is asked for."""

    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def value(self) -> int:
        return int(self.text)

    @property
    def inner(self) -> bool:
        raise InnerFormError("inner")

    def __lt__(self, other: Number) -> bool:
        return self.value < other.value


def test_each_assertion_is_a_check_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "test_numbers.py"
    path.write_text(ASSERTING)
    found = run_checks(path, {"their.models": {"Number": Number}}, ("their",), {})
    assert found.agree == 2 + 1 + 1, "two values, 1 before 3, x refused"
    assert found.differ == [("3 before 2", "no"), ("Number('7')", "taken")]
    assert found.passed_over == 2 + 1, "two inner forms, and a fixture that nobody gives"
