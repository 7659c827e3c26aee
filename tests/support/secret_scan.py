"""Whether a secret that tests hand to the command stands in anything that the command wrote.

Every run of the command gets :data:`PLANTED` in variables. Tests with credentials of their own use words
with :data:`MARKS` in them. What a test wrote itself (input files, netrc) isn't looked at: artefacts are known
by their names and folders.
"""

from __future__ import annotations

import base64
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

#: A secret that no test needs: in the variables of every run.
PLANTED = "planted-5f0e1c77-never-written"
VARIABLES = {"LOCK_AUTH_PLANTED_EXAMPLE": f"token {PLANTED}", "PLANTED_API_TOKEN": PLANTED}
#: Parts of the secrets that tests use: nothing else here holds them.
MARKS = (PLANTED, "sesame", "hunter2-planted", "tok-4f1d9c-planted")
_LOCKFILE = re.compile(
    r"(?:.*conda-lock\.ya?ml|.*\.lock|pylock.*\.toml|explicit.*\.txt|.*\.(?:spdx|cdx)\.json)\Z"
)
#: Folders that only the command writes into.
_OURS = frozenset({"cache", "lockstack", "_cache"})
_LARGEST = 16 << 20  #: bytes of a file that is looked at


def forms() -> tuple[bytes, ...]:
    """Return the ways in which each mark could be written down; of base64 the part that any place has."""
    found: set[bytes] = set()
    for mark in MARKS:
        data = mark.encode()
        found |= {data, data.hex().encode()}
        for shift in range(3):
            text = base64.b64encode(b"x" * shift + data).rstrip(b"=")
            found.add(text[4 if shift else 0 : len(text) // 4 * 4 - 4])
    return tuple(sorted(form for form in found if len(form) >= 6))


_FORMS = forms()


def leaks_in(folder: Path) -> list[str]:
    """Return the artefacts below a folder that hold a secret, each with the form it has there."""
    return [
        f"{name}: {form.decode()}"
        for path in _artefacts(folder)
        for name, data in _contents(path)
        for form in _FORMS
        if form in data
    ]


def _artefacts(folder: Path) -> Iterator[Path]:
    for where, _, names in os.walk(folder):
        is_ours = not _OURS.isdisjoint(Path(where).relative_to(folder).parts)
        for name in names:
            path = Path(where, name)
            if (is_ours or _LOCKFILE.match(name) or name.endswith(".zip")) and not path.is_symlink():
                yield path


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return
        data = path.read_bytes()
        yield str(path), data
        if data.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(path) as archive:
                yield from ((f"{path}!{name}", archive.read(name)) for name in archive.namelist())
    except (OSError, zipfile.BadZipFile, zlib.error, ValueError, RuntimeError, NotImplementedError):
        return  # broken on purpose
