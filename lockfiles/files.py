"""Text files read with clear errors, and written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lockfiles.regular_files import LARGEST_TEXT as LARGEST_TEXT
from lockfiles.regular_files import new_file, read_whole, write_to_pipe_or_device
from resolver.errors import InputError, InputErrors, OutputError
from resolver.model.origin import Origin

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from resolver.model.named_tuples import NamedTuple

_SHOWN = 100  #: characters of a name that is too long
_RANDOM = len(".0123456789abcdef.tmp")  #: the end of a temporary file's name

_READ_REASONS = {
    errno.ENOENT: "no such file",
    errno.EISDIR: "is a folder, not a file",
    errno.EACCES: "no permission to read it",
    errno.ENOTDIR: "a part of the path is not a folder",
    errno.ELOOP: "too many symbolic links",
    errno.ENAMETOOLONG: "the name is too long",
}
_WRITE_REASONS = {
    errno.ENOSPC: "no space left on the disk",
    errno.EDQUOT: "disk quota exceeded",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "no permission",
    errno.EPERM: "no permission",
    errno.ENOENT: "its folder does not exist",
    errno.ENOTDIR: "a part of the path is not a folder",
    errno.EISDIR: "is a folder",
    errno.EFBIG: "the file is too large",
    errno.EIO: "input/output error",
    errno.ELOOP: "too many symbolic links",
    errno.ENAMETOOLONG: "the name is too long",
}
_WRITE_HINTS = {
    errno.ENOSPC: "Free some space, or choose another place with `--output`.",
    errno.EDQUOT: "Free some space, or choose another place with `--output`.",
    errno.EROFS: "Choose another place with `--output`.",
    errno.EACCES: "Choose another place with `--output`.",
    errno.EPERM: "Choose another place with `--output`.",
    errno.ENOENT: "Create the folder, or choose another place with `--output`.",
}


def exists(path: str | Path) -> bool:
    """Tell whether there is a file or folder of that name; what can't be looked at isn't there."""
    sys.audit("lockstack.kind", os.fspath(path))
    return os.path.exists(path)  # noqa: PTH110  (a name that is too long isn't there; `Path` raises)


def is_file(path: str | Path) -> bool:
    """Tell whether there is a file of that name, links followed."""
    sys.audit("lockstack.kind", os.fspath(path))
    return os.path.isfile(path)  # noqa: PTH113


def is_folder(path: str | Path) -> bool:
    """Tell whether there is a folder of that name, links followed."""
    sys.audit("lockstack.kind", os.fspath(path))
    return os.path.isdir(path)  # noqa: PTH112


def is_same_file(one: str | Path, other: str | Path) -> bool:
    """Tell whether two names are one file that is there."""
    return exists(one) and exists(other) and Path(one).samefile(other)


def read_bytes(path: str | Path, most: int | None = None) -> bytes:
    """Return what a file holds, of a longer one the first ``most`` bytes.

    Raises :class:`InputError` that names the file as given.
    """
    try:
        return read_whole(path, most)
    except OSError as error:
        raise _unreadable(error, str(path)) from error
    except ValueError as error:  # a NUL in the path
        raise InputError("not a usable path", Origin(file=str(path).replace("\0", "\\0"))) from error


def _unreadable(error: OSError, shown: str) -> InputError:
    reason = _READ_REASONS.get(error.errno or 0, error.strerror or str(error))
    return InputError(reason, Origin(file=shown), is_missing=isinstance(error, FileNotFoundError))


def look_for(names: Iterable[str]) -> None:
    """Look for the files of one request; raises InputError that names all that aren't there.

    A name with a colon (an address, a file of a revision) and ``-`` are left to whoever reads them.
    """
    faults = [
        _unreadable(FileNotFoundError(errno.ENOENT, ""), name)
        for name in dict.fromkeys(names)
        if name != "-" and ":" not in name and "\0" not in name and not os.path.lexists(name)
    ]
    if faults:
        raise faults[0] if len(faults) == 1 else InputErrors(faults)


def read_text(path: str | Path) -> str:
    """Return the text of a UTF-8 file; a byte order mark is left out.

    Raises :class:`InputError` that names the file as given.
    """
    data = read_bytes(path, LARGEST_TEXT + 1)
    if len(data) > LARGEST_TEXT:
        raise InputError(f"larger than {LARGEST_TEXT >> 20} MiB: not a text", Origin(file=str(path)))
    return decode_text(data, str(path))


def text_if_there(path: str | Path) -> str | None:
    """Return the text of a file, what is no UTF-8 replaced; None where no such file is there."""
    return read_bytes(path).decode("utf-8-sig", errors="replace") if is_file(path) else None


def decode_text(data: bytes, shown: str) -> str:
    """Return bytes as UTF-8 text, a byte order mark left out; raises InputError that names ``shown``."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        origin = Origin.at(shown, data, error.start)
        raise InputError("not UTF-8 text", origin, "Save the file as UTF-8.") from error


def write_text(path: str | Path, text: str, run: str = "") -> bool:
    """Write ``text`` as UTF-8 to ``path``, whole or not at all; tell whether the file changed.

    ``run``: what the temporary file's name tells of whose it is (:func:`drop_left`).

    A file that already holds these bytes is left alone, its time too. Else::

        temporary file beside it -> fsync -> permissions -> os.replace -> fsync of the folder

    A symbolic link stays, its target is replaced. Raises :class:`OutputError`;
    then what stood there still stands, and nothing is left beside it.
    """
    return write_bytes(path, text.encode("utf-8"), run)


def write_bytes(path: str | Path, data: bytes, run: str = "") -> bool:
    """Write ``data`` to ``path`` as :func:`write_text` does; raises :class:`OutputError`."""
    try:
        target = _target_of(path, data)
        if isinstance(target, bool):
            return target
        _replace(target, data, run)
    except OSError as error:
        raise _unwritable(error, path) from error
    return True


class Staged(NamedTuple):
    """A file that stands beside its place, whole, but neither flushed to the disk nor in the place."""

    name: str
    target: str  #: the place, links followed
    shown: str  #: the place, as given


def stage_text(path: str | Path, text: str, run: str = "") -> Staged | bool:
    """Write ``text`` beside ``path``, so that :func:`put_staged` has only to wait for the disk.

    ``run``: what the staged file's name tells of whose it is (:func:`drop_left`).
    Returns whether the file changed where nothing is left to do: these bytes are there, or it is no file.
    Raises :class:`OutputError`.
    """
    data = text.encode("utf-8")
    try:
        target = _target_of(path, data)
        if isinstance(target, bool):
            return target
        return Staged(_stage(target, data, run, flushed=False), str(target), str(path))
    except OSError as error:
        raise _unwritable(error, path) from error


def put_staged(staged: Staged) -> None:
    """Flush a staged file and put it in its place, as :func:`write_text` does.

    Raises :class:`OutputError`; then what stood there still stands, and the staged file is gone.
    """
    try:
        handle = os.open(staged.name, os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        _put(staged.name, Path(staged.target))
    except OSError as error:
        drop_staged(staged)
        raise _unwritable(error, staged.shown) from error


def drop_staged(staged: Staged) -> None:
    """Remove a staged file that isn't wanted."""
    with contextlib.suppress(OSError):
        Path(staged.name).unlink()


def drop_left(folders: Iterable[str], runs: Iterable[str]) -> None:
    """Remove what runs that are over have left beside files that they were about to replace.

    ``runs``: words that nobody else has in a name, 16 hex digits each.
    """
    ends = tuple(f".{run}" for run in runs if run)
    for folder in folders if ends else ():
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            # .NAME.RUN.RANDOM.tmp
            left = [one.path for one in entries if one.name[:-_RANDOM].endswith(ends) and one.name[0] == "."]
            for name in left:
                with contextlib.suppress(OSError):
                    Path(name).unlink()


def _target_of(path: str | Path, data: bytes) -> Path | bool:
    """Return where a file is to be replaced, links followed; else whether it changed: nothing is left to do.

    Raises OSError.
    """
    if exists(path) and not is_file(path) and not is_folder(path):  # a pipe, a device: nothing to replace
        write_to_pipe_or_device(path, data)  # (a shell's `/dev/fd/63` has no real path)
        return True
    target = Path(os.path.realpath(path))
    if _read_present(target) == data:
        return False
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder")
    return target


def _unwritable(error: OSError, path: str | Path) -> OutputError:
    number = error.errno or 0
    reason = _WRITE_REASONS.get(number, error.strerror or str(error))
    return OutputError(str(path), reason, _WRITE_HINTS.get(number))


def make_folder(path: str | Path) -> None:
    """Make a folder that is written into, and those above it; one that is there stays.

    Raises :class:`InputError` where something else has its name, and :class:`OutputError`.
    """
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        told = "is there, and no folder" if os.path.lexists(path) else _READ_REASONS[errno.ENOTDIR]
        raise InputError(told, Origin(file=str(path)), "Name another folder.") from None
    except OSError as error:
        raise _unwritable(error, path) from error


def write_together(texts: Mapping[str, str]) -> None:
    """Write several files (path -> text), all of them or none.

    All are written beside their places and flushed first, so that what is left are renames, one
    right after the other; where one fails, those before it are taken back. Raises :class:`OutputError`.
    """
    staged: list[tuple[str, Path, bytes | None]] = []
    path = ""
    try:
        for path, text in texts.items():
            target, data = Path(os.path.realpath(path)), text.encode("utf-8")
            before = _read_present(target)
            if before != data:
                staged.append((_stage(target, data), target, before))
        done: list[tuple[Path, bytes | None]] = []
        try:
            for name, target, before in staged:
                path = str(target)
                os.replace(name, target)  # noqa: PTH105  # the name that tests make fail
                done.append((target, before))
        except BaseException:
            _take_back(done)
            raise
    except OSError as error:
        raise _unwritable(error, path) from error
    finally:
        for name, _, _ in staged:
            with contextlib.suppress(OSError):
                Path(name).unlink()
    for folder in {target.parent for _, target, _ in staged}:
        _sync_folder(folder)


def _take_back(done: Sequence[tuple[Path, bytes | None]]) -> None:
    """Give files their earlier bytes again; those that weren't there go."""
    for target, before in reversed(done):
        if before is None:
            target.unlink()
        else:
            _replace(target, before)


def trouble_of(error: OSError) -> OutputError | InputError | None:
    """Return an error of the disk (full, read-only, failing), or of a name that can't be, in words.

    None where it is of another kind.
    """
    number = error.errno or 0
    if number in (errno.ENAMETOOLONG, errno.ELOOP):
        return InputError(_READ_REASONS[number], Origin(file=str(error.filename)[:_SHOWN]))
    if number not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO):
        return None
    name = error.filename if isinstance(error.filename, str) else "a temporary file"
    return OutputError(name, _WRITE_REASONS[number], "Free some space, or set `TMPDIR` to another folder.")


def _read_present(target: Path) -> bytes | None:
    """Return what a regular file holds; None where there is none or it can't be read."""
    try:
        return target.read_bytes() if target.is_file() else None
    except OSError:
        return None


def _replace(target: Path, data: bytes, run: str = "") -> None:
    _put(_stage(target, data, run), target)


def _put(name: str, target: Path) -> None:
    """Give a file that stands beside its place the place's name, for good."""
    try:
        os.replace(name, target)  # noqa: PTH105  # the name that tests make fail
    except BaseException:  # an interrupt too must not leave the temporary file
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    _sync_folder(target.parent)


def _stage(target: Path, data: bytes, run: str = "", *, flushed: bool = True) -> str:
    """Write a file beside its place, with the permissions it is to have; return its name."""
    mode = _permissions(target)
    start = f".{target.name[:100]}.{run}." if run else f".{target.name[:100]}."
    handle, name = new_file(os.path.join(target.parent, start), ".tmp")  # noqa: PTH118
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if flushed:
                os.fsync(file.fileno())
            if mode is not None and hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), mode)
    except BaseException:  # an interrupt too must not leave the temporary file
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    return name


def _permissions(target: Path) -> int | None:
    """Return the bits of the present file, else those that a new file gets here; None where unknown."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        if not hasattr(os, "umask"):
            return None
        mask = os.umask(0o077)
        os.umask(mask)
        return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    """Make the new name durable; do nothing where folders can't be synced (Windows, some mounts)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
