"""Test tables: rows of (why, values ...), the why as the test's id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest


def table(names: str, rows: Sequence[tuple[Any, ...]]) -> pytest.MarkDecorator:
    """Parametrize over ``rows``; ``names`` are those of the values behind the why."""
    return pytest.mark.parametrize(names, [pytest.param(*row[1:], id=row[0]) for row in rows])
