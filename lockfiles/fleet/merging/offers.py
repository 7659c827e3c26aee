"""A merge that is offered: solved as `lock` would, over what its members hold, and held against them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from lockfiles.difference import Change, ChangeKind, diff_resolutions
from lockfiles.fleet.merging.groups import SharingGroup
from lockfiles.fleet.merging.members import FleetMember, one_line_of
from lockfiles.fleet.merging.merged_file import MergedFile, merged_file
from lockfiles.fleet.merging.sizes import SizeBook, Sizes
from lockfiles.fleet.merging.verdicts import Bits
from lockfiles.listener import Listener
from lockfiles.locking import make_lock
from lockfiles.solving import solve
from lockfiles.update import preferred_pins
from resolver.errors import LockstackError
from resolver.model.findings import Finding, Severity
from resolver.model.resolution import Resolution


class Moves(msgspec.Struct, frozen=True, kw_only=True):
    """What changes for one member: packages that it has and that move or go, and how many come in."""

    name: str
    changes: tuple[Change, ...]
    added: int
    has_lockfile: bool  #: False: beside what it locks to today


class MergeOffer(msgspec.Struct, frozen=True, kw_only=True):
    """Members that can share one image, the file and lockfile for it, and what it is for each of them."""

    members: tuple[str, ...]
    file: MergedFile
    lock_path: str
    lock_text: str
    resolutions: tuple[Resolution, ...]
    moves: tuple[Moves, ...]
    sizes: Sizes
    findings: tuple[Finding, ...]  #: of `lock check`, that no member has by itself: notes

    @property
    def saved_builds(self) -> int:
        """Images that need not be built."""
        return len(self.members) - 1


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A merge that isn't offered, and why."""

    members: tuple[str, ...]
    reason: str


def make_offer(
    group: SharingGroup, places: Sequence[int], stem: str, book: SizeBook, listener: Listener | None = None
) -> MergeOffer | Refused:
    """Return a merge of members of a group (by place), or why it isn't offered.

    1. Their lines as one file, which is read back.
    2. Solved as `lock` solves it over an earlier lockfile: the pins that most members have are
       kept where they can be.
    3. `lock check`: an error or warning that no member has by itself is a reason not to offer it.
    """
    members = [group.members[n] for n in places]
    names = tuple(member.name for member in members)
    bits: Bits = 0
    for n in places:
        bits |= group.items[n]
    try:
        file = merged_file(members[0], group.lines(bits), group.variables(bits), stem)
        resolutions = solve(
            file.session, listener, preferred=_pins(members), seeks_fixes=False, seeks_updates=False
        )
    except LockstackError as error:
        return Refused(members=names, reason=one_line_of(error))
    findings = tuple(_new_findings(resolutions, members))
    worst = min(findings, key=lambda one: one.severity.rank, default=None)
    if worst is not None and worst.severity is not Severity.NOTE:
        return Refused(members=names, reason=f"`lock check` finds {worst.rule}: {worst.message}")
    return _offer(members, file, resolutions, findings, stem, book)


def _offer(
    members: Sequence[FleetMember],
    file: MergedFile,
    resolutions: tuple[Resolution, ...],
    findings: tuple[Finding, ...],
    stem: str,
    book: SizeBook,
) -> MergeOffer:
    from pathlib import Path

    from lockfiles.formats.conda_lock.text import format_conda_lock

    place = f"{stem}.conda-lock.yml"
    return MergeOffer(
        members=tuple(member.name for member in members),
        file=file,
        lock_path=place,
        lock_text=format_conda_lock(make_lock(file.session, resolutions, Path(place))),
        resolutions=resolutions,
        moves=tuple(_moves(member, resolutions) for member in members),
        sizes=book.compare([one for member in members for one in member.resolutions], resolutions),
        findings=findings,
    )


def _pins(members: Sequence[FleetMember]) -> dict[str, Mapping[str, str]]:
    """Return the pins that most members have; of equally many that of the first."""
    counts: dict[str, dict[str, Counter[str]]] = {}
    for member in members:
        for subdir, pins in preferred_pins(member.resolutions).items():
            for key, identity in pins.items():
                counts.setdefault(subdir, {}).setdefault(key, Counter())[identity] += 1
    return {
        subdir: {key: found.most_common(1)[0][0] for key, found in sorted(by_key.items())}
        for subdir, by_key in counts.items()
    }


def _moves(member: FleetMember, resolutions: Sequence[Resolution]) -> Moves:
    changes = diff_resolutions(member.resolutions, resolutions).changes
    return Moves(
        name=member.name,
        changes=tuple(change for change in changes if change.kind is not ChangeKind.ADDED),
        added=sum(change.kind is ChangeKind.ADDED for change in changes),
        has_lockfile=member.has_lockfile,
    )


# -- what `lock check` says ---------------------------------------------------------------------------


def _new_findings(resolutions: Sequence[Resolution], members: Sequence[FleetMember]) -> Iterator[Finding]:
    """Yield what `lock check` finds in the merged environment and in no member's own.

    The same rule about some of the same packages is the same finding: versions in its words may differ.
    """
    from lockfiles.rules import silenced_rules

    silenced = silenced_rules(members[0].request)
    known: dict[str, list[frozenset[str]]] = {}
    for member in members:
        for found in _findings(member, member.resolutions, silenced):
            known.setdefault(found.rule, []).append(frozenset(found.packages))
    for found in _findings(members[0], resolutions, silenced):
        packages = frozenset(found.packages)
        if not any(packages & other or not (packages or other) for other in known.get(found.rule, ())):
            yield found


def _findings(
    member: FleetMember, resolutions: Sequence[Resolution], silenced: Mapping[str, str]
) -> Iterator[Finding]:
    from lockfiles.machine import describe_request
    from resolver.checks.context import CheckContext
    from resolver.checks.registry import run_checks

    machine = describe_request(member.request.machine, member.session.requirements.image)
    today = member.request.surroundings.today()
    for resolution in resolutions:
        context = CheckContext(resolution=resolution, machine=machine, today=today)
        yield from run_checks(context, silence=silenced).findings
