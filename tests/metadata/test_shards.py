"""Sharded repodata (CEP 16)."""

from __future__ import annotations

import io

import msgspec
import pytest
import zstandard

from resolver.metadata.name_table import NameTable, decode_facts
from resolver.metadata.shards import parse_shard, write_shard_table
from tests.support.channel import as_shards, record, repodata

CONTENTS = repodata(
    conda=[record("a", "1.0"), record("a", "2.0"), record("b", "1.0")],
    tar=[record("a", "1.0"), record("a", "0.9")],
    removed=["a-2.0-0.conda"],
)


def unpacked(data: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(data)


def table_of(listed: object) -> NameTable:
    output = io.BytesIO()
    write_shard_table(msgspec.msgpack.encode(listed), output, {"source": "s"})
    return NameTable(output.getvalue())


def test_list_and_shards_hold_what_repodata_held() -> None:
    files = as_shards(CONTENTS)
    table = table_of(msgspec.msgpack.decode(unpacked(files["repodata_shards.msgpack.zst"])))
    assert list(table) == ["a", "b"]
    digest = (table.block("a") or b"").hex()
    rows = parse_shard("a", unpacked(files[f"shards/{digest}.msgpack.zst"]))
    assert [r.file_name for r in rows] == ["a-1.0-0.conda", "a-0.9-0.tar.bz2"]
    assert rows[0].sha256 == CONTENTS["packages.conda"]["a-1.0-0.conda"]["sha256"]
    assert rows[0].md5 == CONTENTS["packages.conda"]["a-1.0-0.conda"]["md5"]


def test_addresses_are_kept_as_written() -> None:
    listed = {"version": 1, "info": {"base_url": "x", "shards_base_url": "y/"}, "shards": {}, "new key": 1}
    assert decode_facts(table_of(listed).facts) == {"base_url": "x", "shards_base_url": "y/", "source": "s"}


def test_unknown_kinds_and_foreign_names_are_ignored() -> None:
    shard = {
        "packages": {},
        "packages.conda": {"a-1.0-0.conda": record("a"), "b-1.0-0.conda": record("b")},
        "packages.whl": {"a.whl": {"name": "a"}},
        "v3": {"x": 1},
    }
    assert [r.name for r in parse_shard("a", msgspec.msgpack.encode(shard))] == ["a"]


def test_an_odd_record_is_left_out_alone() -> None:
    shard = {"packages.conda": {"a-1.0-0.conda": record("a"), "a-2.0-0.conda": {"name": "a"}}}
    good, odd = parse_shard("a", msgspec.msgpack.encode(shard))
    assert (good.version, good.fault) == ("1.0", None)
    assert (odd.version, odd.file_name) == ("2.0", "a-2.0-0.conda")
    assert odd.fault is not None
    assert "version" in odd.fault


BAD = [
    ("a later version", {"version": 2, "shards": {}}, "version 2"),
    ("a short hash", {"version": 1, "shards": {"a": b"short"}}, "hash of the shard of `a` has 5 bytes"),
    ("no list", {"version": 1}, "shards"),
    ("something else", [1, 2], "object"),
]


@pytest.mark.parametrize(("listed", "words"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_bad_lists(listed, words) -> None:
    with pytest.raises(ValueError, match=words):
        table_of(listed)


@pytest.mark.parametrize("data", [b"", b"\xc1", b"text", msgspec.msgpack.encode([1])])
def test_bad_shards(data) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_shard("a", data)
