"""How this system starts a program that reaches no network."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from resolver.sources.processes import EndedEarlyError, run_group

#: What stands before a command, best first. A network of its own with nothing in it (Linux), by root's right
#: or a user namespace's; bubblewrap brings the latter where it is set up for it.
_WAYS = (
    ("unshare", "--net", "--"),
    ("unshare", "--user", "--map-current-user", "--net", "--"),
    ("bwrap", "--dev-bind", "/", "/", "--unshare-net", "--die-with-parent", "--"),
)
_PATIENCE = 10.0  #: seconds for a trial


@functools.cache
def without_network(path: str) -> tuple[str, ...] | None:
    """Return what to put before a command so that it reaches no network; None where nothing does that here.

    ``path``: the variable ``PATH``. Each way is tried once.
    """
    for name, *rest in _WAYS:
        place = shutil.which(name, path=path)
        if place is not None and _works((place, *rest)):
            return (place, *rest)
    return None


def _works(way: tuple[str, ...]) -> bool:
    with tempfile.TemporaryFile() as sink:
        try:
            code = run_group(
                (*way, sys.executable, "-IS", "-c", ""), folder=Path("/"), environ={}, output=sink.fileno(),
                errors=subprocess.STDOUT, timeout=_PATIENCE,
            )  # fmt: skip
        except (OSError, EndedEarlyError):  # not there, not allowed
            return False
    return code == 0
