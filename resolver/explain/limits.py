"""How long explaining may take."""

from __future__ import annotations

#: Seconds until something is said, finished or not.
FIRST_ANSWER = 2.0
#: Seconds in which fixes are looked for where the caller gives no time.
DEFAULT_TIMEOUT = 10.0
