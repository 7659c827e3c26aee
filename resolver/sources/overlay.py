"""The user's own name map, read from disk."""

from __future__ import annotations

import hashlib
from pathlib import Path

from resolver.errors import InputError
from resolver.model.origin import Origin


def read_overlay(path: Path) -> str:
    """Return the text of an overlay file; raises InputError where it can't be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8 text"
        raise InputError(f"can't read the name map: {reason}", Origin(file=str(path))) from None


def overlay_digest(path: Path) -> str:
    """Return what tells an overlay file from every other, in hexadecimal digits. Raises OSError."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
