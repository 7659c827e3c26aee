"""The user's own git, run as a process with a list of arguments; nothing that it runs asks anybody."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence

from resolver.errors import InputError
from resolver.model.origin import Origin


def run_git(
    arguments: Sequence[str], environ: Mapping[str, str], where: str, data: bytes | None = None
) -> bytes:
    """Return what git prints; ``data`` is its standard input.

    It runs in a session of its own: an interrupt ends this program, and not git in the midst of a change.
    Raises InputError with git's first line, at ``where``.
    """
    try:
        done = subprocess.run(  # noqa: S603  (no shell)
            ["git", "--no-pager", *arguments],  # noqa: S607  (the user's own git)
            input=data if data is not None else b"",
            capture_output=True,
            check=False,
            env=git_variables(environ),
            start_new_session=True,
        )
    except FileNotFoundError:
        raise InputError("git isn't installed, or not on the PATH", Origin(file=where)) from None
    if done.returncode:
        said = done.stderr.decode("utf-8", errors="replace").strip().partition("\n")[0]
        raise InputError(f"git: {said.removeprefix('fatal: ')}", Origin(file=where))
    return done.stdout


def git_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that git runs with: it asks nobody, takes no lock for a look, speaks English."""
    return {**environ, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
