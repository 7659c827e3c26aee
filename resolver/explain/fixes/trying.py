"""Changes that lead to a solution: tried before they are shown, the smallest first.

Every conflict must lose a member, so a set of lines that hits all of them is
taken, each of its lines is changed as little as possible while the other lines
hold, and the whole question is solved anew as the edited file would put it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from resolver.constraints.conda_package import CondaPackage
from resolver.constraints.pypi_package import ExtraPackage
from resolver.constraints.registry import Key, Kind
from resolver.constraints.universe import JointUniverse
from resolver.explain.asking import NoAnswer, attempt
from resolver.explain.budget import Allowance, Meter
from resolver.explain.core import Core, CoreFinder, hitting_sets
from resolver.explain.fixes.ages import is_ancient, is_of_another_time
from resolver.explain.fixes.changes import Action, Edit, Question
from resolver.explain.fixes.version_range import RangeFinder
from resolver.explain.members import Bench, Requirement
from resolver.explain.metered import meter_sources
from resolver.explain.wording import Wording
from resolver.machine.variant_indexes import pinned_label
from resolver.model.origin import Origin
from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.solving.best import find_best
from resolver.solving.search import Assumption, Search

#: So many sets of lines are tried where conflicts have several members.
MOST_SETS = 6

# What a change costs, beside its distance in versions: how much of what was asked for it takes away.
_WIDEN, _DOWN, _BUILD = 2.0, 0.5, 1.5
_PYTHON, _REDUNDANT, _DROP = 3.0, 1.2, 12.0
LEAST_OF_LINES = min(_WIDEN, _BUILD, _PYTHON, _REDUNDANT, _DROP)
#: A conda package comes in place of what pip would have taken, which may be a build for GPUs.
_CHANGES_HANDS = frozenset({Action.ADD, Action.TO_CONDA})
_STEP = 0.15  # of a series; at most three costs' worth


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """A change that may help, and what it costs."""

    edits: tuple[Edit, ...]
    cost: float
    is_rename: bool = False  #: another name; what is far older than the newest of that name is no help
    packages: int = 0  #: of a solution that is known already, how many are installed; 0: none is known

    @property
    def is_drop(self) -> bool:
        """Whether a line goes that nothing else stands for."""
        return self.cost >= _DROP and any(edit.action is Action.REMOVE for edit in self.edits)


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    """A change that was solved. ``gives``: (name, version) of what was changed, as the lock would hold it."""

    edits: tuple[Edit, ...]
    cost: float
    gives: tuple[tuple[str, str], ...]
    packages: int  #: how many the lock would hold
    is_late: bool = False  #: to a release of years before what was asked for, or without an extra that was
    cpu_builds: tuple[
        str, ...
    ] = ()  #: names in ``gives`` that come as builds without CUDA, in a line's place


class FixFinder:
    """Proposes options from conflicts, and tries them.

    ``gave_up``: why some were not proposed, or could not be tried.
    """

    def __init__(
        self,
        bench: Bench,
        question: Question,
        finder: CoreFinder,
        cores: Sequence[Core],
        meter: Meter,
        *,
        counts: bool = True,
    ) -> None:
        """Take a question and its conflicts; ``counts``: all packages that a change leads to are counted."""
        self._counts = counts
        self._bench, self._question, self._finder, self._meter = bench, question, finder, meter
        self._cores = cores
        self.gave_up: list[NoAnswer] = []
        self._everything = list(range(len(finder.lines)))
        self._seen: set[tuple[Edit, ...]] = set()
        self._ancient: set[Edit] = set()  #: other names under which only a build of another time was found
        self.solves = 0

    # -- options from lines -----------------------------------------------------------------------

    def options(self) -> list[Option]:
        """Return options, cheapest first; what is found until the budget is spent."""
        found: list[Option] = []
        for number, chosen in enumerate(hitting_sets([core.places for core in self._cores])):
            if number >= MOST_SETS or self._meter.is_over():
                break
            options = self._options_of(chosen)
            while (option := attempt(lambda: next(options, None))) is not None:  # noqa: B023  (called at once)
                if isinstance(option, NoAnswer):
                    self.gave_up.append(option)
                    break
                found.append(option)
        return sorted(found, key=lambda option: option.cost)

    def options_of_line(self, line: Requirement, conflict: Sequence[Requirement]) -> list[Option]:
        """Return other ranges for a line, as other lines of its conflict, and of none, leave them."""
        place = next((n for n in self._everything if self._finder.lines[n].requirement is line), None)
        if place is None:
            return []
        clashing = {n for core in self._cores for n in core.places}
        own = {n for n in clashing if any(self._finder.lines[n].requirement is one for one in conflict)}
        rest = [n for n in self._everything if n != place and (n in own or n not in clashing)]
        edits = attempt(lambda: list(self._edits(place, rest, [])))
        if isinstance(edits, NoAnswer):
            self.gave_up.append(edits)
            return []
        return [Option(edits=(edit,), cost=cost) for edit, cost in edits if edit.action is Action.REPLACE]

    def _options_of(self, chosen: frozenset[int]) -> Iterator[Option]:
        """Yield options that change exactly these lines."""
        rest = [n for n in self._everything if n not in chosen]
        answer = self._finder.ask(rest)
        if isinstance(answer, NoAnswer):
            self.gave_up.append(answer)
            return
        if answer.selected is None:
            return  # another conflict is left, which no change of these lines answers
        if len(chosen) == 1:
            place = next(iter(chosen))
            yield from (Option(edits=(edit,), cost=cost) for edit, cost in self._edits(place, rest, []))
            return
        edits: list[Edit] = []
        extra: list[Assumption] = []
        total = 0.0
        for place in sorted(chosen):
            best = min(self._edits(place, rest, extra), key=lambda item: item[1], default=None)
            if best is None:
                return
            edits.append(best[0])
            total += best[1]
            extra.extend(self._assumptions_of(best[0]))
        yield Option(edits=tuple(edits), cost=total)

    def _edits(
        self, place: int, rest: Sequence[int], extra: Sequence[Assumption]
    ) -> Iterator[tuple[Edit, float]]:
        line = self._finder.lines[place].requirement
        extras = self._extras_of(line)

        def ask(package: int, bits: int) -> str | None:
            allowed = [Assumption(package=one, allowed=bits) for one in (package, *extras)]
            outcome = self._finder.ask(rest, [*extra, *allowed])
            if isinstance(outcome, NoAnswer):
                self.gave_up.append(outcome)
                return None
            if outcome.selected is None:
                return None
            return Wording(self._finder.universe).version_of(package, outcome.selected[package])

        same = [n for n in rest if self._finder.lines[n].requirement.name == line.name]
        is_override = any(line.origin == o.origin for o in self._question.requirements.overrides)
        if same and not is_override:  # two lines on one package: one of them is enough
            yield Edit(action=Action.REMOVE, line=line), _REDUNDANT
            return
        widened = False
        is_python = isinstance(line, CondaRequirement) and line.name == "python"
        for nearest in RangeFinder(self._finder.universe, line, ask).find():
            base = _PYTHON if is_python else _BUILD if not nearest.distance else _WIDEN
            steps = 0.0 if nearest.is_same_series else min(nearest.distance * _STEP, 3 * _WIDEN)
            down = 0.0 if nearest.is_up or nearest.is_same_series else _DOWN
            widened = True
            yield Edit(action=Action.REPLACE, line=line, text=nearest.text), base + steps + down
        is_variant = isinstance(line, PypiRequirement) and pinned_label(line.specifier) is not None
        if not widened and not is_variant and not is_override and not self._meter.is_over():
            yield Edit(action=Action.REMOVE, line=line), _DROP

    def _extras_of(self, line: Requirement) -> list[int]:
        """Return the packages that stand for a line's extras: their candidates are the project's."""
        if isinstance(line, CondaRequirement):
            return []
        registry = self._finder.universe.registry
        found = (registry.find(Key(Kind.EXTRA, str(line.name), extra)) for extra in sorted(line.extras))
        return [number for number in found if number is not None]

    def _assumptions_of(self, edit: Edit) -> list[Assumption]:
        """Return what a changed line asks, as an assumption over the same universe."""
        if edit.line is None or edit.action is not Action.REPLACE:
            return []
        from resolver.explain.fixes.changes import new_line

        clauses = self._finder.universe.clauses_of(new_line(edit.line, edit.text))
        full = self._finder.universe
        return [
            Assumption(
                package=c.packages[0], allowed=((1 << (full.size(c.packages[0]) + 1)) - 1) & ~c.sets[0]
            )
            for c in clauses
            if len(c.packages) == 1
        ]

    # -- trying -------------------------------------------------------------------------------------

    def try_options(self, options: Sequence[Option], most: int, each: Allowance) -> Iterator[Fix]:
        """Solve the question as each option would put it; yield what holds, until the budget is spent."""
        found = 0
        late: list[Fix] = []  # shown where nothing else helps
        working: list[set[Edit]] = []
        settled: set[tuple[Action, str]] = set()
        for option in sorted(options, key=lambda one: one.cost):
            if found >= most or self._meter.is_over():
                break
            if option.edits in self._seen or (option.is_drop and (found or late)):
                continue
            self._seen.add(option.edits)
            if self._ancient & set(option.edits) and any(e.action is Action.REMOVE for e in option.edits):
                continue  # that another line goes makes no other package of it
            settings = {(edit.action, edit.name) for edit in option.edits if edit.is_setting}
            if settings & settled:
                continue  # a smaller change of the same setting works
            if any(fewer <= set(option.edits) for fewer in working):
                continue  # some of these edits are enough
            fix = self._try_within(option, each)
            if fix is None or not (fix.packages or not option.is_drop):
                continue
            working.append(set(option.edits))
            if fix.is_late:
                late.append(fix)
                continue
            found += 1
            settled |= settings
            yield fix
        yield from () if found else late[:most]

    def _try_within(self, option: Option, budget: Allowance) -> Fix | None:
        """Try one option; None where it leads to no solution, or none was found within the budget."""
        with self._meter.within(budget):
            fix = attempt(lambda: self.try_one(option))
        if isinstance(fix, NoAnswer) and fix.error is None and not self._meter.is_over():
            # what was asked for is known by now, and costs nothing again: else the next one gains by it
            with self._meter.within(budget):
                fix = attempt(lambda: self.try_one(option))
        if isinstance(fix, NoAnswer):
            self.gave_up.append(fix)
            return None
        return fix

    def try_one(self, option: Option) -> Fix | None:
        """Solve the edited question; None where it has no solution (or is none that can be read).

        Raises Interrupted once the budget is spent, and what sources raise.
        """
        if option.packages and not self._counts:
            return Fix(edits=option.edits, cost=option.cost, gives=(), packages=option.packages)
        known = self._bench.other_channels() if any(e.action is Action.CHANNEL for e in option.edits) else ()
        try:
            question = self._question.changed(option.edits, known)
        except ValueError:  # a range that pip or conda can't read
            return None
        universe = self._bench.universe(
            question.target,
            question.requirements,
            channels=question.channels,
            extra_index=question.extra_index,
            admit_undated=question.admit_undated,
            beside=self._finder.universe,
        )
        meter_sources(universe, self._meter, may_build=False)
        self.solves += 1
        search = Search(universe, reporter=self._meter, should_stop=self._meter.is_over)
        outcome = search.solve()
        if outcome.selected is None:
            return None
        first = outcome.selected
        best = attempt(lambda: find_best(search, first))
        selected = dict(first if isinstance(best, NoAnswer) else best)
        ancient = [e for e in option.edits if is_ancient(universe, selected, _name_after(e))]
        if option.is_rename and ancient:
            self._ancient.update(ancient)
            return None
        return self._fix(option, universe, selected)

    def _fix(self, option: Option, universe: JointUniverse, selected: Mapping[int, int]) -> Fix:
        builds = {_name_after(edit) for edit in option.edits if _had_build(edit)}
        gives = []
        for name in dict.fromkeys(_name_after(edit) for edit in option.edits):
            version = _version(universe, selected, name, with_build=name in builds)
            if version is not None:
                gives.append((name, version))
        replaced = [
            edit.line for edit in option.edits if edit.action is Action.REPLACE and edit.line is not None
        ]
        return Fix(
            edits=option.edits,
            cost=option.cost,
            gives=tuple(gives),
            packages=count_installed(universe, selected),
            cpu_builds=tuple(
                name
                for name in dict.fromkeys(_name_after(e) for e in option.edits if e.action in _CHANGES_HANDS)
                if _is_cpu_build(universe, selected, name)
            ),
            is_late=any(
                is_of_another_time(universe, selected, line) or _loses_an_extra(universe, selected, line)
                for line in replaced
            ),
        )


def _loses_an_extra(universe: JointUniverse, selected: Mapping[int, int], line: Requirement) -> bool:
    """Tell whether a release is known not to have an extra that a pip line asks of it."""
    for extra in () if isinstance(line, CondaRequirement) else sorted(line.extras):
        number = universe.registry.find(Key(Kind.EXTRA, str(line.name), extra))
        package = universe.registry.package(number) if number is not None and number in selected else None
        if isinstance(package, ExtraPackage) and package.is_lacking(selected[package.number]):
            return True
    return False


def _is_cpu_build(universe: JointUniverse, selected: Mapping[int, int], name: str) -> bool:
    """Tell whether a conda package is selected in a build for CPUs alone, as name or build string says."""
    number = universe.registry.find(Key(Kind.CONDA, name))
    if number is None or number not in selected:
        return False
    record = universe.registry.conda(number).domain.records[selected[number]]
    return "cpu" in (*name.split("-"), *record.build.split("_"))


def dropped(line: Requirement) -> Option:
    """Return the option that a line goes."""
    return Option(edits=(Edit(action=Action.REMOVE, line=line),), cost=_DROP)


def combined(parts: Sequence[Sequence[Option]], most: int = 8) -> list[Option]:
    """Return options that take one of each part, cheapest first; none where a part is empty.

    An edit that several parts propose is made, and counted, once.
    """
    result = [Option(edits=(), cost=0.0)]
    for part in parts:
        joined = []
        choices = {option.edits: option for option in reversed(part)}  # proposed twice is one, the cheaper
        for before in result:
            for option in sorted(choices.values(), key=lambda one: one.cost)[:4]:
                new = tuple(e for e in option.edits if e not in before.edits)
                joined.append(
                    Option(
                        edits=before.edits + new,
                        cost=before.cost + (option.cost if new else 0),
                        is_rename=before.is_rename or option.is_rename,
                    )
                )
        unique = {option.edits: option for option in joined}
        result = sorted(unique.values(), key=lambda option: option.cost)[:most]
    return [option for option in result if option.edits]


def _name_after(edit: Edit) -> str:
    if edit.action is Action.ADD:
        return edit.text
    if edit.action is Action.ADD_PIP:
        return str(PypiRequirement.parse(edit.text, Origin(file="")).name)
    if edit.line is None:
        return ""
    if not edit.text or edit.action is Action.SELECT:
        return str(edit.line.name)
    from resolver.explain.fixes.changes import new_line

    return str(new_line(edit.line, edit.text, edit.action).name)


def _had_build(edit: Edit) -> bool:
    """Tell whether the line asked for a build: then the one that comes is worth a word."""
    return isinstance(edit.line, CondaRequirement) and edit.line.match_spec.build is not None


def _version(
    universe: JointUniverse, selected: Mapping[int, int], name: str, *, with_build: bool
) -> str | None:
    for kind in (Kind.CONDA, Kind.PYPI):
        number = universe.registry.find(Key(kind, name))
        if number is not None and number in selected:
            package = universe.registry.package(number)
            version = Wording(universe).version_of(number, selected[number])
            if with_build and isinstance(package, CondaPackage):
                return f"{version} {package.domain.records[selected[number]].build}"
            return version
    return None


def count_installed(universe: JointUniverse, selected: Mapping[int, int]) -> int:
    """Return how many packages would be installed: no facts of the machine, nor conda's part of pip's."""
    count = 0
    for number, place in selected.items():
        kind = universe.registry.keys[number].kind
        if kind is Kind.CONDA:
            count += not universe.conda.is_machine(universe.registry.conda(number).domain.sources[place])
        elif kind is Kind.PYPI:
            count += not universe.registry.pypi(number).domain.releases[place].is_provided
    return count
