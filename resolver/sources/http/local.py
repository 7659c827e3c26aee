"""Files and folders answered as a web server would answer them."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import IO, BinaryIO
from urllib.parse import unquote, urlsplit

from resolver.errors import SourceError
from resolver.model.digests import sha256
from resolver.sources.http.response import ByteRange, Response
from resolver.sources.limits import LimitError, describe_size

_TYPES = {".html": "text/html", ".json": "application/json"}


def local_path(address: str) -> Path:
    """Return the path that a ``file:`` address or a plain path (``~`` allowed) names."""
    if address[:5].lower() != "file:":
        return Path(address).expanduser()
    parts = urlsplit(address)
    host = "" if parts.netloc.lower() in ("", "localhost") else f"//{parts.netloc}"
    if os.name != "nt":
        return Path(unquote(host + parts.path))
    from urllib.request import url2pathname  # brings all of http.client along

    return Path(url2pathname(host + parts.path))


def open_regular(path: Path, largest: int | None) -> BinaryIO:
    """Open a file of at most ``largest`` bytes for reading; raises OSError, LimitError for what is none.

    None: of any size, as a part of it is read.
    """
    # A pipe without a writer would hold up its opening for ever; on a file the flag does nothing.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    file = os.fdopen(handle, "rb")
    facts = os.fstat(handle)
    try:
        if not stat.S_ISREG(facts.st_mode):
            raise LimitError("it is not a regular file")
        if largest is not None:
            _check_size(facts.st_size, largest)
    except LimitError:
        file.close()
        raise
    return file


def state_of(facts: os.stat_result) -> str:
    """Return what tells a file's content from what stood there before.

    Who unpacks or copies may give all files one time; what the system itself notes of a change stays.
    """
    return f"{facts.st_mtime_ns}-{facts.st_ctime_ns}-{facts.st_ino}-{facts.st_size}"


def _check_size(size: int, largest: int) -> None:
    if size > largest:
        raise LimitError(
            f"it is larger than {describe_size(largest)}", "The setting `size-limits` can raise that."
        )


def read_local(
    address: str,
    *,
    headers: Mapping[str, str],
    byte_range: ByteRange | None,
    sink: IO[bytes] | None,
    largest: int,
) -> Response:
    """Answer with the file's bytes: 200, 206 for a range, 304 for a known ETag, 404 for nothing there.

    A folder answers with its ``index.html``. Raises SourceError where a file is there but not readable,
    what is asked of it is larger than ``largest`` bytes, or is none: a device or a pipe might never end.
    """
    path = local_path(address)
    try:
        if path.is_dir():
            path, address = path / "index.html", address.rstrip("/") + "/"
        with open_regular(path, largest if byte_range is None else None) as file:
            facts = os.fstat(file.fileno())
            known = _describe(path, facts)
            if known["etag"] in headers.get("if-none-match", ""):
                return Response(status=304, headers=known, url=address)
            if byte_range is None:
                return Response(status=200, headers=known, body=_read(file, sink), url=address)
            return _read_range(file, known, byte_range, address, largest)
    except (FileNotFoundError, NotADirectoryError):
        return Response(status=404, url=address)
    except LimitError as error:
        raise SourceError(f"is not read: {error.reason}", address, error.hint) from None
    except OSError as error:
        raise SourceError(f"can't be read: {error.strerror or type(error).__name__}", address) from None


def _read(file: IO[bytes], sink: IO[bytes] | None) -> bytes:
    if sink is None:
        return file.read()
    import shutil

    shutil.copyfileobj(file, sink, 1 << 20)
    return b""


def _read_range(
    file: BinaryIO, known: dict[str, str], byte_range: ByteRange, address: str, largest: int
) -> Response:
    size = os.fstat(file.fileno()).st_size
    start, end = byte_range
    start = max(0, size + start) if start < 0 else start
    if start >= size:
        return Response(status=416, headers=known | {"content-range": f"bytes */{size}"}, url=address)
    last = size - 1 if end is None else min(end, size - 1)
    _check_size(last - start + 1, largest)
    file.seek(start)
    body = file.read(last - start + 1)
    known |= {"content-range": f"bytes {start}-{last}/{size}", "content-length": str(len(body))}
    return Response(status=206, headers=known, body=body, url=address)


def _describe(path: Path, facts: os.stat_result) -> dict[str, str]:
    """Make the headers of a file; its ETag comes from its state, not from the content."""
    import email.utils

    mark = sha256(state_of(facts).encode()).hexdigest()[:24]
    return {
        "etag": f'"{mark}"',
        "last-modified": email.utils.formatdate(facts.st_mtime, usegmt=True),
        "content-length": str(facts.st_size),
        "content-type": _TYPES.get(path.suffix, "application/octet-stream"),
    }
