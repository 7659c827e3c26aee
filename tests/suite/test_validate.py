"""`lock validate`: the tests that it writes are run in an installed environment; what files alone tell."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from lockfiles.suite.environment_facts import modules_of
from lockfiles.this_machine import platform_here
from tests.environments.sample_environment import Project, make_small_project, python_behind
from tests.support.tables import table

pytestmark = pytest.mark.skipif(platform_here() != "linux-64", reason="the sample's packages are linux-64's")
#: What a pytest of the environment brings along.
_PYTEST = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The small project, installed in `env`, with its tests."""
    project = make_small_project(tmp_path_factory.mktemp("small"))
    for arguments in (("install", "-p", "env", "-q"), ("validate", "--init")):
        done = project.run(*arguments)
        assert done.code == 0, done.err
    return project


@pytest.fixture
def project(small: Project, tmp_path: Path) -> Project:
    """A copy of which a test may change files."""
    shutil.copytree(small.folder / "env", tmp_path / "env", symlinks=True)
    for name in ("conda-lock.yml", "environment.yml", "lockstack.toml"):
        shutil.copy(small.folder / name, tmp_path / name)
    shutil.copytree(small.folder / "environment_tests", tmp_path / "environment_tests")
    return Project(folder=tmp_path)


def run_suite(project: Project, folder: Path) -> dict[str, str]:
    """Run the written tests with the environment's Python; return test -> passed, skipped or failed."""
    beside = folder / "beside"
    beside.mkdir(exist_ok=True)
    for name in _PYTEST:
        for file in metadata.files(name) or ():
            top = (
                Path(str(file.locate())).parents[len(file.parts) - 2]
                if len(file.parts) > 1
                else file.locate()
            )
            if file.parts[0] not in ("..", "__pycache__") and not (beside / file.parts[0]).exists():
                (beside / file.parts[0]).symlink_to(top)
    report = folder / "report.xml"
    done = subprocess.run(
        [project.folder / "env" / "bin" / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider",
         f"--junitxml={report}", "environment_tests"],
        cwd=project.folder, capture_output=True, text=True, check=False, timeout=250,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(beside), "HOME": str(folder),
             "LOCKSTACK_SAMPLE_PYTHON": python_behind()},
    )  # fmt: skip
    assert report.exists(), done.stdout + done.stderr
    found = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314  (pytest wrote it)
        kinds = {child.tag for child in case}
        is_wrong = bool(kinds & {"failure", "error"})
        found[case.attrib["name"]] = "failed" if is_wrong else "skipped" if "skipped" in kinds else "passed"
    return found


def of_launcher(project: Project) -> set[str]:
    """What fails as the sample's Python is a launcher, and the Python behind it another patch release."""
    command = [python_behind(), "-c", "import platform; print(platform.python_version())"]
    there = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    locked = next(entry["version"] for entry in project.packages() if entry["name"] == "python")
    return set() if there == locked else {"test_python"}


def of(found: dict[str, str], outcome: str) -> set[str]:
    return {name for name, one in found.items() if one == outcome}


def test_the_tests_pass_in_the_environment(small: Project, tmp_path: Path) -> None:
    found = run_suite(small, tmp_path)
    assert of(found, "failed") == of_launcher(small)
    assert {"test_platform", "test_needs", "test_import_together"} <= of(found, "passed")
    assert {"test_conda_package[numpy]", "test_project[own-tool]"} <= of(found, "passed")
    assert {"test_import_conda[numpy]", "test_import_project[own-tool]"} <= of(found, "passed")
    assert {"test_smoke", "test_driver", "test_gpu[pytorch]"} <= of(found, "skipped")
    names = {f"test_conda_package[{e['name']}]" for e in small.packages() if e["manager"] == "conda"}
    assert names <= of(found, "passed")


def test_the_tests_and_the_files_find_the_same(project: Project, tmp_path: Path) -> None:
    site = project.folder / "env" / "lib" / "python3.11" / "site-packages"
    (site / "numpy.py").write_text("import nowhere_at_all\n")
    (site / "own_tool.py").unlink()
    locked = project.folder / "environment_tests" / "locked.json"
    locked.write_text(locked.read_text().replace('"numpy": [\n     "1.26', '"numpy": [\n     "1.25'))
    failed = of(run_suite(project, tmp_path), "failed") - of_launcher(project)
    assert failed == {
        "test_conda_package[numpy]",
        "test_import_conda[numpy]",
        "test_import_project[own-tool]",
        "test_import_together",
    }
    done = project.run("validate", "--prefix", "env")
    assert done.code == 5
    assert "test_import_project failed" in done.out
    assert "own-tool: lib/python3.11/site-packages/own_tool.py isn't there" in done.out
    assert "lib/python3.11/site-packages/numpy.py changed" in done.out
    assert "test_conda_package passed" in done.out


def test_files_alone(small: Project) -> None:
    done = small.run("validate", "--prefix", "env", "--json")
    assert done.code == 0, done.out
    said = done.json
    assert said["platform"] == "linux-64"
    outcomes = {one["name"]: one["outcome"] for one in said["validations"]}
    assert outcomes == {
        "test_python": "passed",
        "test_conda_package": "passed",
        "test_project": "passed",
        "test_needs": "passed",
        "test_files": "passed",
        "test_import_conda": "passed",
        "test_import_project": "passed",
        "test_import_together": "skipped",
        "test_gpu": "skipped",
    }


def test_what_is_yours_stays(project: Project) -> None:
    folder = project.folder / "environment_tests"
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    (folder / "test_smoke.py").write_text("def test_mine():\n    assert True\n")
    (folder / "test_environment.py").write_text("")
    done = project.run("validate", "--init")
    assert "`environment_tests/test_smoke.py` stays as it is" in done.err
    after = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert after.pop("test_smoke.py") == b"def test_mine():\n    assert True\n"
    assert after == {name: text for name, text in before.items() if name in after}
    asked = json.loads(after["locked.json"])["platforms"]["linux-64"]["asked"]
    assert asked == {"conda": ["numpy", "pip", "python"], "pypi": ["own-tool", "zipp"]}


@table(
    "arguments, code, words",
    [
        ("neither", (), 2, "one of the arguments --init --prefix is required"),
        ("a folder beside --prefix", ("--prefix", "env", "-o", "x"), 2, "`--prefix` writes nothing"),
        ("no environment", ("--prefix", "environment_tests"), 2, "is no environment"),
        ("no lockfile", ("none.yml", "--init"), 2, "none.yml"),
    ],
)  # fmt: skip
def test_what_is_refused(small: Project, arguments: tuple[str, ...], code: int, words: str) -> None:
    done = small.run("validate", *arguments)
    assert (done.code, words in done.err) == (code, True), done.err


@table(
    "files, modules",
    [
        ("a package and a module", ["a/__init__.py", "a/b/__init__.py", "c.py"], ["a", "c"]),
        ("compiled modules", ["d.cpython-311-x86_64-linux-gnu.so", "e.abi3.so", "f.pyd"], ["d", "e", "f"]),
        ("a namespace", ["google/a/__init__.py", "google/a/b/__init__.py"], ["google.a"]),
        ("below an environment", ["lib/python3.11/site-packages/a/__init__.py", "bin/a"], ["a"]),
        ("what nobody imports", ["tests/__init__.py", "_x.py", "a-1.dist-info/RECORD", "x.pth"], []),
    ],
)  # fmt: skip
def test_modules(files: list[str], modules: list[str]) -> None:
    assert modules_of(files) == modules
