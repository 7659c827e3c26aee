"""``conda-meta/*.json``: which conda packages are installed, and the files that each brought."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from lockfiles.regular_files import open_regular_file
from lockfiles.subjects.prefix.listed import ListedFile
from resolver.errors import InputError
from resolver.model.channels import Channel
from resolver.model.json_text import decode_json
from resolver.model.origin import Origin
from resolver.model.records import CondaRecord
from resolver.model.redaction import strip
from resolver.model.resolution import CondaPin

_LARGEST = 256 * 1024 * 1024
_PUBLIC = ("https://conda.anaconda.org/", "https://repo.anaconda.com/")
#: Kinds of paths that installers make themselves, so that nothing is known of their bytes.
_MADE = frozenset(
    {
        "unix_python_entry_point",
        "windows_python_entry_point_script",
        "windows_python_entry_point_exe",
        "windows_python_entry_point",
        "linked_package_record",
    }
)


class CondaInstalled(msgspec.Struct, frozen=True, kw_only=True):
    """One installed conda package, and the files it lists."""

    pin: CondaPin
    file: str  #: its record, as a path
    files: tuple[ListedFile, ...]


class _PathEntry(msgspec.Struct, frozen=True):
    path: str = msgspec.field(name="_path")
    path_type: str | None = None
    sha256: str | None = None
    sha256_in_prefix: str | None = None
    size_in_bytes: int | None = None
    prefix_placeholder: str | None = None
    file_mode: str | None = None


class _PathsData(msgspec.Struct, frozen=True):
    paths: list[_PathEntry] = []


class _Meta(msgspec.Struct, frozen=True):
    """The keys of a record that are read (conda's ``PrefixRecord``)."""

    name: str
    version: str
    build: str = ""
    build_number: int | None = 0
    channel: Any = None
    subdir: str | None = None
    fn: str | None = None
    url: str | None = None
    depends: list[str] | None = None
    constrains: list[str] | None = None
    md5: str | None = None
    sha256: str | None = None
    size: int | None = None
    noarch: str | bool | None = None
    files: list[str] | None = None
    paths_data: _PathsData | None = None


def read_conda_meta(prefix: Path, faults: list[InputError]) -> list[CondaInstalled]:
    """Return what the records say, by file name; what can't be read goes to ``faults``."""
    found = []
    for path in sorted((prefix / "conda-meta").glob("*.json")):
        try:
            found.append(_read(path))
        except (OSError, ValueError) as error:
            faults.append(InputError(f"can't be read as a conda record: {error}", Origin(file=str(path))))
    return found


def _read(path: Path) -> CondaInstalled:
    with open_regular_file(path) as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError(f"larger than {_LARGEST >> 20} MiB")
    meta = decode_json(data, _Meta, strict=False)
    return CondaInstalled(pin=_pin(meta), file=str(path), files=tuple(_files(meta)))


def _pin(meta: _Meta) -> CondaPin:
    subdir = meta.subdir or "noarch"
    base = str(meta.channel or "").rstrip("/").removesuffix(f"/{subdir}")
    name = base
    for server in _PUBLIC:
        name = name.removeprefix(server)
    record = CondaRecord(
        name=meta.name,
        version=meta.version,
        build=meta.build,
        build_number=meta.build_number or 0,
        file_name=meta.fn or f"{meta.name}-{meta.version}-{meta.build}.conda",
        depends=tuple(meta.depends or ()),
        constrains=tuple(meta.constrains or ()),
        md5=meta.md5,
        sha256=meta.sha256,
        size=meta.size,
        noarch=str(meta.noarch) if meta.noarch else None,
    )
    return CondaPin(
        record=record,
        channel=Channel(name=strip(name or "unknown"), base_url=strip(base)),
        subdir=subdir,
        url=strip(meta.url or ""),
    )


def _files(meta: _Meta) -> list[ListedFile]:
    """Return the files with what is known of each; old records name them and say no more."""
    if meta.paths_data is not None and meta.paths_data.paths:
        is_signed = (meta.subdir or "").startswith("osx")
        entries = (entry for entry in meta.paths_data.paths if entry.path_type != "directory")
        return [_listed(entry, is_signed=is_signed) for entry in entries]
    return [ListedFile(path=path.replace("\\", "/")) for path in meta.files or ()]


def _listed(entry: _PathEntry, *, is_signed: bool) -> ListedFile:
    """Return an entry as what the file in the prefix must be.

    Where the prefix was written into a text its size is another than the package's, and on macOS
    a program's too, as it is signed anew.
    """
    path = entry.path.replace("\\", "/")
    if entry.path_type == "softlink":
        return ListedFile(path=path, is_link=True)
    if entry.path_type in _MADE:
        return ListedFile(path=path)
    has_prefix = bool(entry.prefix_placeholder)
    in_prefix = entry.sha256_in_prefix
    is_rewritten = has_prefix or (in_prefix is not None and in_prefix != entry.sha256)
    keeps_size = not is_rewritten or (entry.file_mode == "binary" and not is_signed)
    return ListedFile(
        path=path,
        sha256=in_prefix or (None if has_prefix else entry.sha256),
        size=entry.size_in_bytes if keeps_size else None,
    )
