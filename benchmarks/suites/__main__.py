"""Other projects' solver tests as outcomes, beside py-rattler, uv and resolvelib.

::

    python -m benchmarks.suites FOLDER [--suite NAME ...] [--show NAME] [--json FILE]

FOLDER holds a clone of each project, or what its package installs, under the suite's name (below); none of
it is part of this project. A suite that is not there is skipped, with a reason. Every test is put as a
question to each side; what is compared is the verdict and the packages chosen, not the words. Rows say how
many cases agree with what the test asserts; with ``--show`` each case where a side (``lockstack`` unless
another is named by ``--side``) differs is printed, with the reason where ``reasons.py`` knows one.

The exit code is 5 where a case of ours differs without a reason.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.suites import (
    read_conda,
    read_conda_solvers,
    read_mamba,
    read_packse,
    read_pip,
    read_poetry,
    read_rattler,
    read_resolvelib,
)
from benchmarks.suites.case import Case, LiveCase, MissingSuiteError, Passed, PypiCase, Read, Verdict
from benchmarks.suites.conda_sides import CondaBench
from benchmarks.suites.pypi_sides import PypiBench
from benchmarks.suites.reasons import reason_of

#: folder below FOLDER -> what reads it
SUITES: Mapping[str, Callable[[Path], Read]] = {
    "pytest-conda-solvers": read_conda_solvers.read,
    "packse": read_packse.read,
    "resolvelib": read_resolvelib.read,
    "poetry": read_poetry.read,
    "pip": read_pip.read,
    "rattler": read_rattler.read,
    "mamba": read_mamba.read,
    "conda": read_conda.read,
}


def run(suite: str, folder: Path, sides: Any) -> Iterator[dict[str, Any]]:
    """Yield a row for each test: what each side differs in (None: it could not be asked)."""
    for case in SUITES[suite](folder / suite):
        if isinstance(case, Passed):
            yield {"suite": suite, "case": case.name, "passed": case.why}
            continue
        row: dict[str, Any] = {"suite": suite, "case": case.name, "sides": {}}
        for side, ask in sides(case):
            if isinstance(case, LiveCase):
                row["sides"][side] = case.run(ask)
                continue
            answer = ask(case)
            unasked = answer.verdict is Verdict.UNASKED
            row["sides"][side] = None if unasked else list(case.expected.differences(answer))
            if row["sides"][side] and answer.why:
                row.setdefault("why", {})[side] = answer.why.splitlines()[0][:200]
        yield row


def table(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a line a suite and side: cases asked, agreeing, differing with and without a reason."""
    yield f"{'suite':<24}{'side':<14}{'asked':>7}{'agree':>7}{'differ':>8}{'explained':>11}"
    counts: dict[tuple[str, str], Counter[str]] = {}
    passed = Counter(row["suite"] for row in rows if "passed" in row)
    for row in rows:
        for side, differences in row.get("sides", {}).items():
            count = counts.setdefault((row["suite"], side), Counter())
            if differences is None:
                count["unasked"] += 1
                continue
            count["asked"] += 1
            count["agree" if not differences else "differ"] += 1
            count["explained"] += bool(differences) and bool(reason_of(row["suite"], row["case"]))
    for (suite, side), count in counts.items():
        explained = f"{count['explained']:>11}" if side == "lockstack" else ""
        yield f"{suite:<24}{side:<14}{count['asked']:>7}{count['agree']:>7}{count['differ']:>8}{explained}"
    for suite, count in passed.items():
        yield f"{suite:<24}{count} tests ask for something else than an answer"


def show(rows: list[dict[str, Any]], side: str) -> Iterator[str]:
    """Yield what differs on a side, case by case."""
    for row in rows:
        differences = row.get("sides", {}).get(side)
        if differences:
            reason = reason_of(row["suite"], row["case"]) if side == "lockstack" else ""
            yield f"{row['suite']}: {row['case']}: {'; '.join(differences)}"
            if row.get("why", {}).get(side):
                yield f"    said: {row['why'][side]}"
            if reason:
                yield f"    reason: {reason}"


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--suite", action="append", choices=sorted(SUITES))
    parser.add_argument("--show", action="store_true", help="print each case that differs")
    parser.add_argument("--side", default="lockstack", help="whose differences --show prints")
    parser.add_argument("--json", type=Path, help="write a line a case")
    arguments = parser.parse_args()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as kept, PypiBench(Path(kept)) as pypi:
        conda = CondaBench(Path(kept))

        def sides(case: Case | LiveCase) -> Iterator[tuple[str, Any]]:
            yield from pypi.sides() if isinstance(case, PypiCase) else conda.sides()

        for suite in arguments.suite or SUITES:
            try:
                rows += run(suite, arguments.folder, sides)
            except MissingSuiteError as error:
                print(f"{suite:<24}skipped: {error}")
    for line in table(rows):
        print(line)
    if arguments.show:
        for line in show(rows, arguments.side):
            print(line)
    if arguments.json:
        text = "".join(json.dumps(row, sort_keys=True) + "\n" for row in rows)
        arguments.json.write_text(text, encoding="utf-8")
    unexplained = [
        row
        for row in rows
        if row.get("sides", {}).get("lockstack") and not reason_of(row["suite"], row["case"])
    ]
    return 5 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
