"""Opening a conda channel's subdir: which form of repodata it has, and what is kept of it.

::

    mirror 1 ── repodata_shards.msgpack.zst ─┐ first that is there
       │        repodata.json.zst            ├──> table in the cache ──> ChannelSubdir
       │        repodata.json                │
       │        repodata.json.bz2           ─┘
    mirror 2 ... the channel itself

What is kept: the table, and for remote channels which form was found and what the
server needs to vouch for it again (ETag, Last-Modified, max-age).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from resolver.errors import SourceError
from resolver.inputs.channels import DEFAULT_ALIAS, DEFAULTS_HOME
from resolver.model.channels import Channel
from resolver.model.redaction import is_remote, strip
from resolver.sources.cache.fetching import CachePolicy
from resolver.sources.cache.folder import Cache
from resolver.sources.conda.local import open_local
from resolver.sources.conda.remote import RemoteOpener, is_at_hand
from resolver.sources.conda.subdirs import ChannelSubdir
from resolver.sources.http.fetching import Fetcher
from resolver.sources.http.local import local_path
from resolver.sources.http.mirrors import Mirrors

__all__ = ["ChannelSubdir", "Mirrors", "channels_beside", "open_channel_subdir", "open_channels"]

_NOARCH = "noarch"
#: Names that a misspelt one is compared with, besides those that the caller knows.
_WELL_KNOWN = ("bioconda", "conda-forge", "defaults", "nvidia", "pkgs/main", "pytorch", "rapidsai")


def open_channel_subdir(
    channel: Channel,
    subdir: str,
    fetcher: Fetcher,
    cache: Cache,
    *,
    mirrors: Sequence[str] | Mirrors = (),
    policy: CachePolicy | None = None,
    known: Sequence[str] = (),
    clock: Callable[[], float] = time.time,
) -> ChannelSubdir:
    """Return one subdir of ``channel``, opened in the best form it offers.

    A channel that lacks ``noarch``, or lacks ``subdir`` but has ``noarch`` (or
    is a folder on disk with other subdirs), gives an empty one with ``exists``
    False, as conda has it. ``mirrors`` are asked before
    the channel's own address. ``known`` are channel names for a hint.

    Raises SourceError for a channel that has neither, that can't be reached or
    whose repodata is damaged; AuthenticationError; OfflineError.
    """
    places = mirrors if isinstance(mirrors, Mirrors) else _places(channel, {channel.name: mirrors}, fetcher)
    policy = policy or CachePolicy(offline=fetcher.settings.offline)

    def find(wanted: str) -> ChannelSubdir | None:
        if is_remote(channel.base_url) or len(places) > 1:
            return RemoteOpener(channel, wanted, fetcher, cache, places, policy, clock).open()
        return open_local(channel, wanted, fetcher, cache)

    found = find(subdir)
    is_folder = not is_remote(channel.base_url) and _is_folder(local_path(channel.base_url))
    if found is None and subdir != _NOARCH and not is_folder and find(_NOARCH) is None:
        raise SourceError(
            f"there is no channel `{channel.name}`: neither `{subdir}` nor `{_NOARCH}` is there",
            strip(channel.base_url),
            _near_name(channel, known),
        )
    return found or ChannelSubdir(channel, subdir)


def _is_folder(path: Path) -> bool:
    sys.audit("lockstack.kind", str(path))
    return path.is_dir()


def open_channels(
    channels: Sequence[Channel],
    subdirs: Sequence[str],
    fetcher: Fetcher,
    cache: Cache,
    *,
    mirrors: Mapping[str, Sequence[str]] | None = None,
    policy: CachePolicy | None = None,
) -> tuple[ChannelSubdir, ...]:
    """Open every subdir of every channel, remote ones that have to be asked side by side.

    Returns them channel by channel, each with ``subdirs`` in their order.
    ``mirrors``: channel name, or (start of) its address -> addresses.
    Raises as :func:`open_channel_subdir` does, for the first in order that can't be opened.
    """
    names = [channel.name for channel in channels]
    fresh = policy or CachePolicy(offline=fetcher.settings.offline)

    def opening(channel: Channel, subdir: str, places: Mirrors) -> Callable[[], ChannelSubdir]:
        return lambda: open_channel_subdir(
            channel, subdir, fetcher, cache, mirrors=places, policy=policy, known=names
        )

    tasks = []
    for channel in channels:
        places = _places(channel, mirrors or {}, fetcher)
        is_asked = is_remote(channel.base_url) or len(places) > 1
        for subdir in subdirs:
            call = opening(channel, subdir, places)
            if is_asked and not is_at_hand(channel, subdir, cache, fresh, time.time):
                tasks.append(fetcher.submit(call).result)
            else:
                tasks.append(call)
    return tuple(finish() for finish in tasks)


def _places(channel: Channel, table: Mapping[str, Sequence[str]], fetcher: Fetcher) -> Mirrors:
    return Mirrors.of(channel, table, lambda address: fetcher.credentials.learn(address, channel=True))


def _near_name(channel: Channel, known: Sequence[str]) -> str | None:
    """Return a hint with a channel name close to this one, if there is any."""
    from resolver.inputs.faults import nearest

    own = channel.name.rstrip("/").rsplit("/", 1)[-1] if "://" in channel.name else channel.name
    names = {*known, *_WELL_KNOWN}
    if not is_remote(channel.base_url):
        names |= _siblings(local_path(channel.base_url))
    meant = nearest(own, names - {own, channel.name})
    return f"Did you mean `{meant}`?" if meant else None


def channels_beside(channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """Return well-known channels that lie below the same address as ``channels`` and aren't among them.

    Of a folder: those that are there.
    """
    names = {channel.name for channel in channels}
    homes = dict.fromkeys(
        channel.base_url.removesuffix(f"/{channel.name}")
        for channel in channels
        if channel.base_url.endswith(f"/{channel.name}")
    )
    if DEFAULTS_HOME in homes:  # where only the default channels lie
        homes = dict.fromkeys([home for home in homes if home != DEFAULTS_HOME] or [DEFAULT_ALIAS])
    found: list[Channel] = []
    for home in homes:
        found.extend(
            Channel(name=name, base_url=f"{home}/{name}")
            for name in ("conda-forge", "bioconda", "pytorch", "nvidia", "pkgs/main", "rapidsai")
            if name not in names and (is_remote(home) or (local_path(home) / name).is_dir())
        )
    return tuple(found)


def _siblings(folder: Path) -> set[str]:
    try:
        return {entry.name for entry in folder.parent.iterdir() if entry.is_dir()}
    except OSError:
        return set()
