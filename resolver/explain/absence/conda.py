"""Why no conda record satisfies a line, and where there is one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from resolver.constraints.conda_domain import RecordFault
from resolver.constraints.conda_side import CondaSide, channel_bits
from resolver.constraints.known_projects import well_known
from resolver.constraints.universe import JointUniverse
from resolver.errors import LockstackError
from resolver.explain.absence.known_names import packages_of
from resolver.explain.absence.likely_names import SLIP, SPELLING, NearName, meant, near_names
from resolver.explain.absence.values import (
    PLATFORMS,
    Absence,
    AbsenceKind,
    index_has,
    nearest_words,
    range_words,
)
from resolver.explain.budget import Meter
from resolver.explain.empty_range import empty_range
from resolver.explain.members import Bench
from resolver.explain.settings import date_text, hidden_channels
from resolver.model.channels import Channel
from resolver.model.match_spec import MatchSpec, version
from resolver.model.names import conda_name, pypi_name
from resolver.model.records import CondaRecord
from resolver.model.requirements import CondaRequirement
from resolver.model.target import Target
from resolver.sources.conda.subdirs import ChannelSubdir


class CondaReasons:
    """Looks for what a conda line asks for: under other rules, on other platforms, in other channels."""

    def __init__(self, bench: Bench, universe: JointUniverse, line: CondaRequirement, meter: Meter) -> None:
        self.bench, self.side, self.meter = bench, universe.conda, meter
        self.line = line
        self.spec = line.match_spec
        self.name = self.spec.name
        self.wanted = _plain(self.spec)

    def all(self) -> Iterator[Absence]:
        """Yield reasons; those that cost a source's answer only when they are asked for."""
        if self.name.startswith("__"):
            yield _virtual(self.side, self.spec)
            return
        domain = self.side.domain(self.name)
        empty = empty_range(self.spec.version or "", version)
        if empty and len(domain):
            yield Absence(
                kind=AbsenceKind.EMPTY, message=f"`{self.line.spec}`: {empty}", values=self._versions()
            )
        elif len(domain):
            yield from self._hidden()
            yield from self._newer()
            yield from self._no_version(list(domain.records))
        else:
            yield from self._newer()
            yield from self._elsewhere()

    def _matching(self, records: Sequence[CondaRecord]) -> bool:
        return any(self.wanted.matches(record) for record in records)

    def _hidden(self) -> Iterator[Absence]:
        hidden = hidden_channels(self.side_universe, self.name)
        having = tuple(
            dict.fromkeys(
                source.channel.name
                for source, subdir in self.side.subdirs
                if source.channel.name in hidden and self._matching(subdir.records(self.name))
            )
        )
        if having:
            first = next(source.channel.name for source, s in self.side.subdirs if s.records(self.name))
            message = (
                f"`{self.line.spec}` is in {', '.join(having)}, but strict channel priority takes "
                f"`{self.name}` from {first} alone"
            )
            yield Absence(kind=AbsenceKind.HIDDEN, message=message, values=having)

    @property
    def side_universe(self) -> JointUniverse:
        """The conda side alone, as a universe."""
        return JointUniverse(self.side, ())

    def _newer(self) -> Iterator[Absence]:
        moment = self.side.target.exclude_newer
        out = self.side.left_out.get(self.name, ())
        late = [o.record for o in out if o.fault is RecordFault.TOO_NEW]
        found = [record for record in late if self.wanted.matches(record)]
        faulty = next((o.record for o in out if o.record.fault and self.wanted.matches(o.record)), None)
        if found and moment is not None:
            first = min(_first_published(record) for record in found) // 1000
            built = date_text(first // 86400 * 86400)
            message = (
                f"`{self.line.spec}` was first built on {built}, after {date_text(moment)} (exclude-newer)"
            )
            yield Absence(kind=AbsenceKind.DATE, message=message, values=(str(first),))
        elif faulty is not None:
            message = f"`{faulty.file_name}` can't be used: {faulty.fault}"
            yield Absence(kind=AbsenceKind.NO_FILE, message=message)
        elif any(o.fault is RecordFault.UNDATED and self.wanted.matches(o.record) for o in out):
            message = (
                f"`{self.line.spec}` has no date in its channel, so exclude-newer leaves it out; "
                "`--admit-undated` takes it"
            )
            yield Absence(kind=AbsenceKind.DATE, message=message, values=())

    def _no_version(self, records: Sequence[CondaRecord]) -> Iterator[Absence]:
        where = ", ".join(dict.fromkeys(s.channel.name for s in self.side.domain(self.name).sources))
        if self.spec.channel:
            channels = channel_bits(self.side.domain(self.name), self.spec.channel, self.spec.subdir)
            if not channels:
                yield Absence(
                    kind=AbsenceKind.OTHER_CHANNEL,
                    message=f"`{self.name}` is not in {self.spec.channel}; {where} has it",
                    values=tuple(where.split(", ")),
                )
                return
        if self.spec.build or self.spec.build_number:
            builds = self._builds(records)
            if builds:
                shown = ", ".join(builds[:3]) + (" ..." if len(builds) > 3 else "")
                package = f"{self.name} {self.spec.version}" if self._names_version() else self.name
                message = f"{where} has `{package}`, but no such build; there are {shown}"
                there = self._there() if self._is_foreign(builds) else ()
                if there:
                    message += f"; for {', '.join(there)} there is one"
                yield Absence(
                    kind=AbsenceKind.NO_BUILD, message=message, values=tuple(builds), platforms=there
                )
                return
        if self.spec.flags:
            flags = self._flags(records)
            if flags is not None:
                shown = f"there are {_shown(sorted(flags))}" if flags else "no build of these has any"
                asked = _shown(self.spec.flags)
                message = f"{where} has `{self.name}`, but no build with the flags {asked}; {shown}"
                yield Absence(kind=AbsenceKind.NO_FILE, message=message)
                return
        yield from self._other_platform(where)
        versions_here = self._versions()
        yield Absence(
            kind=AbsenceKind.NO_VERSION,
            message=f"{where} has no such version of `{self.name}`; there {range_words(versions_here)}"
            + nearest_words(versions_here, self.spec.version or "")
            + self._exact_words(versions_here),
            values=versions_here,
        )

    def _exact_words(self, versions: Sequence[str]) -> str:
        """Return that a version beside a build is that very one, where its series was likely meant."""
        asked = (self.spec.version or "").lstrip("= ")
        if not self.spec.build or not any(text.startswith(f"{asked}.") for text in versions):
            return ""
        return f" (beside a build `={asked}=` is {asked} itself; its series is `={asked}.*=`)"

    def _versions(self) -> tuple[str, ...]:
        """Return the versions that there are, oldest first."""
        found = self.side.domain(self.name).version_bits()
        return tuple(sorted(found, key=lambda text: (version(text), text)))

    def _names_version(self) -> bool:
        return self.spec.version not in (None, "*")

    def _builds(self, records: Sequence[CondaRecord]) -> list[str]:
        """Return the builds of the versions asked for; those that hold the build's text first."""
        versions = MatchSpec(name=self.spec.name, version=self.spec.version)
        asked = (self.spec.build or "").strip("*")
        found = {r.build for r in records if versions.matches(r)}
        return sorted(found, key=lambda build: (asked not in build, build))

    def _flags(self, records: Sequence[CondaRecord]) -> set[str] | None:
        """Return the flags of what would do but for the flags asked for; None where nothing would."""
        others = replace(self.spec, flags=())
        found = [record for record in records if others.matches(record)]
        return {flag for record in found for flag in record.flags} if found else None

    def _is_foreign(self, builds: Sequence[str]) -> bool:
        """Tell whether a build is asked for by a text of which no build here has anything."""
        text = (self.spec.build or "").strip("*")
        return bool(text) and not any(text in build for build in builds)

    def _there(self) -> tuple[str, ...]:
        """Return the other platforms that have what the line asks for."""
        return tuple(
            subdir
            for subdir in self._platforms()
            if self._matching([r for s in self._opened(subdir) for r in s.records(self.name)])
        )

    def _other_platform(self, where: str) -> Iterator[Absence]:
        there = self._there()
        if there:
            message = (
                f"{where} has `{self.line.spec}` for {', '.join(there)}, not for {self.side.target.subdir}"
            )
            yield Absence(kind=AbsenceKind.OTHER_PLATFORM, message=message, values=there)

    def _platforms(self) -> Iterator[str]:
        """Yield other platforms, until the channels fail for one: they would for the others too."""
        before = len(self.meter.failures)
        for subdir in PLATFORMS:
            if self.meter.is_over() or len(self.meter.failures) > before:
                return
            if subdir != self.side.target.subdir:
                yield subdir

    def _opened(self, subdir: str, channels: Sequence[Channel] | None = None) -> Sequence[ChannelSubdir]:
        target: Target = replace(self.side.target, subdir=subdir)
        own = channels or tuple(dict.fromkeys(source.channel for source, _ in self.side.subdirs))
        for channel in own:
            self.meter.count(f"channel {channel.name}/{subdir}")
        try:
            opened = self.bench.open_channels(target, own)
        except LockstackError as error:
            self.meter.failures.append(error)
            return ()
        return [s for s in opened if s.subdir != "noarch" or channels]

    def _elsewhere(self) -> Iterator[Absence]:
        """Yield why a name has no candidate: other platforms, near names, other channels, the index."""
        shown = (
            ", ".join(dict.fromkeys(source.channel.name for source, _ in self.side.subdirs)) or "no channel"
        )
        out = self.side.left_out.get(self.name, ())
        if self.spec.channel and any(o.fault is RecordFault.OTHER_CHANNEL for o in out):
            having = tuple(dict.fromkeys(o.source.channel.name for o in out))
            message = f"`{self.name}` is not in {self.spec.channel}; {', '.join(having)} has it"
            yield Absence(kind=AbsenceKind.OTHER_CHANNEL, message=message, values=having)
            return
        there = [s for s in self._platforms() if any(o.records(self.name) for o in self._opened(s))]
        if there:
            message = f"`{self.name}` is in {shown} for {', '.join(there)}, not for {self.side.target.subdir}"
            yield Absence(kind=AbsenceKind.OTHER_PLATFORM, message=message, values=tuple(there))
            return
        near = self._near()
        if near and near[0].likeness >= SLIP:  # so near that it was meant
            yield self._unknown(shown, near)
            return
        slips = self._slips_on_index()
        if slips:
            message = f"no package `{self.name}` in {shown}; the package index (pip) has `{slips[0]}`"
            yield Absence(kind=AbsenceKind.ONLY_PYPI, message=message, values=slips)
            return
        having = tuple(c.name for c in self._other_channels())
        if having:
            message = f"`{self.name}` is not in {shown}; the channel {having[0]} has it"
            yield Absence(kind=AbsenceKind.OTHER_CHANNEL, message=message, values=having)
        on_index = not near and self._on_index()
        if on_index:
            message = f"`{self.name}` is not in {shown}; the package index (pip) has it"
            yield Absence(kind=AbsenceKind.ONLY_PYPI, message=message, values=(str(pypi_name(self.name)),))
        if not (having or on_index):
            yield self._unknown(shown, near)

    def _unknown(self, shown: str, near: Sequence[NearName]) -> Absence:
        beside = f"; near it: {', '.join(one.name for one in near)}" if near else ""
        message = f"no package `{self.name}` in {shown}{beside}"
        return Absence(kind=AbsenceKind.UNKNOWN, message=message, values=meant(near))

    def _slips_on_index(self) -> tuple[str, ...]:
        """Return the well-known project that the name is by a slip, if the index has it."""
        slips = meant(self._meant(near_names(self.name, well_known())))[:1]
        return tuple(
            n
            for n in slips
            if not self.meter.is_over() and index_has(self.bench, pypi_name(n), self.spec.version, self.meter)
        )

    def _near(self) -> list[NearName]:
        return self._meant(packages_of(self.side).near(self.name))

    def _meant(self, near: list[NearName]) -> list[NearName]:
        """Return the names that may be meant: one that is known elsewhere is no slip of another."""
        if not self.bench.names.knows(self.name):
            return near
        return [one for one in near if one.likeness >= SPELLING]

    def _other_channels(self) -> Iterator[Channel]:
        for channel in self.bench.other_channels():
            if self.meter.is_over():
                return
            opened = self._opened(self.side.target.subdir, (channel,))
            if any(self._matching(o.records(self.name)) for o in opened):
                yield channel

    def _on_index(self) -> bool:
        return not self.meter.is_over() and index_has(
            self.bench, pypi_name(self.name), self.spec.version, self.meter
        )


def _virtual(side: CondaSide, spec: MatchSpec) -> Absence:
    have = side.target.virtual(spec.name)
    lack = f"it has {spec.name} {have.version}" if have else "it has none"
    wanted = f"{spec.name} {spec.version}" if spec.version else spec.name
    return Absence(
        kind=AbsenceKind.VIRTUAL,
        message=f"the target must have {wanted}; {lack}",
        values=(have.version,) if have else (),
    )


def _plain(spec: MatchSpec) -> MatchSpec:
    return replace(spec, name=conda_name(spec.name), channel=None, subdir=None)


def _first_published(record: CondaRecord) -> int:
    """Return the earliest date of a build's files, in milliseconds."""
    dates = [record.published, record.twin.published if record.twin is not None else 0]
    return min(date for date in dates if date)


def _shown(values: Sequence[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)
