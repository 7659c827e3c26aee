"""What an index that comes too late would add to a project's releases, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
from packaging.version import Version

from resolver.constraints.pypi_side import PypiSide
from resolver.metadata.passed_over import PassedOver
from resolver.model.indexes import Index
from resolver.model.names import PypiName

#: What lets a later index have its say.
REMEDY = "`--index-strategy unsafe-best-match`, or `package-indexes`"


class Later(msgspec.Struct, frozen=True, kw_only=True):
    """A version that only a later index has."""

    version: str
    index: Index


def later_versions(
    side: PypiSide, name: PypiName, found: PassedOver, *, pythons: int, admits: Callable[[str], bool]
) -> Iterator[Later]:
    """Yield versions that the first index lacks and the target could use, newest first, index by index.

    ``pythons``: the python candidates of which a file has to fit one; ``admits`` tells what
    was asked for. Pre-releases count only where they are taken of the project. What conda has of it, and
    which candidates an earlier lockfile leaves, makes no difference.
    """
    side.domain(name)  # which reads its page
    own = side.pages.get(name)
    first = [] if own is None else side.releases_of(own)
    known = {release.version for release in first if release.pythons & pythons}
    pre = side.policy.admits_pre_releases(name)
    for index, page in found.later:
        for release in side.releases_of(page):
            if (
                release.version not in known
                and release.pythons & pythons
                and (pre or not Version(release.version).is_prerelease)
                and admits(release.version)
            ):
                yield Later(version=release.version, index=index)


def index_words(index: Index) -> str:
    """Return an index as messages name it, with the place where it is configured."""
    return f"`{index.name}` ({index.origin})" if index.origin else f"`{index.name}`"
