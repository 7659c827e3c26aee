"""Explain unsolvable problems, check every core and fix, and measure.

Run as::

    python -m benchmarks.explain_unsolvable PROBLEMS.jsonl CHANNELS [--cache DIR] [--show N] [--json FILE]

PROBLEMS.jsonl is what ``benchmarks.make_unsolvable`` wrote. Checked with questions asked from nothing
(other sessions' universes, other searches than the one that explained):

- every core that is called minimal: unsolvable, and solvable without any one member (settings are relaxed);
- the plant: one of its lines or settings is a member of some core;
- the first fix: the edited question has a solution;
- with ``--judge PREPARED`` (what ``benchmarks.prepare`` made of CHANNELS) py-rattler is asked too, about
  problems of conda alone without a date: no solution before the first fix, one after it.

Times are of the explanation, in one process with open channels: ``core`` until the conflicts are told,
``all`` with fixes tried; ``ratio`` in times of the failing solve itself, which reads records for the first
time. With ``--cpu`` they are processor time, which hardly moves on a busy machine.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.make_unsolvable import Unsolvable, read_unsolvable
from benchmarks.prepare import Problem
from benchmarks.question import Bench, requirements_of, target_of
from benchmarks.rattler_side import answer
from resolver.errors import LockstackError
from resolver.explain.explanation import Explainer, Explanation
from resolver.explain.fixes.changes import Action, Question
from resolver.explain.members import UserConflict, only
from resolver.explain.settings import Relaxed
from resolver.explain.showing.text import explanation_text, reason_lines
from resolver.pipeline import Resolver
from resolver.solving.search import Search


def has_solution(session: Resolver, question: Question, wild: frozenset[str] = frozenset()) -> bool:
    """Solve from nothing."""
    universe = session.universe(question.target, question.requirements, channels=question.channels, wild=wild)
    return Search(universe).solve().selected is not None


def is_minimal(session: Resolver, question: Question, conflict: UserConflict) -> bool:
    """Check a core: no solution with all members, one without any of them."""
    side = conflict.universe.conda  # settings of conflicts told before this one are relaxed already
    relaxed = Relaxed(target=side.target, wild=side.wild)
    lines, settings = list(conflict.lines), list(conflict.settings)

    def holds(kept: list[Any], state: Relaxed) -> bool:
        asked = Question(
            requirements=only(question.requirements, kept), target=state.target, channels=question.channels
        )
        return has_solution(session, asked, state.wild)

    if holds(lines, relaxed):
        return False
    if not all(holds([other for other in lines if other is not line], relaxed) for line in lines):
        return False
    return all(holds(lines, relaxed.without(setting)) for setting in settings)


def has_plant(problem: Unsolvable, explanation: Explanation) -> bool:
    """Tell whether a planted line or setting is a member of a core."""
    members = {m.text for told in explanation.conflicts for m in told.conflict.members}
    settings = {s.name for told in explanation.conflicts for s in told.conflict.settings}
    return any(text in members or text in settings for text in problem.planted)


def measure(
    bench: Bench,
    problem: Unsolvable,
    prepared: Path | None = None,
    now: Callable[[], float] = time.perf_counter,
) -> dict[str, Any]:
    """Explain one problem and check the answer; ``now`` is the clock that times it."""
    session = bench.session(problem.channels)
    session.sources.forget_domains()  # a command knows nothing of the problem before
    question = bench.question(problem)
    heard: list[float] = []
    gc.collect()
    gc.freeze()
    gc.disable()
    started = now()
    with contextlib.suppress(LockstackError):  # nothing of a name is told without a search
        has_solution(session, question)
    failure = now() - started
    started = now()
    explainer = Explainer(session, question)
    explanation = explainer.run(first=lambda _: heard.append(now() - started))
    seconds = now() - started
    gc.enable()
    if explanation is None or not explanation.conflicts:
        return {
            "id": problem.id,
            "kind": problem.kind,
            "explained": False,
            "core": seconds,
            "all": seconds,
            "ratio": seconds / failure,
            "steps": explainer.steps,
        }
    reasons = [reason_lines(told) for told in explanation.conflicts]
    text = explanation_text(explanation)
    row: dict[str, Any] = {
        "id": problem.id,
        "kind": problem.kind,
        "explained": True,
        "core": heard[0] if heard else seconds,
        "all": seconds,
        "failure": failure,
        "ratio": seconds / failure,
        "solves": explanation.solves,
        "steps": explainer.steps,
        "members": [len(told.conflict.members) for told in explanation.conflicts],
        "minimal": all(is_minimal(session, question, told.conflict) for told in explanation.conflicts),
        "plant": has_plant(problem, explanation),
        "fixes": len(explanation.fixes),
        "fix_holds": False,
        "lines": max(
            1 + len(told.conflict.members) + bool(r) + len(r)
            for told, r in zip(explanation.conflicts, reasons, strict=True)
        ),
        "stopped": list(explanation.stopped),
        "text": text,
    }
    if explanation.fixes:
        edits = explanation.fixes[0].edits
        try:
            row["fix_holds"] = has_solution(session, question.changed(edits, session.other_channels()))
        except LockstackError:
            row["fix_holds"] = False
        if prepared is not None:
            row["judged"] = judge(prepared, problem, explanation)
        meant = problem.extra.get("meant")
        if meant:
            row["meant"] = any(meant in edit.text for edit in edits)
    return row


def judge(prepared: Path, problem: Unsolvable, explanation: Explanation) -> tuple[str, str] | None:
    """Return py-rattler's verdicts before and after the first fix; None where it can't be asked."""
    if problem.pip or problem.exclude_newer is not None or not explanation.fixes:
        return None
    asked = Question(
        requirements=requirements_of(problem.specs, ()), target=target_of(problem), channels=None
    )
    edits = explanation.fixes[0].edits
    if any(edit.action in (Action.CHANNEL, Action.PRIORITY, Action.TO_PIP) for edit in edits):
        return None
    after = asked
    for edit in edits:
        if edit.line is not None:  # the same line, of another reading
            line = next(r for r in after.requirements.conda if r.origin == edit.line.origin)
            edit = replace(edit, line=line)
        after = after.changed([edit])
    verdicts = []
    for question in (asked, after):
        facts = tuple((v.name, v.version) for v in question.target.virtual_packages)
        specs = tuple(r.spec for r in question.requirements.conda if not r.name.startswith("__"))
        as_problem = Problem(
            id=problem.id,
            platform=problem.platform,
            channels=problem.channels,
            channel_priority=problem.channel_priority,
            virtual_packages=facts,
            specs=specs,
            solution=(),
            solve_group=False,
        )
        verdicts.append(str(answer(as_problem, prepared, _SPARSE)["verdict"]))
    return verdicts[0], verdicts[1]


_SPARSE: dict[Path, Any] = {}


def report(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the figures."""

    def share(key: str) -> float:
        return round(100 * sum(bool(row.get(key)) for row in rows) / len(rows), 1)

    def times(key: str) -> dict[str, float]:
        values = sorted(row[key] for row in rows)
        return {
            "median": round(statistics.median(values), 3),
            "p95": round(values[int(0.95 * (len(values) - 1))], 3),
            "max": round(values[-1], 3),
        }

    kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        kinds[row["kind"]]["count"] += 1
        for key in ("explained", "minimal", "plant", "fix_holds"):
            kinds[row["kind"]][key] += bool(row.get(key))
    lengths = sorted(row["lines"] for row in rows if "lines" in row)
    return {
        "problems": len(rows),
        **{key: share(key) for key in ("explained", "minimal", "plant", "fix_holds")},
        "seconds to the conflict": times("core"),
        "seconds with changes": times("all"),
        "explaining, in times of the failing solve": times("ratio"),
        "steps in all": times("steps"),
        "above ten times": sum(row["ratio"] > 10 for row in rows),
        "lines p90": lengths[int(0.9 * (len(lengths) - 1))] if lengths else 0,
        "at most 12 lines": round(100 * sum(n <= 12 for n in lengths) / max(1, len(lengths)), 1),
        "judged (before, after the first fix)": {
            " ".join(verdicts): count
            for verdicts, count in Counter(
                tuple(row["judged"]) for row in rows if row.get("judged")
            ).most_common()
        },
        "members": dict(sorted(Counter(n for row in rows for n in row.get("members", ())).items())),
        "kinds": {kind: dict(counts) for kind, counts in kinds.items()},
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("problems", type=Path)
    parser.add_argument("channels", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--every", type=int, default=1, help="only every n-th problem")
    parser.add_argument("--show", type=int, default=0, help="print so many texts of what went wrong")
    parser.add_argument("--judge", type=Path, help="ask py-rattler too")
    parser.add_argument("--cpu", action="store_true", help="processor time in place of wall time")
    parser.add_argument("--json", type=Path, help="write one row for each problem")
    arguments = parser.parse_args()
    with Bench(arguments.channels, arguments.cache) as bench:
        problems = read_unsolvable(arguments.problems)[:: arguments.every]
        now = time.process_time if arguments.cpu else time.perf_counter
        rows = [measure(bench, problem, arguments.judge, now) for problem in problems]
    wrong = [r for r in rows if not (r.get("minimal") and r.get("plant") and r.get("fix_holds"))]
    for row in wrong[: arguments.show]:
        print(json.dumps({k: v for k, v in row.items() if k != "text"}), row.get("text", ""), "", sep="\n")
    if arguments.json:
        arguments.json.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    print(json.dumps(report(rows), indent=2), flush=True)
    if arguments.judge:
        os._exit(0)  # as py-rattler asks: see rattler_side


if __name__ == "__main__":
    main()
