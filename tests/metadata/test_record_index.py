"""Order of records, and the index over them."""

from __future__ import annotations

import io
import json
import random

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.metadata.name_table import NameTable, decode_facts
from resolver.metadata.record_index import order_records, write_record_index
from resolver.metadata.record_rows import (
    _FRONT,
    _Block,
    _joined,
    _places_of,
    decode_rows,
    encode_rows,
    find_row,
)
from resolver.metadata.repodata import RepodataReader
from resolver.model.plain_specs import form_of
from resolver.model.records import CondaRecord
from tests.support.channel import record, repodata


def row(version: str = "1.0", build: str = "0", number: int = 0, **fields) -> CondaRecord:
    file = f"x-{version}-{build}{fields.pop('suffix', '.conda')}"
    return CondaRecord(name="x", version=version, build=build, build_number=number, file_name=file, **fields)


def index_of(data: bytes, slab: int = 1 << 20) -> bytes:
    output = io.BytesIO()
    write_record_index(RepodataReader(io.BytesIO(data), slab=slab), output, io.BytesIO(), {"source": "s"})
    return output.getvalue()


ORDER = [
    ("versions compare as conda's", row("1.10"), row("1.9")),
    ("a release outranks its pre-release", row("1.0"), row("1.0rc1")),
    ("an epoch outranks all", row("1!0.1"), row("99")),
    ("then the build number", row(number=2), row(build="z", number=1)),
    ("equal versions leave it to the build number", row("1.0.0", number=2), row("1.0", number=1)),
    ("then the later build", row(build="a", timestamp=5), row(build="b", timestamp=4)),
    ("then the file name", row(build="a"), row(build="b")),
    ("a version that can't be read comes last", row("0.0.1"), row("not a version!")),
]


@pytest.mark.parametrize(("better", "worse"), [c[1:] for c in ORDER], ids=[c[0] for c in ORDER])
def test_order(better, worse) -> None:
    assert order_records([worse, better]) == order_records([better, worse]) == [better, worse]


def test_conda_form_is_kept_whichever_comes_first() -> None:
    new, old = row(md5="a"), row(suffix=".tar.bz2", md5="b")
    only_old = row(build="other", suffix=".tar.bz2")
    for given_rows in ([new, old, only_old], [only_old, old, new]):
        assert order_records(given_rows) == [new, only_old]


TWINS = [
    # why, .conda's dates, .tar.bz2's dates (built, indexed), whether the older form is kept in hand
    ("the older form is older", (9, 0), (5, 0), True),
    ("of one date", (5, 0), (5, 0), False),
    ("the older form is newer", (5, 0), (9, 0), False),
    ("built together, the older form indexed first", (5, 9), (5, 6), True),
    ("only the older form has a date", (0, 0), (5, 0), True),
    ("only the newer form has a date", (5, 0), (0, 0), False),
    ("neither has a date", (0, 0), (0, 0), False),
]


@pytest.mark.parametrize(("conda", "tar", "kept"), [c[1:] for c in TWINS], ids=[c[0] for c in TWINS])
def test_the_older_form_stays_in_hand_where_a_date_may_need_it(conda, tar, kept) -> None:
    new = row(timestamp=conda[0], indexed_timestamp=conda[1])
    old = row(suffix=".tar.bz2", timestamp=tar[0], indexed_timestamp=tar[1])
    for given_rows in ([new, old], [old, new]):
        (found,) = order_records(given_rows)
        assert (found.file_name, found.twin) == (new.file_name, old if kept else None)
        assert tuple(decode_rows(encode_rows([found]))) == (found,)


def test_removed_conda_leaves_the_old_form() -> None:
    new, old = row(), row(suffix=".tar.bz2")
    assert order_records([new, old], frozenset({new.file_name})) == [old]


VERSIONS = st.sampled_from(["1.0", "1.0.0", "1.1", "2.0a1", "2.0", "1!0", "bad version!"])
ROWS = st.builds(
    row,
    VERSIONS,
    st.sampled_from(["0", "1", "py_0"]),
    st.integers(0, 2),
    suffix=st.sampled_from([".conda", ".tar.bz2"]),
    timestamp=st.integers(0, 2),
    depends=st.lists(st.sampled_from(["a", "b >=1"]), max_size=2).map(tuple),
    purls=st.sampled_from([None, (), ("pkg:pypi/x",)]),
)


@given(data=st.data(), rows=st.lists(ROWS, unique_by=lambda r: r.file_name, max_size=12))
@settings(deadline=None)
def test_order_does_not_depend_on_the_channels(data, rows) -> None:
    assert order_records(data.draw(st.permutations(rows))) == order_records(rows)


@given(rows=st.lists(ROWS, max_size=5))
def test_rows_survive_the_round_trip(rows) -> None:
    assert tuple(decode_rows(encode_rows(rows))) == tuple(rows)


def test_shuffled_repodata_gives_equal_bytes() -> None:
    entries = [
        record(name, version, depends=["y"], timestamp=n)
        for n, (name, version) in enumerate((name, f"1.{v}") for name in "abc" for v in range(30))
    ]
    rng = random.Random(1)  # noqa: S311
    seen = set()
    for slab in (200, 5000, 1 << 20):
        conda, tar = rng.sample(entries[:60], 60), rng.sample(entries[50:], len(entries) - 50)
        contents = repodata(conda=conda, tar=tar, removed=["a-1.3-0.conda"])
        seen.add(index_of(json.dumps(contents).encode(), slab))
    assert len(seen) == 1
    table = NameTable(seen.pop())
    assert [len(decode_rows(table.block(name) or b"")) for name in table] == [29, 30, 30]


def test_facts_hold_the_base_url() -> None:
    data = json.dumps(repodata(info={"base_url": "../pool"})).encode()
    table = NameTable(index_of(data))
    assert decode_facts(table.facts) == {"base_url": "../pool", "source": "s"}
    assert list(table) == []


@pytest.mark.shared
def test_real_channel_holds_every_build_once(shared) -> None:
    packed = (shared / "channels" / "pytorch" / "linux-64" / "repodata.json.zst").read_bytes()
    data = zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    contents = json.loads(data)
    table = NameTable(index_of(data))
    found = {r.file_name for name in table for r in decode_rows(table.block(name) or b"")}
    conda = set(contents["packages.conda"])
    legacy = {f for f in contents["packages"] if f.removesuffix(".tar.bz2") + ".conda" not in conda}
    assert found == conda | legacy
    assert set(table) == {e["name"] for s in ("packages", "packages.conda") for e in contents[s].values()}


def part(value: object) -> memoryview:
    return memoryview(msgspec.msgpack.encode(value))


DAMAGE = {
    "a row that is none": {"places": memoryview(_places_of([b"\xc1" * 7]))},
    "a row too short": {"places": memoryview(_places_of([b"x"]))},
    "more rows than there are": {"places": memoryview(_places_of([b"x", b"y"]))},
    "too few builds": {"builds": part([])},
    "no numbers": {"numbers": part("x")},
    "carriers that aren't there": {"depends": part({"y": b"\0\0\0\0\0\xff"})},
    "a set cut short": {"depends": part({"y": b"\x00\x09"})},
    "a form cut short": {"depends": part({"y": b"\x09\0\0\0\0\xff"})},
    "a member that isn't there": {"depends": part({"y": b"\0\xff\xff\xff\xff\0\0\0\1"})},
    "no members": {"depends": part({"y": b"\0\xff\xff\xff\xff"})},
    "a set far away": {"depends": part({"y": b"\0\xff\xff\xff\xfe\1"})},
    "runs without versions": {"versions": part([])},
    "fewer than none": {"runs": (-1,)},
    "track_features of others": {"features": ("a", "b")},
}


@pytest.mark.parametrize("change", DAMAGE.values(), ids=DAMAGE)
def test_damage_shows_where_it_is_read(change) -> None:
    whole = encode_rows([row(depends=("y",))])
    length, _ = _FRONT.unpack_from(whole)
    head = whole[_FRONT.size : _FRONT.size + length]
    block = msgspec.msgpack.decode(head, type=_Block)
    for field, value in change.items():
        setattr(block, field, value)
    with pytest.raises(LookupError, match="told"):
        read_all(_joined(block, whole[_FRONT.size + length :]))


def test_each_flipped_byte_of_what_is_not_proved_is_noticed() -> None:
    records = [row(version, depends=("y >=1",)) for version in ("2.0", "1.0")]
    whole = encode_rows(records)
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x41
        asked: list[ValueError] = []

        def anew(error: ValueError, asked: list[ValueError] = asked) -> bytes:
            asked.append(error)
            return whole

        try:
            rows = decode_rows(bytes(damaged), anew=anew)
        except ValueError:
            continue
        assert (list(rows), len(asked)) == (records, 1)
        asked.clear()
        rows = decode_rows(bytes(damaged), anew=anew)
        assert (rows.may_have("x-9-0.conda"), len(asked)) == (False, 1)
        with pytest.raises(ValueError, match=r"damaged|agree"):
            find_row(bytes(damaged), "x-9-0.conda")


def test_a_row_that_was_written_damaged_is_told() -> None:
    whole = encode_rows([row()])
    damaged = whole[:-1] + bytes([whole[-1] ^ 1])
    rows = decode_rows(damaged, lambda error: LookupError("told", error), lambda _: damaged)
    with pytest.raises(LookupError, match="told"):
        _ = rows[0]


def read_all(block: bytes) -> None:
    try:
        rows = decode_rows(block, lambda error: LookupError("told", error))
    except ValueError:
        raise LookupError("told at once") from None
    _ = rows.builds, rows.numbers, rows.carriers("y"), rows[0], list(rows.version_runs())


def test_rows_with_a_fault_stand_apart() -> None:
    rows = decode_rows(encode_rows([row("2.0"), row("1.0", fault="no size")]))
    assert ([r.version for r in rows], [r.fault for r in rows.faulty]) == (["2.0"], ["no size"])


@given(rows=st.lists(ROWS, max_size=5, unique_by=lambda r: r.file_name), wanted=ROWS)
def test_a_row_is_found_by_its_file(rows, wanted) -> None:
    found = next((r for r in rows if r.file_name == wanted.file_name), None)
    assert find_row(encode_rows(rows), wanted.file_name) == found


@given(sets=st.lists(st.sets(st.integers(0, 999), min_size=1, max_size=9), min_size=1, max_size=5))
@settings(deadline=None, max_examples=30)
def test_who_carries_a_text_is_told_however_far_apart_they_stand(sets) -> None:
    records = [
        row(build=f"b{n}", depends=tuple(f"y {k}" for k, members in enumerate(sets) if n in members))
        for n in range(1000)
    ]
    rows = decode_rows(encode_rows(records))
    assert [rows.carriers(f"y {k}") for k in range(len(sets))] == [
        sum(2 << n for n in members) for members in sets
    ]
    assert rows.carriers("z") == 0
    assert rows.said("y 0") == (rows.carriers("y 0"), form_of("y 0"))
    few = len(encode_rows([row(build=f"b{n}") for n in range(1000)]))
    assert len(encode_rows(records)) < few + sum(20 * len(members) + 20 for members in sets)
