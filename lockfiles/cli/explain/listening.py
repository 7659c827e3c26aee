"""An explanation told while it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lockfiles.cli.listening import TerminalListener
from lockfiles.explaining import ExplainListener

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.session import Session
    from resolver.explain.explanation import Explanation
    from resolver.explain.logs import LogReport
    from resolver.model.target import Target


class Teller(TerminalListener, ExplainListener):
    """Writes what is known as soon as it is known.

    ``tells``: conflicts and changes as text; without, only that a target has a
    solution. ``tells_logs``: what was understood of a log.
    """

    def __init__(self, terminal: Terminal, *, tells: bool, tells_logs: bool) -> None:
        super().__init__(terminal)
        self._tells, self._tells_logs = tells, tells_logs
        self._has_log = False
        self._first: Target | None = None  # of the session's targets
        self._said: Target | None = None  # whose conflicts were told last

    def log_read(self, name: str, reports: Sequence[LogReport]) -> None:
        """Write what was understood of each error."""
        self._has_log = True
        if self._tells_logs:
            from lockfiles.cli.explain.log import report_lines

            for report in reports:
                self.terminal.data("\n".join(report_lines(report, name)))

    def explaining(self, session: Session) -> None:
        """Part the explanation from what was told of the log."""
        self._first = session.targets[0]
        if self._has_log and not self.terminal.json:
            self.terminal.data("")

    def conflicts_found(self, target: Target, early: Explanation) -> None:
        """Say what is known before changes are tried."""
        self.progress.stage_done("conflict found")
        if not self._tells:
            return
        from resolver.explain.showing.text import explanation_text

        if early.stopped:
            self.terminal.note(explanation_text(early))
            return
        if self._said is target or self._first is not target:
            self.terminal.data("")
        self.terminal.data(explanation_text(early))
        self._said = target

    def explained(self, target: Target, explanation: Explanation | None) -> None:
        """Say what is not said yet."""
        self.progress.stage_done("changes tried" if explanation is not None else "a solution found")
        if explanation is None:
            rest = " for what the log names" if self._has_log else "; nothing to explain"
            self.terminal.note(f"{target.subdir}: there is a solution{rest}.")
            return
        if not self._tells:
            return
        from resolver.explain.showing.text import explanation_text

        said = self._said is target
        rest = explanation_text(explanation, conflicts=not said)
        if rest:
            self.terminal.data(f"\n{rest}" if said else rest)
