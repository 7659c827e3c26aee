"""Check every known solution of public projects and count the findings by rule.

Run ``python scripts/check_known_solutions.py FOLDER [--platform linux-64] [--every N] [--show RULE]``
with the folder that holds ``problems/`` and ``channels/``; ``--vm-size``, ``--gpu``, ``--driver`` and
``--image`` name a machine to check them against. Known solutions are lockfiles that work, so every
error is either right about its project (and that machine) or a fault of the rule. ``--json FILE``
writes all findings, one a line.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from resolver.checks.registry import run_checks
from resolver.machine.description import describe_machine
from tests.checks.known import Records, known_context, read_problems


def main() -> int:
    """Run the checks and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--platform", default="linux-64")
    parser.add_argument("--every", type=int, default=1, help="take one problem in N")
    parser.add_argument("--show", help="print the findings of one rule")
    parser.add_argument("--json", type=Path)
    for flag in ("--vm-size", "--gpu", "--driver", "--image"):
        parser.add_argument(flag, help="the machine to check against")
    args = parser.parse_args()
    machine = describe_machine(vm_size=args.vm_size, gpu=args.gpu, driver=args.driver, image=args.image)
    records = Records(args.folder / "channels")
    rules: Counter[tuple[str, str]] = Counter()
    projects: dict[str, set[str]] = {}
    problems = list(read_problems(args.folder, args.platform))[:: args.every]
    lines, with_errors, spent = [], 0, 0.0
    for problem in problems:
        context = replace(known_context(problem, records), machine=machine)
        start = time.perf_counter()
        report = run_checks(context)
        spent += time.perf_counter() - start
        with_errors += any(finding.severity.value == "error" for finding in report.findings)
        for key in {(finding.severity.value, finding.rule) for finding in report.findings}:
            rules[key] += 1
        for finding in report.findings:
            projects.setdefault(finding.rule, set()).add(problem["repo"])
            where = f"{problem['repo']} {problem['environment']} {problem['id']}"
            lines.append(json.dumps({"where": where, **finding.to_json()}))
            if finding.rule == args.show:
                print(f"{where}: {finding.severity.value}: {finding.message}")
                print("\n".join(f"    {line}" for line in finding.evidence))
    if args.json:
        args.json.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(
        f"{len(problems)} solutions, {with_errors} with an error, "
        f"{spent / max(1, len(problems)) * 1000:.1f} ms each"
    )
    for (severity, rule), count in sorted(rules.items(), key=lambda item: (item[0][0], -item[1])):
        print(f"{severity:8} {count:5} {rule} ({len(projects[rule])} projects)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
