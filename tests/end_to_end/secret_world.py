"""A private channel and a private index, small, and every form that their secrets could leak in."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

from tests.support.channel import as_file, as_shards, record, repodata
from tests.support.packages import index_files, make_wheel
from tests.support.server import LoopbackServer

#: characters that addresses, JSON and headers write in other ways
USER, WORD = "robot@factory.example", "open:sesame/12+34=% ?#&x"
TOKEN = "to-ken_sesame+5678"
SIGNATURE = "sig-sesame-9012"
QUOTED_PAIR = f"{quote(USER, safe='')}:{quote(WORD, safe='')}"


def forms(secret: str) -> Iterator[str]:
    """Yield the ways in which a secret could be written down."""
    yield secret
    yield from (quote(secret), quote_plus(secret), quote(secret, safe=""))
    yield quote(secret, safe=":@!$&'()*+,;=")
    yield json.dumps(secret)[1:-1]
    yield repr(secret)[1:-1]
    for data in (secret.encode(), f"{USER}:{secret}".encode(), f":{secret}".encode()):
        yield base64.b64encode(data).decode().rstrip("=")
        yield base64.urlsafe_b64encode(data).decode().rstrip("=")
        yield data.hex()


FORMS = sorted({form for secret in (WORD, TOKEN, SIGNATURE) for form in forms(secret)})
#: parts that stand for the whole: nothing else here holds them
PARTS = ("sesame", b"sesame".hex())


def leaks(text: str) -> list[str]:
    """Return the forms of secrets that a text holds."""
    return [form for form in (*FORMS, *PARTS) if form in text]


def files() -> dict[str, bytes]:
    """Return what the server has: ``conda/private`` (one file), ``conda/sharded``, ``simple``."""
    python = record("python", "3.11.9", "0_cpython", depends=[])
    data = repodata(
        [python, record("numpy", "1.26.4", "py311_0", depends=["python 3.11.*"]), record("inner", "2.0"),
         record("inner", "1.0")],
    )  # fmt: skip
    noarch = repodata([], info={"subdir": "noarch"})
    found = {}
    for channel in ("private", "sharded"):
        for subdir, document in (("linux-64", data), ("noarch", noarch)):
            plain = {"repodata.json": as_file(document, "repodata.json")}
            made = as_shards(document) if channel == "sharded" else plain
            found |= {f"conda/{channel}/{subdir}/{name}": content for name, content in made.items()}
    wheels = {
        "secretlib": {"secretlib-1.0-py3-none-any.whl": make_wheel("secretlib", "1.0", ["deep>=1"])},
        "deep": {f"deep-{v}-py3-none-any.whl": make_wheel("deep", v) for v in ("1.0", "2.0")},
        "needs-old": {"needs_old-1.0-py3-none-any.whl": make_wheel("needs-old", "1.0", ["deep<2"])},
        "needs-new": {"needs_new-1.0-py3-none-any.whl": make_wheel("needs-new", "1.0", ["deep>=2"])},
    }
    return found | index_files(wheels)


def private_server() -> LoopbackServer:
    """Return a server that lets in who knows the user and password, or has the token in the path."""
    server = LoopbackServer(files())
    wanted = "Basic " + base64.b64encode(f"{USER}:{WORD}".encode()).decode()

    def act(handler: object) -> bool:
        for token in {quote(TOKEN, safe=""), TOKEN}:
            if handler.path.startswith(f"/t/{token}/"):  # type: ignore[attr-defined]
                handler.served_path = handler.path.removeprefix(f"/t/{token}")  # type: ignore[attr-defined]
                return False
        if handler.headers.get("Authorization") == wanted:  # type: ignore[attr-defined]
            return False
        challenge = {"WWW-Authenticate": 'Basic realm="private"'}
        return handler.answer(401, b"who are you?", challenge)  # type: ignore[attr-defined, no-any-return]

    server._rule("/", None, act)
    return server


def written_down(folder: Path, given: frozenset[str]) -> str:
    """Return the names and contents of every file below a folder but those that the test gave."""
    texts = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        texts.append(name)
        if path.is_file() and name not in given:
            data = path.read_bytes()
            texts += [data.decode("latin-1"), data.decode("utf-8", "replace"), _unpacked(data)]
    return "\n".join(texts)


def _unpacked(data: bytes) -> str:
    """Return the Zstandard frames inside some bytes, unpacked: secrets could hide there."""
    import zstandard

    texts, start = [], data.find(b"\x28\xb5\x2f\xfd")
    while start >= 0:
        with contextlib.suppress(zstandard.ZstdError):
            content = zstandard.ZstdDecompressor().decompressobj().decompress(data[start:])
            texts.append(content.decode("latin-1"))
        start = data.find(b"\x28\xb5\x2f\xfd", start + 4)
    return "\n".join(texts)
