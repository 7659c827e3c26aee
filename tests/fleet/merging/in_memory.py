"""Oracle and partition over universes in memory: no files, no servers, hundreds a minute."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from lockfiles.fleet.merging.groups import SharingGroup
from lockfiles.fleet.merging.joint import JointOracle, joint_requirements
from lockfiles.fleet.merging.partition import Partition, find_partition
from lockfiles.fleet.merging.verdicts import Answered, Bits
from resolver.constraints.universe import JointUniverse
from resolver.model.requirements import Requirements
from resolver.model.target import Target
from resolver.solving.search import Search
from tests.oracles.fleets import Fleet, fewest, make_fleet
from tests.oracles.universe_draft import Options
from tests.solving.data_universe import joint_universe, lines_of


class _Resolver:
    """What the oracle needs of a resolver."""

    def __init__(self, fleet: Fleet, requirements: Requirements) -> None:
        self.fleet, self.requirements = fleet, requirements

    def universe(self, _: Target, asked: Requirements, *, apart: bool = False) -> JointUniverse:
        return joint_universe(self.fleet.universe, asked=(*asked.conda, *asked.pypi), apart=apart)


class _Counting:
    """An oracle that is never asked the same twice, over several searches for a partition."""

    def __init__(self, oracle: JointOracle) -> None:
        self._oracle, self.known = oracle, dict[Bits, Answered]()

    def ask(self, lines: Bits) -> Answered:
        if lines not in self.known:
            self.known[lines] = self._oracle.ask(lines)
        return self.known[lines]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One fleet: how many environments hold, the fewest images, what was found, what is wrong with it."""

    alone: int
    fewest: int
    partition: Partition
    questions: int
    barred: int  #: classes that turned out not to lock
    faults: list[str]


def judge(seed: int, options: Options, count: int = 5) -> Judged | None:
    """Return a fleet judged; None for one with fewer than two environments that hold."""
    fleet = make_fleet(seed, options, count)
    alone, best = fewest(fleet)
    if len(alone) < 2:
        return None
    group, resolver = _group(fleet, alone)
    oracle = _Counting(JointOracle(group, resolver))
    barred: set[Bits] = set()
    while True:
        found = find_partition(group.items, oracle, barred=barred)
        unions = [_union(group, one) for one in found.classes if len(one) > 1]
        against = {lines for lines in unions if not _locks(group, resolver, lines)}
        if not against:
            break
        barred |= against
    faults = [f"{len(found.failing)} fail that hold"] if found.failing else []
    if len(found.classes) != best or found.lower != best:
        faults.append(f"{len(found.classes)} images, at least {found.lower}; truth {best}")
    faults += [
        f"offers {one}, which don't hold" for one in found.classes if not fleet.holds([alone[n] for n in one])
    ]
    return Judged(
        alone=len(alone),
        fewest=best,
        partition=found,
        questions=len(oracle.known),
        barred=len(barred),
        faults=[f"{seed}: {fault}" for fault in faults],
    )


def _group(fleet: Fleet, places: list[int]) -> tuple[SharingGroup, Any]:
    roots = [lines_of(replace(fleet.universe, root=fleet.roots[n])) for n in places]
    every = [line for root in roots for line in root]
    needs = {line: n for n, line in enumerate(dict.fromkeys(sorted(every, key=_is_pip)))}
    items = tuple(sum({1 << needs[line] for line in root}) for root in roots)
    target = joint_universe(fleet.universe).conda.target
    member: Any = SimpleNamespace(session=SimpleNamespace(targets=(target,), requirements=Requirements()))
    group = SharingGroup(members=(member,), needs=tuple(needs), items=items, aspects=())
    return group, _Resolver(fleet, joint_requirements(group))


def _is_pip(line: object) -> bool:
    return not hasattr(line, "spec")


def _union(group: SharingGroup, members: tuple[int, ...]) -> Bits:
    lines = 0
    for n in members:
        lines |= group.items[n]
    return lines


def _locks(group: SharingGroup, resolver: _Resolver, lines: Bits) -> bool:
    """Tell whether a class locks as a file of its own does."""
    universe = joint_universe(resolver.fleet.universe, asked=group.lines(lines))
    return Search(universe).solve().selected is not None
