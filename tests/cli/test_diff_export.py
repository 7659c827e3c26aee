"""``lock diff`` and ``lock export``."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import yaml

from lockfiles.formats.conda_lock.text import write_conda_lock
from lockfiles.formats.names import FORMATS
from lockfiles.model import LockedChannel, LockMetadata
from tests.cli.here import lock
from tests.lockfiles.make import MACOS, conda, pypi, resolution

METADATA = LockMetadata(channels=(LockedChannel(url="conda-forge"),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two lockfiles: `old.yml`, and `conda-lock.yml` for two platforms."""
    old = resolution(conda("python", "3.11.8"), conda("gone"), pypi("requests", "2.31.0"))
    new = resolution(conda("python", "3.11.9"), conda("come"), pypi("requests", "2.31.0"))
    mac = resolution(conda("python", "3.11.9", subdir="osx-arm64"), target=MACOS)
    (tmp_path / "old.yml").write_text(write_conda_lock([old], METADATA))
    (tmp_path / "conda-lock.yml").write_text(write_conda_lock([new, mac], METADATA))
    return tmp_path


DIFFERENCE = """\
linux-64:
  + come    1.0 h0_0
  - gone    1.0 h0_0
  ↑ python  3.11.8 -> 3.11.9
1 added, 1 removed, 1 upgraded, platform osx-arm64 added
"""


def test_diff(folder: Path) -> None:
    done = lock("diff", "old.yml", "conda-lock.yml", folder=folder)
    assert (done.code, done.out, done.err) == (0, DIFFERENCE, "")
    done = lock("diff", "--exit-code", "old.yml", "conda-lock.yml", "-q", folder=folder)
    assert (done.code, done.out, done.err) == (5, "", "")
    done = lock("diff", "--exit-code", "old.yml", "old.yml", folder=folder)
    assert (done.code, done.out) == (0, "nothing changed\n")


def test_diff_in_another_encoding(folder: Path) -> None:
    done = lock("diff", "old.yml", "conda-lock.yml", folder=folder, PYTHONIOENCODING="ascii")
    assert done.code == 0, done.err
    assert "python  3.11.8 -> 3.11.9" in done.out


def test_diff_as_json_and_from_standard_input(folder: Path) -> None:
    text = (folder / "old.yml").read_text()
    done = lock("diff", "-", "conda-lock.yml", "--json", "-p", "linux-64", folder=folder, stdin=text)
    assert [change["kind"] for change in done.json["changes"]] == ["added", "removed", "upgraded"]
    assert done.json["added_platforms"] == []


MARKDOWN = """\
**1 added, 1 removed, 1 upgraded, platform osx-arm64 added**

<details><summary>linux-64: 1 added, 1 removed, 1 upgraded</summary>

**Asked for**

| | package | old | new | |
|---|---|---|---|---|
| - | `gone` | `1.0` |   |   |
| ↑ | `python` | `3.11.8` | `3.11.9` |   |

**Brought in**

| | package | old | new | |
|---|---|---|---|---|
| + | `come` |   | `1.0` |   |

</details>
"""


def test_diff_as_markdown_keeps_what_was_asked_for_apart(folder: Path) -> None:
    (folder / "environment.yml").write_text("dependencies: [python, gone]\n")
    arguments = ("diff", "old.yml", "conda-lock.yml", "--format", "markdown", "--input", "environment.yml")
    done = lock(*arguments, folder=folder)
    assert (done.code, done.out, done.err) == (0, MARKDOWN, "")
    done = lock("diff", "old.yml", "conda-lock.yml", "--format", "markdown", folder=folder)
    assert "Asked for" not in done.out, "nothing says what was asked for"
    assert done.out.count("| ↑ | `python` |") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        pytest.param(["diff", "none.yml", "old.yml"], 2, "error: none.yml: no such file\n", id="missing"),
        pytest.param(["diff"], 2, "hint: run `lock diff --help`", id="no file"),
        pytest.param(
            ["export"], 2, "error: no format\n\nhint: Use `--format` with one of conda-lock,", id="no format"
        ),
        pytest.param(["export", "-f", "toml"], 2, "invalid choice", id="unknown format"),
        pytest.param(["export", "-f", "pixi", "none.yml"], 2, "none.yml: no such file", id="no lockfile"),
        pytest.param(
            ["export", "-f", "pixi", "-p", "win-64"],
            2,
            "hint: It holds `linux-64`, `osx-arm64`.",
            id="platform",
        ),
        pytest.param(["export", "-f", "explicit", "-o", "-"], 2, "3 files can't all go", id="too many"),
        pytest.param(
            ["export", "-f", "explicit", "-o", "old.yml"], 2, "`old.yml` is a file", id="file, not folder"
        ),
    ],
)
def test_failures(folder: Path, arguments: list[str], code: int, message: str) -> None:
    done = lock(*arguments, folder=folder)
    assert done.code == code
    assert message in done.err
    assert "Traceback" not in done.err


def test_export_beside_the_lockfile(folder: Path) -> None:
    done = lock("export", "--format", "explicit", folder=folder)
    assert done.code == 0, done.err
    written = ["conda-linux-64.lock", "requirements-linux-64.txt", "conda-osx-arm64.lock"]
    assert [line for line in done.err.splitlines() if line.startswith("Wrote")] == [
        f"Wrote `{n}`." for n in written
    ]
    assert all((folder / name).is_file() for name in written)
    again = lock("export", "--format", "explicit", "--json", "-q", folder=folder)
    assert (again.err, again.json["files"]) == ("", written)


def test_export_to_a_file_a_folder_and_standard_output(folder: Path) -> None:
    assert lock("export", "-f", "pixi", "-o", "mine.lock", folder=folder).code == 0
    assert yaml.safe_load((folder / "mine.lock").read_text())["version"] == 7
    assert lock("export", "-f", "pylock", "-o", "new/deep/", folder=folder).code == 0
    assert (
        tomllib.loads((folder / "new" / "deep" / "pylock.linux-64.toml").read_text())["lock-version"] == "1.0"
    )
    done = lock("export", "-f", "requirements", "-p", "linux-64", "-o", "-", folder=folder)
    assert "requests==2.31.0 \\\n" in done.out
    assert "note: linux-64: only what pip installs" in done.err


def test_the_list_of_formats(folder: Path) -> None:
    done = lock("export", "--formats", folder=folder)
    assert [line.split()[0] for line in done.out.splitlines()] == list(FORMATS)


def test_several_lockfiles_become_environments_of_one_file(folder: Path) -> None:
    done = lock("export", "--with", "old=old.yml", "-f", "pixi", folder=folder)
    assert done.code == 0, done.err
    for name, version in (("default", "3.11.9"), ("old", "3.11.8")):
        found = lock("tree", "pixi.lock", "--environment", name, "-p", "linux-64", folder=folder)
        assert f"python {version}" in found.out, found.err
    changed = lock("diff", "old.yml", "pixi.lock", "--environment", "old", "-p", "linux-64", folder=folder)
    assert changed.out == "nothing changed\n", changed.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--with", "a=old.yml", "-f", "explicit"], "`explicit` holds one environment"),
        (["--with", "A_b=old.yml", "-f", "pixi"], "`A_b` can't be an environment's name"),
        (
            ["--with", "a=old.yml", "--with", "a=conda-lock.yml", "-f", "pixi"],
            "two environments are called `a`",
        ),
        (["--with", "old.yml", "-f", "pixi"], "`old.yml` is not NAME=LOCKFILE"),
        (["--with", "a=none.yml", "-f", "pixi"], "none.yml: no such file"),
    ],
)
def test_environments_that_can_t_be_are_refused(folder: Path, arguments: list[str], message: str) -> None:
    done = lock("export", *arguments, folder=folder)
    assert (done.code, (folder / "pixi.lock").exists()) == (2, False)
    assert message in done.err
