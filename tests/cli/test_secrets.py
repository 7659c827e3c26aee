"""A private channel and a private index on loopback: locked, and the secret is nowhere."""

from __future__ import annotations

import base64
import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.here import lock
from tests.cli.process import SAMPLE, Done

USER, WORD = "robot", "open-" + "sesame-1234"


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the sample to those who are known: basic authentication, or a token in the path."""

    asked: list[str]

    def do_GET(self) -> None:
        expected = "Basic " + base64.b64encode(f"{USER}:{WORD}".encode()).decode()
        if self.path.startswith(f"/t/{WORD}/"):
            self.path = self.path.removeprefix(f"/t/{WORD}")
        elif self.headers.get("Authorization") != expected:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="x"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        super().do_GET()

    do_HEAD = do_GET  # noqa: N815  # the name that the base class calls

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    handler = functools.partial(Handler, directory=str(SAMPLE))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


FILE = "channels: [{0}]\ndependencies:\n- python=3.11\n- pip\n- pip:\n  - python-dotenv==1.0.1\n"


def everything(done: Done, folder: Path) -> str:
    """Return all that a run left behind: what it said, what it wrote, and the names of files."""
    texts = [done.out, done.err]
    for path in sorted(folder.rglob("*")):
        texts.append(str(path.relative_to(folder)))
        if path.is_file() and path.name not in ("environment.yml", "netrc"):
            texts.append(path.read_bytes().decode("latin-1"))
    return "\n".join(texts)


def run(folder: Path, channel: str, index: str, **variables: str) -> Done:
    (folder / "environment.yml").write_text(FILE.format(channel))
    return lock("environment.yml", "--index-url", index, "-vv", folder=folder, **variables)


def check(done: Done, folder: Path) -> str:
    assert done.code == 0, done.err
    text = (folder / "conda-lock.yml").read_text()
    assert "python-dotenv" in text
    left = everything(done, folder)
    assert WORD not in left
    assert base64.b64encode(f"{USER}:{WORD}".encode()).decode() not in left
    return text


def test_in_the_addresses(tmp_path: Path, address: str) -> None:
    channel = f"http://{address}/t/{WORD}/conda/conda-forge"
    done = run(tmp_path, channel, f"http://{USER}:{WORD}@{address}/pypi")
    text = check(done, tmp_path)
    assert f"http://{address}/conda/conda-forge/linux-64/python-3.11" in text


def test_as_a_variable_of_the_file(tmp_path: Path, address: str) -> None:
    done = run(
        tmp_path,
        f"'http://{address}/t/${{MY_TOKEN}}/conda/conda-forge'",
        f"http://{address}/pypi",
        MY_TOKEN=WORD,
        LOCK_AUTH_127_0_0_1=f"{USER}:{WORD}",
    )
    text = check(done, tmp_path)
    assert "used_env_vars:\n        - MY_TOKEN\n" in text
    assert f"http://{address}/t/${{MY_TOKEN}}/conda/conda-forge/linux-64/python-3.11" in text


def test_in_netrc(tmp_path: Path, address: str) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1\nlogin {USER}\npassword {WORD}\n")
    netrc.chmod(0o600)
    base = f"http://{address}"
    check(run(tmp_path, f"{base}/conda/conda-forge", f"{base}/pypi", NETRC=str(netrc)), tmp_path)


def test_a_wrong_one_is_refused_without_being_shown(tmp_path: Path, address: str) -> None:
    wrong = WORD[::-1]
    done = run(tmp_path, f"http://{USER}:{wrong}@{address}/conda/conda-forge", f"http://{address}/pypi")
    assert done.code == 3
    assert "401" in done.err
    assert wrong not in everything(done, tmp_path)
