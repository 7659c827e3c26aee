"""``lock install``: make an environment what a lockfile says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from lockfiles.installing import InstallRequest, install

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal


class InstallCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What the verb is to do."""

    request: InstallRequest


def run(command: InstallCommand, terminal: Terminal) -> int:
    """Install and tell; return the exit code."""
    from lockfiles.cli.environments import exit_code_of, installed_to_json, tell_installed
    from lockfiles.cli.listening import TerminalListener

    installed = install(command.request, TerminalListener(terminal))
    tell_installed(installed, terminal)
    if terminal.json:
        terminal.data(json.dumps(installed_to_json(installed), indent=2, ensure_ascii=False))
    elif not installed.dry_run:
        terminal.data(installed.activation)
    return exit_code_of(installed)
