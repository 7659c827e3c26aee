"""The terminal as the one who hears of a run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lockfiles.listener import Listener

if TYPE_CHECKING:
    from lockfiles.cli.progress import Progress
    from lockfiles.cli.terminal import Terminal
    from lockfiles.settings.model import Settings


class TerminalListener(Listener):
    """Warns on the terminal, and shows there how solving goes."""

    progress: Progress  #: of the latest solve; not there before the first one

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self._begun = time.monotonic()

    def warn(self, text: str, hint: str | None = None) -> None:
        """Write a warning."""
        self.terminal.warning(text, hint)

    def solving(self, settings: Settings) -> Progress:
        """Return what counts, and shows, how a solve goes: in one line, or with ``-v`` in many."""
        if self.terminal.verbosity >= 1:
            from lockfiles.cli.verbose import VerboseProgress

            self.progress = VerboseProgress(self.terminal, self._begun)
        else:
            from lockfiles.cli.progress import open_progress

            self.progress = open_progress(self.terminal, settings.progress.value)
        return self.progress
