"""Bounds of what strangers send: sizes, growth, time and rate; no clock but one that is handed in."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.sources.limits import (
    DEFAULTS,
    LARGEST_RATIO,
    Bound,
    Exchange,
    LimitError,
    ResourceKind,
    SourceLimits,
    Unpacking,
    describe_size,
)

SMALL = Bound(1000, 5000)


class Clock:
    """Stands still until it is told."""

    now = 50.0

    def __call__(self) -> float:
        return self.now


def exchange(clock: Clock, **limits: float) -> Exchange:
    return Exchange(ResourceKind.PAGE, SourceLimits(**limits), clock, stretch=10.0, bound=SMALL)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ResourceKind, ids=lambda kind: kind.value)
def test_every_kind_has_bounds_and_the_users_own_stands_for_both(kind: ResourceKind) -> None:
    assert 0 < DEFAULTS[kind].sent <= DEFAULTS[kind].unpacked
    assert SourceLimits().bound(kind) == DEFAULTS[kind]
    assert SourceLimits(sizes={kind: 7}).bound(kind) == Bound(7, 7)


def test_what_is_sent_is_bounded_to_the_byte() -> None:
    count = Unpacking(ResourceKind.PAGE, SMALL)
    count.receive(999)
    count.receive(1)
    with pytest.raises(LimitError, match="larger than 1000 bytes, the limit for a page") as caught:
        count.receive(1)
    assert caught.value.hint == "If that is what it should be, raise `page` in the setting `size-limits`."


def test_an_announced_size_is_judged_before_anything_is_read() -> None:
    Unpacking(ResourceKind.PAGE, SMALL).announce(1000)
    with pytest.raises(LimitError):
        Unpacking(ResourceKind.PAGE, SMALL).announce(1001)


def test_what_is_unpacked_is_bounded_to_the_byte() -> None:
    count = Unpacking(ResourceKind.SHARD, SMALL)
    count.receive(100)
    count.unpack(5000)
    with pytest.raises(LimitError, match="when decompressed"):
        count.unpack(1)


@given(sent=st.integers(1, 1 << 22), unpacked=st.integers(0, 1 << 31))
def test_growth_is_refused_beyond_32_mib_only(sent: int, unpacked: int) -> None:
    count = Unpacking(ResourceKind.REPODATA, Bound(1 << 30, 1 << 40))
    count.receive(sent)
    refused = unpacked > 32 << 20 and unpacked > sent * LARGEST_RATIO
    with pytest.raises(LimitError, match="grows more") if refused else contextlib.nullcontext():
        count.unpack(unpacked)


def test_a_byte_a_second_is_too_slow() -> None:
    clock = Clock()
    watched = exchange(clock)
    for _ in range(10):
        watched.receive(1)
        clock.now += 1
    with pytest.raises(LimitError, match="comes too slowly: 11 bytes in 10 s"):
        watched.receive(1)


def test_time_before_the_first_byte_is_no_matter_of_rate() -> None:
    clock = Clock()
    watched = exchange(clock)
    clock.now += 300
    watched.receive(1)
    clock.now += 9
    watched.receive(1)


def test_a_burst_in_each_stretch_is_fast_enough() -> None:
    clock = Clock()
    watched = Exchange(ResourceKind.PAGE, SourceLimits(), clock, stretch=10.0, bound=Bound(1 << 30, 1 << 30))
    for _ in range(50):
        watched.receive(2000)
        clock.now += 10


def test_a_deadline_holds_for_the_whole() -> None:
    clock = Clock()
    watched = exchange(clock, deadline=25.0, least_rate=0)
    for _ in range(3):
        watched.receive(1)
        clock.now += 10
    with pytest.raises(LimitError, match="not complete after 25 s"):
        watched.receive(1)


def test_a_head_without_end_is_cut_off_long_before_a_body_would_be() -> None:
    watched = exchange(Clock())
    for _ in range(8):
        watched.receive(1 << 16)
    with pytest.raises(LimitError, match="goes on and on"):
        watched.receive(1)


def test_each_head_of_a_chain_of_redirects_has_its_own_bound() -> None:
    watched = exchange(Clock())
    for _ in range(5):
        watched.begin_head()
        watched.receive(1 << 19)
        watched.end_head()


def test_frames_without_end_are_bounded_too() -> None:
    watched = exchange(Clock())
    watched.end_head()
    for _ in range(64):
        watched.receive(1 << 16)
    with pytest.raises(LimitError, match="goes on and on"):
        watched.receive(1001)


@pytest.mark.parametrize(
    ("size", "words"), [(5, "5 bytes"), (1 << 20, "1 MiB"), (3 << 29, "1.5 GiB"), (2048, "2 KiB")]
)
def test_sizes_in_words(size: int, words: str) -> None:
    assert describe_size(size) == words
