"""What a run does, line by line: stages and their times for `-v`, every request and conflict for `-vv`."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from lockfiles.cli.progress import Progress, format_seconds, format_size
from resolver.model.redaction import redact
from resolver.model.target import Target
from resolver.solving.reporter import Effort, Stage

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from resolver.constraints.clauses import Incompatibility
    from resolver.constraints.protocol import Universe
    from resolver.explain.wording import Wording


class VerboseProgress(Progress):
    """Writes a line for each stage that has ended, with the time since the one before.

    ::

          0.06 s  files and settings read
        linux-64
          0.21 s  2 channels opened
          0.34 s  first solution: 214 decisions, 3 conflicts

    With ``-vv`` also each request (when it has ended) and what each conflict taught: memberships that
    can't all hold. No address holds a secret, and no line a character that would move the cursor.
    """

    hears_steps = True

    def __init__(self, terminal: Terminal, begun: float) -> None:
        """``begun``: when the run began, by the monotonic clock."""
        super().__init__()
        self._terminal = terminal
        self._last = begun
        self._began: dict[str, list[float]] = {}  # requests under way
        self._writing = threading.Lock()
        self._wording: Wording | None = None
        self._tells_steps = terminal.verbosity >= 2
        self.stage_done("files and settings read")

    def stage_done(self, what: str) -> None:
        """Write a stage with the time since the one before."""
        now = time.monotonic()
        spent, self._last = now - self._last, now
        self._write(f"{format_seconds(spent):>8}  {what}")

    def target_started(self, target: Target) -> None:
        """Name the platform."""
        super().target_started(target)
        self._write(target.subdir)

    def searched(self, stage: Stage, effort: Effort) -> None:
        """Write a stage of the search with what it took."""
        counts = f"{_counted(effort.decisions, 'decision')}, {_counted(effort.conflicts, 'conflict')}"
        self.stage_done(f"{stage.value}: {counts}")

    def learned(self, universe: Universe, clause: Incompatibility) -> None:
        """Write what a conflict taught."""
        if not self._tells_steps:
            return
        from resolver.constraints.universe import JointUniverse
        from resolver.explain.wording import Wording

        if not isinstance(universe, JointUniverse):
            return
        if self._wording is None or self._wording.universe is not universe:
            self._wording = Wording(universe)
        self._write(f"conflict {self.conflicts}: {self._wording.clause(clause)}")

    def fetch_started(self, where: str) -> None:
        """Note when a request began."""
        super().fetch_started(where)
        if self._tells_steps:
            with self._writing:
                self._began.setdefault(where, []).append(time.monotonic())

    def fetch_done(self, where: str, size: int) -> None:
        """Write a request that has ended."""
        super().fetch_done(where, size)
        if self._tells_steps:
            with self._writing:
                began = self._began.get(where)
                spent = time.monotonic() - began.pop() if began else 0.0
            self._write(f"request {where}: {format_size(size)} in {format_seconds(spent)}")

    def _end(self, work: str) -> float:
        """Write what was made here, and how long that took."""
        spent = super()._end(work)
        self._write(f"{work}: {format_seconds(spent)}")
        return spent

    def _write(self, text: str) -> None:
        clean = "".join(char if char.isprintable() else "?" for char in redact(text))
        with self._writing:
            self._terminal.detail(clean)


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
