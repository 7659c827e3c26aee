"""The conda half of the universe: which records are candidates, and what they require."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from resolver.constraints.bits import bits_of
from resolver.constraints.candidate_columns import Listed
from resolver.constraints.conda_domain import CondaDomain, LeftOut, RecordFault
from resolver.constraints.cuda_builds import CudaBuilds, CudaRanks, ranks_by, telling_texts
from resolver.constraints.kept_domains import (
    KeptDomains,
    KeptKey,
    NameCandidates,
    OneChannel,
    SubdirLook,
    SubdirRecords,
)
from resolver.constraints.record_source import Source
from resolver.constraints.version_order import VersionOrder
from resolver.constraints.weakly import weakly
from resolver.errors import SourceError
from resolver.model.channels import Channel, ChannelPriority
from resolver.model.exemptions import Exemptions
from resolver.model.match_spec import MatchSpec, same_channel
from resolver.model.records import CondaRecord
from resolver.model.requirements import CondaRequirement
from resolver.model.target import Target

if TYPE_CHECKING:
    from typing import NamedTuple

    from resolver.constraints.kept_kinds import KeptKinds
else:
    from resolver.model.named_tuples import NamedTuple


class Admitted(NamedTuple):
    """The records of one name that may be candidates, as the subdirs give them, and what was left out.

    ``first``: the rank of the first channel that has the name. ``places``: of the subdirs that give some.
    """

    candidates: Listed
    left_out: Sequence[LeftOut]
    first: int | None
    seen: Sequence[SubdirLook]
    places: Sequence[int]


class CondaSide:
    """Candidates of conda packages under one target and one list of channels.

    ``own_channels`` maps a name to the channel that a requirement of the
    user's names for it: then candidates come from there alone.
    """

    def __init__(
        self,
        subdirs: Sequence[SubdirRecords],
        target: Target,
        *,
        own_channels: Mapping[str, frozenset[str]] | None = None,
        preferred: Mapping[str, str] | None = None,
        wild: frozenset[str] = frozenset(),
        apart: bool = False,
        admit_undated: bool = False,
        exempt: Exemptions | None = None,
        order: VersionOrder | None = None,
        lenient: bool = False,
        kept: KeptDomains | None = None,
        plain: KeptDomains | None = None,
        only_pins: bool = False,
        kinds: KeptKinds | None = None,
    ) -> None:
        """``admit_undated``: a limit in time leaves records without a date in, and ``exempt`` ones.

        ``order``: of which packages the lowest version is the best; None: of none.
        ``wild`` and ``apart`` are for the question "what if?".

        ``wild``: virtual packages taken to be whatever is asked of them.
        ``apart``: a name whose requirement names a channel keeps its other
        candidates too, as that requirement may be left out; :meth:`foreign`
        gives those that only it brings in.
        ``lenient``: a package that can't be read is taken to be whatever is asked of it, but for python.
        ``kept``: what sides with the same subdirs and the same :func:`candidate_rules` have read already.
        ``plain``: the same by rules that rank no builds, for packages whose builds are all of one kind.
        ``only_pins``: of a package whose pin can stay nothing else is a candidate (:mod:`pins_alone`).
        ``kinds``: which packages have builds of one kind, as earlier searches found.
        """
        self.target = target
        self.wild = wild
        self.apart = apart
        self.admit_undated = admit_undated
        self.exempt = exempt or Exemptions()
        self.order = order or VersionOrder()
        self._first_ranks: dict[str, int] = {}
        self._kept = kept if kept is not None else KeptDomains(subdirs)
        self._plain = plain
        self.subdirs = self._kept.subdirs
        #: subdirs whose records may have to be fetched: it is worth telling them early what will be asked for
        self._fetching = [subdir for _, subdir in self.subdirs if getattr(subdir, "fetches", True)]
        self.is_fetching = bool(self._fetching)
        self.own_channels = own_channels or {}
        self.preferred = preferred or {}
        self._virtual = {v.name: v for v in target.virtual_packages}
        self._facts = self._kept.facts
        self._machine = self._facts.source(target.subdir)
        self._domains: dict[str, CondaDomain] = {}
        self._admitted: dict[str, Admitted] = {}  # of names whose candidates nobody has asked for yet
        self.lenient = lenient
        self.left_out: dict[str, Sequence[LeftOut]] = {}
        self._cuda: CudaBuilds | None = None
        if "__cuda" in self._virtual:
            self._cuda = CudaBuilds(weakly(self.domain), weakly(self._said_of), kinds)
        self.only_pins = only_pins
        #: whether a name alone tells its candidates apart from others of the same channels and rules
        self._by_name = not (self.own_channels or self.preferred or only_pins) and self.order.is_highest
        #: with ``only_pins``: names that nothing but a limit has named, so that they weren't read
        self.unread: set[str] = set()
        #: ... and those that are read whole all the same
        self.whole: set[str] = set()

    def is_like(self, other: CondaSide) -> bool:
        """Tell whether all candidates and their order are surely another side's too, whatever came up first.

        What CUDA builds rank above depends on that.
        """
        return (
            self._kept is other._kept
            and self._cuda is None
            and not self.own_channels
            and (self.target, self.wild, self.preferred, self.order, self.lenient)
            == (other.target, other.wild, other.preferred, other.order, other.lenient)
        )

    def domain(self, name: str) -> CondaDomain:
        """Return the candidates of a name (none for an unknown one)."""
        domain = self._domains.get(name)
        if domain is None:
            domain = self._domains[name] = self._build(name)
        return domain

    def loaded(self, name: str) -> CondaDomain | None:
        """Return the candidates of a name that has been asked for before; None: it was not."""
        return self._domains.get(name)

    def needed(self, name: str) -> Collection[str]:
        """Return the name of each package that some candidates of a name depend on, always or perhaps.

        In any order; candidates that nobody has asked for yet aren't put in order for it.
        """
        if name not in self._domains and self._may_read_apart(name):
            admitted = self._admitted.get(name)
            if admitted is None:
                admitted = self._admitted[name] = self._admit(name)
            if admitted.left_out:
                self.left_out[name] = admitted.left_out
            found = admitted.candidates.needed()
            if found is not None:
                return found
        return self.domain(name).needed()

    def _may_read_apart(self, name: str) -> bool:
        """Tell whether reading a name's records leaves everything else as it is: no pins, ranks or facts."""
        if self.only_pins or self.lenient or name.startswith("__"):
            return False
        has_python = name == "python" and self.target.python is not None
        if has_python or self._kept.holds(self._key_of(name)):
            return False
        return self._cuda is None or self._cuda.is_of_one_kind(name) or self._cuda.is_far(name)

    def prefetch(self, names: Iterable[str]) -> None:
        """Begin to fetch records of names that are about to be asked for."""
        if not self.is_fetching:
            return
        known = self._domains
        new = [name for name in names if name not in known and not name.startswith("__")]
        if not new:
            return
        new = [name for name in new if not self._kept.holds(self._key_of(name))]
        if new:
            for subdir in self._fetching:
                subdir.prefetch(new)

    def is_machine(self, source: Source) -> bool:
        """Tell whether a candidate is a fact about the machine, not a package to install."""
        return source is self._machine

    def _build(self, name: str) -> CondaDomain:
        if name.startswith("__"):
            virtual = self._virtual.get(name)
            if name in self.wild:
                return WildDomain(name, self._machine)
            if virtual is None:
                return self._facts.lacking(name)
            return self._facts.there(self.target.subdir, name, virtual.version, virtual.build)
        if name == "python" and self.target.python is not None:
            return self._facts.there(self.target.subdir, name, self.target.python, "")
        found = self._kept.plain(name) if self._by_name else None
        if found is None:
            key = self._key_of(name)
            found = self._kept.get(key)
            if found is None:
                try:
                    found = self._kept.put(key, self._read(key))
                except SourceError:
                    if not self.lenient or name == "python":
                        raise
                    return WildDomain(name, self._machine)
        if found.left_out:
            self.left_out[name] = found.left_out
        if found.first_rank is not None:
            self._first_ranks[name] = found.first_rank
        return found.domain

    def _key_of(self, name: str) -> KeptKey:
        own = self.own_channels.get(name)
        return KeptKey(
            name,
            self.preferred.get(name),
            self.order.is_lowest_conda(name),
            (own, self.apart) if own else None,
            self._stands_alone(name),
        )

    def _stands_alone(self, name: str) -> bool:
        """Tell whether a package's pin is to be its only candidate, if it is there.

        Python's others say what wheels are for, and CUDA builds what is said of a CPU build.
        """
        if not self.only_pins or name == "python" or name in self.whole or name not in self.preferred:
            return False
        return self._cuda is None or self._cuda.is_of_one_kind(name)

    def passes_over(self, name: str) -> bool:
        """Tell whether a package needn't be read: no channel can have it, or nothing has asked for it.

        The latter with ``only_pins``, of one without a pin: a limit on it, or a project that it may ship, has
        come up, and nothing else so far.
        """
        if not self.subdirs:
            return name != "python" and not name.startswith("__")
        if not self.only_pins or name.startswith("__") or name in self.preferred:
            return False
        if name in self.whole or name in self._domains:
            return False
        self.unread.add(name)
        return True

    def _read(self, key: KeptKey) -> NameCandidates:
        """Return what the channels have of a name, in the order that the key asks for."""
        if key.stands_alone and key.pin is not None:
            alone = self._find_alone(key.name, key.pin)
            if alone is not None:
                return alone
        if self._cuda is None or self._cuda.is_of_one_kind(key.name):
            return self._make(key, self._take_admitted(key.name))
        is_far = self._cuda.is_far(key.name)
        found = None if self._plain is None else self._plain.get(key)
        admitted = self._take_admitted(key.name)
        if found is None:
            found = self._make(key, admitted)
            if self._plain is not None:
                self._plain.put(key, found)
        if is_far:
            return found
        texts = found.domain.telling
        if texts is None:
            texts = found.domain.telling = telling_texts(admitted.candidates.depends())
        said = self._cuda.kinds(key.name, texts)
        ranks = ranks_by(said, admitted.candidates) if said else None
        self._cuda.note(key.name, texts, is_one=ranks is None)
        return found if ranks is None else self._make(key, admitted, ranks)

    def _take_admitted(self, name: str) -> Admitted:
        """Return the records of a name that may be candidates, which are about to be put in order."""
        return self._admitted.pop(name) if name in self._admitted else self._admit(name)

    def _said_of(self, name: str) -> tuple[Collection[str], Collection[str]] | None:
        """Return the names that a package's records depend on, and the texts of theirs that name a build.

        Nothing is put in order for it. None where the records can't be read, or pins are to do without them.
        """
        if self.only_pins:
            return None
        if name.startswith("__") or (name == "python" and self.target.python is not None):
            return (), ()
        admitted = self._admitted.get(name)
        if admitted is None:
            try:
                admitted = self._admit(name)
            except SourceError:
                if not self.lenient:
                    raise
                return None
            if admitted.left_out:
                self.left_out[name] = admitted.left_out
            if name not in self._domains:
                self._admitted[name] = admitted
        return admitted.candidates.said()

    def _make(self, key: KeptKey, admitted: Admitted, ranks: CudaRanks | None = None) -> NameCandidates:
        """Return what the channels have of a name by what builds rank above; None: by nothing else."""
        shared = self._one_channel(key, admitted) if ranks is None else None
        domain = None if shared is None else self._kept.shared.get(shared)
        if domain is None:
            domain = CondaDomain(
                key.name,
                admitted.candidates,
                channels_first=self.target.channel_priority is not ChannelPriority.DISABLED,
                preferred=key.pin,
                ranks=ranks.within_versions() if ranks and key.is_lowest else ranks,
                ascending=key.is_lowest,
            )
            if shared is not None:
                self._kept.shared[shared] = domain
        return NameCandidates(domain, admitted.left_out, admitted.first, tuple(admitted.seen))

    def _find_alone(self, name: str, pin: str) -> NameCandidates | None:
        """Return a pin as the only candidate, as :meth:`_admit` finds it; None: all must be read."""
        if name in self.own_channels or self.target.exclude_newer is not None:
            return None
        strict = self.target.channel_priority is ChannelPriority.STRICT
        first: int | None = None
        kept: list[tuple[CondaRecord, Source]] = []
        for source, subdir in self.subdirs:
            if first is not None and strict and source.rank != first:
                continue
            found = subdir.find(name, pin)
            if found is None:
                return None
            if found.has_name and first is None:
                first = source.rank
            if found.record is not None:
                kept.append((found.record, source))
        if len(kept) != 1:
            return None
        channels_first = self.target.channel_priority is not ChannelPriority.DISABLED
        domain = CondaDomain(name, kept, channels_first=channels_first, preferred=pin)
        return NameCandidates(domain, (), first)

    def _one_channel(self, key: KeptKey, admitted: Admitted) -> OneChannel | None:
        """Return what tells candidates of one channel apart; None: several give some, or lines name one."""
        places = admitted.places
        if key.own is not None:
            return None
        if len(places) > 1 and len({self.subdirs[place][0].rank for place in places}) > 1:
            return None
        newest = self.target.exclude_newer
        dates = None if newest is None else (newest, self.admit_undated, self.exempt)
        subdirs = tuple([self._kept.places[place] for place in places])
        return OneChannel(key.name, key.pin, key.is_lowest, dates, subdirs)

    def _admit(self, name: str) -> Admitted:
        """Apply channel priority, named channels and dates; what is left out keeps its reason."""
        own = self.own_channels.get(name)
        if not own and self.target.exclude_newer is None:
            return self._admit_all(name)
        kept = Listed()
        out: list[LeftOut] = []
        seen: list[SubdirLook] = []
        places: list[int] = []
        strict = self.target.channel_priority is ChannelPriority.STRICT
        first: int | None = None
        newest = None if self.target.exclude_newer is None else self.target.exclude_newer * 1000
        for place, (source, _) in enumerate(self.subdirs):
            named = bool(own) and source.channel.name in (own or ())
            if first is not None and strict and source.rank != first and not (named if self.apart else own):
                # Reading it only to leave it out would cost time; explain asks for it by itself.
                continue
            look = self._kept.look(place, name)
            seen.append(look)
            found = look.records
            if look.faulty:
                out += [LeftOut(record=r, source=source, fault=RecordFault.FAULTY) for r in look.faulty]
            if not found:
                continue
            if own and not named and not self.apart:
                out.extend(LeftOut(record=r, source=source, fault=RecordFault.OTHER_CHANNEL) for r in found)
                continue
            if first is None:
                first = source.rank
            if newest is None or self.exempt.covers(name, source.channel):
                kept.add(found, source)
                places.append(place)
                continue
            admitted: list[CondaRecord] = []
            for record in found:
                old = self._old_enough(record, newest)
                if isinstance(old, CondaRecord):
                    admitted.append(old)
                else:
                    out.append(LeftOut(record=record, source=source, fault=old))
            if admitted:
                kept.add(admitted, source)
                places.append(place)
        return Admitted(kept, out, first, seen, places)

    def _admit_all(self, name: str) -> Admitted:
        """Apply channel priority alone: no line names a channel, and any date will do."""
        kept = Listed()
        out: list[LeftOut] = []
        seen: list[SubdirLook] = []
        places: list[int] = []
        look, strict = self._kept.look, self.target.channel_priority is ChannelPriority.STRICT
        first: int | None = None
        for place, (source, _) in enumerate(self.subdirs):
            if strict and first is not None and source.rank != first:
                continue  # reading it only to leave it out would cost time
            found = look(place, name)
            seen.append(found)
            if found.faulty:
                out += [LeftOut(record=r, source=source, fault=RecordFault.FAULTY) for r in found.faulty]
            if found.records:
                if first is None:
                    first = source.rank
                kept.add(found.records, source)
                places.append(place)
        return Admitted(kept, out, first, seen, places)

    def _old_enough(self, record: CondaRecord, newest: int) -> CondaRecord | RecordFault:
        """Return the file of a build that was there at a moment (milliseconds), or why there is none."""
        date, twin = record.published, record.twin
        if 0 < date <= newest or (not date and self.admit_undated):
            return record
        if twin is not None and twin.published <= newest:
            return twin
        return RecordFault.TOO_NEW if date or twin is not None else RecordFault.UNDATED

    def foreign(self, name: str) -> int:
        """Return the candidates that strict priority leaves out unless a requirement names their channel."""
        domain = self.domain(name)
        if not is_settled(domain) or not self.own_channels.get(name):
            return 0
        if not self.apart or self.target.channel_priority is not ChannelPriority.STRICT:
            return 0
        first = self._first_ranks.get(name)
        return bits_of(n for n, source in enumerate(domain.sources) if source.rank != first)


def is_settled(domain: CondaDomain) -> bool:
    """Tell whether a package's candidates are known."""
    return not isinstance(domain, WildDomain)


def candidate_rules(
    target: Target,
    own: Mapping[str, frozenset[str]],
    *,
    apart: bool,
    admit_undated: bool,
    exempt: Exemptions,
    lenient: bool,
    ranks: bool = True,
) -> Hashable:
    """Return what the candidates of packages depend on, beside the subdirs that are read and their names.

    ``ranks`` False: those of packages whose builds are all of one kind, whatever the target has.

    A channel that a line names counts for its name alone, but where builds are ranked by other packages.
    """
    ranks_builds = ranks and target.virtual("__cuda") is not None
    return (
        target.channel_priority,
        target.exclude_newer,
        ranks_builds,
        target.python is None,
        frozenset(own.items()) if ranks_builds else frozenset(),
        ranks_builds and apart and bool(own),
        admit_undated,
        exempt,
        lenient,
    )


class WildDomain(CondaDomain):
    """A package of which nothing is settled: every spec admits its one candidate, which needs nothing."""

    def __init__(self, name: str, machine: Source) -> None:
        record = CondaRecord(name=name, version="0", build="0", build_number=0, file_name=name)
        super().__init__(name, ((record, machine),))

    def bits_of(self, spec: MatchSpec) -> int:  # noqa: ARG002
        """Return the candidate, whatever is asked."""
        return self.all

    def bits_by_form(self, text: str, form: bytes) -> int:  # noqa: ARG002
        """Return the candidate, whatever is asked."""
        return self.all

    def plain_bits(self, version_spec: str | None, build: str | None) -> int:  # noqa: ARG002
        """Return the candidate, whatever is asked."""
        return self.all


def channel_bits(domain: CondaDomain, channel: str, subdir: str | None = None) -> int:
    """Return the candidates that come from a channel (by name, last part of the name, or address)."""
    if not is_settled(domain):
        return domain.all
    return bits_of(
        index
        for index, source in enumerate(domain.sources)
        if same_channel(channel, source.channel) and (subdir is None or source.subdir == subdir)
    )


def likely_pythons(side: CondaSide, requirements: Sequence[CondaRequirement]) -> int:
    """Return the python candidates that the user's own lines about python leave; all where none is left."""
    domain = side.domain("python")
    likely = domain.all
    for requirement in requirements:
        if requirement.name == "python":
            spec = requirement.match_spec
            likely &= domain.bits_of(spec)
            if spec.channel:
                likely &= channel_bits(domain, spec.channel, spec.subdir)
    return likely or domain.all


def own_channels(
    requirements: Sequence[CondaRequirement], channels: Sequence[Channel]
) -> dict[str, frozenset[str]]:
    """Return for each name whose requirement names a channel: the names of the channels meant."""
    found: dict[str, set[str]] = {}
    for requirement in requirements:
        wanted = requirement.match_spec.channel
        if wanted is not None:
            meant = {c.name for c in channels if same_channel(wanted, c)}
            found.setdefault(requirement.name, set()).update(meant or {wanted})
    return {name: frozenset(wanted) for name, wanted in found.items()}
