"""Make a large synthetic channel around the embedded sample, to measure scale.

Run as ``python -m benchmarks.make_channel OUTPUT [--records 600000] [--form sharded|whole]``.
Without ``--form`` both are made, each a channel alias of its own::

    OUTPUT/sharded/conda-forge/linux-64/repodata_shards.msgpack.zst, shards/<sha256>.msgpack.zst   (CEP 16)
    OUTPUT/whole/conda-forge/linux-64/repodata.json.zst

Both hold the same records: those of the sample's conda-forge, untouched, and filler up to
the number asked for, seven in ten in linux-64 and the others in noarch. Filler names are
not names of the sample, and the sample's records depend on none of them: an environment
of the examples has the same solution here as there. The other channels of the sample are
copied as they are, in their one-file form. Packages of filler records don't exist.

The same number of records gives the same files, up to the version of the compressor. The
records of one name at a time are in memory.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Protocol, Self

import msgspec
import zstandard

from benchmarks.filler import CHANNEL, SAMPLE, SHARES, Group, Record, make_groups

#: Records compress to a third at level 3 in no time; channels use a higher one, readers see no difference
LEVEL = 3


class Writer(Protocol):
    """One subdir of a channel in one form."""

    def __enter__(self) -> Self: ...
    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None: ...  # fmt: skip
    def add(self, name: str, group: Group) -> None:
        """Take all records of one name; names come sorted."""


class ShardedWriter:
    """CEP 16: one compressed msgpack map for each name, named by the digest of its bytes."""

    def __init__(self, folder: Path, subdir: str) -> None:
        self._folder, self._subdir = folder, subdir
        self._shards: dict[str, bytes] = {}
        self._compressor = zstandard.ZstdCompressor(level=LEVEL)
        self._encoder = msgspec.msgpack.Encoder()

    def __enter__(self) -> Self:
        (self._folder / "shards").mkdir(parents=True)
        return self

    def add(self, name: str, group: Group) -> None:
        kinds = _by_kind({file: _with_binary_hashes(record) for file, record in group.items()})
        data = self._compressor.compress(self._encoder.encode({**kinds, "removed": []}))
        digest = hashlib.sha256(data).digest()
        (self._folder / "shards" / f"{digest.hex()}.msgpack.zst").write_bytes(data)
        self._shards[name] = digest

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        info = {"subdir": self._subdir, "base_url": "./", "shards_base_url": "./shards/"}
        listed = self._encoder.encode({"version": 1, "info": info, "shards": self._shards})
        (self._folder / "repodata_shards.msgpack.zst").write_bytes(self._compressor.compress(listed))


class WholeWriter:
    """``repodata.json.zst``: packages of the old format wait in a temporary file for the others."""

    def __init__(self, folder: Path, subdir: str) -> None:
        self._folder, self._subdir = folder, subdir
        self._encoder = msgspec.json.Encoder()
        self._stack = ExitStack()
        self._empty = {"packages": True, "packages.conda": True}

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True)
        file = self._stack.enter_context((self._folder / "repodata.json.zst").open("wb"))
        compressor = zstandard.ZstdCompressor(level=LEVEL)
        stream: IO[bytes] = self._stack.enter_context(compressor.stream_writer(file))
        self._out = {"packages.conda": stream, "packages": self._stack.enter_context(TemporaryFile())}
        stream.write(b'{"info":' + self._encoder.encode({"subdir": self._subdir}) + b',"packages.conda":{')
        return self

    def add(self, name: str, group: Group) -> None:  # noqa: ARG002 - the protocol's
        for kind, records in _by_kind(group).items():
            if records:
                text = self._encoder.encode(records)[1:-1]
                self._out[kind].write(text if self._empty[kind] else b"," + text)
                self._empty[kind] = False

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        with self._stack:
            stream, waiting = self._out["packages.conda"], self._out["packages"]
            stream.write(b'},"packages":{')
            waiting.seek(0)
            shutil.copyfileobj(waiting, stream)
            stream.write(b'},"repodata_version":1}')


def _by_kind(group: Group) -> dict[str, Group]:
    kinds: dict[str, Group] = {"packages": {}, "packages.conda": {}}
    for file, record in group.items():
        kinds["packages.conda" if file.endswith(".conda") else "packages"][file] = record
    return kinds


def _with_binary_hashes(record: Record) -> Record:
    return record | {"md5": bytes.fromhex(record["md5"]), "sha256": bytes.fromhex(record["sha256"])}


FORMS: dict[str, Callable[[Path, str], Writer]] = {"sharded": ShardedWriter, "whole": WholeWriter}


def make_channels(output: Path, records: int, forms: list[str]) -> dict[str, int]:
    """Write the forms asked for below ``output``, anew; return the number of names of each subdir."""
    for form in forms:
        shutil.rmtree(output / form, ignore_errors=True)
        for channel in ("pkgs/main", "pkgs/r", "pytorch", "nvidia"):
            ignored = shutil.ignore_patterns("*.conda", "*.tar.bz2")
            shutil.copytree(SAMPLE / channel, output / form / channel, ignore=ignored)
    names: dict[str, int] = {}
    for subdir, share in SHARES.items():
        with ExitStack() as stack:
            made = [FORMS[form](output / form / CHANNEL / subdir, subdir) for form in forms]
            writers = [stack.enter_context(writer) for writer in made]
            for name, group in make_groups(subdir, round(records * share)):
                names[subdir] = names.get(subdir, 0) + 1
                for writer in writers:
                    writer.add(name, group)
    return names


def main() -> None:
    """Read the command line, make the channels, say what was made."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--records", type=int, default=600_000)
    parser.add_argument("--form", action="append", choices=sorted(FORMS))
    arguments = parser.parse_args()
    started = time.perf_counter()
    names = make_channels(arguments.output, arguments.records, arguments.form or sorted(FORMS))
    taken = time.perf_counter() - started
    print(f"{arguments.records:,} records of {sum(names.values()):,} names in {taken:.1f} s")


if __name__ == "__main__":
    main()
