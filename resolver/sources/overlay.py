"""The user's own name map, read from disk."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

from resolver.errors import InputError
from resolver.model.origin import Origin
from resolver.sources.http.local import open_regular
from resolver.sources.limits import LimitError

_LARGEST = 64 << 20  #: bytes; the project's own table has less than one MiB


def read_overlay(path: Path) -> str:
    """Return the text of an overlay file; raises InputError where it can't be read."""
    try:
        return _read(path).decode("utf-8")
    except LimitError as error:
        reason = error.reason
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8 text"
    raise InputError(f"can't read the name map: {reason}", Origin(file=str(path)))


def overlay_digest(path: Path) -> str:
    """Return what tells an overlay file from every other, in hexadecimal digits. Raises OSError."""
    try:
        return hashlib.sha256(_read(path)).hexdigest()
    except LimitError as error:
        raise OSError(errno.EINVAL, error.reason, str(path)) from None


def _read(path: Path) -> bytes:
    """Return what a file holds; raises OSError, and LimitError for a pipe, a device or what is too large."""
    with open_regular(path, _LARGEST) as file:
        return file.read()
