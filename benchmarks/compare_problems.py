"""Compare our answers to solve problems with py-rattler's: verdicts, validity, lags, dominance, time.

Run as::

    python -m benchmarks.compare_problems PROBLEMS CHANNELS OURS.jsonl THEIRS.jsonl [--json] [--show N]

Both answers are JSON lines with ``id``, ``verdict`` (``solution``, ``none``, ``error``), ``solution``
(``channel/subdir/file``), ``seconds`` and ``message``; CHANNELS is what ``benchmarks.prepare`` writes (or the
packed form). Problems that one file lacks are left out, and counted.

The *lag* of a requested package is the number of distinct newer versions among the candidates that the
user's own specs on it leave, in the channel that priority gives it. One answer *dominates* another when no
requested package lags more and some package lags less. The same is told of all packages that both answers
have (:mod:`benchmarks.whole_solution`). Every solution is judged by
:mod:`tests.oracles.conda_checker`, which shares no code with either solver.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import rattler

from benchmarks.levels import Levels
from benchmarks.prepare import Problem, read_problems
from benchmarks.whole_solution import Whole, compare_whole
from tests.oracles.channel_folder import ChannelFolder, check_answer
from tests.oracles.conda_checker import channel_of, matches, spec_name

Answer = Mapping[str, Any]


@dataclass(slots=True)
class Comparison:
    """What is counted over all problems; lists hold problem ids."""

    compared: int = 0
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)  #: (ours, theirs)
    differing: list[str] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)  #: ours
    invalid_theirs: list[str] = field(default_factory=list)
    better: list[str] = field(default_factory=list)  #: ours dominates
    worse: list[str] = field(default_factory=list)  #: theirs dominates
    traded: list[str] = field(default_factory=list)  #: neither dominates, and they differ
    whole_better: list[str] = field(default_factory=list)  #: ours dominates over all packages
    whole_worse: list[str] = field(default_factory=list)
    only_older: list[str] = field(default_factory=list)  #: the same by version alone: nothing newer in ours
    only_newer: list[str] = field(default_factory=list)
    lags: Counter[str] = field(default_factory=Counter)  #: ``ours``, ``theirs``: sums
    smaller: list[str] = field(default_factory=list)  #: our sum is lower
    larger: list[str] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)  #: our seconds to theirs
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    changes: dict[str, list[str]] = field(default_factory=dict)  #: id -> packages whose lag differs


@cache
def version(text: str) -> rattler.Version:
    """Return a parsed conda version."""
    return rattler.Version(text)


class Lags:
    """Counts how far behind the requested packages of an answer are."""

    def __init__(self, folder: ChannelFolder) -> None:
        self.folder, self.levels = folder, Levels(folder)
        self._by_name: dict[tuple[str, str], dict[str, list[tuple[str, str, int]]]] = {}
        self._known: dict[tuple[object, ...], list[rattler.Version]] = {}

    def builds(self, channel: str, subdir: str, name: str) -> list[tuple[str, str, int]]:
        """Return (version, build string, build number) of each record of a name."""
        known = self._by_name.get((channel, subdir))
        if known is None:
            known = self._by_name[channel, subdir] = defaultdict(list)
            for entry in self.folder.entries(channel, subdir).values():
                known[entry["name"].lower()].append((entry["version"], entry["build"], entry["build_number"]))
        return known.get(name, [])

    def allowed_channels(self, problem: Problem, name: str, specs: Iterable[str]) -> tuple[str, ...]:
        """Return the channels that a name may come from: named by a spec, else by priority."""
        named = next((channel for spec in specs if (channel := channel_of(spec)) is not None), None)
        if named is not None:
            return (named,)
        holding = tuple(c for c in problem.channels if self.folder.holds(c, name, problem.platform))
        return holding[:1] if problem.channel_priority == "strict" else holding

    def newest_first(self, problem: Problem, name: str, specs: list[str]) -> list[rattler.Version]:
        """Return the distinct versions that the root's own specs leave, newest first."""
        key = (problem.channels, problem.channel_priority, problem.platform, name, *specs)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._newest_first(problem, name, specs)
        return known

    def _newest_first(self, problem: Problem, name: str, specs: list[str]) -> list[rattler.Version]:
        found = {
            version(build[0])
            for channel in self.allowed_channels(problem, name, specs)
            for subdir in (problem.platform, "noarch")
            for build in self.builds(channel, subdir, name)
            if all(matches(spec, name, *build) for spec in specs)
        }
        return sorted(found, reverse=True)

    def of(self, problem: Problem, solution: Iterable[str]) -> dict[str, int]:
        """Return the lag of each requested package of a solution, in file order."""
        chosen = {}
        for address in solution:
            one = self.folder.find(address)
            if one is not None:
                chosen[one.record.name.lower()] = version(one.record.version)
        specs: dict[str, list[str]] = {}
        for spec in problem.specs:
            specs.setdefault(spec_name(spec), []).append(spec)
        return {
            name: sum(newer > chosen[name] for newer in self.newest_first(problem, name, group))
            for name, group in specs.items()
            if name in chosen
        }


def compare(
    problems: Iterable[Problem],
    folder: ChannelFolder,
    ours: Mapping[str, Answer],
    theirs: Mapping[str, Answer],
) -> Comparison:
    """Compare two sets of answers, problem by problem."""
    result, lags = Comparison(), Lags(folder)
    for problem in problems:
        left, right = ours.get(problem.id), theirs.get(problem.id)
        if left is None or right is None:
            continue
        result.compared += 1
        result.verdicts[left["verdict"], right["verdict"]] += 1
        if left["verdict"] != right["verdict"]:
            result.differing.append(problem.id)
        if left["verdict"] == "solution" and check_answer(folder, problem, left["solution"]):
            result.invalid.append(problem.id)
        if right["verdict"] == "solution" and check_answer(folder, problem, right["solution"]):
            result.invalid_theirs.append(problem.id)
        if left.get("seconds") and right.get("seconds"):
            result.ratios.append(left["seconds"] / right["seconds"])
            result.seconds["ours"] += left["seconds"]
            result.seconds["theirs"] += right["seconds"]
        if left["verdict"] == right["verdict"] == "solution":
            _compare_lags(
                result, problem.id, lags.of(problem, left["solution"]), lags.of(problem, right["solution"])
            )
            _compare_all(result, problem, compare_whole(problem, left["solution"], right["solution"], lags))
    return result


def _compare_all(result: Comparison, problem: Problem, whole: Whole) -> None:
    """Add what was found over all packages of one problem that both solved."""
    result.lags["transitive ours"] += whole.lag
    result.lags["transitive theirs"] += whole.lag_theirs
    if whole.is_dominated:
        result.whole_worse.append(problem.id)
        result.changes.setdefault(problem.id, []).extend(whole.worse)
    elif whole.dominates:
        result.whole_better.append(problem.id)
    if whole.is_only_older:
        result.only_older.append(problem.id)
    elif whole.is_only_newer:
        result.only_newer.append(problem.id)


def _compare_lags(result: Comparison, problem: str, left: dict[str, int], right: dict[str, int]) -> None:
    """Add the lags of one problem that both solved."""
    names = left.keys() & right.keys()
    result.lags["ours"] += sum(left.values())
    result.lags["theirs"] += sum(right.values())
    ahead = any(left[name] < right[name] for name in names)
    behind = any(left[name] > right[name] for name in names)
    if ahead or behind:
        group = result.traded if ahead and behind else result.better if ahead else result.worse
        group.append(problem)
        result.changes[problem] = sorted(
            f"{name} {left[name]}:{right[name]}" for name in names if left[name] != right[name]
        )
    total = sum(left.values()) - sum(right.values())
    if total:
        (result.smaller if total < 0 else result.larger).append(problem)


def quantile(values: list[float], share: float) -> float:
    """Return the value at a share (0 to 1) of the sorted values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def table(result: Comparison) -> list[tuple[str, str]]:
    """Return the rows of the report: what, and its figure."""
    rows = [("problems compared", str(result.compared))]
    rows += [
        (f"verdict ours {ours}, theirs {theirs}", str(count))
        for (ours, theirs), count in sorted(result.verdicts.items())
    ]
    rows += [
        ("our solutions that the judge rejects", str(len(result.invalid))),
        ("their solutions that the judge rejects", str(len(result.invalid_theirs))),
        ("requested versions: ours dominates", str(len(result.better))),
        ("requested versions: theirs dominates", str(len(result.worse))),
        ("requested versions: neither, and they differ", str(len(result.traded))),
        ("sum of lags, ours / theirs", f"{result.lags['ours']} / {result.lags['theirs']}"),
        ("problems with a smaller / larger sum of ours", f"{len(result.smaller)} / {len(result.larger)}"),
        ("all packages in both: ours dominates", str(len(result.whole_better))),
        ("all packages in both: theirs dominates", str(len(result.whole_worse))),
        ("by version alone: some newer in ours, none older", str(len(result.only_newer))),
        ("by version alone: some older in ours, none newer", str(len(result.only_older))),
        (
            "sum of lags of what wasn't asked for, ours / theirs",
            f"{result.lags['transitive ours']} / {result.lags['transitive theirs']}",
        ),
    ]
    if result.ratios:
        rows += [
            ("time ratio: median", f"{statistics.median(result.ratios):.2f}"),
            ("time ratio: p90", f"{quantile(result.ratios, 0.9):.2f}"),
            ("time ratio: worst", f"{max(result.ratios):.2f}"),
            ("seconds, ours / theirs", f"{result.seconds['ours']:.1f} / {result.seconds['theirs']:.1f}"),
        ]
    return rows


def read_answers(path: Path) -> dict[str, Answer]:
    """Return the answers of a JSON-lines file by problem id; of several for one id the last counts."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {answer["id"]: answer for answer in map(json.loads, lines)}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name in ("problems", "channels", "ours", "theirs"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--json", action="store_true", help="print everything that was counted as JSON")
    parser.add_argument("--show", type=int, default=10, help="how many problems of each kind to name")
    arguments = parser.parse_args()
    result = compare(
        read_problems(arguments.problems),
        ChannelFolder(arguments.channels),
        read_answers(arguments.ours),
        read_answers(arguments.theirs),
    )
    kinds = ("differing", "invalid", "invalid_theirs", "whole_worse", "better", "worse", "traded")
    kinds += ("only_older", "whole_better", "only_newer", "smaller", "larger")
    if arguments.json:
        lists = {kind: getattr(result, kind) for kind in kinds}
        print(
            json.dumps(
                {"table": dict(table(result)), **lists, "changes": result.changes}, indent=1, sort_keys=True
            )
        )
        return
    for what, figure in table(result):
        print(f"{what:52} {figure}")
    for kind in kinds[:8]:
        for problem in getattr(result, kind)[: arguments.show]:
            print(f"{kind}: {problem} {', '.join(result.changes.get(problem, ()))}")


if __name__ == "__main__":
    main()
