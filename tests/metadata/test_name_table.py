"""The table of names: finds every name, and no damage goes unnoticed."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.metadata.name_table import NameTable, NameTableWriter, decode_facts, encode_facts


def table_of(blocks: dict[str, bytes], facts: bytes = b"") -> bytes:
    file = io.BytesIO()
    writer = NameTableWriter(file)
    for name, block in blocks.items():
        writer.add(name, block)
    writer.finish(facts)
    return file.getvalue()


def read_all(data: bytes, names: Iterable[str]) -> None:
    table = NameTable(data)
    for name in names:
        table.block(name)


NAMES = st.text(min_size=0, max_size=12)


@given(
    blocks=st.dictionaries(NAMES, st.binary(max_size=40), max_size=40),
    others=st.lists(NAMES),
    facts=st.binary(max_size=9),
)
@settings(deadline=None)
def test_every_name_is_found_and_no_other(blocks, others, facts) -> None:
    table = NameTable(table_of(blocks, facts))
    assert list(table) == sorted(blocks, key=str.encode)
    assert len(table) == len(blocks)
    assert table.facts == facts
    for name in [*blocks, *others]:
        assert table.block(name) == blocks.get(name)
        assert (name in table) == (name in blocks)
    assert 7 not in table


def test_names_by_prefix() -> None:
    table = NameTable(table_of(dict.fromkeys(["b", "ab", "abc", "abd", "ac"], b"")))
    assert list(table.near("ab")) == ["ab", "abc", "abd"]
    assert list(table.near("z")) == []


def test_each_flipped_byte_is_noticed() -> None:
    blocks = {"one": b"first block", "two": b"second block", "three": b""}
    whole = table_of(blocks, b"facts")
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x41
        with pytest.raises(ValueError, match=r"table|block"):
            read_all(bytes(damaged), blocks)


def test_each_cut_is_noticed() -> None:
    whole = table_of({"one": b"first"}, b"facts")
    for length in range(len(whole)):
        with pytest.raises(ValueError, match="table"):
            NameTable(whole[:length])


def test_a_name_comes_once() -> None:
    writer = NameTableWriter(io.BytesIO())
    writer.add("a", b"")
    with pytest.raises(ValueError, match="two blocks for `a`"):
        writer.add("a", b"")


def test_facts_do_not_depend_on_their_order() -> None:
    assert encode_facts({"b": 1, "a": None}) == encode_facts({"a": None, "b": 1})
    assert decode_facts(encode_facts({"b": 1, "a": "x"})) == {"a": "x", "b": 1}
