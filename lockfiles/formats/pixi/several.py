"""``pixi.lock`` of several environments, over an earlier one: what isn't locked anew stays entry by entry.

An environment, or a platform of one, that stays is written as it stood: its addresses, the entries of its
packages and the rows of its platforms, whichever tool wrote them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from lockfiles.canonical import Node, to_yaml
from lockfiles.formats.conda_lock.target_keys import PER_PLATFORM
from lockfiles.formats.export import ExportRequest, check_addresses
from lockfiles.formats.pixi.own_keys import OWN, own_keys
from lockfiles.formats.pixi.reading import address_of
from lockfiles.formats.pixi.writing import FORMAT_VERSION, Platforms, environment_of, iter_packages
from lockfiles.model import KEY_PREFIX
from resolver.model.target import VirtualPackage

#: Versions that are written: an earlier lockfile keeps its own.
WRITTEN = (6, FORMAT_VERSION)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What stays of an earlier document: whole environments, and platforms of others (as rows name them)."""

    document: Mapping[str, Any]
    environments: tuple[str, ...] = ()
    platforms: Mapping[str, tuple[str, ...]] = {}  #: environment -> names of platforms that stay

    def packages(self, environment: str) -> dict[str, Any]:
        """Return name of a platform -> references, of what stays of an environment."""
        every: dict[str, Any] = self.document["environments"][environment].get("packages") or {}
        if environment in self.environments:
            return dict(every)
        wanted = self.platforms.get(environment, ())
        return {name: items for name, items in every.items() if name in wanted}

    @property
    def touched(self) -> tuple[str, ...]:
        """Every environment of which something stays."""
        return (*self.environments, *self.platforms)


def format_environments(requests: Mapping[str, ExportRequest], kept: Kept | None = None) -> str:
    """Return the text of a pixi.lock; environments by name, ``default`` first.

    Raises ValueError for a package without an address.
    """
    version = kept.document["version"] if kept is not None else FORMAT_VERSION
    for one in requests.values():
        check_addresses(one)
    platforms = Platforms(tuple(requests.values()), _rows(kept)) if version >= FORMAT_VERSION else None
    environments = {name: environment_of(one, version, platforms) for name, one in requests.items()}
    own = {name: own_keys(one.metadata) for name, one in requests.items()}
    for name in kept.touched if kept else ():
        _put_back(name, kept, environments, own)  # type: ignore[arg-type]  # kept, as it names some
    order = sorted(environments, key=lambda name: (name != "default", name))
    value: dict[str, Node] = {"version": version, OWN: {name: own[name] for name in order if name in own}}
    if platforms is not None:
        value["platforms"] = platforms.rows()
    value["environments"] = {name: environments[name] for name in order}
    resolutions = [resolution for one in requests.values() for resolution in one.resolutions]
    value["packages"] = _with_kept(list(iter_packages(resolutions, version)), kept)
    return to_yaml(value)


def _rows(kept: Kept | None) -> dict[str, tuple[str, tuple[VirtualPackage, ...]]]:
    """Return the platforms that what stays refers to: name -> subdir and virtual packages."""
    if kept is None:
        return {}
    from lockfiles.formats.pixi.reading import targets_of

    targets = targets_of(kept.document)
    used = {name for one in kept.touched for name in kept.packages(one)}
    return {
        name: (target.subdir, target.virtual_packages) for name, target in targets.items() if name in used
    }


def _put_back(
    name: str, kept: Kept, environments: dict[str, dict[str, Node]], own: dict[str, dict[str, Node]]
) -> None:
    """Put what stays of an environment beside what is new of it."""
    before = kept.document["environments"][name]
    told = (kept.document.get(OWN) or {}).get(name)
    if name in kept.environments:
        environments[name] = dict(before)
        if told:
            own[name] = dict(told)
        return
    packages: Any = environments[name]["packages"]
    environments[name]["packages"] = dict(sorted({**packages, **kept.packages(name)}.items()))
    channels: Any = environments[name]["channels"]
    more = [channel for channel in before.get("channels") or () if channel not in channels]
    environments[name]["channels"] = [*channels, *more]
    keys: Any = own[name]["keys"]
    starts = tuple(start.removeprefix(KEY_PREFIX) for start in PER_PLATFORM)
    stays = {
        key: value
        for key, value in ((told or {}).get("keys") or {}).items()
        if any(key == start + platform for start in starts for platform in kept.platforms[name])
    }
    own[name]["keys"] = dict(sorted({**keys, **stays}.items()))


def _with_kept(packages: Sequence[Node], kept: Kept | None) -> list[Node]:
    """Return the entries with those that what stays refers to, conda's first, by name and address."""
    if kept is None:
        return list(packages)
    wanted: set[str] = set()
    for name in kept.touched:
        for items in kept.packages(name).values():
            wanted |= {address for item in items or () if (address := address_of(item))}
    by_address: dict[str, Any] = {
        address: entry
        for entry in kept.document.get("packages") or ()
        if (address := address_of(entry)) in wanted and address is not None
    }
    new: list[Any] = list(packages)
    by_address |= {address: entry for entry in new if (address := address_of(entry)) is not None}
    return [entry for _, entry in sorted(by_address.items(), key=_place)]


def _place(item: tuple[str, Any]) -> tuple[bool, str, str]:
    address, entry = item
    is_pypi = "pypi" in entry
    return (is_pypi, "" if is_pypi else _conda_name(address, entry), address)


def _conda_name(address: str, entry: Mapping[str, Any]) -> str:
    from lockfiles.model import split_conda_file_name

    parts = split_conda_file_name(address.rpartition("/")[2])
    return str(entry.get("name") or (parts[0] if parts else address))


def kept_platforms(
    names: Collection[str], document: Mapping[str, Any], subdirs: Collection[str]
) -> list[str]:
    """Return those names of platforms that are of some subdirs."""
    from lockfiles.formats.pixi.reading import targets_of

    targets = targets_of(document)
    return sorted(name for name in names if (targets[name].subdir if name in targets else name) in subdirs)
