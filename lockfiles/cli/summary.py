"""What a lock has come to: lines for people, JSON for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from resolver.model.resolution import CondaPin, PypiPin, Resolution
from resolver.model.target import ResolutionMode

if TYPE_CHECKING:
    from lockfiles.cli.progress import Progress
    from lockfiles.cli.terminal import Terminal
    from lockfiles.difference import Difference
    from lockfiles.locking import Locked
    from lockfiles.several.locking import LockedSeveral
    from resolver.model.notices import Notice

#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1
#: Stage of a search -> what wasn't proven there.
_UNPROVEN = {
    "what stays": "that fewer packages could move",
    "proof of best": "that no requested package could be newer",
    "everything else": "that nothing else could be newer",
}


def describe_resolution(resolution: Resolution) -> str:
    """Return a line such as ``linux-64: 14 packages (12 from conda-forge, 2 from a.org), Python 3.11.9``."""
    from lockfiles.difference import sides_of

    sources = Counter(side.source or "an index" for side in sides_of(resolution).values())
    count = len(resolution.conda) + len(resolution.pypi)
    hosts = Counter(map(_host, sources))  # a host of several indexes tells none of them
    parts = [
        f"{number} from {_host(name) if hosts[_host(name)] == 1 else name}"
        for name, number in sorted(sources.items(), key=lambda i: (-i[1], i[0]))
    ]
    told = f" ({', '.join(parts)})" if parts else ""
    python = f", Python {resolution.python}" if resolution.python else ""
    mode = resolution.target.resolution_mode
    versions = "" if mode is ResolutionMode.HIGHEST else f", {mode} versions"
    return f"{resolution.target.subdir}: {count} package{'' if count == 1 else 's'}{told}{python}{versions}"


def _host(source: str) -> str:
    """Return the host of an index's address, the path of a folder's; other names as they are."""
    if "://" not in source:
        return source
    scheme, _, rest = source.partition("://")
    return rest.rstrip("/") if scheme in ("file", "git+file") else rest.split("/", 1)[0]


def show_difference(difference: Difference, terminal: Terminal, *, limit: int = 20) -> None:
    """Write what changed, at most ``limit`` packages of each platform unless more was asked for."""
    from lockfiles.difference import describe_change, summarize

    by_platform: dict[str, list[tuple[str, str, str]]] = {}
    for change in difference.changes:
        by_platform.setdefault(change.platform, []).append(describe_change(change))
    for platform, rows in by_platform.items():
        terminal.note(f"Changed for {platform}:")
        shown = rows if terminal.verbosity >= 1 or len(rows) <= limit else rows[:limit]
        width = max(len(name) for _, name, _ in shown)
        for sign, name, what in shown:
            styled = terminal.style(sign, {"+": "green", "-": "red"}.get(sign, "cyan"))
            terminal.note(f"{name.ljust(width)}  {what}".rstrip(), styled=f"  {styled} ")
        if len(shown) < len(rows):
            terminal.note(f"  ... and {len(rows) - len(shown)} more (`-v` shows all)")
    if difference:
        terminal.note(summarize(difference)[:1].upper() + summarize(difference)[1:] + ".")


def conclude(
    locked: Locked | LockedSeveral, progress: Progress, terminal: Terminal, *, written: bool, dry_run: bool
) -> None:
    """Say what wasn't proven, what became of the file, how long it took, and what was fetched."""
    from lockfiles.cli.progress import format_size
    from lockfiles.cli.stamps.reading import format_seconds, nothing_to_change

    for subdir, stage in progress.unproven:
        terminal.note(f"{subdir}: {_UNPROVEN[stage.value]} was not proven within the limit.")
    place = "standard output" if locked.output is None else f"`{locked.output}`"
    fetched = f", {progress.fetched} requests ({format_size(progress.size)})" if progress.fetched else ""
    would_write = dry_run and locked.text != locked.earlier
    if written or would_write:
        verb = "Would write" if would_write else "Wrote"
        terminal.note(f"{verb} {place} in {format_seconds(progress.seconds)}{fetched}.")
    else:
        terminal.note(nothing_to_change(place, progress.seconds, fetched))


def locked_to_json(locked: Locked, *, written: bool, seconds: float) -> dict[str, Any]:
    """Return what ``lock --json`` prints of a lockfile; ``seconds``: of the whole run."""
    return lock_to_json(
        locked.resolutions,
        output=None if locked.output is None else locked.output.as_posix(),
        written=written,
        difference=locked.difference,
        notices=locked.notices,
        seconds=seconds,
    )


def lock_to_json(
    resolutions: Sequence[Resolution],
    *,
    output: str | None,
    written: bool,
    difference: Difference | None,
    seconds: float,
    notices: Sequence[Notice] = (),
) -> dict[str, Any]:
    """Return a lock as JSON values.

    ``schema_version``; ``output`` (None: not written to a file); ``written``
    (False: dry run, or nothing changed); ``changes`` as in ``lock diff --json``
    (None without an earlier lockfile); ``platforms`` with their packages;
    ``notices``; ``seconds``.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "output": output,
        "written": written,
        "changes": None if difference is None else difference.to_json(),
        "platforms": [platform_to_json(resolution) for resolution in resolutions],
        "notices": [notice.to_json() for notice in notices],
        "seconds": round(seconds, 3),
    }


def platform_to_json(resolution: Resolution) -> dict[str, Any]:
    """Return one platform of a lock as JSON values."""
    target = resolution.target
    return {
        "platform": target.subdir,
        "python": resolution.python,
        "channel_priority": target.channel_priority.value,
        "resolution": target.resolution_mode.value,
        "virtual_packages": [[p.name, p.version, p.build] for p in target.virtual_packages],
        "packages": [
            *(_conda_to_json(pin) for pin in resolution.conda),
            *(_pypi_to_json(pin) for pin in resolution.pypi),
        ],
        "provided": {
            project: {"package": name, "version": version}
            for project, (name, version) in sorted(resolution.provided.items())
        },
    }


def _conda_to_json(pin: CondaPin) -> dict[str, Any]:
    record = pin.record
    return {
        "manager": "conda",
        "name": record.name,
        "version": record.version,
        "build": record.build,
        "source": pin.channel.name,
        "url": pin.url,
        "hashes": {key: value for key, value in (("md5", record.md5), ("sha256", record.sha256)) if value},
        "categories": sorted(pin.categories),
    }


def _pypi_to_json(pin: PypiPin) -> dict[str, Any]:
    from lockfiles.formats.conda_lock.assemble import direct_url

    url = direct_url(pin.direct, pin.commit) if pin.direct else (pin.file.url if pin.file else None)
    return {
        "manager": "pip",
        "name": pin.name,
        "version": pin.version,
        "build": None,
        "source": pin.index,
        "url": url,
        "hashes": dict(sorted(pin.file.hashes.items())) if pin.file else {},
        "categories": sorted(pin.categories),
    }
