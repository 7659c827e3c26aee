"""Candidates of conda packages that universes share.

They don't depend on what the lines ask for, but for lines that name a channel. So the many questions behind
one failed search (which lines clash, what would help) order a package's records once.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from typing import NamedTuple, Protocol

from resolver.constraints.conda_domain import CondaDomain, LeftOut
from resolver.constraints.record_source import Source
from resolver.model.channels import Channel
from resolver.model.records import CondaRecord

#: Lists of channels and rules of one run that are kept at once, for changes of settings among them.
MOST_KEPT = 4


class SubdirRecords(Protocol):
    """One subdir of one channel, as the sources give it."""

    @property
    def channel(self) -> Channel:
        """The channel it belongs to."""
        ...

    @property
    def subdir(self) -> str:
        """The subdir's name."""
        ...

    def records(self, name: str) -> Sequence[CondaRecord]:
        """Return all records of that name, best first (:func:`resolver.metadata.record_index.order_key`)."""
        ...

    def faulty(self, name: str) -> Sequence[CondaRecord]:
        """Return those of that name that can't be used, once its records were asked for."""
        ...

    def names(self) -> Collection[str]:
        """Return the name of every package that has records here."""
        ...

    def prefetch(self, names: Sequence[str]) -> None:
        """Begin to fetch records that are likely to be asked for."""
        ...

    def url_of(self, record: CondaRecord) -> str:
        """Return a package's address, without credentials."""
        ...


class KeptKey(NamedTuple):
    """What tells candidates of one name apart under the same channels and rules."""

    name: str
    pin: str | None  #: file name
    is_lowest: bool


class NameCandidates(NamedTuple):
    """The candidates of one name, and what reading them found."""

    domain: CondaDomain
    left_out: Sequence[LeftOut]
    first_rank: int | None  #: of the first channel that has the name; None: none has


class KeptDomains:
    """Candidates under one list of channels and one set of rules, by name."""

    def __init__(self, subdirs: Sequence[SubdirRecords]) -> None:
        ranks: dict[str, int] = {}
        for subdir in subdirs:
            ranks.setdefault(subdir.channel.name, len(ranks))
        self.subdirs = [
            (Source(channel=s.channel, subdir=s.subdir, rank=ranks[s.channel.name], opened=s), s)
            for s in subdirs
        ]
        self.known: dict[KeptKey, NameCandidates] = {}


class DomainShelf:
    """What the universes of one run share, by channels and rules; those used last stay."""

    def __init__(self) -> None:
        self._shelf: dict[Hashable, KeptDomains] = {}

    def under(self, subdirs: Sequence[SubdirRecords], rules: Hashable) -> KeptDomains:
        """Return the candidates of some subdirs under some rules, so far as they are known."""
        key = (tuple(subdirs), rules)
        found = self._shelf.pop(key, None) or KeptDomains(subdirs)
        self._shelf[key] = found
        if len(self._shelf) > MOST_KEPT:
            del self._shelf[next(iter(self._shelf))]
        return found
