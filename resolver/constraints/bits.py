"""Sets of candidates as ints: bit 0 is *absent*, bit i + 1 is candidate i."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

ABSENT = 1  #: bit 0 of every domain


def iter_candidates(bits: int) -> Iterator[int]:
    """Yield the candidates of a set, best first; absence isn't one."""
    bits >>= 1
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def bits_of(candidates: Iterable[int]) -> int:
    """Return the set of some candidates."""
    result = 0
    for candidate in candidates:
        result |= 2 << candidate
    return result


def bits_where(flags: Iterable[bool]) -> int:
    """Return the set of the candidates whose flag is true; one flag a candidate, in order."""
    return bits_of(candidate for candidate, flag in enumerate(flags) if flag)


def bits_between(start: int, end: int) -> int:
    """Return the candidates from ``start`` on and before ``end``."""
    return ((1 << end) - (1 << start)) << 1


def all_bits(count: int) -> int:
    """Return the set of so many candidates; absence isn't in it."""
    return ((1 << count) - 1) << 1
