"""Draw locked environment files at random, and look for all that they ask for: in the lockfile, or named.

::

    python -m benchmarks.check_asked FOLDER OUTPUT.jsonl KEPT [--seed 8] [--count 40] [-p PLATFORM]

OUTPUT.jsonl and KEPT are what ``benchmarks.lock_environments`` wrote and kept. The files are read by
``tests/oracles/asked_for.py``, which shares no code with the project's own readers. Every dependency line,
pip line, channel, index, name, prefix and variable that is neither in the lockfile nor in what was printed is
a line of the output; exit code 1 if there is any.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import yaml

from tests.oracles.asked_for import draw, missing_in_lockfile, read_asked


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("kept", type=Path)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("-p", "--platform", default="linux-64")
    arguments = parser.parse_args()
    rows = {}
    for line in arguments.output.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["code"] == 0:
            rows[row["file"]] = row
    lost = looked_at = lines = 0
    for name in draw(list(rows), arguments.count, arguments.seed):
        asked = read_asked((arguments.folder / name).read_text(encoding="utf-8"))
        if asked is None:
            print(f"{name}: not an environment file for this reader")
            continue
        lockfile = (arguments.kept / f"{rows[name]['number']}.yml").read_text(encoding="utf-8")
        custom = yaml.safe_load(lockfile)["metadata"].get("custom_metadata") or {}
        python = str(custom.get(f"lockstack.python.{arguments.platform}", "3.12.0"))
        missing = missing_in_lockfile(
            asked, lockfile, subdir=arguments.platform, python=python, said=rows[name]["text"]
        )
        looked_at += 1
        lines += len(asked.conda) + len(asked.pip)
        lost += len(missing)
        for what in missing:
            print(f"{name}: {what}")
    print(f"{looked_at} of {len(rows)} locked files, {lines} lines; neither found nor named: {lost}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
