"""Verbs that lock on the way lock as before: what flags said is in the lockfile."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lockfiles.asked_flags import RecordedFlags, flags_of, parse_flags
from lockfiles.formats.conda_lock.text import read_conda_lock
from lockfiles.locking import LockRequest
from lockfiles.machine import MachineRequest
from tests.cli.here import lock
from tests.cli.process import make_project
from tests.several.test_command import MANIFEST, versions

PLAIN = "channels: [conda-forge]\ndependencies:\n  - numpy\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An environment file that lists no platforms, beside the sample's settings."""
    make_project(tmp_path).write_text(PLAIN)
    return tmp_path


def custom(folder: Path) -> dict[str, str]:
    text = (folder / "conda-lock.yml").read_text()
    return dict(read_conda_lock(text, "conda-lock.yml").metadata.custom)


def test_add_locks_with_the_flags_of_the_lockfile(folder: Path) -> None:
    flags = ("--python", "3.11", "--virtual-package", "__cuda=12", "-p", "linux-64", "--glibc", "2.31")
    assert lock("environment.yml", *flags, folder=folder).code == 0
    before = custom(folder)
    done = lock("add", "pandas", folder=folder)
    assert done.code == 0, done.err
    after = custom(folder)
    for name in ("flags", "virtual-packages.linux-64", "python.linux-64"):
        assert after[f"lockstack.{name}"] == before[f"lockstack.{name}"]
    assert lock("environment.yml", *flags, "--check", folder=folder).code == 0

    # what is said now counts, by a flag or a settings file
    assert lock("add", "scipy", "--python", "3.12", folder=folder).code == 0
    assert custom(folder)["lockstack.python.linux-64"].startswith("3.12.")
    with (folder / "lockstack.toml").open("a") as settings:
        settings.write('\npython = "3.11"\n')
    assert lock("remove", "scipy", folder=folder).code == 0
    assert custom(folder)["lockstack.python.linux-64"].startswith("3.11.")


def test_sync_and_remove_keep_groups(folder: Path) -> None:
    (folder / "environment.yml").unlink()
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "t"\nversion = "1"\nrequires-python = ">=3.11,<3.12"\n'
        'dependencies = ["azure-identity", "python-dotenv"]\n[dependency-groups]\ntest = ["pytest"]\n'
    )
    made = lock("pyproject.toml", "--group", "test", "-o", "conda-lock.yml", folder=folder)
    assert made.code == 0, made.err
    assert lock("remove", "python-dotenv", folder=folder).code == 0
    text = (folder / "conda-lock.yml").read_text()
    assert "name: pytest" in text
    assert "name: python-dotenv" not in text
    fresh = lock("sync", "-p", "env", "--locked", "--dry-run", folder=folder)
    assert "not fresh" not in fresh.err, fresh.err


def test_all_environments_of_the_lockfile_are_locked(folder: Path) -> None:
    (folder / "environment.yml").unlink()
    (folder / "pixi.toml").write_text(MANIFEST)
    assert lock("pixi.toml", "--environment", "web", "--environment", "default", folder=folder).code == 0
    done = lock("add", "pandas", folder=folder)
    assert done.code == 0, done.err
    assert "Locked web, linux-64" in done.err
    assert "Locked old" not in done.err
    assert "pandas" in versions(folder, "web")
    due = lock("sync", "-p", "env", "--environment", "web", "--dry-run", "--json", folder=folder)
    assert due.json["reasons"] == []
    assert due.json["lockfile"] == "pixi.lock"


def test_a_matrix_of_pythons_stays_one(folder: Path) -> None:
    assert lock("environment.yml", "--python", "3.11,3.12", "-p", "linux-64", folder=folder).code == 0
    done = lock("add", "pandas", "--json", folder=folder)
    assert done.code == 0, done.err
    assert set(done.json["lock"]["environments"]) == {"py311", "py312"}
    assert "pandas" in versions(folder, "py312")


def test_a_place_is_not_recorded_and_has_to_be_said(folder: Path) -> None:
    (folder / "links").mkdir()
    settings = folder / "lockstack.toml"
    settings.write_text(settings.read_text().replace("find-links = []\n", ""))
    assert lock("environment.yml", "--find-links", "links", folder=folder).code == 0
    assert json.loads(custom(folder)["lockstack.flags"]) == {"withheld": ["find_links"]}
    done = lock("add", "pandas", folder=folder)
    assert done.code == 2
    assert "was made with `--find-links`, a place or an address that it doesn't record" in done.err
    assert "pandas" not in (folder / "environment.yml").read_text()
    assert lock("add", "pandas", "--find-links", "links", folder=folder).code == 0


SECRET = "https://user:secret@i.example.org/simple"
CASES = [
    ({}, ""),
    ({"platforms": ("linux-64",), "output": "x", "offline": True}, ""),
    ({"python": ("3.11",)}, '{"settings":{"python":["3.11"]}}'),
    ({"extra_index_urls": (SECRET,)}, '{"withheld":["extra_index_urls"]}'),
    (
        {"index_url": "https://i.example.org/simple"},
        '{"settings":{"index_url":"https://i.example.org/simple"}}',
    ),
    ({"index_url": "wheels"}, '{"withheld":["index_url"]}'),
    ({"channels": ("conda-forge", "/srv/channel")}, '{"withheld":["channels"]}'),
    ({"override_dependencies": ("a @ file:///srv/a.whl",)}, '{"withheld":["override_dependencies"]}'),
]


@pytest.mark.parametrize(("settings", "text"), CASES, ids=[text or "nothing" for _, text in CASES])
def test_what_is_recorded(settings: dict[str, object], text: str) -> None:
    assert flags_of(LockRequest(settings=settings)) == text
    assert "secret" not in text


def test_recorded_flags_are_read_again() -> None:
    request = LockRequest(
        groups=("dev",), all_extras=True, machine=MachineRequest(gpu="A100", nvidia_smi="smi.txt")
    )
    assert parse_flags(flags_of(request)) == RecordedFlags(
        groups=("dev",), all_extras=True, machine={"gpu": "A100"}, withheld=("nvidia_smi",)
    )
    assert parse_flags("") == RecordedFlags()
