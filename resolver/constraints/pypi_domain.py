"""The releases of one PyPI project as a finite domain; specifiers as bitsets."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import msgspec
from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import Version

from resolver.constraints.bits import all_bits, bits_of, bits_where, iter_candidates
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.requirements import DirectReference
from resolver.model.specifiers import numeric_clauses, specifier_set
from resolver.model.version_forms import is_pre_release, plain_numbers


@lru_cache(maxsize=1 << 16)
def pypi_version(text: str) -> Version:
    """Return a version, each text read once: platforms and conda's packages bring the same ones."""
    return Version(text)


class Release(msgspec.Struct, frozen=True, kw_only=True, eq=False, gc=False):
    """One candidate: a version on an index, or one that a conda package provides.

    ``files`` are those that fit the target's platform, wheels first (empty for
    a provided version). ``provided_by`` holds (conda package, its bits) pairs.
    """

    version: str  #: normalised
    files: tuple[DistFile, ...] = ()
    pythons: int = 0  #: bits of the python candidates that a file fits
    provided_by: tuple[tuple[int, int], ...] = ()
    direct: DirectReference | None = None
    metadata: CoreMetadata | None = None  #: only for a direct reference: known from the start
    #: a wheel for other Pythons: what it says rules the sdist out without a build
    hint: DistFile | None = None
    #: where ``files`` are sdists: the Pythons that wheels of the version fit, none of them likely
    wheel_pythons: int = 0
    #: where ``files`` are sdists: whether the version has wheels for this platform, if for other Pythons
    is_compiled: bool = False
    #: the wheel that is likely taken, whose metadata stands for all; None: the first file is
    told_by: DistFile | None = None
    commit: str | None = None

    @property
    def is_provided(self) -> bool:
        """Tell whether a conda package is what would be installed."""
        return bool(self.provided_by)


def _is_sdist(release: Release) -> bool:
    return bool(release.files) and not release.files[0].is_wheel


#: What clauses mean between final releases (PEP 440): there is nothing but numbers to compare.
_COMPARISONS: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    ">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt, "==": operator.eq,
}  # fmt: skip


#: The same, and ``!=``.
_OF_NUMBERS: dict[str, Callable[[object, object], bool]] = {**_COMPARISONS, "!=": operator.ne}  # type: ignore[dict-item]


@lru_cache(maxsize=1 << 16)
def _bounds(text: str) -> tuple[tuple[Callable[[object, object], bool], tuple[int, ...]], ...] | None:
    """Return what numbers are compared with, and how; None where numbers alone can't tell."""
    found = []
    for operation, version in numeric_clauses(text) or ():
        compare, bound = _OF_NUMBERS.get(operation), plain_numbers(version)
        if compare is None or bound is None:
            return None
        found.append((compare, bound))
    return tuple(found) if found or not text else None


class VersionLine:
    """Versions in ascending order, parsed when first looked at; clauses answered by bisection.

    Every PEP 440 clause but ``!=`` and ``===`` admits one run of the order, so
    its bounds are found in a logarithmic number of questions to
    :class:`packaging.specifiers.Specifier`, which owns the meaning. Between final releases numbers
    are compared instead, which takes a tenth of the time.
    """

    def __init__(self, ascending: Sequence[str]) -> None:
        self.texts = list(ascending)
        self._parsed: dict[str, Version] = {}

    def version(self, text: str) -> Version:
        """Return the parsed version."""
        parsed = self._parsed.get(text)
        if parsed is None:
            parsed = self._parsed[text] = pypi_version(text)
        return parsed

    def insert(self, text: str) -> int:
        """Insert a version after those not above it; return its place."""
        bound, low, high = self.version(text), 0, len(self.texts)
        while low < high:
            middle = (low + high) // 2
            if self.version(self.texts[middle]) <= bound:
                low = middle + 1
            else:
                high = middle
        self.texts.insert(low, text)
        return low

    def run(self, clause: Specifier) -> tuple[int, int]:
        """Return the half-open run of places that a clause admits, pre-releases included."""
        operator, count = clause.operator, len(self.texts)
        if operator in (">=", ">"):
            return self._first(clause, 0, wanted=True), count
        if operator in ("<=", "<"):
            return 0, self._first(clause, 0, wanted=False)
        text = clause.version
        start = self._first_from(text[:-2] + ".dev0" if text.endswith(".*") else text)
        return start, self._first(clause, start, wanted=False)

    def _first(self, clause: Specifier, start: int, *, wanted: bool) -> int:
        """Return the first place from ``start`` where "admitted" is ``wanted``."""
        low, high, texts = start, len(self.texts), self.texts
        compare = _COMPARISONS.get(clause.operator)
        bound = None if compare is None else plain_numbers(clause.version)
        while low < high:
            middle = (low + high) // 2
            numbers = None if bound is None else plain_numbers(texts[middle])
            if compare is None or bound is None or numbers is None:
                is_admitted = clause.contains(self.version(texts[middle]), prereleases=True)
            else:
                is_admitted = compare(numbers, bound)
            if is_admitted is wanted:
                high = middle
            else:
                low = middle + 1
        return low

    def _first_from(self, bound: str) -> int:
        low, high, texts, least = 0, len(self.texts), self.texts, plain_numbers(bound)
        while low < high:
            middle = (low + high) // 2
            numbers = None if least is None else plain_numbers(texts[middle])
            if least is None or numbers is None:
                is_from = self.version(texts[middle]) >= self.version(bound)
            else:
                is_from = numbers >= least
            if is_from:
                high = middle
            else:
                low = middle + 1
        return low


class PypiDomain:
    """Candidates of one project, best first: final releases, pre-releases, then what conda provides.

    ``releases`` come newest first. ``ascending``: the lower of two versions is the better one.
    ``wheels_first``: releases that have only sdists stand behind those with wheels (pip's
    ``--prefer-binary``). ``pre``: pre-releases are like any other; else they are ``late``, and
    :mod:`resolver.constraints.prereleases` says when they count. Specifiers admit them by their version
    alone.
    """

    def __init__(
        self,
        name: str,
        releases: Sequence[Release],
        *,
        pre: bool = False,
        preferred: str | None = None,
        wheels_first: bool = False,
        ascending: bool = False,
    ) -> None:
        self.name = name
        self._wheels_first, self._ascending = wheels_first, ascending
        index = [r for r in releases if not r.is_provided]
        provided = [r for r in releases if r.is_provided]
        is_late = [not pre and is_pre_release(r.version) for r in index]
        late = [n for n, is_pre in enumerate(is_late) if is_pre]  # by place among the index's own
        early = [n for n, is_pre in enumerate(is_late) if not is_pre]
        if ascending:
            late.reverse()
            early.reverse()
            provided.reverse()
        if wheels_first:
            early.sort(key=lambda n: _is_sdist(index[n]))
            late.sort(key=lambda n: _is_sdist(index[n]))
        first = [n for n, r in enumerate(index) if preferred is not None and r.version == preferred]
        if first:
            early = first + [n for n in early if n not in first]
            late = [n for n in late if n not in first]
        ordered = [*early, *late]
        self.releases: Sequence[Release] = (*(index[n] for n in ordered), *provided)
        #: the first candidate is a pin to keep: nothing ranks above it
        self._preferred, self._wanted = bool(first), preferred
        self.all = all_bits(len(self.releases))
        self.late = all_bits(len(ordered)) & ~all_bits(len(early))
        self.provided = self.all & ~all_bits(len(ordered))
        self._line = VersionLine([r.version for r in reversed(index)])
        place_of = {n: place for place, n in enumerate(ordered)}
        self._order = [place_of[n] for n in reversed(range(len(index)))]  # candidates, ascending by version
        for place, release in enumerate(provided, len(ordered)):
            self._order.insert(self._line.insert(release.version), place)
        self._below: list[int] | None = None
        self._ranks: Sequence[int] | None = None
        self._memo: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.releases)

    @property
    def is_pinned(self) -> bool:
        """Whether the first candidate is a pin to keep."""
        return self._preferred

    @property
    def pinned(self) -> int:
        """The candidates of the version to keep: the index's, and the one that conda provides now."""
        if self._wanted is None or not self.provided:
            return 2 if self._preferred else 0
        wanted = pypi_version(self._wanted)
        same = (n for n in iter_candidates(self.provided) if pypi_version(self.releases[n].version) == wanted)
        return bits_of(same) | (2 if self._preferred else 0)

    @property
    def finals(self) -> int:
        """The final releases of the index; a pin to keep may be none."""
        finals = self.all & ~self.late & ~self.provided
        if self._preferred and is_pre_release(self.releases[0].version):
            finals &= ~2
        return finals

    def pythons_of(self, place: int) -> int:
        """Return the python candidates that a release fits."""
        return self.releases[place].pythons

    def where_pythons(self, pythons: int) -> int:
        """Return the releases of the index that fit just these Pythons."""
        return bits_where(not r.is_provided and r.pythons == pythons for r in self.releases)

    def provided_places(self) -> dict[str, int]:
        """Return where each provided version stands."""
        return {r.version: n for n, r in enumerate(self.releases) if r.is_provided}

    def bits(self, versions: SpecifierSet | str) -> int:
        """Return the candidates that a specifier set admits, or one by its text, which is sound."""
        key = versions if isinstance(versions, str) else str(versions)
        known = self._memo.get(key)
        if known is None:
            known = self._memo[key] = self._bits(specifier_set(versions))
        return known

    def alone(self, specifier: SpecifierSet) -> int:
        """Return the candidates that a specifier set stands for where nothing else asks for the project.

        Pre-releases only if it names one, or no final release satisfies it (PEP 440, "Handling
        of pre-releases"); what conda provides says nothing of whether the index has a final release.
        """
        admitted = self.bits(specifier)
        if specifier.prereleases:
            return admitted
        index = admitted & ~self.provided
        return (index & ~self.late or index) | admitted & self.provided

    def _bits(self, specifier: SpecifierSet) -> int:
        admitted = self.all
        for clause in specifier:
            if clause.operator == "===":
                wanted = clause.version.lower()
                admitted &= bits_where(r.version.lower() == wanted for r in self.releases)
            elif clause.operator == "!=":
                # The run of the equal ones is found instead; leaving them out needs no bisection.
                admitted &= ~self._run(Specifier("==" + clause.version))
            else:
                admitted &= self._run(clause)
        return admitted

    def _run(self, clause: Specifier) -> int:
        if self._below is None:
            total, self._below = 0, [0]
            for place in self._order:
                total |= 2 << place
                self._below.append(total)
        start, stop = self._line.run(clause)
        return self._below[stop] ^ self._below[start] if stop > start else 0

    def _groups(self) -> tuple[int, ...]:
        """Return the parts of the order within which only the version counts, best first."""
        groups = (self.all & ~self.late, self.late)
        if not self._wheels_first:
            return groups
        sdists = bits_where(map(_is_sdist, self.releases))
        return tuple(part for group in groups for part in (group & ~sdists, group & sdists))

    def _best_first(self) -> Iterable[int]:
        return self._order if self._ascending else reversed(self._order)

    def levels(self) -> list[int]:
        """Return the rank of each candidate's version, as :meth:`version_ranks`; -1 for a pin to keep."""
        result = list(self.version_ranks())
        if self._preferred:
            result[0] = -1
        return result

    def version_ranks(self) -> Sequence[int]:
        """Return the rank of each candidate's version: 0 for the best, pre-releases after all finals."""
        if self._ranks is None:
            self._ranks = self._rank_versions()
        return self._ranks

    def _rank_versions(self) -> list[int]:
        result = [0] * len(self.releases)
        rank = -1
        for group in self._groups():
            previous: str | None = None
            for place in self._best_first():
                if group & (2 << place):
                    text = self.releases[place].version
                    if previous is None or self._line.version(previous) != self._line.version(text):
                        rank += 1
                    previous = text
                    result[place] = rank
        return result


class PinDomain(PypiDomain):
    """The pin of an earlier lockfile, a final release, as the only candidate: there is nothing to order."""

    def __init__(self, name: str, release: Release) -> None:
        self.name, self.releases = name, (release,)
        self._preferred, self._wanted = True, release.version
        self.all, self.late, self.provided = 2, 0, 0
        self._numbers = plain_numbers(release.version)

    def bits(self, versions: SpecifierSet | str) -> int:
        """Return the candidate, if a specifier set admits it, or one by its text, which is sound."""
        numbers = self._numbers
        bounds = _bounds(versions) if numbers is not None and isinstance(versions, str) else None
        if bounds is None:
            clauses = ((clause.operator, clause.version) for clause in specifier_set(versions))
            return self.all if all(self._is_in(*clause) for clause in clauses) else 0
        for compare, bound in bounds:
            if not compare(numbers, bound):
                return 0
        return self.all

    def where_pythons(self, pythons: int) -> int:
        """Return the candidate, if it fits just these Pythons."""
        return self.all if self.releases[0].pythons == pythons else 0

    def _is_in(self, operator: str, text: str) -> bool:
        if operator == "===":
            return self.releases[0].version.lower() == text.lower()
        if operator == "!=":
            return not self._is_in("==", text)
        compare = _COMPARISONS.get(operator)
        bound = None if compare is None or self._numbers is None else plain_numbers(text)
        if compare is None or bound is None or self._numbers is None:
            return Specifier(operator + text).contains(
                pypi_version(self.releases[0].version), prereleases=True
            )
        return compare(self._numbers, bound)

    def version_ranks(self) -> Sequence[int]:
        """Return the rank of the candidate's version."""
        return (0,)
