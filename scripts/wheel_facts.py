"""What wheels on an index say otherwise than the tables of CUDA binaries and of torch's C++ ABI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from packaging.version import Version

from resolver.model.leading_numbers import release, within
from resolver.sources.http.fetching import Fetcher
from scripts.index_facts import Reader
from scripts.wheel_contents import newest_cuda, torch_cxx11


def binary_differences(reader: Reader, fetcher: Fetcher, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield releases whose wheel holds another newest binary than ``cuda_binaries`` says.

    Releases before a project's first row aren't read.
    """
    for project in dict.fromkeys(row["project"] for row in rows):
        ours = [row for row in rows if row["project"] == project]
        for version in reader.versions(project):
            since = [row for row in ours if Version(row["version"]) <= Version(version)]
            file = reader.wheel(project, version) if since else None
            if file is None:
                continue
            held, found = since[-1]["cuda"], newest_cuda(fetcher, file) or "none"
            if held != found:
                yield f"{project} {version}: binaries up to: the table says {held}, the wheel {found}"


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
