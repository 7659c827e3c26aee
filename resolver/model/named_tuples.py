"""Named tuples whose classes are made without a look at the types of their fields.

:class:`typing.NamedTuple` compiles the text of each annotation, and twenty classes have a hundred of
them: 4 % of a lock of ten requirements. Type checkers are told that it is that one::

    if TYPE_CHECKING:
        from typing import NamedTuple
    else:
        from resolver.model.named_tuples import NamedTuple
"""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False  # type checkers know the name; the command needs this before all else
if TYPE_CHECKING:
    from typing import Any


class _Made(type):
    """Makes a named tuple of a class that names its fields, with the class's own methods."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> type:
        if not bases:
            return super().__new__(cls, name, bases, namespace)
        fields = list(namespace["__annotations__"])
        defaults = [namespace.pop(field) for field in fields if field in namespace]
        base = namedtuple(name, fields, defaults=defaults)  # type: ignore[misc]
        return type(name, (base,), {"__slots__": (), **namespace})


class NamedTuple(metaclass=_Made):
    """Stands for :class:`typing.NamedTuple`."""
