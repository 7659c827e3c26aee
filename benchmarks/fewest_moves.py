"""The fewest packages that must move from an earlier lockfile, by MaxSAT: shares no code with the search.

A variable a record, of every name that the request can reach. Hard clauses: each requested spec has a record;
each dependency of a selected record has one; ``constrains`` hold; one record a name. A pinned package that is
there in another record costs 1. RC2 (python-sat; Ignatiev, Morgado and Marques-Silva 2019) finds the least
cost. Matching is py-rattler's, the records are plain JSON.

python-sat is not among the project's dependencies: ``python -m pip install python-sat``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from benchmarks.prepare import BASELINES, Problem
from tests.oracles.channel_folder import ChannelFolder
from tests.oracles.conda_checker import channel_of, matches, spec_name

Entry = Mapping[str, Any]


@dataclass(slots=True)
class Names:
    """The records of one list of channels and platform by name, as strict priority leaves them."""

    folder: ChannelFolder
    channels: tuple[str, ...]
    platform: str
    _all: dict[str, list[tuple[str, Entry]]] = field(default_factory=dict)

    def records(self, name: str) -> list[tuple[str, Entry]]:
        """Return address and record of each build of a name."""
        if not self._all:
            self._read()
        return self._all.get(name, [])

    def _read(self) -> None:
        for channel in self.channels:
            here: dict[str, list[tuple[str, Entry]]] = {}
            for subdir in (self.platform, "noarch"):
                for file_name, entry in self.folder.entries(channel, subdir).items():
                    found = here.setdefault(entry["name"].lower(), [])
                    found.append((f"{channel}/{subdir}/{file_name}", entry))
            for name, found in here.items():
                self._all.setdefault(name, found)  # the first channel that has a name decides

    @cache  # noqa: B019  one of these a list of channels, for the whole run
    def matching(self, spec: str) -> tuple[int, ...]:
        """Return the places of the records that a spec admits among those of its name."""
        name = spec_name(spec)
        return tuple(
            place
            for place, (_, entry) in enumerate(self.records(name))
            if matches(spec, name, entry["version"], entry["build"], entry["build_number"])
        )

    def __hash__(self) -> int:
        return id(self)


class FewestMoves:
    """One question; ``least`` answers it."""

    def __init__(self, problem: Problem, names: Names) -> None:
        if any(channel_of(spec) for spec in problem.specs) or problem.channel_priority != "strict":
            raise ValueError(f"{problem.id}: only strict priority, and no spec that names a channel")
        self._names = names
        self._virtual = {
            name: (version, BASELINES.get(problem.platform, "0") if name == "__archspec" else "0")
            for name, version in problem.virtual_packages
        }
        self._first: dict[str, int] = {}  #: the variable of a name's first record
        self._count = 0
        self.hard: list[list[int]] = []
        self._stack: list[str] = []
        for spec in problem.specs:
            self.hard.append(self._ways(spec))
        while self._stack:
            self._describe(self._stack.pop())

    def least(self, pins: Mapping[str, str]) -> int | None:
        """Return the fewest moves from these addresses by name; None: no solution."""
        from pysat.examples.rc2 import RC2
        from pysat.formula import WCNF

        formula = WCNF()
        for clause in self.hard:
            formula.append(clause)
        for name, address in pins.items():
            others = [
                self._first[name] + place
                for place, (found, _) in enumerate(self._names.records(name))
                if found != address
            ] if name in self._first else []  # fmt: skip
            if others:
                self._count += 1
                moved = self._count
                formula.extend([[-other, moved] for other in others])
                formula.append([-moved], weight=1)
        with RC2(formula) as solver:
            return None if solver.compute() is None else int(solver.cost)

    # -- the formula ------------------------------------------------------------------------------

    def _variables(self, name: str) -> range:
        count = len(self._names.records(name))
        if name not in self._first:
            self._first[name] = self._count + 1
            self._count += count
            self._stack.append(name)
        first = self._first[name]
        return range(first, first + count)

    def _ways(self, spec: str) -> list[int]:
        """Return the variables of the records that a spec admits."""
        variables = self._variables(spec_name(spec))
        return [variables[place] for place in self._names.matching(spec)]

    def _describe(self, name: str) -> None:
        """Add what the records of a name say, each once where several say the same."""
        variables = self._variables(name)
        self._at_most_one(variables)
        for variable, (_, entry) in zip(variables, self._names.records(name), strict=True):
            for spec in dict.fromkeys(entry.get("depends", ())):
                self._depends(variable, spec)
            for spec in dict.fromkeys(entry.get("constrains", ())):
                self._constrains(variable, spec)

    def _depends(self, variable: int, spec: str) -> None:
        name = spec_name(spec)
        if name.startswith("__"):
            if not self._holds_here(spec, name):
                self.hard.append([-variable])
            return
        self.hard.append([-variable, *self._ways(spec)])

    def _constrains(self, variable: int, spec: str) -> None:
        name = spec_name(spec)
        if name.startswith("__"):
            if name in self._virtual and not self._holds_here(spec, name):
                self.hard.append([-variable])
            return
        if not self._names.records(name):
            return
        admitted = set(self._names.matching(spec))
        variables = self._variables(name)
        self.hard += [[-variable, -v] for place, v in enumerate(variables) if place not in admitted]

    def _holds_here(self, spec: str, name: str) -> bool:
        facts = self._virtual.get(name)
        return facts is not None and matches(spec, name, *facts, 0)

    def _at_most_one(self, variables: Iterable[int]) -> None:
        """Add "at most one", by a ladder of variables (Sinz 2005)."""
        before = None
        for variable in variables:
            self._count += 1
            ladder = self._count
            self.hard.append([-variable, ladder])
            if before is not None:
                self.hard += [[-before, ladder], [-variable, -before]]
            before = ladder
