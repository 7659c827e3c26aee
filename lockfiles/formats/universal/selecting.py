"""Which entries of a lockfile belong to one environment; see :mod:`lockfiles.formats.universal.model`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from lockfiles.formats.reading import MAIN
from lockfiles.formats.universal.conditions import Variables, holds
from lockfiles.formats.universal.model import Chosen, LockedNeed, LockedProject, Membership, UniversalLock
from resolver.model.names import PypiName

if TYPE_CHECKING:
    from packaging.version import Version


class ClashError(ValueError):
    """A category needs another version of a package than those that are taken already.

    ``category`` is the later one; ``categories`` are all that hold the package.
    """

    def __init__(self, name: str, held: Iterable[str], category: str) -> None:
        super().__init__(name, tuple(sorted(held)), category)
        self.name, self.category, self.categories = name, category, tuple(sorted({*held, category}))


class Selector:
    """Chooses the entries of one environment: those of ``main``, and of the categories that are taken in.

    None of them: all, each for itself, as a category's packages are told apart from what stands beside
    it. Else they are installed together, and a marker sees all of them.
    """

    def __init__(self, lock: UniversalLock, variables: Variables, categories: frozenset[str] | None) -> None:
        self._lock, self._variables, self._kept = lock, variables, categories
        self._together = frozenset[str]().union(*(lock.active.get(name, ()) for name in categories or ()))
        self._by_name: dict[PypiName, list[LockedProject]] = {}
        for entry in lock.entries:
            self._by_name.setdefault(entry.name, []).append(entry)
        self._found: dict[PypiName, tuple[LockedProject, set[str], set[str]]] = {}

    def select(self) -> dict[PypiName, Chosen]:
        """Return name -> what is chosen, sorted by name; raises ClashError."""
        if self._lock.is_told:
            self._take_told()
        elif self._lock.roots is not None:
            for category, edges in self._lock.roots.items():
                if self._is_kept(category):
                    self._reach(category, edges)
        else:
            self._take_unrooted()
        return {
            name: Chosen(
                entry=entry,
                categories=frozenset({MAIN} if MAIN in categories else categories),
                extras=entry.extras | extras,
                needs=self._needs(entry, extras, categories),
            )
            for name, (entry, categories, extras) in sorted(self._found.items())
            if not entry.is_member
        }

    def _is_kept(self, category: str) -> bool:
        return self._kept is None or category == MAIN or category in self._kept

    def _put(self, entry: LockedProject, category: str, extras: Iterable[str] = ()) -> bool:
        """Take an entry in; tell whether that is news."""
        found = self._found.get(entry.name)
        if found is None:
            self._found[entry.name] = (entry, {category}, set(extras))
            return True
        held, categories, taken = found
        if held is not entry and (held.version, held.source) != (entry.version, entry.source):
            raise ClashError(entry.name, categories, category)
        is_news = category not in categories or not taken.issuperset(extras)
        categories.add(category)
        taken.update(extras)
        return is_news

    # told

    def _take_told(self) -> None:
        for entry in self._lock.entries:
            if not any(holds(marker, self._variables) for marker in entry.conditions or (None,)):
                continue
            for membership in sorted(entry.memberships, key=lambda one: one.category != MAIN):
                if self._is_kept(membership.category) and self._is_in(membership):
                    self._put(entry, membership.category)

    def _is_in(self, membership: Membership) -> bool:
        return holds(membership.marker, self._variables, membership.extras, membership.groups)

    # reached

    def _reach(self, category: str, edges: Iterable[LockedNeed]) -> None:
        active = self._active(category)
        waiting = deque(edges)
        while waiting:
            edge = waiting.popleft()
            if not holds(edge.marker, self._variables, active):
                continue
            entry = self._entry(edge)
            if entry is None:
                continue
            if self._put(entry, category, edge.extras):
                waiting.extend(entry.edges)
                for extra in edge.extras:
                    waiting.extend(entry.edges_of_extras.get(extra, ()))

    def _active(self, category: str) -> frozenset[str]:
        return self._lock.active.get(category, frozenset()) if self._kept is None else self._together

    def _entry(self, edge: LockedNeed) -> LockedProject | None:
        """Return the entry that an edge leads to; of several the one that it names, whose fork this is."""
        fits = [
            entry
            for entry in self._by_name.get(edge.name, ())
            if (edge.version is None or entry.version == edge.version)
            and (edge.source is None or entry.source == edge.source)
        ]
        here = [entry for entry in fits if self._is_of_fork(entry)]
        return next(iter(here or fits), None)

    def _is_of_fork(self, entry: LockedProject) -> bool:
        return not entry.conditions or any(holds(marker, self._variables) for marker in entry.conditions)

    # unrooted

    def _take_unrooted(self) -> None:
        """Take what no other package rules out: where some need it, one of them has to need it here.

        ::

            nobody needs it                            it was asked for
            somebody needs it, under a marker that
              holds here, and is taken itself          taken
            all who need it do so elsewhere            left out, even if it was asked for as well
        """
        here = _Here(self._by_name, self._of_python)
        edges = [(edge, holds(edge.marker, self._variables)) for edge in here.edges()]
        here.limit([edge for edge, is_true in edges if is_true])
        needed = {edge.name for edge, _ in edges}
        needed_here = {edge.name for edge, is_true in edges if is_true}
        asked = [name for name in here.newest if name not in needed]
        taken = self._spread(asked, here)
        taken |= self._spread([name for name in here.newest if name in needed_here - taken], here)
        of_extras = {
            extra: self._spread(names, here)
            for extra, names in self._lock.optional.items()
            if self._is_kept(extra)
        }
        for name in sorted(taken.union(*of_extras.values())):
            entry = here.newest[name]
            if name in taken and not entry.is_optional:
                self._put(entry, MAIN)
            for extra, names in of_extras.items():
                if name in names:
                    self._put(entry, extra)

    def _of_python(self, entry: LockedProject) -> bool:
        from lockfiles.formats.universal.pythons import meets

        is_fit = meets(self._variables["python_full_version"], entry.requires_python)
        return is_fit and self._is_of_fork(entry)

    def _spread(self, names: Iterable[PypiName], here: _Here) -> set[PypiName]:
        taken: set[PypiName] = set()
        waiting = deque(name for name in names if name in here.newest)
        while waiting:
            name = waiting.popleft()
            if name in taken:
                continue
            taken.add(name)
            waiting.extend(
                edge.name
                for edge in here.newest[name].edges
                if edge.name in here.newest and holds(edge.marker, self._variables)
            )
        return taken

    # edges of what was chosen

    def _needs(self, entry: LockedProject, extras: set[str], categories: set[str]) -> dict[PypiName, str]:
        """Return what the entry needs here: of what isn't locked at all only what it always needs."""
        active = frozenset[str]().union(*map(self._active, categories))
        held = (edge for edge in _edges(entry, extras) if holds(edge.marker, self._variables, active))
        return {
            edge.name: edge.specifier
            for edge in sorted(held, key=lambda edge: edge.name)
            if edge.name != entry.name
            and (edge.name in self._found or not (edge.marker or edge.name in self._by_name))
        }


class _Here:
    """The entries of an unrooted lockfile that a Python can have: of each name the newest that is needed."""

    def __init__(
        self, by_name: Mapping[PypiName, list[LockedProject]], fits: Callable[[LockedProject], bool]
    ) -> None:
        kept = ((name, [entry for entry in entries if fits(entry)]) for name, entries in by_name.items())
        self._entries = {name: entries for name, entries in kept if entries}
        self.newest: dict[PypiName, LockedProject] = {}

    def edges(self) -> Iterator[LockedNeed]:
        for entries in self._entries.values():
            for entry in entries:
                yield from entry.edges

    def limit(self, edges: Iterable[LockedNeed]) -> None:
        """Choose of each name the newest version that these edges allow, the newest of all where none is."""
        wanted: dict[PypiName, set[str]] = {}
        for edge in edges:
            wanted.setdefault(edge.name, set()).add(edge.specifier)
        for name, entries in self._entries.items():
            some = entries
            if len(entries) > 1:
                asked = wanted.get(name, set())
                fits = [entry for entry in entries if all(_allows(text, entry.version) for text in asked)]
                some = sorted(fits or entries, key=lambda entry: _version(entry.version))
            self.newest[name] = some[-1]


def _edges(entry: LockedProject, extras: Iterable[str]) -> Iterator[LockedNeed]:
    yield from entry.edges
    for extra in sorted(extras):
        yield from entry.edges_of_extras.get(extra, ())


def _version(text: str) -> Version:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")


def _allows(specifier: str, version: str) -> bool:
    from resolver.model.specifiers import parse_specifier
    from resolver.model.unusable import Unusable

    found = parse_specifier(specifier)
    return isinstance(found, Unusable) or found.contains(version, prereleases=True)
