"""``lock --each``: every file an environment of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lockfiles.cli.main import main
from lockfiles.fleet import finding
from lockfiles.fleet.finding import Unread
from tests.cli.here import lock
from tests.cli.process import make_project

GOOD = "channels: [conda-forge]\nplatforms: [linux-64]\ndependencies: [numpy]\n"
IMPOSSIBLE = "channels: [conda-forge]\nplatforms: [linux-64]\ndependencies: ['numpy <0.1']\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Environments in folders ``a`` and ``b``, each with settings of its own."""
    for name in ("a", "b"):
        make_project(tmp_path / name).unlink()
    (tmp_path / "a" / "one.yml").write_text(GOOD)
    (tmp_path / "a" / "two.yml").write_text(GOOD.replace("numpy", "shap"))
    (tmp_path / "b" / "one.yml").write_text(GOOD)
    with (tmp_path / "b" / "lockstack.toml").open("a") as settings:
        settings.write('\noutput = "out/b.yml"\n')
    (tmp_path / "b" / "out").mkdir()
    return tmp_path


def test_each_file_has_its_own_lockfile_and_settings(folder: Path) -> None:
    done = lock("--each", "a/one.yml", "a/two.yml", "b/one.yml", folder=folder)
    assert done.code == 0, done.err
    assert done.out == ""
    made = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.yml"))
    assert made == [
        *("a/one.conda-lock.yml", "a/one.yml", "a/two.conda-lock.yml", "a/two.yml"),
        *("b/one.yml", "b/out/b.yml"),
    ]
    assert "name: shap" not in (folder / "a" / "one.conda-lock.yml").read_text()
    assert "name: shap" in (folder / "a" / "two.conda-lock.yml").read_text()
    assert done.err.endswith("3 files:\n  a/one.yml  done\n  a/two.yml  done\n  b/one.yml  done\n")
    again = lock("--each", "--check", "a/one.yml", "a/two.yml", "b/one.yml", folder=folder)
    assert again.code == 0, again.err


def test_what_fails_stops_nothing_and_decides_the_exit_code(folder: Path) -> None:
    (folder / "a" / "bad.yml").write_text("dependencies: [numpy\n")
    (folder / "a" / "none.yml").write_text(IMPOSSIBLE)
    done = lock("--each", "a/none.yml", "a/bad.yml", "a/one.yml", folder=folder)
    assert done.code == 2
    assert (folder / "a" / "one.conda-lock.yml").is_file()
    assert not (folder / "a" / "none.conda-lock.yml").exists()
    assert done.err.endswith(
        "3 files, 2 failed:\n  a/none.yml  no solution\n  a/bad.yml   bad input\n  a/one.yml   done\n"
    )
    assert lock("--each", "a/none.yml", "a/one.yml", folder=folder).code == 4
    stale = lock("--each", "--check", "a/one.yml", "b/one.yml", folder=folder)
    assert stale.code != 0


def test_a_lockfile_that_has_no_place_stops_nothing(folder: Path) -> None:
    settings = folder / "b" / "lockstack.toml"
    settings.write_text(settings.read_text().replace("out/b.yml", "nowhere/b.yml"))
    done = lock("--each", "b/one.yml", "a/one.yml", folder=folder)
    assert done.code == 6
    assert done.err.startswith(
        "b/one.yml:\nerror: can't write `b/nowhere/b.yml`: its folder does not exist\n\n"
        "hint: Create the folder, or choose another place with the setting `output`.\n"
    )
    assert done.err.endswith("2 files, 1 failed:\n  b/one.yml  not written\n  a/one.yml  done\n")
    fleet = lock("fleet", "a/one.yml", "b/one.yml", "--workers", "0", folder=folder)
    assert fleet.code == 6
    assert fleet.out == "a/one.yml  unchanged\nb/one.yml  not written\n"
    assert "choose another place with the setting `output`" in fleet.err
    alone = lock("--each", "a/one.yml", folder=folder)
    assert alone.err.endswith("1 file:\n  a/one.yml  done\n")


def test_the_inputs_are_those_of_a_fleet(folder: Path) -> None:
    (folder / "list").write_bytes(b"a/one.yml\0b\0absent.yml\0")
    done = lock("--each", "--files-from", "list", "--dry-run", folder=folder)
    assert done.code == 2
    assert done.err.endswith(
        "3 files, 1 failed:\n  a/one.yml   done\n  b/one.yml   done\n  absent.yml  bad input\n"
    )
    assert "absent.yml:\nerror: absent.yml: no such file\n" in done.err
    done = lock("--each", ".", "--exclude", "two.yml", "--exclude", "b", "--dry-run", folder=folder)
    assert done.err.endswith("1 file:\n  a/one.yml  done\n")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    (folder / ".gitignore").write_text("one.yml\n")
    done = lock("--each", ".", "--dry-run", folder=folder)
    assert done.err.endswith("1 file:\n  a/two.yml  done\n")
    done = lock("--each", "a", "--no-ignore", "--dry-run", folder=folder)
    assert done.err.endswith("2 files:\n  a/one.yml  done\n  a/two.yml  done\n")
    for flag in ("--files-from=list", "--exclude=x", "--no-ignore"):
        done = lock("a/one.yml", flag, folder=folder)
        assert (done.code, done.err) == (2, f"error: {flag.partition('=')[0]}: goes with `--each`\n")


def test_files_of_a_revision_are_looked_at_alone(folder: Path) -> None:
    git = ["git", "-c", "user.name=n", "-c", "user.email=e@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "m"]):
        subprocess.run([*git, *arguments], cwd=folder, check=True)
    (folder / "a" / "one.yml").unlink()
    done = lock("--each", "HEAD:a", folder=folder)
    assert (done.code, done.out) == (0, ""), done.err
    assert done.err.startswith("Files of `HEAD`, seen from the repository's root; nothing is written.\n")
    assert "Would write `a/one.conda-lock.yml`" in done.err
    assert done.err.endswith("2 files:\n  a/one.yml  done\n  a/two.yml  done\n")
    assert not list(folder.rglob("*conda-lock.yml"))
    done = lock("--each", "HEAD:a", "--check", folder=folder)
    assert done.code == 5
    assert done.err.endswith("2 files, 2 failed:\n  a/one.yml  not fresh\n  a/two.yml  not fresh\n")


def test_what_goes_while_others_are_looked_at_is_told_and_the_rest_is_done(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    walk = finding._files_of

    def walked(path: str, *rest: Any) -> Iterator[str]:
        yield from walk(path, *rest)
        (folder / "a" / "two.yml").unlink(missing_ok=True)  # another program's doing
        rest[2].append(Unread(file="gone", reason="no such file or directory"))

    monkeypatch.setattr(finding, "_files_of", walked)
    assert main(["--each", "a", "--dry-run"]) == 2
    assert capsys.readouterr().err.endswith(
        "3 files, 2 failed:\n  a/one.yml  done\n  a/two.yml  bad input\n  gone       bad input\n"
    )


def test_json_is_one_document(folder: Path) -> None:
    (folder / "a" / "none.yml").write_text(IMPOSSIBLE)
    done = lock("--each", "--json", "--dry-run", "a/none.yml", "a/one.yml", folder=folder)
    assert done.code == 4
    failed, made = done.json["files"]
    assert (failed["file"], failed["exit_code"]) == ("a/none.yml", 4)
    assert failed["result"]["errors"][0]["kind"] == "NoSolutionError"
    assert made["exit_code"] == 0
    assert made["result"]["output"] == "a/one.conda-lock.yml"
    assert made["result"]["platforms"][0]["platform"] == "linux-64"


CLASHES = [
    (("a/one.yml", "a/two.yml", "-o", "x.yml"), "would both be `x.yml`"),
    (("a/one.yml", "a/one.yaml"), "would both be `a/one.conda-lock.yml`"),
    (("a/one.yml", "a/two.yml", "-o", "-"), "standard output can't hold a lockfile of each file"),
]


@pytest.mark.parametrize(("arguments", "message"), CLASHES, ids=[message for _, message in CLASHES])
def test_lockfiles_that_would_stand_in_one_place(
    folder: Path, arguments: tuple[str, ...], message: str
) -> None:
    (folder / "a" / "one.yaml").write_text(GOOD)
    done = lock("--each", *arguments, folder=folder)
    assert done.code == 2
    assert message in done.err
    assert not (folder / "x.yml").exists()
