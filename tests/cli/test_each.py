"""``lock --each``: every file an environment of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

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
