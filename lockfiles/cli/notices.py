"""What is said besides what was asked for, one line for people each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from resolver.model.findings import Severity

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from resolver.model.notices import Notice


def tell_notices(notices: Sequence[Notice], targets: Sequence[str], terminal: Terminal) -> None:
    """Write each notice; ``targets``: the subdirs of all that was locked or read."""
    for severity, text in notice_lines(notices, targets):
        if severity is Severity.NOTE:
            terminal.note(text, styled=f"{terminal.style('note:', 'cyan', 'bold')} ")
        else:
            terminal.warning(text)


def notice_lines(notices: Sequence[Notice], targets: Sequence[str]) -> list[tuple[Severity, str]]:
    """Return each text once, with its severity; what not all of several targets share names its own."""
    told: dict[tuple[Severity, str], list[str]] = {}
    for notice in notices:
        places = told.setdefault((notice.severity, notice.text), [])
        if notice.target is not None and notice.target not in places:
            places.append(notice.target)
    lines = []
    for (severity, text), places in told.items():
        is_everywhere = not places or len(places) == len(set(targets))
        lines.append((severity, text if is_everywhere else f"{', '.join(places)}: {text}"))
    return lines
