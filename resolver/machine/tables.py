"""Tables of facts: rows with a source and a date, read when first asked for.

One JSON file a subject: ``sources`` are pairs of name and date, ``columns`` name the
fields of a row, each row ends in the index of its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from resolver.model.findings import Fact


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Base of every row; a subclass ends in ``source``, an index into the table's sources."""


R = TypeVar("R", bound=Row)


class Table(msgspec.Struct, Generic[R], frozen=True, gc=False):
    """All rows of one subject."""

    about: str
    read: str  #: ISO date of the reading
    sources: tuple[tuple[str, str], ...]  #: name, ISO date
    columns: tuple[str, ...]
    rows: tuple[R, ...]

    def fact(self, text: str, source: int) -> Fact:
        """Return a fact that cites one of the sources."""
        name, date = self.sources[source]
        return Fact(text=text, source=name, date=date)


class Tables:
    """The tables of one folder; each is read once, when it is first asked for."""

    def __init__(self, folder: Path, rows: Mapping[str, type[Row]]) -> None:
        """Name the tables: file name without its extension, and what a row is."""
        self.folder, self.rows = folder, rows
        self._names = {row: name for name, row in rows.items()}
        self._read: dict[type[Row], Any] = {}

    def table(self, row: type[R]) -> Table[R]:
        """Return the table of a row type; KeyError for a row of another folder."""
        found: Table[R] | None = self._read.get(row)
        if found is None:
            data = (self.folder / f"{self._names[row]}.json").read_bytes()
            found = self._read[row] = msgspec.json.decode(data, type=Table[row])  # type: ignore[valid-type]
        return found
