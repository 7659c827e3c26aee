"""An archive that isn't the locked one is refused, on disk and from a server, and nothing was touched."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lockfiles.this_machine import platform_here
from tests.cli.process import SAMPLE
from tests.environments.sample_environment import Project, make_small_project
from tests.support.server import LoopbackServer

pytestmark = pytest.mark.skipif(platform_here() != "linux-64", reason="the sample's packages are linux-64's")


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_small_project(tmp_path_factory.mktemp("locked"))


def changed(data: bytes) -> bytes:
    """Return the archive with one bit of one byte changed, in the middle."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


@pytest.mark.parametrize("package", ["numpy", "zipp"], ids=["conda's", "of the pip part"])
@pytest.mark.parametrize("place", ["file", "http"])
def test_one_changed_byte_is_refused(place: str, package: str, locked: Project, tmp_path: Path) -> None:
    shutil.copytree(locked.folder, tmp_path / "project", ignore=shutil.ignore_patterns("cache"))
    project, prefix = Project(folder=tmp_path / "project"), tmp_path / "env"
    url = str(next(entry["url"] for entry in project.packages() if entry["name"] == package))
    original = Path(url.removeprefix("file://"))
    relative = original.relative_to(SAMPLE).as_posix()
    with LoopbackServer(files={relative: changed(original.read_bytes())}, root=SAMPLE) as server:
        if place == "http":
            project.change(f"file://{SAMPLE}", server.url.rstrip("/"))
            where = f"{server.url.rstrip('/')}/{relative}"
        else:
            (tmp_path / original.name).write_bytes(changed(original.read_bytes()))
            project.change(url, f"file://{tmp_path / original.name}")
            where = str(tmp_path / original.name)
        done = project.run("install", "-p", prefix)
        assert done.code == 3
        assert f"{where}: the file of `{package}` is not the one that was locked: its " in done.err
        assert not prefix.exists()
        assert [child.name for child in tmp_path.iterdir() if ".lockstack" in child.name] == []
        if place == "http":  # a good one then goes in, and stays in the cache
            del server.files[relative]
            assert project.run("install", "-p", prefix).code == 0
    if place == "http":
        again = project.run("install", "-p", tmp_path / "again", "--offline")
        assert again.code == 0, again.err


def test_a_damaged_file_of_the_cache_is_fetched_anew(locked: Project, tmp_path: Path) -> None:
    shutil.copytree(locked.folder, tmp_path / "project", ignore=shutil.ignore_patterns("cache"))
    project = Project(folder=tmp_path / "project")
    with LoopbackServer(root=SAMPLE) as server:
        project.change(f"file://{SAMPLE}", server.url.rstrip("/"))
        assert project.run("install", "-p", tmp_path / "one").code == 0
        (kept,) = (project.folder / "cache").rglob("zipp-*.whl")
        data = kept.read_bytes()
        kept.write_bytes(changed(data))
        asked = len(server.seen)
        assert project.run("install", "-p", tmp_path / "two").code == 0
        assert [seen.path.rpartition("/")[2] for seen in server.seen[asked:]] == [kept.name]
        assert kept.read_bytes() == data


def test_an_archive_that_is_gone_is_said(locked: Project, tmp_path: Path) -> None:
    shutil.copytree(locked.folder, tmp_path / "project", ignore=shutil.ignore_patterns("cache"))
    project = Project(folder=tmp_path / "project")
    url = str(next(entry["url"] for entry in project.packages() if entry["name"] == "zipp"))
    project.change(url, url.replace("/zipp/", "/gone/"))
    done = project.run("install", "-p", tmp_path / "env")
    assert done.code == 3
    assert "the file of `zipp` is not there (404)" in done.err
