"""Answers remembered: what was asked, what was looked at for it, and what came out.

::

    question    target, requirements in order, settings, name map, the program and what judges for it
    footprint   the state of each subdir, and of each package's records looked at
                the state of each project's page looked at, index by index
    places      where the lines stand, if a notice of the answer names one of them
    answer      the resolution

A search is a function of the question and of what it looked at: metadata of a file never changes, and
what depends on more (folders, direct references, builds that failed for now, files without a hash) is
not remembered. Asked again, sources are opened and pages renewed under the usual rules of freshness;
where each state in the footprint is as it was, the search would take the same way to the same end.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from resolver.errors import SourceError
from resolver.model.decoders import msgpack_decoder
from resolver.model.digests import sha256
from resolver.model.redaction import strip
from resolver.model.requirements import CondaRequirement, Override, PypiRequirement
from resolver.model.resolution import Resolution
from resolver.model.target import Target
from resolver.sources.cache.folder import Cache, Entry
from resolver.sources.cache.program import program_state

if TYPE_CHECKING:
    from resolver.sources.conda.subdirs import ChannelSubdir
    from resolver.sources.pypi.indexes import IndexSet

_BUCKET = "answer-1"
#: Bytes of all answers together: one of 600 packages takes 0.4 MB, so this holds some 170 of that size.
MOST_BYTES = 64 << 20
#: Behind one answer in so many, told by its key, old ones go: to look at all of them behind each takes longer
#: the more there are.
LOOKED_AFTER = 16
#: Seconds after which an answer that nobody asked for goes: its channels have moved on by then.
LONGEST_AGE = 30 * 86_400.0

#: Settings that are no part of the question, each with the reason. Every other one is.
WITHOUT_EFFECT: Mapping[str, str] = {
    "targets": "each target is a question of its own",
    "http": "how servers are asked; what they say is the footprint",
    "credentials": "they open doors; what lies behind is the footprint",
    "environ": "proxies and certificates; of the rest a build sees what is harmless",
    "cache_dir": "where answers are kept",
    "refresh": "how long pages are trusted; their state is the footprint",
    "inputs": "what earlier runs took from pages and files, which are the footprint",
    "processes": "who searches for a target; it gets what it gets alone",
    "seeks_fixes": "what is said where there is no answer",
    "shelf": "what earlier runs have read of the same states",
    "base_folder": "where direct references start, and an answer with those is not remembered",
}
#: A requirement's field that only messages use: where one does, the answer is that of :func:`_places_in`.
_FOR_PEOPLE = frozenset({"origin"})
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
    places: tuple[str, ...]  #: of all lines, in their order; empty: no notice names one
    resolution: Resolution


_DECODER = msgpack_decoder(Remembered)


def question_key(
    target: Target,
    requirements: Iterable[CondaRequirement | PypiRequirement],
    options: msgspec.Struct,
    overrides: Iterable[Override] = (),
) -> str | None:
    """Return the digest of a question: 64 hex digits; None for one that can't be told.

    ``requirements`` of the target in their order; where a line stands in its file is no part of it.
    ``options``: every field but those of :data:`WITHOUT_EFFECT` counts; a path counts as the file's bytes.
    No secret of an address takes part.
    """
    settings = msgspec.structs.asdict(options)
    try:
        parts = (
            program_state(),
            target,
            [_fields(requirement, _FOR_PEOPLE) for requirement in requirements],
            [_override(override) for override in overrides],
            {name: _plain(value) for name, value in settings.items() if name not in WITHOUT_EFFECT},
        )
        return sha256(_ENCODER.encode(parts)).hexdigest()
    except (OSError, ValueError, ImportError):
        # A file that can't be read or no address: met where it is used. A library without a version:
        # installed by hand, so nothing tells it from the next one.
        return None


def _fields(value: msgspec.Struct, without: frozenset[str]) -> dict[str, Any]:
    return {name: field for name, field in msgspec.structs.asdict(value).items() if name not in without}


def _override(override: Override) -> dict[str, Any]:
    asked = override.requirement
    return _fields(override, _FOR_PEOPLE) | {"requirement": _fields(asked, _FOR_PEOPLE) if asked else None}


def _plain(value: Any) -> Any:
    """Return a setting as msgpack knows it: files as digests, addresses without their secrets."""
    if isinstance(value, Path):
        from resolver.sources.overlay import overlay_digest

        return overlay_digest(value)
    return _stripped(msgspec.to_builtins(value, order="deterministic"))


def _stripped(value: Any) -> Any:
    if isinstance(value, str):
        return strip(value)
    if isinstance(value, dict):
        return {key: _stripped(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_stripped(item) for item in value]
    return value


def recall(
    cache: Cache,
    key: str,
    subdirs: Sequence[ChannelSubdir],
    indexes: IndexSet | None,
    places: tuple[str, ...],
) -> Resolution | None:
    """Return the answer if nothing that it rests on has changed; ``indexes`` None: there are no projects.

    ``places``: where the lines stand, in their order.
    """
    entry = cache.read(_BUCKET, key)
    if entry is None:
        return None
    try:
        known = _DECODER.decode(entry.payload)
        if known.places and known.places != places:
            return None
        if len(known.subdirs) != len(subdirs) or not all(map(_is_same, subdirs, known.subdirs)):
            return None
        if known.pages and (indexes is None or indexes.states(known.pages, known.pages) != known.pages):
            return None
    except (msgspec.MsgspecError, SourceError):  # faults are met again, in their place
        return None
    cache.touch(_BUCKET, key)
    sys.audit("lockstack.answer", str(cache.path(_BUCKET, key)))
    return known.resolution


def remember(
    cache: Cache,
    key: str,
    subdirs: Sequence[ChannelSubdir],
    pages: Mapping[str, tuple[bytes, ...]],
    resolution: Resolution,
    places: tuple[str, ...],
) -> None:
    """Keep an answer with its footprint; ``pages``: the states of projects' pages.

    Behind one in :data:`LOOKED_AFTER` those that are old or too many go.
    """
    states = tuple(
        SubdirState(s.state, s.base_url, {name: s.digest(name) for name in sorted(s.consulted())})
        for s in subdirs
    )
    known = Remembered(states, dict(pages), _places_in(resolution, places), resolution)
    payload = msgspec.msgpack.encode(known)
    if cache.write(_BUCKET, key, Entry(payload=payload)) and _looks_after(key):
        cache.trim(_BUCKET, most_bytes=MOST_BYTES, longest_age=LONGEST_AGE)


def _places_in(resolution: Resolution, places: tuple[str, ...]) -> tuple[str, ...]:
    """Return the places of all lines where a notice names one of them; else none."""
    said = [f"{notice.text} {notice.facts}" for notice in resolution.notices]
    return places if any(place in text for place in places for text in said) else ()


def _looks_after(key: str) -> bool:
    """Tell whether the answer to a question is one of those behind which old ones go."""
    return int(key[:8], 16) % LOOKED_AFTER == 0


def _is_same(subdir: ChannelSubdir, known: SubdirState) -> bool:
    if subdir.base_url != known.base_url:
        return False
    if subdir.state == known.state:
        return True
    return all(subdir.digest(name) == digest for name, digest in known.names.items())
