"""The synthetic channel: as many records as asked, the sample's among them, the same in both forms."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zstandard

from benchmarks.filler import SAMPLE
from benchmarks.make_channel import make_channels
from resolver.model.match_spec import parse_match_spec, version

COUNT = 6_000
SUBDIRS = ("linux-64", "noarch")
Records = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small synthetic channel in both forms."""
    output = tmp_path_factory.mktemp("synthetic")
    make_channels(output, COUNT, ["sharded", "whole"])
    return output


def _decompress(path: Path) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(path.read_bytes())


def _whole(root: Path, subdir: str) -> Records:
    data = json.loads(_decompress(root / "whole/conda-forge" / subdir / "repodata.json.zst"))
    assert data["info"]["subdir"] == subdir
    assert all(name.endswith(".tar.bz2") for name in data["packages"])
    assert all(name.endswith(".conda") for name in data["packages.conda"])
    return {**data["packages"], **data["packages.conda"]}


def _sharded(root: Path, subdir: str) -> Records:
    folder = root / "sharded/conda-forge" / subdir
    listed = msgspec.msgpack.decode(_decompress(folder / "repodata_shards.msgpack.zst"))
    found: Records = {}
    for name, digest in listed["shards"].items():
        path = folder / listed["info"]["shards_base_url"] / f"{digest.hex()}.msgpack.zst"
        assert hashlib.sha256(path.read_bytes()).digest() == digest
        shard = msgspec.msgpack.decode(_decompress(path))
        for file, record in {**shard["packages"], **shard["packages.conda"]}.items():
            assert record["name"] == name
            found[file] = record | {"md5": record["md5"].hex(), "sha256": record["sha256"].hex()}
    return found


def _sample(subdir: str) -> Records:
    data = json.loads((SAMPLE / "conda-forge" / subdir / "repodata.json").read_text())
    return {**data["packages"], **data["packages.conda"]}


def test_exactly_as_many_records_as_asked(made: Path) -> None:
    assert sum(len(_whole(made, subdir)) for subdir in SUBDIRS) == COUNT


@pytest.mark.parametrize("subdir", SUBDIRS)
def test_both_forms_hold_the_same_records(made: Path, subdir: str) -> None:
    assert _sharded(made, subdir) == _whole(made, subdir)


@pytest.mark.parametrize("subdir", SUBDIRS)
def test_the_sample_is_untouched_and_needs_no_filler(made: Path, subdir: str) -> None:
    records, sample = _whole(made, subdir), _sample(subdir)
    assert {file: records[file] for file in sample} == sample
    filler = {record["name"] for file, record in records.items() if file not in sample}
    wanted = {text.split()[0] for record in sample.values() for text in record["depends"]}
    projects = {folder.name for folder in (SAMPLE.parent / "pypi").iterdir()}
    assert not filler & (wanted | projects | {record["name"] for record in sample.values()})


@pytest.mark.parametrize("subdir", SUBDIRS)
def test_filler_reads_like_the_real_thing(made: Path, subdir: str) -> None:
    for file, record in _whole(made, subdir).items():
        assert file.startswith(f"{record['name']}-{record['version']}-{record['build']}.")
        assert record["build"].endswith(f"_{record['build_number']}") or file in _sample(subdir)
        version(record["version"])
        for text in record["depends"]:
            parse_match_spec(text)
        assert (len(record["md5"]), len(record["sha256"])) == (32, 64)


def test_the_same_bytes_again(made: Path, tmp_path: Path) -> None:
    make_channels(tmp_path, COUNT, ["sharded", "whole"])
    first = {path.relative_to(made): path.read_bytes() for path in made.rglob("*") if path.is_file()}
    again = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert first == again
