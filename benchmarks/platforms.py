"""What a second platform costs: five in one call beside one alone, by clock, processor time and memory.

::

    python -m benchmarks.platforms CHANNELS [--pairs 5] [--only CASE]... [--bar]

The inputs of ``benchmarks.all`` without the lines that CHANNELS doesn't have for every platform
(:data:`LEFT_OUT`); all is in the cache, nobody is asked, no answer is remembered. Fresh processes in
turn: each platform alone, then all five in one call. The ratio is to the mean of those that stand alone:
platforms differ in how hard they are. ``--bar``: exit code 1 where five take more than 2.5 times one
by the clock, which needs a quiet machine with two processors. LOCK_PROCESSES=1 measures without copies.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.all.cases import CASES, Case, Place, start
from benchmarks.side_by_side import HEAD, Run, check, row

PLATFORMS = ("linux-64", "osx-64", "osx-arm64", "win-64", "linux-aarch64")
MOST = 2.5  #: times one platform
_NOT_EVERYWHERE = ("lightgbm", "shap", "fastparquet", "scikit-image", "zarr", "numexpr", "bottleneck")
#: case -> requested packages that some platform lacks, in the records that the figures are of
LEFT_OUT = {
    "mixed": _NOT_EVERYWHERE,
    "conda": (*_NOT_EVERYWHERE, "rasterio", "fiona", "umap-learn", "tensorboard", "polars", "duckdb"),
    "service": (),
}


def without(case: Case) -> str:
    """Return a case's input without what some platform lacks."""
    with tempfile.TemporaryDirectory() as name:
        text = case.write(Path(name)).read_text(encoding="utf-8")
    out = {f"- {package}" for package in LEFT_OUT[case.name]}
    return "".join(line for line in text.splitlines(keepends=True) if line.strip() not in out)


def measure(case: Case, place: Place, pairs: int) -> dict[str, list[Run]]:
    """Return the runs by what was locked."""
    source = place.root / case.file
    source.write_text(without(case), encoding="utf-8")
    sides = {platform: (platform,) for platform in PLATFORMS} | {"all five": PLATFORMS}
    runs: dict[str, list[Run]] = {name: [] for name in sides}
    for number in range(pairs + 1):  # the first fills the cache
        for name, platforms in reversed(sides.items()) if not number else sides.items():
            flags = [text for platform in platforms for text in ("-p", platform)]
            command = place.lock(source, place.root / f"{name}.yml", "--update-all", *case.target)
            at = command.index("-p")
            command[at : at + 2] = flags
            done = check(f"{case.name}, {name}", start([*command, *(["--offline"] if number else [])]))
            place.forget_answers()
            if number:
                runs[name].append(done)
    return runs


def ratio(runs: dict[str, list[Run]], of: Callable[[Run], float]) -> float:
    """Return what all five take, in times of the mean of those that stand alone."""
    taken = {name: statistics.median(map(of, found)) for name, found in runs.items()}
    return taken["all five"] / statistics.fmean(taken[platform] for platform in PLATFORMS)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("channels", type=Path)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--only", action="append", choices=sorted(LEFT_OUT))
    parser.add_argument("--bar", action="store_true")
    arguments = parser.parse_args()
    print(HEAD)
    missed = False
    for case in CASES:
        if case.name not in (arguments.only or LEFT_OUT):
            continue
        with tempfile.TemporaryDirectory() as name:
            place = Place(Path(name), arguments.channels.resolve(), Path(name))
            runs = measure(case, place, arguments.pairs)
        for what, found in runs.items():
            print(row(f"{case.name}: {what}", found))
        wall, cpu = ratio(runs, lambda run: run.wall), ratio(runs, lambda run: run.cpu)
        print(
            f"{case.name}: five take {wall:.2f} times one by the clock, {cpu:.2f} by processor time",
            flush=True,
        )
        missed |= wall > MOST
    sys.exit(1 if arguments.bar and missed else 0)


if __name__ == "__main__":
    main()
