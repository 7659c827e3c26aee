"""Enumerations whose classes are made in a fifth of the time.

Python prepares each class of :mod:`enum` for whatever one may be: with members of many types, flags, aliases,
methods of a base. Twenty classes of words took 4 % of a lock of ten requirements. Those made here are what
:mod:`enum` would make, by the same metaclass, from plain values that are all different; a test compares the
two part by part. Type checkers are told that they are those of the standard
library.
"""

from __future__ import annotations

import enum
import sys

TYPE_CHECKING = False  # type checkers know the name
if TYPE_CHECKING:
    from typing import Any

#: Pythons whose own classes have been compared; others make theirs themselves.
_COMPARED = ((3, 11), (3, 12), (3, 13))


class _QuickEnumType(type):
    """Makes an enumeration of a class that names its members, with the class's own methods."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
        if not bases:
            return super().__new__(cls, name, bases, namespace)
        base: Any = bases[0].base  # type: ignore[attr-defined]
        kind = base._member_type_
        # What the base keeps of its members, of which it has none, each class keeps of its own.
        body: dict[str, Any] = {key: kept() for key, kept in bases[0].kept}  # type: ignore[attr-defined]
        members = {}
        for key, value in namespace.items():
            if type(value) is kind and key[0] != "_":
                members[key] = value
            elif key[0] == "_" or hasattr(value, "__get__"):
                body[key] = value
            else:
                raise TypeError(f"{name}.{key} is no plain {kind.__name__}")
        made = type.__new__(enum.EnumType, name, (base,), body)
        _add_members(made, kind, members)
        return made


def _add_members(made: Any, kind: Any, members: dict[str, Any]) -> None:
    names, by_name, by_value = made._member_names_, made._member_map_, made._value2member_map_
    for key, value in members.items():
        member = kind.__new__(made, value)
        member._value_ = value
        member._name_ = key
        member.__objclass__ = made
        member._sort_order_ = len(names)
        names.append(key)
        by_name[key] = by_value[value] = member
        type.__setattr__(made, key, member)
    if len(by_value) != len(names):
        raise TypeError(f"two members of {made.__name__} have one value")


def _kept_of(base: type) -> list[tuple[str, type]]:
    """Return the names of the lists and tables that a class of enumerations keeps, with their types."""
    return [(key, type(value)) for key, value in vars(base).items() if type(value) in (list, dict)]


if TYPE_CHECKING:
    from enum import IntEnum as IntEnum
    from enum import StrEnum as StrEnum
elif sys.implementation.name == "cpython" and sys.version_info[:2] in _COMPARED:

    class StrEnum(metaclass=_QuickEnumType):
        """Stands for :class:`enum.StrEnum`."""

        base = enum.StrEnum
        kept = _kept_of(enum.StrEnum)

    class IntEnum(metaclass=_QuickEnumType):
        """Stands for :class:`enum.IntEnum`."""

        base = enum.IntEnum
        kept = _kept_of(enum.IntEnum)

else:
    IntEnum, StrEnum = enum.IntEnum, enum.StrEnum
