"""Records of a channel's subdir split by package name, in the order in which they are tried.

::

    stream of records ──> spool: runs of rows, per name ──> table: one block of sorted rows per name

The blocks are :mod:`record_rows`'. Building needs memory for some megabytes of records and for the places
of the runs, msgpack arrays that wait in the spool file.
"""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING

import msgspec

from resolver.model.decoders import msgpack_decoder
from resolver.model.match_spec import version
from resolver.model.patterns import pattern
from resolver.model.records import CondaRecord

if TYPE_CHECKING:
    from resolver.metadata.repodata import RepodataReader

#: Part of every name under which rows are stored: a change of rows or their order needs a new one.
FORMAT = "records-9"

_encoder = msgspec.msgpack.Encoder()
_run_decoder = msgpack_decoder(tuple[CondaRecord, ...])
_PYTHON_BUILD = pattern(r"(?:^|_|-)py(\d)(\d+)")


def order_records(records: Iterable[CondaRecord], removed: frozenset[str] = frozenset()) -> list[CondaRecord]:
    """Return the records of one package, each build once, in a total order.

    The order is that of :func:`order_key`. A build that is there as ``.conda``
    and ``.tar.bz2`` is kept as ``.conda``, which holds the other one where that is of an
    earlier date; ``removed`` are file names. Records with a fault stand behind all others, by file name.
    """
    builds: dict[str, CondaRecord] = {}
    faulty: dict[str, CondaRecord] = {}
    for record in records:
        file_name = record.file_name
        if file_name in removed:
            continue
        if record.fault is not None:
            faulty[file_name] = record
            continue
        is_conda = file_name.endswith(".conda")
        stem = file_name[:-6] if is_conda else file_name.removesuffix(".tar.bz2")
        known = builds.get(stem)
        if known is None:
            builds[stem] = record
        elif is_conda:
            builds[stem] = record if known.file_name == file_name else _with_twin(record, known)
        elif known.file_name.endswith(".conda"):
            builds[stem] = _with_twin(known, record)
    kept = list(builds.values())
    if len(kept) > 1:
        ranks = version_ranks({record.version for record in kept})
        kept.sort(key=lambda record: order_key(record, ranks[record.version]))
    return kept + [faulty[name] for name in sorted(faulty)] if faulty else kept


def _with_twin(record: CondaRecord, twin: CondaRecord) -> CondaRecord:
    """Return a ``.conda`` with its ``.tar.bz2`` where a limit in time may admit only that."""
    if not twin.published or (record.published and record.published <= twin.published):
        return record
    return msgspec.structs.replace(record, twin=twin)


def order_key(record: CondaRecord, version_rank: int) -> tuple[int, int, int, tuple[int, ...], int, str]:
    """Return the sort key that puts the better build first; ``version_rank`` is 0 for the newest.

    Fewer track_features, then the newer version (equal ones such as 1.0 and
    1.0.0 stand together), the higher build number, the newer CPython, the later
    build, the file name.
    """
    return (
        len(record.track_features.split()) if record.track_features else 0,
        version_rank,
        -record.build_number,
        _python_preference(record),
        -record.timestamp,
        record.file_name,
    )


def _python_preference(record: CondaRecord) -> tuple[int, ...]:
    """Rank builds for newer CPython before older ones, other interpreters and free-threaded ones last."""
    found = _PYTHON_BUILD.search(record.build)
    if found is None:
        return (0,)
    special = any(
        text.startswith("python_abi") and (text.endswith("t") or "pypy" in text or "graalpy" in text)
        for text in record.depends
    )
    return (int(special), -int(found.group(1)), -int(found.group(2)))


def version_ranks(texts: set[str]) -> dict[str, int]:
    """Return the rank of each version, 0 for the newest; equal versions have one rank."""
    ordered = sorted(((version(text), text) for text in texts), key=lambda pair: pair[0], reverse=True)
    ranks, rank, previous = {}, -1, None
    for parsed, text in ordered:
        if previous is None or parsed != previous:
            rank += 1
        ranks[text], previous = rank, parsed
    return ranks


def write_record_index(
    reader: RepodataReader, output: IO[bytes], spool: IO[bytes], facts: dict[str, str | int | None]
) -> None:
    """Split what ``reader`` yields by name into a table in ``output``; ``spool`` is an empty scratch file.

    Equal sets of records give equal bytes, whatever their order was. ``facts``
    are stored beside ``base_url``, which comes from the repodata. Raises ValueError
    for what is not repodata, OSError for a full disk.
    """
    from resolver.metadata.name_table import NameTableWriter, encode_facts
    from resolver.metadata.record_rows import encode_rows

    places = _fill_spool(reader, spool)
    writer = NameTableWriter(output)
    for name in sorted(places):
        rows = order_records(_read_runs(spool, places[name]), reader.removed)
        if rows:
            writer.add(name, encode_rows(rows))
    writer.finish(encode_facts({**facts, "base_url": reader.info.base_url}))


def _fill_spool(reader: RepodataReader, spool: IO[bytes]) -> dict[str, array[int]]:
    """Write runs of one name; return for each name offset and length of its runs, flat."""
    places: dict[str, array[int]] = {}
    at = 0
    for name, run in itertools.groupby(reader, key=lambda record: record.name):
        for part in _batches(run):
            length = spool.write(_encoder.encode(part))
            places.setdefault(name, array("Q")).extend((at, length))
            at += length
    spool.flush()
    return places


def _batches(records: Iterator[CondaRecord], size: int = 4096) -> Iterator[list[CondaRecord]]:
    while batch := list(itertools.islice(records, size)):
        yield batch


def _read_runs(spool: IO[bytes], places: array[int]) -> Iterator[CondaRecord]:
    for at, length in zip(places[::2], places[1::2], strict=True):
        spool.seek(at)
        yield from _run_decoder.decode(spool.read(length))
