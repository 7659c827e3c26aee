"""Conda versions that are numbers and dots, as bytes that sort as they do.

Nearly all published versions are, and nearly all bounds (``>=1.2``, ``<2.0a0``), so that they are compared
without being parsed one by one. What conda makes of any other is told by :mod:`match_spec`.
"""

from __future__ import annotations

import functools
import struct
from typing import TYPE_CHECKING

from resolver.model.dependency_text import MEMORY
from resolver.model.patterns import pattern

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from resolver.model.named_tuples import NamedTuple

#: Numbers from here on are left to others; py-rattler's end at ten times as much.
_TOO_LARGE = 10**17
_PACKERS = [struct.Struct(f">{count}Q").pack for count in range(8)]
_TEXT = r"((?:0|[1-9][0-9]{0,16})(?:\.(?:0|[1-9][0-9]{0,16})){0,6})"
_BOUND = rf"([<>]=?){_TEXT}(a0)?"
_SPEC = pattern(rf"(?:{_TEXT}(\.\*)?|{_BOUND}(?:,{_BOUND})?)\Z")


class PlainRange(NamedTuple):
    """The keys of the first and last versions, and whether these are in themselves; None: there is no end."""

    low: bytes | None
    low_too: bool
    high: bytes | None
    high_too: bool


def plain_key(text: str) -> bytes | None:
    """Return bytes that sort as the version does among plain ones, equal for equal ones; None: it is none.

    Plain are numbers as everybody writes them, without zeros in front, up to seven of them.
    """
    try:
        numbers = list(map(int, text.split(".")))
    except ValueError:
        return None
    if len(numbers) >= len(_PACKERS) or max(numbers) >= _TOO_LARGE or min(numbers) < 0:
        return None
    if ".".join(map(str, numbers)) != text:
        return None
    return _key(text)


@functools.lru_cache(maxsize=MEMORY)
def plain_range(spec: str) -> PlainRange | None:
    """Return the range of plain versions that a version spec admits; None: it takes more than keys.

    ``1.2``, ``==1.2``, ``1.2.*``, one bound, or two that are no two of a kind.
    """
    is_equal = spec[:2] == "=="
    found = _SPEC.match(spec, 2 if is_equal else 0)
    if found is None:
        return None
    text, star, *bounds = found.groups()
    if is_equal and (text is None or star is not None):
        return None
    if text is not None:
        last = text.rpartition(".")[2]
        if star is None:
            return PlainRange(_key(text), True, _key(text), True)
        return PlainRange(_key(text), True, _key(f"{text[: -len(last)]}{int(last) + 1}"), False)
    low, low_too, high, high_too = None, False, None, False
    for sign, bound, alpha in (bounds[:3], bounds[3:]):
        if sign is None:
            continue
        too = sign[0] == ">" if alpha else sign[1:] == "="  # no plain version lies between 1.2a0 and 1.2
        if sign[0] == ">":
            if low is not None:
                return None
            low, low_too = _key(bound), too
        else:
            if high is not None:
                return None
            high, high_too = _key(bound), too
    return PlainRange(low, low_too, high, high_too)


def _key(text: str) -> bytes:
    numbers = text.split(".")
    return _PACKERS[len(numbers)](*map(int, numbers)).rstrip(b"\0")  # 1.2.0 is 1.2
