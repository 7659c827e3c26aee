"""Streaming repodata.json: every way of cutting it gives what the standard library's parser gives."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.metadata.repodata import RepodataReader
from tests.support.amount import examples
from tests.support.channel import record, repodata

AWKWARD = repodata(
    conda=[
        record("plain", depends=["a >=1", "b"], constrains=["c <2"]),
        record("braces", license='}}, "x": {"', depends=["]}} }", "\\", '\\"}}']),
        record("nested", extra_depends={"test": ["d"], "x": {"y": [{}]}}),
        record("unicode-é", license="MIT — ü \u2028"),
    ],
    tar=[
        record("old", noarch=True, track_features=["one", "two"], features="f"),
        record("seconds", timestamp=1_500_000_000),
    ],
    removed=["gone-1-0.conda"],
    signatures={"plain-1.0-0.conda": {"key": {"signature": "}}"}}},
    v3={"packages": {"x": {"name": "in v3"}}},
    **{"packages.whl": {"w-1-py3-none-any.whl": {"name": "wheel", "version": "1"}}},
)


def expected(contents: dict[str, Any]) -> list[tuple[Any, ...]]:
    rows = []
    for section in ("packages", "packages.conda"):
        for name, entry in contents.get(section, {}).items():
            if name.isprintable():  # no name may have a newline
                rows.append((name, entry["name"], entry["version"], tuple(entry["depends"]), entry["sha256"]))
    return sorted(rows)


def read(data: bytes, slab: int = 1 << 20) -> list[tuple[Any, ...]]:
    found = RepodataReader(io.BytesIO(data), slab=slab)
    return sorted((r.file_name, r.name, r.version, r.depends, r.sha256) for r in found if not r.fault)


@pytest.mark.parametrize("indent", [None, 0, 1, 4])
@pytest.mark.parametrize("slab", [1, 7, 64, 300, 2000, 1 << 20])
def test_every_slab_size_and_layout_reads_the_same(slab, indent) -> None:
    data = json.dumps(AWKWARD, indent=indent, ensure_ascii=indent is None).encode()
    assert read(data, slab) == expected(AWKWARD)


@given(data=st.data())
@settings(deadline=None, max_examples=examples(60))
def test_random_contents_in_random_order(data) -> None:
    text = st.text(alphabet='{}[]",:\\ab \n', max_size=8)
    names = data.draw(st.lists(text, max_size=6, unique=True))
    entries = [
        record(name, depends=data.draw(st.lists(text, max_size=3)), license=data.draw(text), o={"p": [name]})
        for name in names
    ]
    cut = data.draw(st.integers(0, len(entries)))
    contents = repodata(conda=entries[:cut], tar=entries[cut:], removed=names)
    keys = data.draw(st.permutations(list(contents)))
    indent = data.draw(st.sampled_from([None, 2]))
    encoded = json.dumps({key: contents[key] for key in keys}, indent=indent).encode()
    reader = RepodataReader(io.BytesIO(encoded), slab=data.draw(st.integers(1, 400)))
    rows = sorted((r.file_name, r.name, r.version, r.depends, r.sha256) for r in reader if not r.fault)
    assert rows == expected(contents)
    assert reader.removed == set(names)


def test_fields_take_the_projects_form() -> None:
    found = {r.name: r for r in RepodataReader(io.BytesIO(json.dumps(AWKWARD).encode()))}
    old = found["old"]
    assert (old.noarch, old.track_features, old.features, old.constrains) == ("generic", "one two", "f", ())
    assert found["seconds"].timestamp == 1_500_000_000_000
    assert found["plain"].constrains == ("c <2",)
    assert found["plain"].purls is None


def test_info_and_removed_wherever_they_stand() -> None:
    contents = {"packages": {}, "removed": ["x"], "info": {"base_url": "https://example.org/y", "arch": None}}
    reader = RepodataReader(io.BytesIO(json.dumps(contents).encode()))
    assert list(reader) == []
    assert (reader.info.base_url, reader.removed) == ("https://example.org/y", {"x"})


ODD = [
    ("a name is missing", {"version": "1"}),
    ("a version is a number", record("odd") | {"version": 1.5}),
    ("depends is text", record("odd") | {"depends": "a"}),
    ("the record is a list", []),
]


@pytest.mark.parametrize("entry", [entry for _, entry in ODD], ids=[why for why, _ in ODD])
def test_an_odd_record_is_left_out_alone(entry) -> None:
    contents = repodata(conda=[record("before"), record("later")])
    contents["packages.conda"] = {"b": record("before"), "odd-1.0-0.conda": entry, "l": record("later")}
    assert [row[1] for row in read(json.dumps(contents).encode())] == ["before", "later"]
    (odd,) = [r for r in RepodataReader(io.BytesIO(json.dumps(contents).encode())) if r.fault]
    assert (odd.name, odd.version, odd.file_name) == ("odd", "1.0", "odd-1.0-0.conda")


def test_numbers_as_text_and_nulls_are_tolerated() -> None:
    entry = record("x") | {"build_number": "3", "depends": None, "md5": None, "license": None, "size": None}
    contents = {"packages": {"x-1.0-0.tar.bz2": entry}}
    (found,) = RepodataReader(io.BytesIO(json.dumps(contents).encode()))
    assert (found.build_number, found.depends, found.md5, found.size) == (3, (), None, None)


EMPTY = [b"", b"{}", b'{"packages": {}}', b'{"packages": null, "packages.conda": []}']


@pytest.mark.parametrize("data", EMPTY)
def test_nothing_in_it(data) -> None:
    assert read(data) == []


@pytest.mark.parametrize("slab", [50, 1 << 20])
def test_a_file_cut_anywhere_is_an_error(slab) -> None:
    data = json.dumps(AWKWARD).encode()
    for length in range(1, len(data) - 1, 7):
        with pytest.raises(ValueError, match=r"ends|not repodata"):
            read(data[:length], slab)


@pytest.mark.parametrize("data", [b"<html>", b"[]", b'"text"', b'{"packages": {"a": }}', b"{]", b"\x00\x01"])
def test_what_is_not_repodata(data) -> None:
    with pytest.raises(ValueError, match=r"ends|not repodata"):
        read(data)


@pytest.mark.shared
@pytest.mark.parametrize("channel", ["pytorch/linux-64", "pkgs/main/noarch", "nvidia/noarch"])
def test_real_channels_read_as_the_standard_library_reads_them(shared, channel) -> None:
    packed = (shared / "channels" / channel / "repodata.json.zst").read_bytes()
    data = zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    contents = json.loads(data)
    for section in ("packages", "packages.conda"):
        for entry in contents[section].values():
            entry.setdefault("sha256", None)
    assert read(data, slab=1 << 17) == expected(contents)
