"""Pipes, devices and nonsense in place of an environment's files: told by their names, nothing changed."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lockfiles.cli.main import main
from lockfiles.environments.fetching import Fetched
from lockfiles.environments.installed import PresentProject
from lockfiles.environments.linking import _fault as conda_fault
from lockfiles.environments.marks import add_history, environment_variables, read_put_there
from lockfiles.environments.processes import Finished, Holding
from lockfiles.environments.projects import Route, Work, reason_of
from lockfiles.environments.projects import _fault as pip_fault
from lockfiles.environments.record_rows import encode_rows, read_rows
from lockfiles.environments.removal import take_out
from resolver.errors import InputError, OutputError, SourceError
from resolver.model.channels import Channel
from resolver.model.names import PypiName
from resolver.model.records import CondaRecord, DistFile
from resolver.model.resolution import CondaPin, PypiPin
from tests.environments.test_hostile_archives import folder as folder  # a fixture
from tests.environments.test_hostile_archives import install, state, write_package
from tests.lockfiles.test_regular_files import LOCKFILE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="conda packages of linux-64; pipes, devices")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _text(text: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(text)


#: What stands there -> the least that is said of it.
INSTEAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "a pipe": (_pipe, "is a pipe or a device, not a file"),
    "a device without an end": (_device, "is a pipe or a device, not a file"),
    "a folder": (Path.mkdir, "s a "),  # Is a directory, is a folder
    "no text": (_text(b"\xff\xfe\x00"), "error: "),
    "nested too deep": (_text(b'{"x":' * 100_000), "nested too deep"),
}


def write_environment(folder: Path) -> None:
    """Write an environment with one package, `old`."""
    facts = {"name": "old", "version": "1.0", "build": "0", "build_number": 0, "subdir": "linux-64"}
    (folder / "env" / "conda-meta").mkdir(parents=True)
    place = {"url": "https://channels.test/small/linux-64/old-1.0-0.conda", "channel": "small"}
    text = json.dumps({**facts, **place, "fn": "old-1.0-0.conda", "depends": [], "files": []})
    (folder / "env" / "conda-meta" / "old-1.0-0.json").write_text(text)


@pytest.mark.parametrize("why", INSTEAD)
@pytest.mark.parametrize("name", ["state", "history", "lockstack", "old-1.0-0.json"])
def test_a_file_of_the_environment_itself(
    name: str, why: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put, told = INSTEAD[why]
    write_environment(folder)
    place = folder / "env" / "conda-meta" / name
    place.unlink(missing_ok=True)
    put(place)
    before = state(folder / "env")
    code, said = install(folder, write_package(folder, ".conda", name="new")), capsys.readouterr().err
    if name == "history" and not why.startswith("a "):  # nobody reads it, and it stays
        assert code == 0, said
        assert b"==> " in place.read_bytes()
        return
    assert code == 2
    assert f"conda-meta/{name}: " in said
    assert told in said
    assert "unexpected" not in said
    assert state(folder / "env") == before


def test_what_conda_wrote_in_another_encoding_stays(tmp_path: Path) -> None:
    (tmp_path / "conda-meta").mkdir()
    history = tmp_path / "conda-meta" / "history"
    history.write_bytes(b"# cmd: caf\xe9\n")
    add_history(tmp_path, (), ("x::a-1-0",), ["a"], "lock install")
    assert history.read_bytes().startswith(b"# cmd: caf\xe9\n==> ")


def test_variables_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    (tmp_path / "conda-meta").mkdir()
    os.mkfifo(tmp_path / "conda-meta" / "state")
    assert environment_variables(tmp_path) == {}
    os.mkfifo(tmp_path / "conda-meta" / "lockstack")
    with pytest.raises(InputError, match="pipe or a device"):
        read_put_there(tmp_path)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("why", ["a pipe", "a device without an end"])
@pytest.mark.parametrize("verb", ["check", "validate"])
def test_whoever_looks_at_an_environment(
    verb: str, why: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_environment(folder)
    (folder / "conda-lock.yml").write_text(LOCKFILE)
    record = folder / "env" / "conda-meta" / "old-1.0-0.json"
    record.unlink()
    INSTEAD[why][0](record)
    python = folder / "env" / "bin" / "python"
    python.parent.mkdir()
    INSTEAD[why][0](python)
    assert main([verb, "--prefix", "env"]) in (0, 2, 5)
    said = capsys.readouterr()
    assert "is a pipe or a device" in said.err + said.out


def test_rows_of_a_record(tmp_path: Path) -> None:
    record = tmp_path / "RECORD"
    record.write_bytes(b'a.py,sha256=x,1\n\n"b,c.py",,\ncaf\xe9.py,,\nx\x00y,,\n')
    rows = read_rows(record)
    assert [row[0] for row in rows] == ["a.py", "b,c.py", "caf\udce9.py"]
    assert encode_rows(rows) == b'a.py,sha256=x,1\n"b,c.py",,\ncaf\xe9.py,,\n'
    record.write_text("a" * 200_000 + ",,\n")
    with pytest.raises(InputError, match="larger than field limit"):
        read_rows(record)
    record.unlink()
    os.mkfifo(record)
    with pytest.raises(InputError, match="pipe or a device"):
        read_rows(record)


def test_a_folder_in_the_place_of_metadata_goes_with_its_project(tmp_path: Path) -> None:
    site, info = "lib/python3.12/site-packages", "thing-1.0.dist-info"
    (tmp_path / site / info / "METADATA").mkdir(parents=True)
    (tmp_path / site / info / "METADATA" / "inner").write_text("x")
    (tmp_path / site / "thing").mkdir()
    (tmp_path / site / "thing" / "mine.txt").write_text("x")
    (tmp_path / site / info / "RECORD").write_text(f"thing,,\n{info}/METADATA,,\n{info}/RECORD,,\n")
    project = PresentProject(name=PypiName("thing"), version="1.0", folder=f"{site}/{info}")
    assert take_out(tmp_path, [project], frozenset()) == []
    assert not (tmp_path / site / info).exists()
    assert (tmp_path / site / "thing" / "mine.txt").exists()  # a folder that RECORD names elsewhere


# -- what an installer refuses -------------------------------------------------------------------------


OLD_FAULT = "failed to determine the currently installed packages"


def _conda(name: str) -> CondaPin:
    record = CondaRecord(name=name, version="1.0", build="0", build_number=0, file_name=f"{name}-1.0-0.conda")
    channel = Channel(name="small", base_url="https://channels.test/small")
    url = f"{channel.base_url}/noarch/{record.file_name}"
    return CondaPin(record=record, channel=channel, subdir="noarch", url=url)


@pytest.mark.parametrize(
    ("names", "line", "code", "kind", "told"),
    [
        (("a", "b"), "failed: Caused by: odd", 3, SourceError, "an archive of `a`, `b` can't be linked"),
        (("a", "b"), "failed: b-1.0-0.conda is odd", 3, SourceError, "the archive of b can't be linked"),
        (("a",), "failed: odd", 3, SourceError, "the archive of a can't be linked"),
        (("a", "b"), "failed: no space (os error 28)", 3, OutputError, "its conda packages can't be linked"),
        (("a", "b"), "Killed", -9, OutputError, "its conda packages can't be linked"),
        ((), "failed: odd", 3, OutputError, "its conda packages can't be linked"),
        (("a",), f"{OLD_FAULT}: odd", 3, InputError, "what is there is damaged: odd"),
    ],
)  # fmt: skip
def test_archives_that_cannot_be_linked(
    names: tuple[str, ...], line: str, code: int, kind: type[Exception], told: str, tmp_path: Path
) -> None:
    pins = [_conda(name) for name in names]
    fetched = {f"conda {name}": Fetched(path=tmp_path / name, sha256="0" * 64) for name in names}
    found = conda_fault(Finished(code=code, output=line), pins, fetched, tmp_path)
    assert type(found) is kind
    assert told in str(found)
    assert line.rpartition(": ")[2] in str(found)


def _wheel(name: str) -> PypiPin:
    file_name = f"{name}-1.0-py3-none-any.whl"
    url = f"https://files.test/{file_name}"
    return PypiPin(name=PypiName(name), version="1.0", file=DistFile(file_name, "1.0", True, url, {}))


@pytest.mark.parametrize(
    ("names", "output", "code", "kind", "told"),
    [
        (("a", "b"), "error: odd", 2, SourceError, "one of `a`, `b` can't be installed by uv"),
        (("a", "b"), "error: b-1.0-py3-none-any.whl", 2, SourceError, "the wheel of `b` can't be installed"),
        (("a",), "error: odd", 2, SourceError, "the wheel of `a` can't be installed by uv: odd"),
        (("a", "b"), "error: No space left on device", 2, OutputError, "its pip part can't be installed"),
        (("a", "b"), "error: odd", -9, OutputError, "its pip part can't be installed by uv"),
    ],
)  # fmt: skip
def test_wheels_that_an_installer_refuses(
    names: tuple[str, ...], output: str, code: int, kind: type[Exception], told: str, tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    shutil.copy("/bin/true", tmp_path / "bin" / "python")
    with (tmp_path / "lock").open("w") as lock:
        holding = Holding(work=tmp_path, handle=lock.fileno(), environ={})
        work = Work(prefix=tmp_path, final=tmp_path, site="lib", folder=tmp_path, holding=holding)
        done = Finished(code=code, output=output)
        found = pip_fault(done, [_wheel(name) for name in names], Route.UV, work)
    assert type(found) is kind
    assert told in str(found)
    assert reason_of(done) in str(found)
