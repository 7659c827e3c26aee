"""Settings of the target as members of a conflict.

A setting belongs to a conflict when the conflict goes away without it. The
lines are minimal already, so each setting that the proof touches is relaxed in
turn; what stays unsolvable without it is asked to do without it for good. The
result is minimal over lines and settings together: whatever has a solution
keeps it when a setting is relaxed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.registry import Kind
from resolver.constraints.universe import JointUniverse
from resolver.explain.asking import NoAnswer
from resolver.explain.budget import Meter
from resolver.explain.core import CoreFinder
from resolver.explain.derivation import leaves_of
from resolver.explain.fixes.changes import Question
from resolver.explain.members import Bench, ConflictSetting, Requirement, SettingKind, only
from resolver.explain.metered import meter_sources
from resolver.model.channels import ChannelPriority
from resolver.model.target import Target


class Relaxed(msgspec.Struct, frozen=True, kw_only=True):
    """A target with some of its settings taken back."""

    target: Target
    wild: frozenset[str] = frozenset()

    def without(self, setting: ConflictSetting) -> Relaxed:
        """Return the target with one more setting taken back."""
        if setting.kind is SettingKind.VIRTUAL:
            return replace(self, wild=self.wild | {setting.name})
        if setting.kind is SettingKind.PRIORITY:
            return replace(self, target=replace(self.target, channel_priority=ChannelPriority.FLEXIBLE))
        if setting.kind is SettingKind.DATE:
            return replace(self, target=replace(self.target, exclude_newer=None))
        return self


def settings_of(
    bench: Bench,
    question: Question,
    universe: JointUniverse,
    lines: Sequence[Requirement],
    proof: Incompatibility,
    meter: Meter,
) -> tuple[ConflictSetting, ...] | NoAnswer:
    """Return the settings without which the lines could hold together.

    A source that fails while a universe is made raises.
    """
    suspects = list(_suspects(universe, proof))
    if not suspects:
        return ()
    asked = only(question.requirements, lines)
    relaxed = Relaxed(target=universe.conda.target, wild=universe.conda.wild)
    found: list[ConflictSetting] = []
    for setting in suspects:
        trial = relaxed.without(setting)
        universe = bench.universe(
            trial.target, asked, channels=question.channels, wild=trial.wild, apart=True
        )
        verdict = CoreFinder(meter_sources(universe, meter), meter).verdict()
        if isinstance(verdict, NoAnswer):
            return verdict
        if verdict is not None:
            relaxed = trial  # not needed for the conflict
        else:
            found.append(setting)
    return tuple(found)


def only_lacking(universe: JointUniverse, proof: Incompatibility | None) -> ConflictSetting | None:
    """Return the one setting that a proof touches, where that is a virtual package that the target lacks."""
    if proof is None:
        return None
    suspects = list(_suspects(universe, proof))
    if len(suspects) != 1 or suspects[0].kind is not SettingKind.VIRTUAL or suspects[0].value:
        return None
    return suspects[0]


def _suspects(universe: JointUniverse, proof: Incompatibility) -> Iterator[ConflictSetting]:
    """Yield the settings that a proof touches; a conflict that doesn't touch one does without it."""
    target, keys = universe.conda.target, universe.registry.keys
    numbers = sorted({package for leaf in leaves_of(proof) for package in leaf.packages})
    names = [keys[n].name for n in numbers if keys[n].kind is Kind.CONDA]
    if target.exclude_newer is not None and (
        any(universe.conda.left_out.get(name) for name in names)
        or any(keys[n].kind is Kind.PYPI for n in numbers)
    ):
        yield ConflictSetting(
            kind=SettingKind.DATE, name="exclude-newer", value=date_text(target.exclude_newer)
        )
    if target.channel_priority is ChannelPriority.STRICT and any(hidden_channels(universe, n) for n in names):
        yield ConflictSetting(kind=SettingKind.PRIORITY, name="channel-priority", value="strict")
    for name in names:
        if name.startswith("__") and name not in universe.conda.wild:
            virtual = target.virtual(name)
            yield ConflictSetting(
                kind=SettingKind.VIRTUAL, name=name, value=virtual.version if virtual else ""
            )


def hidden_channels(universe: JointUniverse, name: str) -> tuple[str, ...]:
    """Return the channels whose records of a name strict priority hides."""
    side = universe.conda
    if name.startswith("__") or side.own_channels.get(name):
        return ()
    ranks = [(source.rank, source.channel.name) for source, subdir in side.subdirs if subdir.records(name)]
    first = min(ranks, default=(0, ""))[0]
    return tuple(dict.fromkeys(channel for rank, channel in ranks if rank > first))


def date_text(seconds: int) -> str:
    """Return a moment as people write it: the day alone where it is midnight, UTC."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime("%Y-%m-%d" if seconds % 86400 == 0 else "%Y-%m-%dT%H:%M:%SZ")
