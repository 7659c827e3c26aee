"""Decoders that are made late decode, and refuse, as those of msgspec."""

from __future__ import annotations

import typing
from typing import Generic, TypeVar

import msgspec
import pytest

from resolver.model.decoders import _TOLD, json_decoder, msgpack_decoder


class Row(msgspec.Struct):
    name: str
    count: int = 0


T = TypeVar("T")


class Base(msgspec.Struct):
    place: int | None


class Held(Base, Generic[T]):
    held: tuple[T, ...]
    rows: dict[str, Row] = {}
    later: Held[T] | None = None


def test_no_text_is_compiled_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    value = Held(place=1, held=(Row("a"),), rows={"b": Row("b", 2)}, later=Held(place=None, held=()))
    text = msgspec.json.encode(value)
    assert isinstance(Held.__annotations__["rows"], str), "the test means nothing where there are no texts"

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a text is compiled")

    with monkeypatch.context() as patch:
        patch.setattr(typing.ForwardRef, "__init__", refuse)
        late = json_decoder(Held[Row])
        assert late.decode(text) == value
    assert msgspec.json.decode(text, type=Held[Row]) == value
    with pytest.raises(msgspec.ValidationError, match=r"Expected `str`, got `int` - at `\$.held\[0\].name`"):
        late.decode(text.replace(b'"a"', b"1"))


class Unread(msgspec.Struct):
    name: str
    other: Nowhere  # type: ignore[name-defined]  # noqa: F821


def test_an_annotation_that_names_what_is_not_there_is_told_by_msgspec() -> None:
    late = json_decoder(Unread)
    with pytest.raises(NameError, match="Nowhere"):
        late.decode(b"{}")


def test_they_decode_as_the_made_ones() -> None:
    rows = [Row("a", 1), Row("b")]
    late = msgpack_decoder(list[Row])
    for _ in range(2):
        assert late.decode(msgspec.msgpack.encode(rows)) == rows
    assert json_decoder(Row, strict=False).decode(b'{"name": "a", "count": "7"}') == Row("a", 7)
    with pytest.raises(msgspec.ValidationError, match="Expected `int`, got `str`"):
        json_decoder(Row).decode(b'{"name": "a", "count": "7"}')


def test_types_that_are_told_are_those_of_the_texts() -> None:
    assert {text: eval(text) for text in _TOLD} == _TOLD  # noqa: S307 - our own


def test_a_kind_that_can_not_be_decoded_shows_at_the_first_use() -> None:
    late = msgpack_decoder(dict[str, object] | list[object] | Row)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        late.decode(b"\x80")
