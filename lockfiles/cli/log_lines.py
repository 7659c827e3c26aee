"""The libraries' log on stderr, without secrets; loaded for `-v` alone, as `logging` takes 8 ms."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from lockfiles.cli.failures import redact
from resolver.model.visible import make_visible

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal


class CleanFormatter(logging.Formatter):
    """Takes secrets and what acts on a terminal out of the finished line: arguments and tracebacks too."""

    def format(self, record: logging.LogRecord) -> str:  # noqa: D102
        return make_visible(redact(super().format(record)))


def start_logging(terminal: Terminal) -> None:
    """Send the libraries' log to stderr: with ``-v`` what they do, with ``-vv`` every step."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(CleanFormatter("%(levelname).1s %(name)s: %(message)s"))
    level = logging.DEBUG if terminal.verbosity >= 2 else logging.INFO
    for name in ("resolver", "lockfiles"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False
