"""What begins as no repodata isn't fetched to its end; what does is written as it comes."""

from __future__ import annotations

import gzip
import io
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import SourceError
from resolver.sources.conda.body_sink import RepodataSink
from tests.support.channel import as_file, as_shards, record, repodata

CONTENTS = repodata([record("thing"), record("other")])
PLAIN = as_file(CONTENTS, "repodata.json")
GOOD = {
    "plain": (PLAIN, True),
    "blanks before": (b" \r\n\t" * 3 + PLAIN, True),
    "a mark of UTF-8": (b"\xef\xbb\xbf" + PLAIN, True),
    "an empty object": (b"{}", True),
    "zstd": (as_file(CONTENTS, "repodata.json.zst"), True),
    "bz2": (as_file(CONTENTS, "repodata.json.bz2"), True),
    "gzip under a plain name": (gzip.compress(PLAIN), True),
    "an empty frame of gzip before": (gzip.compress(b"") + gzip.compress(PLAIN), True),
    "shards": (as_shards(CONTENTS)["repodata_shards.msgpack.zst"], False),
}
BAD = {
    "HTML": (b"<html>" * 10, True),
    "a list": (b"[[[[[[[[", True),
    "a list behind blanks": (b"   \n   [", True),
    "NULs": (bytes(100), True),
    "a list in gzip": (gzip.compress(b"[1, 2, 3]"), True),
    "zstd's mark and noise": (b"\x28\xb5\x2f\xfd" + bytes(range(100, 200)), True),
    "plain where shards are due": (PLAIN, False),
}


def _pour(sink: Any, data: bytes, cuts: list[int]) -> None:
    sink.seek(0)
    sink.truncate()
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    for start, end in pairwise(places):
        sink.write(data[start:end])


@pytest.mark.parametrize("why", GOOD)
@given(cuts=st.lists(st.integers(0, 200), max_size=6), again=st.booleans())
def test_what_is_repodata_is_written_however_it_comes(why: str, cuts: list[int], again: bool) -> None:
    data, is_json = GOOD[why]
    file = io.BytesIO()
    sink = RepodataSink(file, "https://x.example/repodata", is_json=is_json)
    if again:  # an attempt that broke off
        _pour(sink, data[: len(data) // 2], cuts)
    _pour(sink, data, cuts)
    assert file.getvalue() == data


@pytest.mark.parametrize("why", BAD)
@given(cuts=st.lists(st.integers(0, 200), max_size=6))
def test_what_is_none_is_refused_however_it_comes(why: str, cuts: list[int]) -> None:
    data, is_json = BAD[why]
    sink = RepodataSink(io.BytesIO(), "https://x.example/repodata", is_json=is_json)
    with pytest.raises(SourceError, match="is damaged: "):
        _pour(sink, data, cuts)


def test_a_gap_counts_from_the_last_quote() -> None:
    sink = RepodataSink(io.BytesIO(), "https://x.example/repodata", is_json=True)
    half = b" " * (9 << 20)
    sink.write(b'{"a": ')
    sink.write(half + b'"')
    sink.write(half)
    with pytest.raises(SourceError, match="16 MiB without a quote"):
        sink.write(half)
