"""Rows of a project's RECORD, whatever its names are encoded in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from lockfiles.regular_files import read_whole
from resolver.errors import InputError
from resolver.model.origin import Origin


def read_rows(record: Path) -> list[list[str]]:
    """Return the rows of a RECORD, without empty ones: path, hash, size.

    What is no UTF-8 stands in them as surrogates, and becomes the same bytes again. Raises InputError.
    """
    try:
        text = read_whole(record).decode("utf-8", "surrogateescape")
        return [row for row in csv.reader(io.StringIO(text, newline="")) if row and "\0" not in row[0]]
    except (OSError, csv.Error) as error:
        told = (error.strerror if isinstance(error, OSError) else None) or str(error)
        hint = "The environment is damaged: install into a new folder."
        raise InputError(f"can't be read: {told}", Origin(file=str(record)), hint) from None


def encode_rows(rows: Iterable[list[str]]) -> bytes:
    """Return rows as the bytes of a RECORD."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "surrogateescape")
