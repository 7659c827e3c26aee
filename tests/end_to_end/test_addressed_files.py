"""`-r` and `-c` of an address: read as sources are, and a source that fails is told as one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.here import lock
from tests.cli.process import Done
from tests.support.packages import index_files, make_wheel
from tests.support.server import LoopbackServer

FILES = {f"a-{v}-py3-none-any.whl": make_wheel("a", v) for v in ("1.0", "2.0", "3.0")}
TEXTS = {
    "lists/dev.txt": b"-r sub/base.txt\n-c sub/limits.txt\n",
    "lists/sub/base.txt": b"a\n",
    "lists/sub/limits.txt": b"a<3\n",
    "lists/broken.txt": b"a==\n",
}


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer({**index_files({"a": FILES}), **TEXTS}) as made:
        yield made


def run(server: LoopbackServer, folder: Path, text: str, *flags: str, name: str = "requirements.txt") -> Done:
    (folder / name).write_text(text.format(url=server.url))
    asked = (name, "--python", "3.12", "-p", "linux-64", "--index-url", f"{server.url}/simple")
    return lock(*asked, "--retries", "0", *flags, folder=folder)


YAML = "channels: []\ndependencies:\n- pip:\n  - -r {url}/lists/dev.txt\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", "-r {url}/lists/dev.txt\n"),
        ("requirements.txt", "a\n-c {url}/lists/sub/limits.txt\n"),
        ("environment.yml", YAML),
    ],
)
def test_what_it_asks_for_counts(name: str, text: str, server: LoopbackServer, tmp_path: Path) -> None:
    done = run(server, tmp_path, text, name=name)
    assert done.code == 0, done.err
    (locked,) = tmp_path.glob("*lock.yml")
    assert "a-2.0-py3-none-any.whl" in locked.read_text()
    assert run(server, tmp_path, text, "--check", name=name).code == 0
    server.files["lists/sub/limits.txt"] = b"a<2\n"
    stale = run(server, tmp_path, text, "--check", name=name)
    assert stale.code == 5
    assert "/lists/sub/limits.txt:1:1: " in stale.err


def test_faults_are_told_with_their_place(server: LoopbackServer, tmp_path: Path) -> None:
    done = run(server, tmp_path, "-r {url}/lists/broken.txt\n")
    assert done.code == 2
    assert re.search(r"/lists/broken\.txt:1:1: ", done.err)


@pytest.mark.parametrize(
    ("path", "flags", "message"),
    [
        ("lists/none.txt", (), "the file is not there (404)"),
        ("lists/dev.txt", ("--offline",), "the network may not be used"),
    ],
)
def test_an_address_that_fails_is_a_source_that_fails(
    path: str, flags: tuple[str, ...], message: str, server: LoopbackServer, tmp_path: Path
) -> None:
    done = run(server, tmp_path, f"-r {{url}}/{path}\n", *flags)
    assert (done.code, message in done.err) == (3, True), done.err


def test_no_secret_of_the_address_is_told(server: LoopbackServer, tmp_path: Path) -> None:
    address = server.url.replace("://", "://user:hunter2@")
    for path, code in (("none", 3), ("broken", 2), ("dev", 0)):
        done = run(server, tmp_path, f"-r {address}/lists/{path}.txt\n", "-vv")
        assert done.code == code, done.err
        assert "hunter2" not in done.out + done.err
    assert "hunter2" not in (tmp_path / "requirements.conda-lock.yml").read_text()


def test_an_input_itself_is_a_file(server: LoopbackServer, tmp_path: Path) -> None:
    done = lock(f"{server.url}/lists/dev.txt", folder=tmp_path)
    assert done.code == 2
    assert "an address, and only files are read" in done.err or "can't read" in done.err
