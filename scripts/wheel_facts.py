"""What wheels on an index say otherwise than the tables of CUDA binaries, of cuDNN and of torch's C++ ABI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from packaging.version import Version

from resolver.model.leading_numbers import release, within
from resolver.model.records import DistFile
from resolver.sources.http.fetching import Fetcher
from scripts.index_facts import PLATFORMS, Reader
from scripts.wheel_contents import cudnn_major, newest_cuda, torch_cxx11


def _each_wheel(
    reader: Reader, rows: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, Mapping[str, Any], DistFile]]:
    """Yield what a release is called, the row that holds for it, and its wheel, for each platform of rows.

    Releases before a project's first row for a platform aren't read; behind a row's ``last`` none holds.
    """
    for project in dict.fromkeys(row["project"] for row in rows):
        for platform in PLATFORMS:
            ours = [row for row in rows if row["project"] == project and platform in row["platforms"]]
            for version in reader.versions(project) if ours else ():
                since = [row for row in ours if Version(row["version"]) <= Version(version)]
                file = reader.wheel(project, version, platform) if since else None
                if file is not None:
                    newest = max(since, key=lambda row: Version(row["version"]))
                    holds = Version(version) <= Version(newest["last"])
                    yield f"{project} {version}, {platform}", newest if holds else {}, file


def binary_differences(reader: Reader, fetcher: Fetcher, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield releases whose wheel holds another newest binary than ``cuda_binaries`` says."""
    for what, row, file in _each_wheel(reader, rows):
        held, found = row.get("cuda", "nothing"), newest_cuda(fetcher, file) or "none"
        if held != found:
            yield f"{what}: binaries up to: the table says {held}, the wheel {found}"


def cudnn_differences(reader: Reader, fetcher: Fetcher, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield releases whose wheel brings the loader of another cuDNN major than ``cudnn_loads`` says."""
    for what, row, file in _each_wheel(reader, rows):
        held, found = (row.get("cudnn") or "none") if row else "nothing", cudnn_major(fetcher, file) or "none"
        if held != found:
            yield f"{what}: cuDNN: the table says {held}, the wheel {found}"


def abi_differences(reader: Reader, fetcher: Fetcher, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield minor releases of torch whose newest wheel has another C++ ABI than ``torch_abi`` says."""
    seen: set[tuple[int, ...]] = set()
    for version in reader.versions("torch"):
        minor = release(version)[:2]
        file = reader.wheel("torch", version) if minor not in seen else None
        seen.add(minor)
        found = torch_cxx11(fetcher, file) if file is not None else None
        if found is None:
            continue
        held = next(
            (
                row["cxx11"]
                for row in rows
                if within(version, row["first"], row["last"]) and "" in (row.get("variants") or [""])
            ),
            "nothing",
        )
        if held != found:
            yield f"torch {version}: C++11 ABI: the table says {held}, the wheel {found}"
