"""Candidates of conda packages that universes share.

They don't depend on what the lines ask for, but for lines that name a channel. So the many questions behind
one failed search (which lines clash, what would help) order a package's records once.

::

    DomainShelf    of one run: by the subdirs that it has opened, and rules
    ProcessShelf   of a process that does one run after the other: by the subdirs' states, and rules;
                   records by a subdir's state alone

On both, lists share the candidates of a name that one channel gives alone (:class:`OneChannel`).

The runs of a process open their own subdirs; where the states are as before, what an earlier run has read is
taken, and the subdir told of it, so that it knows what the run looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakValueDictionary

from resolver.constraints.conda_domain import CondaDomain, LeftOut
from resolver.constraints.record_source import Source
from resolver.model.channels import Channel
from resolver.model.records import CondaRecord

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from resolver.model.named_tuples import NamedTuple

#: Lists of channels and rules that a run keeps at once, for changes of settings among them.
MOST_KEPT = 4
#: Records that a process keeps for its next runs, some 2 KB each, and candidates that they are, 0.2 KB each.
MOST_RECORDS, MOST_CANDIDATES = 100_000, 500_000
#: Entries of lockfiles that a process keeps, some 3 KB each.
MOST_DRAFTS = 5000
#: Facts about machines that are kept, some 2 KB each: lines and dependencies can name any number of them.
MOST_FACTS = 1000
#: Lists of channels and rules that a process keeps: files of a fleet name many.
MOST_LISTS = 16


class FoundRecord(Protocol):
    """One record, as a subdir gives it."""

    @property
    def has_name(self) -> bool:
        """Whether the subdir has anything of the name."""
        ...

    @property
    def record(self) -> CondaRecord | None:
        """The record; None: it isn't there."""
        ...


class SubdirRecords(Protocol):
    """One subdir of one channel, as the sources give it."""

    are_kept: bool  #: whether records may be kept longer than this opening

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

    def find(self, name: str, file_name: str) -> FoundRecord | None:
        """Return one usable record, and whether the name has any; None: :meth:`records` must be asked."""
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
    own: tuple[frozenset[str], bool] | None = None  #: channels that lines name; are lines asked without?
    stands_alone: bool = False  #: the pin, where it is there, is the only candidate

    @property
    def is_plain(self) -> bool:
        """Whether nothing but its name tells the candidates apart."""
        return self == KeptKey(self.name, None, is_lowest=False)


class OneChannel(NamedTuple):
    """What tells candidates of a name apart that one channel gives, whatever channels stand beside it."""

    name: str
    pin: str | None
    is_lowest: bool
    dates: Hashable  #: the limit in time, and what is exempt from it
    subdirs: tuple[object, ...]  #: those that give some, as :attr:`KeptDomains.places` has them


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


class MachineFacts:
    """Facts about machines as candidates: virtual packages, and an interpreter that no conda package gives.

    What others say of such a fact (nearly every build of its time asks for the same ``__glibc``) is read once
    for all universes that share it.
    """

    def __init__(self) -> None:
        self._sources: dict[str, Source] = {}
        self._known: dict[tuple[str, ...], CondaDomain] = {}

    def source(self, subdir: str) -> Source:
        """Return where facts about machines of a platform come from: no channel."""
        found = self._sources.get(subdir)
        if found is None:
            channel = Channel(name="@", base_url="")
            found = self._sources[subdir] = Source(channel=channel, subdir=subdir, rank=0)
        return found

    def there(self, subdir: str, name: str, version: str, build: str) -> CondaDomain:
        """Return the one candidate of a fact that holds on a platform."""
        found = self._known.get((subdir, name, version, build))
        if found is None:
            record = CondaRecord(name=name, version=version, build=build, build_number=0, file_name=name)
            domain = CondaDomain(name, ((record, self.source(subdir)),))
            found = self._put((subdir, name, version, build), domain)
        return found

    def lacking(self, name: str) -> CondaDomain:
        """Return no candidates: a virtual package that the target has not."""
        found = self._known.get((name,))
        return self._put((name,), CondaDomain(name, ())) if found is None else found

    def _put(self, key: tuple[str, ...], domain: CondaDomain) -> CondaDomain:
        if len(self._known) >= MOST_FACTS:
            self._known.clear()
        self._known[key] = domain
        return domain


class KeptNames:
    """What a process keeps of names under one list of channels' states and one set of rules."""

    def __init__(self) -> None:
        self.known: dict[KeptKey, NameCandidates] = {}
        self.by_name: dict[str, NameCandidates] = {}  #: those that nothing but their name tells apart
        self.held = 0  #: candidates of all

    def put(self, key: KeptKey, found: NameCandidates) -> None:
        """Keep what was read of a name."""
        self.known[key] = found
        if key.is_plain:
            self.by_name[key.name] = found
        self.held += len(found.domain)


class KeptRecords:
    """What a process keeps of one subdir in one state, by name: the usable records, and the others."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[Sequence[CondaRecord], Sequence[CondaRecord]]] = {}
        self.held = 0  #: records of all

    def look(self, subdir: SubdirRecords, name: str) -> tuple[Sequence[CondaRecord], Sequence[CondaRecord]]:
        """Return what the subdir has of a name; it hears of it as if it had been asked."""
        found = self.known.get(name)
        if found is None:
            found = self.known[name] = subdir.records(name), subdir.faulty(name)
            self.held += len(found[0]) + len(found[1])
        else:
            subdir.adopt(name, *found)
        return found


class KeptDomains:
    """Candidates under one list of channels and one set of rules, by name."""

    def __init__(
        self,
        subdirs: Sequence[SubdirRecords],
        process: KeptNames | None = None,
        records: Sequence[KeptRecords] | None = None,
        facts: MachineFacts | None = None,
        shared: WeakValueDictionary[OneChannel, CondaDomain] | None = None,
    ) -> None:
        """``process``: what earlier runs have read of the same states; it takes what this one reads.

        ``records``: the same of each subdir's records, whatever the rules. ``facts``, ``shared``: of all
        lists.
        """
        self._records = records
        #: by place among the subdirs: what stands for its state, in this list or in all that share
        self.places: Sequence[object] = range(len(subdirs))
        if shared is not None:
            self.places = subdirs if records is None else records
        self.shared = shared if shared is not None else WeakValueDictionary()
        self.facts = facts if facts is not None else MachineFacts()
        ranks: dict[str, int] = {}
        for subdir in subdirs:
            ranks.setdefault(subdir.channel.name, len(ranks))
        self.subdirs = [
            (Source(channel=s.channel, subdir=s.subdir, rank=ranks[s.channel.name], opened=s), s)
            for s in subdirs
        ]
        self._known: dict[KeptKey, NameCandidates] = {}
        self._by_name: dict[str, NameCandidates] = {}  # those that nothing but their name tells apart
        self._process = process

    def get(self, key: KeptKey) -> NameCandidates | None:
        """Return what is known of a name; the subdirs hear of it as if they had been asked."""
        found = self._known.get(key)
        if (
            found is None
            and self._process is not None
            and (found := self._process.known.get(key)) is not None
        ):
            self._known[key] = found
            self._adopt(key.name, found)
        return found

    def plain(self, name: str) -> NameCandidates | None:
        """Return the same of a name that nothing else tells apart: what is found takes no key."""
        found = self._by_name.get(name)
        if found is None and self._process is not None:
            found = self._process.by_name.get(name)
            if found is not None:
                self._by_name[name] = found
                self._adopt(name, found)
        return found

    def _adopt(self, name: str, found: NameCandidates) -> None:
        for place, records, faulty in found.seen:
            self.subdirs[place][1].adopt(name, records, faulty)

    def look(self, place: int, name: str) -> SubdirLook:
        """Return what the subdir at a place has of a name; raises SourceError."""
        subdir = self.subdirs[place][1]
        if self._records is None:
            return SubdirLook(place, subdir.records(name), subdir.faulty(name))
        return SubdirLook(place, *self._records[place].look(subdir, name))

    def put(self, key: KeptKey, found: NameCandidates) -> NameCandidates:
        """Keep what was read of a name."""
        self._known[key] = found
        if key.is_plain:
            self._by_name[key.name] = found
        if self._process is not None and not key.stands_alone:  # of which the subdirs would not hear
            self._process.put(key, found)
        return found

    def holds(self, key: KeptKey) -> bool:
        """Tell whether something is known of a name."""
        return key in self._known or (self._process is not None and key in self._process.known)


class NoarchShelf:
    """What the targets of one run share: records of noarch, and the candidates that come from there alone.

    What these say of each other goes with them. Each target opens its subdirs, which hear of what is taken.
    """

    def __init__(self) -> None:
        self._records: dict[Hashable, KeptRecords] = {}
        self.domains: dict[OneChannel, CondaDomain] = {}  #: held here: who shares them does so weakly

    def records(self, subdirs: Sequence[SubdirRecords]) -> list[KeptRecords] | None:
        """Return what is known of the records of subdirs; None where the state of one can't be told."""
        states = states_of(subdirs)
        if states is None:
            return None
        return [
            self._records.setdefault(state, KeptRecords()) if one.subdir == "noarch" else KeptRecords()
            for one, state in zip(subdirs, states, strict=True)
        ]

    def take(self, found: Mapping[OneChannel, CondaDomain]) -> None:
        """Take what a target has found."""
        ours = {id(records) for records in self._records.values()}
        for key, domain in found.items():
            if all(id(place) in ours for place in key.subdirs):
                self.domains[key] = domain


class DomainShelf:
    """What the universes of one run share, by channels and rules; those used last stay."""

    def __init__(
        self,
        process: ProcessShelf | None = None,
        noarch: NoarchShelf | None = None,
    ) -> None:
        """``process``: what earlier runs have read; ``noarch``: if there is none, what earlier targets."""
        self._shelf: dict[Hashable, KeptDomains] = {}
        self._process = process
        self._facts = process.facts if process is not None else MachineFacts()
        self._shared: WeakValueDictionary[OneChannel, CondaDomain] = (
            process.shared if process is not None else WeakValueDictionary()
        )
        self._noarch = noarch if process is None else None
        if self._noarch is not None:
            self._shared.update(self._noarch.domains)

    def close(self) -> None:
        """Leave what another target may take."""
        if self._noarch is not None:
            self._noarch.take(self._shared)

    def under(
        self, subdirs: Sequence[SubdirRecords], rules: Hashable, *, of_process: bool = True
    ) -> KeptDomains:
        """Return the candidates of some subdirs under some rules, so far as they are known.

        ``of_process`` False: what earlier runs made of the records takes no part.
        """
        key = (tuple(subdirs), rules)
        found = self._shelf.pop(key, None)
        if found is None:
            states = states_of(subdirs) if self._process is not None else None
            for subdir in subdirs if states is not None else ():
                subdir.are_kept = True
            if self._process is None or states is None:
                records = self._noarch.records(subdirs) if self._noarch is not None else None
                found = KeptDomains(subdirs, None, records, self._facts, self._shared)
            else:
                names = self._process.under(states, rules) if of_process else None
                records = [self._process.records(state) for state in states]
                found = KeptDomains(subdirs, names, records, self._facts, self._shared)
        self._shelf[key] = found
        if len(self._shelf) > MOST_KEPT:
            del self._shelf[next(iter(self._shelf))]
        return found


def states_of(subdirs: Sequence[SubdirRecords]) -> tuple[Hashable, ...] | None:
    """Return what tells the states of subdirs from all others; None where that of one can't be told."""
    states = [(one.channel, one.subdir, getattr(one, "whole_state", None)) for one in subdirs]
    return None if any(state is None for _, _, state in states) else tuple(states)


class ProcessShelf:
    """What the runs of one process share, one after the other, by states of subdirs and rules."""

    def __init__(self, most_records: int = MOST_RECORDS, most_candidates: int = MOST_CANDIDATES) -> None:
        """``most_records``: where more are held, all go before the next run.

        ``most_candidates``: where more are held, the lists of channels used longest ago go.
        """
        self._most_records, self._most_candidates = most_records, most_candidates
        self._shelf: dict[Hashable, KeptNames] = {}
        self._records: dict[Hashable, KeptRecords] = {}
        self.facts = MachineFacts()
        self.shared: WeakValueDictionary[OneChannel, CondaDomain] = WeakValueDictionary()
        #: what lockfiles say of records, for who writes them
        self.drafts: dict[Hashable, Any] = {}

    def begin(self) -> None:
        """Let go of what is too much: a run begins."""
        if len(self.drafts) > MOST_DRAFTS:
            self.drafts.clear()
        if sum(one.held for one in self._records.values()) > self._most_records:
            self._records.clear()
            self._shelf.clear()
        held = sum(known.held for known in self._shelf.values())
        while held > self._most_candidates:
            held -= self._shelf.pop(next(iter(self._shelf))).held

    def records(self, state: Hashable) -> KeptRecords:
        """Return what is known of the records of a subdir in one of :func:`states_of`."""
        return self._records.setdefault(state, KeptRecords())

    def under(self, states: tuple[Hashable, ...], rules: Hashable) -> KeptNames:
        """Return what is known under these states and rules."""
        key = (states, rules)
        found = self._shelf.pop(key, None)
        self._shelf[key] = found = KeptNames() if found is None else found
        if len(self._shelf) > MOST_LISTS:
            del self._shelf[next(iter(self._shelf))]
        return found
