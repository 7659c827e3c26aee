"""The verbs of the command: name -> the package that does it, and one line of help.

A package has two modules, imported only when its verb is used. ``arguments`` is all
that ``--help`` needs; it may have ``DESCRIPTION`` and ``EXAMPLES``, and has::

    add_arguments(parser: argparse.ArgumentParser) -> None
    read_arguments(parsed) -> LockCommand (say)            # one frozen value

``command`` has the type of that value, and::

    run(command: LockCommand, terminal: Terminal) -> int   # the exit code
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers know the name; what is loaded before the verb is known takes long
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from resolver.model.named_tuples import NamedTuple


class Verb(NamedTuple):
    """One verb; the modules of its ``package`` are imported when it is used."""

    package: str
    help: str

    @property
    def arguments(self) -> str:
        """The module that knows the verb's arguments."""
        return f"{self.package}.arguments"

    @property
    def command(self) -> str:
        """The module that does what was asked for."""
        return f"{self.package}.command"


#: What `lock FILE...` without a verb does.
DEFAULT = Verb("lockfiles.cli.lock", "solve environment files and write a lockfile")

VERBS: dict[str, Verb] = {
    "add": Verb("lockfiles.cli.add", "put packages into an input file, and lock"),
    "check": Verb("lockfiles.cli.check", "find channel mixing and GPU-stack faults"),
    "diff": Verb("lockfiles.cli.diff", "show what changed between two lockfiles"),
    "explain": Verb("lockfiles.cli.explain", "say why there is no solution, and which change helps"),
    "export": Verb("lockfiles.cli.export", "write a lockfile in another format"),
    "fleet": Verb("lockfiles.cli.fleet", "lock or check many environments, on all cores"),
    "graph": Verb("lockfiles.cli.graph", "draw a lockfile, two of them, or a conflict"),
    "hash": Verb("lockfiles.cli.hash", "compute image identifiers, and whether an image will be reused"),
    "install": Verb("lockfiles.cli.install", "make an environment what a lockfile says"),
    "outdated": Verb("lockfiles.cli.outdated", "show what is newer, and who holds it back"),
    "remove": Verb("lockfiles.cli.remove", "take packages out of the input files, and lock"),
    "replay": Verb("lockfiles.cli.replay", "solve again from what `--record` wrote"),
    "sync": Verb("lockfiles.cli.sync", "lock if that is due, then install"),
    "tree": Verb("lockfiles.cli.tree", "show a lockfile's packages as a tree"),
    "validate": Verb("lockfiles.cli.validate", "write an environment's own tests, or look at its files"),
    "verify": Verb(
        "lockfiles.cli.verify", "look at a lockfile's sources: gone, changed, withdrawn, vulnerable"
    ),
    "why": Verb("lockfiles.cli.why", "say why a package is in a lockfile"),
}
