"""Candidates of conda packages that universes share.

They don't depend on what the lines ask for, but for lines that name a channel. So the many questions behind
one failed search (which lines clash, what would help) order a package's records once.

::

    DomainShelf    of one run: by the subdirs that it has opened, and rules
    ProcessShelf   of a process that does one run after the other: by the subdirs' states, and rules

The runs of a process open their own subdirs; where the states are as before, what an earlier run has read is
taken, and the subdir told of it, so that it knows what the run looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from typing import NamedTuple, Protocol

from resolver.constraints.conda_domain import CondaDomain, LeftOut
from resolver.constraints.record_source import Source
from resolver.model.channels import Channel
from resolver.model.records import CondaRecord

#: Lists of channels and rules that are kept at once, for changes of settings among them.
MOST_KEPT = 4
#: Of all that a process keeps for its next runs: some 2 KB each.
MOST_RECORDS = 200_000


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

    def adopt(self, name: str, records: Sequence[CondaRecord], faulty: Sequence[CondaRecord]) -> None:
        """Take what an earlier opening of the same state gave for a name, as if it had been asked for."""
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
    seen: tuple[SubdirLook, ...] = ()  #: what was read for them


class SubdirLook(NamedTuple):
    """What a subdir gave for a name, by its place among the subdirs."""

    place: int
    records: Sequence[CondaRecord]
    faulty: Sequence[CondaRecord]


class KeptDomains:
    """Candidates under one list of channels and one set of rules, by name."""

    def __init__(
        self, subdirs: Sequence[SubdirRecords], process: dict[KeptKey, NameCandidates] | None = None
    ) -> None:
        """``process``: what earlier runs have read of the same states; it takes what this one reads."""
        ranks: dict[str, int] = {}
        for subdir in subdirs:
            ranks.setdefault(subdir.channel.name, len(ranks))
        self.subdirs = [
            (Source(channel=s.channel, subdir=s.subdir, rank=ranks[s.channel.name], opened=s), s)
            for s in subdirs
        ]
        self._known: dict[KeptKey, NameCandidates] = {}
        self._process = process

    def get(self, key: KeptKey) -> NameCandidates | None:
        """Return what is known of a name; the subdirs hear of it as if they had been asked."""
        found = self._known.get(key)
        if found is None and self._process is not None and (found := self._process.get(key)) is not None:
            self._known[key] = found
            for place, records, faulty in found.seen:
                self.subdirs[place][1].adopt(key.name, records, faulty)
        return found

    def put(self, key: KeptKey, found: NameCandidates) -> NameCandidates:
        """Keep what was read of a name."""
        self._known[key] = found
        if self._process is not None:
            self._process[key] = found
        return found

    def holds(self, key: KeptKey) -> bool:
        """Tell whether something is known of a name."""
        return key in self._known or (self._process is not None and key in self._process)


class DomainShelf:
    """What the universes of one run share, by channels and rules; those used last stay."""

    def __init__(self, process: ProcessShelf | None = None) -> None:
        self._shelf: dict[Hashable, KeptDomains] = {}
        self._process = process

    def under(
        self, subdirs: Sequence[SubdirRecords], rules: Hashable, *, of_process: bool = True
    ) -> KeptDomains:
        """Return the candidates of some subdirs under some rules, so far as they are known.

        ``of_process`` False: what earlier runs have read takes no part.
        """
        key = (tuple(subdirs), rules)
        found = self._shelf.pop(key, None)
        if found is None:
            shared = self._process if of_process else None
            process = shared.under(subdirs, rules) if shared is not None else None
            found = KeptDomains(subdirs, process)
        self._shelf[key] = found
        if len(self._shelf) > MOST_KEPT:
            del self._shelf[next(iter(self._shelf))]
        return found


class ProcessShelf:
    """What the runs of one process share, one after the other, by states of subdirs and rules."""

    def __init__(self, most_records: int = MOST_RECORDS) -> None:
        """``most_records``: where more are held, all go before the next run."""
        self._most = most_records
        self._shelf: dict[Hashable, dict[KeptKey, NameCandidates]] = {}

    def begin(self) -> None:
        """Let all go where that is much: a run begins."""
        held = sum(len(one.domain) for known in self._shelf.values() for one in known.values())
        if held > self._most:
            self._shelf.clear()

    def under(
        self, subdirs: Sequence[SubdirRecords], rules: Hashable
    ) -> dict[KeptKey, NameCandidates] | None:
        """Return what is known under these states and rules; None where a state can't be told."""
        states = []
        for one in subdirs:
            state = getattr(one, "whole_state", None)
            if state is None:
                return None
            states.append((one.channel, one.subdir, state))
        key = (tuple(states), rules)
        found = self._shelf.pop(key, None)
        self._shelf[key] = found = {} if found is None else found
        if len(self._shelf) > MOST_KEPT:
            del self._shelf[next(iter(self._shelf))]
        return found
