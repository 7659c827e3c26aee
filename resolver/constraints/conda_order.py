"""The order in which the candidates of one conda package are tried, best first.

::

    a pin to keep | what differs from it in the build alone | the others, level by level
                                                              channel (where priority counts)
                                                              CUDA or CPU build
                                                              number of track_features
                                                              version
                                                              channel (where it doesn't), build

Candidates of one level stand together, so that a level is a run of places.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from resolver.constraints.cuda_builds import CudaRanks, build_id
from resolver.constraints.record_source import Source
from resolver.metadata.record_index import order_key, version_ranks
from resolver.model.match_spec import version
from resolver.model.records import CondaRecord

#: A record and where it lies.
Candidate: TypeAlias = tuple[CondaRecord, Source]


def oriented(ranks: dict[str, int], *, ascending: bool) -> dict[str, int]:
    """Return the rank of each version, 0 for the best: the newest, as it came, or the lowest."""
    if not ascending:
        return ranks
    most = max(ranks.values(), default=0)
    return {text: most - rank for text, rank in ranks.items()}


def in_order(candidates: Sequence[Candidate], *, channels_first: bool, ascending: bool) -> list[Candidate]:
    """Merge the subdirs' own orders into one; with ``channels_first`` an earlier channel outranks all.

    Without it a channel's place breaks ties between builds of one version, as conda and libmamba have it.
    """
    if not candidates or (not ascending and all(source is candidates[0][1] for _, source in candidates)):
        return list(candidates)
    ranks = oriented(version_ranks({record.version for record, _ in candidates}), ascending=ascending)

    def key(pair: Candidate) -> tuple[object, ...]:
        record, source = pair
        features, rank, *build = order_key(record, ranks[record.version])
        return (source.rank if channels_first else 0, features, rank, source.rank, *build)

    return sorted(candidates, key=key)


def cuda_first(
    ordered: Sequence[Candidate],
    ranks: CudaRanks,
    *,
    channels_first: bool,
    ascending: bool,
) -> list[Candidate]:
    """Move CUDA builds before CPU builds as far as the ranks say; else the order stays."""
    versions = oriented(version_ranks({record.version for record, _ in ordered}), ascending=ascending)

    def key(pair: Candidate) -> tuple[int, ...]:
        record, source = pair
        build = build_id(record, source)
        return (
            source.rank if channels_first else 0,
            ranks.before_version(build),
            len(record.track_features.split()) if record.track_features else 0,
            versions[record.version],
            ranks.within_version(build),
        )

    return sorted(ordered, key=key)


def pin_first(
    ordered: Sequence[Candidate], preferred: str, ranks: CudaRanks | None, *, channels_first: bool
) -> list[Candidate]:
    """Move a pin to keep (a file name) to the front, and behind it what differs from it in the build alone.

    A package that must move, for example since python does, keeps its version where it can.
    """
    pin = next((pair for pair in ordered if pair[0].file_name == preferred), None)
    if pin is None:
        return list(ordered)
    level = _kind(pin, ranks, channels_first=channels_first)

    def key(pair: Candidate) -> int:
        same = _kind(pair, ranks, channels_first=channels_first) == level and is_alike(pair[0], pin[0])
        return 0 if pair is pin else 1 if same else 2

    return sorted(ordered, key=key)


def _kind(pair: Candidate, ranks: CudaRanks | None, *, channels_first: bool) -> tuple[int, ...]:
    """Return what of a level lies beside version and track_features."""
    record, source = pair
    place = source.rank if channels_first else 0
    if ranks is None:
        return (place,)
    build = build_id(record, source)
    return (place, ranks.before_version(build), ranks.within_version(build))


def is_alike(one: CondaRecord, two: CondaRecord) -> bool:
    """Tell whether two records have the same version and number of track_features."""
    return same_version(one.version, two.version) and len(one.track_features.split()) == len(
        two.track_features.split()
    )


def same_version(one: str, two: str) -> bool:
    """Tell whether two texts are the same version; only such as 1.0 and 1.0.0 have to be parsed."""
    if one == two:
        return True
    return one.rstrip(".0") == two.rstrip(".0") and version(one) == version(two)
