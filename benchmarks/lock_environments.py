"""Lock every environment file of a folder, each in a process of its own, and count how it ends.

::

    python -m benchmarks.lock_environments FOLDER OUTPUT.jsonl --channel-alias CHANNELS --cache-dir DIR
        [--every N] [--timeout SECONDS] [-p PLATFORM] [--keep DIR] [flags of `lock`]

Every file must end with exit code 0, 2, 3 or 4 and, unless it is 0, one clear message: no
traceback. Each line of OUTPUT has ``file``, ``code``, ``seconds``, ``message`` (first line of
the error), ``text`` (all that was printed) and ``fault`` (what is wrong with the ending; null: nothing).
With ``--keep`` the lockfiles stay in DIR, named by the file's number: ``benchmarks.check_asked`` reads them.
Exit code 1 if any has a fault.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ALLOWED = (0, 2, 3, 4)


def lock(file: Path, number: int, arguments: argparse.Namespace) -> dict[str, Any]:
    """Lock one file and judge the ending."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "conda-lock.yml"
        command = [
            sys.executable, "-m", "lockfiles.cli", str(file), "-o", str(output),
            "-p", arguments.platform, "--channel-alias", str(arguments.channel_alias),
            "--cache-dir", str(arguments.cache_dir), *arguments.flags,
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=arguments.timeout, stdin=subprocess.DEVNULL
            )
            code, text = done.returncode, done.stderr
        except subprocess.TimeoutExpired:
            code, text = -1, f"stopped after {arguments.timeout} s"
        written = output.exists()
        if written and arguments.keep:
            shutil.copy(output, arguments.keep / f"{number}.yml")
    fault = None
    if code not in ALLOWED:
        fault = f"exit code {code}"
    elif "Traceback" in text:
        fault = "a traceback"
    elif (code == 0) is not written:
        fault = "a lockfile without success" if written else "success without a lockfile"
    elif code and not text.strip():
        fault = "no message"
    return {
        "file": str(file.relative_to(arguments.folder)),
        "code": code,
        "seconds": round(time.monotonic() - started, 2),
        "number": number,
        "message": next((line for line in text.splitlines() if line.startswith("error:")), ""),
        "text": text[:20_000],
        "fault": fault,
    }


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--channel-alias", type=Path, required=True)
    parser.add_argument("--cache-dir", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=300)
    parser.add_argument("-p", "--platform", default="linux-64")
    parser.add_argument("--keep", type=Path)
    arguments, arguments.flags = parser.parse_known_args()
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    files = sorted(f for f in arguments.folder.rglob("*") if f.suffix in (".yml", ".yaml"))[
        :: arguments.every
    ]
    codes: Counter[int] = Counter()
    faults = 0
    with arguments.output.open("w", encoding="utf-8") as stream:
        for number, file in enumerate(files):
            row = lock(file, number, arguments)
            codes[row["code"]] += 1
            faults += row["fault"] is not None
            stream.write(json.dumps(row) + "\n")
            stream.flush()
    print(f"{len(files)} files; exit codes {dict(sorted(codes.items()))}; faults {faults}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
