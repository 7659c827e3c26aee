"""Runs that are killed, interrupted, crowded or cut off: the old lockfile or a whole new one, a usable cache.

``python -m benchmarks.crashes [--kills 1000] [--signals 100] [--rounds 10] [--seed 1]``: prints one line a
kind with counts; leaves with 1 where anything is not as it should be. Each run asks a server on loopback. A
kill comes at a random moment of the run; behind it the same question is asked on the cache that this run
left (half of the time one that many killed runs left), and must give the bytes of an undisturbed run.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.end_to_end.sample import write_sample
from tests.end_to_end.test_broken_runs import Project, limit_files
from tests.end_to_end.written import ONE_FILE, Writing
from tests.support.server import LoopbackServer
from tests.support.signals import hear_interrupts

_CROWD = 8  #: processes at once
_TURNS = 10  #: signals until it is measured again what a run takes
_SIZES = (0, 300, 4_096, 20_000, 60_000, 200_000)  #: bytes that a file may have on a "full" disk
#: Standard streams as callers leave them: shell text behind the command.
_STREAMS = (
    "<&-", ">&-", "2>&-", "<&- >&- 2>&-", "-o - | true", "--json | true", "-o - >/dev/full",
    "--json >/dev/full", "-vv 2>&1 >/dev/null | true", "2>/dev/full",
)  # fmt: skip
#: What takes root's right to write everywhere away from a command.
_HUMBLE = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")


class Bench:
    """A project of which each run's end is judged."""

    def __init__(self, folder: Path, server: LoopbackServer, chance: random.Random) -> None:
        self.project, self.chance = Project(folder, server), chance
        self.cache = folder / "cache"
        self.faults: list[str] = []
        self.counts: Counter[str] = Counter()
        times = [self._timed() for _ in range(3)]
        self.wanted = self.project.lockfile.read_bytes()
        self.usual = statistics.median(times)
        self._turns = 0

    def _timed(self) -> float:
        self.reset(fresh=True)
        begun = time.monotonic()
        self.project.start("-q").communicate(timeout=120)
        return time.monotonic() - begun

    def reset(self, *, fresh: bool) -> None:
        """Have the earlier lockfile, and no cache where ``fresh``."""
        self.project.lockfile.write_bytes(self.project.before)
        if fresh:
            shutil.rmtree(self.cache, ignore_errors=True)

    def fault(self, words: str) -> None:
        """Note what isn't as it should be."""
        self.faults.append(words)
        print(f"!! {words}", flush=True)

    def judge_lockfile(self, why: str) -> None:
        """The old bytes or the new ones, nothing else."""
        found = self.project.lockfile.read_bytes()
        self.counts["new" if found == self.wanted else "old"] += 1
        if found not in (self.project.before, self.wanted):
            self.fault(f"{why}: a lockfile that is neither the old nor the new one ({len(found)} bytes)")

    def judge_next(self, why: str) -> None:
        """The next run on the same cache gives what an undisturbed one gives."""
        self.project.lockfile.write_bytes(self.project.before)
        code = self.project.lock()
        if code or self.project.lockfile.read_bytes() != self.wanted:
            self.fault(f"{why}: the next run ends with {code}, or with another lockfile")

    def signalled(self, sent: signal.Signals) -> None:
        """Send a signal at a random moment of what a run takes now: a machine is busy, and then it isn't."""
        self._turns += 1
        if self._turns % _TURNS == 0:
            self.usual = self._timed()
        fresh = self.chance.random() < 0.5
        self.reset(fresh=fresh)
        late = self.chance.random() < 0.5  # where files are written
        moment = self.usual * self.chance.uniform(0.6 if late else 0.0, 1.2)
        process = self.project.start("-q")
        time.sleep(moment)
        process.send_signal(sent)
        _, err = process.communicate(timeout=60)
        why = f"{sent.name} after {moment:.3f} s"
        ends = {0, -sent, 130} if sent is signal.SIGINT else {0, -sent}
        self.counts["had ended"] += process.returncode == 0
        if process.returncode == 1 and "KeyboardInterrupt" in err and "lockfiles" not in err:
            self.counts["before our first line"] += 1  # what Python imports for itself has no words for it
        elif process.returncode not in ends:
            self.fault(f"{why}: exit code {process.returncode}: {err[-300:]}")
        if "Traceback" in err and "lockfiles" in err:
            self.fault(f"{why}: a traceback: {err[-300:]}")
        self.judge_lockfile(why)
        self.judge_next(why)

    def crowded(self) -> None:
        """Start eight processes at once on one cold cache."""
        self.reset(fresh=True)
        running = [
            self.project.start("-q", "-o", str(self.project.folder / f"out-{n}.yml")) for n in range(_CROWD)
        ]
        codes = []
        for process in running:
            process.communicate(timeout=180)
            codes.append(process.returncode)
        found = {(self.project.folder / f"out-{n}.yml").read_bytes() for n in range(_CROWD)}
        for n in range(_CROWD):
            (self.project.folder / f"out-{n}.yml").unlink()
        self.counts["processes"] += _CROWD
        if set(codes) != {0} or len(found) != 1:
            self.fault(f"a crowd: exit codes {codes}, {len(found)} different lockfiles")
        self.judge_next("a crowd")

    def without_room(self, size: int) -> None:
        """Let no file grow beyond a size."""
        self.reset(fresh=True)
        process = self.project.start("-q", limit=limit_files(size))
        _, err = process.communicate(timeout=120)
        if process.returncode not in (0, 6) or "Traceback" in err:
            self.fault(f"{size} bytes of room: exit code {process.returncode}: {err[-300:]}")
        self.judge_lockfile(f"{size} bytes of room")
        self.judge_next(f"{size} bytes of room")

    def cut_off(self, streams: str) -> None:
        """Close or break standard streams."""
        self.reset(fresh=False)
        line = f"{self.command} environment.yml {streams}"
        process = subprocess.run(
            ["sh", "-c", line], cwd=self.project.folder, env=self.environ,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        said = process.stderr + process.stdout
        if "Traceback" in said or "unexpected" in said or "Exception ignored" in said:
            self.fault(f"`{streams}`: {said[-300:]}")
        self.judge_lockfile(f"`{streams}`")
        self.judge_next(f"`{streams}`")

    def read_only_home(self) -> None:
        """Run with a home that may only be read."""
        self.reset(fresh=True)
        home = self.project.folder / "home"
        home.mkdir(exist_ok=True)
        home.chmod(0o555)
        variables = self.environ | {"HOME": str(home)}
        for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
            variables.pop(name)
        humble = _HUMBLE if os.geteuid() == 0 else ()
        if humble and not shutil.which(humble[0]):
            print("a home that may only be read: not run, root may write everywhere", flush=True)
            return
        process = subprocess.run(
            [*humble, sys.executable, "-m", "lockfiles.cli", "environment.yml"],
            cwd=self.project.folder, env=variables, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        if process.returncode or "Traceback" in process.stderr or list(home.iterdir()):
            self.fault(f"a read-only home: exit code {process.returncode}: {process.stderr[-300:]}")
        if self.project.lockfile.read_bytes() != self.wanted:
            self.fault("a read-only home: another lockfile")
        self.counts["new"] += 1
        home.rmdir()

    @property
    def command(self) -> str:
        """The command as shell text."""
        return f"'{sys.executable}' -m lockfiles.cli"

    @property
    def environ(self) -> dict[str, str]:
        """The variables of a run."""
        from tests.cli.process import environ

        return environ(self.project.folder, PYTHONDONTWRITEBYTECODE="1", **self.project.variables)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.crashes")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--signals", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    hear_interrupts()
    faults = 0
    with tempfile.TemporaryDirectory(prefix="lockstack-crashes-") as work, LoopbackServer() as server:
        write_sample(Writing(channel_form=ONE_FILE)).serve(server)
        folder = Path(work) / "project"
        folder.mkdir()
        bench = Bench(folder, server, random.Random(asked.seed))  # noqa: S311
        print(f"an undisturbed run: {bench.usual:.2f} s", flush=True)
        kinds: list[tuple[str, int, Callable[[], None]]] = [
            ("SIGKILL at a random moment", asked.kills, lambda: bench.signalled(signal.SIGKILL)),
            ("SIGTERM at a random moment", asked.signals, lambda: bench.signalled(signal.SIGTERM)),
            ("SIGINT at a random moment", asked.signals, lambda: bench.signalled(signal.SIGINT)),
            (f"{_CROWD} processes on one cold cache", asked.rounds, bench.crowded),
            *((f"files of at most {n} bytes", 1, lambda n=n: bench.without_room(n)) for n in _SIZES),
            *((f"streams: {text}", 1, lambda text=text: bench.cut_off(text)) for text in _STREAMS),
            ("a home that may only be read", 1, bench.read_only_home),
        ]
        for words, count, act in kinds:
            before, bench.counts = len(bench.faults), Counter()
            for _ in range(count):
                act()
            found = len(bench.faults) - before
            told = ", ".join(f"{name} {n}" for name, n in sorted(bench.counts.items()) if n)
            print(f"{count:5} x {words}: {found} wrong ({told})", flush=True)
            faults += found
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
