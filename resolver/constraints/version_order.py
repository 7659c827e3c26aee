"""Of which packages the lowest version is the best, by what is asked for (``--resolution``)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.model.target import ResolutionMode

#: What pip lines need without naming it. Their bounds say nothing of it, so it stays the newest.
_IMPLIED = frozenset({"python", "pip"})
#: What installs: a bare line on it asks for a tool that works, and its first versions don't any more.
_INSTALLER = "pip"


class VersionOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Of which packages the lowest version is wanted; constraints ask for nothing."""

    mode: ResolutionMode = ResolutionMode.HIGHEST
    conda: frozenset[str] = frozenset()  #: names of conda lines
    pypi: frozenset[str] = frozenset()  #: projects of pip lines
    has_any_pip: bool = False  #: a line on conda's pip, and none that bounds it from below

    @classmethod
    def of(
        cls, mode: ResolutionMode, conda: Iterable[CondaRequirement], pypi: Iterable[PypiRequirement]
    ) -> VersionOrder:
        """Return the order for some lines."""
        if mode is ResolutionMode.HIGHEST:
            return cls()
        conda = tuple(conda)
        installers = [r for r in conda if r.name == _INSTALLER]
        return cls(
            mode=mode,
            conda=frozenset(r.name for r in conda if not r.is_constraint),
            has_any_pip=bool(installers) and not any(map(is_bounded, installers)),
            pypi=frozenset(r.name for r in pypi if not r.is_constraint and r.name is not None),
        )

    @property
    def is_highest(self) -> bool:
        """Whether the newest version of every package is wanted."""
        return self.mode is ResolutionMode.HIGHEST

    def is_lowest_conda(self, name: str) -> bool:
        """Tell whether the lowest version of a conda package is wanted."""
        if name == _INSTALLER and self.has_any_pip:
            return False
        if self.mode is ResolutionMode.LOWEST:
            return name in self.conda or name not in _IMPLIED or not self.pypi
        return self.mode is ResolutionMode.LOWEST_DIRECT and name in self.conda

    def is_lowest_project(self, name: str) -> bool:
        """Tell whether the lowest version of a PyPI project is wanted."""
        return self.mode is ResolutionMode.LOWEST or (
            self.mode is ResolutionMode.LOWEST_DIRECT and name in self.pypi
        )


def is_bounded(line: CondaRequirement | PypiRequirement) -> bool:
    """Tell whether a line keeps the versions of its package from below out."""
    if isinstance(line, CondaRequirement):
        return has_lower_bound(line.match_spec.version or "")
    return line.direct is not None or has_lower_bound(line.specifier)


def has_lower_bound(versions: str) -> bool:
    """Tell whether a version spec of conda or PEP 440 keeps versions from below out, in every alternative."""
    return all(
        any(
            clause not in ("", "*") and not clause.startswith(("<", "!="))
            for clause in (part.strip(" ()") for part in way.split(","))
        )
        for way in versions.split("|")
    )
