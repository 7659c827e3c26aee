"""How old something must be at least: a length of time, as people and ISO 8601 write it."""

from __future__ import annotations

import datetime as dt
import re

import msgspec

from resolver.model.patterns import pattern

_UNITS = {"week": 7 * 86400, "day": 86400, "hour": 3600}
#: Seconds of the longest age that means anything: 40 years.
LONGEST = 40 * 365 * 86_400
_WORDS = pattern(r"(\d{1,6})\s*(weeks?|days?|hours?|[wdh])", re.IGNORECASE)
_ISO = pattern(r"P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(\d{1,6})H)?", re.IGNORECASE)


class Age(msgspec.Struct, frozen=True, kw_only=True):
    """A length of time; ``text`` as it was written."""

    seconds: int
    text: str

    def before(self, today: str) -> int:
        """Return the moment (seconds since 1970, UTC) so long before a day (``2026-01-31``) begins."""
        begin = dt.datetime.combine(dt.date.fromisoformat(today), dt.time(), dt.UTC)
        return int(begin.timestamp()) - self.seconds


def parse_age(text: str) -> Age | None:
    """Return the age that ``7 days``, ``2w``, ``P7D`` or ``PT36H`` means; None for any other text.

    Months and years are none: they aren't always equally long.
    """
    text = text.strip()
    words, iso = _WORDS.fullmatch(text), _ISO.fullmatch(text)
    if words is not None:
        unit = next(unit for unit in _UNITS if unit[0] == words[2][0].lower())
        return Age(seconds=int(words[1]) * _UNITS[unit], text=text)
    if iso is not None and any(iso.groups()) and text[-1].upper() != "T":
        counts = zip(iso.groups(), _UNITS.values(), strict=True)
        return Age(seconds=sum(int(count or 0) * unit for count, unit in counts), text=text)
    return None
