"""Incompatibilities: memberships that can't all hold."""

from __future__ import annotations

import msgspec

from resolver.constraints.facts import Fact


class Incompatibility(msgspec.Struct, eq=False):
    """Terms that can't all hold; a term says "package is in this set".

    ``packages`` (1 or more, distinct numbers) and ``sets`` (bitsets, same
    order) are parallel. In a set, bit 0 is *absent* and bit i+1 *candidate i
    is selected*. ``fact`` says where it comes from (a value that explain can
    put in words) and is None for a learned one, whose ``parents`` are the
    incompatibilities it was resolved from, in the order of resolution.

    Identity is the object's: two with equal terms may have different facts. ``outside``: for each term all
    members that are not in its set, where somebody has them at hand.
    """

    packages: tuple[int, ...]
    sets: tuple[int, ...]
    fact: Fact | None = None
    parents: tuple[Incompatibility, ...] = ()
    outside: tuple[int, int] | None = None

    def __repr__(self) -> str:
        terms = ", ".join(f"{p}: {s:b}" for p, s in zip(self.packages, self.sets, strict=True))
        return f"Incompatibility({{{terms}}}, {self.fact!r})"
