"""Whole command on a large environment beside py-rattler's solve plus ``uv pip compile``.

::

    python -m benchmarks.whole_command CHANNELS [--pairs 5] [--environment FILE] [--bar]

CHANNELS holds real conda-forge records in the channel layout. The environment, unless another is
given, is ``benchmarks/data/train-and-serve.yml``: 50 conda and 30 pip requirements. The pip part comes
from the default index. Fresh processes in turn, caches warm, in two ways:

* *warm*: as a second run is. An index that sends no ``Cache-Control`` makes uv ask for every page
  anew, which lockstack does after ten minutes only: then this measures the network.
* *warm, offline*: both are told to ask nobody: nothing but the work.

The other side (``benchmarks.two_steps``) is a script that solves the conda part with py-rattler, hands
its pins to ``uv pip compile --generate-hashes`` as constraints, and prints both; no lockfile is made.
Then ``lock --help`` beside ``python -c pass``. ``--bar``: exit code 1 where a bar is missed (not
slower; help within 100 ms).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from benchmarks.prepare import prepare_channels
from benchmarks.side_by_side import (
    HEAD,
    Run,
    check,
    clean_environ,
    compare,
    default_index,
    in_turn,
    median,
    ratio,
    row,
    run,
)

DATA = Path(__file__).resolve().parent / "data"
HELP_LIMIT = 0.1  #: seconds above a Python that does nothing


def whole(arguments: argparse.Namespace, folder: Path, *, offline: bool) -> tuple[list[Run], list[Run]]:
    """Return the runs of both sides on the environment."""
    environ = clean_environ()
    more = ["--offline"] if offline else []
    ours = partial(
        run,
        [sys.executable, "-m", "lockfiles.cli", arguments.environment, "-o", folder / "conda-lock.yml",
         "--channel-alias", arguments.channels, "--index-url", default_index(),
         "--cache-dir", folder / "ours", "--update-all", *more],
        environ,
    )  # fmt: skip
    theirs = partial(
        run,
        [sys.executable, "-m", "benchmarks.two_steps", arguments.environment, folder / "channels",
         "--index", default_index(), "--cache", folder / "theirs", *more],
        environ,
    )  # fmt: skip
    if not offline:
        check("lockstack, cold", ours())
        check("two steps, cold", theirs())
        check("lockstack", ours())
    runs = in_turn({"lockstack": ours, "two steps": theirs}, arguments.pairs)
    return runs["lockstack"], runs["two steps"]


def start(pairs: int) -> tuple[list[Run], list[Run]]:
    """Return the runs of ``lock --help`` and of a Python that does nothing."""
    environ = clean_environ()
    runs = in_turn(
        {
            "help": partial(run, [sys.executable, "-m", "lockfiles.cli", "--help"], environ),
            "nothing": partial(run, [sys.executable, "-c", "pass"], environ),
        },
        pairs,
    )
    return runs["help"], runs["nothing"]


def report(results: Mapping[str, tuple[list[Run], list[Run]]]) -> bool:
    """Print the table; True where every bar holds."""
    print(HEAD)
    holds = True
    for name, (ours, theirs) in results.items():
        print(row(f"{name}: lock", ours))
        print(row(f"{name}: py-rattler, then uv", theirs))
    for name, (ours, theirs) in results.items():
        print(compare(name, ours, theirs))
        holds &= ratio(ours, theirs) <= 1
    return holds


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("channels", type=Path)
    parser.add_argument("--environment", type=Path, default=DATA / "train-and-serve.yml")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--bar", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare_channels(arguments.channels, folder / "channels")
        results = {
            "warm": whole(arguments, folder, offline=False),
            "warm, offline": whole(arguments, folder, offline=True),
        }
    holds = report(results)
    helped, nothing = start(3 * arguments.pairs)
    print(row("lock --help", helped))
    print(row("python -c pass", nothing))
    above = median(helped) - median(nothing)
    print(f"lock --help: {above * 1000:.0f} ms above python -c pass")
    holds &= above < HELP_LIMIT
    print("every bar holds" if holds else "a bar is missed")
    sys.exit(1 if arguments.bar and not holds else 0)


if __name__ == "__main__":
    main()
