"""`lock add` and `lock remove`: input and lockfile change together, or neither does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.here import lock
from tests.cli.process import make_project


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_project(tmp_path)
    (tmp_path / "environment.yml").write_text(
        "# mine\nchannels: [conda-forge]\ndependencies:\n"
        "  - python=3.11  # why\n  - pip\n  - pip:\n      - zipp\n"
    )
    assert lock("environment.yml", "-q", folder=tmp_path).code == 0
    return tmp_path


def texts(folder: Path) -> dict[str, str]:
    return {name: (folder / name).read_text() for name in ("environment.yml", "conda-lock.yml")}


def test_both_change(folder: Path) -> None:
    before = texts(folder)
    done = lock("add", "numpy=1.26", folder=folder)
    assert done.code == 0, done.err
    assert "+  - numpy=1.26" in done.err
    after = texts(folder)
    assert after["environment.yml"] == before["environment.yml"].replace(
        "  - pip\n", "  - pip\n  - numpy=1.26\n"
    )
    assert "name: numpy\n" in after["conda-lock.yml"]
    assert lock("environment.yml", "--check", folder=folder).code == 0
    done = lock("remove", "numpy", "--json", folder=folder)
    assert done.code == 0, done.err
    assert [entry["file"] for entry in done.json["files"]] == ["environment.yml"]
    assert texts(folder) == before


def test_the_pip_part_by_its_flag_or_where_it_alone_asks(folder: Path) -> None:
    assert lock("add", "--pip", "python-dotenv", folder=folder).code == 0
    assert "      - zipp\n      - python-dotenv\n" in texts(folder)["environment.yml"]
    assert lock("remove", "python-dotenv", "zipp", folder=folder).code == 0
    assert "pip:" not in texts(folder)["environment.yml"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        pytest.param(
            ("add", "nothing-of-that-name"), 4, "no package `nothing-of-that-name`", id="no solution"
        ),
        pytest.param(("add", "numpy=99"), 4, "numpy=99", id="no such version"),
        pytest.param(("add", "numpy >=1 <2"), 2, "", id="no match spec"),
        pytest.param(("remove", "zip"), 2, "did you mean `zipp`?", id="a name that isn't there"),
        pytest.param(
            ("add", "numpy", "--group", "dev"), 2, "has no groups", id="a group of an environment.yml"
        ),
        pytest.param(("add", "numpy", "-f", "other.yml"), 2, "other.yml: no such file", id="no file"),
        pytest.param(("add", "numpy", "-f", "-"), 2, "standard input can't be edited", id="standard input"),
    ],
)
def test_neither_changes(arguments: tuple[str, ...], code: int, message: str, folder: Path) -> None:
    before = texts(folder)
    done = lock(*arguments, folder=folder)
    assert done.code == code, done.err
    assert message in done.err
    assert texts(folder) == before


def test_neither_changes_where_one_of_them_cannot_be_written(folder: Path) -> None:
    before = texts(folder)
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "lock.yml").write_text(before["conda-lock.yml"])
    done = lock("add", "numpy=1.26", "-f", "environment.yml", "-o", "elsewhere", folder=folder)
    assert done.code != 0
    assert texts(folder) == before


def test_a_dry_run_writes_nothing(folder: Path) -> None:
    before = texts(folder)
    done = lock("add", "numpy=1.26", "--dry-run", folder=folder)
    assert done.code == 0
    assert "Would write `environment.yml`, `conda-lock.yml`." in done.err
    assert texts(folder) == before


def test_what_both_parts_ask_for_needs_a_word(folder: Path) -> None:
    assert lock("add", "python-dotenv", "--pip", folder=folder).code == 0
    text = texts(folder)["environment.yml"].replace("  - pip\n", "  - pip\n  - zipp\n", 1)
    (folder / "environment.yml").write_text(text)
    done = lock("remove", "zipp", folder=folder)
    assert done.code == 2
    assert "`zipp` is asked for of conda and of PyPI" in done.err
    assert (folder / "environment.yml").read_text() == text


def test_what_another_one_needs_stays_and_is_named(folder: Path) -> None:
    assert lock("add", "numpy=1.26", "openssl", folder=folder).code == 0
    done = lock("remove", "openssl", folder=folder)
    assert done.code == 0
    assert "`openssl` stays in the lockfile: another package needs it" in done.err


def test_a_project_of_pypi_alone(tmp_path: Path) -> None:
    make_project(tmp_path)
    (tmp_path / "environment.yml").unlink()
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\nversion = "1"\ndependencies = []\nrequires-python = ">=3.11"\n\n'
        "[dependency-groups]\ndev = []\n"
    )
    done = lock("add", "zipp", "--python", "3.11", folder=tmp_path)
    assert done.code == 0, done.err
    assert 'dependencies = ["zipp"]' in (tmp_path / "pyproject.toml").read_text()
    done = lock("add", "--group", "dev", "python-dotenv", "--python", "3.11", folder=tmp_path)
    assert done.code == 0, done.err
    assert 'dev = ["python-dotenv"]' in (tmp_path / "pyproject.toml").read_text()


def test_flags_that_a_lockfile_does_not_record_are_named(folder: Path) -> None:
    flags = ("--glibc", "2.35", "--channel-priority", "flexible")
    assert lock("environment.yml", "-q", *flags, folder=folder).code == 0
    lockfile = folder / "conda-lock.yml"
    lines = lockfile.read_text().splitlines(keepends=True)
    lockfile.write_text("".join(line for line in lines if "lockstack.flags" not in line))
    done = lock("add", "numpy=1.26", folder=folder)
    assert "as with `--virtual-package __glibc=2.35`, `--channel-priority flexible`" in done.err
    done = lock("remove", "numpy", folder=folder)
    assert "as with" not in done.err
