"""`lock install` over the sample: what stands there afterwards is what the lockfile says, by every route."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from lockfiles.this_machine import platform_here
from tests.cli.process import SAMPLE, lock, make_project
from tests.environments.sample_environment import Project, make_small_project, python_behind
from tests.support.amount import sampled

pytestmark = pytest.mark.skipif(platform_here() != "linux-64", reason="the sample's packages are linux-64's")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_small_project(tmp_path_factory.mktemp("small"))


@pytest.fixture
def project(small: Project, tmp_path: Path) -> Project:
    """A copy of the small project, whose files a test may change."""
    shutil.copytree(small.folder, tmp_path / "project", ignore=shutil.ignore_patterns("cache"))
    return Project(folder=tmp_path / "project")


def run_there(prefix: Path, *command: str) -> str:
    done = subprocess.run(
        [str(prefix / "bin" / command[0]), *command[1:]], capture_output=True, text=True, check=True
    )
    return done.stdout


def tree(prefix: Path) -> dict[str, bytes]:
    """Return every file of an environment with its bytes, links by their target."""
    return {
        path.relative_to(prefix).as_posix(): (
            str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
        )
        for path in sorted(prefix.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


@pytest.mark.parametrize("installer", ["uv", "pip", "wheels"])
def test_every_route_makes_a_working_environment(installer: str, project: Project, tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    done = project.run("install", "-p", prefix, "--installer", installer, "--json")
    assert done.code == 0, done.err
    said = done.json
    assert said["installer"] == installer
    assert said["changed"]
    assert said["findings"] == []
    assert {entry["name"] for entry in said["put"]} == {"zipp", "own-tool"}
    assert len(said["linked"]) == sum(entry["manager"] == "conda" for entry in project.packages())
    script = (prefix / "bin" / "own-tool").read_text()
    assert str(prefix / "bin" / "python") in script
    assert ".lockstack" not in script
    assert run_there(prefix, "own-tool") == f"own tool of {prefix}\n"
    if installer == "wheels":  # others' metadata are theirs
        assert run_there(prefix, "python", "-m", "pip", "check") == "No broken requirements found.\n"
    assert project.run("check", "--prefix", prefix, "--against", "conda-lock.yml").code == 0
    assert [child.name for child in tmp_path.iterdir() if child.name.startswith(".")] == []


@pytest.mark.parametrize("example", sampled(["fraud-train", "gpu-train"], 2))
def test_an_example_is_installed_and_compared_clean(example: str, tmp_path: Path) -> None:
    make_project(tmp_path / "project", example)
    python = python_behind()
    folder, prefix = tmp_path / "project", tmp_path / "env"
    assert lock("environment.yml", "-q", folder=folder).code == 0
    done = lock("install", "-p", prefix, "--json", folder=folder, LOCKSTACK_SAMPLE_PYTHON=python)
    assert done.code == 0, done.err
    assert done.json["findings"] == []
    seen = lock("check", "--prefix", prefix, "--against", "conda-lock.yml", "--json", folder=folder)
    rules = re.findall(r'"rule": "((?:prefix|locked)/[^"]+)"', seen.out)
    assert rules == []
    assert '"deviations": []' in seen.out


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_a_python_that_does_not_run_is_the_reason(installer: str, project: Project, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()  # no Python there, for the sample's launcher
    for name in ("sh", "uname", "dirname", "readlink", "uv"):
        found = shutil.which(name)
        if found:
            (tmp_path / "bin" / name).symlink_to(found)
    done = lock(
        "install",
        "-p",
        tmp_path / "env",
        "--installer",
        installer,
        folder=project.folder,
        PATH=str(tmp_path / "bin"),
    )
    assert done.code in (2, 6), done.err
    assert "the environment's Python doesn't run: " in done.err
    assert not (tmp_path / "env").exists()


def test_records_say_what_the_lockfile_says(project: Project, tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    assert project.run("install", "-p", prefix).code == 0
    for entry in project.packages():
        if entry["manager"] != "conda":
            continue
        (path,) = (prefix / "conda-meta").glob(f"{entry['name']}-{entry['version']}-*.json")
        record = json.loads(path.read_text())
        hashes = entry["hash"]
        assert isinstance(hashes, dict)
        assert {"url": record["url"], **{name: record[name] for name in hashes}} == {
            "url": entry["url"],
            **hashes,
        }
        assert record["channel"] == record["url"].rpartition("/")[0]
        assert record["fn"] == record["url"].rpartition("/")[2]
        depends = entry["dependencies"]
        assert isinstance(depends, dict)
        assert record["depends"] == [f"{name} {spec}".strip() for name, spec in depends.items()]
        for file in record["files"]:
            assert (prefix / file).exists()


def test_history_and_variables_are_those_that_conda_writes(project: Project, tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    assert project.run("install", "-p", prefix).code == 0
    history = (prefix / "conda-meta" / "history").read_text()
    numpy = next(entry for entry in project.packages() if entry["name"] == "numpy")
    build = str(numpy["url"]).rpartition("-")[2].removesuffix(".conda")
    assert f"\n+conda-forge/linux-64::numpy-{numpy['version']}-{build}\n" in history
    assert "# update specs: ['python=3.11', 'pip', 'numpy=1.26']\n" in history
    state = json.loads((prefix / "conda-meta" / "state").read_text())
    assert state == {"env_vars": {"GREETING": "good morning"}}
    project.change("GREETING: good morning", "FAREWELL: good night", "environment.yml")
    (prefix / "conda-meta" / "state").write_text(
        json.dumps({"env_vars": {**state["env_vars"], "MINE": "1"}, "other": 2})
    )
    assert project.run("install", "-p", prefix).code == 0
    assert json.loads((prefix / "conda-meta" / "state").read_text()) == {
        "env_vars": {"MINE": "1", "FAREWELL": "good night"},
        "other": 2,
    }


def test_the_activation_line_works(project: Project, tmp_path: Path) -> None:
    prefix = tmp_path / "a folder with blanks" / "env"
    prefix.parent.mkdir()
    scripts = prefix / "etc" / "conda" / "activate.d"
    done = project.run("install", "-p", prefix)
    assert done.code == 0, done.err
    scripts.mkdir(parents=True)
    (scripts / "a.sh").write_text("export FROM_SCRIPT=yes\n")
    done = project.run("install", "-p", prefix, PATH="/usr/bin:/bin")
    command = f'{done.out.strip()}\necho "$CONDA_PREFIX|$GREETING|$FROM_SCRIPT|$(command -v own-tool)"'
    shell = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True)
    assert shell.stdout == f"{prefix}|good morning|yes|{prefix / 'bin' / 'own-tool'}\n"


def test_a_second_time_there_is_nothing_to_do(project: Project, tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    assert project.run("install", "-p", prefix).code == 0
    before, number = tree(prefix), prefix.stat().st_ino
    done = project.run("install", "-p", prefix, "--json")
    assert (done.code, done.json["changed"]) == (0, False)
    assert prefix.stat().st_ino == number
    assert tree(prefix) == before


def test_only_what_a_lock_put_there_goes(project: Project, tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    assert project.run("install", "-p", prefix).code == 0
    site = prefix / "lib" / "python3.11" / "site-packages"
    (prefix / "thesis.txt").write_text("mine")
    wheel = next(SAMPLE.glob("pypi/python-dotenv/*.whl"))
    run_there(prefix, "python", "-m", "pip", "install", "--no-deps", "--no-index", "-q", str(wheel))
    project.change("      - zipp\n", "", "environment.yml")
    project.change("  - numpy=1.26\n", "", "environment.yml")
    assert project.run("environment.yml", "-q").code == 0
    done = project.run("install", "-p", prefix, "--json")
    assert done.code == 0, done.err
    assert "zipp" in {entry["name"] for entry in done.json["taken"]}
    assert "numpy" in {entry["name"] for entry in done.json["unlinked"]}
    assert done.json["kept"] == [
        {"manager": "pip", "name": "python-dotenv", "version": wheel.name.split("-")[1]}
    ]
    assert any("`python-dotenv`" in note for note in done.json["notes"])
    assert (prefix / "thesis.txt").read_text() == "mine"
    assert (site / "python_dotenv.py").is_file()
    assert not (site / "zipp.py").exists()
    assert not (site / "numpy.py").exists()
    history = (prefix / "conda-meta" / "history").read_text()
    assert "\n-conda-forge/linux-64::numpy-" in history


def test_damaged_files_are_put_in_anew_and_named(project: Project, tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    assert project.run("install", "-p", prefix).code == 0
    site = prefix / "lib" / "python3.11" / "site-packages"
    was = (site / "numpy.py").read_text()
    with (site / "numpy.py").open("a") as file:  # also where the file is the cache's own
        file.write("broken = 1\n")
    (site / "zipp.py").unlink()
    done = project.run("install", "-p", prefix)
    assert done.code == 0, done.err
    assert "files of `numpy`, `zipp` were missing or changed: put in anew" in done.err
    assert (site / "numpy.py").read_text() == was
    assert (site / "zipp.py").is_file()


def test_a_dry_run_changes_nothing(project: Project, tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    done = project.run("install", "-p", prefix, "--dry-run", "--json")
    assert done.code == 0
    assert len(done.json["linked"]) + len(done.json["put"]) == len(project.packages())
    assert list(tmp_path.iterdir()) == [project.folder]


REFUSED = [
    pytest.param(
        lambda p: p.change("linux-64", "osx-arm64"),
        "conda-lock.yml: holds `osx-arm64`: nothing for this machine, which is `linux-64`",
        id="another platform's",
    ),
    pytest.param(
        lambda p: p.folder.joinpath("conda-lock.yml").write_text(
            yaml.safe_dump(_without_hashes(yaml.safe_load((p.folder / "conda-lock.yml").read_text())))
        ),
        "conda-lock.yml: has no hash of `numpy`: what would be installed can't be checked",
        id="without a hash",
    ),
]


def _without_hashes(data: dict[str, list[dict[str, object]]]) -> dict[str, list[dict[str, object]]]:
    for entry in data["package"]:
        if entry["name"] == "numpy":
            entry["hash"] = {}
    return data


@pytest.mark.parametrize(("change", "message"), REFUSED)
def test_what_is_refused(change: object, message: str, project: Project, tmp_path: Path) -> None:
    change(project)  # type: ignore[operator]
    done = project.run("install", "-p", tmp_path / "env")
    assert done.code == 2
    assert message in done.err
    assert not (tmp_path / "env").exists()


def test_other_formats_are_installed_too(project: Project, tmp_path: Path) -> None:
    for format_, name in (("pixi", "pixi.lock"), ("explicit", "conda-linux-64.lock")):
        assert project.run("export", "--format", format_).code == 0
        done = project.run("install", name, "-p", tmp_path / format_, "--json")
        assert done.code == 0, done.err
        assert "numpy" in {entry["name"] for entry in done.json["linked"]}


def test_a_lockfile_without_conda_makes_a_virtual_environment(project: Project, tmp_path: Path) -> None:
    prefix = tmp_path / "venv"
    assert project.run("export", "--format", "pylock", "-p", "linux-64").code == 0
    (name,) = project.folder.glob("pylock*.toml")
    done = project.run("install", name.name, "-p", prefix, "--json", PATH="/usr/bin:/bin")
    assert done.code == 0, done.err
    assert run_there(prefix, "own-tool") == f"own tool of {prefix}\n"
    assert done.json["activation"] == f". {prefix}/bin/activate"
    assert ".lockstack/" not in (prefix / "bin" / "activate").read_text()
    assert project.run("install", name.name, "-p", prefix, "--json").json["changed"] is False


def test_sync_locks_where_that_is_due(project: Project, tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    done = project.run("sync", "-p", prefix, "--json")
    assert (done.code, done.json["locked"], done.json["install"]["changed"]) == (0, False, True)
    project.change("      - own-tool\n", "      - own-tool==1.0\n", "environment.yml")
    before = (project.folder / "conda-lock.yml").read_text(), tree(prefix)
    refused = project.run("sync", "-p", prefix, "--locked")
    assert refused.code == 5
    assert "is not fresh" in refused.err
    assert project.run("sync", "-p", prefix, "--dry-run").code == 0
    assert ((project.folder / "conda-lock.yml").read_text(), tree(prefix)) == before
    done = project.run("sync", "environment.yml", "-p", prefix, "--json")
    assert (done.code, done.json["locked"]) == (0, True)
    assert done.json["install"]["put"] == [{"name": "own-tool", "version": "1.0"}]
    assert done.json["install"]["linked"] == []


def test_an_older_machine_is_said(project: Project, tmp_path: Path) -> None:
    project.change("__glibc=2.28", "__glibc=9.1")
    done = project.run("install", "-p", tmp_path / "env")
    assert done.code == 0, done.err
    assert "note: locked for `__glibc` 9.1, and this machine has 2." in done.err


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            "- name: numpy\n", '- name: "../../numpy"\n', id="a name that leads out of the environment"
        ),
        pytest.param("version: 1.26.4\n", 'version: "1/../../x"\n', id="a version that does"),
        pytest.param("- name: zipp\n", '- name: "zipp\\n-e /tmp"\n', id="a name with a line of its own"),
        pytest.param(
            "zipp-4.1.2-py3-none-any.whl\n", "%2E%2E%2Fx.whl\n", id="a file name that leads out of its folder"
        ),
    ],
)
def test_names_that_lead_elsewhere_are_refused(old: str, new: str, project: Project, tmp_path: Path) -> None:
    project.change(old, new)
    done = project.run("install", "-p", tmp_path / "env")
    assert done.code == 2
    assert not (tmp_path / "env").exists()
