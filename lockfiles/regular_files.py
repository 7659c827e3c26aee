"""Files opened for reading, neither pipes nor devices, which may never end, or never begin.

One that lies among files in place of another would hold up whoever opens it.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from pathlib import Path
from typing import BinaryIO

#: A lockfile of 10,000 packages has about 8 MB; beyond this size the file is something else.
LARGEST_TEXT = 256 * 1024 * 1024
#: Seconds that a pipe without a reader is waited for: who makes one starts both ends at once.
PATIENCE = 5.0
#: What a shell hands over by name in place of a file (`lock <(command)`); a terminal among it.
_HANDED_OVER = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")


def open_regular_file(path: str | Path) -> BinaryIO:
    """Open a file, or what a shell hands over as one; raises OSError, also for what is none."""
    name = os.fspath(path)
    is_handed = name.startswith(_HANDED_OVER)
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    # A pipe without a writer would hold up its opening; on a file the flag does nothing.
    handle = os.open(name, flags if is_handed else flags | getattr(os, "O_NONBLOCK", 0))
    kind = os.fstat(handle).st_mode
    if stat.S_ISREG(kind) or (is_handed and not stat.S_ISDIR(kind)) or os.path.realpath(name) == os.devnull:
        return os.fdopen(handle, "rb")
    os.close(handle)
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    raise OSError(errno.EINVAL, "is a pipe or a device, not a file (`-` reads standard input)", name)


def new_file(start: str, end: str = "") -> tuple[int, str]:
    """Make a file that nobody else can read or name in advance; return its descriptor and path.

    As `tempfile` does, which takes 9 ms to import, for the compressions that come with it.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    name = f"{start}{os.urandom(8).hex()}{end}"
    return os.open(name, flags | getattr(os, "O_CLOEXEC", 0), 0o600), name


def write_to_pipe_or_device(path: str | Path, data: bytes) -> None:
    """Write to what is there and is no file; raises OSError, also where nobody comes to read from a pipe."""
    flags = os.O_WRONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    waiting = getattr(os, "O_NONBLOCK", 0)
    end = time.monotonic() + PATIENCE
    while True:
        try:
            handle = os.open(path, flags | waiting)
            break
        except OSError as error:
            if error.errno != errno.ENXIO or not stat.S_ISFIFO(Path(path).stat().st_mode):
                raise
            if time.monotonic() > end:
                told = f"a pipe that nobody has read from for {PATIENCE:g} s"
                raise OSError(errno.ENXIO, told, os.fspath(path)) from None
        time.sleep(0.05)
    if waiting:
        os.set_blocking(handle, True)  # a slow reader gets all of it
    with os.fdopen(handle, "wb") as file:
        file.write(data)


def read_whole(path: str | Path, most: int | None = None) -> bytes:
    """Return what a file holds, of a longer one than ``most`` bytes the first of them.

    Raises OSError, without ``most`` also for a file of more than :data:`LARGEST_TEXT` bytes.
    """
    with open_regular_file(path) as file:
        data = file.read(LARGEST_TEXT + 1 if most is None else most)
    if most is None and len(data) > LARGEST_TEXT:
        raise OSError(errno.EFBIG, f"larger than {LARGEST_TEXT >> 20} MiB: not a text", os.fspath(path))
    return data
