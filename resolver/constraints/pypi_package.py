"""A PyPI project, or one of its extras, as a package of the universe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from packaging.specifiers import SpecifierSet

from resolver.constraints.bits import ABSENT, iter_candidates
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.facts import DependencyFact, PythonFact, UnusableFact
from resolver.constraints.pypi_domain import Release
from resolver.constraints.pypi_side import PypiSide
from resolver.errors import SourceError
from resolver.metadata.page_rows import files_of
from resolver.model.names import PypiName, pypi_name
from resolver.model.pep508 import AnyRequirement, PlainRequirement, parse_requirement
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.unusable import Cause, Unusable

#: Causes that count as a build that came to nothing: others say nothing of a project's other releases.
_COUNTED = (Cause.BUILD_FAILED, Cause.OTHER_PYTHON)
#: How many releases to fetch ahead once a project's releases keep being refused: 2, 8, then 32 at a time.
_AHEAD = (0, 2, 8, 32)


class PypiPackage:
    """A project: releases of the index, and releases that conda packages provide."""

    extra = ""

    def __init__(self, side: PypiSide, name: PypiName, number: int) -> None:
        self.side = side
        self.name = name
        self.number = number
        self.domain, self.bridge = side.domain(name)
        self.extras: list[int] = []  # numbers of the extras that have come up
        self._shared: dict[str, list[tuple[int, list[Incompatibility]]]] = {}
        self._carried: dict[tuple[str, ...], int] = {}  # releases by all that they require
        self._carriers: dict[str, int] = {}  # by each text of it that may hold, as far as that is sorted
        self._unsorted: dict[tuple[str, ...], int] = {}
        self._known: dict[int, CoreMetadata | Unusable] = {}
        self._batches: dict[int, Sequence[int]] = {}  # what is under way, with all that was asked for at once
        self._python_clauses: dict[int, Incompatibility] = {}
        self._intro: list[Incompatibility] | None = None
        self._said: dict[int, Sequence[Incompatibility]] = {}  # what a release requires, once all was asked
        self._asked = 0

    # -- the universe's questions -----------------------------------------------------------------

    def size(self) -> int:
        """Return the number of candidates."""
        return len(self.domain)

    def levels(self) -> Sequence[int]:
        """Return the version rank of each candidate."""
        return self.domain.levels()

    def links(self) -> Sequence[int]:
        """Return the project's extras: they share its candidates."""
        return self.extras

    def clauses(self, candidate: int) -> Iterable[Incompatibility]:
        """Give what the release requires: a Python, and its dependencies.

        What is cheap to learn comes first: who stops as soon as the candidate
        is out saves the rest. So an sdist is only built if nothing that a
        wheel of the same version says is against it.
        """
        return chain.from_iterable(self.parts(candidate))

    def parts(self, candidate: int) -> Iterable[Sequence[Incompatibility]]:
        """Give the same, what is learned at once together: much of it has been said before."""
        said = self._said.get(candidate)
        return self._learn(candidate) if said is None else (said,)

    def _learn(self, candidate: int) -> Iterator[Sequence[Incompatibility]]:
        said: list[Incompatibility] = []
        try:
            for part in self._parts(candidate):
                said.extend(part)
                yield part
        except SourceError as error:
            self.side.pass_over(error)
        else:
            self._said[candidate] = said

    def _parts(self, candidate: int) -> Iterator[Sequence[Incompatibility]]:
        """Yield what a release requires, what goes together at once."""
        release = self.domain.releases[candidate]
        yield self.introduction()
        if release.is_provided:
            return
        yield [self._python_clause(release.pythons)]
        if release.hint is not None:
            said = self.side.metadata(release.hint)
            if not isinstance(said, Unusable):
                self._carry(candidate, said)
                for text in said.requires_dist:
                    yield self._relations(text, candidate)
        for said, pythons in self._voices(candidate):
            if isinstance(said, Unusable):
                yield [self._out(candidate, release, said, pythons)]
                continue
            if said.requires_python and not any(f.requires_python for f in release.files):
                allowed = self.side.python.required(said.requires_python) | (self.side.python.all & ~pythons)
                if allowed != self.side.python.all:
                    yield [self._needs_python(2 << candidate, allowed)]
            yield from self._required(said.requires_dist, candidate, pythons)

    def _voices(self, candidate: int) -> Iterator[tuple[CoreMetadata | Unusable, int]]:
        """Yield what speaks for a release, each with the Pythons under which it does."""
        side, release = self.side, self.domain.releases[candidate]
        files = side.voices(self.name, release)
        if not files:
            yield self.metadata(candidate), side.python.all
            return
        side.source.prefetch_metadata([file for file, _ in files])
        for file, pythons in files:
            yield side.metadata(file), pythons

    def _required(
        self, texts: Sequence[str], candidate: int, pythons: int
    ) -> Iterator[Sequence[Incompatibility]]:
        """Yield the clauses of each requirement string that holds under some Pythons."""
        for text in self.side.foresee(texts, self.extra):
            if pythons == self.side.python.all:
                yield self._relations(text, candidate)
            else:
                yield self._relate(text, 2 << candidate, pythons)

    def _out(self, candidate: int, release: Release, said: Unusable, pythons: int) -> Incompatibility:
        """Return that a release can't be used, under the Pythons under which that is so."""
        reason = f"{self.name} {release.version}: {said.reason}"
        fact = UnusableFact(package=self.number, reason=reason, cause=said.cause)
        # Wheels would do under other Pythons: only what has to be built is out.
        python = self.side.python
        without = pythons & ~release.wheel_pythons
        if without == python.all:
            return Incompatibility((self.number,), (2 << candidate,), fact)
        return Incompatibility((self.number, python.number), (2 << candidate, without), fact)

    def introduction(self) -> Sequence[Incompatibility]:
        """Return what ties the project to the conda packages that ship it; always holds."""
        if self._intro is None:
            registry, bridge = self.side.registry, self.bridge
            numbers = {*bridge.unknown, *(c for bits in bridge.by_version.values() for c in bits)}
            full = [(conda, registry.conda(conda).domain.all) for conda in numbers]
            self._intro = self.bridge.clauses(self.number, self.domain, full)
        return self._intro

    # -- metadata ---------------------------------------------------------------------------------

    def metadata(self, candidate: int) -> CoreMetadata | Unusable:
        """Return the metadata of a release; waits for it.

        What is learned depends on what was asked, never on what has arrived: a
        candidate is taken in with its whole batch, so that the search takes
        the same way over a slow network as from the cache.
        """
        known = self._known.get(candidate)
        if known is None:
            self._asked += 1
            batch = self._batches.get(candidate) or (candidate,)
            self._fetch_ahead(batch[-1] + 1, _AHEAD[min(self._asked // 2, len(_AHEAD) - 1)])
            known = self._read(candidate)
            self._absorb(candidate, known)
            for other in batch:
                if other not in self._known:
                    try:
                        self._absorb(other, self._read(other))
                    except SourceError:  # met again if the candidate is ever asked for
                        self._batches.pop(other, None)
        return known

    def foresee(self, admitted: int) -> None:
        """Begin to fetch the best candidate that the first requirement admits: likely the first asked for."""
        if not self._known and not self._batches:
            pythons, likely = self.domain.pythons_of, self.side.likely
            place = next((n for n in iter_candidates(admitted) if pythons(n) & likely), None)
            if place is not None:
                self._fetch_ahead(place, 1)

    def _read(self, candidate: int) -> CoreMetadata | Unusable:
        release = self.domain.releases[candidate]
        if release.metadata is not None:
            return self.side.overridden(release.metadata)
        file = self.side.file_for_metadata(release)
        if file.is_wheel:
            return self.side.metadata(file)
        given_up = self.side.given_up(self.name)
        if given_up is not None:
            return given_up
        said = self.side.metadata(file, may_build=self.side.may_build(release))
        if isinstance(said, Unusable) and said.cause in _COUNTED:
            self.side.unbuilt.setdefault(self.name, []).append(release.version)
        return said

    def _fetch_ahead(self, start: int, count: int) -> None:
        """Begin to fetch metadata of up to ``count`` wheels from a candidate on; that of an sdist waits."""
        files: list[DistFile] = []
        places: list[int] = []
        for place in range(start, min(start + count, len(self.domain))):
            release = self.domain.releases[place]
            if release.files and place not in self._known and place not in self._batches:
                file = self.side.file_for_metadata(release)
                if file.is_wheel:
                    files.append(file)
                    places.append(place)
        if files:
            self._batches.update(dict.fromkeys(places, tuple(places)))
            self.side.source.prefetch_metadata(files)

    def _absorb(self, candidate: int, metadata: CoreMetadata | Unusable) -> None:
        self._known[candidate] = metadata
        self._batches.pop(candidate, None)
        if not isinstance(metadata, Unusable):
            self._carry(candidate, metadata)

    def _carry(self, candidate: int, metadata: CoreMetadata) -> None:
        if self.side.voices(self.name, self.domain.releases[candidate]):
            return  # its wheels have clauses of their own
        texts = tuple(metadata.requires_dist)
        bits = self._carried[texts] = self._carried.get(texts, 0) | (2 << candidate)
        self._unsorted[texts] = bits

    def known_carriers(self, text: str) -> int:
        """Return all releases that are known to carry a requirement string."""
        if not self.side.may_hold(text):  # it comes by an extra, as most that is never asked for
            found = 0
            for texts, bits in self._carried.items():
                if text in texts:
                    found |= bits
            return found
        carriers = self._carriers
        for texts, bits in self._unsorted.items():
            for one in self.side.maybe_holding(texts):
                carriers[one] = carriers.get(one, 0) | bits
        self._unsorted.clear()
        return carriers.get(text, 0)

    # -- incompatibilities ------------------------------------------------------------------------

    def _python_clause(self, pythons: int) -> Incompatibility:
        """Return one clause for all releases that fit the same Pythons."""
        clause = self._python_clauses.get(pythons)
        if clause is None:
            group = self.domain.where_pythons(pythons)
            clause = self._python_clauses[pythons] = self._needs_python(group, pythons)
        return clause

    def _needs_python(self, group: int, allowed: int) -> Incompatibility:
        python = self.side.python
        return Incompatibility(
            (self.number, python.number),
            (group, (python.all & ~allowed) | ABSENT),
            PythonFact(package=self.number),
        )

    def _relations(self, text: str, candidate: int) -> Sequence[Incompatibility]:
        """Return the clauses of one requirement string, shared by all releases known to carry it."""
        shared = self._shared.setdefault(text, [])
        for group, clauses in shared:
            if group & (2 << candidate):
                return clauses
        group = self._carriers_of(text, candidate)
        clauses = self._relate(text, group)
        shared.append((group, clauses))
        return clauses

    def _carriers_of(self, text: str, candidate: int) -> int:  # noqa: ARG002  (an extra's needs it)
        """Return all releases known to carry a requirement string."""
        return self.known_carriers(text)

    def _relate(self, text: str, group: int, pythons: int = -1) -> list[Incompatibility]:
        when = self.side.when(text, self.extra) & pythons
        if not when & self.side.possible:
            return []
        requirement = parse_requirement(text)
        if isinstance(requirement, Unusable):
            return [self._unusable(group, f"{self.name}: {requirement.reason}", when)]
        name = pypi_name(requirement.name)
        if requirement.url and name not in self.side.direct:
            reason = f"{self.name} requires `{text}`, an address that only your own files may give"
            return [self._unusable(group, reason, when)]
        try:
            return self._require(requirement, name, group, when, text)
        except SourceError as error:
            self.side.pass_over(error)
            return []

    def _unusable(self, group: int, reason: str, when: int) -> Incompatibility:
        fact, python = UnusableFact(package=self.number, reason=reason), self.side.python
        if when == python.all:
            return Incompatibility((self.number,), (group,), fact)
        return Incompatibility((self.number, python.number), (group, when), fact)

    def _require(
        self, requirement: AnyRequirement, name: PypiName, group: int, when: int, text: str
    ) -> list[Incompatibility]:
        fact = DependencyFact(package=self.number, text=text, override=self.side.override_behind(text))
        result: list[Incompatibility] = []
        versions: SpecifierSet | str | None
        if isinstance(requirement, PlainRequirement):
            versions = requirement.versions
        else:
            versions = None if requirement.url else requirement.specifier
        for number, admitted, everything in self.side.admitted(name, versions, requirement.extras, result):
            if number == self.number:  # `x[all]` that names `x[http]`: the project itself is there anyway
                continue
            packages, sets = [self.number], [group]
            if when != self.side.python.all:
                packages.append(self.side.python.number)
                sets.append(when)
            packages.append(number)
            sets.append((everything & ~admitted) | ABSENT)
            result.append(Incompatibility(tuple(packages), tuple(sets), fact))
        return result


class ExtraPackage(PypiPackage):
    """One extra of a project: the same candidates; selecting one selects the project's."""

    def __init__(self, base: PypiPackage, extra: str, number: int) -> None:
        self.base = base
        self.extra = extra
        self.base_links = (base.number,)
        super().__init__(base.side, base.name, number)
        base.extras.append(number)

    def links(self) -> Sequence[int]:
        """Return the project."""
        return self.base_links

    def introduction(self) -> Sequence[Incompatibility]:
        """Return nothing: the project's own introduction is enough."""
        return ()

    def is_lacking(self, candidate: int) -> bool:
        """Tell whether a release is known not to have the extra: it neither provides nor mentions it."""
        metadata = self._metadata_of_extra(candidate)
        if metadata is None or isinstance(metadata, Unusable) or self.extra in metadata.extras:
            return False
        return not any(self.side.when(text, self.extra) for text in metadata.requires_dist if "extra" in text)

    def _parts(self, candidate: int) -> Iterator[Sequence[Incompatibility]]:
        """Yield what the extra adds to the release's dependencies."""
        for said, pythons in self._voices(candidate):
            if not isinstance(said, Unusable):
                added = [text for text in said.requires_dist if "extra" in text]
                yield from self._required(added, candidate, pythons)

    def _voices(self, candidate: int) -> Iterator[tuple[CoreMetadata | Unusable, int]]:
        """Yield what speaks for a release, be it one that conda provides."""
        if not self.domain.releases[candidate].is_provided:
            yield from self.base._voices(candidate)  # noqa: SLF001  (one package in two parts)
            return
        metadata = self._metadata_of_extra(candidate)
        if metadata is not None:
            yield metadata, self.side.python.all

    def _metadata_of_extra(self, candidate: int) -> CoreMetadata | Unusable | None:
        release = self.domain.releases[candidate]
        if not release.is_provided:
            return self.base.metadata(candidate)
        # What conda provides has no metadata here; the index describes the same version, if it has it.
        page = self.side.pages.get(self.name)
        files = files_of(page, release.version) if page else ()
        if not files:
            return None
        return self.side.metadata(next((f for f in files if f.is_wheel), files[0]))

    def _carriers_of(self, text: str, candidate: int) -> int:
        # What conda provides has carriers of its own: the base has not read their metadata.
        return self.base.known_carriers(text) | (2 << candidate)

    def _fetch_ahead(self, start: int, count: int) -> None:
        """Leave fetching to the project."""
