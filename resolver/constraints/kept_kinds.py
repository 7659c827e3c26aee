"""Packages whose builds are all of one kind, CUDA or CPU, as earlier searches over the same channels found.

::

    key      program, channel priority, the state of every subdir
    kinds    package -> is it surely of one kind; the names of its builds' dependencies that name a build

For a target that has ``__cuda`` every package's builds are told apart (:mod:`cuda_builds`), which takes all
of its records and often those of others. Nearly all are of one kind, so that there is nothing to rank. What
that rests on belongs to an answer's footprint all the same.

Of packages that need each other the one that comes up first decides what is told of the other: none that
has to do with such a pair is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from resolver.model.decoders import msgpack_decoder, read_table
from resolver.model.digests import blake2b
from resolver.sources.cache.pack import Pack

#: Packages kept of one list of channels.
_MOST = 20_000
_ENCODER = msgspec.msgpack.Encoder()


class _Kind(msgspec.Struct, array_like=True, gc=False):
    is_one: bool
    names: tuple[str, ...]


_DECODER = msgpack_decoder(dict[str, _Kind])


class KeptKinds:
    """What is known of packages' kinds; what comes in is kept for the next search."""

    def __init__(self, pack: Pack, parts: Sequence[object], look: Callable[[Iterable[str]], None]) -> None:
        """``parts``: all that kinds depend on; ``look`` takes the names that an answer rests on."""
        data = _ENCODER.encode((b"kinds", pack.program, parts))
        key = blake2b(data, digest_size=16).digest()
        self._known, self._look = read_table(_DECODER, pack.domain(key)), look
        self._noted: dict[str, _Kind] = {}
        self._seen: set[str] = set()
        pack.hear(key, self._answers)

    def is_one(self, name: str) -> bool:
        """Tell whether a package is known to have builds of one kind; what that rests on is looked at."""
        kind = self._known.get(name)
        if kind is None or not kind.is_one:
            return False
        if name not in self._seen:
            self._look(self._footprint(name))
        return True

    def _footprint(self, name: str) -> set[str]:
        found, waiting = set[str](), [name]
        while waiting:
            one = waiting.pop()
            if one not in self._seen:
                self._seen.add(one)
                found.add(one)
                if one in self._known:
                    waiting += self._known[one].names
        return found

    def note(self, name: str, *, is_one: bool, names: Iterable[str]) -> None:
        """Note what was found out of a package; ``names``: of its dependencies that name a build."""
        if name not in self._known:
            self._noted[name] = _Kind(is_one, tuple(sorted(names)))

    def _answers(self, kept: bytes | None) -> bytes | None:
        """Return all for the next search, with those that are kept by now; None: nothing came in."""
        if not self._noted:
            return None
        merged = read_table(_DECODER, kept)
        if len(merged) < _MOST:
            merged = {**self._noted, **merged}
        return _ENCODER.encode(merged)
