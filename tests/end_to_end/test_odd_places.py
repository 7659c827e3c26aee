"""Folders with odd names, caches that were damaged or can't be used, and streams that are closed."""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.process import SAMPLE, environ
from tests.end_to_end.inside import run
from tests.end_to_end.sample import write_sample
from tests.end_to_end.written import ONE_FILE, SHARDED, Writing
from tests.support.amount import IS_WHOLE, sampled
from tests.support.server import LoopbackServer

ROUNDS = 150 if IS_WHOLE else 5
FILE = """\
channels: [conda-forge]
dependencies:
- python=3.11
- numpy
- pip:
  - python-dotenv==1.0.1
  - azure-identity==1.16.1
"""


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as made:
        yield made


@pytest.fixture(scope="module")
def plain_server() -> Iterator[LoopbackServer]:
    """The sample, for tests that change nothing of it."""
    with LoopbackServer() as made:
        write_sample(Writing()).serve(made)
        yield made


@pytest.fixture(scope="module")
def wanted(plain_server: LoopbackServer, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return lock(tmp_path_factory.mktemp("plain"), plain_server)


def places_of(server: LoopbackServer) -> dict[str, str]:
    """Return the variables that lead to a server."""
    return {"LOCK_CHANNEL_ALIAS": f"{server.url}/conda", "LOCK_INDEX_URL": f"{server.url}/pypi"}


def lock_once(
    folder: Path, server: LoopbackServer, *more: str | Path, **variables: str
) -> tuple[int, bytes | None]:
    """Return the exit code and the lockfile, None where there is none."""
    (folder / "environment.yml").write_text(FILE)
    made = folder / "conda-lock.yml"
    made.unlink(missing_ok=True)
    code = run("environment.yml", "-q", *more, folder=folder, **places_of(server), **variables)
    return code, made.read_bytes() if made.exists() else None


def lock(folder: Path, server: LoopbackServer, *more: str | Path, **variables: str) -> bytes:
    code, made = lock_once(folder, server, *more, **variables)
    assert code == 0
    assert made is not None
    return made


NAMES = ["a blank", "a#b", "100%", "%20", "a?b=c", "Ünï-ço∂é", "a+b&c", "it's", 'say "x"', "a:b", "[x]", "~x"]


@pytest.mark.parametrize("name", sampled(NAMES, 3))
def test_a_channel_and_an_index_in_a_folder_with_an_odd_name(name: str, tmp_path: Path) -> None:
    place = tmp_path / name
    for part in ("conda/conda-forge", "pypi/python-dotenv", "pypi/six"):
        shutil.copytree(SAMPLE / part, place / part)
    (place / "environment.yml").write_text(
        "channels: [conda-forge]\ndependencies: [python=3.11, tzdata, {pip: [python-dotenv, six]}]\n"
    )
    (place / "lockstack.toml").write_text('channel-alias = "conda"\nindex-url = "pypi"\n')
    for _ in range(2):
        assert run(place / "environment.yml", "-q", "--update-all", folder=tmp_path) == 0
    text = (place / "conda-lock.yml").read_text()
    assert "python-3.11" in text
    assert run(place / "environment.yml", "-q", "--check", folder=tmp_path) == 0
    (place / "lockstack.toml").unlink()
    for alias, index in (
        (place / "conda", place / "pypi"),
        ((place / "conda").as_uri(), (place / "pypi").as_uri()),
    ):
        flags = ["--channel-alias", alias, "--index-url", index]
        assert run(place / "environment.yml", "-q", "--update-all", *flags, folder=tmp_path) == 0
        assert (place / "conda-lock.yml").read_text().count("\n  - name: ") == text.count("\n  - name: ")


def spoil(path: Path, draw: random.Random) -> None:
    """Damage a file as disks and kills do."""
    data = bytearray(path.read_bytes())
    kind = draw.randrange(5)
    if kind == 0:
        data = data[: draw.randrange(len(data) + 1)]
    elif kind == 1 and data:
        for _ in range(draw.choice((1, 1, 20))):
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    elif kind == 2:
        data = bytearray(len(data))
    elif kind == 3:
        data += b"\0" * 100
    else:
        data = bytearray(draw.randbytes(len(data)))
    path.write_bytes(data)


@pytest.mark.parametrize("form", [ONE_FILE, SHARDED])
def test_a_damaged_cache_is_no_cache(
    form: str, server: LoopbackServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write_sample(Writing(channel_form=form)).serve(server)
    wanted = lock(tmp_path, server)
    draw = random.Random(form)  # noqa: S311 - wanted: a seed
    cache = tmp_path / "cache"
    for number in range(ROUNDS):
        files = sorted(path for path in cache.rglob("*") if path.is_file())
        for path in draw.sample(files, min(len(files), draw.choice((1, 5, 1000)))):
            spoil(path, draw)
        code, made = lock_once(tmp_path, server, XDG_CACHE_HOME=str(cache))
        assert (code, made) == (0, wanted), (number, capfd.readouterr().err)


@pytest.mark.parametrize("form", [ONE_FILE, SHARDED])
def test_damage_that_shows_late(
    form: str, server: LoopbackServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A table's records are proved when they are read; where they are damaged it is made anew meanwhile."""
    write_sample(Writing(channel_form=form)).serve(server)
    wanted = lock(tmp_path, server)
    for path in (tmp_path / ".cache").rglob("answer-*"):
        shutil.rmtree(path)  # an answer remembered reads no records
    tables = [path for path in (tmp_path / ".cache").rglob("*") if path.is_file()]
    tables = [path for path in tables if path.read_bytes().startswith(b"LockTab")]
    assert tables
    for path in tables:
        data = bytearray(path.read_bytes())
        (end,) = struct.unpack_from("<Q", data, len(data) - 60)
        data[8:end] = bytes(byte ^ 1 for byte in data[8:end])
        path.write_bytes(data)
    places = {"LOCK_CHANNEL_ALIAS": f"{server.url}/conda", "LOCK_INDEX_URL": f"{server.url}/pypi"}
    code = run("environment.yml", "-v", "--update-all", folder=tmp_path, **places)
    err = capfd.readouterr().err
    assert code == 0, err
    assert "are damaged: the block of" in err
    assert err.count("they are read anew") <= len(tables)
    assert (tmp_path / "conda-lock.yml").read_bytes() == wanted


def as_file(path: Path) -> None:
    path.write_text("a file\n")


def as_link_to_nowhere(path: Path) -> None:
    path.symlink_to("nowhere/at/all/below/a/file")


def as_closed_folder(path: Path) -> None:
    path.mkdir(mode=0o500)


@pytest.mark.parametrize("make", [as_file, as_link_to_nowhere, as_closed_folder])
def test_a_cache_that_can_not_be(
    make: Callable[[Path], None], plain_server: LoopbackServer, wanted: bytes, tmp_path: Path
) -> None:
    make(tmp_path / "odd")
    assert lock(tmp_path, plain_server, "--cache-dir", tmp_path / "odd") == wanted


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(closed: str, plain_server: LoopbackServer, wanted: bytes, tmp_path: Path) -> None:
    (tmp_path / "environment.yml").write_text(FILE)
    places = places_of(plain_server)
    command = f'"{sys.executable}" -m lockfiles.cli environment.yml -v {closed}'
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path,
        env=environ(tmp_path, **places),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "conda-lock.yml").read_bytes() == wanted


def test_no_home(plain_server: LoopbackServer, wanted: bytes, tmp_path: Path) -> None:
    """Containers run as users without a folder or a name."""
    (tmp_path / "environment.yml").write_text(FILE)
    variables = environ(tmp_path, **places_of(plain_server))
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        del variables[name]
    for home in (None, "", "/nonexistent", "relative"):
        (tmp_path / "conda-lock.yml").unlink(missing_ok=True)
        done = subprocess.run(
            [sys.executable, "-m", "lockfiles.cli", "environment.yml", "--cache-dir", tmp_path / "new"],
            cwd=tmp_path, env=variables | ({} if home is None else {"HOME": home}),
            capture_output=True, text=True,
            timeout=240,
        )  # fmt: skip
        assert done.returncode == 0, (home, done.stderr)
        assert (tmp_path / "conda-lock.yml").read_bytes() == wanted
