"""Named tuples made without a look at their types are what :mod:`typing` makes."""

from __future__ import annotations

import copy
import pickle
import typing

import pytest

from resolver.model import named_tuples


class Plain(typing.NamedTuple):
    """Two fields."""

    name: str
    count: int = 3  #: how many

    @property
    def twice(self) -> int:
        """Double the count."""
        return 2 * self.count


class Quick(named_tuples.NamedTuple):
    """Two fields."""

    name: str
    count: int = 3  #: how many

    @property
    def twice(self) -> int:
        """Double the count."""
        return 2 * self.count


def test_they_are_the_same() -> None:
    one, other = Plain("a"), Quick("a")  # type: ignore[call-arg]
    assert one == other == ("a", 3)  # type: ignore[comparison-overlap]
    assert hash(one) == hash(other)
    assert repr(other) == repr(one).replace("Plain", "Quick")
    assert other.twice == one.twice == 6
    name, _ = other  # type: ignore[misc]
    assert name == "a"
    for value in ("_fields", "_field_defaults", "__doc__", "__slots__", "__module__", "__match_args__"):
        expected = getattr(Plain, value)
        assert getattr(Quick, value) == expected, value
    assert pickle.loads(pickle.dumps(other)) == copy.copy(other) == other  # noqa: S301
    assert type(pickle.loads(pickle.dumps(other))) is Quick  # noqa: S301
    with pytest.raises(AttributeError):
        other.more = 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
        Quick()


class Wide(named_tuples.NamedTuple):
    """More fields than makers are there for."""

    a: int
    b: int
    c: int
    d: int
    e: int
    f: int
    g: int
    h: int
    i: int
    j: int = 9


def test_fields_are_given_by_place_and_by_name() -> None:
    assert Quick(count=1, name="a") == Quick("a", 1) == ("a", 1)  # type: ignore[call-arg, comparison-overlap]
    assert Wide(0, 1, 2, 3, 4, 5, 6, i=8, h=7) == tuple(range(10))  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"Quick\.__new__\(\) got an unexpected keyword argument 'size'"):
        Quick("a", size=1)  # type: ignore[call-arg]


def test_values_are_made_of_others() -> None:
    one = Quick("a")  # type: ignore[call-arg]
    assert one._asdict() == {"name": "a", "count": 3}  # type: ignore[attr-defined]
    assert one._replace(count=4) == Quick("a", 4)  # type: ignore[attr-defined, call-arg]
    assert type(one._replace(count=4)) is type(Quick._make("ab")) is Quick  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match=r"Got unexpected field names: \['size'\]"):
        one._replace(size=1)  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="Expected 2 arguments, got 3"):
        Quick._make("abc")  # type: ignore[attr-defined]


@pytest.mark.parametrize("count", range(len(named_tuples._MAKERS) + 2))
def test_any_number_of_fields(count: int) -> None:
    fields = {f"field_{number}": "int" for number in range(count)}
    made = type(named_tuples.NamedTuple)("Made", (named_tuples.NamedTuple,), {"__annotations__": fields})
    value = made(*range(count))
    assert value == made(**dict(zip(fields, range(count), strict=True))) == tuple(range(count))
    assert [getattr(value, field) for field in fields] == list(range(count))
