"""A caller's clock: nothing below the command looks at one of its own."""

from __future__ import annotations

from collections.abc import Callable

import msgspec


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """A caller's clock, and the seconds that it gives; None: it only measures."""

    now: Callable[[], float]  #: seconds since any moment, never going back
    timeout: float | None = None
