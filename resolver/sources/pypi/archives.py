"""Archives of source distributions: single members, and safe extraction."""

from __future__ import annotations

import lzma
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from resolver.metadata.zip_directory import BadArchiveError

#: guards against archives made to fill a disk: bytes after unpacking, and members
_LARGEST_TOTAL = 8 << 30
_MOST_MEMBERS = 500_000
_LARGEST_MEMBER = 16 << 20  #: bytes of a single member that is read into memory
_FAULTS = (
    tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError,
    NotImplementedError, RuntimeError,
)  # fmt: skip


def read_top_members(file: BinaryIO, names: frozenset[str]) -> dict[str, bytes]:
    """Return the members ``TOP/NAME`` for those of ``names`` that are there.

    Raises BadArchiveError where the archive can't be read.
    """
    found: dict[str, bytes] = {}
    with _faults_named():
        file.seek(0)
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                for info in archive.infolist():
                    if (name := _top_name(info.filename)) in names and info.file_size <= _LARGEST_MEMBER:
                        found.setdefault(name, archive.read(info))
            return found
        file.seek(0)
        with tarfile.open(fileobj=file) as tar:
            for member in tar:
                name = _top_name(member.name)
                if name in names and member.isfile() and member.size <= _LARGEST_MEMBER:
                    content = tar.extractfile(member)
                    found.setdefault(name, content.read() if content else b"")
                    if len(found) == len(names):
                        break
    return found


def extract(file: BinaryIO, folder: Path) -> Path:
    """Unpack an archive into ``folder``; return its top folder, or ``folder`` where it has several members.

    Nothing is written outside of ``folder``: such members, links out of it and
    devices make the archive unusable. Raises BadArchiveError.
    """
    with _faults_named():
        file.seek(0)
        if zipfile.is_zipfile(file):
            _extract_zip(file, folder)
        else:
            file.seek(0)
            _extract_tar(file, folder)
    members = list(folder.iterdir())
    return members[0] if len(members) == 1 and members[0].is_dir() else folder


@contextmanager
def _faults_named() -> Iterator[None]:
    try:
        yield
    except _FAULTS as error:
        lines = str(error).splitlines()
        raise BadArchiveError(lines[0] if lines else type(error).__name__) from None


def _top_name(path: str) -> str:
    parts = path.removeprefix("./").split("/")
    return parts[1] if len(parts) == 2 else ""


def _extract_zip(file: BinaryIO, folder: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        infos = archive.infolist()
        _check_size(len(infos), sum(info.file_size for info in infos))
        for info in infos:
            target = _inside(folder, info.filename)
            if info.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            # the size in the directory may lie: copy no more than it says
            with archive.open(info) as source, target.open("wb") as out:
                shutil.copyfileobj(source, out)


def _extract_tar(file: BinaryIO, folder: Path) -> None:
    with tarfile.open(fileobj=file) as archive:
        count = total = 0
        for member in archive:
            count, total = count + 1, total + member.size
            _check_size(count, total)
            _inside(folder, member.name)
            if hasattr(tarfile, "data_filter"):
                archive.extract(member, folder, filter="data")
            elif member.isfile() or member.isdir():  # Python 3.11 before 3.11.4
                member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
                archive.extract(member, folder, set_attrs=False)
            else:
                raise BadArchiveError(f"`{member.name}` is neither file nor folder")


def _check_size(members: int, total: int) -> None:
    if members > _MOST_MEMBERS or total > _LARGEST_TOTAL:
        raise BadArchiveError("it is too large to unpack")


def _inside(folder: Path, name: str) -> Path:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or (path.parts and ":" in path.parts[0]):
        raise BadArchiveError(f"`{name}` lies outside of it")
    return folder.joinpath(*path.parts)
