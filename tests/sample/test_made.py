"""The sample is made at first use: the same bytes everywhere, once, and whole."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

from scripts.make_sample import SOURCES, STAMP, is_current

#: Of every path with the digest of its content. Lockfiles hold these hashes: a change here changes theirs.
DIGEST = "1eed54fba597a025349580381045e6a9ae8c00eb594499f2e53cc9dab22f454c"


def _files(folder: Path) -> dict[str, Path]:
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != STAMP)
    return {path.relative_to(folder).as_posix(): path for path in paths}


def _content(path: Path) -> bytes:
    """Bytes of a file; the decompressed ones where a compressor of the library made them."""
    data = path.read_bytes()
    return zstandard.ZstdDecompressor().decompress(data) if path.name == "repodata.json.zst" else data


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for name, path in sorted(_files(folder).items()):
        digest.update(f"{name} {hashlib.sha256(_content(path)).hexdigest()}\n".encode())
    return digest.hexdigest()


def test_the_bytes_are_the_same_everywhere(sample: Path) -> None:
    assert is_current(sample)
    assert _digest(sample) == DIGEST


def test_it_can_be_written_elsewhere(root: Path, tmp_path: Path) -> None:
    command = [sys.executable, root / "scripts" / "make_sample.py", "--output", tmp_path]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=240)
    assert _digest(tmp_path) == DIGEST
    assert done.stdout.startswith(f"{len(_files(tmp_path))} files, ")


def test_compressed_repodata_says_the_same(sample: Path) -> None:
    plain = sorted(sample.rglob("repodata.json"))
    assert plain
    for path in plain:
        assert _content(path.with_name("repodata.json.zst")) == path.read_bytes()


def test_sample_stays_small(sample: Path) -> None:
    assert sum(path.stat().st_size for path in _files(sample).values()) < 3_000_000


def test_the_stamp_covers_every_source(root: Path) -> None:
    folder = root / "scripts" / "sample"
    found = {
        f"sample/{path.name}" for path in folder.iterdir() if path.is_file() and path.name != "__init__.py"
    }
    assert found | {"make_sample.py"} == set(SOURCES)


@pytest.fixture
def clone(root: Path, tmp_path: Path) -> Path:
    """A clone's scripts, without a sample."""
    for name in (*SOURCES, "sample/__init__.py"):
        target = tmp_path / "scripts" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / "scripts" / name, target)
    return tmp_path


def _start(clone: Path, *flags: str) -> subprocess.Popen[bytes]:
    script = clone / "scripts" / "make_sample.py"
    return subprocess.Popen([sys.executable, script, *flags], stderr=subprocess.PIPE)


def _end(process: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    _, words = process.communicate(timeout=240)
    return process.returncode, words


def test_several_at_once_make_it_once(clone: Path) -> None:
    ends = [_end(process) for process in [_start(clone, "--if-needed") for _ in range(3)]]
    assert ends == [(0, b"")] * 3
    assert _digest(clone / "examples" / "sample") == DIGEST
    assert {path.name for path in (clone / "examples").iterdir()} <= {"sample", ".sample.lock"}
    before = (clone / "examples" / "sample").stat().st_ino
    assert _end(_start(clone, "--if-needed")) == (0, b"")
    assert (clone / "examples" / "sample").stat().st_ino == before


def test_other_facts_and_half_made_ones_make_it_anew(clone: Path) -> None:
    examples = clone / "examples"
    for half in ("sample", ".sample.made", ".sample.former"):
        (examples / half / "conda").mkdir(parents=True)
        (examples / half / "conda" / "stray").write_text("left by a process that was killed")
    assert _end(_start(clone, "--if-needed")) == (0, b"")
    assert _digest(examples / "sample") == DIGEST
    shutil.rmtree(examples / "sample" / "pypi")  # as git does on the way to another commit: the stamp stays
    assert _end(_start(clone, "--if-needed")) == (0, b"")
    assert _digest(examples / "sample") == DIGEST
    with (clone / "scripts" / "sample" / "pypi.json").open("a") as file:
        file.write("\n")
    before = (examples / "sample").stat().st_ino
    assert _end(_start(clone, "--if-needed")) == (0, b"")
    assert (examples / "sample").stat().st_ino != before


def test_a_place_that_takes_nothing_is_told(clone: Path) -> None:
    (clone / "examples").write_text("not a folder")
    code, words = _end(_start(clone))
    assert code == 1
    assert words.decode().startswith("error: can't make the sample in `")
    assert b"Traceback" not in words
