"""A merge as JSON values and as lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from lockfiles.difference import Change, describe_change
from lockfiles.fleet.merging.members import NotMerged
from lockfiles.fleet.merging.merging import Merged, MergedGroup
from lockfiles.fleet.merging.offers import MergeOffer, Moves

#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1
#: Moves, environments and conflicts that are told in full: of more, how many there are.
_MOST = 8
#: Where in its file a reason stands.
_LINE = re.compile(r"line \d+(:\d+)?: ")


def merged_to_json(merged: Merged, written: Sequence[str] = ()) -> dict[str, Any]:
    """Return the merge as JSON values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "environments": merged.environments,
        "images": merged.images,
        "at_least": merged.lower,
        "kept_apart_by": list(merged.differing),
        "groups": [_group_to_json(group) for group in merged.groups],
        "apart": [{"file": one.name, "reason": one.reason} for one in merged.apart],
        "failed": [{"file": one.name, "reason": one.reason, "code": one.code} for one in merged.failed],
        "written": list(written),
    }


def _group_to_json(group: MergedGroup) -> dict[str, Any]:
    return {
        "platforms": list(group.targets),
        "channels": list(group.channels),
        "environments": list(group.members),
        "images": group.images,
        "at_least": group.lower,
        "proven": group.is_optimal,
        "ended": group.ended,
        "offers": [_offer_to_json(offer) for offer in group.offers],
        "alone": list(group.alone),
        "failing": list(group.failing),
        "refused": [{"environments": list(one.members), "reason": one.reason} for one in group.refused],
        "clash_pairwise": list(group.clash),
        "conflicts": [list(one) for one in group.conflicts],
        "questions": group.questions,
        "solves": group.solves,
    }


def _offer_to_json(offer: MergeOffer) -> dict[str, Any]:
    sizes = offer.sizes
    return {
        "environments": list(offer.members),
        "saved_builds": offer.saved_builds,
        "size": {"old": sizes.before, "new": sizes.after, "saved": sizes.saved, "unknown": sizes.unknown},
        "moves": [
            {
                "file": one.name,
                "has_lockfile": one.has_lockfile,
                "added": one.added,
                "changes": [_change_to_json(change) for change in one.changes],
            }
            for one in offer.moves
        ],
        "findings": [
            {"rule": one.rule, "severity": one.severity.value, "message": one.message}
            for one in offer.findings
        ],
        "file": offer.file.path,
        "lockfile": offer.lock_path,
        "texts": {**offer.file.texts, offer.lock_path: offer.lock_text},
    }


def _change_to_json(change: Change) -> dict[str, Any]:
    return {
        "platform": change.platform,
        "manager": change.manager,
        "name": change.name,
        "kind": change.kind.value,
        "old": None if change.old is None else {"version": change.old.version, "build": change.old.build},
        "new": None if change.new is None else {"version": change.new.version, "build": change.new.build},
    }


# -- lines ---------------------------------------------------------------------------------------------


def merged_lines(merged: Merged, *, everything: bool = False) -> Iterator[str]:
    """Yield what became of a fleet; ``everything``: no list is cut."""
    most = 1 << 30 if everything else _MOST
    for number, offer in enumerate(merged.offers, start=1):
        yield from _offer_lines(offer, number, most)
        yield ""
    for group in merged.groups:
        yield from _group_lines(group, most)
    if merged.differing:
        what = " or ".join(merged.differing)
        yield f"{len(merged.groups)} groups, as no image is shared by environments that differ in {what}"
        yield ""
    for title, left in (("can't be merged with others", merged.apart), ("no image", merged.failed)):
        if left:
            yield f"{title}:"
            yield from _left_lines(left, most)
            yield ""
    yield _sum(merged)


def _left_lines(left: Sequence[NotMerged], most: int) -> Iterator[str]:
    """Yield why environments have no part in it: each reason once, those of most environments first."""
    alike: dict[str, list[NotMerged]] = {}
    for one in left:
        alike.setdefault(_LINE.sub("", one.reason), []).append(one)
    for reason, of_it in sorted(alike.items(), key=lambda item: -len(item[1])):
        if len(of_it) == 1:
            yield f"  {of_it[0].name}: {of_it[0].reason}"
            continue
        yield f"  {len(of_it):,} environments: {reason}"
        yield from (f"    {one.name}" for one in of_it[:most])
        if len(of_it) > most:
            yield f"    and {len(of_it) - most:,} more"


def _offer_lines(offer: MergeOffer, number: int, most: int) -> Iterator[str]:
    sizes = offer.sizes
    builds = "1 build" if offer.saved_builds == 1 else f"{offer.saved_builds} builds"
    unknown = f" ({sizes.unknown} packages of unknown size)" if sizes.unknown else ""
    yield f"image {number}: {len(offer.members)} environments; saves {builds}, {_size(sizes.saved)}{unknown}"
    for one in offer.moves:
        yield f"  {one.name}: {_moves(one, most)}"
    for found in offer.findings:
        yield f"  {found.severity.value}: {found.rule}: {found.message}"


def _moves(one: Moves, most: int) -> str:
    beside = "" if one.has_lockfile else " (no lockfile: beside what it locks to now)"
    parts = []
    if one.changes:
        shown = [
            f"{name} {what}{' goes' if change.new is None else ''}"
            for change in one.changes[:most]
            for _, name, what in (describe_change(change),)
        ]
        left = f" and {len(one.changes) - most} more" if len(one.changes) > most else ""
        count = len(one.changes)
        is_move = all(change.new is not None for change in one.changes)
        verbs = ("move", "moves") if is_move else ("move or go", "moves or goes")
        told = f"1 package {verbs[1]}" if count == 1 else f"{count} packages {verbs[0]}"
        parts.append(f"{told}: {', '.join(shown)}{left}")
    else:
        parts.append("nothing moves")
    if one.added:
        parts.append(f"{one.added} more {'package' if one.added == 1 else 'packages'}")
    return "; ".join(parts) + beside


def _group_lines(group: MergedGroup, most: int) -> Iterator[str]:
    """Yield why a group has no fewer images; nothing of one that all share."""
    if group.images < 2 and not (group.failing or group.refused or group.ended):
        return
    where = f"{', '.join(group.targets)}, {', '.join(group.channels)}"
    count = len(group.members) - len(group.failing)
    yield f"{count} environments ({where}): {_images(group)}"
    if group.alone:
        yield f"  alone: {_listed(group.alone, most)}"
    if len(group.clash) > 1:
        yield f"  each clashes with each other: {_listed(group.clash, most)}"
    for conflict in group.conflicts[:most]:
        yield f"  can't hold together: {', '.join(conflict)}"
    if len(group.conflicts) > most:
        yield f"  and {len(group.conflicts) - most} more such conflicts"
    for name in group.failing:
        yield f"  {name}: its lines don't hold together (any more): `lock explain {name}`"
    for one in group.refused:
        yield f"  not offered: {_listed(one.members, most)}: {one.reason}"
    if group.ended and not group.is_optimal:
        yield f"  the search ended before it was through ({group.ended})"
    yield ""


def _images(group: MergedGroup) -> str:
    images = "1 image" if group.images == 1 else f"{group.images} images"
    return f"{images}, fewer can't do" if group.is_optimal else f"{images}, at least {group.lower}"


def _listed(names: Sequence[str], most: int) -> str:
    left = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + left


def _size(saved: int) -> str:
    words = f"{abs(saved) / 1e6:,.1f} MB of archives"
    return words if saved >= 0 else f"and takes {words} more"


def _sum(merged: Merged) -> str:
    proof = "fewer can't do" if merged.lower == merged.images else f"at least {merged.lower}"
    return f"{merged.environments} environments, {merged.images} images ({proof})."
