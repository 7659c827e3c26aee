"""One conda package as a finite domain: its candidates in order, match specs as bitsets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from resolver.model.channels import Channel
from resolver.model.match_spec import MatchSpec, Version, parse_match_spec, version, version_matcher
from resolver.model.records import CondaRecord

_PYTHON_BUILD = re.compile(r"(?:^|_|-)py(\d)(\d+)")


class Addresses(Protocol):
    """Where the packages of a subdir lie."""

    def url_of(self, record: CondaRecord) -> str:
        """Return a package's address, without credentials."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A subdir of a channel that records come from; ``rank`` is the channel's place, 0 first."""

    channel: Channel
    subdir: str
    rank: int
    opened: Addresses | None = None  #: gives the addresses of its packages; None for facts of the machine


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A record that may not be selected, and why."""

    record: CondaRecord
    source: Source
    reason: str


def order_key(record: CondaRecord, version_rank: int) -> tuple[int, int, int, tuple[int, ...], int, str]:
    """Return the sort key that puts the better build first.

    Fewer track_features, then the newer version, the higher build number, the
    newer CPython, the later build, the file name.
    """
    features = len(record.track_features.split()) if record.track_features else 0
    return (
        features,
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
    special = any(d.startswith("python_abi") and (d.endswith("t") or "pypy" in d or "graalpy" in d) for d in record.depends)
    return (1, -int(found.group(1)), -int(found.group(2))) if special else (0, -int(found.group(1)), -int(found.group(2)))


class CondaDomain:
    """Candidates of one conda package, best first, and the bits of match specs over them.

    Bit 0 is *absent*, bit i+1 candidate i. ``bits`` never holds the absent bit.
    """

    def __init__(
        self,
        name: str,
        candidates: Sequence[tuple[CondaRecord, Source]],
        *,
        channels_first: bool = False,
        preferred: str | None = None,
    ) -> None:
        self.name = name
        texts = {record.version for record, _ in candidates}
        ordered: list[str] = sorted(texts, key=lambda text: (version(text), text), reverse=True)
        ranks = {text: rank for rank, text in enumerate(ordered)}
        keyed = [
            ((source.rank if channels_first else 0), order_key(record, ranks[record.version]), source.rank, record, source)
            for record, source in candidates
        ]
        keyed.sort(key=lambda item: item[:3])
        if preferred is not None:
            keyed.sort(key=lambda item: item[3].file_name != preferred)
        self.records: list[CondaRecord] = [item[3] for item in keyed]
        self.sources: list[Source] = [item[4] for item in keyed]
        self.all = ((1 << len(keyed)) - 1) << 1
        self._by_version: dict[str, int] = dict.fromkeys(ordered, 0)
        bit = 2
        for record in self.records:
            self._by_version[record.version] |= bit
            bit <<= 1
        self._parsed: list[tuple[Version, int]] = [(version(t), b) for t, b in self._by_version.items()]
        self._memo: dict[str, int] = {}
        self._groups: dict[str, int] | None = None
        self._limits: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.records)

    def bits(self, text: str) -> int:
        """Return the candidates that a match spec admits; raises ValueError for a text that is none."""
        known = self._memo.get(text)
        if known is None:
            known = self._memo[text] = self.bits_of(parse_match_spec(text))
        return known

    def bits_of(self, spec: MatchSpec) -> int:
        """Return the candidates that the spec admits, whatever channel it names."""
        result = self.all
        if spec.version is not None:
            matches = version_matcher(spec.version)
            result = 0
            for parsed, bits in self._parsed:
                if matches(parsed):
                    result |= bits
        if result and (spec.build or spec.build_number or spec.md5 or spec.sha256 or spec.file_name or spec.url or spec.extra_fields):
            result = self._filter(result, spec)
        return result

    def _filter(self, bits: int, spec: MatchSpec) -> int:
        result = 0
        for index, record in enumerate(self.records):
            bit = 2 << index
            if bits & bit and spec.matches_build(record):
                result |= bit
        return result

    def version_bits(self) -> dict[str, int]:
        """Return for each distinct version the candidates of it, newest version first."""
        return dict(self._by_version)

    def where(self, indexes: Iterable[int]) -> int:
        """Return the bits of some candidates."""
        result = 0
        for index in indexes:
            result |= 2 << index
        return result

    def groups(self) -> dict[str, int]:
        """Return for each dependency string the candidates that carry it."""
        if self._groups is None:
            groups: dict[str, int] = {}
            limits = self._limits
            bit = 2
            for record in self.records:
                for text in record.depends:
                    groups[text] = groups.get(text, 0) | bit
                for text in record.constrains:
                    limits[text] = limits.get(text, 0) | bit
                bit <<= 1
            self._groups = groups
        return self._groups

    def limits(self) -> dict[str, int]:
        """Return for each constrains string the candidates that carry it."""
        self.groups()
        return self._limits

    def levels(self) -> list[int]:
        """Return for each candidate the rank of its version, 0 for the newest (of its channel, if that comes first)."""
        ranks = {text: rank for rank, text in enumerate(self._by_version)}
        return [ranks[record.version] for record in self.records]
