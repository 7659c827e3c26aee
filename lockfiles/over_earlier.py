"""A solve over what was locked before: its pins first, and last those that are updated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from lockfiles.listener import Listener

if TYPE_CHECKING:
    from lockfiles.session import Session
    from lockfiles.update import Update
    from resolver.model.requirements import Requirements
    from resolver.model.resolution import Resolution


class Solve(Protocol):
    """Solves a session; as :func:`lockfiles.solving.solve` without its listener."""

    def __call__(
        self,
        session: Session,
        *,
        preferred: Mapping[str, Mapping[str, str]] | None = None,
        updated: tuple[str, ...] = (),
        requirements: Requirements | None = None,
    ) -> tuple[Resolution, ...]:
        """Return one resolution for each target."""


def solve_over(
    session: Session,
    previous: Sequence[Resolution],
    updates: Sequence[Update],
    listener: Listener,
    solve: Solve,
    *,
    update_all: bool,
    limits: Requirements | None = None,
) -> tuple[Resolution, ...]:
    """Solve, with the earlier pins first and what is updated last of them.

    ``limits``: constraints that hold for this run alone, beside the versions that updates name.
    """
    from lockfiles.update import expand_updates, lines_of_updates, preferred_pins

    names = expand_updates(updates, previous)
    more = lines_of_updates(updates, previous)
    pins = _of_the_mode(session, previous, listener)
    asked = session.requirements
    conda, pypi = asked.conda + more.conda, asked.pypi + more.pypi
    if limits is not None:
        conda, pypi = conda + limits.conda, pypi + limits.pypi
    return solve(
        session,
        preferred=preferred_pins(pins, update=names, update_all=update_all),
        updated=tuple(sorted(names)) if pins and not update_all else (),
        requirements=replace(asked, conda=conda, pypi=pypi),
    )


def _of_the_mode(
    session: Session, previous: Sequence[Resolution], listener: Listener
) -> tuple[Resolution, ...]:
    """Return the earlier resolutions that were made for the same versions; pins of others go."""
    mode = session.targets[0].resolution_mode
    others = {r.target.resolution_mode for r in previous} - {mode}
    for other in sorted(others):
        listener.warn(
            f"the earlier lockfile was made with resolution `{other}`: with `{mode}` none of its pins stays"
        )
    return tuple(r for r in previous if r.target.resolution_mode is mode)


def warn_of_unknown_updates(
    previous: Sequence[Resolution], update: Sequence[str], listener: Listener
) -> None:
    """Warn of what is to be updated and isn't in the earlier lockfile, and where there is none."""
    from lockfiles.update import unknown_updates

    if update and not previous:
        told = ", ".join(f"`--update {name}`" for name in update)
        listener.warn(f"{told} without effect: there is no earlier lockfile, so everything takes its newest")
    for name in unknown_updates(previous, update) if previous else ():
        listener.warn(f"`--update {name}`: the earlier lockfile has no such package")
