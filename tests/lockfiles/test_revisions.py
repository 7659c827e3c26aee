"""Files of git's revisions: what git has, what it lacks, and names that mean something else."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lockfiles import DiffRequest, Surroundings, diff
from lockfiles.formats.conda_lock.text import write_conda_lock
from lockfiles.model import LockedChannel, LockMetadata
from lockfiles.revisions import Revision, find_revision
from resolver.errors import InputError
from tests.cli.process import lock
from tests.lockfiles.make import conda, resolution

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git isn't installed")

METADATA = LockMetadata(channels=(LockedChannel(url="conda-forge"),), sources=("environment.yml",))


def git(folder: Path, *arguments: str) -> None:
    who = {
        f"GIT_{role}_{what}": "x@example.org"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    variables = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", **who}
    subprocess.run(["git", *arguments], cwd=folder, env=variables, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose `sub/` has a lockfile and its input, changed once, and again in the index."""
    git(tmp_path, "init", "-q", "-b", "main")
    sub = tmp_path / "sub"
    sub.mkdir()
    for version, lines in (("1.0", "[a]"), ("2.0", "[a, b]")):
        pins = [conda("a", version, "0", "b"), conda("b")]
        (sub / "conda-lock.yml").write_text(write_conda_lock([resolution(*pins)], METADATA))
        (sub / "environment.yml").write_text(f"dependencies: {lines}\n")
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-q", "-m", version)
    staged = resolution(conda("a", "3.0", "0", "b"), conda("b"))
    (sub / "conda-lock.yml").write_text(write_conda_lock([staged], METADATA))
    git(tmp_path, "add", ".")
    (sub / "conda-lock.yml").write_text(write_conda_lock([resolution(conda("a", "4.0"))], METADATA))
    return tmp_path


@pytest.mark.parametrize(
    ("old", "versions"),
    [
        pytest.param("HEAD~1:sub/conda-lock.yml", "1.0 -> 4.0", id="before the last commit"),
        pytest.param("main:sub/conda-lock.yml", "2.0 -> 4.0", id="a branch"),
        pytest.param(":sub/conda-lock.yml", "3.0 -> 4.0", id="the index"),
        pytest.param("HEAD:./sub/conda-lock.yml", "2.0 -> 4.0", id="from this folder"),
    ],
)
def test_a_revision_against_a_file(repository: Path, old: str, versions: str) -> None:
    done = lock("diff", old, "sub/conda-lock.yml", folder=repository)
    assert done.code == 0, done.err
    assert f"↑ a  {versions}\n" in done.out


def test_two_revisions_from_a_folder_within(repository: Path) -> None:
    done = lock("diff", "HEAD~1:./conda-lock.yml", "HEAD:./conda-lock.yml", folder=repository / "sub")
    assert (done.code, done.out) == (0, "linux-64:\n  ↑ a  1.0 -> 2.0\n1 upgraded\n"), done.err


def test_what_was_asked_for_comes_from_the_same_revision(repository: Path) -> None:
    for revision, asked in (
        ("HEAD~1", "sub/environment.yml:1:16: a"),
        ("HEAD", "sub/environment.yml:1:19: b"),
    ):
        done = lock("why", "b", f"{revision}:sub/conda-lock.yml", folder=repository)
        assert f"  {revision}:{asked}\n" in done.out, done.err
    done = lock("diff", "HEAD~1:sub/conda-lock.yml", "HEAD:sub/conda-lock.yml", "--json", folder=repository)
    assert [change["asked"] for change in done.json["changes"]] == [True]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("HEAD:conda-lock.yml", "HEAD:conda-lock.yml: git: ", id="no such path"),
        pytest.param(
            "nowhere:sub/conda-lock.yml", "nowhere:sub/conda-lock.yml: git: ", id="no such revision"
        ),
        pytest.param("HEAD:sub", "HEAD:sub: git: ", id="a folder"),
    ],
)
def test_what_git_lacks_is_told_in_its_words(repository: Path, name: str, said: str) -> None:
    done = lock("diff", name, "sub/conda-lock.yml", folder=repository)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {said}")
    assert "hint: git counts paths from the repository's root" in done.err


def test_outside_of_a_repository_and_without_git(tmp_path: Path) -> None:
    done = lock("tree", "HEAD:a.lock", folder=tmp_path, GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    assert (done.code, "not a git repository" in done.err) == (2, True)
    with pytest.raises(InputError, match="git isn't installed"):
        Revision(revision="HEAD", path="a", environ={"PATH": str(tmp_path)}).read()


@pytest.mark.parametrize(
    "name",
    [
        r"C:\locks\conda-lock.yml",
        "C:/locks/conda-lock.yml",
        "https://example.org/conda-lock.yml",
        "--output=/tmp/x:y",
        "two words:y",
        "HEAD:with\nline",
        "conda-lock.yml",
    ],
)
def test_other_names_are_no_revision(name: str) -> None:
    assert find_revision(name, {}) is None


def test_a_file_whose_name_has_a_colon_is_a_file(tmp_path: Path) -> None:
    place = tmp_path / "HEAD:a.yml"
    place.write_text(write_conda_lock([resolution(conda("a"))], METADATA))
    assert not diff(DiffRequest(old=str(place), new=str(place), surroundings=Surroundings()))


def test_filters_and_aliases_of_a_repository_are_not_run(repository: Path) -> None:
    marker = repository / "ran"
    for key in ("diff.evil.textconv", "filter.evil.smudge", "alias.cat-file", "core.pager"):
        git(repository, "config", key, f"!touch {marker}" if key == "alias.cat-file" else f"touch {marker}")
    (repository / ".gitattributes").write_text("*.yml diff=evil filter=evil\n")
    done = lock("diff", "HEAD~1:sub/conda-lock.yml", "HEAD:sub/conda-lock.yml", folder=repository)
    assert (done.code, marker.exists()) == (0, False), done.err
