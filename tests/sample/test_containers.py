"""Our containers are read by everybody's readers, and give back what went in."""

from __future__ import annotations

import gzip
import io
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.amount import examples

RUNS = st.builds(lambda byte, count: bytes([byte]) * count, st.integers(0, 255), st.integers(1, 700))
BYTES = st.lists(st.one_of(st.binary(max_size=40), RUNS), max_size=12).map(b"".join)


@pytest.fixture(scope="module")
def containers(root: Path) -> Iterator[ModuleType]:
    """The module under ``scripts``, which is no installed package."""
    sys.path.insert(0, str(root / "scripts"))
    try:
        import sample.containers as module

        yield module
    finally:
        sys.path.remove(str(root / "scripts"))


@settings(deadline=None, max_examples=examples(200))
@given(content=BYTES)
def test_zstd_frame_gives_back_its_content(containers: ModuleType, content: bytes) -> None:
    frame = containers.pack_zstd(content)
    assert zstandard.ZstdDecompressor().decompress(frame) == content
    assert zstandard.frame_content_size(frame) == len(content)


@settings(deadline=None, max_examples=examples(50))
@given(content=BYTES)
def test_gzip_member_gives_back_its_content(containers: ModuleType, content: bytes) -> None:
    assert gzip.decompress(containers.pack_gzip(content)) == content


@pytest.mark.parametrize("size", [0, 1, 0xFFFF, 0x10000, 128 * 1024, 128 * 1024 + 1, 300_000])
@pytest.mark.parametrize("unit", [b"\0", bytes(range(256))], ids=["run", "no run"])
def test_blocks_split_at_their_limits(containers: ModuleType, size: int, unit: bytes) -> None:
    content = (unit * (size // len(unit) + 1))[:size]
    assert zstandard.ZstdDecompressor().decompress(containers.pack_zstd(content)) == content
    assert gzip.decompress(containers.pack_gzip(content)) == content


def test_zeros_cost_next_to_nothing(containers: ModuleType) -> None:
    assert len(containers.pack_zstd(bytes(10240))) < 20


def test_order_of_members_is_the_names_in_tar_and_ours_in_zip(containers: ModuleType) -> None:
    members = {"b": b"2", "a": b"1"}
    with tarfile.open(fileobj=io.BytesIO(containers.pack_tar(members))) as archive:
        assert [(member.name, member.mtime, member.mode) for member in archive] == [
            ("a", containers.MEMBER_TIME, 0o644), ("b", containers.MEMBER_TIME, 0o644)]  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(containers.pack_zip(members))) as archive:
        assert archive.namelist() == ["b", "a"]
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        assert archive.testzip() is None
