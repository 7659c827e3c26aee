"""What a conda archive says that it puts where, looked at before anything is linked.

``info/paths.json`` (CEP 32), in old packages ``info/files``, is what whoever links goes by: a path in it
that leads out of the environment would be written there. An archive's own members are another matter, which
py-rattler refuses while it unpacks.
"""

from __future__ import annotations

import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from resolver.model.json_text import load_json

_PATHS, _FILES = "info/paths.json", "info/files"
_LARGEST = 256 << 20  #: bytes of one of these; a package of 100,000 files has 30 MiB
_LONGEST = 4096  #: characters of a path; what a system call takes
_DEEPEST = 100  #: folders within one another
#: Members that are looked at for the two: they stand at the beginning, or in an archive of their own.
_MOST_MEMBERS = 2_000_000
#: conda's own folder of an environment, and what is read there: its history, the state of its variables, and
#: records, of which a package's is written by who links it. A package may bring `pinned`, and folders.
_OWN, _OWN_FILES = "conda-meta", (".json", "history", "state")

_DAMAGE = (KeyError, TypeError, RecursionError, tarfile.TarError, zipfile.BadZipFile, zlib.error)


def stray_path(archive: Path) -> str | None:
    """Return a path that leads out of an environment, or that no environment can hold; None: there is none.

    Raises ValueError for what can't be read.
    """
    import zstandard

    try:
        with _information(archive) as members:
            said = _said(members)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from None
    except (OSError, EOFError, *_DAMAGE) as error:
        raise ValueError(str(error) or type(error).__name__) from None
    return next((path for path in said if _is_stray(path)), None)


def _is_stray(path: str) -> bool:
    parts = path.replace("\\", "/").split("/")
    return (
        not path
        or len(path) > _LONGEST
        or len(parts) > _DEEPEST
        or ".." in parts
        or parts[0] == ""
        or parts[0].endswith(":")
        or (len(parts) == 2 and parts[0].lower() == _OWN and parts[1].lower().endswith(_OWN_FILES))
        or any(unicodedata.category(char) == "Cc" for char in path)
    )


def _said(members: Iterable[tuple[str, IO[bytes]]]) -> Iterator[str]:
    """Return the paths that an archive says it has, and so the links that its entry points become."""
    found: dict[str, bytes] = {}
    for number, (name, file) in enumerate(members):
        if name in (_PATHS, _FILES):
            found[name] = file.read(_LARGEST + 1)
            if len(found[name]) > _LARGEST:
                raise ValueError(f"`{name}` has more than {_LARGEST >> 20} MiB")
        if len(found) == 2 or number > _MOST_MEMBERS:
            break
    listed: Any = load_json(found[_PATHS])["paths"] if _PATHS in found else []
    if not isinstance(listed, list):
        raise ValueError(f"`{_PATHS}` lists no paths")
    lines = found.get(_FILES, b"").decode("utf-8", "surrogateescape").splitlines()
    return iter([*(str(entry["_path"]) for entry in listed), *(line for line in lines if line)])


@contextmanager
def _information(archive: Path) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """Open the members of an archive, those of its ``info`` alone where that is an archive within."""
    if archive.name.endswith(".conda"):
        import zstandard

        with zipfile.ZipFile(archive) as outer:
            names = (one for one in outer.namelist() if one.startswith("info-") and one.endswith(".tar.zst"))
            with (
                outer.open(next(names, "info-")) as packed,
                zstandard.ZstdDecompressor().stream_reader(packed) as stream,
                tarfile.open(fileobj=stream, mode="r|") as inner,
            ):
                yield _members(inner)
    else:
        with tarfile.open(archive, "r:*") as whole:
            yield _members(whole)


def _members(archive: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    for member in archive:
        file = archive.extractfile(member) if member.isreg() else None
        if file is not None:
            yield member.name.removeprefix("./"), file
