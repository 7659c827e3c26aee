"""Audit events that are heard for a while.

Python takes no audit hook away again, and calls each of them some hundred thousand times a second of a
search: a hundred that tests leave behind make every later test of the process six times as slow. So one
hook stays, which asks who listens.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

Hear = Callable[[str, tuple[Any, ...]], object]
_LISTENERS: list[Hear] = []


def _tell(event: str, arguments: tuple[Any, ...]) -> None:
    for hear in _LISTENERS:
        hear(event, arguments)


@functools.cache
def _begin() -> None:
    sys.addaudithook(_tell)


@contextmanager
def hooks_that_end() -> Iterator[None]:
    """Let hooks that are added within hear everything until the end, and nothing afterwards."""
    _begin()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "addaudithook", _LISTENERS.append)
        try:
            yield
        finally:
            _LISTENERS.clear()
