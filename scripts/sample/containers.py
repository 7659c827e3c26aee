"""Archive containers whose bytes depend on nothing but their content.

Compressors change their output from one library version to the next, and the
sample's hashes are committed. So zip members are stored, and zstd and gzip
frames are written here with the simplest blocks that their formats have;
every reader accepts them. bzip2 has had one encoder for decades and is used
as it stands.
"""

from __future__ import annotations

import bz2
import io
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Mapping

#: 2024-06-01 00:00 UTC, the time of every member; zip can't express times before 1980.
MEMBER_TIME = 1717200000
ZIP_TIME = (2024, 6, 1, 0, 0, 0)

#: A run shorter than this costs more as a block of its own (3 + 1 bytes, and 3 to resume) than as it stands.
_RUN = re.compile(rb"(.)\1{8,}", re.DOTALL)
_RAW_BLOCK, _RUN_BLOCK = 0, 1
#: RFC 8878, 3.1.1.2.3: a block holds at most 128 KiB.
_BLOCK_LIMIT = 128 * 1024


def pack_tar(members: Mapping[str, bytes]) -> bytes:
    """Return a tar archive of regular files, in name order, owned by root; those in ``bin`` can be run."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(members):
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(members[name]), MEMBER_TIME
            info.mode = 0o755 if name.startswith("bin/") else 0o644
            info.uname = info.gname = "root"
            archive.addfile(info, io.BytesIO(members[name]))
    return buffer.getvalue()


def pack_zip(members: Mapping[str, bytes]) -> bytes:
    """Return a zip archive of stored members, in the order given."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, ZIP_TIME)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def pack_bz2(content: bytes) -> bytes:
    """Return the content as one bzip2 stream."""
    return bz2.compress(content, 9)


def pack_zstd(content: bytes) -> bytes:
    """Return a zstd frame of raw and run-length blocks (RFC 8878, 3.1.1.2).

    Tar archives of small files are mostly runs of zeros, so that this is
    nearly as small as a real compressor's output.
    """
    # Frame_Header_Descriptor: content size in 4 bytes, single segment, no checksum, no dictionary.
    frame = bytearray(b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(content)))
    blocks = list(_split_blocks(content)) or [(_RAW_BLOCK, 0, b"")]
    for index, (kind, size, data) in enumerate(blocks):
        last = index == len(blocks) - 1
        frame += (size << 3 | kind << 1 | last).to_bytes(3, "little") + data
    return bytes(frame)


def _split_blocks(content: bytes) -> list[tuple[int, int, bytes]]:
    """Split into (kind, regenerated size, bytes stored), in order."""
    blocks: list[tuple[int, int, bytes]] = []
    position = 0
    for run in [*_RUN.finditer(content), None]:
        end = run.start() if run else len(content)
        for start in range(position, end, _BLOCK_LIMIT):
            piece = content[start : min(end, start + _BLOCK_LIMIT)]
            blocks.append((_RAW_BLOCK, len(piece), piece))
        if run is None:
            break
        starts = range(run.start(), run.end(), _BLOCK_LIMIT)
        blocks += [(_RUN_BLOCK, min(run.end() - start, _BLOCK_LIMIT), run.group(1)) for start in starts]
        position = run.end()
    return blocks


def pack_gzip(content: bytes) -> bytes:
    """Return a gzip member of stored deflate blocks (RFC 1951, 3.2.4; RFC 1952), without a time."""
    limit = 0xFFFF
    body = bytearray(b"\x1f\x8b\x08\x00" + bytes(4) + b"\x00\xff")
    for start in range(0, max(len(content), 1), limit):
        piece = content[start : start + limit]
        last = start + limit >= len(content)
        body += struct.pack("<BHH", last, len(piece), len(piece) ^ limit) + piece
    return bytes(body + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF))
