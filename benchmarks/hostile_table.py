"""Every hostile or faulty input of ``tests/hostile``: exit code, seconds, memory, disk, and what is wrong.

``python -m benchmarks.hostile_table [--kind WORDS] [--only WORDS] [--jobs 1] [--markdown FILE]``: prints a
line a row, then a table by kind; leaves with 1 where a row isn't as it should be. Seconds are the
command's of CPU, and of the wall, where the servers of some rows are slow on purpose; disk is what was
written, in MiB.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.hostile.rows import KINDS, Row
from tests.hostile.running import Outcome, good_lockfile, run_row

_HEAD = (
    "rows | as they should be | exit codes | CPU s (most) | wall s (most) | MiB (most) | MiB written (most)"
)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.hostile_table")
    parser.add_argument("--kind", default="")
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--markdown", type=Path)
    asked = parser.parse_args(arguments)
    found: dict[str, list[Outcome]] = {}
    with tempfile.TemporaryDirectory(prefix="lockstack-hostile-") as work:
        before = good_lockfile(Path(work) / "before")
        for kind, rows in KINDS.items():
            chosen = [row for row in rows if asked.kind in kind and asked.only in row.why]
            found[kind] = list(_run(chosen, before, Path(work), asked.jobs))
    table = "\n".join([f"| kind | {_HEAD} |", "|---" * 8 + "|", *_lines(found)])
    print(table)
    if asked.markdown:
        asked.markdown.write_text(table + "\n\n" + "\n".join(_each(found)) + "\n", encoding="utf-8")
    return int(any(outcome.faults for outcomes in found.values() for outcome in outcomes))


def _run(rows: Sequence[Row], before: str, work: Path, jobs: int) -> Iterator[Outcome]:
    def one(numbered: tuple[int, Row]) -> Outcome:
        number, row = numbered
        folder = work / f"row-{number}"
        folder.mkdir()
        try:
            return run_row(row, before, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    with ThreadPoolExecutor(jobs) as pool:
        for outcome in pool.map(one, enumerate(rows)):
            ran = outcome.ran
            used = f"{ran.cpu:5.2f} s {ran.seconds:5.1f} s {ran.mib:4.0f} MiB {ran.disk:6.1f} MiB"
            faults = "".join(f"\n    !! {fault}" for fault in outcome.faults)
            print(f"{ran.code} {used}  {outcome.row.why[:90]}{faults}", flush=True)
            if outcome.faults:
                print("    " + ran.err[-500:].replace("\n", "\n    "), file=sys.stderr, flush=True)
            yield outcome


def _lines(found: dict[str, list[Outcome]]) -> Iterator[str]:
    everything = [outcome for outcomes in found.values() for outcome in outcomes]
    for kind, outcomes in (*found.items(), ("all", everything)):
        if not outcomes:
            continue
        ran = [outcome.ran for outcome in outcomes]
        codes = {code: sum(one.code == code for one in ran) for code in sorted({one.code for one in ran})}
        yield (
            f"| {kind} | {len(ran)} | {sum(not outcome.faults for outcome in outcomes)} "
            f"| {', '.join(f'{code}: {count}' for code, count in codes.items())} "
            f"| {max(one.cpu for one in ran):.1f} | {max(one.seconds for one in ran):.1f} "
            f"| {max(one.mib for one in ran):.0f} | {max(one.disk for one in ran):.0f} |"
        )


def _each(found: dict[str, list[Outcome]]) -> Iterator[str]:
    yield "| input | exit code | CPU s | wall s | MiB | MiB written |\n|---|---|---|---|---|---|"
    for outcomes in found.values():
        for row, ran, _ in outcomes:
            used = f"{ran.cpu:.2f} | {ran.seconds:.1f} | {ran.mib:.0f} | {ran.disk:.1f}"
            yield f"| {row.why} | {ran.code} | {used} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
