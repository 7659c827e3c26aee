"""Answers about a project's candidates that an earlier search got, in place of reading its page.

::

    key       program, target, Pythons, what the lines leave of them, rules; the page's state,
              pre-releases, pin, direction, versions that conda provides
    answers   how many candidates there are, and of which kind; what specifiers admitted; the releases
              that were looked at, with their files; which releases fit the same Pythons; ranks

The candidates of a project are a function of the key, and a search asks a few questions of each: some
specifiers, the best releases. What nobody has asked before is worked out from the page, and kept for
the next time.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence

import msgspec
from packaging.specifiers import SpecifierSet

from resolver.constraints.bits import all_bits
from resolver.constraints.far_names import FarNames
from resolver.constraints.kept_pins import KeptConditions, KeptPins, KeptRelease, bytes_of, number_of
from resolver.constraints.pypi_domain import PypiDomain, Release
from resolver.constraints.pypi_rows import RowsDomain
from resolver.constraints.python_view import PythonView
from resolver.errors import PageMovedError
from resolver.metadata.page_rows import LazyPage
from resolver.model.decoders import msgpack_decoder
from resolver.model.digests import blake2b
from resolver.model.target import Target
from resolver.sources.cache.pack import Pack

#: Answers kept of one domain: more are looked at only where everything is.
_MOST_RELEASES, _MOST_SPECIFIERS = 256, 512
_ENCODER = msgspec.msgpack.Encoder()
_KEYS = msgspec.msgpack.Encoder(order="deterministic")


class _Answers(msgspec.Struct, array_like=True, gc=False):
    count: int  #: of candidates from the index
    early: int  #: of them those that aren't late
    has_pin: bool
    order: tuple[int, ...]  #: of the provided ones, as places among those given; empty: as they are given
    groups: tuple[tuple[bytes, bytes], ...]  #: Pythons, and the releases that fit just them
    ranks: bytes | None  #: 4 bytes a candidate; empty: of each its own place; None: nobody asked
    specifiers: dict[str, bytes]
    releases: dict[int, msgspec.Raw]  #: each a KeptRelease, of which few are looked at

    @property
    def base(self) -> tuple[object, ...]:
        """What is known of every domain, whatever was asked of it."""
        return self.count, self.early, self.has_pin, self.order, self.groups


_DECODER = msgpack_decoder(_Answers)
_RELEASE = msgpack_decoder(KeptRelease)


class KeptAnswers:
    """What earlier searches asked of domains, for one target, its Pythons and one set of rules."""

    def __init__(
        self, pack: Pack, target: Target, python: PythonView, *, likely: int, no_build: bool
    ) -> None:
        """Take all that the candidates of every project depend on."""
        self._pack = pack
        versions = [(text, hex(bits)) for text, bits in python.versions]
        parts = (pack.program, target, versions, hex(python.all), hex(likely), no_build)
        self._context = blake2b(_KEYS.encode(parts), digest_size=16).digest()
        self.pins = KeptPins(pack, self._context, python.all)
        self._pythons = python.all
        #: names of projects that are near no popular one's
        self.far_names = FarNames(pack).far

    def conditions(self, extra: str) -> dict[str, int]:
        """Return the Pythons under which requirements hold by an extra (or by none), as far as is known.

        What is put there is kept.
        """
        return KeptConditions(self._pack, self._context, self._pythons, extra).known

    def domain(
        self,
        name: str,
        page: LazyPage,
        provided: Sequence[Release],
        make: Callable[[], RowsDomain],
        *,
        pre: bool,
        preferred: str | None,
        ascending: bool,
    ) -> PypiDomain:
        """Return the candidates that ``make`` gives, by answers of earlier searches as far as those go."""
        if not page.state:
            return make()
        versions = [release.version for release in provided]
        parts = (self._context, name, page.state, pre, preferred, ascending, versions)
        key = blake2b(_KEYS.encode(parts), digest_size=16).digest()
        known = _read(self._pack.domain(key), len(versions))
        made = AnsweredDomain(name, known, provided, make, preferred=preferred, ascending=ascending)
        self._pack.hear(key, made.answers)
        return made


class _Candidates(Sequence[Release]):
    """The releases of a domain by answers, else of the domain that the page gives."""

    def __init__(
        self, known: _Answers | None, provided: Sequence[Release], make: Callable[[], RowsDomain]
    ) -> None:
        self._make: Callable[[], RowsDomain] | None = make
        self._rows: RowsDomain | None = None
        self._provided = provided
        self.is_new, self._given_answers = known is None, known is not None
        if known is None:
            known = _first_answers(self.rows, provided)
        self.known = known
        self.given = [provided[place] for place in known.order] if known.order else provided
        self._seen: dict[int, Release] = {}
        self._noted: dict[int, Release] = {}  # of them those that no answer gave

    @property
    def rows(self) -> RowsDomain:
        """The domain that the page gives."""
        if self._rows is None:
            assert self._make is not None  # noqa: S101  (it goes once it has made the domain)
            self._rows, self._make = self._make(), None
            if self._given_answers and _first_answers(self._rows, self._provided).base != self.known.base:
                reason = "what an earlier search found of its releases doesn't fit its page"
                raise PageMovedError(reason, self._rows.name, "Run the command again.")
        return self._rows

    def __len__(self) -> int:
        return self.known.count + len(self.given)

    def __getitem__(self, number: int) -> Release:  # type: ignore[override]
        seen = self._seen.get(number)
        if seen is None:
            seen = self._seen[number] = self._find(number if number >= 0 else number + len(self))
        return seen

    def _find(self, number: int) -> Release:
        if number >= self.known.count:
            return self.given[number - self.known.count]
        data = self.known.releases.get(number)
        if data is not None:
            kept = _read_release(data)
            if kept is not None:
                return kept
        found = self.rows.releases[number]
        if len(self.known.releases) + len(self._noted) < _MOST_RELEASES:
            self._noted[number] = found
            self.is_new = True
        return found

    def __iter__(self) -> Iterator[Release]:
        """Yield all: who looks at everything asks the page, and nothing is noted."""
        return iter(self.rows.releases)

    def noted(self) -> dict[int, msgspec.Raw]:
        """Return the releases that the page had to be read for."""
        return {
            number: msgspec.Raw(_ENCODER.encode(KeptRelease.of(release)))
            for number, release in self._noted.items()
        }


class AnsweredDomain(PypiDomain):
    """A domain by answers; what they lack is asked of the one that is made of the page, and noted."""

    def __init__(
        self,
        name: str,
        known: _Answers | None,
        provided: Sequence[Release],
        make: Callable[[], RowsDomain],
        *,
        preferred: str | None,
        ascending: bool,
    ) -> None:
        """Take answers that hold (None: there are none yet), and what makes the domain of its page."""
        self.name, self._ascending, self._wanted = name, ascending, preferred
        self._candidates = _Candidates(known, provided, make)
        self._known = known = self._candidates.known
        self.releases = self._candidates
        self._preferred = known.has_pin
        self.all = all_bits(len(self._candidates))
        self.late = all_bits(known.count) & ~all_bits(known.early)
        self.provided = self.all & ~all_bits(known.count)
        self._by_pythons: dict[int, int] | None = None
        self._memo: dict[str, int] = {}
        self._noted: dict[str, int] = {}  # of them those that no answer gave
        self._ranks: Sequence[int] | None = None

    def _pythons(self) -> dict[int, int]:
        if self._by_pythons is None:
            pairs = self._known.groups
            found = {number_of(pythons): number_of(bits) for pythons, bits in pairs}
            if sum(found.values()) != self.all & ~self.provided:  # each release fits the Pythons of one group
                found = self._candidates.rows.by_pythons()
            self._by_pythons = found
        return self._by_pythons

    def pythons_of(self, place: int) -> int:
        """Return the python candidates that a release fits."""
        bit = 2 << place
        return next((pythons for pythons, bits in self._pythons().items() if bits & bit), 0)

    def where_pythons(self, pythons: int) -> int:
        """Return the releases of the index that fit just these Pythons."""
        return self._pythons().get(pythons, 0)

    def provided_places(self) -> dict[str, int]:
        """Return where each provided version stands."""
        return {release.version: self._known.count + n for n, release in enumerate(self._candidates.given)}

    def bits(self, versions: SpecifierSet | str) -> int:
        """Return the candidates that a specifier set admits, or one by its text, which is sound."""
        key = versions if isinstance(versions, str) else str(versions)
        found = self._memo.get(key)
        if found is None:
            data = self._known.specifiers.get(key)
            if data is not None:
                found = number_of(data)
            if found is None or found & ~self.all:
                found = self._noted[key] = self._candidates.rows.bits(versions)
            self._memo[key] = found
        return found

    def version_ranks(self) -> Sequence[int]:
        """Return the rank of each candidate's version: 0 for the best, pre-releases after all finals."""
        if self._ranks is None:
            kept = self._known.ranks
            if kept is None:
                self._ranks = self._candidates.rows.version_ranks()
            else:
                self._ranks = array("I", kept) if kept else range(len(self._candidates))
        return self._ranks

    def answers(self, kept: bytes | None) -> bytes | None:
        """Return all answers for the next search, with those that are kept by now; None: nothing came in."""
        candidates = self._candidates
        are_ranks_new = self._known.ranks is None and self._ranks is not None
        if not (candidates.is_new or self._noted or are_ranks_new):
            return None
        known = _read(kept, len(candidates.given)) or self._known
        ranks = known.ranks
        if ranks is None and self._ranks is not None:
            is_plain = list(self._ranks) == list(range(len(self._ranks)))
            ranks = b"" if is_plain else array("I", self._ranks).tobytes()
        specifiers, releases = known.specifiers, known.releases
        if len(specifiers) < _MOST_SPECIFIERS:
            specifiers = specifiers | {text: bytes_of(bits) for text, bits in self._noted.items()}
        if len(releases) < _MOST_RELEASES:
            releases = releases | candidates.noted()
        return _ENCODER.encode(
            msgspec.structs.replace(known, ranks=ranks, specifiers=specifiers, releases=releases)
        )


def _read_release(data: msgspec.Raw) -> Release | None:
    """Return a release that is kept; None where it can't be one."""
    try:
        kept = _RELEASE.decode(data)
    except msgspec.MsgspecError:
        return None
    return kept.release() if kept.is_sound() else None


def _read(data: bytes | None, provided: int) -> _Answers | None:
    """Return answers about a domain with so many provided versions; None where they can't be that."""
    if data is None:
        return None
    try:
        found = _DECODER.decode(data)
    except msgspec.MsgspecError:
        return None
    count = found.count + provided
    is_sound = (
        0 <= found.early <= found.count
        and max((len(bits) for _, bits in found.groups), default=0) == _bytes_of_groups(found.count)
        and len(found.order) in (0, provided)
        and all(0 <= place < provided for place in found.order)
        and len(found.ranks or b"") in (0, 4 * count)
    )
    return found if is_sound else None


def _bytes_of_groups(count: int) -> int:
    """Return the bytes of the largest set of so many candidates: the last one is in one of the groups."""
    return (count + 8) // 8 if count else 0


def _first_answers(rows: RowsDomain, provided: Sequence[Release]) -> _Answers:
    """Return what is asked of every domain."""
    index = rows.all & ~rows.provided
    order: tuple[int, ...] = ()
    if len(provided) > 1:
        place_of = {release.version: place for place, release in enumerate(provided)}
        order = tuple(place_of[version] for version in rows.provided_places())
    return _Answers(
        _count(index),
        _count(index & ~rows.late),
        rows.is_pinned,
        order,
        tuple((bytes_of(pythons), bytes_of(bits)) for pythons, bits in rows.by_pythons().items()),
        None,
        {},
        {},
    )


def _count(bits: int) -> int:
    """Return how many candidates there are in a set that begins with the first."""
    return max(0, bits.bit_length() - 1)
