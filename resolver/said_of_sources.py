"""What is said of an answer's sources: of indexes that lack all, of open builds, of the user's overrides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from resolver.model.findings import Severity
from resolver.model.notices import IDLE_OVERRIDE, LACKS_ALL, Notice
from resolver.model.requirements import Override, PypiRequirement
from resolver.model.target import Target

if TYPE_CHECKING:
    from resolver.constraints.universe import JointUniverse
    from resolver.sources.pypi.index_watch import Lacking


def said_of_sources(
    target: Target,
    universe: JointUniverse,
    lacking: Iterable[Lacking],
    unguarded: Sequence[str],
    overrides: Sequence[Override],
    lines: Sequence[PypiRequirement],
) -> Iterator[Notice]:
    """Yield a notice for each index in ``lacking``, one for builds in ``unguarded``, and overrides.

    ``lines``: the user's on PyPI's projects; of the overrides those are told that met none of these, and
    nothing of any release.
    """
    yield from (_of_index(one, target) for one in lacking)
    if unguarded:
        yield _of_builds(unguarded, target)
    if overrides:
        yield from _of_overrides(overrides, lines, universe, target)


def _of_index(lacking: Lacking, target: Target) -> Notice:
    return Notice(
        code=LACKS_ALL,
        severity=Severity.WARNING,
        text=str(lacking),
        target=target.subdir,
        facts={"index": lacking.index.name, "projects": lacking.projects},
    )


def _of_builds(labels: Sequence[str], target: Target) -> Notice:
    """Return a warning that builds could have used the network against the user's settings."""
    text = (
        "this system can't shut the network off for builds (`unshare` and `bwrap` aren't there, or not "
        f"allowed), so it was open to {len(labels)} of them: `--no-build` runs none"
    )
    return Notice(
        code="builds-with-network",
        severity=Severity.WARNING,
        text=text,
        target=target.subdir,
        facts={"builds": tuple(labels)},
    )


def _of_overrides(
    overrides: Sequence[Override], lines: Sequence[PypiRequirement], universe: JointUniverse, target: Target
) -> Iterator[Notice]:
    """Yield a notice for each project whose overrides met no requirement, of lines or of releases."""
    met = universe.pypi.overrides.met if universe.pypi and universe.pypi.overrides else set()
    asked = {line.name for line in lines if not line.is_constraint}
    for name in dict.fromkeys(override.name for override in overrides):
        if name not in met and name not in asked:
            yield Notice(
                code=IDLE_OVERRIDE,
                text=f"no pip requirement is on `{name}`: its override stands in place of nothing",
                package=name,
                target=target.subdir,
            )
