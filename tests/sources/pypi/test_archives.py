"""Archives of sdists, friendly and hostile."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from resolver.metadata.zip_directory import BadArchiveError
from resolver.sources.pypi.archives import extract, read_top_members
from tests.support.packages import make_tar
from tests.support.tables import table

NAMES = frozenset({"PKG-INFO", "pyproject.toml"})
FILES = {
    "foo-1/PKG-INFO": b"info",
    "foo-1/foo.egg-info/PKG-INFO": b"no",
    "foo-1/src/a.py": b"pass",
    "PKG-INFO": b"no",
}


def make_zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@table(
    "data",
    [("tar", make_tar(FILES)), ("zip", make_zip(FILES)), ("dot", make_tar({"./foo-1/PKG-INFO": b"info"}))],
)
def test_members_of_the_top_folder(data: bytes) -> None:
    assert read_top_members(io.BytesIO(data), NAMES) == {"PKG-INFO": b"info"}


@table("make", [("tar", make_tar), ("zip", make_zip)])
def test_extraction_finds_the_top_folder(make: object, tmp_path: Path) -> None:
    assert callable(make)
    members = {"foo-1/PKG-INFO": b"info", "foo-1/src/a.py": b"pass"}
    top = extract(io.BytesIO(make(members)), tmp_path)
    assert top == tmp_path / "foo-1"
    assert (top / "src" / "a.py").read_bytes() == b"pass"


def tar_of(*infos: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for info in infos:
            archive.addfile(info)
    return buffer.getvalue()


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def device(name: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = tarfile.CHRTYPE
    return info


HOSTILE = [
    ("tar member above", make_tar({"../evil": b"x"})),
    ("tar member at the root", make_tar({"/evil": b"x"})),
    ("link out of the folder", tar_of(link("foo-1/a", "../../outside"))),
    ("hard link out of the folder", tar_of(link("foo-1/a", "../outside", tarfile.LNKTYPE))),
    ("device", tar_of(device("foo-1/null"))),
    ("zip member above", make_zip({"foo/../../evil": b"x"})),
    ("zip member of Windows above", make_zip({"..\\evil": b"x"})),
    ("zip member of a drive", make_zip({"C:/evil": b"x"})),
    ("no archive", b"hello"),
    ("cut short", make_tar({"foo-1/a": bytes(100_000)})[:-30]),
]


@table("data", HOSTILE)
def test_hostile_archive_writes_nothing_outside(data: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    with pytest.raises(BadArchiveError):
        extract(io.BytesIO(data), folder)
    assert list(tmp_path.iterdir()) == [folder]


def test_reading_members_of_a_broken_archive_is_the_same_error() -> None:
    with pytest.raises(BadArchiveError):
        read_top_members(io.BytesIO(b"hello"), NAMES)


def test_what_would_fill_a_disk_is_refused_before_it_is_written(tmp_path: Path) -> None:
    told = tarfile.TarInfo("foo-1/zeros")
    told.size = 9 << 30
    with pytest.raises(BadArchiveError, match="too large to unpack"):
        extract(io.BytesIO(told.tobuf()), tmp_path)
    assert not list(tmp_path.iterdir())
