"""Requested packages that are not the newest that their own lines admit: which version, and by whom.

Where pins of an earlier lockfile hold one back, that is found by locking again with the package updated
(:class:`Updates`), so what is said of ``--update`` has been tried::

    model 1.0 (newest 2.0)    fence 1.0 goes only with model <2      fence is a pin
    --update model            model 2.0, fence 2.0                   so that is said

The pin's own update wouldn't do: once the lockfile is written, what it holds back is a pin too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import msgspec

from resolver.constraints.bits import iter_candidates
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.universe import JointUniverse
from resolver.model.notices import Notice
from resolver.solving.notices.against import Against

#: So many of the packages that move are named.
_MOST_NAMES = 3


class Relocked(msgspec.Struct, frozen=True, kw_only=True):
    """What a lock with some updates would come to: the packages, what is selected, what was read for it."""

    universe: JointUniverse
    selected: Mapping[int, int]
    clauses: Iterable[Incompatibility]


class Updates(Protocol):
    """Locks again with some names updated."""

    def relock(self, names: Sequence[str]) -> Relocked | None:
        """Return what the requested packages come to; None where that can't be told."""
        ...


class _Freed(msgspec.Struct, frozen=True, kw_only=True):
    """What a package's update brings it to (None: nobody knows), and the pins that move for it."""

    name: str
    version: str | None
    moves: tuple[str, ...]

    def __str__(self) -> str:
        if self.version is None:
            return f"; `--update {self.name}` may free it"
        others = [f"`{name}`" for name in self.moves[:_MOST_NAMES]]
        if len(self.moves) > _MOST_NAMES:
            others.append(f"{len(self.moves) - _MOST_NAMES} more")
        moved = f" and moves {', '.join(others)}" if others else ""
        return f"; `--update {self.name}` takes it to {self.version}{moved}"


def held_back(
    universe: JointUniverse,
    selected: Mapping[int, int],
    clauses: Iterable[Incompatibility],
    updates: Updates | None = None,
) -> Iterator[Notice]:
    """Yield a notice for each requested package of which a newer version meets its own lines.

    ``clauses``: what the search has read, in its order. A pin of an earlier lockfile that stays is none; one
    that holds another package back is no reason to stay so: the update that frees that is named.
    """
    view = Against(universe, selected)
    found = [(p, newest) for p in universe.requested() if p in selected and (newest := view.newest(p))]
    if not found:
        return
    view.read(clauses)
    for package, newest in found:
        name, version = view.name(package), view.chosen(package)
        newer = view.version(package, next(iter_candidates(newest)))
        reason = view.reason(package, newest)
        freed = None
        if updates is not None and not universe.is_updated(package):
            freed = _freed(universe, selected, package, updates)
        yield Notice(
            code="held-back",
            text=f"`{name}` {version} (newest {newer}): {reason}{freed or ''}",
            package=name,
            target=universe.conda.target.subdir,
            facts={
                "version": version,
                "newest": newer,
                "reason": reason,
                "update": freed.name if freed else None,
                "update_reaches": freed.version if freed else None,
                "update_moves": freed.moves if freed else (),
            },
        )


def _freed(
    universe: JointUniverse, selected: Mapping[int, int], package: int, updates: Updates
) -> _Freed | None:
    """Return what the package's update brings; None: no pin holds it back."""
    key, now = universe.registry.keys[package], Against(universe, selected)
    made = updates.relock((key.name,))
    if made is None:
        return _Freed(name=key.name, version=None, moves=())
    number = made.universe.registry.find(key)
    if number is None or number not in made.selected:
        return None
    then = Against(made.universe, made.selected)
    if not then.is_newer(number, now.chosen(package)):
        return None
    return _Freed(name=key.name, version=then.chosen(number), moves=tuple(_moves(now, then)))


def _moves(now: Against, then: Against) -> Iterator[str]:
    """Yield the names of pins that stay now and would move."""
    places = {then.key(number): number for number in then.selected}
    for package, place in now.selected.items():
        number = places.get(now.key(package))
        stays = now.universe.stays(package, place)
        if stays and number is not None and now.build(package) != then.build(number):
            yield now.name(package)
