"""A lock over an earlier lockfile, by the command: what moves, and what stays though nobody asks for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.here import lock
from tests.end_to_end.said_world import PYTHON, World
from tests.support.channel import record

#: name, version, build, depends
RECORDS = [
    ("python", "3.6.6", "0", []),
    ("python", "3.7.0", "0", []),
    ("flask", "1.0", "py36_0", ["python >=3.6,<3.7.0a0"]),
    ("flask", "1.0", "py37_0", ["python >=3.7,<3.8.0a0"]),
    ("flask", "1.1", "py36_0", ["python >=3.6,<3.7.0a0"]),
    ("flask", "1.1", "py37_0", ["python >=3.7,<3.8.0a0"]),
    ("click", "6.7", "py36_0", ["python >=3.6,<3.7.0a0"]),
    ("click", "6.7", "py37_0", ["python >=3.7,<3.8.0a0"]),
    ("click", "8.0", "py37_0", ["python >=3.7,<3.8.0a0"]),
]
OLD = {"flask 1.0 py36_0", "python 3.6.6 0"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A channel, and a lockfile made when python 3.6 was asked for."""
    for subdir in ("linux-64", "noarch"):
        packages = {
            f"{name}-{version}-{build}.tar.bz2": {
                "name": name, "version": version, "build": build, "build_number": 0,
                "depends": depends, "md5": "0" * 32, "sha256": "0" * 64, "subdir": subdir,
            }
            for name, version, build, depends in RECORDS
            if subdir == "linux-64"
        }  # fmt: skip
        folder = tmp_path / "channel" / subdir
        folder.mkdir(parents=True)
        text = json.dumps({"info": {"subdir": subdir}, "packages": packages})
        (folder / "repodata.json").write_text(text, encoding="utf-8")
    ask(tmp_path, "python=3.6", "flask=1.0")
    assert locked(tmp_path) == OLD
    return tmp_path


def ask(folder: Path, *specs: str, update: str | None = None) -> None:
    """Lock these conda lines over what is there."""
    text = f"channels: [./channel]\nplatforms: [linux-64]\ndependencies: {json.dumps(specs)}\n"
    (folder / "environment.yml").write_text(text, encoding="utf-8")
    more = () if update is None else ("--update", update)
    done = lock("environment.yml", *more, folder=folder)
    assert done.code == 0, done.err


def locked(folder: Path) -> set[str]:
    """Return name, version and build of each package in the lockfile."""
    text = (folder / "conda-lock.yml").read_text(encoding="utf-8")
    files = [line.rsplit("/", 1)[1] for line in text.splitlines() if "url: " in line and ".tar.bz2" in line]
    return {" ".join(file.removesuffix(".tar.bz2").rsplit("-", 2)) for file in files}


CASES = [
    ("nothing asked anew", ["flask"], None, OLD),
    ("one added", ["click", "flask"], None, OLD | {"click 6.7 py36_0"}),
    ("one added, in the other order of lines", ["flask", "click"], None, OLD | {"click 6.7 py36_0"}),
    ("one added that needs another python", ["flask", "click=8"], None,
     {"click 8.0 py37_0", "flask 1.0 py37_0", "python 3.7.0 0"}),
    ("one updated", ["flask"], "flask", {"flask 1.1 py36_0", "python 3.6.6 0"}),
    ("what nobody asks for is updated, others move for it", ["flask"], "python",
     {"flask 1.0 py37_0", "python 3.7.0 0"}),
    ("one updated, where another line holds it", ["flask=1.0"], "flask", OLD),
]  # fmt: skip


@pytest.mark.parametrize(("specs", "update", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_only_what_must_moves(
    project: Path, specs: list[str], update: str | None, expected: set[str]
) -> None:
    ask(project, *specs, update=update)
    assert locked(project) == expected


def test_all_pins_let_go(project: Path) -> None:
    ask(project, "flask", "click")
    done = lock("environment.yml", "--update-all", folder=project)
    assert done.code == 0
    assert locked(project) == {"click 8.0 py37_0", "flask 1.1 py37_0", "python 3.7.0 0"}


def test_a_project_keeps_its_version_where_conda_provides_it_now(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(tmp_path, capsys)
    world.channel(*PYTHON, *(record("numpy", v, depends=["python"]) for v in ("1.26", "2.1")))
    world.index("own", {"numpy": {"1.26": [], "2.1": [], "3.0": []}})
    flags = ("--index-url", "own")
    assert world.lock(world.environment("python", pip=["numpy<2"]), *flags).code == 0
    name = world.environment("python", "numpy", pip=["numpy"])
    assert world.lock(name, *flags).code == 0
    text = (tmp_path / "conda-lock.yml").read_text()
    assert "/numpy-1.26-0.conda" in text
    assert world.lock(name, *flags, "--update", "numpy").code == 0
    assert "/numpy-2.1-0.conda" in (tmp_path / "conda-lock.yml").read_text()


#: why, records before (of the older form, and of the newer), then, files locked then
LOST = [
    ("a build takes another's place", ([], [record("lib", "1.0", "h0")]),
     [record("lib", "1.0", "h1", 1), record("lib", "2.0")], {"lib-1.0-h1.conda"}),
    ("a file in the newer form alone", ([record("lib", "1.0", "h0")], []),
     [record("lib", "1.0", "h0"), record("lib", "1.0", "h1", 1), record("lib", "2.0")], {"lib-1.0-h0.conda"}),
    ("the version goes", ([], [record("lib", "1.0", "h0")]),
     [record("lib", "0.9"), record("lib", "2.0")], {"lib-2.0-0.conda"}),
    ("the version, written otherwise", ([], [record("lib", "1.0", "h0")]),
     [record("lib", "1.0.0", "h0"), record("lib", "2.0")], {"lib-1.0.0-h0.conda"}),
]  # fmt: skip


@pytest.mark.parametrize(("before", "then", "expected"), [c[1:] for c in LOST], ids=[c[0] for c in LOST])
def test_a_file_that_no_channel_has_any_more_leaves_its_version(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    before: tuple[list[dict[str, Any]], list[dict[str, Any]]],
    then: list[dict[str, Any]],
    expected: set[str],
) -> None:
    world, app = World(tmp_path, capsys), record("app", depends=["lib"])
    world.channel(app, *before[1], tar=before[0])
    name = world.environment("app")
    assert world.lock(name).code == 0
    world.channel(app, *then)
    assert world.lock(name).code == 0
    text = (tmp_path / "conda-lock.yml").read_text()
    assert {line.rsplit("/", 1)[1] for line in text.splitlines() if "/lib-" in line} == expected
    assert world.lock(name, "--update", "lib").code == 0
    assert "/lib-2.0-0.conda" in (tmp_path / "conda-lock.yml").read_text()
