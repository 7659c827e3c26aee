"""What changed between two lockfiles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from lockfiles.model import CondaLock
from resolver.model.choices import StrEnum
from resolver.model.notices import Notice
from resolver.model.resolution import Resolution

#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1


class ChangeKind(StrEnum):
    """How a package differs: by its version, else its build, else the place it comes from."""

    ADDED = "added"
    REMOVED = "removed"
    UPGRADED = "upgraded"
    DOWNGRADED = "downgraded"
    REBUILT = "rebuilt"  #: same version, another build or another file
    MOVED = "moved"  #: same file name, another channel or index


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """A package on one side of a comparison."""

    version: str
    build: str = ""
    source: str = ""  #: channel or index, as people call it
    place: str = ""  #: its address, which is what is compared; empty where unknown
    file: str = ""  #: file name, or the direct reference
    digest: str = ""  #: sha256, else md5; empty where unknown
    license: str | None = None  #: as the channel gives it; None where the format holds none
    size: int | None = None  #: bytes of the archive; None where the format holds none


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One package that differs on one platform; ``old`` is None when added, ``new`` when removed.

    ``asked``: whether a line asks for it, in the newer lockfile where that has it; None: nobody knows.
    """

    platform: str
    manager: str
    name: str
    kind: ChangeKind
    old: Side | None = None
    new: Side | None = None
    asked: bool | None = None

    @property
    def licenses(self) -> tuple[str, str] | None:
        """The old licence and the new one, where both are known and differ."""
        if self.old is None or self.new is None or self.old.license is None or self.new.license is None:
            return None
        return None if self.old.license == self.new.license else (self.old.license, self.new.license)


class PlatformSize(msgspec.Struct, frozen=True, kw_only=True):
    """What the archives of one platform take on both sides, in bytes, as far as sizes are known."""

    platform: str
    old: int
    new: int
    old_unknown: int  #: so many packages are of unknown size
    new_unknown: int

    @property
    def is_whole(self) -> bool:
        """Whether every package's size is known."""
        return not (self.old_unknown or self.new_unknown)


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """All that differs, changes sorted by platform, manager and name."""

    changes: tuple[Change, ...]
    added_platforms: tuple[str, ...] = ()
    removed_platforms: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()  #: what was chosen in reading the two
    sizes: tuple[PlatformSize, ...] = ()  #: of platforms that both have, where any size is known

    def __bool__(self) -> bool:
        return bool(self.changes or self.added_platforms or self.removed_platforms)

    def count(self, kind: ChangeKind) -> int:
        """Return how many packages changed in that way, over all platforms."""
        return sum(change.kind is kind for change in self.changes)

    def to_json(self) -> dict[str, Any]:
        """Return the difference as JSON values, with ``schema_version``."""
        return {
            "schema_version": SCHEMA_VERSION,
            "added_platforms": list(self.added_platforms),
            "removed_platforms": list(self.removed_platforms),
            "changes": [_change_to_json(change) for change in self.changes],
            "sizes": [msgspec.structs.asdict(size) for size in self.sizes],
            "notices": [notice.to_json() for notice in self.notices],
        }


def _change_to_json(change: Change) -> dict[str, Any]:
    return {
        "platform": change.platform,
        "manager": change.manager,
        "name": change.name,
        "kind": change.kind.value,
        "asked": change.asked,
        "old": _side_to_json(change.old),
        "new": _side_to_json(change.new),
    }


def _side_to_json(side: Side | None) -> dict[str, Any] | None:
    if side is None:
        return None
    names = ("version", "build", "source", "file", "license", "size")
    return {name: getattr(side, name) for name in names}


Sides = Mapping[tuple[str, str], Side]


def diff_locks(old: CondaLock, new: CondaLock) -> Difference:
    """Return what changed from one lockfile to another."""
    from lockfiles.formats.conda_lock.restore import resolutions_of_lock

    return diff_resolutions(resolutions_of_lock(old), resolutions_of_lock(new))


def diff_resolutions(old: Iterable[Resolution], new: Iterable[Resolution]) -> Difference:
    """Return what changed between resolutions, platform by platform.

    The packages of a platform that only one side has are not listed one by one.
    """
    before = {resolution.target.subdir: sides_of(resolution) for resolution in old}
    after = {resolution.target.subdir: sides_of(resolution) for resolution in new}
    both = sorted(before.keys() & after.keys())
    changes = [
        change for platform in both for change in _changes(platform, before[platform], after[platform])
    ]
    sizes = [_size(platform, before[platform], after[platform]) for platform in both]
    return Difference(
        changes=tuple(changes),
        sizes=tuple(size for size in sizes if size.old or size.new),
        added_platforms=tuple(sorted(after.keys() - before.keys())),
        removed_platforms=tuple(sorted(before.keys() - after.keys())),
    )


def _size(platform: str, before: Sides, after: Sides) -> PlatformSize:
    old, new = ([side.size for side in sides.values()] for sides in (before, after))
    return PlatformSize(
        platform=platform,
        old=sum(filter(None, old)),
        new=sum(filter(None, new)),
        old_unknown=old.count(None),
        new_unknown=new.count(None),
    )


def sides_of(resolution: Resolution) -> dict[tuple[str, str], Side]:
    """Return (manager, name) -> what is compared."""
    found: dict[tuple[str, str], Side] = {}
    for conda in resolution.conda:
        record = conda.record
        found["conda", record.name] = Side(
            version=record.version,
            build=record.build,
            source=conda.channel.name,
            place=conda.source or conda.channel.base_url,
            file=conda.source or record.file_name,
            digest=record.sha256 or record.md5 or "",
            license=record.license,
            size=record.size,
        )
    for pypi in resolution.pypi:
        direct = pypi.direct
        hashes = pypi.file.hashes if pypi.file else {}
        place = (direct.url or direct.path or "") if direct else ""
        found["pip", pypi.name] = Side(
            version=pypi.version,
            source=place if direct else pypi.index or "",
            place=place,
            file=pypi.file.file_name if pypi.file else f"{place}@{pypi.commit or ''}",
            digest=hashes.get("sha256") or next((value for _, value in sorted(hashes.items())), ""),
            size=pypi.file.size if pypi.file else None,
        )
    return found


def _changes(platform: str, before: Sides, after: Sides) -> Iterable[Change]:
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        kind = _kind(key[0], old, new)
        if kind is not None:
            yield Change(platform=platform, manager=key[0], name=key[1], kind=kind, old=old, new=new)


def _kind(manager: str, old: Side | None, new: Side | None) -> ChangeKind | None:
    if old is None:
        return ChangeKind.ADDED
    if new is None:
        return ChangeKind.REMOVED
    if old.version != new.version:
        return ChangeKind.UPGRADED if _is_newer(manager, old.version, new.version) else ChangeKind.DOWNGRADED
    if old.file != new.file or (old.digest and new.digest and old.digest != new.digest):
        return ChangeKind.REBUILT
    return ChangeKind.MOVED if _has_moved(old, new) else None


def _has_moved(old: Side, new: Side) -> bool:
    return bool(old.place and new.place and old.place != new.place)


def _is_newer(manager: str, old: str, new: str) -> bool:
    if manager == "conda":
        from resolver.model.match_spec import version

        return version(old) < version(new)
    from packaging.version import InvalidVersion, Version

    try:
        return Version(old) < Version(new)
    except InvalidVersion:
        return old < new


def describe_change(change: Change) -> tuple[str, str, str]:
    """Return sign, name and what happened, as cells of a table; a pip package is marked."""
    name = f"{change.name} (pip)" if change.manager == "pip" else change.name
    old, new = change.old, change.new
    if old is None:
        return "+", name, _full(new)
    if new is None:
        return "-", name, _full(old)
    if change.kind in (ChangeKind.UPGRADED, ChangeKind.DOWNGRADED):
        sign = "↑" if change.kind is ChangeKind.UPGRADED else "↓"
        moved = f" ({old.source} -> {new.source})" if _has_moved(old, new) else ""
        return sign, name, f"{old.version} -> {new.version}{moved}{_licensed(change)}"
    if change.kind is ChangeKind.REBUILT:
        first, second = (old.build, new.build) if old.build != new.build else (old.file, new.file)
        if first == second:
            return "~", name, f"{new.version}: the same name, another content{_licensed(change)}"
        return "~", name, f"{new.version}: {first} -> {second}{_licensed(change)}"
    return "~", name, f"{new.version}: {old.source} -> {new.source}{_licensed(change)}"


def _licensed(change: Change) -> str:
    return f", licence {change.licenses[0]} -> {change.licenses[1]}" if change.licenses else ""


def _full(side: Side | None) -> str:
    return " ".join(part for part in (side.version, side.build) if part) if side else ""


def summarize(difference: Difference) -> str:
    """Return a line such as ``2 added, 1 upgraded``; ``nothing changed`` where that is so."""
    counts = Counter(change.kind for change in difference.changes)
    parts = [f"{counts[kind]} {kind.value}" for kind in ChangeKind if counts[kind]]
    parts += [f"platform {name} added" for name in difference.added_platforms]
    parts += [f"platform {name} removed" for name in difference.removed_platforms]
    return ", ".join(parts) or "nothing changed"


def format_difference(difference: Difference) -> list[str]:
    """Return the difference as lines: a heading for each platform, a line for each package, a summary."""
    lines: list[str] = []
    by_platform: dict[str, list[Change]] = {}
    for change in difference.changes:
        by_platform.setdefault(change.platform, []).append(change)
    for platform, changes in by_platform.items():
        lines += [f"{platform}:", *_table([describe_change(change) for change in changes])]
        lines += [
            f"  {format_size(size)}"
            for size in difference.sizes
            if size.platform == platform and size.is_whole
        ]
    return [*lines, summarize(difference)]


def format_size(size: PlatformSize) -> str:
    """Return what a platform's archives take before and after, and by how much that differs."""
    by = f"{'-' if size.new < size.old else '+'}{_megabytes(abs(size.new - size.old))}"
    return f"size {_megabytes(size.old)} -> {_megabytes(size.new)} ({by})"


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"


def _table(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    width = max((len(name) for _, name, _ in rows), default=0)
    return [f"  {sign} {name.ljust(width)}  {what}".rstrip() for sign, name, what in rows]
