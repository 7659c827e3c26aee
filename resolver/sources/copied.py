"""Whether this process is a copy that only reads (:mod:`resolver.sources.copies`); light, as many ask."""

from __future__ import annotations

import os

_is_copy = False


def become_copy() -> None:
    """Have this process read, and no more, from now on."""
    global _is_copy
    _is_copy = True


def is_copy() -> bool:
    """Tell whether this process is a copy."""
    return _is_copy


def leave_if_copy() -> None:
    """End the process where it is a copy: what comes next is its parent's alone to do."""
    if _is_copy:
        os._exit(0)
