"""The verbs of the command: name -> the module that does it, and one line of help.

A module is imported only when its verb is used. It has two functions::

    add_arguments(parser: argparse.ArgumentParser) -> None
    run(arguments: argparse.Namespace, terminal: Terminal) -> int     # the exit code

and may have ``DESCRIPTION`` and ``EXAMPLES`` (texts for ``--help``).
"""

from __future__ import annotations

from typing import NamedTuple


class Verb(NamedTuple):
    """One verb; ``module`` is imported when it is used."""

    module: str
    help: str


#: What `lock FILE...` without a verb does.
DEFAULT = Verb("lockfiles.cli.lock", "solve environment files and write a lockfile")

VERBS: dict[str, Verb] = {
    "check": Verb("lockfiles.cli.check.command", "find channel mixing and GPU-stack faults"),
    "diff": Verb("lockfiles.cli.diff", "show what changed between two lockfiles"),
    "explain": Verb("lockfiles.cli.explain.command", "say why there is no solution, and which change helps"),
    "export": Verb("lockfiles.cli.export", "write a lockfile in another format"),
    "hash": Verb(
        "lockfiles.cli.hash.command", "compute image identifiers, and whether an image will be reused"
    ),
}
