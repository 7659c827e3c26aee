"""The path that an environment was worked on at, replaced by the one where it will stand.

Installers write the path of the interpreter into commands (and builds of source archives into
libraries). conda's packages were linked with the final path; here is the pip part. The final path
is the shorter one, so in binary files it takes the old one's place with NULs behind the text, as conda
does it.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Container, Iterable
from pathlib import Path

from lockfiles.environments.record_rows import encode_rows, read_rows

#: No file of commands or libraries is larger; what is larger is data.
_LARGEST = 1 << 30


def relocate_projects(prefix: Path, final: Path, folders: Iterable[str], built: Container[str] = ()) -> None:
    """Correct the files of projects, and what their RECORDs say of these.

    ``folders``: metadata folders, relative to ``prefix``. Of those in ``built`` every file may hold the
    path; what comes in a wheel holds it outside of the folder of modules alone. Raises OSError.
    """
    for folder in folders:
        record = prefix / folder / "RECORD"
        if not record.is_file():
            continue
        site = record.parent.parent
        rows = read_rows(record)
        changed = False
        for row in rows:
            path = Path(os.path.normpath(site / row[0]))
            if len(row) < 3 or not path.is_relative_to(prefix) or path == record:
                continue
            if folder not in built and path.is_relative_to(site):
                continue
            data = relocate_file(path, prefix, final)
            if data is not None and row[1]:
                digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                row[1], row[2], changed = f"sha256={digest}", str(len(data)), True
        if changed:
            replace_file(record, encode_rows(rows))


def relocate_file(path: Path, prefix: Path, final: Path) -> bytes | None:
    """Replace the path in one file; return its new bytes, None where it stays. Raises OSError."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
        return None
    data = path.read_bytes()
    old, new = os.fsencode(prefix), os.fsencode(final)
    if old not in data:
        return None
    made = _in_binary(data, old, new) if b"\0" in data else data.replace(old, new)
    replace_file(path, made)
    return made


def _in_binary(data: bytes, old: bytes, new: bytes) -> bytes:
    """Replace the path in texts that end with NUL, whose length stays."""

    def shorten(match: re.Match[bytes]) -> bytes:
        text = match.group()
        shorter = text.replace(old, new)
        return shorter + b"\0" * (len(text) - len(shorter))

    return re.sub(re.escape(old) + rb"[^\0]*(?=\0)", shorten, data)


def replace_file(path: Path, data: bytes) -> None:
    """Write a file anew with its permissions: another name of the old one keeps the old bytes."""
    mode = path.stat().st_mode
    temporary = path.with_name(f".{path.name}.lockstack")
    temporary.write_bytes(data)
    temporary.chmod(mode)
    temporary.replace(path)
