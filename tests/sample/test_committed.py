"""What is committed is what the script makes, wherever it runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import zstandard


def _files(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def _content(path: Path) -> bytes:
    """Bytes of a file; the decompressed ones where a compressor of the library made them."""
    data = path.read_bytes()
    return zstandard.ZstdDecompressor().decompress(data) if path.name == "repodata.json.zst" else data


def test_script_makes_the_committed_files(root: Path, sample: Path, tmp_path: Path) -> None:
    script = root / "scripts" / "make_sample.py"
    command = [sys.executable, script, "--output", tmp_path]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    made, committed = _files(tmp_path), _files(sample)
    assert sorted(made) == sorted(committed)
    assert [name for name in made if _content(made[name]) != _content(committed[name])] == []
    assert done.stdout.startswith(f"{len(made)} files, ")


def test_compressed_repodata_says_the_same(sample: Path) -> None:
    plain = sorted(sample.rglob("repodata.json"))
    assert plain
    for path in plain:
        assert _content(path.with_name("repodata.json.zst")) == path.read_bytes()


def test_sample_stays_small(sample: Path) -> None:
    assert sum(path.stat().st_size for path in sample.rglob("*")) < 3_000_000
