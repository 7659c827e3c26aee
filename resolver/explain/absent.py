"""What is not there at all: a name, a version or a build that no candidate has, and where it is instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from resolver.constraints.conda_side import CondaSide, channel_bits
from resolver.constraints.universe import JointUniverse
from resolver.errors import LockstackError
from resolver.explain.members import Bench, Requirement
from resolver.explain.near import near_names
from resolver.explain.settings import date_text, hidden_channels
from resolver.metadata.specifiers import Unusable, parse_specifier
from resolver.model.channels import Channel
from resolver.model.match_spec import MatchSpec, parse_match_spec, version
from resolver.model.names import PypiName, conda_name, pypi_name
from resolver.model.records import CondaRecord
from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.model.target import Target
from resolver.sources.subdirs import ChannelSubdir

#: Platforms that are looked at when a package has no build for the target's.
PLATFORMS = ("linux-64", "osx-arm64", "osx-64", "win-64", "linux-aarch64")


class AbsentKind(StrEnum):
    """Why nothing is there."""

    UNKNOWN = "unknown-name"
    OTHER_CHANNEL = "other-channel"
    OTHER_PLATFORM = "other-platform"
    ONLY_PYPI = "only-pypi"
    ONLY_CONDA = "only-conda"
    HIDDEN = "channel-priority"
    DATE = "exclude-newer"
    YANKED = "yanked"
    NO_FILE = "no-file"
    VIRTUAL = "virtual-package"
    NO_VERSION = "no-version"
    NO_BUILD = "no-build"


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """One reason, in words, with what could be used in place.

    ``values``: names that are near, channels or platforms that have it, versions that there are.
    """

    kind: AbsentKind
    message: str
    values: tuple[str, ...] = ()


def why_absent(
    bench: Bench, universe: JointUniverse, line: Requirement, stop: Callable[[], bool]
) -> tuple[Absence, ...]:
    """Return why a line that no candidate satisfies has none, the most telling reason first.

    ``stop`` says that no more sources may be asked.
    """
    if isinstance(line, CondaRequirement):
        found = _CondaReasons(bench, universe, line, stop).all()
    else:
        found = _PypiReasons(bench, universe, line, stop).all()
    kept: list[Absence] = []
    for absence in found:
        kept.append(absence)
        if absence.kind not in (AbsentKind.ONLY_PYPI, AbsentKind.ONLY_CONDA, AbsentKind.OTHER_CHANNEL):
            break
    return tuple(kept)


class _CondaReasons:
    def __init__(
        self, bench: Bench, universe: JointUniverse, line: CondaRequirement, stop: Callable[[], bool]
    ) -> None:
        self.bench, self.side, self.stop = bench, universe.conda, stop
        self.line = line
        self.spec = parse_match_spec(line.spec)
        self.name = self.spec.name
        self.wanted = _plain(self.spec)

    def all(self) -> Iterator[Absence]:
        """Yield reasons; those that cost a source's answer only when they are asked for."""
        if self.name.startswith("__"):
            yield _virtual(self.side, self.spec)
            return
        domain = self.side.domain(self.name)
        if len(domain):
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
            yield Absence(kind=AbsentKind.HIDDEN, message=message, values=having)

    @property
    def side_universe(self) -> JointUniverse:
        """The conda side alone, as a universe."""
        return JointUniverse(self.side, ())

    def _newer(self) -> Iterator[Absence]:
        moment = self.side.target.exclude_newer
        late = [o.record for o in self.side.left_out.get(self.name, ()) if o.reason.startswith("newer")]
        found = [record for record in late if self.wanted.matches(record)]
        if found and moment is not None:
            first = min(record.timestamp for record in found) // 1000
            built = date_text(first // 86400 * 86400)
            message = (
                f"`{self.line.spec}` was first built on {built}, after {date_text(moment)} (exclude-newer)"
            )
            yield Absence(kind=AbsentKind.DATE, message=message, values=(str(first),))

    def _no_version(self, records: Sequence[CondaRecord]) -> Iterator[Absence]:
        where = ", ".join(dict.fromkeys(s.channel.name for s in self.side.domain(self.name).sources))
        if self.spec.channel:
            channels = channel_bits(self.side.domain(self.name), self.spec.channel, self.spec.subdir)
            if not channels:
                yield Absence(
                    kind=AbsentKind.OTHER_CHANNEL,
                    message=f"`{self.name}` is not in {self.spec.channel}; {where} has it",
                    values=tuple(where.split(", ")),
                )
                return
        if self.spec.version is not None and (self.spec.build or self.spec.build_number):
            versions = MatchSpec(name=self.spec.name, version=self.spec.version)
            builds = sorted({r.build for r in records if versions.matches(r)})
            if builds:
                shown = ", ".join(builds[:3]) + (" ..." if len(builds) > 3 else "")
                message = (
                    f"{where} has `{self.name} {self.spec.version}`, but no such build; there are {shown}"
                )
                yield Absence(kind=AbsentKind.NO_BUILD, message=message, values=tuple(builds))
                return
        yield from self._other_platform(where)
        versions_here = sorted(
            self.side.domain(self.name).version_bits(), key=lambda text: (version(text), text)
        )
        yield Absence(
            kind=AbsentKind.NO_VERSION,
            message=f"{where} has no such version of `{self.name}`; there {_range_words(versions_here)}"
            + nearest_words(versions_here, self.spec.version or ""),
            values=tuple(versions_here),
        )

    def _other_platform(self, where: str) -> Iterator[Absence]:
        for subdir in self._platforms():
            if self._matching([r for s in self._opened(subdir) for r in s.records(self.name)]):
                message = f"{where} has `{self.line.spec}` for {subdir}, not for {self.side.target.subdir}"
                yield Absence(kind=AbsentKind.OTHER_PLATFORM, message=message, values=(subdir,))
                return

    def _platforms(self) -> Iterator[str]:
        for subdir in PLATFORMS:
            if subdir != self.side.target.subdir and not self.stop():
                yield subdir

    def _opened(self, subdir: str, channels: Sequence[Channel] | None = None) -> Sequence[ChannelSubdir]:
        from dataclasses import replace

        target: Target = replace(self.side.target, subdir=subdir)
        own = channels or tuple(dict.fromkeys(source.channel for source, _ in self.side.subdirs))
        try:
            opened = self.bench.open_channels(target, own)
        except LockstackError:
            return ()
        return [s for s in opened if s.subdir != "noarch" or channels]

    def _elsewhere(self) -> Iterator[Absence]:
        """Yield why a name has no candidate: other platforms, near names, other channels, the index."""
        shown = (
            ", ".join(dict.fromkeys(source.channel.name for source, _ in self.side.subdirs)) or "no channel"
        )
        out = self.side.left_out.get(self.name, ())
        if out and self.spec.channel:
            having = tuple(dict.fromkeys(o.source.channel.name for o in out))
            message = f"`{self.name}` is not in {self.spec.channel}; {', '.join(having)} has it"
            yield Absence(kind=AbsentKind.OTHER_CHANNEL, message=message, values=having)
            return
        there = [s for s in self._platforms() if any(o.records(self.name) for o in self._opened(s))]
        if there:
            message = f"`{self.name}` is in {shown} for {', '.join(there)}, not for {self.side.target.subdir}"
            yield Absence(kind=AbsentKind.OTHER_PLATFORM, message=message, values=tuple(there))
            return
        near = self._near()
        if near and near[0][1] >= 0.9:  # so near that it was meant
            yield self._unknown(shown, [name for name, _ in near])
            return
        having = tuple(c.name for c in self._other_channels())
        if having:
            message = f"`{self.name}` is not in {shown}; the channel {having[0]} has it"
            yield Absence(kind=AbsentKind.OTHER_CHANNEL, message=message, values=having)
        on_index = not near and self._on_index()
        if on_index:
            message = f"`{self.name}` is not in {shown}; the package index (pip) has it"
            yield Absence(kind=AbsentKind.ONLY_PYPI, message=message, values=(str(pypi_name(self.name)),))
        if not (having or on_index):
            yield self._unknown(shown, [name for name, _ in near])

    def _unknown(self, shown: str, near: Sequence[str]) -> Absence:
        meant = f"; near it: {', '.join(near)}" if near else ""
        return Absence(
            kind=AbsentKind.UNKNOWN, message=f"no package `{self.name}` in {shown}{meant}", values=tuple(near)
        )

    def _near(self) -> list[tuple[str, float]]:
        names = (name for _, subdir in self.side.subdirs for name in subdir.names())  # type: ignore[attr-defined]
        return near_names(self.name, names)

    def _other_channels(self) -> Iterator[Channel]:
        for channel in self.bench.other_channels():
            if self.stop():
                return
            opened = self._opened(self.side.target.subdir, (channel,))
            if any(self._matching(o.records(self.name)) for o in opened):
                yield channel

    def _on_index(self) -> bool:
        return not self.stop() and index_has(self.bench, pypi_name(self.name), self.spec.version)


class _PypiReasons:
    def __init__(
        self, bench: Bench, universe: JointUniverse, line: PypiRequirement, stop: Callable[[], bool]
    ) -> None:
        self.bench, self.universe, self.line, self.stop = bench, universe, line, stop
        self.name = PypiName(line.name or "")

    def all(self) -> Iterator[Absence]:
        """Yield reasons."""
        side = self.universe.pypi
        if side is None:
            return
        domain, _ = side.domain(self.name)
        page = side.pages.get(self.name)
        specifier = parse_specifier(self.line.specifier)
        if isinstance(specifier, Unusable):
            yield Absence(kind=AbsentKind.NO_VERSION, message=specifier.reason)
            return
        if page is None and not len(domain):
            yield from self._unknown()
            return
        out = side.left_out.get(self.name, ())
        refused = [o for o in out if specifier.contains(o.file.version, prereleases=True)]
        if refused:
            yield _refused(self.line, [(o.file.file_name, o.reason) for o in refused], self.universe)
            return
        skipped = [s for s in (page.skipped if page else ()) if _is_of(s.file_name, self.line)]
        if skipped:
            kind = (
                AbsentKind.DATE
                if "uploaded" in skipped[0].reason or "date" in skipped[0].reason
                else AbsentKind.NO_FILE
            )
            yield Absence(kind=kind, message=f"`{self.line.text}`: {skipped[0].reason}")
            return
        from packaging.version import Version

        versions = sorted({release.version for release in domain.releases}, key=Version)
        message = f"the package index has no such version of `{self.name}`; there {_range_words(versions)}"
        message += nearest_words(versions, self.line.specifier)
        yield Absence(kind=AbsentKind.NO_VERSION, message=message, values=tuple(versions))

    def _unknown(self) -> Iterator[Absence]:
        side = self.universe.conda
        names = [
            n
            for n in self.bench.names.conda_names_of(self.name)
            if any(s.records(n) for _, s in side.subdirs)
        ]
        if names:
            channels = ", ".join(
                dict.fromkeys(o.channel.name for o, s in side.subdirs if s.records(names[0]))
            )
            message = f"the package index has no `{self.name}`; {channels} has it as `{names[0]}`"
            yield Absence(kind=AbsentKind.ONLY_CONDA, message=message, values=tuple(names))
        near = []
        known = (name for _, subdir in side.subdirs for name in subdir.names())  # type: ignore[attr-defined]
        for name, _ in near_names(self.name, known):
            if not self.stop() and index_has(self.bench, pypi_name(name), None):
                near.append(str(pypi_name(name)))
        meant = f"; near it: {', '.join(near)}" if near else ""
        yield Absence(
            kind=AbsentKind.UNKNOWN,
            message=f"no project `{self.name}` on the package index{meant}",
            values=tuple(near),
        )


def _refused(line: PypiRequirement, files: Sequence[tuple[str, str]], universe: JointUniverse) -> Absence:
    """Return why the files of a version can't be used."""
    reasons = list(dict.fromkeys(reason for _, reason in files))
    if all(reason.startswith("yanked") for reason in reasons):
        return Absence(kind=AbsentKind.YANKED, message=f"every file of `{line.text}` is {reasons[0]}")
    tags = sorted(
        {name.rsplit("-", 1)[-1].removesuffix(".whl") for name, _ in files if name.endswith(".whl")}
    )
    target = universe.conda.target
    glibc = target.virtual("__glibc")
    machine = f"{target.subdir}{f' with glibc {glibc.version}' if glibc else ''}"
    if any("platform" in reason for reason in reasons):
        message = f"`{line.text}` has no file for {machine}; its wheels are for {', '.join(tags[:4])}"
        return Absence(kind=AbsentKind.NO_FILE, message=message, values=tuple(tags))
    return Absence(kind=AbsentKind.NO_FILE, message=f"`{line.text}`: {reasons[0]}", values=tuple(tags))


def _is_of(file_name: str, line: PypiRequirement) -> bool:
    specifier = parse_specifier(line.specifier)
    if isinstance(specifier, Unusable):
        return False
    parts = file_name.removesuffix(".tar.gz").removesuffix(".zip").split("-")
    try:
        return len(parts) > 1 and specifier.contains(
            parts[1] if file_name.endswith(".whl") else parts[-1], prereleases=True
        )
    except Exception:  # packaging's own error for a text that is no version
        return False


def _virtual(side: CondaSide, spec: MatchSpec) -> Absence:
    have = side.target.virtual(spec.name)
    lack = f"it has {spec.name} {have.version}" if have else "it has none"
    wanted = f"{spec.name} {spec.version}" if spec.version else spec.name
    return Absence(
        kind=AbsentKind.VIRTUAL,
        message=f"the target must have {wanted}; {lack}",
        values=(have.version,) if have else (),
    )


def _plain(spec: MatchSpec) -> MatchSpec:
    from dataclasses import replace

    return replace(spec, name=conda_name(spec.name), channel=None, subdir=None)


def _range_words(versions: Sequence[str]) -> str:
    """Return ``is only 1.0`` or ``are 1.0 to 2.3``; ``versions`` is ascending."""
    if not versions:
        return "is none"
    if len(versions) == 1:
        return f"is only {versions[0]}"
    return f"are {versions[0]} to {versions[-1]}"


def nearest_words(versions: Sequence[str], asked: str) -> str:
    """Return ``, nearest 1.2 and 1.4``: the versions around the first one that a spec names."""
    import re

    def key(text: str) -> list[int]:
        return [int(number) for number in re.findall(r"\d+", text)]

    literal = re.search(r"\d[\w.]*", asked)
    if literal is None or len(versions) < 3:
        return ""
    below = [v for v in versions if key(v) <= key(literal.group())]
    above = [v for v in versions if key(v) > key(literal.group())]
    around = [*below[-1:], *above[:1]]
    if set(around) <= {versions[0], versions[-1]}:
        return ""
    return f", nearest {' and '.join(around)}"


def index_has(bench: Bench, name: PypiName, version: str | None) -> bool:
    """Tell whether the package index has a project (and one of its files is of a conda version spec)."""
    from resolver.model.match_spec import version_spec_matches

    try:
        page = bench.indexes.project(name)
    except LockstackError:
        return False
    if page is None or not page.files:
        return False
    return version is None or any(version_spec_matches(version, v) for v in {f.version for f in page.files})
