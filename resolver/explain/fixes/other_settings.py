"""Options that change a setting of the target: a virtual package, the channel priority, the limit in time.

Which value helps is read from a solution without regard to the setting. Mostly that is one of the changed
question, too, which then need not be solved to be known to hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.conda_package import CondaPackage
from resolver.constraints.facts import DependencyFact
from resolver.constraints.registry import Kind
from resolver.constraints.universe import JointUniverse
from resolver.explain.budget import Meter
from resolver.explain.core import CoreFinder
from resolver.explain.derivation import leaves_of
from resolver.explain.fixes.changes import Action, Edit, Question
from resolver.explain.fixes.trying import Option, count_installed
from resolver.explain.members import Bench, ConflictSetting, SettingKind, UserConflict
from resolver.explain.metered import meter_sources
from resolver.model.channels import ChannelPriority
from resolver.model.dependency_text import dependency_name, split_dependency
from resolver.model.match_spec import parse_match_spec
from resolver.model.records import CondaRecord
from resolver.model.requirements import CondaRequirement
from resolver.model.target import ResolutionMode, Target, VirtualPackage
from resolver.solving.search import Search

# Costs; see trying.py.
SETTING, PRIORITY = 4.0, 5.0
CUDA = 1.2  # a machine with a GPU was meant; a CPU build takes more away than a flag
_STEP = 0.1  # another value
LITERAL = re.compile(r"\d[\w.]*")


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Solves the question on another target, within the budget."""

    bench: Bench
    question: Question
    meter: Meter
    last: CoreFinder

    def solve(
        self, target: Target, wild: frozenset[str] = frozenset()
    ) -> tuple[JointUniverse, Mapping[int, int] | None]:
        """Return the universe and what was selected in it; raises Interrupted."""
        selected = self.known(target, wild)
        if selected is not None:
            return self.last.universe, selected
        question = self.question
        universe = self.bench.universe(target, question.requirements, channels=question.channels, wild=wild)
        meter_sources(universe, self.meter, may_build=False)
        search = Search(universe, reporter=self.meter, should_stop=self.meter.is_over)
        self.meter.check()
        return universe, search.solve().selected

    def known(self, target: Target, wild: frozenset[str] = frozenset()) -> Mapping[int, int] | None:
        """Return what the last search selected, where it was asked just that; else None."""
        side = self.last.universe.conda
        is_same = (side.target, side.wild) == (target, wild) and not side.lenient
        is_plain = not side.own_channels and target.resolution_mode is ResolutionMode.HIGHEST
        return self.last.all_hold if is_same and is_plain and self.last.universe.pypi is None else None


def options_of_setting(asker: Asker, conflict: UserConflict, setting: ConflictSetting) -> Iterator[Option]:
    """Yield other values of a setting that takes part in a conflict."""
    if setting.kind is SettingKind.PRIORITY:
        target = replace(asker.question.target, channel_priority=ChannelPriority.FLEXIBLE)
        selected = asker.known(target)
        yield Option(
            edits=(Edit(action=Action.PRIORITY, text=target.channel_priority.value),),
            cost=PRIORITY,
            packages=0 if selected is None else count_installed(asker.last.universe, selected),
        )
    elif setting.kind is SettingKind.VIRTUAL:
        yield from _options_of_virtual(asker, conflict, setting)
    elif setting.kind is SettingKind.DATE:
        yield Option(edits=(Edit(action=Action.UNDATED),), cost=SETTING + _STEP)
        date = _date_needed(asker)
        if date is not None:
            yield Option(edits=(Edit(action=Action.DATE, text=date),), cost=SETTING)


def _options_of_virtual(asker: Asker, conflict: UserConflict, setting: ConflictSetting) -> Iterator[Option]:
    """Yield values of a virtual package, the lowest first.

    A solution without regard to it is one with every value that suits what was selected.
    """
    name = setting.name
    universe, selected = asker.solve(asker.question.target, frozenset({name}))
    records = [] if selected is None else _records_of(universe, selected)
    texts = [t for r in records for t in (*r.depends, *r.constrains) if dependency_name(t) == name]
    # wheels go by the other facts, too; what records say under conditions isn't looked into here
    is_told = universe.pypi is None or name == "__cuda"
    is_told = is_told and all(record.more is None for record in records)
    texts_of_lines = [
        r.spec for r in universe.requirements if isinstance(r, CondaRequirement) and r.name == name
    ]
    values = {*_value_needed(texts), *_wanted_values(conflict, setting)} - {setting.value}
    for number, value in enumerate(sorted(values, key=numbers_in)):
        fact = VirtualPackage(name=name, version=value)
        holds = selected is not None and is_told and _suits(fact, (*texts, *texts_of_lines))
        yield Option(
            edits=(Edit(action=Action.VIRTUAL, name=name, text=value),),
            cost=(CUDA if name == "__cuda" else SETTING) + _STEP * number,
            packages=count_installed(universe, selected) if selected is not None and holds else 0,
        )


def _records_of(universe: JointUniverse, selected: Mapping[int, int]) -> list[CondaRecord]:
    """Return the records of the conda packages selected."""
    packages = ((universe.registry.package(number), place) for number, place in selected.items())
    return [one.domain.records[place] for one, place in packages if isinstance(one, CondaPackage)]


def _suits(fact: VirtualPackage, texts: Iterable[str]) -> bool:
    """Tell whether a virtual package is surely admitted by all that is asked of it: no channel is named."""
    record = CondaRecord(
        name=fact.name, version=fact.version, build=fact.build, build_number=0, file_name=fact.name
    )
    specs = map(parse_match_spec, dict.fromkeys(texts))
    return all(spec.channel is None and spec.matches(record) for spec in specs)


def _value_needed(texts: Iterable[str]) -> Iterator[str]:
    """Yield the least version of a virtual package that suits what is asked of it, as far as bounds tell."""
    asked = (LITERAL.search(split_dependency(text)[1]) for text in texts)
    lowest = [found.group().rstrip(".") for found in asked if found is not None]
    if lowest:
        yield max(lowest, key=numbers_in)


def _wanted_values(conflict: UserConflict, setting: ConflictSetting) -> Sequence[str]:
    """Return the versions that dependencies and lines ask of a virtual package, lowest first."""
    texts = [line.spec for line in conflict.lines if isinstance(line, CondaRequirement)]
    if conflict.proof is not None:
        leaves = leaves_of(conflict.proof)
        texts += [leaf.fact.text for leaf in leaves if isinstance(leaf.fact, DependencyFact)]
        texts += _texts_of_needs(conflict, leaves, setting.name)
    wanted: dict[str, None] = {}
    for text in texts:
        name, rest = split_dependency(text)
        if name == setting.name:
            wanted.update(dict.fromkeys(found.rstrip(".") for found in LITERAL.findall(rest)))
    return sorted(wanted, key=numbers_in)[:6] or ["12.0" if setting.name == "__cuda" else "0"]


def numbers_in(text: str) -> list[int]:
    """Return the numbers in a text, by which versions of virtual packages compare."""
    return [int(number) for number in re.findall(r"\d+", text)]


def _texts_of_needs(conflict: UserConflict, leaves: Sequence[Incompatibility], name: str) -> Iterator[str]:
    """Yield what all builds of the packages in a proof say of a virtual package."""
    registry = conflict.universe.registry
    for number in sorted({p for leaf in leaves for p in leaf.packages}):
        if registry.keys[number].kind is Kind.CONDA:
            domain = registry.conda(number).domain
            texts = (*domain.groups(), *domain.limits())
            yield from (text for text in texts if dependency_name(text) == name)


def _date_needed(asker: Asker) -> str | None:
    """Return the day from which on there is a solution, as far as one solution without a date tells."""
    from datetime import UTC, datetime

    universe, selected = asker.solve(replace(asker.question.target, exclude_newer=None))
    if selected is None:
        return None
    latest = 0
    for number, place in selected.items():
        kind = universe.registry.keys[number].kind
        if kind is Kind.CONDA:
            latest = max(latest, universe.registry.conda(number).domain.records[place].published // 1000)
        elif kind is Kind.PYPI:
            files = universe.registry.pypi(number).domain.releases[place].files
            latest = max([latest, *(f.upload_time for f in files[:1] if f.upload_time)])
    return datetime.fromtimestamp((latest // 86400 + 1) * 86400, UTC).strftime("%Y-%m-%d")
