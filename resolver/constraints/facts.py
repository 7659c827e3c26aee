"""Where an incompatibility comes from, as values that can be put in words."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from resolver.model.requirements import CondaRequirement, Override, PypiRequirement
from resolver.model.unusable import Cause


class RequirementFact(msgspec.Struct, frozen=True, kw_only=True):
    """The user asked for it (or limits it, for a constraint)."""

    requirement: CondaRequirement | PypiRequirement


class ImplicitFact(msgspec.Struct, frozen=True, kw_only=True):
    """Nobody wrote it, but what was written needs it: ``python`` and ``pip`` for pip requirements."""

    name: str


class DependencyFact(msgspec.Struct, frozen=True, kw_only=True):
    """Some candidates of ``package`` depend on ``text``; ``constrains`` if they only limit it."""

    package: int
    text: str
    constrains: bool = False
    override: Override | None = None  #: what of the user's stands in place of the dependency


class PythonFact(msgspec.Struct, frozen=True, kw_only=True):
    """Releases of the PyPI project ``package`` have no file that fits some Python versions."""

    package: int


class ProvidesFact(msgspec.Struct, frozen=True, kw_only=True):
    """A conda package ships a PyPI project: one can't be there without the other's version agreeing."""

    conda: int
    pypi: int


class UnusableFact(msgspec.Struct, frozen=True, kw_only=True):
    """Candidates that can't be selected at all, and why."""

    package: int
    reason: str
    cause: Cause | None = None  #: of which kind the reason is, where that is known


class SupportFact(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing that would be there needs ``package``, and no line (of a conda package: no conda line)."""

    package: int


class PreReleaseFact(msgspec.Struct, frozen=True, kw_only=True):
    """``final``, a final release of ``package``, meets all that is asked of it: no pre-release counts."""

    package: int
    final: int  #: candidate


class PipOnlyFact(msgspec.Struct, frozen=True, kw_only=True):
    """The user wants the project of a pip line from pip (``pip-from-conda = never``)."""

    requirement: PypiRequirement


class SameReleaseFact(msgspec.Struct, frozen=True, kw_only=True):
    """An extra is of the same release as its project."""


class KeptLevelFact(msgspec.Struct, frozen=True, kw_only=True):
    """A package keeps what an earlier step found: a requested one its level, a pinned one its candidate."""


class MovesFact(msgspec.Struct, frozen=True, kw_only=True):
    """Not each of some packages can stay as an earlier lockfile has it: that was proven."""


class Assumption(msgspec.Struct, frozen=True, kw_only=True):
    """A restriction of one package that can be taken back."""

    package: int
    allowed: int  #: bitset


#: Everything that an incompatibility may come from; whoever puts facts in words answers for each.
Fact: TypeAlias = (
    RequirementFact
    | ImplicitFact
    | DependencyFact
    | PythonFact
    | ProvidesFact
    | UnusableFact
    | SupportFact
    | PreReleaseFact
    | PipOnlyFact
    | SameReleaseFact
    | KeptLevelFact
    | MovesFact
    | Assumption
)
