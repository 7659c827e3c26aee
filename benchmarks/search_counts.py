"""What each stage of a search takes: decisions, conflicts, narrowings, and CPU seconds.

::

    python -m benchmarks.search_counts PROBLEMS CHANNELS [--count 100] [--joint FILE] --cache DIR

PROBLEMS is a file of conda problems, CHANNELS the folder of their records (see
``benchmarks.prepare``). Every N-th problem is solved as the command does it; ``--joint``
adds problems of conda and pip lines together, against the default index. Three puzzles
that need no records come last. Counts don't hang on load: a change of the search shows in
them before it shows in seconds. CPU seconds are this process's, without garbage collection as in the
command; reading records is part of the stage that asks for them, mostly the first. The last column is a
digest of all answers, so that two versions can be told to choose alike.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.lockstack_side import universe_of
from benchmarks.prepare import read_problems
from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.protocol import Universe
from resolver.errors import NoSolutionError, SourceError
from resolver.solving.engines import solve_best
from resolver.solving.reporter import Effort, SearchReporter, Stage
from resolver.solving.search import Search


class Counts(SearchReporter):
    """Adds up what the stages of several searches took."""

    def __init__(self) -> None:
        self.by_stage: dict[Stage, Counter[str]] = {stage: Counter() for stage in Stage}
        self.ended_early = 0
        self.seconds: dict[Stage, list[float]] = {stage: [] for stage in Stage}  #: CPU, of each search
        self._since = time.process_time()

    def begins(self) -> None:
        """Note that a search begins: its first stage counts from here."""
        self._since = time.process_time()

    def searched(self, stage: Stage, effort: Effort) -> None:
        """Add what a stage took."""
        now = time.process_time()
        self.seconds[stage].append(now - self._since)
        self._since = now
        counts = self.by_stage[stage]
        counts["decisions"] += effort.decisions
        counts["conflicts"] += effort.conflicts
        counts["narrowings"] += effort.narrowings

    def left_as_it_is(self, stage: Stage) -> None:  # noqa: ARG002
        """Count a stage that ended at its limit."""
        self.ended_early += 1

    def rows(self, what: str, digest: str) -> Iterator[str]:
        """Yield a line a stage that did anything."""
        for stage, counts in self.by_stage.items():
            if counts["narrowings"]:
                figures = "".join(f"{counts[name]:>12,}" for name in ("decisions", "conflicts", "narrowings"))
                figures += f"{sum(self.seconds[stage]):>9.2f}"
                yield f"{what:<36} {stage:<16}{figures}  {digest}"
        if self.ended_early:
            yield f"{what:<36} {self.ended_early} ended at the limit"


class Puzzle:
    """Packages p0, p1 ... of some candidates each, all asked for, and sets that can't all hold."""

    def __init__(self, sizes: Sequence[int], clauses: Sequence[Mapping[int, int]]) -> None:
        self._sizes = sizes
        wanted = [Incompatibility((package,), (ABSENT,), "wanted") for package in range(len(sizes))]
        ruled_out = [Incompatibility(tuple(terms), tuple(terms.values()), "rule") for terms in clauses]
        self._root = [*wanted, *ruled_out]

    def root(self) -> Sequence[Incompatibility]:
        """Return everything: no candidate says more."""
        return self._root

    def size(self, package: int) -> int:
        """Return how many candidates a package has."""
        return self._sizes[package]

    def clauses(self, package: int, candidate: int) -> Sequence[Incompatibility]:  # noqa: ARG002
        """Return nothing."""
        return ()

    def parts(self, package: int, candidate: int) -> Sequence[Sequence[Incompatibility]]:  # noqa: ARG002
        """Return nothing."""
        return ()

    @property
    def late_count(self) -> int:
        """Return 0: nothing is left out."""
        return 0

    def late(self, place: int) -> Incompatibility:
        """There is none."""
        raise IndexError(place)

    def links(self, package: int) -> Sequence[int]:  # noqa: ARG002
        """Return nothing."""
        return ()

    def is_extra(self, package: int) -> bool:  # noqa: ARG002
        """Return False."""
        return False

    def priority(self, package: int) -> tuple[int, int]:
        """Return the packages in order of number."""
        return 1, package

    def levels(self, package: int) -> Sequence[int]:
        """Return a level for each candidate."""
        return range(self._sizes[package])

    def version_ranks(self, package: int) -> Sequence[int]:
        """Return a version for each candidate."""
        return range(self._sizes[package])

    def best_version(self, package: int, domain: int) -> int:  # noqa: ARG002
        """Return the first."""
        return domain & -domain

    def prefer(self, package: int, domain: int) -> int:  # noqa: ARG002
        """Return the first."""
        return domain & -domain

    def requested(self) -> Sequence[int]:
        """Return all packages."""
        return range(len(self._sizes))

    def name(self, package: int) -> str:
        """Return p and the number."""
        return f"p{package:04}"

    def support(self) -> None:
        """Return no rule."""
        return

    def conditions(self) -> None:
        """No line has a marker."""

    def pre_releases(self) -> None:
        """Return no rule."""
        return


def pigeonholes(holes: int) -> Puzzle:
    """Return one pigeon more than there are holes."""
    pairs = [(a, b) for a in range(holes + 1) for b in range(a)]
    return Puzzle([holes] * (holes + 1), [{a: 2 << h, b: 2 << h} for a, b in pairs for h in range(holes)])


def random_sat(variables: int, clauses: int, seed: int) -> Puzzle:
    """Return random 3-SAT: each clause rules out one value of three variables together."""
    chance = random.Random(seed)  # noqa: S311  (a puzzle, not a secret)
    rules = [
        {variable: 2 << chance.randint(0, 1) for variable in chance.sample(range(variables), 3)}
        for _ in range(clauses)
    ]
    return Puzzle([2] * variables, rules)


def colouring(nodes: int, edges: int, seed: int) -> Puzzle:
    """Return a graph to be coloured with three colours."""
    chance = random.Random(seed)  # noqa: S311  (a puzzle, not a secret)
    pairs = {tuple(sorted(chance.sample(range(nodes), 2))) for _ in range(edges)}
    rules = [{a: 2 << colour, b: 2 << colour} for a, b in sorted(pairs) for colour in range(3)]
    return Puzzle([3] * nodes, rules)


def digest_of(answers: Sequence[object]) -> str:
    """Return a short digest of what was chosen."""
    return hashlib.sha256(repr(answers).encode()).hexdigest()[:12]


def run(what: str, universes: Iterator[Universe]) -> Iterator[str]:
    """Solve all of a kind; yield the rows."""
    counts, answers = Counts(), []
    gc.disable()
    for universe in universes:
        counts.begins()
        best = solve_best(Search(universe, reporter=counts))
        answers.append(best and sorted((universe.name(p), n) for p, n in best.selected.items()))
        gc.collect()
    gc.enable()
    yield from counts.rows(what, digest_of(answers))


def run_joint(path: Path, channels: Path, cache: Path) -> Iterator[str]:
    """Resolve conda and pip lines together, one row of rows a problem."""
    from tests.end_to_end.live import TARGET, open_problem, read_joint

    for name, problem in read_joint(path).items():
        counts = Counts()
        with open_problem(problem, channels, cache) as session:
            try:
                counts.begins()
                best = solve_best(Search(session.universe(TARGET), reporter=counts))
            except (SourceError, NoSolutionError) as error:
                yield f"{name:<36} not asked: {error}"
                continue
        yield from counts.rows(name, digest_of([best and sorted(best.selected.items())]))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("problems", type=Path)
    parser.add_argument("channels", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--joint", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    arguments = parser.parse_args()
    print(f"{'':<36} {'stage':<16}{'decisions':>12}{'conflicts':>12}{'narrowings':>12}{'CPU s':>9}  answers")
    problems = read_problems(arguments.problems)
    sample = problems[:: max(1, len(problems) // arguments.count)][: arguments.count]
    rows = [
        run(
            f"{len(sample)} conda problems",
            (universe_of(p, arguments.channels, arguments.cache) for p in sample),
        ),
        run_joint(arguments.joint, arguments.channels, arguments.cache) if arguments.joint else iter(()),
        run("8 holes, 9 pigeons", iter([pigeonholes(8)])),
        run("random 3-SAT, 90 variables", (random_sat(90, 385, seed) for seed in range(4))),
        run("3-colouring, 100 nodes", (colouring(100, 230, seed) for seed in range(3))),
    ]
    for found in rows:
        for row in found:
            print(row, flush=True)


if __name__ == "__main__":
    main()
