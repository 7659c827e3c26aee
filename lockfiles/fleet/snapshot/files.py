"""The files that a job reads, by path and SHA-256: those of its folder, settings above it, what lines name.

Folders of packages (``-e ./package``) aren't sent. What is large is no input: it is left out, and met as a
file that isn't there. Paths have ``/``.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from lockfiles.regular_files import open_regular_file
from resolver.errors import InputError
from resolver.model.origin import Origin

#: Bytes of one file, and of all.
_LARGEST = 4 << 20
_LARGEST_TREE = 512 << 20
#: Files that hold for the folders below theirs.
_SETTINGS = ("lockstack.toml", "pyproject.toml", "pixi.toml", ".condarc", "pip.conf")
_NAMES_A_FILE = re.compile(rb"(?m)^\s*(?:-\s+)?[\"']?(?:-r|-c|--requirement|--constraint)[ =]*([^\s\"'#]+)")


class PackedFiles:
    """Files below the folder that a fleet runs in; read once."""

    def __init__(self, root: Path) -> None:
        """``root``: the folder that names count from."""
        self._root = root
        self._digests: dict[str, str | None] = {}  #: path -> digest; None: it isn't sent
        self._folders: dict[str, tuple[str, ...]] = {}
        self._data: dict[str, bytes] = {}
        self._size = 0

    def data(self, digest: str) -> bytes:
        """Return the bytes of a digest; raises KeyError for one that isn't packed."""
        return self._data[digest]

    def needed(self, name: str) -> tuple[tuple[str, str], ...]:
        """Return (path, digest) of what the job of a file may read, by path.

        Raises InputError for a name that isn't below the folder, and where it is too much in all.
        """
        path = _below(name)
        if path is None:
            hint = "Run the fleet in a folder above its files, and name them from there."
            raise InputError("isn't below this folder: it can't be sent to workers", Origin(file=name), hint)
        folder = posixpath.dirname(path)
        wanted = dict.fromkeys(self._listed(folder))
        above = folder
        while above:
            above = posixpath.dirname(above)
            wanted |= dict.fromkeys(posixpath.join(above, one) for one in _SETTINGS)
        pending = [path]
        while pending:
            for found in self._named(pending.pop()):
                if found not in wanted:
                    wanted[found] = None
                    pending.append(found)
        digests = ((one, self._digest(one)) for one in sorted({*wanted, path}))
        return tuple((one, digest) for one, digest in digests if digest is not None)

    def _listed(self, folder: str) -> tuple[str, ...]:
        known = self._folders.get(folder)
        if known is None:
            try:
                entries = sorted(os.scandir(self._root / folder), key=lambda entry: entry.name)
                names = [posixpath.join(folder, entry.name) for entry in entries if entry.is_file()]
            except OSError:
                names = []
            known = self._folders[folder] = tuple(names)
        return known

    def _named(self, path: str) -> Iterator[str]:
        """Yield the files that a file's lines name; those above the folder can't be sent."""
        digest = self._digest(path)
        for found in _NAMES_A_FILE.finditer(self._data.get(digest, b"")) if digest else ():
            text = found[1].decode(errors="replace")
            other = _below(posixpath.join(posixpath.dirname(path), text))
            if "://" not in text and other is not None:
                yield other

    def _digest(self, path: str) -> str | None:
        if path not in self._digests:
            self._digests[path] = self._pack(path)
        return self._digests[path]

    def _pack(self, path: str) -> str | None:
        try:
            with open_regular_file(self._root / path) as file:
                data = file.read(_LARGEST + 1)
        except (OSError, ValueError):
            return None
        if len(data) > _LARGEST:
            return None
        self._size += len(data)
        if self._size > _LARGEST_TREE:
            message = f"the files beside the inputs have more than {_LARGEST_TREE >> 20} MiB"
            raise InputError(message, Origin(file="--snapshot"), "Name fewer files, or share a file system.")
        digest = hashlib.sha256(data).hexdigest()
        self._data[digest] = data
        return digest


def _below(name: str) -> str | None:
    """Return a name as a plain path below the folder that it counts from; None for any other one."""
    path = posixpath.normpath(name.replace(os.sep, "/"))
    outside = posixpath.isabs(path) or Path(name).is_absolute() or path.partition("/")[0] == ".."
    return None if outside else path


def place_of(root: Path, name: str) -> Path:
    """Return the place below a folder that a relative name means; raises ValueError for any other name."""
    path = _below(name)
    if path is None:
        raise ValueError(f"`{name}` isn't below the folder")
    return root / path


def lay_out(root: Path, files: Sequence[tuple[str, str]], known: dict[str, str]) -> list[tuple[Path, str]]:
    """Return the places of files that aren't there yet, with their digests; ``known`` takes note of them."""
    missing = [(place_of(root, path), digest) for path, digest in files if known.get(path) != digest]
    known |= dict(files)
    return missing
