"""A fleet on two machines' worth of workers that see nothing of its folders, network or home.

::

    python -m benchmarks.fleet_machines FOLDER CHANNELS [--problems PROBLEMS.jsonl.zst] [--count 200]

It needs root on Linux. Three network namespaces, joined by virtual cables: in one the fleet's command, a Dask
scheduler, and on its loopback the channels (behind a token) and a made index (behind a password); in each of
the others a worker, which can reach the scheduler and no source. A worker has its own process and mount
namespaces: an empty /tmp (where inputs, journal and snapshot lie), no FOLDER, no CHANNELS, another home, no
variable of this process. It shares the program and its interpreter with the command, and kernel and
clock: those take real machines to differ.

Told are: records, requests by how often the same one came, what workers see, where secrets stand (scheduler's
and workers' logs, the task graph, the snapshot), and whether the lockfiles are those of a fleet on this
machine. Exit code 1 if a source was asked twice, a secret got out, or bytes differ.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.fleet import make_files
from benchmarks.made_index import make_index
from tests.support.server import LoopbackServer

TOKEN, PASSWORD = "T0KEN-of-the-channels", "S3CRET-of-the-index"
#: Namespaces: that of the command, and those of workers.
_HERE, _MACHINES = "lockstack-0", ("lockstack-1", "lockstack-2")
_ADDRESS = "10.213.{}.{}"
#: Notes every task as the scheduler has it.
_NOTING = """\
import os, pickle
from distributed.diagnostics.plugin import SchedulerPlugin
class Noting(SchedulerPlugin):
    def transition(self, key, start, finish, *args, **kwargs):
        task = self.scheduler.tasks.get(key)
        with open(os.environ["GRAPH"], "ab") as file:
            file.write(repr((key, start, finish, kwargs)).encode())
            for part in (getattr(task, "run_spec", None), kwargs):
                try:
                    file.write(pickle.dumps(part))
                except Exception:
                    file.write(repr(part).encode())
def dask_setup(scheduler):
    plugin = Noting()
    plugin.scheduler = scheduler
    scheduler.add_plugin(plugin)
"""
#: A worker's machine: what it may not see is covered, then it says what it sees and begins.
_MACHINE = """\
set -e
hostname "$NAME"
mount --make-rprivate /
for folder in $COVERED; do mount -t tmpfs none "$folder"; done
mkdir -p /tmp/home
ls $COVERED >&2
ip -brief address >&2
exec env -i PATH="$PATH" HOME=/tmp/home LANG=C.UTF-8 PYTHONPATH="$CODE" \
    DASK_LOGGING__DISTRIBUTED=debug "$PYTHON" -m distributed.cli.dask_worker "$SCHEDULER" \
    --nthreads 1 --nworkers 1 --no-dashboard --local-directory /tmp/dask --death-timeout 60
"""


@contextlib.contextmanager
def namespaces() -> Iterator[None]:
    """The three networks, gone behind the block."""

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True)

    try:
        for name in (_HERE, *_MACHINES):
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        for number, name in enumerate(_MACHINES, 1):
            ends = f"lk{number}a", f"lk{number}b"
            ip("link", "add", ends[0], "netns", _HERE, "type", "veth", "peer", "name", ends[1], "netns", name)
            for end, at, host in ((ends[0], _HERE, 1), (ends[1], name, 2)):
                ip("-n", at, "address", "add", f"{_ADDRESS.format(number, host)}/24", "dev", end)
                ip("-n", at, "link", "set", end, "up")
            ip("-n", name, "route", "add", "default", "via", _ADDRESS.format(number, 1))
        yield
    finally:
        for name in (_HERE, *_MACHINES):
            subprocess.run(["ip", "netns", "delete", name], check=False, stderr=subprocess.DEVNULL)


@contextlib.contextmanager
def cluster(place: Path, covered: Sequence[Path]) -> Iterator[str]:
    """A scheduler here, and a worker on each machine; logs in a folder."""
    (place / "noting.py").write_text(_NOTING)
    address = f"tcp://{_ADDRESS.format(1, 1)}:8786"
    verbose = {"DASK_LOGGING__DISTRIBUTED": "debug", "GRAPH": str(place / "graph.bin")}
    begun: list[subprocess.Popen[bytes]] = []
    with contextlib.ExitStack() as stack:
        log = stack.enter_context((place / "scheduler.log").open("wb"))
        command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "0.0.0.0", "--port",  # noqa: S104
                   "8786", "--no-dashboard", "--preload", str(place / "noting.py")]  # fmt: skip
        begun.append(subprocess.Popen(command, env={**os.environ, **verbose}, stdout=log, stderr=log))
        for number, name in enumerate(_MACHINES, 1):
            log = stack.enter_context((place / f"{name}.log").open("wb"))
            variables = {
                "PATH": os.environ["PATH"], "COVERED": " ".join(map(str, covered)), "CODE": str(Path.cwd()),
                "NAME": name, "PYTHON": sys.executable,
                "SCHEDULER": f"tcp://{_ADDRESS.format(number, 1)}:8786",
            }  # fmt: skip
            # the command is inside a namespace already; `ip netns exec` goes from there to another one
            command = ["ip", "netns", "exec", name, "unshare", "--mount", "--uts", "--pid", "--fork",
                       "--kill-child", "--mount-proc", "sh", "-c", _MACHINE]  # fmt: skip
            begun.append(subprocess.Popen(command, env=variables, stdout=log, stderr=log))
        try:
            yield address
        finally:
            for process in reversed(begun):
                process.terminate()
            for process in begun:
                process.wait(timeout=30)


def fleet(place: Path, *flags: str) -> tuple[list[dict[str, Any]], float]:
    """Run the command; return its records and seconds."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "lockfiles.cli", "fleet", ".", "--no-ignore", "--json", *flags],
        cwd=place, capture_output=True, check=False, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    print(done.stderr.strip().rpartition("\n")[2], flush=True)
    return [json.loads(line) for line in done.stdout.splitlines()], time.monotonic() - began


def inside(arguments: argparse.Namespace) -> int:
    """Run in the command's namespace."""
    with tempfile.TemporaryDirectory(prefix="lockstack-machines-") as held, contextlib.ExitStack() as stack:
        place = Path(held)
        files = make_files(
            arguments.folder.absolute(), arguments.problems and arguments.problems.absolute(),
            place / "files", arguments.count,
        )  # fmt: skip
        os.chdir(arguments.code)
        channels = stack.enter_context(LoopbackServer(root=arguments.channels.absolute()))
        channels.require_token(TOKEN)
        index = stack.enter_context(LoopbackServer())
        address = make_index(files, index).replace("http://", f"http://me:{PASSWORD}@")
        index.require_basic("me", PASSWORD)
        alias = f"{channels.url}/t/{TOKEN}"
        settings = f'channel-alias = "{alias}"\nindex-url = "{address}"\nplatforms = ["linux-64"]\n'
        for folder in {file.parent for file in files}:
            (folder / "lockstack.toml").write_text(settings)
        logs = place / "logs"
        logs.mkdir()
        os.environ["XDG_CACHE_HOME"] = str(place / "cache")
        with cluster(logs, (Path("/tmp"), arguments.folder.absolute(), arguments.channels.absolute())) as at:  # noqa: S108
            rows, seconds = fleet(place / "files", "--scheduler", at, "--snapshot", str(place / "snapshot"))
        return judge(place, rows, seconds, channels, index)


def judge(
    place: Path, rows: list[dict[str, Any]], seconds: float, channels: LoopbackServer, index: LoopbackServer
) -> int:
    """Print what came of it; return the exit code."""
    print(f"{len(rows)} records in {seconds:.1f} s: {dict(Counter(row['outcome'] for row in rows))}")
    print(f"by worker: {dict(Counter(row['worker'] for row in rows))}")
    causes = Counter(failure["cause"] for row in rows for failure in row["failures"])
    print(f"causes: {causes.most_common(3)}")
    bad = False
    for name, server in (("channels", channels), ("index", index)):
        times = Counter(Counter(seen.path for seen in server.seen if seen.status != 401).values())
        refused = sum(seen.status == 401 for seen in server.seen)
        asked = dict(sorted(times.items()))
        print(f"{name}: requests asked once, twice ...: {asked}; {refused} without credentials")
        bad |= max(times, default=1) > 1
    for log in sorted((place / "logs").glob("lockstack-*.log")):
        print(f"{log.name}: sees {log.read_text(errors='replace').splitlines()[:8]}")
    snapshot = [file for file in (place / "snapshot").rglob("*") if file.is_file()]
    logs = [file for file in sorted((place / "logs").iterdir()) if file.is_file()]
    for file in (*logs, *snapshot):
        data = file.read_bytes()
        for secret in (TOKEN, PASSWORD):
            if secret.encode() in data:
                bad = True
                print(f"{secret} stands in {file.relative_to(place)}")
    sizes = {file.name: file.stat().st_size for file in logs}
    print(f"looked through: {sizes}, {len(snapshot)} files of the snapshot")
    made: dict[str, str] = {}
    for row in rows:
        if row["output"]:
            file = place / "files" / row["output"]
            made[row["file"]] = file.read_text()
            file.unlink()
    shutil.rmtree(place / "cache", ignore_errors=True)
    here, seconds = fleet(place / "files", "--workers", "1")
    differ = 0
    for row in here:
        own = (place / "files" / row["output"]).read_text() if row["output"] else None
        if own != made.get(row["file"]):
            differ += 1
            pair = (made.get(row["file"]) or "").splitlines(), (own or "").splitlines()
            print(
                row["file"],
                *list(difflib.unified_diff(*pair, "there", "here", lineterm="", n=1))[:12],
                sep="\n",
            )
    print(f"lockfiles beside those of one worker here ({seconds:.1f} s): {differ} of {len(here)} differ")
    return int(bad or differ > 0)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("channels", type=Path)
    parser.add_argument("--problems", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    arguments.code = Path.cwd()
    if arguments.inside:
        return inside(arguments)
    with namespaces():
        command = [sys.executable, "-m", "benchmarks.fleet_machines", *sys.argv[1:], "--inside"]
        return subprocess.run(["ip", "netns", "exec", _HERE, *command], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
