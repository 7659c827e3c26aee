"""What is best in a world, by the order of the steps alone: every solution is listed and compared.

1. *What stays.* The updated package at its best level; then the fewest moves of what is pinned.
2. *Requested*: Pareto-optimal over levels: channel (where priority counts), track_features, version. What
   must move keeps its level where it can.
3. *Everything else*: newest, in the order of a walk outwards through the answer itself.
4. *Builds*, outwards: build number, then newest dependencies, then timestamp, then file name.

The order of step 3 is that of a walk through an answer, and the answer that of the order. Mostly the two
agree; where they go round in circles, an answer on the circle will do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from packaging.version import Version

from tests.oracles.ordered_worlds import Assignment, Build, Need, World, solutions

#: channel (where priority counts), track_features, version: smaller is better
Level = tuple[int, int, int]
#: answers on a circle of orders, at most
LONGEST_CIRCLE = 6


class Order:
    """All solutions of a world, and what each step leaves of them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.solutions = list(solutions(world))

    def faults(self, answer: Assignment | None) -> list[str]:
        """Return what is wrong with an answer (None: no solution), in words."""
        if answer is None or not self.solutions:
            return [] if (answer is None) == (not self.solutions) else [f"verdict: {answer}"]
        if answer not in self.solutions:
            return ["no solution"]
        left = self.updated(self.solutions)
        if answer not in left:
            return ["the updated package could be better"]
        fewest = min(map(self.moves, left))
        if self.moves(answer) != fewest:
            return [f"{self.moves(answer)} moves, {fewest} would do"]
        left = self.staying(left, answer)
        better = [one for one in left if self.dominates(one, answer)]
        if better:
            return [f"requested ones could be better: {_texts(better[0])}"]
        levels = self.requested_levels(answer)
        left = [one for one in left if self.requested_levels(one) == levels]
        return (
            []
            if self.is_best_below(left, answer)
            else [f"below, {_texts(self.best_below(left, answer))} is best"]
        )

    # -- what stays, what was requested -----------------------------------------------------------

    def updated(self, found: Sequence[Assignment]) -> list[Assignment]:
        """Return the solutions with the updated package at the best level there is."""
        name = self.world.updated
        if name is None:
            return list(found)
        best = min(self.level(one[name]) for one in found)
        return [one for one in found if self.level(one[name]) == best]

    def moves(self, found: Assignment) -> int:
        """Return how many pinned packages are there in another build."""
        pins = self.world.pins
        return sum(found[n] != pin for n, pin in pins.items() if n in found and n != self.world.updated)

    def staying(self, found: Iterable[Assignment], answer: Assignment) -> list[Assignment]:
        """Return the solutions in which all that stays in the answer stays, or is absent."""
        pins = {n: pin for n, pin in self.world.pins.items() if n != self.world.updated}
        stay = {n: pin for n, pin in pins.items() if answer.get(n, pin) == pin}
        return [one for one in found if all(one.get(n, pin) == pin for n, pin in stay.items())]

    def requested_levels(self, found: Assignment) -> tuple[Level, ...]:
        """Return the levels of what was requested, in file order."""
        return tuple(self.level(found[name]) for name in self.world.requested)

    def dominates(self, one: Assignment, other: Assignment) -> bool:
        """Tell whether of the requested packages none is at a worse level and some at a better."""
        left, right = self.requested_levels(one), self.requested_levels(other)
        return left != right and all(a <= b for a, b in zip(left, right, strict=True))

    def level(self, build: Build) -> Level:
        """Return a build's level; what an earlier lockfile holds is best, in another build too."""
        pin = self.world.pins.get(build.name)
        if pin is not None and build.name != self.world.updated and self._plain(pin) == self._plain(build):
            return (-1, 0, 0)
        return self._plain(build)

    def _plain(self, build: Build) -> Level:
        """Return a build's own level; of a project finals before pre-releases, each newest first."""
        if build.channel < 0:
            parsed = Version(build.version)
            listed = sorted({Version(b.version) for b in self.world.builds[build.name]}, reverse=True)
            return (0, int(parsed.is_prerelease), listed.index(parsed))
        channel = build.channel if self.world.priority != "disabled" else 0
        return (channel, build.features, -int(build.version))

    # -- everything else --------------------------------------------------------------------------

    def is_best_below(self, left: Sequence[Assignment], answer: Assignment) -> bool:
        """Tell whether an answer is what its own order, or one on its circle, leads to."""
        found = answer
        for _ in range(LONGEST_CIRCLE):
            found = self.best_below(left, found)
            if found == answer:
                return True
        return any(self.best_below(left, other) == answer for other in left)

    def best_below(self, left: Sequence[Assignment], walked: Assignment) -> Assignment:
        """Return the best of some solutions in the order of a walk through one: levels, then builds."""
        for name in self.walk(walked):
            levels = [self.level(one[name]) for one in left if name in one]
            if levels:
                best = min(levels)
                left = [one for one in left if name not in one or self.level(one[name]) == best]
        return self._best_builds(left)

    def walk(self, found: Assignment) -> list[str]:
        """Return the packages of a solution by depth, place in the file, name."""
        depth = dict.fromkeys(self.world.requested, 0)
        wave = list(depth)
        while wave:
            following = []
            for name in wave:
                for need in found[name].needs:
                    if need.name in found and need.name not in depth:
                        depth[need.name] = depth[name] + 1
                        following.append(need.name)
            wave = following
        places = {name: place for place, name in enumerate(self.world.requested)}
        return sorted(depth, key=lambda name: (depth[name], places.get(name, len(places)), name))

    # -- builds -----------------------------------------------------------------------------------

    def _best_builds(self, left: Sequence[Assignment]) -> Assignment:
        """Decide builds outwards: the nearest that something chosen needs, then what it needs."""
        depth = dict.fromkeys(self.world.requested, 0)
        places = {name: place for place, name in enumerate(self.world.requested)}
        done: set[str] = set()
        while True:
            there = [n for n in depth if n not in done and all(n in one for one in left)]
            if not there:
                return left[0]
            name = min(there, key=lambda n: (depth[n], places.get(n, len(places)), n))
            best = min((one[name] for one in left), key=self.build_key)
            left = [one for one in left if one[name] == best]
            done.add(name)
            for need in best.needs:
                depth[need.name] = min(depth.get(need.name, 1 << 30), depth[name] + 1)

    def build_key(self, build: Build) -> tuple[object, ...]:
        """Return what builds of one level are ordered by; the smallest is best."""
        if build.channel < 0:
            return ()
        return (
            self.world.pins.get(build.name) != build or build.name == self.world.updated,
            build.channel,
            -build.number,
            self._newest_needs(build),
            -build.timestamp,
            _file_name(build),
        )

    def _newest_needs(self, build: Build) -> tuple[tuple[int, ...], ...]:
        """Return for each telling name the best level that a build admits of it.

        A name tells where all builds of this level and number need it, and not in the same words.
        """
        group = [
            one
            for one in self.world.candidates(build.name)
            if (one.channel, self._plain(one), one.number)
            == (build.channel, self._plain(build), build.number)
            and self._is_pin(one) == self._is_pin(build)
        ]
        texts = [{n.name: n.text for n in one.needs if not n.optional} for one in group]
        shared = set(texts[0]).intersection(*texts)
        telling = sorted(name for name in shared if len({text[name] for text in texts}) > 1)
        needs = {need.name: need for need in build.needs}
        return tuple(self._best_admitted(needs[name]) for name in telling)

    def _is_pin(self, build: Build) -> bool:
        return self.world.pins.get(build.name) == build and build.name != self.world.updated

    def _best_admitted(self, need: Need) -> tuple[int, ...]:
        """Return the best level that a need admits; a pin stands before all levels, nothing behind."""
        admitted = [one for one in self.world.candidates(need.name) if one.version in need.versions]
        if any(self._is_pin(one) for one in admitted):
            return (-1,)
        return min(map(self.level, admitted), default=(1 << 30,))


def _file_name(build: Build) -> str:
    return f"{build.name}-{build.version}-{build.build}.conda"


def _texts(found: Assignment) -> str:
    return ", ".join(str(found[name]) for name in sorted(found))
