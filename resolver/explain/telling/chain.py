"""From a conflict to its story: one chain of reasons, or one for each case."""

from __future__ import annotations

from collections.abc import Sequence

from resolver.constraints.bits import ABSENT
from resolver.constraints.facts import PipOnlyFact, RequirementFact
from resolver.constraints.pypi_package import PypiPackage
from resolver.explain.budget import Meter
from resolver.explain.derivation import Link, leaves_of, links_of, needed_links
from resolver.explain.members import UserConflict
from resolver.explain.telling.cases import Cases
from resolver.explain.telling.following import Follower
from resolver.explain.telling.links import whole_links
from resolver.explain.telling.story import Story, kinds

#: So many cases are told in place of one chain that goes backwards.
_MOST_CLEAR = 3


def tell(conflict: UserConflict, meter: Meter, *, in_cases: bool = True) -> Story | None:
    """Return the story of a conflict, one chain alone unless ``in_cases``; None where its proof is not known.

    The versions that it names may have to be read: a source that fails raises.
    """
    if conflict.proof is None:
        return None
    universe = conflict.universe
    links = links_of(leaves_of(conflict.proof))
    guards = [
        number
        for link in links
        for c in link.clauses
        if isinstance(c.fact, RequirementFact | PipOnlyFact)
        for number in c.packages[1:]
    ]
    links = needed_links(universe, links, dict.fromkeys(guards), meter)
    whole = whole_links(universe, links)
    story = Follower(conflict, whole).follow()
    if not in_cases and story.is_told:
        return story
    two = _in_two_cases(conflict, whole, story)
    if two is not None:
        return two
    if story.dead is None:
        story.cases = Cases(conflict, whole).find()
    elif _says_only_what_is_left(story):
        cases = Cases(conflict, whole, forward=True).find()
        story.cases = cases if _are_clear(cases) else []
    return story


def _says_only_what_is_left(story: Story) -> bool:
    """Tell whether a chain names what a package loses without saying what those versions need."""
    return any(step.backward and kinds(step) == "needs" and step.after & ~ABSENT for step in story.steps)


def _are_clear(cases: Sequence[Story]) -> bool:
    """Tell whether each of two or three cases goes straight from what it is about to a line."""
    return 2 <= len(cases) <= _MOST_CLEAR and all(
        case.dead in case.lines and case.steps and not any(step.backward for step in case.steps)
        for case in cases
    )


def _in_two_cases(conflict: UserConflict, links: Sequence[Link], story: Story) -> Story | None:
    """Tell a pip line by its index releases, then by conda's build of it, where it has both.

    Told together, the two cases only blur each other. None where a case alone
    doesn't come to a clear end.
    """
    for package in story.lines:
        made = conflict.universe.registry.package(package)
        if not isinstance(made, PypiPackage):
            continue
        provided = sum(2 << n for n, release in enumerate(made.domain.releases) if release.is_provided)
        asked = Follower(conflict, links).lines_leave(package)
        if not asked & provided or not asked & ~provided & ~ABSENT:
            continue
        index = Follower(conflict, links, {package: ~provided}).follow()
        conda = Follower(conflict, links, {package: provided}).follow()
        if index.dead is not None and conda.dead is not None:
            index.beside = conda
            return index
    return None
