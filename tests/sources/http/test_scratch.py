"""A temporary file on a disk that runs full under way."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from resolver.sources.http.scratch import _Spill, open_scratch


class File(io.FileIO):
    """Takes ``room`` bytes: the last write that fits in part is short, the next fails."""

    room = 0

    def write(self, data: object, /) -> int:
        left = self.room - self.tell()
        if left <= 0:
            raise OSError(28, os.strerror(28))
        return super().write(bytes(data)[:left]) or 0  # type: ignore[call-overload]


@pytest.mark.parametrize("room", [0, 1, 10, 4095, 10_000, 300_000])
def test_nothing_is_lost(room: int, tmp_path: Path) -> None:
    small = File(tmp_path / "file", "w+b")
    small.room = room
    with io.BufferedRandom(_Spill(small)) as file:
        written = b""
        for number in range(3000):
            piece = str(number).encode() * 9
            file.write(piece)
            written += piece
        file.seek(0)
        assert file.read() == written
        file.seek(100)
        file.write(b"in between")
        file.seek(95)
        assert file.read(20) == written[95:100] + b"in between" + written[110:115]
        file.seek(0)
        file.truncate()
        file.write(b"again")
        file.seek(0)
        assert file.read() == b"again"


def test_without_any_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with open_scratch([tmp_path / "file" / "below"]) as file:
        assert isinstance(file, io.BytesIO)
    with open_scratch([tmp_path / "file" / "below", tmp_path / "new"]) as file:
        assert file.fileno() > 0
    assert list((tmp_path / "new").iterdir()) == []
