"""When to ask again, and how long to wait first: no I/O."""

from __future__ import annotations

import msgspec

from resolver.sources.http.response import header_number

#: Too many requests, and faults that servers and gateways recover from.
RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Exponential backoff with jitter; times in seconds."""

    attempts: int = 5  #: all together, the first included
    first_delay: float = 0.4
    longest_delay: float = 20.0
    longest_asked: float = 120.0  #: a server asking for more patience than this has failed

    def delay(self, attempt: int) -> float:
        """Return the wait after attempt number ``attempt`` (from 1): half fixed, half random."""
        import random  # most runs wait for nobody

        full = min(self.longest_delay, self.first_delay * 2.0 ** (attempt - 1))
        return full * (0.5 + random.random() / 2)  # noqa: S311 - spreads load, hides nothing


def parse_retry_after(value: str | None, *, now: float) -> float | None:
    """Read a ``Retry-After`` header (RFC 9110, 10.2.3): seconds to wait from ``now``, None without one."""
    if not value:
        return None
    seconds = header_number(value)
    if seconds is not None:
        return float(seconds)
    import email.utils

    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None
