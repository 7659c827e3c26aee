"""Answers remembered: what was asked, what was looked at for it, and what came out.

::

    question    requirements in order, target, options that decide, pins to try first, name map, program
    footprint   the state of each subdir, and of each package's records looked at
                the state of each project's page looked at, index by index
    answer      the resolution

A search is a function of the question and of what it looked at: metadata of a file never changes, and
what depends on more (folders, direct references, builds that failed for now) is not remembered. Asked
again, sources are opened and pages renewed under the usual rules of freshness; where each state in the
footprint is as it was, the search would take the same way to the same end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from resolver.errors import SourceError
from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.model.resolution import Resolution
from resolver.model.target import Target
from resolver.sources.cache.folder import Cache, Entry
from resolver.sources.conda.subdirs import ChannelSubdir

if TYPE_CHECKING:
    from resolver.sources.pypi.indexes import IndexSet

#: Grows with every change that may change an answer, a page's meaning or the form below.
FORM = 3
_BUCKET = "answer-1"
_ENCODER = msgspec.msgpack.Encoder(order="deterministic")


class SubdirState(msgspec.Struct, array_like=True, frozen=True):
    """A subdir as it was: as a whole, and name by name where it was looked at."""

    state: bytes
    base_url: str
    names: dict[str, bytes]  #: digest of a name's records; empty: it had none


class Remembered(msgspec.Struct, array_like=True, frozen=True):
    """What the cache holds."""

    subdirs: tuple[SubdirState, ...]
    pages: dict[str, tuple[bytes, ...]]
    resolution: Resolution


_DECODER = msgspec.msgpack.Decoder(Remembered)


def question_key(
    target: Target,
    conda: Iterable[CondaRequirement],
    pypi: Iterable[PypiRequirement],
    name_map: Path | None,
    options: Mapping[str, Any],
) -> str:
    """Return the digest of a question; where a line stands in its file is no part of it."""
    asked = [
        {name: value for name, value in msgspec.structs.asdict(r).items() if name not in ("origin", "text")}
        for r in (*conda, *pypi)
    ]
    table = hashlib.sha256(name_map.read_bytes()).hexdigest() if name_map else None
    return hashlib.sha256(_ENCODER.encode((FORM, target, asked, table, options))).hexdigest()


def recall(
    cache: Cache, key: str, subdirs: Sequence[ChannelSubdir], indexes: IndexSet | None
) -> Resolution | None:
    """Return the answer if nothing that it rests on has changed; ``indexes`` None: there are no projects."""
    entry = cache.read(_BUCKET, key)
    if entry is None:
        return None
    try:
        known = _DECODER.decode(entry.payload)
        if len(known.subdirs) != len(subdirs) or not all(map(_is_same, subdirs, known.subdirs)):
            return None
        if known.pages and (indexes is None or indexes.states(known.pages) != known.pages):
            return None
    except (msgspec.MsgspecError, SourceError):  # faults are met again, in their place
        return None
    return known.resolution


def remember(
    cache: Cache,
    key: str,
    subdirs: Sequence[ChannelSubdir],
    indexes: IndexSet | None,
    projects: Iterable[str],
    resolution: Resolution,
) -> None:
    """Keep an answer with its footprint, where that can be told."""
    pages = indexes.states(projects) if indexes else {}
    if pages is None:
        return
    states = tuple(
        SubdirState(s.state, s.base_url, {name: s.digest(name) for name in s.consulted()}) for s in subdirs
    )
    payload = msgspec.msgpack.encode(Remembered(states, pages, resolution))
    cache.write(_BUCKET, key, Entry(payload=payload))


def _is_same(subdir: ChannelSubdir, known: SubdirState) -> bool:
    if subdir.base_url != known.base_url:
        return False
    if subdir.state == known.state:
        return True
    return all(subdir.digest(name) == digest for name, digest in known.names.items())
