"""Tables of facts: rows with named keys, a source and a date, read when first asked for.

The files under ``data/`` are the source: JSON, one file a family of facts, each with one or
more tables, edited by hand. ``scripts/format_facts.py`` lays them out. An unknown or a missing
key, or a value of the wrong kind, is refused by the structs that say what a row is.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import msgspec

from resolver.model.decoders import json_decoder
from resolver.model.findings import Fact

#: How sure a fact is. ``published``: read from the very thing that it speaks of (a wheel's METADATA).
#: ``quoted``: one primary source says it. ``agreed``: two sources that don't copy each other.
#: ``secondary``: somebody else's account. ``unverified``: the source that is named wasn't opened.
Certainty = Literal["published", "quoted", "agreed", "secondary", "unverified"]


class Cited(msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """What a source says."""

    source: str  #: where it stands: a file at a revision, a page, a wheel
    date: str  #: ISO date on which the source was written or read
    certainty: Certainty | None = None  #: None: not assessed

    @property
    def is_sure(self) -> bool:
        """Tell whether the source itself was read, or nothing speaks against it."""
        return self.certainty not in ("secondary", "unverified")

    def fact(self, text: str) -> Fact:
        """Return a fact in words that cites this source."""
        return Fact(text=text, source=self.source, date=self.date, certainty=self.certainty)


class Row(Cited, frozen=True, kw_only=True, gc=False):
    """Base of every row. A key that has a default may be left out of the file."""


R = TypeVar("R", bound=Row)


class Table(msgspec.Struct, Generic[R], frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """All rows of one subject; ``read`` is the day of the last full reading, a single row may be younger."""

    about: str
    read: str  #: ISO date
    rows: tuple[R, ...]


class FactTables:
    """The tables of one folder; a file and a table are each read once, when first asked for."""

    def __init__(self, folder: Path, families: Mapping[str, Mapping[str, type[Row]]]) -> None:
        """Name the families (file names without extension), their tables, and what a row is."""
        self.folder, self.families = folder, families
        self._places = {
            row: (family, name) for family, tables in families.items() for name, row in tables.items()
        }
        self._files: dict[str, dict[str, msgspec.Raw]] = {}
        self._read: dict[type[Row], Any] = {}

    def table(self, row: type[R]) -> Table[R]:
        """Return the table of a row type; KeyError for a row of another folder."""
        found: Table[R] | None = self._read.get(row)
        if found is None:
            family, name = self._places[row]
            if family not in self._files:
                data = (self.folder / f"{family}.json").read_bytes()
                self._files[family] = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
            raw = self._files[family][name]
            found = self._read[row] = json_decoder(Table[row]).decode(raw)  # type: ignore[valid-type]
        return found
