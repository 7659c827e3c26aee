"""Where an incompatibility comes from, as values that can be put in words."""

from __future__ import annotations

from dataclasses import dataclass

from resolver.model.requirements import CondaRequirement, PypiRequirement


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementFact:
    """The user asked for it (or limits it, for a constraint)."""

    requirement: CondaRequirement | PypiRequirement


@dataclass(frozen=True, slots=True, kw_only=True)
class ImplicitFact:
    """Nobody wrote it, but what was written needs it: ``python`` and ``pip`` for pip requirements."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyFact:
    """Some candidates of ``package`` depend on ``text``; ``constrains`` if they only limit it."""

    package: int
    text: str
    constrains: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonFact:
    """Releases of the PyPI project ``package`` have no file that fits some Python versions."""

    package: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvidesFact:
    """A conda package ships a PyPI project: one can't be there without the other's version agreeing."""

    conda: int
    pypi: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusableFact:
    """Candidates that can't be selected at all, and why."""

    package: int
    reason: str
