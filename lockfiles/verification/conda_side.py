"""conda packages beside their channels' repodata of today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lockfiles.verification.model import Looked, SourceFault, SourceFinding
from lockfiles.verification.packages import LockedIn
from resolver.errors import SourceError
from resolver.model.channels import Channel
from resolver.model.records import CondaRecord
from resolver.model.resolution import CondaPin
from resolver.sources.cache.fetching import CachePolicy
from resolver.sources.cache.folder import Cache
from resolver.sources.conda.opening import ChannelSubdir, Mirrors, open_channel_subdir
from resolver.sources.http.fetching import Fetcher


def look_at_channels(
    pins: Sequence[LockedIn[CondaPin]],
    fetcher: Fetcher,
    cache: Cache,
    mirrors: Mapping[str, Sequence[str]],
) -> Looked:
    """Compare each package with the record of its name in its channel."""
    findings, unanswered, unlisted, seen = list[SourceFinding](), list[str](), list[str](), 0
    policy = CachePolicy(offline=fetcher.settings.offline, refresh=not fetcher.settings.offline)
    groups: dict[tuple[Channel, str], list[LockedIn[CondaPin]]] = {}
    for locked in pins:
        if locked.pin.channel.base_url:
            groups.setdefault((_bare(locked.pin.channel), locked.pin.subdir), []).append(locked)
        else:
            unlisted.append(locked.pin.record.name)
    for (channel, subdir), members in sorted(groups.items(), key=lambda g: (g[0][0].base_url, g[0][1])):
        places = Mirrors.of(channel, mirrors, lambda url: fetcher.credentials.learn(url, channel=True))
        try:
            opened = open_channel_subdir(channel, subdir, fetcher, cache, mirrors=places, policy=policy)
            opened.prefetch(sorted({locked.pin.record.name for locked in members}))
            for locked in members:
                findings += _judge(locked, opened, fetcher)
                seen += 1
        except SourceError as error:
            unanswered.append(str(error))
    return Looked(findings=tuple(findings), unanswered=tuple(unanswered), unlisted=tuple(unlisted), seen=seen)


def _bare(channel: Channel) -> Channel:
    """Return the channel by its address: lockfiles call one by several names."""
    return Channel(name=channel.base_url, base_url=channel.base_url)


def _records(opened: ChannelSubdir, name: str) -> Iterator[CondaRecord]:
    """Yield every record of a name, twins of the other format and faulty ones too."""
    for record in (*opened.records(name), *opened.faulty(name)):
        yield record
        if record.twin is not None:
            yield record.twin


def _judge(locked: LockedIn[CondaPin], opened: ChannelSubdir, fetcher: Fetcher) -> Iterator[SourceFinding]:
    pin = locked.pin
    found = next((r for r in _records(opened, pin.record.name) if r.file_name == pin.record.file_name), None)
    if found is None:
        is_there = _is_there(pin.url, fetcher)
        stem = pin.record.file_name.rpartition("-")[2].split(".")[0]
        same_build = any(
            r.version == pin.record.version and r.file_name.rpartition("-")[2].split(".")[0] == stem
            for r in _records(opened, pin.record.name)
        )
        if is_there and same_build:
            return  # channels with both formats list one of them
        what = "its channel lists it no more" + ("" if is_there else ", and its file is gone")
        yield locked.finding(SourceFault.REMOVED, what, opened.base_url)
        return
    for algorithm in ("sha256", "md5"):
        ours, theirs = getattr(pin.record, algorithm), getattr(found, algorithm)
        if ours and theirs and ours != theirs:
            what = f"its {algorithm} is {theirs} in its channel, not {ours} as the lockfile says"
            yield locked.finding(SourceFault.CHANGED, what, opened.base_url)
            return


def _is_there(url: str, fetcher: Fetcher) -> bool:
    """Tell whether an address has a file, by one byte of it."""
    try:
        return fetcher.get(url, byte_range=(0, 0)).status in (200, 206, 416)
    except SourceError:
        return False
