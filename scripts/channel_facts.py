"""What the records of conda channels say: the family a channel is built on, and the CUDA of its PyTorch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from resolver.errors import SourceError
from resolver.model.channels import Channel
from resolver.sources.cache.folder import Cache
from resolver.sources.conda.opening import ChannelSubdir, open_channel_subdir
from resolver.sources.http.fetching import Fetcher

#: Packages that builds against conda-forge depend on: conda-forge's compilers and its Python add them.
MARKS = frozenset({"_openmp_mutex", "libcxx", "libgcc", "libstdcxx", "python_abi"})
_SUBDIRS = ("linux-64", "noarch", "osx-64", "osx-arm64", "linux-aarch64", "win-64")


@dataclass(frozen=True, slots=True)
class ChannelReader:
    """Channels under one address, a folder or a server."""

    base: str
    fetcher: Fetcher
    cache: Cache

    def mark(self, channel: str) -> str | None:
        """Return the first record that tells conda-forge builds, as ``name: dependency``; None without one.

        Raises SourceError for a channel that isn't there.
        """
        for name, dependencies in self._records(channel):
            for dependency in dependencies:
                if dependency.split()[0] in MARKS:
                    return f"{name}: {dependency}"
        return None

    def torch_builds(self, channel: str, subdir: str) -> dict[str, set[str]]:
        """Return release of pytorch -> the CUDA versions that its builds name; CPU builds aside."""
        found: dict[str, set[str]] = {}
        for opened in self._subdirs(channel, (subdir,)):
            for record in opened.records("pytorch"):
                named = re.search(r"cuda_?(\d+)\.?(\d)(?=\D|$)", str(record.build))
                if named is not None:
                    found.setdefault(str(record.version), set()).add(f"{named[1]}.{named[2]}")
        return found

    def _records(self, channel: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield name and dependencies of each record."""
        for subdir in self._subdirs(channel):
            for name in subdir.names():
                for record in subdir.records(name):
                    yield name, tuple(str(item) for item in record.depends)

    def _subdirs(self, channel: str, subdirs: Sequence[str] = _SUBDIRS) -> Iterator[ChannelSubdir]:
        named = Channel(name=channel, base_url=f"{self.base.rstrip('/')}/{channel}")
        missing = SourceError(f"none of {', '.join(subdirs)} is there", named.base_url)
        found = False
        for subdir in subdirs:
            try:
                opened = open_channel_subdir(named, subdir, self.fetcher, self.cache)
            except SourceError as error:
                missing = error
                continue
            found = found or opened.exists
            yield opened
        if not found:
            raise missing
