"""Loggers that load `logging` when there is something to say: it takes 8 ms, and most runs say nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import logging


class _Logger:
    """Stands for a logger; each method is the true one's."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, method: str) -> Any:
        import logging

        return getattr(logging.getLogger(self._name), method)


def lazy_logger(name: str) -> logging.Logger:
    """Return what `logging.getLogger` does, for lines that are written seldom."""
    return cast("logging.Logger", _Logger(name))
