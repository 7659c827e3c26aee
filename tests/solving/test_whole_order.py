"""Channel priority, track_features, builds and pins of small random channels, beside every solution."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import pytest

from resolver.constraints.conda_side import CondaSide
from resolver.constraints.registry import Key, Kind
from resolver.constraints.universe import JointUniverse
from resolver.constraints.version_order import VersionOrder
from resolver.model.channels import ChannelPriority
from resolver.model.origin import Origin
from resolver.model.records import CondaRecord
from resolver.model.requirements import CondaRequirement
from resolver.model.target import ResolutionMode, Target
from resolver.solving.engines import solve_anew
from resolver.solving.rest import walk as walk_of
from resolver.solving.versions import FirstDecisions, best_version
from tests.solving.data_universe import _Subdir
from tests.support.records import conda_record

COUNT = int(os.environ.get("LOCKSTACK_UNIVERSES", "300")) // 3
BLOCK = 100
NAMES = [f"p{n}" for n in range(5)]

#: What is chosen: name -> record; what is absent has none.
Solution = Mapping[str, CondaRecord]


@dataclass(frozen=True)
class World:
    """Two channels, earlier first; lines; what an earlier lockfile holds, by file name."""

    channels: tuple[list[CondaRecord], list[CondaRecord]]
    lines: list[str]
    pins: dict[str, str]
    priority: ChannelPriority
    mode: ResolutionMode = ResolutionMode.HIGHEST

    def rank(self, record: CondaRecord) -> int:
        return 0 if record in self.channels[0] else 1

    def candidates(self, name: str) -> list[CondaRecord]:
        """Return what channel priority leaves of a name."""
        found = [[r for r in channel if r.name == name] for channel in self.channels]
        if self.priority is ChannelPriority.STRICT and found[0]:
            return found[0]
        return found[0] + found[1]

    def level(self, record: CondaRecord) -> tuple[int, ...]:
        """Return what is compared before builds, the smaller the better; a pin's own comes first."""
        mine = self._key(record)
        pin = next((r for r in self.candidates(record.name) if r.file_name == self.pins.get(r.name)), None)
        return (-1,) if pin is not None and self._key(pin) == mine else mine

    def _key(self, record: CondaRecord) -> tuple[int, ...]:
        rank = 0 if self.priority is ChannelPriority.DISABLED else self.rank(record)
        version = int(record.version)
        newer = -version if self.mode is ResolutionMode.HIGHEST else version
        return rank, len(record.track_features.split()), newer


def draw(seed: int, priority: ChannelPriority, mode: ResolutionMode = ResolutionMode.HIGHEST) -> World:
    rng = random.Random(f"{seed}")  # noqa: S311
    channels: tuple[list[CondaRecord], list[CondaRecord]] = ([], [])
    for name in NAMES:
        for place, channel in enumerate(channels):
            for version in rng.sample([1, 2, 3], rng.choice([0, 1, 2] if place else [1, 2])):
                for number in range(rng.choice([1, 1, 2])):
                    others = rng.sample([other for other in NAMES if other > name], min(2, 4 - int(name[1])))
                    texts = [f"{other} {rng.choice(['>=1', '>=2', '<3', '<2', '!=2'])}" for other in others]
                    build = f"c{place}_{number}"
                    channel.append(
                        conda_record(
                            name,
                            str(version),
                            build,
                            build_number=number,
                            file_name=f"{name}-{version}-{build}.conda",
                            track_features="feature" if rng.random() < 0.15 else "",
                            depends=tuple(t for t in texts if rng.random() < 0.5),
                            constrains=tuple(t for t in texts[:1] if rng.random() < 0.2),
                        )
                    )
    records = [r for channel in channels for r in channel]
    pins = (
        {r.name: r.file_name for r in rng.sample(records, min(len(records), 3))} if rng.random() < 0.5 else {}
    )
    return World(channels, rng.sample(NAMES[:3], 2), pins, priority, mode)


# --- every solution ---


def admits(text: str, record: CondaRecord | None, *, optional: bool = False) -> bool:
    if record is None:
        return optional
    operator, wanted = text.split()[1].rstrip("123"), int(text[-1])
    version = int(record.version)
    return {">=": version >= wanted, "<": version < wanted, "!=": version != wanted}[operator]


def solutions(world: World) -> Iterator[Solution]:
    """Yield the solutions in which everything is asked for, or needed."""
    for chosen in product(*([None, *world.candidates(name)] for name in NAMES)):
        there = {r.name: r for r in chosen if r is not None}
        if not all(line in there for line in world.lines):
            continue
        if all(
            all(admits(text, there.get(text.split()[0])) for text in r.depends)
            and all(admits(text, there.get(text.split()[0]), optional=True) for text in r.constrains)
            for r in there.values()
        ) and set(walk(world, there)) == set(there):
            yield there


def walk(world: World, there: Solution) -> list[str]:
    """Return the names by depth, place among the lines, name."""
    depth = dict.fromkeys(world.lines, 0)
    wave = list(depth)
    while wave:
        needs = [text.split()[0] for name in wave for text in there[name].depends]
        wave = [name for name in dict.fromkeys(needs) if name in there and name not in depth]
        depth |= dict.fromkeys(wave, max(depth.values()) + 1)
    place = {name: n for n, name in enumerate(world.lines)}
    return sorted(depth, key=lambda name: (depth[name], place.get(name, len(NAMES)), name))


def moved(world: World, solution: Solution) -> frozenset[str]:
    """Return the packages that aren't where the earlier lockfile has them; a pin that is gone is none."""
    known = {r.file_name for name in NAMES for r in world.candidates(name)}
    pins = {name: file for name, file in world.pins.items() if file in known}
    return frozenset(n for n, r in solution.items() if n in pins and r.file_name != pins[n])


def left_behind(world: World, solution: Solution) -> frozenset[str]:
    """Return the packages whose pinned file is gone, and that aren't at its version though others have it."""
    found = set()
    for name, file in world.pins.items():
        candidates = world.candidates(name)
        version = file.split("-")[1]
        is_gone = all(r.file_name != file for r in candidates)
        could_stay = is_gone and any(r.version == version for r in candidates)
        if could_stay and name in solution and solution[name].version != version:
            found.add(name)
    return frozenset(found)


# --- what is wrong with an answer ---


def judge(seed: int, priority: ChannelPriority, mode: ResolutionMode = ResolutionMode.HIGHEST) -> list[str]:
    world = draw(seed, priority, mode)
    everything = list(solutions(world))
    found, is_settled = answer(world)
    if found is None or not everything:
        return [] if (found is None) is (not everything) else [f"{seed}: verdict"]
    if found not in everything:
        return [f"{seed}: no solution: {found}"]
    fewest = min(len(moved(world, one)) for one in everything)
    if len(moved(world, found)) != fewest:
        return [f"{seed}: {len(moved(world, found))} moves where {fewest} do"]
    left = [one for one in everything if moved(world, one) <= moved(world, found)]
    nearest = min(len(left_behind(world, one)) for one in left)
    if len(left_behind(world, found)) != nearest:
        return [f"{seed}: {len(left_behind(world, found))} leave their version where {nearest} do"]
    left = [one for one in left if left_behind(world, one) <= left_behind(world, found)]
    vector = levels(world, found, world.lines)
    for other in (levels(world, one, world.lines) for one in left):
        if other != vector and all(a <= b for a, b in zip(other, vector, strict=True)):
            return [f"{seed}: {vector} is dominated by {other}"]
    left = [one for one in left if levels(world, one, world.lines) == vector]
    if not is_settled:
        return []
    return [f"{seed}: {why}" for why in (*worse_rest(world, found, left), *worse_build(world, found, left))]


def levels(world: World, one: Solution, names: Sequence[str]) -> list[tuple[int, ...]]:
    return [world.level(one[name]) if name in one else (-2,) for name in names]


def worse_rest(world: World, found: Solution, left: Sequence[Solution]) -> Iterator[str]:
    """Yield that another one is better in the answer's own order, and has that order itself."""
    order = walk(world, found)

    def key(one: Solution) -> list[tuple[int, ...]]:
        # a package that is absent leaves its place to those behind it
        return [world.level(one[name]) if name in one else (9,) for name in order]

    comparable = [one for one in left if walk(world, one) == order]
    best = min(comparable, key=key)
    if key(best) < key(found):
        yield f"{key(found)} where {key(best)} is possible, in the order {order}"


def worse_build(world: World, found: Solution, left: Sequence[Solution]) -> Iterator[str]:
    """Yield that the first line's package has a better build in a solution of the same levels.

    That is one from an earlier channel, then one of a higher number.
    """

    def key(one: Solution) -> tuple[int, int]:
        return world.rank(one[first]), -one[first].build_number

    first, names = world.lines[0], list(found)
    same = [
        one
        for one in left
        if set(one) == set(found) and levels(world, one, names) == levels(world, found, names)
    ]
    best = min(map(key, same))
    if best < key(found) and first not in world.pins:
        yield f"{first}: build {key(found)} where {best} is possible"


def answer(world: World) -> tuple[Solution | None, bool]:
    """Return the answer, and whether its own order leads to it again: a few go round in circles."""
    universe, found, again = solved(world)
    if found is None:
        return None, True
    keys = universe.registry.keys
    solution = {
        keys[package].name: universe.registry.conda(package).domain.records[place]
        for package, place in found.items()
        if keys[package] == Key(Kind.CONDA, keys[package].name)
    }
    return solution, found == again


def solved(world: World) -> tuple[JointUniverse, Mapping[int, int] | None, Mapping[int, int] | None]:
    """Return the answer, and what a search in the answer's own order gives."""
    target = Target(subdir="linux-64", channel_priority=world.priority)
    subdirs = [_Subdir(name, "linux-64", r) for name, r in zip("ab", world.channels, strict=True)]
    lines = [CondaRequirement.parse(line, Origin(file="environment.yml", line=1)) for line in world.lines]
    order = VersionOrder.of(world.mode, lines, ())
    universe = JointUniverse(CondaSide(subdirs, target, preferred=world.pins, order=order), lines)
    search, best = solve_anew(universe)
    if best is None:
        return universe, None, None
    assert best.is_proven
    keys = universe.registry.keys
    assert all(keys[package].kind is Kind.CONDA for package in best.selected)
    order = walk_of(search, best.selected)
    search.decide_outwards()
    search.decide_first(FirstDecisions(search.steps, order, best_version(universe)))
    return universe, best.selected, search.solve().selected


@pytest.mark.parametrize("mode", [ResolutionMode.HIGHEST, ResolutionMode.LOWEST])
@pytest.mark.parametrize("priority", list(ChannelPriority))
@pytest.mark.parametrize("start", range(0, COUNT, BLOCK))
def test_the_whole_order(start: int, priority: ChannelPriority, mode: ResolutionMode) -> None:
    stop = min(start + BLOCK, COUNT)
    assert [why for seed in range(start, stop) for why in judge(seed, priority, mode)] == []


@pytest.mark.parametrize("seed", [2510, 5741, 6184, 6988])
def test_a_pin_that_is_met_late_stays_all_the_same(seed: int) -> None:
    """What is brought in last may be in the earlier lockfile too: it counts as moved like all others."""
    assert judge(seed, ChannelPriority.STRICT) == []


@pytest.mark.parametrize("priority", [ChannelPriority.STRICT, ChannelPriority.FLEXIBLE])
def test_of_a_circle_the_one_that_lags_least_is_kept(priority: ChannelPriority) -> None:
    """The order of either gives the other; a single round would end with the one that lags more."""
    universe, found, again = solved(draw(131, priority))
    assert found is not None
    assert again is not None
    lags = [
        sum(universe.version_ranks(package)[one[package]] for package in found.keys() & again.keys())
        for one in (found, again)
    ]
    assert lags[0] < lags[1]


def test_the_worlds_are_worth_solving() -> None:
    worlds = [draw(seed, ChannelPriority.FLEXIBLE) for seed in range(100)]
    counts = [len(list(solutions(world))) for world in worlds]
    assert sum(count > 5 for count in counts) > 40
    assert sum(count == 0 for count in counts) > 1
    assert sum(bool(world.pins) for world in worlds) > 30
    assert sum(not answer(world)[1] for world in worlds) < 6
