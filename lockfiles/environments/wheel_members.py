"""What a wheel would put where, looked at before any installer takes it.

::

    NAME-VERSION.dist-info/   one, of the project that is meant; RECORD, WHEEL and METADATA in it
    NAME-VERSION.data/KEY/    KEY: purelib, platlib, scripts, data, headers
    everything else           modules

Names, kinds and RECORD's rows are looked at, of no more than is bounded here; what files hold is compared
with RECORD when they are installed. Source: the specification of the binary distribution format (PEP 427),
and that of entry points.
"""

from __future__ import annotations

import csv
import io
import os
import re
import stat
import sys
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from packaging.version import InvalidVersion, Version

from resolver.model.names import pypi_name

_MOST_MEMBERS = 500_000
_LARGEST_TOTAL = 64 << 30  #: bytes after unpacking; the largest wheels have 8 GiB
_LARGEST_READ = 64 << 20  #: bytes of a RECORD, which of 500,000 files has 50 MiB
_LONGEST, _LONGEST_PART = 4096, 255  #: characters of a path, bytes of a name in it
_KEYS = frozenset({"purelib", "platlib", "scripts", "data", "headers"})
_NEEDED = ("METADATA", "WHEEL", "RECORD")
_SECTION = re.compile(r"\s*\[\s*(console_scripts|gui_scripts)\s*\]\s*$")
_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    csv.Error,
    KeyError,
)


def check_wheel(wheel: Path, name: str, version: str, prefix: Path, site: str) -> None:
    """Raise ValueError, with what is wrong, for a wheel that no installer should get.

    ``name``, ``version``: of the project that is meant. ``site``: the folder of modules in ``prefix``.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            paths = _paths(archive)
            folder = _metadata_folder(paths, name, version)
            _check_data(paths, folder.removesuffix(".dist-info"))
            _check_record(_text(archive, f"{folder}/RECORD"))
            if f"{folder}/entry_points.txt" in paths:
                _check_scripts(_text(archive, f"{folder}/entry_points.txt"))
    except _FAULTS as error:
        raise ValueError(f"can't be read: {error or type(error).__name__}") from None
    _check_places(paths, prefix, site)


def _paths(archive: zipfile.ZipFile) -> frozenset[str]:
    """Return the paths of the files; raises ValueError for what isn't a file in a place of its own."""
    members = archive.infolist()
    if len(members) > _MOST_MEMBERS or sum(member.file_size for member in members) > _LARGEST_TOTAL:
        raise ValueError("is too large to unpack")
    paths: dict[str, str] = {}
    for member in members:
        # `orig_filename` may go on behind a NUL, where `filename` ends
        path = member.orig_filename
        kind = stat.S_IFMT(member.external_attr >> 16)
        if fault := _stray(path.removesuffix("/")):
            raise ValueError(f"has a path that {fault}: `{path[:200]}`")
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ValueError(f"has a link or a device, which wheels can't hold: `{path}`")
        if member.is_dir():
            continue
        same = _folded(path)
        if same in paths:
            raise ValueError(f"has two files in one place: `{paths[same]}` and `{path}`")
        paths[same] = path
    for path in paths.values():
        for folder in _folders(path):
            if _folded(folder) in paths:
                raise ValueError(f"has `{folder}` as a file and as a folder")
    return frozenset(paths.values())


def _folded(path: str) -> str:
    """Return a path as file systems here tell it from others."""
    return unicodedata.normalize("NFC", path).casefold() if sys.platform == "darwin" else path


def _stray(path: str) -> str | None:
    """Return why a path is none of a file in a folder; None: it is one."""
    parts = path.split("/")
    if "\\" in path or ":" in parts[0] or parts[0] == "" or ".." in parts:
        return "leads out of it"
    if "" in parts or "." in parts or any(unicodedata.category(char) in ("Cc", "Cs") for char in path):
        return "isn't plain"
    if len(path) > _LONGEST or any(len(part.encode()) > _LONGEST_PART for part in parts):
        return "is too long"
    return None


def _folders(path: str) -> Iterator[str]:
    end = path.find("/")
    while end > 0:
        yield path[:end]
        end = path.find("/", end + 1)


def _metadata_folder(paths: frozenset[str], name: str, version: str) -> str:
    """Return the one folder of metadata; raises ValueError for another project's, or several."""
    tops = {path.partition("/")[0] for path in paths if "/" in path}
    found = sorted(top for top in tops if top.lower().endswith(".dist-info"))
    if len(found) != 1 or not found[0].endswith(".dist-info"):
        raise ValueError(f"has {len(found) or 'no'} folders of metadata: {', '.join(found[:3])}".rstrip(": "))
    stem = found[0].removesuffix(".dist-info")
    said, _, said_version = stem.rpartition("-")
    if pypi_name(said or stem) != pypi_name(name) or not _is_same(said_version, version):
        raise ValueError(f"is of another project or version than {name} {version}: it has `{found[0]}`")
    for needed in _NEEDED:
        if f"{found[0]}/{needed}" not in paths:
            raise ValueError(f"has no `{needed}`")
    return found[0]


def _is_same(said: str, version: str) -> bool:
    try:
        return Version(said.replace("_", "-") if "+" not in said else said) == Version(version)
    except InvalidVersion:
        return said == version


def _check_data(paths: frozenset[str], stem: str) -> None:
    """Raise ValueError for files of a data folder that have no place, or one that is conda's."""
    for path in paths:
        top, _, rest = path.partition("/")
        if not top.lower().endswith(".data") or not rest:
            continue
        key, _, inner = rest.partition("/")
        if top != f"{stem}.data" or key not in _KEYS or not inner:
            raise ValueError(f"has a file for no place that there is: `{path}`")
        if key == "data" and inner.partition("/")[0].lower() in ("conda-meta", "pyvenv.cfg"):
            raise ValueError(f"has a file for the environment's own records: `{path}`")
        if key == "scripts" and "/" in inner:
            raise ValueError(f"has a command in a folder: `{path}`")


def _check_record(text: str) -> None:
    """Raise ValueError where a row names a file elsewhere: who takes the project out would delete it."""
    for row in csv.reader(io.StringIO(text, newline="")):
        if row and (fault := _stray(row[0])):
            raise ValueError(f"has a row in RECORD that {fault}: `{row[0][:200]}`")


def _check_scripts(text: str) -> None:
    """Raise ValueError for a command whose name is a path."""
    is_command = False
    for line in text.splitlines():
        if line.lstrip().startswith("["):
            is_command = _SECTION.match(line) is not None
            continue
        name = re.split("[=:]", line, maxsplit=1)[0].strip()
        if is_command and name and not name.startswith(("#", ";")) and (_stray(name) or "/" in name):
            raise ValueError(f"has an entry point whose name is a path: `{name[:200]}`")


def _text(archive: zipfile.ZipFile, path: str) -> str:
    with archive.open(path) as file:
        data = file.read(_LARGEST_READ + 1)
    if len(data) > _LARGEST_READ:
        raise ValueError(f"has a `{path}` of more than {_LARGEST_READ >> 20} MiB")
    return data.decode("utf-8")  # a UnicodeDecodeError is a ValueError


def _check_places(paths: frozenset[str], prefix: Path, site: str) -> None:
    """Raise ValueError where a link in the environment would carry a file out of it."""
    root = os.path.realpath(prefix)
    for folder in {f for path in paths for f in _homes(path, site)}:
        if os.path.commonpath([root, os.path.realpath(prefix / folder)]) != root:
            raise ValueError(f"would write through a link of the environment that leads out: `{folder}`")


def _homes(path: str, site: str) -> Sequence[str]:
    """Return the folder of the environment that a file comes to lie in."""
    folder = path.rpartition("/")[0]
    top, _, rest = folder.partition("/")
    if not top.endswith(".data"):
        return (f"{site}/{folder}",)
    key, _, inner = rest.partition("/")
    base = {"purelib": site, "platlib": site, "scripts": "bin", "data": ".", "headers": "include"}[key]
    return (f"{base}/{inner}",)
