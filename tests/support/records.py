"""Conda records to test with: a name is enough."""

from __future__ import annotations

from typing import Any

from resolver.model.records import CondaRecord


def conda_record(name: str, version: str = "1.0", build: str = "0", **fields: Any) -> CondaRecord:
    """Return a record whose file name follows from its name, version and build; ``fields`` are set last."""
    values = {"build_number": 0, "file_name": f"{name}-{version}-{build}.conda", **fields}
    return CondaRecord(name=name, version=version, build=build, **values)
