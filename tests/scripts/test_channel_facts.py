"""The families of channels are compared with what the channels' records depend on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from resolver.errors import SourceError
from resolver.sources.cache.folder import Cache
from resolver.sources.http.fetching import Fetcher, HttpSettings
from scripts.channel_facts import ChannelReader
from scripts.propose_facts import compare_channels, compare_conda_torch
from tests.support.channel import record, repodata

CHANNELS = {
    "forged": {"linux-64": [["python >=3.9"], ["python_abi 3.12.* *_cp312"]], "noarch": []},
    "plain": {"linux-64": [["python >=3.9"]], "noarch": [["numpy"]]},
    "for-macs": {"noarch": [], "osx-arm64": [["libcxx >=18"]]},
}


def _write(folder: Path, subdirs: Mapping[str, Sequence[Sequence[str]]]) -> None:
    for subdir, dependencies in subdirs.items():
        entries = [record(f"p{number}", depends=list(of)) for number, of in enumerate(dependencies)]
        (folder / subdir).mkdir(parents=True)
        contents = repodata(entries, info={"subdir": subdir})
        (folder / subdir / "repodata.json").write_text(json.dumps(contents), encoding="utf-8")


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[ChannelReader]:
    """Return a reader of three channels in a folder."""
    for name, subdirs in CHANNELS.items():
        _write(tmp_path / "channels" / name, subdirs)
    with Fetcher(HttpSettings(), environ={}) as fetcher:
        yield ChannelReader(str(tmp_path / "channels"), fetcher, Cache(tmp_path / "cache"))


@pytest.mark.parametrize(
    ("channel", "mark"),
    [("forged", "p1: python_abi 3.12.* *_cp312"), ("plain", None), ("for-macs", "p0: libcxx >=18")],
)
def test_a_record_tells_what_a_channel_is_built_on(
    reader: ChannelReader, channel: str, mark: str | None
) -> None:
    assert reader.mark(channel) == mark


def test_a_channel_that_is_gone_tells_nothing(reader: ChannelReader) -> None:
    with pytest.raises(SourceError):
        reader.mark("gone")


def test_rows_are_compared_with_the_records(reader: ChannelReader) -> None:
    names = ["forged", "plain", "gone"]
    rows = [{"channel": name, "certainty": "published"} for name in names]
    outcome = compare_channels(reader, [*rows, {"channel": "told", "certainty": "quoted"}])
    assert (outcome.compared, outcome.by_hand, outcome.unread) == (2, 1, ("gone",))
    assert [line.split(":")[0] for line in outcome.differences] == ["plain"]


def test_the_command_reads_channels(root: Path, tmp_path: Path) -> None:
    _write(tmp_path / "rapidsai", CHANNELS["forged"])
    ran = subprocess.run(
        [sys.executable, "scripts/propose_facts.py", "--channels", str(tmp_path)],
        cwd=root, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (5, "")
    assert "channel_families: 1 rows compared" in ran.stdout
    assert "not on the index: robostack-staging" in ran.stdout


def test_builds_of_torch_are_compared_with_the_records(tmp_path: Path) -> None:
    builds = [
        ("2.1.0", "py3.9_cuda11.8_cudnn8.7.0_0"),
        ("2.1.0", "py3.9_cpu_0"),
        ("2.2.0", "cuda126_py312_h1_300"),
    ]
    entries = [record("pytorch", version, build) for version, build in [*builds, ("3.0", "cuda140_0")]]
    (tmp_path / "torches" / "linux-64").mkdir(parents=True)
    (tmp_path / "torches" / "linux-64" / "repodata.json").write_text(json.dumps(repodata(entries)), "utf-8")
    rows = [
        {"channel": "torches", "first": "2.1", "last": "2.1", "linux": ["11.8", "12.1"]},
        {"channel": "torches", "first": "2.2", "last": "2.3", "linux": ["12.1"]},
        {"channel": "gone", "first": "2.2", "last": "2.3", "linux": ["12.1"]},
    ]
    with Fetcher(HttpSettings(), environ={}) as fetcher:
        reader = ChannelReader(str(tmp_path), fetcher, Cache(tmp_path / "cache"))
        outcome = compare_conda_torch(reader, rows)
    assert (outcome.compared, outcome.differences) == (2, ("torches/linux-64: pytorch 2.2.0 for 12.6",))
    assert outcome.unread == ("torches/win-64", "gone/linux-64", "gone/win-64")
