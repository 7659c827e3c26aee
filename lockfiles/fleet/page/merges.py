"""Merges as the page shows them: what is offered, what moves for whom, and what is proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lockfiles.difference import describe_change
from lockfiles.fleet.page.model import PageGroup, PageMerges, PageMove, PageOffer

if TYPE_CHECKING:
    from lockfiles.fleet.merging.merging import Merged, MergedGroup
    from lockfiles.fleet.merging.offers import MergeOffer, Moves
    from lockfiles.fleet.page.places import PageTexts
    from resolver.model.findings import Finding


def page_merges(merged: Merged, texts: PageTexts) -> PageMerges:
    """Return what `--merge` found, in words."""
    return PageMerges(
        environments=merged.environments,
        images=merged.images,
        lower=merged.lower,
        groups=tuple(_group(group, texts) for group in merged.groups),
        apart=tuple((texts.clean(one.name), texts.clean(one.reason)) for one in merged.apart),
        failed=tuple((texts.clean(one.name), texts.clean(one.reason)) for one in merged.failed),
    )


def _group(group: MergedGroup, texts: PageTexts) -> PageGroup:
    return PageGroup(
        members=texts.all(group.members),
        targets=texts.all((*group.targets, *group.channels)),
        images=group.images,
        lower=group.lower,
        offers=tuple(_offer(offer, texts) for offer in group.offers),
        alone=texts.all(group.alone),
        refused=tuple((texts.all(one.members), texts.clean(one.reason)) for one in group.refused),
        conflicts=tuple(texts.all(lines) for lines in group.conflicts),
        clash=texts.all(group.clash),
        ended=texts.maybe(group.ended),
    )


def _offer(offer: MergeOffer, texts: PageTexts) -> PageOffer:
    return PageOffer(
        members=texts.all(offer.members),
        moves=tuple(_moves(moves, texts) for moves in offer.moves),
        builds=offer.saved_builds,
        before=offer.sizes.before,
        after=offer.sizes.after,
        unknown=offer.sizes.unknown,
        findings=texts.all(_finding(one) for one in offer.findings),
    )


def _moves(moves: Moves, texts: PageTexts) -> PageMove:
    return PageMove(
        name=texts.clean(moves.name),
        changes=texts.all(" ".join(describe_change(change)) for change in moves.changes),
        added=moves.added,
        has_lockfile=moves.has_lockfile,
    )


def _finding(found: Finding) -> str:
    return f"{found.severity.value}: {found.rule}: {found.message}"
