"""Enumerations made quickly are what :mod:`enum` makes."""

from __future__ import annotations

import copy
import enum
import pickle
from typing import Any

import msgspec
import pytest

from resolver.model import choices


class PlainWord(enum.StrEnum):
    """Some words."""

    FIRST = "first"
    NAME = "in the way of nothing"

    @property
    def twice(self) -> str:
        """Say it again."""
        return 2 * self.value


class Word(choices.StrEnum):
    """Some words."""

    FIRST = "first"
    NAME = "in the way of nothing"

    @property
    def twice(self) -> str:
        """Say it again."""
        return 2 * self.value


class PlainNumber(enum.IntEnum):
    """Some numbers."""

    NONE = 0
    ONE = 1


class Number(choices.IntEnum):
    """Some numbers."""

    NONE = 0
    ONE = 1


PAIRS = ((PlainWord, Word), (PlainNumber, Number))


@pytest.mark.parametrize(("plain", "quick"), PAIRS)
def test_the_classes_have_the_same_parts(plain: Any, quick: Any) -> None:
    assert type(quick) is type(plain)
    assert quick.__mro__[1:] == plain.__mro__[1:]
    for key in {*vars(plain), *vars(quick)} - {"__module__", "__qualname__", "__firstlineno__", "twice"}:
        assert repr(getattr(quick, key)).replace("Plain", "") == repr(getattr(plain, key)).replace(
            "Plain", ""
        )
    missing = set(vars(plain)) - set(vars(quick))
    assert all(getattr(quick, key) == getattr(plain, key) for key in missing)  # inherited


@pytest.mark.parametrize(("plain", "quick"), PAIRS)
def test_the_members_are_the_same(plain: Any, quick: Any) -> None:
    assert [(m.name, m.value) for m in quick] == [(m.name, m.value) for m in plain]
    for one, other in zip(plain, quick, strict=True):
        assert one == other
        assert hash(one) == hash(other)
        assert (str(one), f"{one:>9}") == (str(other), f"{other:>9}")
        assert repr(one) == repr(other).replace("<", "<Plain")
        assert {**vars(one), "__objclass__": None} == {**vars(other), "__objclass__": None}
        assert vars(other)["__objclass__"] is type(other) is quick
        assert quick(other.value) is quick(other) is quick[other.name] is getattr(quick, other.name) is other
        assert pickle.loads(pickle.dumps(other)) is copy.deepcopy(other) is other  # noqa: S301
        assert msgspec.json.decode(msgspec.json.encode(other), type=quick) is other
        assert other in quick
    assert len(quick) == len(plain)
    with pytest.raises(ValueError, match=f"7 is not a valid {quick.__name__}"):
        quick(7)
    with pytest.raises(AttributeError):
        quick.FIRST = quick.ONE = 2
    with pytest.raises(TypeError, match="cannot extend"):
        enum.EnumType("More", (quick,), enum.EnumType.__prepare__("More", (quick,)))


def test_methods_stay() -> None:
    assert Word.FIRST.twice == PlainWord.FIRST.twice == "firstfirst"


@pytest.mark.parametrize(
    ("members", "fault"),
    [({"A": "a", "B": "a"}, "two members of Made have one value"), ({"A": 1}, "Made.A is no plain str")],
)
@pytest.mark.skipif(choices.StrEnum is enum.StrEnum, reason="a Python that makes its own")
def test_what_needs_more_is_refused(members: dict[str, Any], fault: str) -> None:
    with pytest.raises(TypeError, match=fault):
        type(choices.StrEnum)("Made", (choices.StrEnum,), members)
