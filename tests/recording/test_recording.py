"""A solve written down: the same bytes again without servers, and no credential in the file."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from resolver.errors import SourceError
from resolver.sources.http.response import Response
from resolver.sources.tape import Asking, Recorder
from tests.cli.here import lock
from tests.end_to_end.sample import write_sample
from tests.end_to_end.written import ONE_FILE, SHARDED, Writing
from tests.support.server import LoopbackServer

FILE = """\
channels: [conda-forge]
dependencies:
- python=3.11
- numpy
- pip:
  - python-dotenv==1.0.1
  - azure-identity==1.16.1
"""
MANIFEST = """\
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]
[dependencies]
python = ">=3.11"
numpy = "*"
[feature.test.pypi-dependencies]
python-dotenv = "==1.0.1"
[environments]
test = ["test"]
"""
SECRET, PASSWORD = "tok-4f1d9c-planted", "hunter2-planted"


def settings_of(server: LoopbackServer) -> dict[str, str]:
    return {
        "LOCK_CHANNEL_ALIAS": f"{server.url}/conda",
        "LOCK_INDEX_URL": f"{server.url}/pypi",
        "LOCK_RETRIES": "1",
    }


@pytest.mark.parametrize("form", [ONE_FILE, SHARDED])
def test_a_recording_gives_the_same_bytes_without_servers(form: str, tmp_path: Path) -> None:
    (tmp_path / "environment.yml").write_text(FILE)
    with LoopbackServer() as server:
        write_sample(Writing(channel_form=form)).serve(server)
        done = lock("environment.yml", "--record", "solve.zip", folder=tmp_path, **settings_of(server))
        assert done.code == 0, done.err
        assert "warning" not in done.err
        wanted = (tmp_path / "conda-lock.yml").read_bytes()
        asked = len(server.seen)
        assert asked > 5
    (tmp_path / "elsewhere").mkdir()
    again = lock("replay", "../solve.zip", "-o", "again.yml", folder=tmp_path / "elsewhere")
    assert again.code == 0, again.err
    assert (tmp_path / "elsewhere" / "again.yml").read_bytes() == wanted
    assert "the same lockfile" in again.err
    shown = lock("replay", "../solve.zip", "-q", folder=tmp_path / "elsewhere")
    assert shown.out.encode() == wanted


def test_an_earlier_lockfile_belongs_to_the_question(tmp_path: Path) -> None:
    (tmp_path / "environment.yml").write_text(FILE.replace("- numpy\n", "- numpy=1.26\n"))
    with LoopbackServer() as server:
        write_sample(Writing(channel_form=ONE_FILE)).serve(server)
        settings = settings_of(server)
        assert lock("environment.yml", folder=tmp_path, **settings).code == 0
        (tmp_path / "environment.yml").write_text(FILE)
        done = lock("environment.yml", "--record", "solve.zip", folder=tmp_path, **settings)
        assert done.code == 0, done.err
    wanted = (tmp_path / "conda-lock.yml").read_text()
    assert "numpy-1.26" in wanted
    assert lock("replay", "solve.zip", "-q", folder=tmp_path).out == wanted


@pytest.mark.parametrize(
    "arguments",
    [
        ("pixi.toml", "--all-environments"),
        ("pixi.toml", "--environment", "test", "--python", "3.11,3.12", "-o", "here.pixi.lock"),
    ],
    ids=["a manifest", "one environment for two Pythons, at a place"],
)
def test_several_environments_are_one_recording(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Over an earlier lockfile, too, which belongs to the question."""
    (tmp_path / "pixi.toml").write_text(MANIFEST)
    place = "here.pixi.lock" if "-o" in arguments else "pixi.lock"
    with LoopbackServer() as server:
        write_sample(Writing(channel_form=ONE_FILE)).serve(server)
        settings = settings_of(server)
        for _ in range(2):
            done = lock(*arguments, "--record", "solve.zip", folder=tmp_path, **settings)
            assert done.code == 0, done.err
            assert "gives something else" not in done.err
            wanted = (tmp_path / place).read_text()
            again = lock("replay", "solve.zip", "-q", folder=tmp_path)
            assert again.out == wanted, again.err


def test_a_solve_without_a_solution_is_recorded_too(tmp_path: Path) -> None:
    (tmp_path / "environment.yml").write_text(FILE.replace("- numpy\n", "- numpy>=99\n"))
    with LoopbackServer() as server:
        write_sample(Writing(channel_form=ONE_FILE)).serve(server)
        done = lock("environment.yml", "--record", "solve.zip", folder=tmp_path, **settings_of(server))
        assert done.code == 4
        assert not (tmp_path / "conda-lock.yml").exists()
    again = lock("replay", "solve.zip", folder=tmp_path)
    assert again.code == 4
    assert "numpy>=99" in again.err


def test_a_source_that_fails_fails_again(tmp_path: Path) -> None:
    (tmp_path / "environment.yml").write_text(FILE)
    with LoopbackServer() as server:
        write_sample(Writing(channel_form=ONE_FILE)).serve(server)
        server.fail("/pypi/azure-identity/", status=500)
        done = lock("environment.yml", "--record", "solve.zip", folder=tmp_path, **settings_of(server))
        assert done.code == 3
    again = lock("replay", "solve.zip", folder=tmp_path)
    assert again.code == 3
    assert "the server answers 500" in again.err


def test_a_server_that_answers_in_two_ways_is_noted(tmp_path: Path) -> None:
    """What it said last is recorded; that it said something else before is the reason of a difference."""

    def answer(body: bytes) -> Response:
        return Response(url="u", status=200, headers={}, body=body)

    def fail() -> Response:
        raise SourceError("the server answers 503", "u", None, 503)

    steady, passing = Recorder(tmp_path, 1000), Recorder(tmp_path, 1000)
    for recorder, second in ((steady, b"page"), (passing, b"other")):
        recorder.ask("u", None, None, lambda: answer(b"page"), str, Asking())
        recorder.ask("u", None, None, lambda second=second: answer(second), str, Asking())
    assert (steady.unsteady(), passing.unsteady()) == ([], ["u"])
    failing = Recorder(tmp_path, 1000)
    with pytest.raises(SourceError):
        failing.ask("u", None, None, fail, str, Asking())
    assert failing.unsteady() == []
    failing.ask("u", None, None, lambda: answer(b"page"), str, Asking())
    assert failing.unsteady() == ["u"]


def test_no_credential_is_recorded(tmp_path: Path) -> None:
    """Of addresses, variables, netrc and settings; the replayed bytes are the same all the same."""
    with LoopbackServer() as server:
        write_sample(Writing(channel_form=ONE_FILE)).serve(server)
        host = server.url.removeprefix("http://")
        (tmp_path / "environment.yml").write_text(
            FILE.replace("[conda-forge]", f"['http://me:{PASSWORD}@{host}/conda/conda-forge']").replace(
                "- pip:\n", f"- pip:\n  - --index-url http://me:${{TOKEN}}@{host}/pypi\n"
            )
        )
        name = "LOCK_AUTH_" + host.replace(".", "_").replace(":", "_").upper()
        done = lock(
            "environment.yml", "--record", "solve.zip", folder=tmp_path,
            TOKEN=SECRET, OTHER="of no concern", **{name: f"bearer {SECRET}", "LOCK_RETRIES": "1"},
        )  # fmt: skip
        assert done.code == 0, done.err
    with zipfile.ZipFile(tmp_path / "solve.zip") as archive:
        for name in archive.namelist():
            assert SECRET.encode() not in archive.read(name), name
            assert PASSWORD.encode() not in archive.read(name), name
        assert b"of no concern" not in archive.read("record.json")
    again = lock("replay", "solve.zip", "-q", folder=tmp_path)
    assert again.code == 0, again.err
    assert again.out == (tmp_path / "conda-lock.yml").read_text()


def test_equal_solves_are_equal_files(tmp_path: Path) -> None:
    (tmp_path / "environment.yml").write_text(FILE)
    with LoopbackServer(etags=False) as server:
        write_sample(Writing(channel_form=ONE_FILE)).serve(server)
        names = []
        for place in ("one.zip", "two.zip"):
            (tmp_path / "conda-lock.yml").unlink(missing_ok=True)
            assert (
                lock("environment.yml", "--record", place, folder=tmp_path, **settings_of(server)).code == 0
            )
            with zipfile.ZipFile(tmp_path / place) as archive:
                names.append(sorted(archive.namelist()))
    assert names[0] == names[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("environment.yml", "--record", "x.zip", "--check"), "--record"),
        (("environment.yml", "--record", "x.zip", "--offline"), "nothing would be asked"),
        (("replay", "environment.yml"), "is no recording of a solve"),
        (("replay", "absent.zip"), "can't be read"),
    ],
)
def test_what_can_t_be_is_refused(arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    (tmp_path / "environment.yml").write_text(FILE)
    done = lock(*arguments, folder=tmp_path)
    assert done.code == 2
    assert words in done.err


@pytest.mark.parametrize("name", ["../outside", "/outside", "C:/outside", "a\\..\\b"])
def test_a_recording_that_names_files_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    record = (
        '{"form": 1, "program": "1", "today": null, "files": [], "held": [%s], "output": "", "request": {},'
        '"machine": {}, "settings": {}, "environ": {}, "answers": [], "outcome": {"exit_code": 0}}'
    )
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("record.json", record % ('"' + name.replace("\\", "\\\\") + '"'))
        archive.writestr(f"files/{name}", b"gotcha")
    done = lock("replay", "bad.zip", folder=tmp_path)
    assert done.code == 2
    assert "names a file outside its folder" in done.err


@pytest.fixture
def solve(tmp_path: Path) -> Path:
    """A recording of a file and what it asked."""
    (tmp_path / "environment.yml").write_text(FILE)
    with LoopbackServer() as server:
        write_sample(Writing(channel_form=ONE_FILE)).serve(server)
        done = lock("environment.yml", "--record", "solve.zip", folder=tmp_path, **settings_of(server))
    assert done.code == 0, done.err
    return tmp_path / "solve.zip"


@pytest.mark.parametrize("member", ["record.json", "files/environment.yml"])
def test_a_recording_with_damaged_bytes_is_refused(member: str, solve: Path) -> None:
    with zipfile.ZipFile(solve) as archive:
        start = archive.getinfo(member).header_offset + 30 + len(member)
    data = bytearray(solve.read_bytes())
    for place in range(start, start + 24):
        data[place] ^= 0xFF
    solve.write_bytes(data)
    done = lock("replay", "solve.zip", folder=solve.parent)
    assert done.code == 2, done.err


@pytest.mark.parametrize(
    ("member", "old", "new"),
    [
        ("conda-lock.yml", b"version: 1", b"version: \xff"),
        ("record.json", b'"held": [', b'"held": ["environment.yml/below", '),
        ("record.json", b'"held": [', b'"held": ["a\\u0000b", '),
    ],
    ids=["a lockfile that is no text", "a file below a file", "a name with a null"],
)
def test_a_recording_that_a_stranger_changed_is_refused(
    member: str, old: bytes, new: bytes, solve: Path
) -> None:
    with zipfile.ZipFile(solve) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert old in held[member]
    held[member] = held[member].replace(old, new)
    held["files/environment.yml/below"] = held["files/a\0b"] = b""
    with zipfile.ZipFile(solve, "w") as archive:
        for name, data in held.items():
            archive.writestr(name, data)
    done = lock("replay", "solve.zip", folder=solve.parent)
    assert done.code == 2, done.err
