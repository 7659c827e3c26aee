"""A file that takes nothing but repodata: what begins otherwise isn't fetched to its end."""

from __future__ import annotations

from typing import IO, Any

from resolver.errors import SourceError
from resolver.sources.http.packed import FirstBytes

#: Bytes of plain JSON without a quote; repodata has one every few bytes, and a record is far smaller.
_LONGEST_GAP = 16 << 20
_BLANKS = b" \t\r\n"
_MARK = b"\xef\xbb\xbf"  #: of UTF-8, which some servers put in front


class RepodataSink:
    """An open file in place of which a stranger's body may come.

    Raises SourceError where the first bytes, unpacked, begin no JSON object, and where plain JSON goes on
    without a quote: it would be fetched up to its limit, and be found damaged then.
    """

    def __init__(self, file: IO[bytes], url: str, *, is_json: bool) -> None:
        """``is_json``: it is JSON once unpacked; else msgpack, of which only the packing is looked at."""
        self._file, self._url, self._is_json = file, url, is_json
        self._first: FirstBytes | None = None  # None: something other than blanks came
        self._is_plain = False
        self._gap = 0

    def write(self, data: bytes) -> int:
        """Write bytes, once they are looked at."""
        if self._file.tell() == 0:  # also where a broken attempt is made again
            self._first, self._is_plain, self._gap = FirstBytes(), False, 0
        if self._first is not None:
            self._begin(self._first, data)
        if self._is_plain:
            last = data.rfind(b'"')
            self._gap = self._gap + len(data) if last < 0 else len(data) - last
            if self._gap > _LONGEST_GAP:
                raise self._fault(f"goes on for {_LONGEST_GAP >> 20} MiB without a quote")
        return self._file.write(data)

    def _begin(self, first: FirstBytes, data: bytes) -> None:
        """Look at the first bytes."""
        try:
            come = first.feed(data)
        except ValueError as error:
            raise self._fault(str(error)) from None
        self._is_plain = bool(first.is_plain)
        if self._is_plain and not self._is_json:
            raise self._fault("the data is not compressed as it should be (zstd)")
        text = b"" if come is None else come.removeprefix(_MARK).lstrip(_BLANKS)
        if come is None or text:
            self._first = None
        if text and self._is_json and not text.startswith(b"{"):
            raise self._fault("it begins as no JSON object does")

    def _fault(self, reason: str) -> SourceError:
        return SourceError(f"is damaged: {reason}", self._url)

    def __getattr__(self, name: str) -> Any:
        """Do all else as the file does."""
        return getattr(self._file, name)
