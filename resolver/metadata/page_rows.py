"""A project's page in the cache: releases as small facts, files only where they are asked for.

::

    state        a digest of all that follows, and by ``sums`` of the files
    head         name, index, has_dates
    versions     normalised texts, newest first
    ranks        one number a version: equal for equal versions (1.0 and 1.0.0)
    kinds        which kind of release each version is: a number into ``forms``
    forms        distinct (is pre-release, what each file is: numbers into ``combos``)
    combos       distinct (tags as the name has them, Requires-Python, flags): 1 sdist, 2 yanked
    ends         where each version's files end in ``files``
    sums         a digest of each version's files, 16 bytes each: only what is read is proved
    files        msgpack of DistFile tuples, one for each version
    skipped      msgpack
    status       of the project, and why (PEP 792)

Thousands of files are a few dozen combinations: who judges files judges those.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Sequence
from itertools import groupby
from operator import attrgetter
from typing import TypeAlias

import msgspec

from resolver.model.decoders import msgpack_decoder
from resolver.model.digests import blake2b
from resolver.model.names import PypiName
from resolver.model.records import DistFile, ProjectPage, ProjectStatus, SkipCause, SkippedFile
from resolver.model.version_forms import is_pre_release, one_form

SDIST, YANKED = 1, 2  #: flags of a combo
_FILES = msgpack_decoder(tuple[DistFile, ...])
_SKIPPED = msgpack_decoder(tuple[SkippedFile, ...])
_DIGEST = 16  #: bytes of a digest


class PageRows(msgspec.Struct, array_like=True, gc=False):
    """What stands in the cache."""

    name: PypiName
    index: str
    has_dates: bool
    versions: tuple[str, ...]
    ranks: bytes
    kinds: bytes
    forms: tuple[tuple[bool, tuple[int, ...]], ...]
    combos: tuple[tuple[str, str | None, int], ...]
    ends: bytes
    sums: bytes
    skipped: bytes
    status: ProjectStatus = ProjectStatus()


_DECODER = msgpack_decoder(PageRows)


class PageFacts(msgspec.Struct, array_like=True, frozen=True):
    """What is asked of nearly every page, whichever of its files are looked at."""

    state: bytes  #: what tells the page from every other; empty: it can't be told
    has_faults: bool  #: see :func:`may_have_faults`
    yanked: tuple[str, ...]  #: versions with a file that is yanked, each in its one form (``1`` for 1.0)
    status: ProjectStatus


class LazyPage:
    """The page as :class:`ProjectPage` shows it; files are read when somebody looks.

    ``renew`` reads the page anew where they are not what was written; it raises where the new
    page is another one. Where ``facts`` are known, ``load`` reads the page once more is asked of it.
    """

    __slots__ = (
        "_blob", "_facts", "_files", "_kinds", "_load", "_renew", "_rows", "_starts", "_state",
        "index", "name",
    )  # fmt: skip

    def __init__(
        self,
        rows: PageRows | None,
        blob: bytes | memoryview,
        index: str,
        renew: Callable[[PageRows], LazyPage] | None = None,
        *,
        name: PypiName | None = None,
        state: bytes = b"",
        facts: PageFacts | None = None,
        load: Callable[[], LazyPage] | None = None,
    ) -> None:
        """Take a page that was read, or, with ``rows`` None, what is known of it and what reads it."""
        self._rows, self._facts, self._load = rows, facts, load
        self._state = state if facts is None else facts.state
        self._blob = memoryview(blob)
        self.name = name or (PypiName("") if rows is None else rows.name)
        self.index = index
        self._renew = renew
        self._kinds: array[int] | None = None
        self._files: tuple[DistFile, ...] | None = None
        self._starts: array[int] | None = None

    @property
    def rows(self) -> PageRows:
        """The page's rows, read when first asked for."""
        if self._rows is None:
            if self._load is None:
                raise AssertionError("a page that isn't read has what reads it")
            read = self._load()
            self._rows, self._blob, self._renew = read.rows, read._blob, read._renew  # noqa: SLF001
        return self._rows

    @property
    def kinds(self) -> array[int]:
        """Which of the forms each version has."""
        if self._kinds is None:
            self._kinds = array("H", self.rows.kinds)
        return self._kinds

    @property
    def state(self) -> bytes:
        """What tells the page from every other; empty where it can't be told."""
        return self._state

    @property
    def facts(self) -> PageFacts:
        """What is asked of nearly every page."""
        if self._facts is None:
            rows = self.rows
            flagged = {n for n, (_, _, flags) in enumerate(rows.combos) if flags & YANKED}
            yanked: tuple[str, ...] = ()
            if flagged:
                withdrawn = {n for n, (_, form) in enumerate(rows.forms) if not flagged.isdisjoint(form)}
                pairs = zip(rows.versions, self.kinds, strict=True)
                yanked = tuple(one_form(text) for text, kind in pairs if kind in withdrawn)
            self._facts = PageFacts(self._state, self.has_faults, yanked, rows.status)
        return self._facts

    @property
    def has_faults(self) -> bool:
        """See :func:`may_have_faults`."""
        return (
            SkipCause.FAULTY.encode() in self.rows.skipped if self._facts is None else self._facts.has_faults
        )

    @property
    def has_dates(self) -> bool:
        """Whether every file has an upload time."""
        return self.rows.has_dates

    @property
    def status(self) -> ProjectStatus:
        """What the index says of the project as a whole."""
        return self.rows.status if self._facts is None else self._facts.status

    @property
    def skipped(self) -> tuple[SkippedFile, ...]:
        """Files left out, in page order."""
        return _SKIPPED.decode(self.rows.skipped)

    @property
    def files(self) -> tuple[DistFile, ...]:
        """All files, newest version first."""
        if self._files is None:
            self._files = tuple(file for n in range(len(self.rows.versions)) for file in self.files_at(n))
        return self._files

    def files_at(self, place: int) -> tuple[DistFile, ...]:
        """Return the files of one version."""
        if self._starts is None:
            self._starts = array("I", self.rows.ends)
        start, end = self._starts[place - 1] if place else 0, self._starts[place]
        block = self._blob[start:end]
        if _digest(block) != self.rows.sums[place * _DIGEST : (place + 1) * _DIGEST]:
            if self._renew is None:
                raise ValueError(f"the files of `{self.name}` are damaged")
            self._blob = self._renew(self.rows)._blob  # noqa: SLF001
            block = self._blob[start:end]
        return _FILES.decode(block)

    def files_of(self, version: str) -> tuple[DistFile, ...]:
        """Return the files of one version by its text."""
        place = self.place_of(version)
        return () if place is None else self.files_at(place)

    def place_of(self, version: str) -> int | None:
        """Return where a version stands by its text; None: the page hasn't got it."""
        try:
            return self.rows.versions.index(version)
        except ValueError:
            return None

    def has_yanked(self, versions: Collection[str]) -> bool:
        """Tell whether files of some versions, each in its one form (``1`` for 1.0), are yanked."""
        return bool(versions) and not frozenset(versions).isdisjoint(self.facts.yanked)

    def whole(self) -> ProjectPage:
        """Return the page with all its files."""
        return ProjectPage(
            name=self.name,
            index=self.index,
            files=self.files,
            has_dates=self.has_dates,
            skipped=self.skipped,
            status=self.status,
        )


def _digest(block: bytes | memoryview) -> bytes:
    return blake2b(block, digest_size=_DIGEST).digest()


#: a page of either form
Page: TypeAlias = ProjectPage | LazyPage


def encode_rows(page: ProjectPage) -> tuple[bytes, bytes]:
    """Return the page as bytes for the cache: what is always read, and the files."""
    from resolver.metadata.wheel_tags import wheel_tag_text

    versions: list[str] = []
    kinds, ends = array("H"), array("I")
    forms: dict[tuple[bool, tuple[int, ...]], int] = {}
    combos: dict[tuple[str, str | None, int], int] = {}
    blocks: list[bytes] = []
    sums: list[bytes] = []
    encode, size = msgspec.msgpack.encode, 0
    for version, group in groupby(page.files, attrgetter("version")):
        files = tuple(group)
        numbers = []
        for file in files:  # all that decides about a file but its hash and date
            flags = (0 if file.is_wheel else SDIST) | (0 if file.yanked is None else YANKED)
            tags = wheel_tag_text(file.file_name) if file.is_wheel else ""
            combo = tags, file.requires_python, flags
            number = combos.get(combo)
            if number is None:
                number = combos[combo] = len(combos)
            numbers.append(number)
        form = is_pre_release(version), tuple(numbers)
        versions.append(version)
        kinds.append(forms.setdefault(form, len(forms)))
        block = encode(files)
        blocks.append(block)
        size += len(block)
        ends.append(size)
        sums.append(_digest(block))
    head = encode(
        PageRows(
            page.name, page.index, page.has_dates, tuple(versions), _ranks(versions).tobytes(),
            kinds.tobytes(), tuple(forms), tuple(combos), ends.tobytes(), b"".join(sums),
            encode(page.skipped), page.status,
        )
    )  # fmt: skip
    return _digest(head) + head, b"".join(blocks)


def _ranks(versions: Sequence[str]) -> array[int]:
    """Return a number for each version, 0 for the newest; equal versions (1.0 and 1.0.0) have one."""
    from packaging.version import Version

    ranks, rank, previous = array("H"), -1, None
    for version in map(Version, versions):
        if previous is None or version != previous:
            rank += 1
        ranks.append(rank)
        previous = version
    return ranks


def decode_rows(
    data: bytes,
    blob: bytes | memoryview,
    *,
    index: str = "",
    renew: Callable[[PageRows], LazyPage] | None = None,
    is_kept: bool = True,
) -> LazyPage:
    """Return what :func:`encode_rows` made; raises msgspec.MsgspecError on anything else.

    ``index`` is what the page's index is called now; empty: as then. ``is_kept`` False: nothing of the page
    may stay on the disk, so it has no state by which anything of it could be found again.
    """
    rows = _DECODER.decode(memoryview(data)[_DIGEST:])
    return LazyPage(rows, blob, index or rows.index, renew, state=state_of(data) if is_kept else b"")


def state_of(data: bytes) -> bytes:
    """Return what tells a page that :func:`encode_rows` made from every other."""
    return data[:_DIGEST]


def whole_page(page: Page) -> ProjectPage:
    """Return a page of either form with all its files."""
    return page.whole() if isinstance(page, LazyPage) else page


def may_have_faults(page: Page) -> bool:
    """Tell whether files were left out as what the page says of them can't be; rarely too much."""
    if isinstance(page, LazyPage):
        return page.has_faults
    return any(skipped.cause is SkipCause.FAULTY for skipped in page.skipped)


def files_of(page: Page, version: str) -> Sequence[DistFile]:
    """Return the files of one version of a page of either form."""
    if isinstance(page, LazyPage):
        return page.files_of(version)
    return [file for file in page.files if file.version == version]
