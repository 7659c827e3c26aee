"""Merge: the environments of a fleet in, the fewest images that serve them out. Nothing is written.

1. Read each environment, with its lockfile or what it locks to.
2. Those may share an image that everything but their lines is the same for (:mod:`groups`).
3. In each group the fewest classes whose lines hold together, the solver being asked (:mod:`partition`,
   :mod:`joint`).
4. Each class is solved as one environment (:mod:`offers`). One that doesn't lock after all, or in which
   `lock check` finds an error or warning that it doesn't find in its parts, is barred, and 3 is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from lockfiles.fleet.merging.groups import SharingGroup, differing_aspects, make_groups
from lockfiles.fleet.merging.joint import JointOracle, joint_requirements
from lockfiles.fleet.merging.keep import Keep
from lockfiles.fleet.merging.members import FleetMember, NotMerged, read_members
from lockfiles.fleet.merging.offers import MergeOffer, Refused, make_offer
from lockfiles.fleet.merging.partition import Partition, find_partition
from lockfiles.fleet.merging.sizes import SizeBook
from lockfiles.fleet.merging.verdicts import Answered, Bits, MergeLimits
from lockfiles.listener import Listener
from lockfiles.locking import LockRequest
from lockfiles.solving import resolve_options
from resolver.errors import InputError
from resolver.model.origin import Origin
from resolver.pipeline import Reporter, Resolver

#: Classes that turn out not to lock, or aren't wanted, before what is left stays unmerged.
_MOST_REFUSED = 50
#: Where merged environments would stand if they were written.
_NOWHERE = "merged"


class MergeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which environments to merge, and within which tolerance.

    ``folder`` is where merged environments are to be written (by :func:`write_merged`); None: nowhere.
    """

    environments: tuple[LockRequest, ...]
    keep: Keep | None = None
    folder: str | None = None
    limits: MergeLimits = MergeLimits()


class MergedGroup(msgspec.Struct, frozen=True, kw_only=True):
    """What became of environments that may share images.

    ``lower``: fewer images can't serve them; ``clash`` has the names of members of which each clashes
    with each other. ``alone`` share with no one; they and the offers are the images.
    """

    members: tuple[str, ...]
    targets: tuple[str, ...]
    channels: tuple[str, ...]
    offers: tuple[MergeOffer, ...]
    alone: tuple[str, ...]
    failing: tuple[str, ...]
    refused: tuple[Refused, ...]
    lower: int
    clash: tuple[str, ...]
    conflicts: tuple[tuple[str, ...], ...]  #: minimal sets of lines that can't hold together
    questions: int  #: sets that were asked about
    solves: int  #: searches that took
    ended: str | None  #: the budget that ended the search; None: it was through

    @property
    def images(self) -> int:
        """How many images serve the group."""
        return len(self.offers) + len(self.alone)

    @property
    def is_optimal(self) -> bool:
        """Whether fewer images can't serve it, proven."""
        return self.lower == self.images


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """The fewest images of a fleet, group by group; ``apart`` stay as they are, each with its reason."""

    groups: tuple[MergedGroup, ...]
    apart: tuple[NotMerged, ...]  #: that can't be merged with others: an image each
    failed: tuple[NotMerged, ...]  #: that can't be read or locked: no image
    differing: tuple[str, ...] = ()  #: what keeps groups apart, in words: `target`, `channels` ...

    @property
    def environments(self) -> int:
        """How many environments have an image."""
        return sum(len(one.members) - len(one.failing) for one in self.groups) + len(self.apart)

    @property
    def images(self) -> int:
        """How many images serve them."""
        return sum(one.images for one in self.groups) + len(self.apart)

    @property
    def lower(self) -> int:
        """Fewer images than that can't serve them."""
        return sum(one.lower for one in self.groups) + len(self.apart)

    @property
    def offers(self) -> tuple[MergeOffer, ...]:
        """All merges that are offered."""
        return tuple(offer for one in self.groups for offer in one.offers)


def merge(
    request: MergeRequest, listener: Listener | None = None, still: Callable[[str], None] | None = None
) -> Merged:
    """Return the fewest images that serve the environments of a request, and what is proven of that.

    ``still`` hears what goes on, in words. Raises InputError where fewer than two environments are given.
    """
    tell = still or (lambda _: None)
    if len(request.environments) < 2:
        raise InputError("fewer than two environments: nothing can be merged")
    members, failed = read_members(_on_one_shelf(request.environments), listener, tell)
    groups, apart = make_groups(members, request.keep, request.folder or _NOWHERE)
    number, found = 1, []
    for place, group in enumerate(groups, start=1):
        tell(f"group {place:,} of {len(groups):,}: which of {len(group.members):,} environments can share")
        made = _merge_group(group, request, number, listener)
        number += len(made.offers)
        found.append(made)
    return Merged(groups=tuple(found), apart=apart, failed=failed, differing=differing_aspects(groups))


def _on_one_shelf(requests: Sequence[LockRequest]) -> list[LockRequest]:
    """Return requests of which each takes what another one has worked out of the same channels."""
    from resolver.constraints.kept_domains import ProcessShelf

    shelf, found = ProcessShelf(), []
    for one in requests:
        around = one.surroundings
        found.append(one if around.shelf else replace(one, surroundings=replace(around, shelf=shelf)))
    return found


def _merge_group(
    group: SharingGroup, request: MergeRequest, number: int, listener: Listener | None
) -> MergedGroup:
    """Return the images of one group; offers are numbered from ``number`` on."""
    barred: set[Bits] = set()
    refused: list[Refused] = []
    options = resolve_options(group.members[0].session, preferred={})
    with Resolver(joint_requirements(group), options, Reporter()) as resolver:
        oracle = JointOracle(group, resolver, request.limits.is_late)
        ask = _Remembering(oracle)
        limits = replace(request.limits, steps_taken=lambda: oracle.steps)
        stem = f"{request.folder or _NOWHERE}/shared-"
        offering = _Offering(group, stem, number, SizeBook(resolver), listener)
        affinity = _Affinity(group.members)
        while True:
            partition = find_partition(group.items, ask, limits=limits, barred=barred, affinity=affinity)
            offers, against = offering.make(partition)
            refused += [one for one, _ in against]
            barred |= {bits for _, bits in against}
            if not against or len(refused) >= _MOST_REFUSED:
                break
            if partition.ended == "nodes":  # what was too much stays so: all rounds together take twice one
                limits = replace(limits, nodes=limits.nodes // 2)
        offers, lost = offering.named(offers)
    refused += lost
    unmerged = [name for one in (*(one for one, _ in against), *lost) for name in one.members]
    names = [member.name for member in group.members]
    alone = [names[one[0]] for one in partition.classes if len(one) == 1]
    return MergedGroup(
        members=tuple(names),
        targets=tuple(target.subdir for target in group.members[0].session.targets),
        channels=tuple(channel.name for channel in group.members[0].session.channels),
        offers=offers,
        alone=tuple(sorted([*alone, *unmerged])),
        failing=tuple(names[n] for n in partition.failing),
        refused=tuple(refused),
        lower=partition.lower,
        clash=tuple(names[n] for n in partition.clique),
        conflicts=tuple(group.texts(core) for core in partition.cores),
        questions=ask.questions,
        solves=oracle.solves,
        ended=partition.ended,
    )


class _Offering:
    """Makes the offers of partitions, none of them twice."""

    def __init__(
        self, group: SharingGroup, stem: str, number: int, book: SizeBook, listener: Listener | None
    ) -> None:
        """``stem`` and a number, from ``number`` on, make the path of a merged environment."""
        self._group, self._stem, self._number = group, stem, number
        self._book, self._listener = book, listener
        self._made: dict[tuple[int, ...], MergeOffer | Refused] = {}

    def make(self, partition: Partition) -> tuple[tuple[MergeOffer, ...], list[tuple[Refused, Bits]]]:
        """Return what is offered of a partition's classes, and what isn't, with the needs that this bars."""
        offers: list[MergeOffer] = []
        against: list[tuple[Refused, Bits]] = []
        for one in partition.classes:
            if len(one) == 1:
                continue
            if one not in self._made:
                self._made[one] = self._make(one, len(offers))
            made = self._made[one]
            if isinstance(made, MergeOffer):
                offers.append(made)
                continue
            bits: Bits = 0
            for place in one:
                bits |= self._group.items[place]
            against.append((made, bits))
        return tuple(offers), against

    def named(self, offers: Sequence[MergeOffer]) -> tuple[tuple[MergeOffer, ...], list[Refused]]:
        """Return the offers that are made in the end, numbered in their order, as lockfiles name their files.

        One that was made under another number is made again; a source may fail by then, so it may be refused.
        """
        places = {id(made): one for one, made in self._made.items()}
        found: list[MergeOffer] = []
        lost: list[Refused] = []
        for offer in offers:
            is_named = offer.lock_path == f"{self._stem_of(len(found))}.conda-lock.yml"
            made = offer if is_named else self._make(places[id(offer)], len(found))
            if isinstance(made, MergeOffer):
                found.append(made)
            else:
                lost.append(made)
        return tuple(found), lost

    def _make(self, places: tuple[int, ...], number: int) -> MergeOffer | Refused:
        return make_offer(self._group, places, self._stem_of(number), self._book, self._listener)

    def _stem_of(self, number: int) -> str:
        return f"{self._stem}{self._number + number}"


class _Remembering:
    """An oracle that remembers: a partition that is sought again asks for nothing anew."""

    def __init__(self, oracle: JointOracle) -> None:
        self._oracle = oracle
        self._known: dict[Bits, Answered] = {}
        self.questions = 0

    def ask(self, lines: Bits) -> Answered:
        """Return whether lines hold together."""
        if lines not in self._known:
            self.questions += 1
            self._known[lines] = self._oracle.ask(lines)
        return self._known[lines]


class _Affinity:
    """How much of what two members hold agrees: packages of one version, less those of two."""

    def __init__(self, members: Sequence[FleetMember]) -> None:
        self._held = [_held(member) for member in members]
        self._known: dict[tuple[int, int], int] = {}

    def __call__(self, one: int, other: int) -> int:
        pair = (min(one, other), max(one, other))
        if pair not in self._known:
            first, second = self._held[pair[0]], self._held[pair[1]]
            both = first.keys() & second.keys()
            same = sum(first[key] == second[key] for key in both)
            self._known[pair] = 2 * same - len(both)
        return self._known[pair]


def _held(member: FleetMember) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for resolution in member.resolutions:
        subdir = resolution.target.subdir
        found |= {(subdir, f"conda:{p.record.name}"): p.record.version for p in resolution.conda}
        found |= {(subdir, f"pypi:{p.name}"): p.version for p in resolution.pypi}
    return found


def write_merged(merged: Merged, folder: str) -> tuple[str, ...]:
    """Write the files and lockfiles of all offers into a folder, all or none; return their paths.

    The folder must be there. Raises InputError where one of them is already and says something else, so
    that no file of the fleet is written over, and OutputError where one can't be written.
    """
    from lockfiles.files import exists, read_bytes, write_together

    texts: dict[str, str] = {}
    for offer in merged.offers:
        texts |= {**offer.file.texts, offer.lock_path: offer.lock_text}
    for path, text in texts.items():
        if exists(path) and read_bytes(path) != text.encode("utf-8"):
            hint = f"Choose a folder other than `{folder}`, or remove the file."
            raise InputError("exists, and isn't written over", Origin(file=path), hint)
    write_together(texts)
    return tuple(texts)
