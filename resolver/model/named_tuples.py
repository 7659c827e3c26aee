"""Named tuples whose classes are made without compiling anything.

:class:`typing.NamedTuple` compiles the text of each annotation, and of a function for each class: twenty
classes have a hundred of them, 6 % of a lock of ten requirements. Type checkers are told that it is that
one::

    if TYPE_CHECKING:
        from typing import NamedTuple
    else:
        from resolver.model.named_tuples import NamedTuple
"""

from __future__ import annotations

from collections import _tuplegetter  # type: ignore[attr-defined]  # of C, or what stands for it

TYPE_CHECKING = False  # type checkers know the name; the command needs this before all else
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FunctionType
    from typing import Any
else:
    FunctionType = type(lambda: None)

_new = tuple.__new__
#: By number of fields: what makes a value. A class has it with the names of its own fields.
_MAKERS: tuple[Any, ...] = (
    lambda _cls: _new(_cls, ()),
    lambda _cls, a: _new(_cls, (a,)),
    lambda _cls, a, b: _new(_cls, (a, b)),
    lambda _cls, a, b, c: _new(_cls, (a, b, c)),
    lambda _cls, a, b, c, d: _new(_cls, (a, b, c, d)),
    lambda _cls, a, b, c, d, e: _new(_cls, (a, b, c, d, e)),
    lambda _cls, a, b, c, d, e, f: _new(_cls, (a, b, c, d, e, f)),
    lambda _cls, a, b, c, d, e, f, g: _new(_cls, (a, b, c, d, e, f, g)),
    lambda _cls, a, b, c, d, e, f, g, h: _new(_cls, (a, b, c, d, e, f, g, h)),
)


class _Fields(tuple):  # type: ignore[type-arg]
    """What all named tuples have in common; ``_fields`` are each one's own."""

    __slots__ = ()
    _fields: tuple[str, ...]

    @classmethod
    def _make(cls, iterable: Iterable[Any]) -> Any:
        made = _new(cls, iterable)
        if len(made) != len(cls._fields):
            raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
        return made

    def _replace(self, /, **changes: Any) -> Any:
        made = self._make(map(changes.pop, self._fields, self))
        if changes:
            raise ValueError(f"Got unexpected field names: {list(changes)!r}")
        return made

    def _asdict(self) -> dict[str, Any]:
        return dict(zip(self._fields, self, strict=True))

    def __repr__(self) -> str:
        values = ", ".join(f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True))
        return f"{type(self).__name__}({values})"

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self)

    __replace__ = _replace


class _Made(type):
    """Makes a named tuple of a class that names its fields, with the class's own methods."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> type:
        if not bases:
            return super().__new__(cls, name, bases, namespace)
        fields = tuple(namespace["__annotations__"])
        defaults = {field: namespace.pop(field) for field in fields if field in namespace}
        own: dict[str, Any] = {field: _tuplegetter(place, None) for place, field in enumerate(fields)}
        own["__slots__"] = ()
        own["__new__"] = _maker(name, fields, tuple(defaults.values()))
        own["__match_args__"] = own["_fields"] = fields
        own["_field_defaults"] = defaults
        own.update(namespace)
        return type(name, (_Fields,), own)


class NamedTuple(metaclass=_Made):
    """Stands for :class:`typing.NamedTuple`."""


def _maker(name: str, fields: tuple[str, ...], defaults: tuple[Any, ...]) -> FunctionType:
    """Return ``__new__`` of a class: it takes the fields by place and by name."""
    if len(fields) < len(_MAKERS):
        maker = _MAKERS[len(fields)]
    else:
        values = ", ".join(fields)
        maker = eval(f"lambda _cls, {values}: _new(_cls, ({values}))", {"_new": _new})  # noqa: S307 - our own names
    code = maker.__code__.replace(
        co_varnames=("_cls", *fields), co_name="__new__", co_qualname=f"{name}.__new__"
    )
    return FunctionType(code, globals(), "__new__", defaults)
