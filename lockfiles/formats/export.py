"""What every exporting format takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module

import msgspec
from msgspec.structs import replace

from lockfiles.formats.conda_lock.restore import resolutions_of_lock
from lockfiles.formats.conda_lock.target_keys import INDEXES
from lockfiles.formats.names import FORMATS
from lockfiles.formats.reading import LockContent
from lockfiles.model import CondaLock, LockedChannel, LockMetadata
from resolver.model.resolution import Resolution


class ExportRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Resolutions to write, and what is known of where they came from."""

    resolutions: tuple[Resolution, ...]
    metadata: LockMetadata = msgspec.field(default_factory=LockMetadata)
    name: str | None = None  #: of the environment

    @property
    def channels(self) -> tuple[LockedChannel, ...]:
        """The channels, in order."""
        return self.metadata.channels

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
    """Return the files of a format, one or more. Raises KeyError for an unknown format."""
    module = import_module(FORMATS[format_name].module)
    writer: Callable[[ExportRequest], Sequence[ExportedFile]] = module.export
    return tuple(writer(request))


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
    kept = None if categories is None else frozenset(categories) | {"main"}
    return ExportRequest(
        resolutions=tuple(
            limit_categories(resolution, kept)
            for resolution in content.resolutions
            if not wanted or resolution.target.subdir in wanted
        ),
        metadata=content.metadata,
    )


def check_addresses(request: ExportRequest) -> None:
    """Raise ValueError where a package has no address: requirements with pins name none."""
    bare = sorted(
        {
            pin.name
            for resolution in request.resolutions
            for pin in resolution.pypi
            if not (pin.file or pin.direct)
        }
    )
    if bare:
        raise ValueError(f"the lockfile gives no address of {', '.join(f'`{name}`' for name in bare)}")


def limit_categories(resolution: Resolution, kept: frozenset[str] | None) -> Resolution:
    """Return the resolution with the packages of these categories; None: all."""
    if kept is None:
        return resolution
    return replace(
        resolution,
        conda=tuple(pin for pin in resolution.conda if pin.categories & kept),
        pypi=tuple(pin for pin in resolution.pypi if pin.categories & kept),
    )
