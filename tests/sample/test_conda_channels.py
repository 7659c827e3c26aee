"""Every archive of the sample channels is real: hashes, size, members, and what it says of itself."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard

from resolver.model.match_spec import parse_match_spec


def _records(sample: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for repodata in sorted((sample / "conda").rglob("repodata.json")):
        data = json.loads(repodata.read_text())
        for key, ending in (("packages", ".tar.bz2"), ("packages.conda", ".conda")):
            for name, record in data[key].items():
                assert name.endswith(ending)
                yield repodata.with_name(name), record


def _members(archive: Path) -> dict[str, bytes]:
    """Files of a package of either format, by path."""
    if archive.suffix == ".conda":
        with zipfile.ZipFile(archive) as outer:
            assert json.loads(outer.read("metadata.json")) == {"conda_pkg_format_version": 2}
            inner = [name for name in outer.namelist() if name.endswith(".tar.zst")]
            assert sorted(inner) == [f"info-{archive.stem}.tar.zst", f"pkg-{archive.stem}.tar.zst"]
            tars = [zstandard.ZstdDecompressor().decompress(outer.read(name)) for name in inner]
    else:
        tars = [archive.read_bytes()]
    found: dict[str, bytes] = {}
    for data in tars:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive_file:
            for member in archive_file:
                content = archive_file.extractfile(member)
                assert content is not None
                found[member.name] = content.read()
    return found


def test_every_record_is_true_of_its_archive(sample: Path) -> None:
    count = 0
    for path, record in _records(sample):
        data = path.read_bytes()
        assert record["size"] == len(data)
        assert record["sha256"] == hashlib.sha256(data).hexdigest()
        assert record["md5"] == hashlib.md5(data, usedforsecurity=False).hexdigest()
        members = _members(path)
        said = json.loads(members["info/index.json"])
        assert said == {key: value for key, value in record.items() if key not in ("md5", "sha256", "size")}
        assert path.name.startswith(f"{said['name']}-{said['version']}-{said['build']}.")
        paths = json.loads(members["info/paths.json"])["paths"]
        payload = {name: content for name, content in members.items() if not name.startswith("info/")}
        assert members["info/files"].decode().split() == sorted(payload)
        assert [entry["_path"] for entry in paths] == sorted(payload)
        for entry in paths:
            assert entry["sha256"] == hashlib.sha256(payload[entry["_path"]]).hexdigest()
            assert entry["size_in_bytes"] == len(payload[entry["_path"]])
        count += 1
    assert count > 600


def test_no_archive_is_unlisted(sample: Path) -> None:
    listed = {path for path, _ in _records(sample)}
    lying = {path for path in (sample / "conda").rglob("*") if path.name.endswith((".conda", ".tar.bz2"))}
    assert lying == listed


def test_every_dependency_is_a_match_spec(sample: Path) -> None:
    for _, record in _records(sample):
        for text in [*record["depends"], *record.get("constrains", [])]:
            parse_match_spec(text)


@pytest.mark.parametrize("channel", ["conda-forge", "pkgs/main", "pkgs/r", "pytorch", "nvidia"])
@pytest.mark.parametrize("subdir", ["linux-64", "noarch", "osx-arm64"])
def test_every_subdir_answers(sample: Path, channel: str, subdir: str) -> None:
    data = json.loads((sample / "conda" / channel / subdir / "repodata.json").read_text())
    assert data["info"]["subdir"] == subdir


WANTED = [
    ("variants of BLAS", {"libblas-3.11.0-9_h4a7cf45_openblas", "libblas-3.9.0-16_linux64_mkl"}),
    ("CUDA and CPU builds of pytorch", {
        "pytorch-2.3.1-cuda120_py312h26b3cf7_300", "pytorch-2.3.1-cpu_generic_py312h2f1fc2b_0",
        "pytorch-2.3.1-cpu_mkl_py311hcb16b95_100", "pytorch-2.3.1-py3.11_cuda12.1_cudnn8.9.2_0",
        "pytorch-2.3.1-py3.11_cpu_0",
    }),
    ("choice of numpy", {"numpy-1.26.4-py310hb13e2d6_0", "numpy-1.26.4-py311h64a7726_0",
                         "numpy-1.26.4-py312heda63a1_0", "numpy-2.0.2-py311h71ddf71_1"}),
    ("newer pandas", {"pandas-2.2.2-py311h14de704_1", "pandas-2.3.3-py311hed34c8f_2",
                      "pandas-3.0.3-py311h8032f78_0"}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "builds"), WANTED, ids=[why for why, _ in WANTED])
def test_there_is_a_real_choice(sample: Path, why: str, builds: set[str]) -> None:
    have = {path.name.removesuffix(".conda").removesuffix(".tar.bz2") for path, _ in _records(sample)}
    assert builds <= have, why


def test_less_wanted_variants_carry_track_features(sample: Path) -> None:
    features = {record["name"] for _, record in _records(sample) if record.get("track_features")}
    assert {"libblas", "cpuonly", "pytorch-mutex"} <= features
