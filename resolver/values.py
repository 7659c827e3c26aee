"""Values with one field changed."""

from __future__ import annotations

from typing import TypeVar

import msgspec

T = TypeVar("T")


def replace(value: T, **changes: object) -> T:
    """Return a copy of a struct or dataclass with some fields changed."""
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.replace(value, **changes)
    import dataclasses

    return dataclasses.replace(value, **changes)  # type: ignore[type-var]
