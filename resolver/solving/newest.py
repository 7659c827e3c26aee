"""What the sources have of any package: its newest version, and whether a text admits one."""

from __future__ import annotations

from resolver.constraints.registry import Key, Kind
from resolver.constraints.universe import JointUniverse
from resolver.model.match_spec import version as conda_version
from resolver.model.names import CondaName, PypiName


def newest_build(universe: JointUniverse, name: CondaName) -> str | None:
    """Return the newest version of a conda package among its candidates, whatever order they stand in.

    None where no channel that counts for it has the package.
    """
    versions = universe.conda.domain(name).version_bits()
    return max(versions, key=lambda text: (conda_version(text), text), default=None)


def newest_release(universe: JointUniverse, name: PypiName) -> str | None:
    """Return the newest version of a project that an index has a file of for this platform.

    Final releases come before pre-releases (PEP 440). None where no index has one, or nothing
    of PyPI takes part.
    """
    from packaging.version import Version

    if universe.pypi is None:
        return None
    releases = universe.registry.pypi(universe.registry.number(Key(Kind.PYPI, name))).domain.releases
    versions = [Version(release.version) for release in releases if not release.is_provided]
    newest = max(versions, key=lambda one: (not one.is_prerelease, one), default=None)
    return None if newest is None else str(newest)


def admits_build(universe: JointUniverse, name: CondaName, text: str, wanted: str) -> bool:
    """Tell whether a dependency string admits any build of one version of a conda package."""
    domain = universe.conda.domain(name)
    return bool(domain.admitted(text) & domain.version_bits().get(wanted, 0))
