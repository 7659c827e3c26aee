"""Every verb that takes a lockfile takes every format that any verb reads: a table, verb by format."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lockfiles.formats.conda_lock.text import write_conda_lock
from lockfiles.formats.export import ExportRequest, export
from lockfiles.model import LockedChannel, LockMetadata
from resolver.inputs.file_kinds import KINDS
from tests.cli.here import lock
from tests.formats.universal.specimens import SPECIMENS
from tests.lockfiles.make import conda, pypi, resolution

METADATA = LockMetadata(channels=(LockedChannel(url="conda-forge"),), platforms=("linux-64",))
LOCKED = resolution(
    conda("python", "3.11.9"), conda("numpy", "1.26.4", "py311_0", "python"), pypi("requests", "2.31.0")
)

#: Of formats that are only read: id of the kind -> usual name.
ONLY_READ = {"uv": "uv.lock", "poetry": "poetry.lock", "pdm": "pdm.lock"}
#: id of the kind -> format that writes it, usual name, what the format holds.
FORMATS = {
    "conda_lock": ("conda-lock", "conda-lock.yml", {"numpy", "requests"}),
    "pixi": ("pixi", "pixi.lock", {"numpy", "requests"}),
    "explicit": ("explicit", "conda-linux-64.lock", {"numpy", "requests"}),
    "pylock": ("pylock", "pylock.toml", {"requests"}),
    "requirements": ("requirements", "requirements-linux-64.txt", {"requests"}),
    **{kind: ("", name, {"requests", "socks", "check"}) for kind, name in ONLY_READ.items()},
}
#: What is said of uv.lock, which holds what it was made for.
MEMBERS = "note: `web`: what `uv.lock` was made for, which isn't one of its packages\n"
#: What names no address of a file.
WITHOUT_ADDRESSES = ("requirements-linux-64.txt", "poetry.lock")


def test_the_table_holds_every_format_that_is_read() -> None:
    assert set(FORMATS) == {kind.id for kind in KINDS if kind.is_read}


@pytest.fixture(params=FORMATS)
def lockfile(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, set[str]]:
    name, file_name, held = FORMATS[request.param]
    (tmp_path / "whole.yml").write_text(write_conda_lock([LOCKED], METADATA))
    if not name:
        (tmp_path / file_name).write_text(SPECIMENS[file_name])
        return tmp_path / file_name, held
    files = {
        file.name: file.text for file in export(name, ExportRequest(resolutions=(LOCKED,), metadata=METADATA))
    }
    (tmp_path / file_name).write_text(files[file_name])
    return tmp_path / file_name, held


def test_diff(lockfile: tuple[Path, set[str]]) -> None:
    path, held = lockfile
    same = lock("diff", path.name, path.name, folder=path.parent)
    assert (same.code, same.out) == (0, "nothing changed\n")
    assert same.err == (MEMBERS if path.name == "uv.lock" else "")
    against = lock("diff", "whole.yml", path.name, "--json", folder=path.parent)
    removed = {change["name"] for change in against.json["changes"] if change["kind"] == "removed"}
    assert removed == ({"numpy", "python"} if "numpy" not in held else set())


def test_diff_from_standard_input(lockfile: tuple[Path, set[str]]) -> None:
    path, _ = lockfile
    done = lock("diff", "-", path.name, folder=path.parent, stdin=path.read_text())
    assert (done.code, done.out) == (0, "nothing changed\n"), done.err


def test_why_and_tree(lockfile: tuple[Path, set[str]]) -> None:
    path, held = lockfile
    for name in sorted(held):
        done = lock("why", name, path.name, folder=path.parent)
        assert done.code == 0, done.err
        assert done.out.startswith(f"{name} ")
    done = lock("tree", path.name, "--json", folder=path.parent)
    assert held <= {row["name"] for row in done.json["trees"][0]["rows"]}, done.err


@pytest.mark.parametrize("written", ["conda-lock", "requirements"])
def test_export(lockfile: tuple[Path, set[str]], written: str) -> None:
    path, held = lockfile
    done = lock("export", path.name, "-f", written, "-o", "-", folder=path.parent)
    if written == "conda-lock" and path.name in WITHOUT_ADDRESSES:
        assert done.code == 2
        assert "the lockfile gives no address of " in done.err
        assert "`requests`" in done.err
        return
    assert done.code == 0, done.err
    assert "requests" in done.out
    assert "2.31.0" in done.out
    if written == "conda-lock":
        assert ("name: numpy" in done.out) == ("numpy" in held)


def test_export_as_azure_ml_lays_a_conda_lock_beside(lockfile: tuple[Path, set[str]]) -> None:
    path, _ = lockfile
    done = lock("export", path.name, "--azureml", "out", "--image", "ubuntu:22.04", folder=path.parent)
    assert done.code == 0, done.err
    if path.name in WITHOUT_ADDRESSES:
        assert not (path.parent / "out" / "conda-lock.yml").exists(), "its files have no addresses"
        return
    again = lock("diff", path.name, "out/conda-lock.yml", folder=path.parent)
    assert (again.code, again.out) == (0, "nothing changed\n"), again.err


def test_check(lockfile: tuple[Path, set[str]]) -> None:
    path, _ = lockfile
    done = lock("check", path.name, "--json", "--glibc", "2.28", folder=path.parent)
    assert done.code == 0, done.err
    assert [result["file"] for result in done.json["checked"]] == [path.name]


@pytest.mark.parametrize("how", ["file", "--lock", "--against-lock"])
def test_hash(lockfile: tuple[Path, set[str]], how: str) -> None:
    path, held = lockfile
    (path.parent / "c.yml").write_text("channels: [conda-forge]\ndependencies: [python, pip: [requests]]\n")
    arguments = {
        "file": [path.name, "--kind", "lockfile"],
        "--lock": ["c.yml", "--lock", path.name],
        "--against-lock": ["c.yml", "--against", "c.yml", "--against-lock", path.name],
    }[how]
    done = lock("hash", *arguments, "--image", "ubuntu:22.04", "--json", folder=path.parent)
    assert done.code == 0, done.err
    [definition] = done.json["definitions"]
    if how == "file":
        assert definition["kind"] == "lockfile"
        text = str(definition["conda"])
        assert re.search(r"requests(\[socks\])?==2\.31\.0", text)
        assert ("numpy=1.26.4" in text) == ("numpy" in held)


@pytest.mark.parametrize("name", ["conda-lock.yml", "pixi.lock", "conda-linux-64.lock", "pylock.toml"])
def test_hash_and_lock_know_a_lockfile_by_itself(name: str, tmp_path: Path) -> None:
    kind = next(row for row in FORMATS.values() if row[1] == name)
    for file in export(kind[0], ExportRequest(resolutions=(LOCKED,), metadata=METADATA)):
        (tmp_path / file.name).write_text(file.text)
    done = lock("hash", name, "--image", "ubuntu:22.04", "--json", folder=tmp_path)
    assert done.json["definitions"][0]["kind"] == "lockfile", done.err
    refused = lock(name, folder=tmp_path)
    assert refused.code == 2
    assert "is a lockfile already" in refused.err


FAULTS = [
    pytest.param("poetry.lock", "[metadata]\nlock-version = '9'\n", "version 9 is unknown", id="poetry"),
    pytest.param("Pipfile.lock", "{}", "`Pipfile.lock` is not read", id="foreign"),
    pytest.param("a.yml", "a: 1\n", "not a conda-lock file", id="unknown"),
    pytest.param(
        "pixi.lock",
        "version: 7\n<<<<<<< HEAD\nenvironments: {}\n",
        "pixi.lock:2: holds the marks",
        id="merge",
    ),
    pytest.param("r.txt", "a==1\nb>=2\n", "r.txt:2:1: `b>=2` isn't pinned", id="not pinned"),
    pytest.param("e.lock", "@EXPLICIT\nnumpy\n", "e.lock:2: no address of a conda package", id="explicit"),
    pytest.param("pylock.toml", "lock-version = '1.0'\n", "not in the form of a pylock.toml", id="pylock"),
    pytest.param("pylock.toml", "lock-version = \n", "not TOML", id="toml"),
]


@pytest.mark.parametrize(("name", "text", "message"), FAULTS)
@pytest.mark.parametrize("verb", ["diff", "export", "hash", "tree", "why"])
def test_faults_are_the_same_from_every_verb(
    verb: str, name: str, text: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "c.yml").write_text("dependencies: [python]\n")
    arguments = {
        "diff": [name, name],
        "export": [name, "-f", "explicit"],
        "hash": ["c.yml", "--lock", name],
        "tree": [name],
        "why": ["a", name],
    }
    done = lock(verb, *arguments[verb], folder=tmp_path)
    assert done.code == 2
    assert message in done.err
    assert "Traceback" not in done.err
