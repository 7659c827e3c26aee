"""Decoders that are made late decode, and refuse, as those of msgspec."""

from __future__ import annotations

import msgspec
import pytest

from resolver.model.decoders import json_decoder, msgpack_decoder


class Row(msgspec.Struct):
    name: str
    count: int = 0


def test_they_decode_as_the_made_ones() -> None:
    rows = [Row("a", 1), Row("b")]
    late = msgpack_decoder(list[Row])
    for _ in range(2):
        assert late.decode(msgspec.msgpack.encode(rows)) == rows
    assert json_decoder(Row, strict=False).decode(b'{"name": "a", "count": "7"}') == Row("a", 7)
    with pytest.raises(msgspec.ValidationError, match="Expected `int`, got `str`"):
        json_decoder(Row).decode(b'{"name": "a", "count": "7"}')


def test_a_kind_that_can_not_be_decoded_shows_at_the_first_use() -> None:
    late = msgpack_decoder(dict[str, object] | list[object] | Row)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        late.decode(b"\x80")
