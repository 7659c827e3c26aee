"""What was requested, as far as it is asked for: a line with a marker asks under some Pythons only.

::

    lines     python      b      a; python_version >= "3.12"
    3.13      asked     asked    asked
    3.11      asked     asked    no: a has no level here, and nothing brings it in

So what a solution is judged by is a function of its Python, which therefore is the first thing
that it is judged by, also where no line names it.
"""

from __future__ import annotations

from collections.abc import Mapping

from resolver.constraints.bits import iter_candidates
from resolver.constraints.protocol import Universe


class Asked:
    """The requested packages of a universe, in file order, python before them where markers depend on it."""

    def __init__(self, universe: Universe) -> None:
        conditions, packages = universe.conditions(), tuple(universe.requested())
        #: python, where what is asked for depends on it
        self.python = None if conditions is None else conditions.python
        self._under: Mapping[int, int] = {} if conditions is None else conditions.under
        if self.python is not None and self.python not in packages:
            packages = (self.python, *packages)
        self.packages = packages

    def under(self, pythons: int) -> tuple[int, ...]:
        """Return the packages of which a line holds under one of these Pythons."""
        if not self._under:
            return self.packages
        return tuple(p for p in self.packages if self._under.get(p, -1) & pythons)

    def of(self, selected: Mapping[int, int]) -> tuple[int, ...]:
        """Return the packages that are asked for in a solution."""
        if self.python is None:
            return tuple(p for p in self.packages if p in selected)
        return tuple(p for p in self.under(2 << selected[self.python]) if p in selected)

    def parts(self, pythons: int) -> list[int]:
        """Return some Pythons in parts under which the same is asked for, the part with the best first."""
        parts: dict[tuple[int, ...], int] = {}
        for candidate in iter_candidates(pythons):
            asked = self.under(2 << candidate)
            parts[asked] = parts.get(asked, 0) | (2 << candidate)
        return list(parts.values())
