"""The solver as the oracle: one universe over all lines of a group, each with a switch.

::

    members   a: python=3.9  numpy      b: python=3.11  numpy      c: python  pandas
    universe  python=3.9  numpy  python=3.11  python  pandas       one for each target
    asked     which of these hold together?                        assumptions; what was learned stays

Channels are opened once, pages are read once, and a conflict that was learned is never met again. Guards
and minimal conflicts are those of :mod:`resolver.explain.core`.

A line that isn't asked for leaves its package every right to be there, so this universe forbids nothing that
a file with the same lines alone allows, but for what hangs on all pip lines together: the Pythons that make
a wheel or an sdist the better file, hashes, and places that lines name. Where a conflict has a pip line it is
therefore solved once more by itself, and counts only if it fails there too; if not, what was asked is
asked of a universe of its own, and a "no" says nothing of other sets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from lockfiles.fleet.merging.groups import SetVariable, SharingGroup
from lockfiles.fleet.merging.verdicts import HOLDS, UNKNOWN, Answered, Bits, places_of
from resolver.explain.asking import NoAnswer, attempt
from resolver.explain.budget import Allowance, Meter
from resolver.explain.core import CoreFinder
from resolver.explain.members import only
from resolver.model.origin import Origin
from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements
from resolver.model.target import Target
from resolver.pipeline import Resolver
from resolver.solving.search import Search

#: What one question may cost: far more than any of real environments took.
QUESTION = Allowance(steps=200_000)


class JointOracle:
    """Answers for sets of a group's needs. The resolver is the caller's, and stays open for as long."""

    def __init__(
        self, group: SharingGroup, resolver: Resolver, is_late: Callable[[], bool] | None = None
    ) -> None:
        self._group, self._resolver = group, resolver
        self._meter = Meter(is_late)
        self._finders: dict[Target, tuple[CoreFinder, dict[int, int]]] = {}
        self._refuted: set[Bits] = set()
        self._requirements = resolver.requirements
        self.solves = 0

    @property
    def steps(self) -> int:
        """Steps of all searches so far."""
        return self._meter.steps

    def ask(self, lines: Bits) -> Answered:
        """Return whether needs hold together on all targets."""
        clash = self._clashing_variables(lines)
        if clash:
            return Answered(holds=False, core=clash)
        for target in self._group.members[0].session.targets:
            said = self._ask(lines, target)
            if said.holds is not True:
                return said
        return HOLDS

    def _clashing_variables(self, lines: Bits) -> Bits:
        seen: dict[str, int] = {}
        for place in places_of(lines):
            need = self._group.needs[place]
            if isinstance(need, SetVariable):
                if need.name in seen:
                    return 1 << place | 1 << seen[need.name]
                seen[need.name] = place
        return 0

    def _ask(self, lines: Bits, target: Target) -> Answered:
        self._meter.allow(QUESTION)
        made = attempt(lambda: self._finder(target))
        if isinstance(made, NoAnswer):
            return self._ask_alone(lines, target)
        finder, numbers = made
        places = [numbers[place] for place in places_of(lines) if place in numbers]
        self.solves += 1
        clash = finder.conflict_of(places)
        if clash is None:
            return HOLDS
        if isinstance(clash, NoAnswer):
            return UNKNOWN
        before = finder.solves
        core = finder.minimise(clash)
        self.solves += finder.solves - before
        back = {number: place for place, number in numbers.items()}
        bits = sum(1 << back[number] for number in core.places)
        if bits and self._is_sure(bits, target):
            return Answered(holds=False, core=bits)
        return self._ask_alone(lines, target)

    def _is_sure(self, core: Bits, target: Target) -> bool:
        """Tell whether a conflict fails by itself too, where it has pip lines."""
        if core in self._refuted:
            return False
        if not any(isinstance(self._group.needs[place], PypiRequirement) for place in places_of(core)):
            return True
        if self._ask_alone(core, target).holds is False:
            return True
        self._refuted.add(core)
        return False

    def _ask_alone(self, lines: Bits, target: Target) -> Answered:
        """Ask a universe that has just these lines; its "no" is one of this very set."""
        self.solves += 1
        self._meter.allow(QUESTION)

        def solve() -> bool:
            asked = only(self._requirements, self._group.lines(lines))
            universe = self._resolver.universe(target, _placed(asked, self._group))
            search = Search(universe, reporter=self._meter, should_stop=self._meter.is_over)
            return search.solve().selected is not None

        said = attempt(solve)
        return UNKNOWN if isinstance(said, NoAnswer) else Answered(holds=said)

    def _finder(self, target: Target) -> tuple[CoreFinder, dict[int, int]]:
        """Return the search over all lines of the group, and need -> its place among those of the search."""
        found = self._finders.get(target)
        if found is None:
            universe = self._resolver.universe(target, self._requirements, apart=True)
            finder = CoreFinder(universe, self._meter, implicit_by_lines=True)
            numbers = {line.requirement.origin.line or 0: n for n, line in enumerate(finder.lines)}
            found = self._finders[target] = finder, {line - 1: n for line, n in numbers.items() if line}
        return found


def joint_requirements(group: SharingGroup) -> Requirements:
    """Return all lines of a group as those of one file, in which need n stands in line n + 1."""
    first = group.members[0].session.requirements
    everything = only(first, [need for need in group.needs if not isinstance(need, SetVariable)])
    return _placed(everything, group)


def _placed(requirements: Requirements, group: SharingGroup) -> Requirements:
    """Return requirements whose lines stand where their needs do."""
    numbers = {need: n + 1 for n, need in enumerate(group.needs)}

    def put(line: CondaRequirement | PypiRequirement) -> Origin:
        return Origin(file="the fleet", line=numbers[line])

    conda: Sequence[CondaRequirement] = [replace(line, origin=put(line)) for line in requirements.conda]
    pypi: Sequence[PypiRequirement] = [replace(line, origin=put(line)) for line in requirements.pypi]
    return replace(requirements, conda=tuple(conda), pypi=tuple(pypi))
