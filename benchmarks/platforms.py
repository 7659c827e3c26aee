"""What a second platform costs: five in one call beside one alone, by processor time and memory.

::

    python -m benchmarks.platforms CHANNELS [--pairs 5] [--only CASE]... [--bar]

The inputs of ``benchmarks.all`` without the lines that CHANNELS doesn't have for every platform
(:data:`LEFT_OUT`); all is in the cache, nobody is asked, no answer is remembered. Fresh processes in
turn: each platform alone, then all five in one call. The ratio is to the mean of those that stand alone:
platforms differ in how hard they are. ``--bar``: exit code 1 where five take more than 2.5 times one.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
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


def measure(case: Case, place: Place, pairs: int) -> tuple[dict[str, list[Run]], float]:
    """Return the runs by what was locked, and the ratio of processor time."""
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
    cpu = {name: statistics.median(run.cpu for run in found) for name, found in runs.items()}
    return runs, cpu["all five"] / statistics.fmean(cpu[platform] for platform in PLATFORMS)


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
            runs, ratio = measure(case, place, arguments.pairs)
        for what, found in runs.items():
            print(row(f"{case.name}: {what}", found))
        print(f"{case.name}: five platforms take {ratio:.2f} times one", flush=True)
        missed |= ratio > MOST
    sys.exit(1 if arguments.bar and missed else 0)


if __name__ == "__main__":
    main()
