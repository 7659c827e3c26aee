"""The one table of a check that every lock with numpy 2 asks: it is read without all the others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from resolver.machine.tables import FactTables, Row


class NumpyAbi(Row, frozen=True, kw_only=True):
    """A project whose wheels were compiled for numpy 1 before the release ``before``: numpy 2 breaks them."""

    project: str
    before: str
    last: str | None = None  #: newest release whose wheel was seen to be for numpy 1; None: told by a report
    platforms: tuple[str, ...]  #: whose wheels were read (``linux-64``); of others nothing is known


_TABLES = FactTables(Path(__file__).parent / "data", {"numpy": {"numpy_abi": NumpyAbi}})


def numpy_rows() -> Sequence[NumpyAbi]:
    """Return all rows."""
    return _TABLES.table(NumpyAbi).rows
