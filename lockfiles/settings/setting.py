"""A value with the place it came from: what every reader of settings makes."""

from __future__ import annotations

from typing import Any, Generic, TypeAlias, TypeVar

import msgspec

from resolver.model.choices import StrEnum

T = TypeVar("T")


class Layer(StrEnum):
    """Kind of place a setting came from, nearest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = "file"
    CONDA = "conda"
    PIP = "pip"
    DEFAULT = "default"


class Setting(Generic[T], msgspec.Struct, frozen=True, kw_only=True):
    """A value and where it was written; ``source`` is for people."""

    value: T
    source: str
    layer: Layer


#: What one place says: values by the setting's name.
Values: TypeAlias = dict[str, Setting[Any]]
