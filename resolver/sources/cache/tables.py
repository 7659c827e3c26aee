"""Tables of names kept in the cache, opened by mapping them into memory."""

from __future__ import annotations

import contextlib
import mmap
from collections.abc import Callable
from pathlib import Path
from typing import IO

from resolver.metadata.name_table import NameTable, decode_facts
from resolver.model.loggers import lazy_logger
from resolver.sources.cache.folder import Cache, open_at_once
from resolver.sources.copied import leave_if_copy

_log = lazy_logger(__name__)


class KeptTable:
    """A table and the facts stored in it; ``source`` says which state of the source it was made from."""

    __slots__ = ("_path", "facts", "names")

    def __init__(self, names: NameTable, path: Path | None = None) -> None:
        """``path`` is where the cache keeps it; None: nowhere."""
        self.names, self._path = names, path
        self.facts = decode_facts(names.facts)

    def is_like(self, other: KeptTable) -> bool:
        """Tell whether both hold the same, whichever state of the source they say that it was."""
        facts = [{key: value for key, value in one.facts.items() if key != "source"} for one in (self, other)]
        return facts[0] == facts[1] and self.names.is_like(other.names)

    def discard(self) -> None:
        """Take the table out of the cache; it stays open."""
        self.discarding()()

    def discarding(self) -> Callable[[], None]:
        """Return what does as :meth:`discard`, for those who outlive the table: it doesn't hold it open."""
        path = self._path

        def discard() -> None:
            if path is not None:
                leave_if_copy()
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)

        return discard

    def text(self, fact: str) -> str | None:
        """Return a fact that is text, None where it is missing."""
        value = self.facts.get(fact)
        return value if isinstance(value, str) else None


def open_table(cache: Cache, bucket: str, key: str, source: str) -> KeptTable | None:
    """Return the kept table if it is there, undamaged and made from ``source``."""
    path = cache.path(bucket, key)
    try:
        table = _map(path) if path else None
    except ValueError as error:
        _log.info("a damaged table of the cache is made anew: %s: %s", path, error)
        return None
    return table if table and table.text("source") == source else None


def make_table(
    cache: Cache, bucket: str, key: str, source: str, write: Callable[[IO[bytes]], None]
) -> KeptTable:
    """Have ``write`` fill a table made from ``source``, keep it if the cache takes it, and open it.

    Raises whatever ``write`` raises for a damaged source.
    """
    with cache.writing(bucket, key) as file:
        if file is not None:
            write(file)
    # Another process may have put its own in the same place since then, from another source.
    return open_table(cache, bucket, key, source) or _make_unkept(cache, write)


def _make_unkept(cache: Cache, write: Callable[[IO[bytes]], None]) -> KeptTable:
    """Make a table that lives as long as this process."""
    with cache.scratch() as file:
        write(file)
        file.flush()
        try:
            return KeptTable(NameTable(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))
        except OSError:  # in memory
            file.seek(0)
            return KeptTable(NameTable(file.read()))


def _map(path: Path) -> KeptTable | None:
    try:
        with open(path, "rb", opener=open_at_once) as file:
            return KeptTable(NameTable(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)), path)
    except OSError:
        return None
