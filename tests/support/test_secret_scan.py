"""The scanner finds what it is for."""

from __future__ import annotations

import base64
import zipfile
from pathlib import Path

import pytest

from tests.support.secret_scan import PLANTED, leaks_in

WORDS = [
    PLANTED.encode(),
    PLANTED.encode().hex().encode(),
    base64.b64encode(PLANTED.encode()),
    base64.b64encode(f"u:{PLANTED}".encode()),
    base64.b64encode(f":{PLANTED}".encode()),
]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("place", ["conda-lock.yml", "cache/v1/x/ab/ab12", "pixi.lock", "solve.zip"])
def test_a_secret_in_an_artefact_is_found(place: str, word: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    path = folder / place
    path.parent.mkdir(parents=True)
    if place.endswith(".zip"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("record.json", b"a" + word + b"b")
    else:
        path.write_bytes(b"a" + word + b"b")
    assert len(leaks_in(folder)) == 1
    path.unlink()  # else the suite's own scan finds it


def test_what_a_test_wrote_itself_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "environment.yml").write_text(PLANTED)
    (tmp_path / "netrc").write_text(PLANTED)
    assert leaks_in(tmp_path) == []
