"""Ranges that no version can be in: ``>=2,<1``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_CLAUSE = re.compile(r"\s*(?P<operator>>=|<=|==|>|<)\s*(?P<version>[0-9][0-9A-Za-z_.!+]*)\s*")


def empty_range(text: str, order: Callable[[str], Any]) -> str | None:
    """Return why a range of simple bounds is empty: ``no version is both >=2 and <1``; None where it isn't.

    ``order`` makes of a version what compares as its ecosystem has it. Other clauses
    (``!=``, ``~=``, ``*``, alternatives) are passed over: they only make a range smaller;
    of alternatives nothing is said.
    """
    if "|" in text:
        return None
    found = [match for part in text.split(",") if (match := _CLAUSE.fullmatch(part))]
    lows = [m for m in found if m["operator"] in (">=", ">", "==")]
    highs = [m for m in found if m["operator"] in ("<=", "<", "==")]
    try:
        for low in lows:
            for high in highs:
                above, below = order(low["version"]), order(high["version"])
                is_open = low["operator"] == ">" or high["operator"] == "<"
                if above > below or (above == below and is_open):
                    return f"no version is both {low.group().strip()} and {high.group().strip()}"
    except ValueError:  # a version that isn't one in this ecosystem
        return None
    return None
