"""Pins of earlier lockfiles as the only candidates of their projects, as an earlier search judged them.

::

    key       program, target, Pythons, what the lines leave of them, rules
    pins      project -> state of its page, version, release; no release: the page must be looked at
    conditions   text of a requirement -> the Pythons under which it holds without an extra, or by one

A relock looks at one release of most projects. With these its page isn't read, and its files aren't
judged again. All pins are one value: a relock asks for nearly all of them. So are the conditions of
requirement texts, most of which hold under no Python.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from resolver.constraints.pypi_domain import Release, pypi_version
from resolver.metadata.page_rows import LazyPage
from resolver.model.decoders import msgpack_decoder, read_table
from resolver.model.digests import blake2b
from resolver.model.records import DistFile
from resolver.model.version_forms import is_plain
from resolver.sources.cache.pack import Pack

#: Pins kept of one context, those that were asked for last.
_MOST = 2000
#: Texts kept of one context.
_MOST_TEXTS = 20_000
_ENCODER = msgspec.msgpack.Encoder()


class KeptRelease(msgspec.Struct, array_like=True, gc=False):
    """See :class:`Release`; sets as bytes, ``told_by`` as a place among the files."""

    version: str
    files: tuple[DistFile, ...]
    pythons: bytes
    hint: DistFile | None
    wheel_pythons: bytes
    is_compiled: bool
    told_by: int | None

    @classmethod
    def of(cls, release: Release) -> KeptRelease:
        """Return what is kept of a release of the index."""
        told_by = None if release.told_by is None else release.files.index(release.told_by)
        return cls(
            release.version, release.files, bytes_of(release.pythons), release.hint,
            bytes_of(release.wheel_pythons), release.is_compiled, told_by,
        )  # fmt: skip

    def release(self) -> Release:
        """Return the release; one that :meth:`is_sound`."""
        return Release(
            version=self.version,
            files=self.files,
            pythons=number_of(self.pythons),
            hint=self.hint,
            wheel_pythons=number_of(self.wheel_pythons),
            is_compiled=self.is_compiled,
            told_by=None if self.told_by is None else self.files[self.told_by],
        )

    def is_sound(self) -> bool:
        """Tell whether a release can look like that: a version, and files, one of which may speak for it."""
        if not self.files or not (self.told_by is None or 0 <= self.told_by < len(self.files)):
            return False
        try:
            return is_plain(self.version) or bool(pypi_version(self.version))
        except ValueError:
            return False


def bytes_of(bits: int) -> bytes:
    """Return a set of candidates as bytes."""
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def number_of(data: bytes) -> int:
    """Return the set of candidates that :func:`bytes_of` made bytes of."""
    return int.from_bytes(data, "little")


class _KeptPin(msgspec.Struct, array_like=True, gc=False):
    state: bytes  #: of the page
    version: str
    release: KeptRelease | None


_DECODER = msgpack_decoder(dict[str, _KeptPin])
#: each set of Pythons, with the texts that hold under these
_CONDITIONS = msgpack_decoder(tuple[tuple[bytes, tuple[str, ...]], ...])


class KeptPins:
    """What earlier searches found out of pins, for one target, its Pythons and one set of rules."""

    def __init__(self, pack: Pack, context: bytes, pythons: int) -> None:
        """``context`` tells all that a release depends on; ``pythons``: the candidates there are."""
        self._pack, self._pythons = pack, pythons
        self._key = blake2b(b"pins" + context, digest_size=16).digest()
        self._known: dict[str, _KeptPin] | None = None
        self._noted: dict[str, _KeptPin] = {}
        self._asked: set[str] = set()

    def release(
        self, name: str, page: LazyPage, version: str, make: Callable[[], Release | None]
    ) -> Release | None:
        """Return what ``make`` gives of a version of a page: its release, None where that isn't enough."""
        if not page.state:
            return make()
        self._asked.add(name)
        kept = self._kept().get(name)
        if kept is not None and kept.version == version and kept.state == page.state:
            if kept.release is None:
                return None
            if self._is_of(kept.release, version):
                return kept.release.release()
        found = make()
        self._noted[name] = _KeptPin(page.state, version, None if found is None else KeptRelease.of(found))
        return found

    def note(self, name: str, page: LazyPage, release: Release) -> None:
        """Note a release that a search has taken: it is the pin of the next one."""
        self._asked.add(name)
        kept = self._kept().get(name)
        if page.state and (kept is None or (kept.version, kept.state) != (release.version, page.state)):
            self._noted[name] = _KeptPin(page.state, release.version, KeptRelease.of(release))

    def _kept(self) -> dict[str, _KeptPin]:
        if self._known is None:
            self._known = read_table(_DECODER, self._pack.domain(self._key))
            self._pack.hear(self._key, self._answers)
        return self._known

    def _is_of(self, kept: KeptRelease, version: str) -> bool:
        pythons = number_of(kept.pythons) | number_of(kept.wheel_pythons)
        return kept.version == version and kept.is_sound() and not pythons & ~self._pythons

    def _answers(self, kept: bytes | None) -> bytes | None:
        """Return all pins for the next search, with those that are kept by now; None: nothing came in."""
        is_taken_over = self._pack.is_taken_over(self._key)
        if not self._noted and not is_taken_over:
            return None
        older = {name: pin for name, pin in read_table(_DECODER, kept).items() if name not in self._noted}
        if is_taken_over:  # other files' other pins are theirs to keep
            older = {name: pin for name, pin in older.items() if name in self._asked}
        merged = [*older.items(), *self._noted.items()]
        return _ENCODER.encode(dict(merged[-_MOST:]))


class KeptConditions:
    """Python candidates by the text of a requirement that an extra brings, or none; what comes in is kept."""

    def __init__(self, pack: Pack, context: bytes, pythons: int, extra: str = "") -> None:
        """``context`` tells all that a condition depends on; ``pythons``: the candidates there are."""
        self._pack, self._pythons = pack, pythons
        key = self._key = blake2b(b"texts" + context + extra.encode(), digest_size=16).digest()
        self.known = _read_conditions(pack.domain(key), pythons)
        self._kept = len(self.known)
        pack.hear(key, self._answers)

    def _answers(self, kept: bytes | None) -> bytes | None:
        """Return all for the next search, with those that are kept by now; None: nothing came in."""
        is_taken_over = self._pack.is_taken_over(self._key)
        if len(self.known) == self._kept and not is_taken_over:
            return None
        merged = _read_conditions(kept, self._pythons)
        if is_taken_over:  # of other files' texts those that these packages have, too
            own = {*self._pack.texts, *list(self.known)[self._kept :]}
            merged = {text: bits for text, bits in merged.items() if text in own}
            self.known = {text: bits for text, bits in self.known.items() if text in own}
        if len(merged) < _MOST_TEXTS:
            merged |= self.known
        self._kept = len(self.known)
        texts: dict[int, list[str]] = {}
        for text, bits in merged.items():
            texts.setdefault(bits, []).append(text)
        return _ENCODER.encode([(bytes_of(bits), held) for bits, held in texts.items()])


def _read_conditions(data: bytes | None, pythons: int) -> dict[str, int]:
    """Return what is kept; nothing where it can't be that."""
    if data is None:
        return {}
    try:
        found: dict[str, int] = {}
        for held, texts in _CONDITIONS.decode(data):
            bits = number_of(held)
            if bits & ~pythons:
                return {}
            found.update(dict.fromkeys(texts, bits))
    except msgspec.MsgspecError:
        return {}
    return found
