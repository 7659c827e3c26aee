"""`lock check` over lockfiles that work: how many errors, of which rule, and how many of them are wrong.

    python -m benchmarks.false_alarms FOLDER [--platform osx-arm64] [--every N] [--show RULE] [--json FILE]

FOLDER holds PROBLEMS (``problems/conda.jsonl.zst``, with their solutions) and CHANNELS. Every solution is
checked without a machine and against four: an A100 on a current image, a V100 with an old driver, a T4,
and a machine without a GPU. A solution that works somewhere need not work on each of these, so an error
is looked at by hand once, and what was found stands in ``data/judged_errors.json``: a row says for a rule
(and a machine, a project, a part of the message where it doesn't hold for all) whether it is right, and why.
The command ends with 1 where an error is judged by no row.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from resolver.checks.context import CheckContext
from resolver.checks.registry import run_checks
from resolver.machine.description import Machine, describe_machine
from resolver.model.findings import Finding, Severity
from tests.checks.known import Records, known_context, read_problems

PLATFORMS = ("linux-64", "osx-arm64", "win-64")
JUDGED = Path(__file__).parent / "data" / "judged_errors.json"
#: Name -> what is known of the machine.
MACHINES: dict[str, dict[str, str]] = {
    "no machine": {},
    "A100, current image": {
        "vm_size": "Standard_NC24ads_A100_v4",
        "image": "mcr.microsoft.com/azureml/openmpi5.0-cuda12.6-ubuntu24.04",
    },
    "V100, old driver": {"gpu": "Tesla V100-SXM2-16GB", "driver": "470.82.01"},
    "T4": {"vm_size": "Standard_NC4as_T4_v3"},
    "no GPU": {"gpu": "none"},
}


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """Whether errors of a rule are right, and why; what isn't given holds for all."""

    rule: str
    is_right: bool
    why: str
    machine: str | None = None
    project: str | None = None
    message: str | None = None  #: a part of the message

    def holds(self, raised: Raised) -> bool:
        """Tell whether the row is about an error."""
        return (
            self.rule == raised.finding.rule
            and self.machine in (None, raised.machine)
            and self.project in (None, raised.project)
            and (self.message is None or self.message in raised.finding.message)
        )


class Raised(msgspec.Struct, frozen=True, kw_only=True):
    """One error of one solution on one machine."""

    machine: str
    platform: str
    project: str
    environment: str
    finding: Finding

    def to_json(self) -> dict[str, object]:
        """Return it as JSON values."""
        return {
            "machine": self.machine,
            "platform": self.platform,
            "project": self.project,
            "environment": self.environment,
            **self.finding.to_json(),
        }


def read_judgements(path: Path = JUDGED) -> tuple[Judgement, ...]:
    """Return the rows, in order; the first that holds counts."""
    return tuple(msgspec.json.decode(path.read_bytes(), type=tuple[Judgement, ...]))


def judge(raised: Raised, rows: Iterable[Judgement]) -> Judgement | None:
    """Return the row that an error falls under, None where nobody looked at it."""
    return next((row for row in rows if row.holds(raised)), None)


def iter_errors(
    problem: dict[str, Any], records: Records, machines: dict[str, Machine]
) -> Iterator[tuple[str, list[Raised]]]:
    """Yield each machine with the errors of a solution on it."""
    known = known_context(problem, records)
    for name, machine in machines.items():
        context = CheckContext(resolution=known.resolution, requirements=known.requirements, machine=machine)
        yield (
            name,
            [
                Raised(
                    machine=name,
                    platform=problem["platform"],
                    project=problem["repo"],
                    environment=problem["environment"],
                    finding=finding,
                )
                for finding in run_checks(context).findings
                if finding.severity is Severity.ERROR
            ],
        )


def report(checked: Counter[str], errors: list[Raised], rows: tuple[Judgement, ...]) -> int:
    """Print the counts by machine and by rule; return how many errors nobody has judged."""
    verdicts = [(raised, judge(raised, rows)) for raised in errors]
    print(f"{'machine':22} {'checks':>7} {'errors':>7} {'wrong':>6}  wrong of checks")
    for machine, count in checked.items():
        here = [verdict for raised, verdict in verdicts if raised.machine == machine]
        wrong = sum(verdict is not None and not verdict.is_right for verdict in here)
        print(f"{machine:22} {count:7} {len(here):7} {wrong:6}  {wrong / max(1, count):.2%}")
    kinds: Counter[tuple[str, str, str]] = Counter()
    for raised, verdict in verdicts:
        word = "not judged" if verdict is None else "right" if verdict.is_right else "wrong"
        kinds[word, raised.finding.rule, raised.machine] += 1
    for (word, rule, machine), count in sorted(kinds.items()):
        print(f"{count:6} {word:10} {rule} ({machine})")
    wrong = sum(verdict is not None and not verdict.is_right for _, verdict in verdicts)
    total, checks = len(errors), sum(checked.values())
    print(
        f"{checks} checks, {total} errors, {wrong} wrong: {wrong / max(1, checks):.2%} of the checks, "
        f"{wrong / max(1, total):.2%} of the errors"
    )
    return sum(verdict is None for _, verdict in verdicts)


def main() -> int:
    """Run all checks and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="what holds problems/ and channels/")
    parser.add_argument("--platform", action="append", choices=PLATFORMS, help="all, unless given")
    parser.add_argument("--every", type=int, default=1, help="take one problem in N")
    parser.add_argument("--show", metavar="RULE", help="print the errors of a rule")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every error, one a line")
    arguments = parser.parse_args()
    machines = {name: describe_machine(**given) for name, given in MACHINES.items()}
    records = Records(arguments.folder / "channels")
    checked: Counter[str] = Counter()
    errors: list[Raised] = []
    for platform in arguments.platform or PLATFORMS:
        for problem in list(read_problems(arguments.folder, platform))[:: arguments.every]:
            for machine, raised in iter_errors(problem, records, machines):
                checked[machine] += 1
                errors += raised
    for raised in errors if arguments.show else ():
        if raised.finding.rule == arguments.show:
            place = f"{raised.project} {raised.environment}"
            print(f"{raised.machine}: {raised.platform} {place}: {raised.finding.message}")
            print("\n".join(f"    {line}" for line in raised.finding.evidence))
    if arguments.json:
        lines = [json.dumps(raised.to_json()) for raised in errors]
        arguments.json.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return 1 if report(checked, errors, read_judgements()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
