"""What a fetch gives back, and who may watch it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

#: First and last byte, counted from 0, last one included. A negative first byte
#: means the last ``-first`` bytes of the file; a last byte of None means up to its end.
ByteRange: TypeAlias = tuple[int, int | None]


_MOST_DIGITS = 18  #: of a number in a header


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: 2xx, 304, 404, 410 or 416. Everything else is raised as an error."""

    status: int
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)  #: names in lower case
    body: bytes = b""  #: decoded; empty when it went to a sink
    url: str = ""  #: after redirects, without secrets
    is_complete: bool = True  #: False: a server ignored the range, and the body was not read
    is_framed: bool = True  #: False: only the connection's end ended the body, which may have been cut off

    @property
    def found(self) -> bool:
        """False for 404, 410 and 416."""
        return self.status < 400

    @property
    def total_size(self) -> int | None:
        """Bytes of the whole file as ``Content-Range`` or ``Content-Length`` tell; None: not told."""
        _, slash, total = self.headers.get("content-range", "").rpartition("/")
        if not slash and self.status == 200:
            total = self.headers.get("content-length", "")
        return header_number(total)


def header_number(text: str) -> int | None:
    """Read a number of bytes or seconds as a header gives it; None for what is none, or absurd."""
    word = text.strip()
    return int(word) if word.isascii() and word.isdigit() and len(word) <= _MOST_DIGITS else None


class FetchReporter:
    """Hears of fetches, from any thread. Every method does nothing; override what is wanted.

    Each ``fetch_started`` is followed by one ``fetch_done`` with equal ``where``
    (an address without secrets), also when the fetch fails (0 bytes).
    """

    def fetch_started(self, where: str) -> None:
        """Note that a request is about to be sent."""

    def fetch_done(self, where: str, size: int) -> None:
        """Note that a request has ended; ``size`` is in bytes, as received after decoding."""

    def index_started(self, where: str) -> None:
        """Note that a channel's repodata is being split by name, which takes seconds for a large one."""

    def index_done(self, where: str) -> None:
        """Note that this is over, well or not."""

    def build_started(self, what: str) -> None:
        """Note that an sdist or a source tree is built for its metadata, which may take minutes."""

    def build_done(self, what: str) -> None:
        """Note that this is over, well or not; ``what`` is as it was for the start."""

    def fetch_waits(self, where: str, seconds: float, reason: str) -> None:
        """Note that a request failed for now and is sent again in ``seconds``."""
