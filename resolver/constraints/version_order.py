"""Of which packages the lowest version is the best, by what is asked for (``--resolution``)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.model.target import ResolutionMode

#: What pip lines need without naming it. Their bounds say nothing of it, so it stays the newest.
_IMPLIED = frozenset({"python", "pip"})


class VersionOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Of which packages the lowest version is wanted; constraints ask for nothing."""

    mode: ResolutionMode = ResolutionMode.HIGHEST
    conda: frozenset[str] = frozenset()  #: names of conda lines
    pypi: frozenset[str] = frozenset()  #: projects of pip lines

    @classmethod
    def of(
        cls, mode: ResolutionMode, conda: Iterable[CondaRequirement], pypi: Iterable[PypiRequirement]
    ) -> VersionOrder:
        """Return the order for some lines."""
        if mode is ResolutionMode.HIGHEST:
            return cls()
        return cls(
            mode=mode,
            conda=frozenset(r.name for r in conda if not r.is_constraint),
            pypi=frozenset(r.name for r in pypi if not r.is_constraint and r.name is not None),
        )

    @property
    def is_highest(self) -> bool:
        """Whether the newest version of every package is wanted."""
        return self.mode is ResolutionMode.HIGHEST

    def is_lowest_conda(self, name: str) -> bool:
        """Tell whether the lowest version of a conda package is wanted."""
        if self.mode is ResolutionMode.LOWEST:
            return name in self.conda or name not in _IMPLIED or not self.pypi
        return self.mode is ResolutionMode.LOWEST_DIRECT and name in self.conda

    def is_lowest_project(self, name: str) -> bool:
        """Tell whether the lowest version of a PyPI project is wanted."""
        return self.mode is ResolutionMode.LOWEST or (
            self.mode is ResolutionMode.LOWEST_DIRECT and name in self.pypi
        )
