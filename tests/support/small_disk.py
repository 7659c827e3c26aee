"""A file system of a few pages, for what happens when there is no room."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

#: Bytes of the whole, and of a page.
SIZE, PAGE = 64 << 10, 4096


@contextlib.contextmanager
def small_disk(folder: Path, filled: int) -> Iterator[Path]:
    """Make a file system of 64 KiB in a new folder, of which so many bytes are taken."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True, timeout=240
    )
    if made.returncode:
        pytest.skip("no file system may be mounted here")
    try:
        (folder / "filler").write_bytes(b"x" * filled)
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True, timeout=240)
