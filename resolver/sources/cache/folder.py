"""A folder of fetched and parsed facts that several processes share.

::

    ROOT/v1/BUCKET/ab/ab34...          one entry: header, digest, payload
    ROOT/v1/BUCKET/ab/ab34....lock     held while a large entry is being made (see :meth:`Cache.lock`)

Names are SHA-256 digests of keys without secrets. An entry is written beside its
place and moved there, so a reader sees the old one, the new one or none. What can't
be read as an entry is a miss; what can't be written is a warning, once.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import mmap
import os
import stat
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

import msgspec

from resolver.model.decoders import msgpack_decoder
from resolver.model.digests import blake2b, sha256
from resolver.model.loggers import lazy_logger
from resolver.model.redaction import strip
from resolver.sources.copied import is_copy, leave_if_copy
from resolver.sources.http.scratch import open_scratch

if TYPE_CHECKING:
    from filelock import BaseFileLock

_log = lazy_logger(__name__)

_LAYOUT = "v1"
_MAGIC = b"lockst1\n"
_DIGEST_SIZE = 16
#: Seconds to wait for another process that makes the same entry; then both make it.
_LOCK_PATIENCE = 120.0
_TEMPORARY = ".part-"
_numbers = itertools.count()
_warning = threading.Lock()
_MOST_BITS = (1 << 63) - 1  #: of a number that msgpack can hold
#: bytes, nanoseconds since 1970 when it was written, and its number in the file system
Mark: TypeAlias = tuple[int, int, int]
_LEFTOVER_AGE = 86_400.0  #: seconds; no entry takes that long to write


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One cached answer and what is needed to renew it."""

    payload: bytes
    stored: float = 0.0  #: seconds since 1970 when a server last vouched for it
    max_age: int | None = None  #: seconds it may be used unasked, as the server said; None: not said
    etag: str | None = None
    last_modified: str | None = None
    status: int = 200  #: 404 remembers an absence
    url: str | None = None  #: where it came from after redirects, without secrets


_ENTRIES = msgpack_decoder(Entry)


class Cache:
    """Entries by bucket and key; ``root`` None keeps nothing. Safe for threads and processes."""

    def __init__(self, root: Path | None) -> None:
        """Use the folder ``root``; it is made when the first entry is written."""
        self._root = root / _LAYOUT if root else None
        self._prefix = f"{self._root}{os.sep}"
        self._places: dict[tuple[str, str], str] = {}  # asked several times for a page
        self._warned = False

    @property
    def is_kept(self) -> bool:
        """False where nothing outlives the process: no folder, or one that can't be written."""
        return self._root is not None and not self._warned

    def path(self, bucket: str, key: str) -> Path | None:
        """Return the place of an entry, present or not; None without a folder.

        ``key`` is any text; an address in it loses its secrets first.
        """
        place = self._place(bucket, key)
        return Path(place) if place else None

    def holds(self, bucket: str, key: str) -> bool:
        """Tell whether an entry is there, whole or not."""
        place = self._place(bucket, key)
        return place is not None and os.path.exists(place)  # noqa: PTH110 - asked hundreds of times

    def age(self, bucket: str, key: str) -> float | None:
        """Return the seconds since an entry was written; None where there is none."""
        place = self._place(bucket, key)
        try:
            return None if place is None else time.time() - os.stat(place).st_mtime  # noqa: PTH116 - as above
        except OSError:
            return None

    def mark(self, bucket: str, key: str) -> Mark | None:
        """Return what tells an entry from the one that takes its place; None where there is none."""
        place = self._place(bucket, key)
        try:
            facts = None if place is None else os.stat(place)  # noqa: PTH116 - asked hundreds of times
        except OSError:
            return None
        return None if facts is None else (facts.st_size, facts.st_mtime_ns, facts.st_ino & _MOST_BITS)

    def read(self, bucket: str, key: str) -> Entry | None:
        """Return the entry, None where there is none or it is damaged."""
        path = self._place(bucket, key)
        return None if path is None else _read_entry(path)

    def newest(self, bucket: str, *, most: int, most_bytes: int) -> list[Entry]:
        """Return the bucket's whole entries that were written last, last one first.

        At most so many are read, of so many bytes together.
        """
        found: list[Entry] = []
        if self._root is None:
            return found
        for _, size, place in sorted(_entries(f"{self._prefix}{bucket}"), reverse=True)[:most]:
            most_bytes -= size
            entry = None if most_bytes < 0 else _read_entry(place)
            if entry is not None:
                found.append(entry)
        return found

    def read_parts(self, bucket: str, key: str) -> tuple[Entry, memoryview] | None:
        """Return an entry in two parts: the first, and the second as it lies in the file."""
        path = self._place(bucket, key)
        if path is None:
            return None
        try:
            handle = open_at_once(path, os.O_RDONLY)
            try:
                data = memoryview(mmap.mmap(handle, 0, access=mmap.ACCESS_READ))
            finally:
                os.close(handle)
        except (OSError, ValueError):
            return None
        start = len(_MAGIC) + _DIGEST_SIZE
        end = start + 4 + int.from_bytes(data[start : start + 4], "little")
        if data[: len(_MAGIC)] != _MAGIC or data[len(_MAGIC) : start] != _digest(data[start:end]):
            _log.info("a damaged entry of the cache is made anew: %s", path)
            return None
        try:
            return _ENTRIES.decode(data[start + 4 : end]), data[end:]
        except msgspec.DecodeError:
            return None

    def write_parts(self, bucket: str, key: str, entry: Entry, rest: bytes | memoryview) -> bool:
        """Store an entry in two parts; who reads the second proves it."""
        packed = msgspec.msgpack.encode(entry)
        packed = len(packed).to_bytes(4, "little") + packed
        with self.writing(bucket, key) as file:
            if file is None:
                return False
            file.write(_MAGIC + _digest(packed))
            file.write(packed)
            file.write(rest)
        return not self._warned

    def write(self, bucket: str, key: str, entry: Entry) -> bool:
        """Store the entry; False where the folder takes nothing (said once in a warning)."""
        packed = msgspec.msgpack.encode(entry)
        with self.writing(bucket, key) as file:
            if file is None:
                return False
            file.write(b"".join((_MAGIC, _digest(packed), packed)))
        return not self._warned

    @contextlib.contextmanager
    def writing(self, bucket: str, key: str) -> Iterator[IO[bytes] | None]:
        """Yield a file that takes the entry's place when the block ends well; None where none can be made.

        A failed write or move is a warning, not an error; any other exception of
        the block leaves the old entry and is raised.
        """
        path = self.path(bucket, key)
        if path is None or self._warned:
            yield None
            return
        leave_if_copy()
        temporary = f"{path.parent}{os.sep}{_TEMPORARY}{os.getpid()}-{next(_numbers)}-{time.time_ns()}"
        try:
            file = _open_new(temporary)
        except OSError as error:
            self._warn(error)
            yield None
            return
        is_moved = False
        try:
            with file:
                yield file
            os.replace(temporary, path)  # noqa: PTH105 - the one call that is atomic everywhere
            is_moved = True
        except OSError as error:
            self._warn(error)
        finally:
            if not is_moved:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(temporary)  # noqa: PTH108 - as above

    def scratch(self) -> IO[bytes]:
        """Return an empty file without a name, gone when it is closed; in memory if no disk takes it."""
        # the cache's folder first: the system's is memory on many machines
        return open_scratch([self._root, None] if self._root and not self._warned else [None])

    def forget(self, bucket: str, key: str) -> None:
        """Remove the entry if it is there and can be removed."""
        path = self.path(bucket, key)
        if path:
            leave_if_copy()
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def touch(self, bucket: str, key: str) -> None:
        """Note that the entry is of use: :meth:`trim` takes others first."""
        place = self._place(bucket, key)
        if place and not is_copy():
            with contextlib.suppress(OSError):
                os.utime(place)

    def trim(self, bucket: str, *, most_bytes: int, longest_age: float) -> None:
        """Remove the bucket's entries that nobody touched for ``longest_age`` seconds.

        Then the others, those touched longest ago first, until ``most_bytes`` are left.
        """
        if self._root is None:
            return
        leave_if_copy()
        kept, oldest = 0, time.time() - longest_age
        for touched, size, place in sorted(_entries(f"{self._prefix}{bucket}"), reverse=True):
            kept += size
            if touched < oldest or kept > most_bytes:
                with contextlib.suppress(OSError):
                    os.unlink(place)  # noqa: PTH108 (thousands are listed, none needs a path)

    @contextlib.contextmanager
    def lock(self, bucket: str, key: str, patience: float = _LOCK_PATIENCE) -> Iterator[None]:
        """Keep other processes from making the same large entry at the same time.

        The lock only saves work: after ``patience`` seconds, or where the folder
        takes no locks, the block runs without it.
        """
        path = self.path(bucket, key)
        if path is None or self._warned:
            yield
            return
        leave_if_copy()
        with contextlib.ExitStack() as held:
            if lock := _acquire(path.with_suffix(".lock"), patience):
                held.callback(lock.release)
                _remove_leftovers(path.parent)
            yield

    def _place(self, bucket: str, key: str) -> str | None:
        if self._root is None:
            return None
        place = self._places.get((bucket, key))
        if place is None:
            name = sha256(f"{bucket}\n{strip(key)}".encode()).hexdigest()
            place = self._places[bucket, key] = f"{self._prefix}{bucket}{os.sep}{name[:2]}{os.sep}{name}"
        return place

    def _warn(self, error: OSError) -> None:
        with _warning:  # threads write side by side
            is_first, self._warned = not self._warned, True
        if is_first:
            reason = error.strerror or type(error).__name__
            _log.warning("the cache `%s` takes nothing more (%s): what is new isn't kept", self._root, reason)


def _open_new(place: str) -> IO[bytes]:
    """Make a file of one's own that nobody else can read, and its folder where that isn't there."""

    def private(name: str, flags: int) -> int:
        return os.open(name, flags, 0o600)

    try:
        return open(place, "x+b", opener=private)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(place), exist_ok=True)  # noqa: PTH103, PTH120
        return open(place, "x+b", opener=private)


def _read_entry(path: str) -> Entry | None:
    """Return the entry at a place, None where there is none or it is damaged."""
    try:
        with open(path, "rb", buffering=0, opener=open_at_once) as file:
            data = file.read()
    except OSError:
        return None
    start = len(_MAGIC) + _DIGEST_SIZE
    if data[: len(_MAGIC)] != _MAGIC or data[len(_MAGIC) : start] != _digest(data[start:]):
        if data:
            _log.info("a damaged entry of the cache is made anew: %s", path)
        return None
    try:
        return _ENTRIES.decode(memoryview(data)[start:])
    except msgspec.DecodeError:
        return None


def _entries(bucket: str) -> Iterator[tuple[float, int, str]]:
    """Yield time, bytes and place of what lies in a bucket; another process may remove some meanwhile."""
    for folder in _listed(bucket):
        for entry in _listed(folder.path):
            with contextlib.suppress(OSError):
                facts = entry.stat()
                yield facts.st_mtime, facts.st_size, entry.path


def _listed(folder: str) -> Sequence[os.DirEntry[str]]:
    """Return what lies in a folder; nothing where it is none."""
    try:
        with os.scandir(folder) as found:
            return tuple(found)
    except OSError:
        return ()


def open_at_once(path: str | os.PathLike[str], flags: int) -> int:
    """Open a file; raises OSError for a pipe or a device in its place, which may never begin, or end."""
    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "is no file", os.fspath(path))
    return handle


def _remove_leftovers(folder: Path) -> None:
    """Remove what processes that were killed left half written in ``folder``."""
    with contextlib.suppress(OSError):
        for path in folder.glob(f"{_TEMPORARY}*"):
            if time.time() - path.stat().st_mtime > _LEFTOVER_AGE:
                path.unlink(missing_ok=True)


def _digest(data: bytes | memoryview) -> bytes:
    return blake2b(data, digest_size=_DIGEST_SIZE).digest()


def _acquire(path: Path, patience: float) -> BaseFileLock | None:
    """Hold the lock file ``path``; None after ``patience`` seconds, or where it can't be made."""
    # Some 30 ms, for the asyncio that comes with it: paid only where an entry is made.
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=patience, thread_local=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(poll_interval=0.05)
    except Timeout:
        _log.info("waited %.0f s for another process; going on beside it", patience)
    except (OSError, NotImplementedError):  # a folder that can't be written, a file system without locks
        pass
    else:
        return lock
    return None
