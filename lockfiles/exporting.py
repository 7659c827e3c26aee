"""Export: a lockfile in, files of another format or of an Azure ML environment out. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from lockfiles.locked_file import LockfileRequest
from lockfiles.session import DEFAULT_PLATFORM
from resolver.errors import InputError
from resolver.model.origin import Origin
from resolver.model.patterns import pattern

if TYPE_CHECKING:
    from lockfiles.formats.export import ExportedFile, ExportRequest
    from lockfiles.identity.export import ExportOptions
    from lockfiles.locked_file import OpenedLock
    from lockfiles.model import LockMetadata
    from resolver.model.resolution import Resolution


_ENVIRONMENT = pattern(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")


class ExportFileRequest(LockfileRequest, frozen=True, kw_only=True):
    """A lockfile of any format that is read, and the format to write it in.

    ``beside``: further lockfiles, as environments by name, for a format that holds several; the
    lockfile itself is then the one that is taken where none is named. ``all_environments``: those of the
    lockfile itself, under their names.
    """

    format: str
    beside: Mapping[str, str] = msgspec.field(default_factory=dict)  #: name of the environment -> lockfile
    all_environments: bool = False
    folder: str | None = None  #: where the files go: paths in them hold there; None: beside the lockfile


def export_file(request: ExportFileRequest) -> tuple[ExportedFile, ...]:
    """Return the files of the format. Raises InputError for what the lockfile or the format doesn't hold."""
    from lockfiles.formats.export import export
    from lockfiles.formats.local_paths import move_paths
    from lockfiles.locked_file import open_lockfile

    names = _names(request) if request.all_environments else ()
    if names:
        request = replace(request, environment=names[0])
    opened = open_lockfile(
        request.lockfile,
        request.reading,
        request.surroundings,
        beside=(*request.inputs, *request.beside.values()),
    )
    asked, remarks = _asked(opened, request)
    if request.folder is not None:
        asked = move_paths(asked, Path(request.lockfile).parent, Path(request.folder))
    further = {name: (request.lockfile, name) for name in names[1:]} | {
        name: (lockfile, request.environment) for name, lockfile in request.beside.items()
    }
    asked = replace(asked, environments=_environments(request, further))
    if names:
        asked = replace(asked, key=names[0])
    origin = Origin(file=opened.name)
    try:
        files = export(request.format, asked)
    except ValueError as error:
        raise InputError(f"can't be written as `{request.format}`: {error}", origin) from error
    if not files:
        raise InputError("there is nothing to write: it holds no platform", origin)
    first, *others = files
    return (replace(first, remarks=(*remarks, *first.remarks)), *others)


def _names(request: ExportFileRequest) -> tuple[str, ...]:
    """Return the environments of the lockfile, `default` first; raises InputError for another format's."""
    from lockfiles.files import read_text
    from lockfiles.formats.pixi.reading import read_every
    from resolver.inputs.file_kinds import kind_of

    text = read_text(request.lockfile)
    kind = kind_of(text, request.lockfile)
    if kind is None or kind.id != "pixi" or request.environment is not None or request.beside:
        what = "`--all-environments` is for a pixi.lock, without `--environment` and `--with`"
        raise InputError(what, Origin(file=request.lockfile))
    names = tuple(read_every(text, request.lockfile)[1])
    return tuple(sorted(names, key=lambda name: name != "default"))


def _environments(
    request: ExportFileRequest, further: Mapping[str, tuple[str, str | None]]
) -> dict[str, ExportRequest]:
    """Return the environments beside the own one; raises InputError where there is no place for them.

    ``further``: name -> the lockfile that has it, and what it is called there.
    """
    from lockfiles.formats.local_paths import move_paths
    from lockfiles.formats.names import FORMATS
    from lockfiles.locked_file import open_lockfile

    if further and not FORMATS[request.format].holds_environments:
        several = ", ".join(f"`{name}`" for name, row in FORMATS.items() if row.holds_environments)
        raise InputError(f"`{request.format}` holds one environment", hint=f"{several} hold several.")
    folder = Path(request.folder) if request.folder is not None else Path(request.lockfile).parent
    found = {}
    for name, (lockfile, environment) in further.items():
        if not _ENVIRONMENT.match(name) or name == "default":
            hint = "Small letters, digits and `-`; `default` is the lockfile itself."
            raise InputError(f"`{name}` can't be an environment's name", hint=hint)
        reading = replace(request.reading, environment=environment)
        opened = open_lockfile(lockfile, reading, request.surroundings)
        asked, _ = _asked(opened, request)
        found[name] = move_paths(asked, Path(lockfile).parent, folder)
    return found


def _asked(opened: OpenedLock, request: ExportFileRequest) -> tuple[ExportRequest, tuple[str, ...]]:
    """Return what is to be written, and what is to be said of the lockfile."""
    from lockfiles.formats.export import ExportRequest
    from lockfiles.formats.names import FORMATS

    said = tuple(dict.fromkeys(notice.text for notice in opened.content.notices))
    found = ExportRequest(
        resolutions=opened.resolutions,
        metadata=opened.content.metadata,
        source=opened.name,
        environ=request.surroundings.environ,
        today=request.surroundings.today(),
    )
    if not FORMATS[request.format].needs_graph:
        return found, said
    from lockfiles.graphs.lock_graph import graph_of_lock

    graphs = graph_of_lock(opened, request)
    return replace(found, graphs=graphs.graphs), graphs.remarks


class AzuremlRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A lockfile to become an Azure ML environment; ``name`` is the environment's.

    ``v1``: the files of v1's ``Environment.load_from_directory``. ``indexes`` for the
    pip section; empty: the lockfile's extra ones.
    """

    lockfile: str
    name: str
    image: str  #: base image, best with its digest
    platform: str = DEFAULT_PLATFORM
    v1: bool = False
    version: str | None = None
    description: str | None = None
    tags: Mapping[str, str] = msgspec.field(default_factory=dict)
    indexes: tuple[str, ...] = ()
    hashes: bool = False  #: ``--hash`` behind every pip requirement


class AzuremlFiles(msgspec.Struct, frozen=True, kw_only=True):
    """File name -> text, and the identity of what they install."""

    files: Mapping[str, str]
    content: str


def export_azureml(request: AzuremlRequest) -> AzuremlFiles:
    """Return the files of an environment. Raises InputError for a lockfile without the platform."""
    from lockfiles.identity.export import CONTENT_TAG, content_tags, export_v1, export_v2
    from lockfiles.identity.read.lockfile import read_resolution

    path = Path(request.lockfile)
    resolution, metadata = read_resolution(path, str(path), request.platform)
    export = export_v1 if request.v1 else export_v2
    files = export(resolution, _lock_text(path, resolution, metadata), _options(request, metadata))
    return AzuremlFiles(files=files, content=content_tags(resolution, request.image)[CONTENT_TAG])


def _lock_text(path: Path, resolution: Resolution, metadata: LockMetadata) -> str | None:
    """Return the conda-lock.yml to lay beside the definition: the file itself, or what another format holds.

    None where that names no files (requirements with pins).
    """
    from lockfiles.files import read_text
    from lockfiles.formats.conda_lock.text import write_conda_lock
    from lockfiles.formats.export import has_address
    from resolver.inputs.file_kinds import kind_of

    text = read_text(path)
    kind = kind_of(text, path.name)
    if kind is not None and kind.id == "conda_lock":
        return text
    if not all(map(has_address, resolution.pypi)):
        return None
    return write_conda_lock([resolution], metadata)


def _options(request: AzuremlRequest, metadata: LockMetadata) -> ExportOptions:
    from lockfiles.identity.export import ExportOptions
    from lockfiles.identity.read.lockfile import extra_indexes

    return ExportOptions(
        name=request.name,
        image=request.image,
        version=request.version,
        description=request.description,
        channels=[channel.url for channel in metadata.channels],
        indexes=request.indexes or extra_indexes(metadata),
        hashes=request.hashes,
        tags=request.tags,
    )
