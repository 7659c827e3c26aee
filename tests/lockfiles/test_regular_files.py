"""Pipes, devices and what never ends in place of files: told at once, whoever reads."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from lockfiles import regular_files
from lockfiles.cli.main import main
from lockfiles.regular_files import read_whole
from resolver.constraints.name_map import NameMap
from resolver.errors import InputError
from resolver.sources.cache.folder import Cache, Entry
from resolver.sources.cache.tables import open_table

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes have no names there")
DIGITS = "9" * 5000
LOCKFILE = """\
version: 1
metadata:
  content_hash: {linux-64: "0"}
  channels: []
  platforms: [linux-64]
  sources: []
package: []
"""
#: Of each verb a run that reads a pipe: without the check it would wait for ever.
READERS = (
    ("environment.yml", "--offline"),
    ("why", "a", "pipe"),
    ("tree", "pipe"),
    ("diff", "pipe", "pipe"),
    ("check", "pipe"),
    ("hash", "pipe"),
    ("outdated", "pipe"),
    ("verify", "pipe"),
    ("export", "pipe", "--format", "pylock"),
    ("explain", "--log", "pipe"),
    ("check", "--log", "pipe"),
    ("replay", "pipe"),
    ("good.yml", "--offline", "--nvidia-smi", "pipe"),
    ("lines.txt", "--offline", "--python", "3.12", "-p", "linux-64"),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("environment.yml", "pipe", "pipe.toml"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "good.yml").write_text("channels: [conda-forge]\ndependencies: [python]\n")
    (tmp_path / "lines.txt").write_text("-r pipe\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("arguments", READERS, ids=" ".join)
def test_a_pipe_holds_up_no_verb(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert "is a pipe or a device, not a file" in said or "not a regular file" in said


def test_settings_that_are_a_pipe(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(folder / "lockstack.toml")
    assert main(["good.yml", "--offline"]) == 2
    assert "can't read `lockstack.toml`: is a pipe" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "arguments",
    [
        ("good.yml", "--record", "pipe", "--platform", "linux-64"),
        ("good.yml", "--record", "."),
        ("validate", "conda-lock.yml", "--init", "-o", "pipe"),
        ("validate", "conda-lock.yml", "--init", "-o", "pipe/below"),
    ],
    ids=" ".join,
)
def test_a_pipe_is_no_place_to_write_to(
    arguments: tuple[str, ...], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "conda-lock.yml").write_text(LOCKFILE)
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert any(told in said for told in ("no folder", "not a folder", "no file"))
    assert "unexpected" not in said


def test_a_cache_whose_entries_are_pipes(tmp_path: Path) -> None:
    cache, entry = Cache(tmp_path), Entry(b"bytes", 1.0)
    assert cache.write("responses", "key", entry)
    assert cache.read("responses", "key") is not None
    for path in [path for path in tmp_path.rglob("*") if path.is_file()]:
        path.unlink()
        os.mkfifo(path)
    assert cache.read("responses", "key") is None
    assert cache.read_parts("responses", "key") is None
    assert open_table(cache, "responses", "key", "source") is None
    for path in [path for path in tmp_path.rglob("*") if path.is_fifo()]:
        path.unlink()
        path.symlink_to("/dev/zero")
    assert cache.read("responses", "key") is None
    assert cache.read_parts("responses", "key") is None
    assert open_table(cache, "responses", "key", "source") is None
    assert cache.write("responses", "key", entry)
    assert cache.read("responses", "key") is not None


def test_what_a_shell_hands_over_is_read() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"name: x\n")
    os.close(writing)
    assert read_whole(f"/dev/fd/{reading}") == b"name: x\n"
    os.close(reading)


@pytest.mark.parametrize("text", [None, f"retries = {DIGITS}\n", "a = " + "[" * 5000])
def test_a_name_map_that_is_none(text: str | None, folder: Path) -> None:
    if text is not None:
        (folder / "pipe.toml").unlink()
        (folder / "pipe.toml").write_text(text)
    with pytest.raises(InputError):
        NameMap.load(folder / "pipe.toml")


def test_devices_and_folders(tmp_path: Path) -> None:
    assert read_whole(os.devnull) == b""
    with pytest.raises(OSError, match="is a pipe or a device"):
        read_whole("/dev/zero")
    with pytest.raises(IsADirectoryError):
        read_whole(tmp_path)


def test_a_file_beyond_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regular_files, "LARGEST_TEXT", 10)
    (tmp_path / "fits").write_bytes(b"x" * 10)
    (tmp_path / "large").write_bytes(b"x" * 11)
    assert len(read_whole(tmp_path / "fits")) == 10
    assert read_whole(tmp_path / "large", 3) == b"xxx"
    with pytest.raises(OSError, match="not a text"):
        read_whole(tmp_path / "large")


@pytest.mark.parametrize("name", ["lockstack.toml", "pyproject.toml", "pixi.toml", "pylock.toml"])
@pytest.mark.parametrize("text", [f"retries = {DIGITS}\n", "a = " + "[" * 5000], ids=["digits", "brackets"])
def test_toml_that_python_cannot_hold(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    lead = "[tool.lockstack]\n" if name == "pyproject.toml" else ""
    (tmp_path / name).write_text(lead + text)
    (tmp_path / "good.yml").write_text("channels: [conda-forge]\ndependencies: [python]\n")
    asked = {
        "pylock.toml": ["tree", name],
        "pixi.toml": [name, "--offline"],
    }
    assert main(asked.get(name, ["good.yml", "--offline"])) == 2
    said = capsys.readouterr().err
    assert name in said
    assert "unexpected" not in said


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "before", [(), ("why", "a"), ("diff",), ("check",), ("hash",), ("export", "--format", "pylock")], ids=str
)
def test_a_name_that_is_too_long(before: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    name = "a" * 5000
    assert main([*before, name, *(["good.yml"] if before == ("diff",) else [])]) in (2, 3)
    said = capsys.readouterr().err
    assert "unexpected" not in said
    assert "error: " in said
