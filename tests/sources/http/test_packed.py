"""Compressed files and bodies: whole, damaged, cut short, of several frames, and made to burst."""

from __future__ import annotations

import bz2
import gzip
import io
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from resolver.sources.http.decoding import EncodingError, iter_body
from resolver.sources.http.packed import Unpacked, unpack_zstd
from resolver.sources.limits import LimitError, ResourceKind, Unpacking

Pack = Callable[[bytes], bytes]
PACKS: dict[str, Pack] = {
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
    "bz2": bz2.compress,
    "gzip": gzip.compress,
    "plain": lambda data: b"x" + data,
}
MIXED = bytes(range(256)) * 3000


def read_all(data: bytes, count: Unpacking | None = None) -> bytes:
    unpacked = Unpacked(io.BytesIO(data), count)
    return b"".join(iter(lambda: unpacked.read(1000), b""))


@pytest.mark.parametrize("name", PACKS)
@given(parts=st.lists(st.binary(max_size=300_000), min_size=1, max_size=3))
def test_frames_come_out_as_they_went_in(name: str, parts: list[bytes]) -> None:
    pack = PACKS[name]
    packed = b"".join(map(pack, parts))
    expected = packed if name == "plain" else b"".join(parts)
    assert read_all(packed) == expected


@pytest.mark.parametrize("name", ["zstd", "bz2", "gzip"])
@pytest.mark.parametrize("left", [0.1, 0.5, 0.9])
def test_a_stream_cut_short_is_no_shorter_stream(name: str, left: float) -> None:
    packed = PACKS[name](MIXED)
    with pytest.raises(ValueError, match="ends too early"):
        read_all(packed[: int(len(packed) * left)])


@pytest.mark.parametrize("name", ["zstd", "bz2", "gzip"])
def test_damage_is_told(name: str) -> None:
    packed = bytearray(PACKS[name](MIXED))
    packed[12:40] = b"\xff" * 28
    with pytest.raises(ValueError, match=r"compressed data (is damaged|ends too early)"):
        read_all(bytes(packed))


def zeros(pack: str) -> bytes:
    """Return 512 MiB of zeros, packed."""
    block = bytes(1 << 24)
    if pack == "zstd":
        maker = zstandard.ZstdCompressor().compressobj()
        return b"".join(maker.compress(block) for _ in range(32)) + maker.flush()
    if pack == "bz2":
        return bz2.compress(block) * 32
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head, part = (packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return head + part * 31  # each by itself; what ends it is never reached


@pytest.mark.parametrize("pack", ["zstd", "bz2", "gzip"])
def test_a_bomb_is_refused_in_little_memory(pack: str) -> None:
    bomb = zeros(pack)
    unpacked = Unpacked(io.BytesIO(bomb))
    taken: list[int] = []
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="grows more than 200 times"):
            taken.extend(iter(lambda: len(unpacked.read(1 << 20)), 0))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(taken) <= max(33 << 20, 200 * len(bomb))
    assert peak < 80 << 20


def test_a_frame_that_asks_for_much_memory_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=30, enable_ldm=True)
    maker = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    packed = maker.compress(MIXED) + maker.flush()
    with pytest.raises(ValueError, match="is damaged"):
        read_all(packed)


def test_a_shard_that_is_not_zstd_is_refused() -> None:
    with pytest.raises(ValueError, match="not compressed as it should be"):
        unpack_zstd(gzip.compress(b"x"), Unpacking(ResourceKind.SHARD))


# ---------------------------------------------------------------- Content-Encoding


def body(data: bytes, encoding: str = "gzip", size: int = 1000) -> bytes:
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    headers = {"content-encoding": encoding} if encoding else {}
    return b"".join(iter_body(chunks, headers, Unpacking(ResourceKind.PAGE)))


@given(st.binary(max_size=100_000), st.integers(1, 5000))
def test_a_body_comes_out_as_it_went_in(data: bytes, size: int) -> None:
    assert body(gzip.compress(data), size=size) == data
    assert body(gzip.compress(data) + gzip.compress(b"more"), size=size) == data + b"more"
    assert body(data, "", size) == data


def test_a_body_cut_inside_its_compression_may_come_whole_next_time() -> None:
    with pytest.raises(EncodingError, match="ends too early") as caught:
        body(gzip.compress(MIXED)[:-20])
    assert caught.value.may_pass


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip", "x\x1b[31m"])
def test_encodings_nobody_asked_for_are_refused(encoding: str) -> None:
    with pytest.raises(EncodingError, match="not asked for") as caught:
        body(b"x", encoding)
    assert not caught.value.may_pass


def test_a_body_that_bursts_is_refused() -> None:
    with pytest.raises(LimitError, match="grows more than 200 times"):
        body(zeros("gzip"), size=1 << 16)
