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
