"""What the page of a fleet holds, as plain values: every text once, references as numbers.

A thousand environments of three hundred packages are some ten thousand builds: each stands once in
``packages``, and an environment's packages are numbers (:func:`steps_of`). Environments that hold the
same share one list.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from lockfiles.fleet.page.states import LockfileState

#: Version of the values that the page's script reads.
SCHEMA_VERSION = 1


class PagePackage(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One build: its name by number, and by number the names that it needs."""

    name: int
    version: str
    build: str
    source: int
    size: int | None  #: bytes; None: unknown
    needs: tuple[int, ...] = ()


class PageName(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A package's name in one of both ecosystems."""

    name: str
    ecosystem: str  #: ``conda`` or ``pypi``


class PageTarget(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One platform of an environment. ``held`` is a number of ``lists``; None: this page doesn't say."""

    platform: str
    python: str | None = None
    count: int = 0  #: packages
    size: int = 0  #: bytes of the archives whose sizes are known
    unknown: int = 0  #: archives of unknown size
    held: int | None = None
    asked: tuple[int, ...] = ()  #: packages that a line asks for
    unproven: tuple[str, ...] = ()


class PageEnvironment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file of the fleet; ``causes`` are numbers of the page's."""

    file: str
    code: int
    outcome: str
    state: LockfileState
    seconds: float  #: rounded to a thousandth
    output: str | None = None
    reasons: tuple[str, ...] = ()  #: why the lockfile isn't fresh
    changes: int | None = None
    targets: tuple[PageTarget, ...] = ()
    causes: tuple[int, ...] = ()
    same_as: str | None = None
    attempts: int = 1
    settings: tuple[str, ...] = ()  #: settings files that hold for it


class PageLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of a conflict, with its place in the first file that fails for it."""

    text: str
    file: str | None = None
    line: int | None = None


class PageCause(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why environments fail, said once. ``message`` is what the first of them says of it."""

    kind: str
    text: str
    message: str
    environments: tuple[int, ...]
    lines: tuple[PageLine, ...] = ()
    hint: str | None = None
    is_apart: bool = False  #: nothing meets any of the lines, each by itself


class PageMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that a rule says, and the environments of which it says it."""

    text: str
    environments: tuple[int, ...]
    fix: str | None = None
    evidence: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()


class PageFinding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rule that speaks, with the severity that it has there."""

    rule: str
    severity: str
    messages: tuple[PageMessage, ...]
    line: str = ""  #: what the rule is about, in one sentence


class PageImage(msgspec.Struct, frozen=True, kw_only=True):
    """An identifier of an image, and the environments that have it."""

    kind: str
    value: str
    certainty: str
    environments: tuple[int, ...]


class PageNotice(msgspec.Struct, frozen=True, kw_only=True):
    """What was chosen for the user in some environments."""

    code: str
    severity: str
    text: str
    environments: tuple[int, ...]


class PageMove(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a merge changes for one member; ``changes`` in words."""

    name: str
    changes: tuple[str, ...] = ()
    added: int = 0
    has_lockfile: bool = True


class PageOffer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Environments that can share one image. Sizes in bytes; ``unknown``: archives of unknown size."""

    members: tuple[str, ...]
    moves: tuple[PageMove, ...]
    builds: int  #: images that need not be built
    before: int
    after: int
    unknown: int = 0
    findings: tuple[str, ...] = ()


class PageGroup(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Environments that may share images: what is offered, what stays, and what is proven."""

    members: tuple[str, ...]
    targets: tuple[str, ...]  #: what they have in common: platforms, then channels
    images: int
    lower: int
    offers: tuple[PageOffer, ...] = ()
    alone: tuple[str, ...] = ()
    refused: tuple[tuple[tuple[str, ...], str], ...] = ()
    conflicts: tuple[tuple[str, ...], ...] = ()  #: minimal sets of lines that can't hold together
    clash: tuple[str, ...] = ()  #: each of them clashes with each other one: they need as many images
    ended: str | None = None  #: the budget that ended the search


class PageMerges(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fewest images that serve the fleet, and what is proven of that."""

    environments: int
    images: int
    lower: int
    groups: tuple[PageGroup, ...]
    apart: tuple[tuple[str, str], ...] = ()  #: name and reason
    failed: tuple[tuple[str, str], ...] = ()


class FleetPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything of one page. ``lists`` are packages as steps (:func:`steps_of`)."""

    title: str
    work: tuple[str, ...]
    version: str  #: of lockstack
    date: str | None = None  #: of the run, UTC
    is_dry: bool = False  #: nothing was written
    environments: tuple[PageEnvironment, ...] = ()
    causes: tuple[PageCause, ...] = ()
    findings: tuple[PageFinding, ...] = ()
    images: tuple[PageImage, ...] = ()
    notices: tuple[PageNotice, ...] = ()
    names: tuple[PageName, ...] = ()
    sources: tuple[str, ...] = ()
    packages: tuple[PagePackage, ...] = ()  #: by name, the newest version first
    lists: tuple[tuple[int, ...], ...] = ()
    merges: PageMerges | None = None
    remarks: tuple[str, ...] = ()
    schema_version: int = msgspec.field(default=SCHEMA_VERSION)


def steps_of(numbers: Iterable[int]) -> tuple[int, ...]:
    """Return distinct numbers as the lowest one and the step from each to the next: short ones.

    >>> steps_of([7, 3, 8])
    (3, 4, 1)
    """
    ordered = sorted(set(numbers))
    return tuple(number - before for before, number in zip([0, *ordered], ordered, strict=False))
