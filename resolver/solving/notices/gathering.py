"""All notices of one answer, in the order in which they are told.

Most answers have little to say: a policy's module is imported where there is something for it to look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.conda_domain import RecordFault
from resolver.constraints.facts import UnusableFact
from resolver.constraints.registry import Key, Kind
from resolver.constraints.universe import JointUniverse
from resolver.model.names import PypiName
from resolver.model.notices import Notice
from resolver.model.patterns import pattern
from resolver.model.resolution import Resolution
from resolver.solving.notices.held_back import Updates, held_back

if TYPE_CHECKING:
    from resolver.metadata.passed_over import PassedOver

#: A letter in a version: of a pre-release, a local part, a post-release.
_MAYBE_PRE = pattern(r"[a-z]")


def iter_notices(
    universe: JointUniverse,
    selected: Mapping[int, int],
    resolution: Resolution,
    passed_over: Mapping[PypiName, PassedOver],
    known: Iterable[Incompatibility],
    updates: Updates | None = None,
) -> Iterator[Notice]:
    """Yield what is to be said of an answer.

    ``selected`` is what it was read from, ``known`` all incompatibilities that the search has read;
    ``passed_over``: what later indexes have of projects; ``updates`` locks again over the earlier lockfile.
    """
    order = universe.conda.order
    yield from _said_of_files(universe, resolution)
    if any(
        pin.url[:4] == "http" and not pin.url.startswith(pin.channel.base_url) for pin in resolution.conda
    ):
        from resolver.solving.notices.elsewhere import packages_elsewhere

        yield from packages_elsewhere(resolution)
    known = tuple(known)
    if order.is_highest and any(isinstance(clause.fact, UnusableFact) for clause in known):
        from resolver.solving.notices.left_out import unusable_above

        yield from unusable_above(universe, selected, known, resolution)
    yield from _said_of_projects(universe, resolution)
    yield from _said_of_pip_lines(universe, selected, resolution)
    if universe.has_crossings:
        from resolver.solving.notices.crossed import crossed

        yield from crossed(universe, selected)
    if order.is_highest:
        yield from held_back(universe, selected, known, updates)
    else:
        from resolver.solving.notices.no_lower_bound import no_lower_bound

        without = no_lower_bound(order, universe.requirements, resolution, _kept(universe, selected))
        if without is not None:
            yield without
    if resolution.target.virtual("__cuda") is not None:
        from resolver.solving.notices.cpu_builds import cpu_builds

        yield from cpu_builds(universe, selected, resolution)
    if universe.pypi is not None and passed_over and order.is_highest:
        yield from _said_of_indexes(universe, selected, resolution, passed_over)


def _kept(universe: JointUniverse, selected: Mapping[int, int]) -> set[tuple[bool, str]]:
    """Return (is it conda's, name) of the packages that stay where an earlier lockfile has them."""
    keys = universe.registry.keys
    return {
        (keys[package].kind is Kind.CONDA, keys[package].name)
        for package, place in selected.items()
        if universe.stays(package, place)
    }


def _said_of_files(universe: JointUniverse, resolution: Resolution) -> Iterator[Notice]:
    """Yield what is said of files that their source's faults, the date or their owners would leave out."""
    if universe.conda.order.is_highest and _has_faults(universe):
        from resolver.solving.notices.left_out import left_out

        yield from left_out(universe.conda, universe.pypi.pages if universe.pypi else {}, resolution)
    if resolution.target.exclude_newer is not None:
        from resolver.solving.notices.undated import undated_left_out

        pages = universe.pypi.pages if universe.pypi else {}
        yield from undated_left_out(universe.conda, pages, resolution)
        if universe.conda.exempt.texts:
            from resolver.solving.notices.exempt_nothing import exempt_nothing

            idle = exempt_nothing(universe.conda.exempt, resolution)
            if idle is not None:
                yield idle
    if universe.pypi is not None and any(_MAYBE_PRE.search(pin.version) for pin in resolution.pypi):
        from resolver.solving.notices.pre_releases import unasked_pre_releases

        yield from unasked_pre_releases(universe.pypi.policy, resolution)
    if universe.pypi is not None and any(p.file and p.file.yanked is not None for p in resolution.pypi):
        from resolver.solving.notices.yanked import yanked_but_pinned

        yield from yanked_but_pinned(universe.pypi.policy, resolution)


def _said_of_projects(universe: JointUniverse, resolution: Resolution) -> Iterator[Notice]:
    """Yield what is said of projects as a whole: by their indexes, and of names like popular ones."""
    if universe.pypi is None:
        return
    pages = universe.pypi.pages
    if any(page is not None and not page.status.is_active for page in pages.values()):
        from resolver.solving.notices.project_status import project_status

        yield from project_status(pages, resolution)
    if any(pin.direct is None for pin in resolution.pypi):
        from resolver.solving.notices.near_popular import near_popular_projects

        yield from near_popular_projects(resolution, universe.pypi.far_names)


def _has_faults(universe: JointUniverse) -> bool:
    """Tell whether anything was left out that a source says what can't be of."""
    if any(out.fault is RecordFault.FAULTY for outs in universe.conda.left_out.values() for out in outs):
        return True
    if universe.pypi is None:
        return False
    from resolver.metadata.page_rows import may_have_faults

    return any(may_have_faults(page) for page in universe.pypi.pages.values() if page is not None)


def _said_of_pip_lines(
    universe: JointUniverse, selected: Mapping[int, int], resolution: Resolution
) -> Iterator[Notice]:
    """Yield what is said of pip lines: who meets them, under which Python, with which extras."""
    if universe.pypi is None:
        return
    if universe.pip_from_conda == "prefer":
        from resolver.solving.notices.met_by_conda import met_by_conda

        met = met_by_conda(universe.requirements, resolution)
        if met is not None:
            yield met
    if not any(line.name == "python" for line in universe.requirements):
        from resolver.solving.notices.default_python import default_python

        chosen = default_python(universe.requirements, resolution)
        if chosen is not None:
            yield chosen
    extras = [universe.registry.pypi(number) for number in selected if universe.is_extra(number)]
    if not extras:
        return
    from resolver.constraints.pypi_package import ExtraPackage

    lacking = [e for e in extras if isinstance(e, ExtraPackage) and e.is_lacking(selected[e.number])]
    if lacking:
        from resolver.solving.notices.unknown_extras import unknown_extras

        yield from unknown_extras(universe, selected, lacking)


def _said_of_indexes(
    universe: JointUniverse,
    selected: Mapping[int, int],
    resolution: Resolution,
    found: Mapping[PypiName, PassedOver],
) -> Iterator[Notice]:
    """Yield what is said of projects that the first index decides alone."""
    python = universe.registry.find(Key(Kind.CONDA, "python"))
    if universe.pypi is not None and python is not None and python in selected:
        from resolver.solving.notices.first_index import first_index_decided

        bit = 2 << selected[python]
        yield from first_index_decided(universe.pypi, universe.requirements, resolution, found, bit)
