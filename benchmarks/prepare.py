"""Prepare what the measurements read: problems, and channels as uncompressed repodata.

Run as ``python -m benchmarks.prepare CHANNELS OUTPUT``: every
``<channel>/<subdir>/repodata.json.zst`` under CHANNELS is written once to the same
place under OUTPUT as ``repodata.json``, the form that py-rattler's sparse reader maps
into memory. A file that already stands there is left alone.
"""

from __future__ import annotations

import argparse
import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

#: build string of ``__archspec`` where only its version is given: the baseline of the platform (CEP 30)
BASELINES = {"linux-64": "x86_64", "osx-64": "x86_64", "win-64": "x86_64", "osx-arm64": "m1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One conda solve problem; channels in order of priority, match specs as text."""

    id: str
    platform: str
    channels: tuple[str, ...]
    channel_priority: str  #: ``strict`` or ``disabled``
    virtual_packages: tuple[tuple[str, str], ...]  #: name, version; sorted
    specs: tuple[str, ...]
    solution: tuple[str, ...]  #: ``channel/subdir/file`` of each package of the known lockfile
    solve_group: bool


def parse_problem(row: dict[str, Any]) -> Problem:
    """Return the problem that one JSON object describes."""
    return Problem(
        id=row["id"],
        platform=row["platform"],
        channels=tuple(row["channels"]),
        channel_priority=row["channel_priority"],
        virtual_packages=tuple(sorted(row["virtual_packages"].items())),
        specs=tuple(row["specs"]),
        solution=tuple(row.get("solution", ())),
        solve_group=bool(row.get("solve_group", False)),
    )


def read_problems(path: Path) -> list[Problem]:
    """Return the problems of a ``.jsonl`` or ``.jsonl.zst`` file, in file order."""
    with path.open("rb") as raw:
        stream: Any = zstandard.ZstdDecompressor().stream_reader(raw) if path.suffix == ".zst" else raw
        with io.TextIOWrapper(stream, encoding="utf-8") as lines:
            return [parse_problem(json.loads(line)) for line in lines]


def repodata_files(channels: Path, problem: Problem) -> Iterator[tuple[str, str, Path]]:
    """Yield (channel, subdir, path) of each repodata.json that a problem may read, by priority."""
    for channel in problem.channels:
        for subdir in (problem.platform, "noarch"):
            path = channels / channel / subdir / "repodata.json"
            if path.is_file():
                yield channel, subdir, path


def prepare_channels(source: Path, output: Path) -> int:
    """Decompress every repodata.json.zst under ``source``; return how many were written."""
    written = 0
    for packed in sorted(source.rglob("repodata.json.zst")):
        target = output / packed.relative_to(source).with_suffix("")
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial")
        with packed.open("rb") as read, partial.open("wb") as write:
            zstandard.ZstdDecompressor().copy_stream(read, write)
        os.replace(partial, target)  # noqa: PTH105 - atomic on every system
        written += 1
    return written


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("channels", type=Path)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    print(f"{prepare_channels(arguments.channels, arguments.output)} files written to {arguments.output}")


if __name__ == "__main__":
    main()
