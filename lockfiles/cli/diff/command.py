"""``lock diff OLD NEW``: what changed between two lockfiles."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from lockfiles.comparing import DiffRequest, diff
from lockfiles.difference import format_difference

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal

#: Exit code with ``--exit-code`` where the files differ: a check found something.
EXIT_DIFFERENT = 5


class DiffCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What the verb is to do."""

    request: DiffRequest
    exit_code: bool = False
    markdown: bool = False


def run(command: DiffCommand, terminal: Terminal) -> int:
    """Print the difference; return 0, or 5 with ``--exit-code`` where there is one."""
    difference = diff(command.request)
    if difference.notices:
        from lockfiles.cli.notices import tell_notices

        tell_notices(difference.notices, [notice.target or "" for notice in difference.notices], terminal)
    if terminal.json:
        terminal.data(json.dumps(difference.to_json(), indent=2, ensure_ascii=False))
    elif command.markdown:
        from lockfiles.difference_markdown import difference_to_markdown

        terminal.data(difference_to_markdown(difference))
    elif terminal.verbosity >= 0:
        terminal.data("\n".join(format_difference(difference)))
    return EXIT_DIFFERENT if command.exit_code and difference else 0
