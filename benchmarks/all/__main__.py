"""All that a user waits for, beside what they would use otherwise, in one run.

::

    python -m benchmarks.all CHANNELS [--pairs 7] [--only CASE]... [--output build/benchmarks]
                             [--plots] [--page docs/benchmarks.md] [--from FILE] [--bar] [--remark TEXT]

CHANNELS holds real conda-forge records in the channel layout; the pip parts come from the default index.
Four environments (:data:`benchmarks.all.cases.CASES`) are locked cold, searched, with nothing changed and
with one line edited, beside py-rattler and ``uv pip compile``, and for pip lines beside pip and resolvelib;
then a clash, the verbs that read, and conda-lock's parse. Fresh processes in turn; the caches of one
side serve all its runs. Writes ``benchmarks.json``; ``--plots`` draws (dependency group ``plots``);
``--page`` writes the documentation's page; ``--from`` makes these of an earlier record. ``--bar``: exit
code 1 where an aim is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.all.cases import CASES, Place
from benchmarks.all.measures import Bench, Measure
from benchmarks.all.report import as_json, as_page, missed, plot, write
from benchmarks.prepare import prepare_channels
from benchmarks.side_by_side import HEAD, row


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("channels", type=Path, nargs="?")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--only", action="append", choices=[case.name for case in CASES])
    parser.add_argument("--output", type=Path, default=Path("build/benchmarks"))
    parser.add_argument("--plots", action="store_true")
    parser.add_argument("--page", type=Path)
    parser.add_argument("--from", dest="earlier", type=Path)
    parser.add_argument("--bar", action="store_true")
    parser.add_argument("--remark", default="", help="what else the page says of the conditions")
    arguments = parser.parse_args()
    if arguments.earlier:
        record = json.loads(arguments.earlier.read_text(encoding="utf-8"))
    elif arguments.channels:
        record = as_json(_measures(arguments), arguments.pairs)
        write(record, arguments.output)
    else:
        parser.error("CHANNELS or --from is needed")
    if arguments.plots:
        arguments.output.mkdir(parents=True, exist_ok=True)
        plot(record, arguments.output)
    if arguments.page:
        arguments.page.write_text(as_page(record, arguments.remark), encoding="utf-8")
    short = missed(record)
    print("\n".join(f"missed: {text}" for text in short) or "every aim is met")
    sys.exit(1 if arguments.bar and short else 0)


def _measures(arguments: argparse.Namespace) -> list[Measure]:
    """Measure the cases that are asked for, each with caches of its own; a row is printed as it is done."""
    found: list[Measure] = []
    print(HEAD)
    with tempfile.TemporaryDirectory() as name:
        prepare_channels(arguments.channels, Path(name) / "channels")
        for number, case in enumerate(CASES):
            if arguments.only and case.name not in arguments.only:
                continue
            root = Path(name) / case.name
            root.mkdir()
            place = Place(root, arguments.channels.resolve(), Path(name) / "channels")
            for measure in Bench(case, place, arguments.pairs, clash=number == 0).measures():
                found.append(measure)
                for side, runs in measure.runs.items():
                    print(row(f"{measure.case}, {measure.state}: {side}", runs), flush=True)
    return found


if __name__ == "__main__":
    main()
