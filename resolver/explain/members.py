"""What a conflict is made of: lines of the user's, and settings of the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.facts import ImplicitFact
from resolver.constraints.name_map import NameMap
from resolver.constraints.pypi_side import PypiSource
from resolver.constraints.universe import JointUniverse
from resolver.metadata.passed_over import PassedOver
from resolver.model.channels import Channel
from resolver.model.choices import StrEnum
from resolver.model.names import PypiName
from resolver.model.origin import Origin
from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements
from resolver.model.target import Target
from resolver.sources.conda.subdirs import ChannelSubdir

Requirement = CondaRequirement | PypiRequirement


class SettingKind(StrEnum):
    """Which rule of the target takes part."""

    VIRTUAL = "virtual-package"
    PRIORITY = "channel-priority"
    DATE = "exclude-newer"
    PLATFORM = "platform"


class ConflictSetting(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of the target that a conflict can't do without.

    ``name`` is that of the virtual package; else the setting's own.
    """

    kind: SettingKind
    name: str
    value: str  #: empty: the target lacks it

    def __str__(self) -> str:
        if self.kind is SettingKind.VIRTUAL:
            return f"{self.name} {self.value}" if self.value else f"no {self.name}"
        return f"{self.name} {self.value}"


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a conflict: a line, or a setting of the target; the other is None."""

    line: Requirement | None = None
    setting: ConflictSetting | None = None

    @property
    def origin(self) -> Origin | None:
        """Where it is written; None for a setting."""
        return self.line.origin if self.line is not None else None

    @property
    def text(self) -> str:
        """What it says, as written."""
        return line_text(self.line) if self.line is not None else str(self.setting)


def is_of_update(member: Member) -> bool:
    """Tell whether a member is what `lock --update` asks for, which no file holds."""
    return member.origin is not None and member.origin.file.startswith("--update ")


def line_text(requirement: Requirement) -> str:
    """Return a requirement as its line shows it."""
    return requirement.spec if isinstance(requirement, CondaRequirement) else requirement.text


class UserConflict(msgspec.Struct, frozen=True, kw_only=True):
    """Members that can't hold together; without any one of them there is a solution (if ``is_minimal``).

    Lines stand in the order of the input, settings after them. ``universe``
    and ``proof`` belong together: the proof's packages are numbers of that
    universe; settings of conflicts that were found before are relaxed in it.
    No member at all: nothing that was written makes the conflict.
    """

    members: tuple[Member, ...]
    universe: JointUniverse
    proof: Incompatibility | None
    is_minimal: bool = True
    solves: int = 0

    @property
    def lines(self) -> tuple[Requirement, ...]:
        """The members that are lines."""
        return tuple(m.line for m in self.members if m.line is not None)

    @property
    def settings(self) -> tuple[ConflictSetting, ...]:
        """The members that are settings of the target."""
        return tuple(m.setting for m in self.members if m.setting is not None)


def implied_lines(conflict: UserConflict) -> tuple[CondaRequirement, ...]:
    """Return what pip lines need without saying so, where that alone makes the conflict: ``python``."""
    if conflict.members or conflict.proof is None:
        return ()
    origin = next((r.origin for r in conflict.universe.requirements), None)
    proof = conflict.proof
    facts = [clause.fact for clause in (proof, *proof.parents)]
    names = dict.fromkeys(fact.name for fact in facts if isinstance(fact, ImplicitFact))
    return tuple(CondaRequirement.parse(name, origin) for name in names if origin is not None)


class Bench(Protocol):
    """Makes universes for "what if?", over sources that stay open (the pipeline's resolver)."""

    requirements: Requirements

    @property
    def names(self) -> NameMap:
        """Which conda packages ship which projects."""
        ...

    @property
    def indexes(self) -> PypiSource:
        """The package indexes as one."""
        ...

    def check_sources(self) -> None:
        """Raise SourceError where a source that was asked isn't there at all."""
        ...

    def where_asked(self, name: PypiName) -> str:
        """Return where a project is looked for, in words; empty: nowhere."""
        ...

    def passed_over(self, names: Sequence[PypiName]) -> Mapping[PypiName, PassedOver]:
        """Return what indexes have of projects that an earlier one decided alone; others are left out."""
        ...

    def universe(
        self,
        target: Target,
        requirements: Requirements | None = None,
        *,
        channels: Sequence[Channel] | None = None,
        wild: frozenset[str] = frozenset(),
        apart: bool = False,
        extra_index: str | None = None,
        admit_undated: bool = False,
        lenient: bool = False,
        beside: JointUniverse | None = None,
    ) -> JointUniverse:
        """Return the packages and rules of one target; ``lenient``: what can't be read limits nothing.

        ``beside``: a universe of a like question, from which is taken what is the same.
        """
        ...

    def open_channels(
        self, target: Target, channels: Sequence[Channel] | None = None
    ) -> Sequence[ChannelSubdir]:
        """Return the target's subdir and noarch of every channel, in order of priority."""
        ...

    def other_channels(self) -> Sequence[Channel]:
        """Return well-known channels that aren't among the session's, where they would be looked for."""
        ...


def only(requirements: Requirements, lines: Sequence[Requirement]) -> Requirements:
    """Return the requirements with these lines alone."""
    from msgspec.structs import replace

    return replace(
        requirements,
        conda=tuple(r for r in lines if isinstance(r, CondaRequirement)),
        pypi=tuple(r for r in lines if isinstance(r, PypiRequirement)),
    )
