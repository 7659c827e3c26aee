"""An archive that would put files elsewhere than into an environment is told before anything is linked."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from lockfiles.environments.archive_paths import stray_path

STRAY = {
    "up": "../../evil",
    "up from within": "share/../../evil",
    "up to a neighbour in the cache": "../thing-1.0-0/share/x.txt",
    "absolute": "/etc/evil",
    "a drive": "C:/evil",
    "up as Windows writes it": "share\\..\\..\\evil",
    "a NUL": "share/\0",
    "an escape": "share/\x1b[2J",
    "conda's own records": "conda-meta/x.json",
    "conda's own history": "Conda-Meta/history",
    "empty": "",
    "thousands of folders": "a/" * 3000 + "x",
    "of 5,000 characters": "a" * 5000,
}
GOOD = (
    "bin/python3.12",
    "lib/python3.12/site-packages/..x/y.py",
    "share/a b/\u00e9",
    "Lib/x..py",
    ".hidden",
    "a:b",
)


def write(folder: Path, form: str, members: Mapping[str, bytes]) -> Path:
    path = folder / f"thing-1.0-0{form}"
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:bz2" if form == ".tar.bz2" else "w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    if form == ".tar.bz2":
        path.write_bytes(inner.getvalue())
        return path
    with zipfile.ZipFile(path, "w") as outer:
        outer.writestr("metadata.json", "{}")
        outer.writestr("info-thing-1.0-0.tar.zst", zstandard.compress(inner.getvalue()))
    return path


def paths_json(*paths: str) -> bytes:
    return json.dumps({"paths_version": 1, "paths": [{"_path": path} for path in paths]}).encode()


@pytest.mark.parametrize("form", [".tar.bz2", ".conda"])
@pytest.mark.parametrize("why", STRAY)
def test_paths_that_lead_out(why: str, form: str, tmp_path: Path) -> None:
    members = {"info/index.json": b"{}", "info/paths.json": paths_json(*GOOD, STRAY[why])}
    assert stray_path(write(tmp_path, form, members)) == STRAY[why]


@pytest.mark.parametrize("form", [".tar.bz2", ".conda"])
def test_old_lists_of_files(form: str, tmp_path: Path) -> None:
    assert stray_path(write(tmp_path, form, {"info/files": b"bin/x\n../evil\n"})) == "../evil"


@pytest.mark.parametrize("form", [".tar.bz2", ".conda"])
def test_what_is_as_it_should_be(form: str, tmp_path: Path) -> None:
    files = "\n".join(GOOD).encode()
    assert (
        stray_path(write(tmp_path, form, {"info/files": files, "info/paths.json": paths_json(*GOOD)})) is None
    )


@pytest.mark.parametrize(
    "data", [b"{", b"[]", b'{"paths": 5}', b'{"paths": [5]}', b'{"paths": [{}]}', b"[" * 100_000]
)
@pytest.mark.parametrize("form", [".tar.bz2", ".conda"])
def test_what_can_not_be_read(data: bytes, form: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"."):
        stray_path(write(tmp_path, form, {"info/paths.json": data}))


@given(st.binary(max_size=400), st.sampled_from([".tar.bz2", ".conda"]))
def test_any_bytes(data: bytes, form: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x{form}"
        path.write_bytes(data)
        with pytest.raises(ValueError, match=r"."):
            stray_path(path)
