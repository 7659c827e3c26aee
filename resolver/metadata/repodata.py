"""A channel's repodata.json, read as a stream: bytes in, conda records out (CEP 36, CEP 15).

::

    {"info": {...}, "packages": {"a-1-0.tar.bz2": {...}, ...}, "packages.conda": {...}, "removed": [...]}
                                 └─ slab ─┘└─ slab ─┘

The file of a large channel has hundreds of megabytes and 600,000 records. Only a
slab of some megabytes is in memory at a time: it ends where a member seems to end
(``}, "``), and that it does end there is proved by decoding it; a guess that falls
inside a string or a nested object doesn't decode, and the one before it is tried.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import msgspec

from resolver.model.records import CondaRecord

_log = logging.getLogger(__name__)

#: Bytes read at a time; a slab is a little smaller.
_SLAB = 4 << 20
#: How far from the slab's end its last member is looked for, and how many guesses are tried.
_TAIL = 1 << 16
_GUESSES = 40
_MEMBER_END = re.compile(rb"\}(\s*,\s*)\"")
_SECTIONS = (b'"packages"', b'"packages.conda"')
_BLANK = re.compile(rb"[\s,]*")
_KEY = re.compile(rb'("(?:[^"\\]|\\.)*")\s*:\s*')
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]]')
_SCALAR = re.compile(rb'(?:"(?:[^"\\]|\\.)*"|[^\s,{}\[\]"]+)(?=[\s,}])')
#: Timestamps below are in seconds, those above in milliseconds (year 9999 in seconds; CEP 34).
_LAST_SECOND = 253_402_300_799


class RepodataInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What repodata says of itself."""

    base_url: str | None = None  #: address of the packages, absolute or relative to the repodata (CEP 15)
    subdir: str | None = None


class RawRecord(msgspec.Struct):
    """A record as repodata.json writes it; hashes are bytes inside shards."""

    name: str
    version: str
    build: str = ""
    build_number: int = 0
    depends: tuple[str, ...] = ()
    constrains: tuple[str, ...] | None = None
    md5: Any = None
    sha256: Any = None
    size: int | None = None
    timestamp: int | None = None
    track_features: str | list[str] | None = None
    noarch: str | bool | None = None
    license: str | None = None
    purls: tuple[str, ...] | None = None
    features: str | None = None

    def record(self, file_name: str) -> CondaRecord:
        """Return the record in the project's own form."""
        features, time, noarch = self.track_features or "", self.timestamp or 0, self.noarch
        return CondaRecord(
            self.name,
            self.version,
            self.build,
            self.build_number,
            file_name,
            self.depends,
            self.constrains or (),
            self.md5.hex() if isinstance(self.md5, bytes) else self.md5,
            self.sha256.hex() if isinstance(self.sha256, bytes) else self.sha256,
            self.size,
            time * 1000 if 0 < time <= _LAST_SECOND else time,
            features if isinstance(features, str) else " ".join(features),
            noarch if isinstance(noarch, str) else ("generic" if noarch else None),
            self.license,
            self.purls,
            self.features or "",
        )


class RepodataReader:
    """Reads one repodata.json from an open stream (decompressed bytes); iterate it once.

    ``removed`` and ``info`` are complete after the iteration. Raises ValueError
    for what is not repodata. An empty stream holds no records (CEP 36).
    """

    def __init__(self, stream: BinaryIO, *, slab: int = _SLAB) -> None:
        self.info = RepodataInfo()
        self.removed: frozenset[str] = frozenset()
        self._stream, self._slab = stream, slab
        self._buffer, self._at, self._ended = b"", 0, False

    def __iter__(self) -> Iterator[CondaRecord]:
        """Yield every usable record of ``packages`` and ``packages.conda``, in the file's order."""
        if not self._skip_blank():
            return
        self._expect(b"{")
        while True:
            self._skip_blank()
            if self._peek() == b"}":
                return
            key = self._match(_KEY, "a key")[1]
            if key in _SECTIONS and self._peek() == b"{":
                yield from self._members()
            elif key == b'"info"':
                self.info = _decode_or(self._value(), RepodataInfo, RepodataInfo())
            elif key == b'"removed"':
                self.removed = _decode_or(self._value(), frozenset[str], frozenset())
            else:  # `packages.whl`, `v3`, `signatures`, `repodata_version` and what may come
                self._value(keep=False)

    def _members(self) -> Iterator[CondaRecord]:
        """Yield the records of one section, slab by slab."""
        self._expect(b"{")
        while self._skip_blank() and self._peek() != b"}":
            yield from self._next_slab()
        self._expect(b"}")

    def _next_slab(self) -> Iterator[CondaRecord]:
        """Find a whole number of members from here on, decode them, and step behind them."""
        wanted = self._slab
        while True:
            self._fill(wanted)
            for end, step in self._guess_ends():
                decoded = _decode_members(b"{" + self._buffer[self._at : end] + b"}")
                if decoded is not None:
                    self._at = step
                    return decoded
            if self._ended:
                raise ValueError("a package's entry is damaged, or the file ends inside it")
            wanted *= 2  # a record larger than the slab, or many false ends

    def _guess_ends(self) -> Iterator[tuple[int, int]]:
        """Yield (end of the members, start of what follows), the farthest first."""
        buffer, limit = self._buffer, len(self._buffer)
        if self._ended:
            # The section's own end, where nothing but other keys of the file can follow.
            closing = re.compile(rb"\}(\s*)\}").search(buffer, self._at)
            while closing and limit - self._at <= self._slab * 2:
                yield closing.start() + 1, closing.end() - 1
                closing = re.compile(rb"\}(\s*)\}").search(buffer, closing.start() + 1)
        start, count = limit, 0
        while start > self._at and count < _GUESSES:
            stop, start = start, max(self._at, start - _TAIL)
            found = list(_MEMBER_END.finditer(buffer, start, min(limit, stop + 64)))
            for match in reversed(found):
                count += 1
                yield match.start() + 1, match.end() - 1
