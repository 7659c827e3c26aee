"""A conflict that only a distinction of cases shows: each version that is left runs into something else.

PubGrub's own example: ``menu`` 1.1 to 1.5 needs a ``dropdown`` that needs other
``icons`` than the line asks for; ``menu`` 1.0 needs one that needs another ``intl``.

1. Part the candidates of one package by what they say of others.
2. Put parts together as long as they come to an end together.
3. A part that comes to no end is parted by another package.
4. Of all packages, the one that gives the fewest cases is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from resolver.constraints.bits import ABSENT
from resolver.explain.derivation import Link
from resolver.explain.members import UserConflict
from resolver.explain.telling.following import Follower, KnownDemands
from resolver.explain.telling.story import Story
from resolver.explain.wording import Wording

#: So many packages are distinguished within each other, and so many cases told.
_MOST_LEVELS, _MOST_CASES = 3, 6
#: A package with more parts is not told by cases.
_MOST_PARTS = 40
#: So often links are followed to the end, for one conflict.
_MOST_TRIED = 400

_Given = Mapping[int, int]


class Cases:
    """Finds the few cases that a conflict falls into, each with a chain of its own.

    ``forward``: each chain goes from what a package needs to a line, never back.
    """

    def __init__(self, conflict: UserConflict, links: Sequence[Link], *, forward: bool = False) -> None:
        self._conflict, self._links, self._forward = conflict, links, forward
        self._wording = Wording(conflict.universe)
        self._tried = 0
        self._known: KnownDemands = {}

    def find(self) -> list[Story]:
        """Return the story of each case, the newest versions first; none where there is no such split."""
        found = self._split({}, _MOST_LEVELS)
        if found is None:
            return []
        return [self._follower(given).follow() for given in found]

    def _split(self, given: _Given, levels: int) -> list[_Given] | None:
        best: list[_Given] | None = None
        for package, parts in self._parted(given):
            found = self._cases_of(package, parts, given, levels)
            if found is not None and (best is None or len(found) < len(best)):
                best = found
                if len(best) == 2:
                    break
        return best

    def _parted(self, given: _Given) -> Iterator[tuple[int, list[int]]]:
        """Yield packages that fall into parts where all chains were followed; the user's own first."""
        follower = self._follower(given)
        follower.ends()
        owners = dict.fromkeys(link.owner for link in self._links if link.owner >= 0)
        for package in sorted(owners, key=lambda owner: owner not in follower.lines):
            parts = follower.parts(package)
            if 1 < len(parts) <= _MOST_PARTS:
                yield package, self._newest_first(package, parts)

    def _newest_first(self, package: int, parts: Sequence[int]) -> list[int]:
        places = {text: place for place, text in enumerate(self._wording.versions(package))}

        def newest(bits: int) -> int:
            return max((places[text] for text in self._wording.chosen(package, bits & ~ABSENT)), default=-1)

        return sorted(parts, key=newest, reverse=True) if places else list(parts)

    def _cases_of(
        self, package: int, parts: Sequence[int], given: _Given, levels: int
    ) -> list[_Given] | None:
        ended: list[int] = []
        open_ones: list[int] = []
        for part in parts:
            if not self._ends(given, package, part):
                open_ones.append(part)
                continue
            place = next((n for n, e in enumerate(ended) if self._ends(given, package, e | part)), None)
            if place is None:
                ended.append(part)
            else:
                ended[place] |= part
            if len(ended) > _MOST_CASES:
                return None
        found: list[_Given] = [{**given, package: part} for part in ended]
        if len(open_ones) == len(parts) or (open_ones and levels <= 1):
            return None
        for part in open_ones:
            deeper = self._split({**given, package: part}, levels - 1)
            if deeper is None or len(found) + len(deeper) > _MOST_CASES:
                return None
            found += deeper
        return found

    def _ends(self, given: _Given, package: int, part: int) -> bool:
        self._tried += 1
        if self._tried > _MOST_TRIED:
            return False
        return self._follower({**given, package: part}).ends()

    def _follower(self, given: _Given) -> Follower:
        return Follower(self._conflict, self._links, given, forward=self._forward, known=self._known)
