"""Names of projects that are near no popular one's, as earlier searches found.

What is near is found by looking up each of some hundred spellings of a name; an environment keeps its names.
The list of popular projects is the program's, as the pack is.
"""

from __future__ import annotations

import msgspec

from resolver.model.decoders import msgpack_decoder
from resolver.model.digests import blake2b
from resolver.sources.cache.pack import Pack

#: Names kept, those that came in first.
_MOST = 10_000
_KEY = blake2b(b"far from popular names", digest_size=16).digest()
_ENCODER = msgspec.msgpack.Encoder()
_NAMES = msgpack_decoder(tuple[str, ...])


class FarNames:
    """``far``: the names; what comes in is kept."""

    def __init__(self, pack: Pack) -> None:
        self._kept = _read(pack.domain(_KEY))
        self.far = set(self._kept)
        pack.hear(_KEY, self._answers)

    def _answers(self, kept: bytes | None) -> bytes | None:
        """Return all names for the next search, with those that are kept by now; None: nothing came in."""
        new = sorted(self.far.difference(self._kept))
        if not new:
            return None
        self._kept = tuple(dict.fromkeys((*_read(kept), *self._kept, *new)))[:_MOST]
        return _ENCODER.encode(self._kept)


def _read(data: bytes | None) -> tuple[str, ...]:
    try:
        return () if data is None else _NAMES.decode(data)
    except msgspec.MsgspecError:
        return ()
