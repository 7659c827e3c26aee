"""Random requests over real channels, with our resolver and py-rattler: is anything older in ours?

::

    python -m benchmarks.random_requests CHANNELS --cache DIR [--count 1500] [--single 300] [--seed 1]
                                         [--old FOLDER] [--json FILE] [--show N]

CHANNELS is what ``benchmarks.prepare`` writes; ``--old`` adds the channels of pytest-conda-solvers (its
folder), which hold Anaconda's records of 2012 to 2018. A request is one to four names of one list of
channels, some with a bound on the version that some record meets. Requests without a solution on either
side count nowhere. Of the rest it is told, over all packages that both answers have:

* how often py-rattler's answer dominates by levels (:mod:`benchmarks.whole_solution`), and the other way;
* how often something of ours is older without anything newer, by version alone. Where that is no dominance,
  the package that is at a better level in ours stands beside it.

``--single`` adds requests of one bare name each: there Python and what comes in may not be older at all.
The exit code is 5 where py-rattler's dominates. Never returns otherwise (see ``benchmarks.rattler_side``).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import lockstack_side, rattler_side
from benchmarks.compare_problems import Lags
from benchmarks.prepare import Problem
from benchmarks.whole_solution import Whole, compare_whole
from tests.oracles.channel_folder import ChannelFolder, check_answer

PLATFORM = "linux-64"
MACHINE = (("__archspec", "1"), ("__glibc", "2.35"), ("__linux", "6.1"), ("__unix", "0"))
#: lists of channels that requests are drawn from, those there are; more than once: drawn more often
LISTS = (
    ("conda-forge",), ("conda-forge",), ("pkgs/main",), ("pkgs/main", "pkgs/r"), ("pkgs/main", "conda-forge"),
    ("conda-forge", "pytorch", "nvidia"), ("rapidsai", "conda-forge", "nvidia"),
    ("robostack-staging", "conda-forge"),
    ("channel-1",), ("channel-2",), ("channel-4",), ("channel-4", "channel-2"),
)  # fmt: skip
#: records are few below this: a request would say little
FEWEST = 50


class Drawer:
    """Draws requests; the same for the same seed and channels."""

    def __init__(self, folder: ChannelFolder, seed: int) -> None:
        self._folder = folder
        self._chance = random.Random(seed)  # noqa: S311  (a sample, not a secret)
        self._lists = [names for names in LISTS if all(len(self._versions_in(n)) >= FEWEST for n in names)]

    def _versions_in(self, channel: str) -> dict[str, list[str]]:
        """Return the versions of each name of a channel."""
        found: dict[str, set[str]] = {}
        for subdir in (PLATFORM, "noarch"):
            for entry in self._folder.entries(channel, subdir).values():
                found.setdefault(entry["name"].lower(), set()).add(entry["version"])
        return {name: sorted(found[name]) for name in sorted(found) if not name.startswith("_")}

    def requests(self, count: int) -> Iterator[Problem]:
        """Yield requests of one to four names."""
        for number in range(count):
            channels, versions = self._channels()
            names = self._chance.sample(sorted(versions), self._chance.choice((1, 2, 2, 3, 4)))
            yield _problem(f"r{number}", channels, [self._spec(name, versions[name]) for name in names])

    def singles(self, count: int) -> Iterator[Problem]:
        """Yield requests of one bare name."""
        for number in range(count):
            channels, versions = self._channels()
            yield _problem(f"s{number}", channels, [self._chance.choice(sorted(versions))])

    def _channels(self) -> tuple[tuple[str, ...], dict[str, list[str]]]:
        channels = self._chance.choice(self._lists)
        return channels, self._versions_in(channels[0])

    def _spec(self, name: str, versions: Sequence[str]) -> str:
        kind = self._chance.choice(("", "", "", ">=", "<=", "="))
        version = self._chance.choice(versions)
        return name if not kind else f"{name} {version}.*" if kind == "=" else f"{name} {kind}{version}"


def _problem(identifier: str, channels: tuple[str, ...], specs: Sequence[str]) -> Problem:
    return Problem(
        id=identifier,
        platform=PLATFORM,
        channels=channels,
        channel_priority="strict",
        virtual_packages=MACHINE,
        specs=tuple(specs),
        solution=(),
        solve_group=False,
    )


class Sides:
    """Asks both, and counts."""

    def __init__(self, channels: Path, cache: Path) -> None:
        self._channels, self._cache = channels, cache
        self.folder = ChannelFolder(channels)
        self._lags = Lags(self.folder)
        self._sparse: dict[Path, Any] = {}
        self.counts: Counter[str] = Counter()

    def ask(self, problem: Problem) -> dict[str, Any]:
        """Return what is found of one request."""
        kind = "single" if problem.id.startswith("s") else "random"
        ours = lockstack_side.answer(problem, self._channels, self._cache)
        theirs = rattler_side.answer(problem, self._channels, self._sparse)
        row: dict[str, Any] = {"id": problem.id, "channels": problem.channels, "specs": problem.specs}
        self._add(kind, f"verdicts {ours['verdict']} / {theirs['verdict']}")
        if ours["verdict"] != "solution" or theirs["verdict"] != "solution":
            return row
        wrong = check_answer(self.folder, problem, ours["solution"])
        whole = compare_whole(problem, ours["solution"], theirs["solution"], self._lags)
        row |= {"older": whole.older, "newer": whole.newer, "worse": whole.worse, "better": whole.better}
        row |= {"dominated": whole.is_dominated, "wrong": [str(one) for one in wrong]}
        self._count(kind, whole, wrong=bool(wrong))
        return row

    def _add(self, kind: str, what: str, number: int = 1) -> None:
        self.counts[f"{kind}: {what}"] += number

    def _count(self, kind: str, whole: Whole, *, wrong: bool) -> None:
        self._add(kind, "solved by both")
        self._add(kind, "ours rejected by the judge", int(wrong))
        self._add(kind, "py-rattler's dominates", int(whole.is_dominated))
        self._add(kind, "ours dominates", int(whole.dominates))
        self._add(kind, "something older, nothing newer", int(whole.is_only_older))
        self._add(kind, "something newer, nothing older", int(whole.is_only_newer))
        self._add(kind, "something older", int(bool(whole.older)))
        self._add(kind, "transitive lag, ours", whole.lag)
        self._add(kind, "transitive lag, py-rattler's", whole.lag_theirs)


def place_channels(channels: Path, old: Path | None, work: Path) -> Path:
    """Return a folder in which all channels lie, the old ones written beside links to the others."""
    if old is None:
        return channels
    from benchmarks.suites.read_conda_solvers import channel_of

    for entry in sorted(channels.iterdir()):
        (work / entry.name).symlink_to(entry.resolve())
    for name in ("channel-1", "channel-2", "channel-4"):
        for subdir, files in channel_of(old, name).items():
            path = work / name / subdir / "repodata.json"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps({"info": {"subdir": subdir}, "packages": files}), encoding="utf-8")
    return work


def _told(row: dict[str, Any]) -> str:
    """Return a request of which something is older in ours, in words."""
    how = "dominated" if row["dominated"] else f"better: {', '.join(row['better'])}"
    asked = f"{row['id']} {' '.join(row['channels'])}: {', '.join(row['specs'])}"
    return f"{asked}: {', '.join(row['worse'])}; {how}"


def main() -> None:
    """Run from the command line; never returns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("channels", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--single", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--old", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--show", type=int, default=10, help="how many dominated requests to print")
    arguments = parser.parse_args()
    shown, rows = 0, []
    with tempfile.TemporaryDirectory() as work:
        sides = Sides(place_channels(arguments.channels, arguments.old, Path(work)), arguments.cache)
        drawer = Drawer(sides.folder, arguments.seed)
        for problem in (*drawer.requests(arguments.count), *drawer.singles(arguments.single)):
            row = sides.ask(problem)
            rows.append(row)
            if row.get("dominated") or (row.get("older") and not row["newer"]):
                shown += 1
                if shown <= arguments.show:
                    print(_told(row), flush=True)
            if arguments.json:
                arguments.json.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    for what, number in sorted(sides.counts.items()):
        print(f"{what:48} {number}")
    sys.stdout.flush()
    os._exit(5 if any("py-rattler's dominates" in what and n for what, n in sides.counts.items()) else 0)


if __name__ == "__main__":
    main()
