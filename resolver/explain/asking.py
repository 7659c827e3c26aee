"""Questions that may have no answer, as values: nothing that is raised here goes further."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from resolver.errors import LockstackError
from resolver.model.loggers import lazy_logger
from resolver.solving.search import Interrupted

_log = lazy_logger(__name__)
T = TypeVar("T")


class NoAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Why a question has no answer: a source can't be read (its error), or the budget is spent (None)."""

    error: LockstackError | None = None

    @property
    def because(self) -> str:
        """The reason as the end of a sentence: empty, or `` (the source, what it said)``."""
        return "" if self.error is None else f" ({self.error})"


def attempt(ask: Callable[[], T]) -> T | NoAnswer:
    """Return what ``ask`` returns, or why there is no answer.

    The one place where a stopped search and a source that fails become values.
    """
    try:
        return ask()
    except Interrupted:
        return NoAnswer()
    except LockstackError as error:
        _log.info("a question of the explanation has no answer: %s", error)
        return NoAnswer(error=error)
