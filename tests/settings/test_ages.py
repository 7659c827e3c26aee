"""Lengths of time as settings have them."""

from __future__ import annotations

import pytest

from lockfiles.settings.ages import Age, parse_age

HOUR, DAY = 3600, 86400
AGES = [
    ("7 days", 7 * DAY), ("1 day", DAY), ("7d", 7 * DAY), ("2 Weeks", 14 * DAY), ("2w", 14 * DAY),
    ("36 hours", 36 * HOUR), ("36h", 36 * HOUR), (" 7  days ", 7 * DAY), ("0 days", 0),
    ("P7D", 7 * DAY), ("P2W", 14 * DAY), ("PT36H", 36 * HOUR), ("P1DT12H", 36 * HOUR), ("p7d", 7 * DAY),
]  # fmt: skip
NONE = ["", "7", "days", "P", "PT", "P7", "P1M", "P1Y", "1 month", "1 year", "-7 days", "P7DT",
        "7 days ago", "2026-01-31", "1.5 days", "PT5M", "9999999 days"]  # fmt: skip


@pytest.mark.parametrize(("text", "seconds"), AGES, ids=[repr(text) for text, _ in AGES])
def test_an_age(text: str, seconds: int) -> None:
    assert parse_age(text) == Age(seconds=seconds, text=text.strip())


@pytest.mark.parametrize("text", NONE, ids=repr)
def test_what_is_no_age(text: str) -> None:
    assert parse_age(text) is None


def test_an_age_counts_from_the_beginning_of_the_day() -> None:
    assert Age(seconds=0, text="").before("1970-01-02") == DAY
    assert Age(seconds=36 * HOUR, text="").before("1970-01-03") == 12 * HOUR
