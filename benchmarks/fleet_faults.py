"""A fleet under faults: nothing lost, nothing twice, every file has a record.

::

    python -m benchmarks.fleet_faults [--count 1000] [--seed 0] [--outage 60]

So many environments behind channels on loopback, on two workers. One in a hundred kills its worker the
first time, one file kills each, one hangs; for ``--outage`` seconds, from a quarter of the run on, the
channels answer 503; at half of the run the command is interrupted, and resumed. Exit code 1 if a file has no
record or two, a good file no lockfile or other bytes than `lock` gives it alone (every fiftieth is
compared), or a file was begun again after it was done.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.support.server import LoopbackServer

#: The command, with workers that do as files' names say.
_COMMAND = """\
import sys
from lockfiles.cli import main as cli
from lockfiles.fleet.engines import opening, pool
from tests.fleet import poison
class Faulty(pool.PoolEngine):
    def __init__(self, workers, **named):
        super().__init__(workers, **named, do=poison.do_and_stage)
pool.PoolEngine = Faulty
cli.entry_point()
"""


def write_files(folder: Path, url: str, count: int, drawn: random.Random) -> dict[str, str]:
    """Write the environments; return each file's fate."""
    fates = dict.fromkeys((f"good{number:04}" for number in range(count)), "good")
    for name in drawn.sample(sorted(fates), max(1, count // 100)):
        del fates[name]
        fates[name.replace("good", "unlucky")] = "unlucky"
    fates |= {"poison": "poison", "hang": "hang"}
    (folder / "e").mkdir(parents=True)
    (folder / "e" / "lockstack.toml").write_text(
        f'channel-alias = "{url}"\nplatforms = ["linux-64"]\nno-index = true\nretries = 0\n'
    )
    for number, name in enumerate(sorted(fates)):
        lines = f"channels: [c{number % 20}]\ndependencies: [p{number % 50}, q >={number % 3}]\n"
        (folder / "e" / f"{name}.yml").write_text(lines)
    return {f"e/{name}.yml": fate for name, fate in fates.items()}


def serve(server: LoopbackServer) -> None:
    """Put 20 channels of 60 small packages onto a server."""
    rows = [(f"p{n}", "1.0", ["q"]) for n in range(50)] + [("q", f"{n}.0", []) for n in range(10)]
    packages = {
        f"{name}-{version}-0.conda": {
            "name": name, "version": version, "build": "0", "build_number": 0, "depends": depends,
            "subdir": "noarch", "sha256": f"{at:064x}", "size": 1000,
        }
        for at, (name, version, depends) in enumerate(rows)
    }  # fmt: skip
    for channel in range(20):
        for subdir, held in (("noarch", packages), ("linux-64", {})):
            text = json.dumps({"info": {"subdir": subdir}, "packages": {}, "packages.conda": held})
            server.files[f"c{channel}/{subdir}/repodata.json"] = text.encode()


def run(folder: Path, *more: str) -> subprocess.Popen[bytes]:
    """Begin a run of the fleet."""
    command = [
        sys.executable,
        "-c",
        _COMMAND,
        "fleet",
        "e",
        "--workers",
        "2",
        "--json",
        "--job-timeout",
        "20",
    ]
    variables = {**os.environ, "PYTHONPATH": str(Path.cwd()), "XDG_CACHE_HOME": str(folder / "cache")}
    variables["PIP_CONFIG_FILE"] = os.devnull
    return subprocess.Popen([*command, *more], cwd=folder, env=variables, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, start_new_session=True)  # fmt: skip


def begun(folder: Path) -> int:
    return len(list((folder / "e").glob("*.begun")))


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--outage", type=float, default=60.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, LoopbackServer() as server:
        serve(server)
        folder = Path(place)
        fates = write_files(folder, server.url, arguments.count, random.Random(arguments.seed))  # noqa: S311
        report = measure(folder, server, fates, arguments.outage)
    print(json.dumps(report, indent=2))
    return 1 if report["faults"] else 0


def measure(folder: Path, server: LoopbackServer, fates: dict[str, str], outage: float) -> dict[str, Any]:
    """Run, hinder, interrupt, resume; return what came of it."""
    started = time.monotonic()
    first = run(folder)
    while begun(folder) < len(fates) // 4:
        time.sleep(0.05)
    for channel in range(20):  # nothing cached vouches for itself: each file asks
        server.fail(f"/c{channel}/", status=503)
    threading.Timer(outage, server.rules.clear).start()
    while begun(folder) < len(fates) // 2:
        time.sleep(0.05)
    os.kill(first.pid, signal.SIGINT)
    first.communicate(timeout=120)
    done_before = _done(folder)
    second = run(folder, "--resume")
    printed, said = second.communicate(timeout=1200)
    records = [json.loads(line) for line in printed.splitlines()]
    return {
        "files": len(fates),
        "seconds": round(time.monotonic() - started, 1),
        "interrupted with": first.returncode,
        "done before": len(done_before),
        "outcomes": dict(Counter(record["outcome"] for record in records)),
        "attempts": dict(Counter(record["attempts"] for record in records)),
        "said": said.decode().strip().splitlines()[-1:],
        "faults": list(_faults(folder, fates, records, done_before)),
    }


def _done(folder: Path) -> dict[str, int]:
    """Return the files that the journal has as done, with how often each was begun until then."""
    (journal,) = (folder / "cache").rglob("fleet/*.jsonl")
    rows = [json.loads(line) for line in journal.read_bytes().splitlines()[1:] if line.endswith(b"}")]
    names = [row["file"] for row in rows if row["code"] in (0, 2, 4, 5)]
    return {name: _times(folder, name) for name in names}


def _times(folder: Path, name: str) -> int:
    place = (folder / name).with_suffix(".begun")
    return len(place.read_text().splitlines()) if place.exists() else 0


def _faults(
    folder: Path, fates: dict[str, str], records: list[dict[str, Any]], done_before: dict[str, int]
) -> list[str]:
    found = []
    counts = Counter(record["file"] for record in records)
    found += [f"{name}: {counts[name]} records" for name in fates if counts[name] != 1]
    wanted = {"good": "done", "unlucky": "done", "poison": "worker died", "hang": "took too long"}
    for record in records:
        if record["outcome"] != wanted[fates[record["file"]]]:
            found.append(f"{record['file']}: {record['outcome']}")
    found += [f"{name}: begun again" for name, times in done_before.items() if _times(folder, name) != times]
    good = [name for name, fate in sorted(fates.items()) if fate in ("good", "unlucky")]
    for number, name in enumerate(good):
        output = (folder / name).with_suffix(".conda-lock.yml")
        if not output.exists():
            found.append(f"{name}: no lockfile")
        elif number % 50 == 0:
            made = output.read_bytes()
            output.unlink()
            variables = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), "PIP_CONFIG_FILE": os.devnull}
            subprocess.run([sys.executable, "-m", "lockfiles.cli", name, "-q"], cwd=folder, check=True,
                           env={**variables, "PYTHONPATH": str(Path.cwd())})  # fmt: skip
            if output.read_bytes() != made:
                found.append(f"{name}: other bytes")
    return found


if __name__ == "__main__":
    sys.exit(main())
