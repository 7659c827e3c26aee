"""The body of an answer without its Content-Encoding (RFC 9110, 8.4), a bounded piece at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from resolver.sources.http.response import header_number
from resolver.sources.limits import Unpacking

_PIECE = 1 << 20  #: most bytes that come out of a decoder at once
_GZIP = frozenset({"gzip", "x-gzip"})


class EncodingError(Exception):
    """The body is damaged (``may_pass``), or in an encoding that nobody asked for."""

    def __init__(self, reason: str, *, may_pass: bool) -> None:
        super().__init__(reason)
        self.reason, self.may_pass = reason, may_pass


def iter_body(chunks: Iterable[bytes], headers: Mapping[str, str], count: Unpacking) -> Iterator[bytes]:
    """Yield a body's bytes decoded, counted before and after.

    Raises EncodingError for one that is damaged or ends inside its compression,
    LimitError beyond the bounds.
    """
    length = header_number(headers.get("content-length", ""))
    if length is not None:
        count.announce(length)
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        pieces = _plain(chunks, count)
    elif encoding in _GZIP:
        pieces = _inflated(chunks, count)
    else:
        raise EncodingError(
            f"the server answers in an encoding that was not asked for: `{encoding[:40]}`", may_pass=False
        )
    for piece in pieces:
        count.unpack(len(piece))
        yield piece


def _plain(chunks: Iterable[bytes], count: Unpacking) -> Iterator[bytes]:
    for chunk in chunks:
        count.receive(len(chunk))
        yield chunk


def _inflated(chunks: Iterable[bytes], count: Unpacking) -> Iterator[bytes]:
    import zlib

    decoder: Any = None
    is_empty = True
    for chunk in chunks:
        count.receive(len(chunk))
        data = chunk
        while data:
            is_empty = False
            decoder = decoder or zlib.decompressobj(16 + zlib.MAX_WBITS)
            try:
                piece = decoder.decompress(data, _PIECE)
            except zlib.error:
                raise EncodingError("the answer's body is damaged", may_pass=True) from None
            if piece:
                yield piece
            if decoder.eof:  # another member may follow
                data, decoder = decoder.unused_data.lstrip(b"\0"), None
            else:
                data = decoder.unconsumed_tail
    if decoder is not None and not is_empty:
        raise EncodingError("the answer's body ends too early", may_pass=True)
