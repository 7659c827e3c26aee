"""What nearly all dependency strings ask for, as bytes that stand beside them in a channel's table.

::

    python >=3.10,<3.11.0a0 *_cp310     flags | length of the first key | first key | last key

Whoever reads one of these neither parses the string nor makes keys of its versions. A string in other words,
or one that is no match spec, has no form: it is read by :mod:`match_spec` when somebody asks for it.
"""

from __future__ import annotations

import functools
from typing import TypeAlias

from resolver.model.dependency_text import MEMORY
from resolver.model.match_spec import plain_parts
from resolver.model.plain_versions import PlainRange, plain_range

#: Version spec and build, None: any will do; and the keys of the versions, None: it takes more than keys.
PlainSpec: TypeAlias = tuple[str | None, str | None, tuple[bytes | None, bool, bytes | None, bool] | None]

_VERSION, _BUILD, _KEYS, _LOW, _LOW_TOO, _HIGH, _HIGH_TOO, _SAME = (1 << bit for bit in range(8))


@functools.lru_cache(maxsize=MEMORY)
def form_of(text: str) -> bytes:
    """Return what a dependency string asks for; empty where it has no such form."""
    try:
        parts = plain_parts(text)
    except ValueError:
        return b""
    if parts is None or text.split() != text.split(" "):
        return b""
    _, version, build = parts
    found = None if version is None else plain_range(version)
    flags = (_VERSION if version is not None else 0) | (_BUILD if build is not None else 0)
    return bytes([flags]) if found is None else _with_keys(flags | _KEYS, found)


def _with_keys(flags: int, found: PlainRange) -> bytes:
    low, low_too, high, high_too = found
    first, last = low or b"", high or b""
    if low is not None:
        flags |= _LOW | (_LOW_TOO if low_too else 0)
    if high is not None:
        flags |= _HIGH | (_HIGH_TOO if high_too else 0)
    if low is not None and low == high:
        flags, last = flags | _SAME, b""
    return bytes([flags, len(first)]) + first + last


def read_form(text: str, form: bytes) -> PlainSpec:
    """Return what a string asks for by its form, which isn't empty; the name is the string's first word."""
    flags, parts = form[0], text.split(" ")
    found = None
    if flags & _KEYS:
        end = 2 + form[1]
        low = form[2:end] if flags & _LOW else None
        high = None
        if flags & _HIGH:
            high = low if flags & _SAME else form[end:]
        found = low, flags & _LOW_TOO != 0, high, flags & _HIGH_TOO != 0
    return parts[1] if flags & _VERSION else None, parts[2] if flags & _BUILD else None, found
