"""Reading one entry from the end of a zip archive."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.metadata.zip_directory import BadArchiveError, find_directory, find_metadata, read_entry
from tests.support.amount import examples
from tests.support.packages import make_wheel
from tests.support.tables import table


def read(archive: bytes, project: str = "foo-bar") -> bytes | None:
    directory = find_directory(archive[-66_000:], len(archive))
    entry = find_metadata(archive[directory.offset : directory.offset + directory.size], project)
    assert entry.likely_end <= len(archive) + 4096
    return read_entry(archive[entry.offset :], entry)


def zip_of(members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED, zip64: bool = False) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            with archive.open(name, "w", force_zip64=zip64) as out:
                out.write(data)
    return buffer.getvalue()


METADATA = b"Metadata-Version: 2.1\nName: foo-bar\nVersion: 1\n"
PATH = "foo_bar-1.dist-info/METADATA"

READABLE = [
    ("usual wheel", make_wheel("foo-bar", "1", padding=100_000, files={"z.txt": b"z"})),
    ("METADATA at the front", make_wheel("foo-bar", "1", padding=100_000, metadata_first=True)),
    ("comment", make_wheel("foo-bar", "1", comment=b"PK-ish comment" * 50)),
    ("stored", zip_of({PATH: METADATA, "a": b""}, method=zipfile.ZIP_STORED)),
    ("zip64 headers", zip_of({"a": b"x" * 10, PATH: METADATA}, zip64=True)),
    ("vendored METADATA deeper", zip_of({"foo_bar/_vendor/x-1.dist-info/METADATA": b"no", PATH: METADATA})),
    ("a second package's", zip_of({"other-1.dist-info/METADATA": b"no", PATH: METADATA})),
    ("many members", zip_of({**{f"foo/{i}.py": b"" for i in range(3_000)}, PATH: METADATA})),
]


@table("archive", READABLE)
def test_metadata_is_found(archive: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(archive)) as theirs:
        assert read(archive) == theirs.read(PATH)


def test_directory_of_a_zip64_archive() -> None:
    plain = zip_of({PATH: METADATA})
    directory = find_directory(plain, len(plain))
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, directory.size, directory.offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, directory.offset + directory.size, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    wide = plain[: directory.offset + directory.size] + end64 + locator + end
    assert find_directory(wide, len(wide)) == directory
    assert read(wide) == METADATA


def test_too_short_a_piece_is_told_from_a_damaged_one() -> None:
    archive = make_wheel("foo-bar", "1")
    directory = find_directory(archive, len(archive))
    entry = find_metadata(archive[directory.offset :], "foo-bar")
    assert read_entry(archive[entry.offset : entry.offset + 10], entry) is None
    assert read_entry(archive[entry.offset : entry.offset + 60], entry) is None


def damaged(archive: bytes, old: bytes, new: bytes) -> bytes:
    assert old in archive
    return archive.replace(old, new)


STORED = zip_of({PATH: METADATA}, method=zipfile.ZIP_STORED)
BROKEN = [
    ("no archive", b"<html>not found</html>" * 10, "it has no end record of a zip archive"),
    ("empty", b"", "it has no end record of a zip archive"),
    ("no METADATA", zip_of({"a": b""}), "it has no `.dist-info/METADATA`"),
    ("two strangers", zip_of({"x-1.dist-info/METADATA": b"", "y-1.dist-info/METADATA": b""}),
     "it has several `METADATA` files"),
    ("changed content", damaged(STORED, b"Name: foo-bar", b"Name: foo-baz"), "its METADATA is damaged"),
    ("cut at the front", make_wheel("foo-bar", "1", padding=9000)[4000:],
     "its central directory lies outside of the archive"),
]  # fmt: skip


@table("archive, reason", BROKEN)
def test_broken_archive_has_a_reason(archive: bytes, reason: str) -> None:
    with pytest.raises(BadArchiveError) as error:
        read(archive)
    assert str(error.value) == reason


def test_huge_entry_is_refused() -> None:
    archive = zip_of({PATH: b"\0" * (17 << 20)})
    with pytest.raises(BadArchiveError, match="larger than 16 MiB"):
        read(archive)


@settings(deadline=None, max_examples=examples(300))
@given(st.integers(0, 400), st.binary(min_size=1, max_size=6), st.integers(0, 400))
def test_random_damage_never_raises_anything_else(place: int, noise: bytes, cut: int) -> None:
    archive = bytearray(STORED)
    archive[place : place + len(noise)] = noise
    try:
        content = read(bytes(archive[: len(archive) - cut % 30]))
    except BadArchiveError:
        return
    except AssertionError:  # the harness's own check of `likely_end`
        return
    assert content is None or content == METADATA
