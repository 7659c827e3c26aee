"""What every exporting format takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module

import msgspec

from lockfiles.formats.conda_lock.restore import resolutions_of_lock
from lockfiles.formats.conda_lock.target_keys import INDEXES, NAME
from lockfiles.formats.losses import losses
from lockfiles.formats.names import FORMATS
from lockfiles.formats.reading import MAIN, LockContent, limit_categories
from lockfiles.model import CondaLock, LockedChannel, LockMetadata
from resolver.graph import Graph
from resolver.model.resolution import PypiPin, Resolution


class ExportRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Resolutions to write, and what is known of where they came from."""

    resolutions: tuple[Resolution, ...]
    metadata: LockMetadata = msgspec.field(default_factory=LockMetadata)
    name: str | None = None  #: of the environment
    source: str = "conda-lock.yml"  #: the lockfile's name
    environments: Mapping[str, ExportRequest] = msgspec.field(default_factory=dict)
    #: further ones by name, for a format that holds several; this one is then the one taken by default
    key: str = "default"  #: what this one is called beside them
    graphs: tuple[Graph, ...] = ()  #: one a resolution, where it is known what was asked for
    environ: Mapping[str, str] = msgspec.field(default_factory=dict)  #: of the run, for what tells of it
    today: str | None = None  #: ``2026-01-31``

    @property
    def known_graphs(self) -> tuple[Graph, ...]:
        """One graph a resolution: as given, else with what nothing needs for its roots."""
        from resolver.graph import graph_of

        return self.graphs or tuple(graph_of(resolution) for resolution in self.resolutions)

    @property
    def environment_name(self) -> str:
        """What the environment is called: in the lockfile, else as the lockfile."""
        return self.name or self.metadata.custom.get(NAME) or self.source

    @property
    def channels(self) -> tuple[LockedChannel, ...]:
        """The channels, in order."""
        return self.metadata.channels

    @property
    def categories(self) -> tuple[str, ...]:
        """Groups, extras and categories beside what is always installed, sorted."""
        found: set[str] = set()
        for one in self.resolutions:
            found.update(*(pin.categories for pin in one.conda), *(pin.categories for pin in one.pypi))
        return tuple(sorted(found - {MAIN}))

    @property
    def indexes(self) -> tuple[str, ...]:
        """Names or addresses of the indexes in the order asked, without credentials."""
        return tuple(self.metadata.custom.get(INDEXES, "").split())


class ExportedFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file to write; ``remarks`` are sentences for the user about what the format can't hold."""

    name: str  #: the usual file name
    text: str
    remarks: tuple[str, ...] = ()


def export(format_name: str, request: ExportRequest) -> tuple[ExportedFile, ...]:
    """Return the files of a format, one or more. Raises KeyError for an unknown format.

    What the format has no place for is left out, and named in a remark of the first file.
    """
    row = FORMATS[format_name]
    writer: Callable[[ExportRequest], Sequence[ExportedFile]] = import_module(row.module).export
    held = frozenset((row.holds or "").split())
    files = tuple(writer(request if "sources" in held else _without_sources(request)))
    every = (
        *request.resolutions,
        *(one for more in request.environments.values() for one in more.resolutions),
    )
    lost = None if row.holds is None else losses(every, held)
    if lost is None or not files:
        return files
    first, *others = files
    return (msgspec.structs.replace(first, remarks=(*first.remarks, lost)), *others)


def _without_sources(request: ExportRequest) -> ExportRequest:
    if not any(pin.source for one in request.resolutions for pin in one.conda):
        return request
    resolutions = tuple(
        msgspec.structs.replace(one, conda=tuple(pin for pin in one.conda if not pin.source))
        for one in request.resolutions
    )
    return msgspec.structs.replace(request, resolutions=resolutions)


def request_of_lock(
    lock: CondaLock,
    file: str = "conda-lock.yml",
    *,
    platforms: Iterable[str] = (),
    categories: Iterable[str] | None = None,
) -> ExportRequest:
    """Return what a lockfile holds as a request.

    ``platforms`` and ``categories`` limit it; none given means all. The
    category ``main`` is always in.
    """
    content = LockContent(resolutions=resolutions_of_lock(lock, file), metadata=lock.metadata)
    return request_of_content(content, platforms=platforms, categories=categories)


def request_of_content(
    content: LockContent, *, platforms: Iterable[str] = (), categories: Iterable[str] | None = None
) -> ExportRequest:
    """Return what a lockfile of any format holds as a request, limited as :func:`request_of_lock` says."""
    wanted = frozenset(platforms)
    kept = None if categories is None else frozenset(categories) | {MAIN}
    return ExportRequest(
        resolutions=tuple(
            resolution if kept is None else limit_categories(resolution, kept)
            for resolution in content.resolutions
            if not wanted or resolution.target.subdir in wanted
        ),
        metadata=content.metadata,
    )


def has_address(pin: PypiPin) -> bool:
    """Tell whether anything says where a package lies: requirements with pins and poetry.lock don't."""
    return pin.direct is not None or (pin.file is not None and bool(pin.file.url))


def check_addresses(request: ExportRequest) -> None:
    """Raise ValueError where a package has no address."""
    bare = sorted(
        {pin.name for resolution in request.resolutions for pin in resolution.pypi if not has_address(pin)}
    )
    if bare:
        more = f" and {len(bare) - 5} more" if len(bare) > 5 else ""
        names = ", ".join(f"`{name}`" for name in bare[:5]) + more
        raise ValueError(f"the lockfile gives no address of {names}")
