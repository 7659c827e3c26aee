"""Hashes that the user gave for files of an index: what must be hashed to compare with them.

An index says the hash of each file, a folder doesn't (nor do some pages). Such a file is hashed
where the user gave a hash for its project, so that it isn't refused for what nobody looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec
from msgspec.structs import replace

from resolver.model.names import PypiName
from resolver.model.records import DistFile, ProjectPage
from resolver.model.requirements import PypiRequirement
from resolver.model.unusable import Unusable


class AskedHashes(msgspec.Struct, frozen=True, kw_only=True):
    """Algorithms by project; ``pinned`` are the only versions that matter, where lines pin any."""

    algorithms: Mapping[PypiName, frozenset[str]] = msgspec.field(default_factory=dict)
    pinned: Mapping[PypiName, frozenset[str]] = msgspec.field(default_factory=dict)

    @classmethod
    def of(cls, requirements: Iterable[PypiRequirement]) -> AskedHashes:
        """Return what the user's lines ask for."""
        algorithms: dict[PypiName, set[str]] = {}
        pinned: dict[PypiName, set[str]] = {}
        for requirement in requirements:
            if requirement.name is None:
                continue
            kinds = {text.partition(":")[0] for text in requirement.hashes}
            if kinds:
                algorithms.setdefault(requirement.name, set()).update(kinds)
            parsed = requirement.specifier_set
            for clause in () if isinstance(parsed, Unusable) else parsed:
                if clause.operator in ("==", "===") and not clause.version.endswith(".*"):
                    pinned.setdefault(requirement.name, set()).add(clause.version)
        return cls(
            algorithms={name: frozenset(kinds) for name, kinds in algorithms.items()},
            pinned={name: frozenset(versions) for name, versions in pinned.items() if name in algorithms},
        )

    def complete(
        self, page: ProjectPage, digests: Callable[[DistFile, frozenset[str]], Mapping[str, str]]
    ) -> ProjectPage:
        """Return a page whose files have one of the hashes asked for; ``digests`` computes them."""
        kinds = self.algorithms.get(page.name)
        if not kinds or all(kinds & file.hashes.keys() for file in page.files):
            return page
        files = tuple(
            file
            if kinds & file.hashes.keys() or not self._matters(page.name, file)
            else replace(file, hashes={**file.hashes, **digests(file, kinds)})
            for file in page.files
        )
        return replace(page, files=files)

    def _matters(self, name: PypiName, file: DistFile) -> bool:
        from packaging.version import InvalidVersion, Version

        pinned = self.pinned.get(name)
        if not pinned:
            return True
        try:
            found = Version(file.version)
            return any(found == Version(text) or found.public == text for text in pinned)
        except InvalidVersion:
            return True
