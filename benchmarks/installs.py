"""Installs of the sample: aborts, kills at many moments, archives with one changed byte.

::

    python -m benchmarks.installs soak --count 200          a new environment each time, and its comparison
    python -m benchmarks.installs kill --count 100          kill -9 at moments spread over an install
    python -m benchmarks.installs changed --count 50        one byte of one archive changed, on disk and http

Everything happens below a temporary folder; each prints one line of counts, and leaves with 1 where one
isn't as it should be. The sample's Python needs a Python 3.11 on PATH.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import yaml

from tests.cli.process import SAMPLE, environ, lock, make_project
from tests.support.server import LoopbackServer

EXAMPLES = ("fraud-train", "gpu-train")
INSTALLERS = ("uv", "wheels", "pip")


def make_locked(folder: Path, example: str) -> Path:
    """Lock an example in a folder of its own; return the folder."""
    make_project(folder, example)
    done = lock("environment.yml", "-q", folder=folder)
    if done.code:
        raise SystemExit(done.err)
    return folder


def start(folder: Path, prefix: Path, *more: str) -> subprocess.Popen[str]:
    """Start an install of the folder's lockfile, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "lockfiles.cli", "install", "-p", str(prefix), "--json", *more],
        cwd=folder,
        env=environ(folder, LOCKSTACK_SAMPLE_PYTHON=sys.executable),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def digest_of(prefix: Path) -> str | None:
    """Return one digest of all files and links of an environment; None where it isn't there.

    Left out: what the sample's launcher writes when it is first run, and times in records.
    """
    if not prefix.is_dir():
        return None
    digest = hashlib.sha256()
    for path in sorted(prefix.rglob("*")):
        name = path.relative_to(prefix).as_posix()
        if name in ("pyvenv.cfg", "conda-meta/history") or path.is_dir():
            continue
        content = path.readlink().as_posix().encode() if path.is_symlink() else path.read_bytes()
        digest.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()


def is_clean(folder: Path, prefix: Path) -> bool:
    """Tell whether an environment is what the lockfile says, by the check of another verb."""
    done = lock("check", "--prefix", prefix, "--against", "conda-lock.yml", "--json", folder=folder)
    return '"deviations": []' in done.out and '"rule": "prefix/' not in done.out


def soak(work: Path, count: int) -> bool:
    """Install ``count`` times, the examples and routes in turn."""
    folders = {example: make_locked(work / example, example) for example in EXAMPLES}
    ends: Counter[str] = Counter()
    clean = 0
    for number in range(count):
        example = EXAMPLES[number % 2]
        installer = INSTALLERS[number // 2 % 2] if number % 20 else "pip"  # pip is slow
        prefix = work / "env"
        process = start(folders[example], prefix, "--installer", installer)
        out, err = process.communicate()
        ends[f"{installer} {process.returncode}"] += 1
        if process.returncode:
            print(err, file=sys.stderr)
        else:
            clean += json.loads(out)["findings"] == [] and (
                number % 10 != 0 or is_clean(folders[example], prefix)
            )
        shutil.rmtree(prefix, ignore_errors=True)
    print(f"installs {count}: {dict(ends)}, compared clean {clean}")
    return clean == count


def kill(work: Path, count: int, seed: int) -> bool:
    """Kill ``count`` installs at work over another environment; old or new must stand each time."""
    old, new = (make_locked(work / example, example) for example in EXAMPLES)
    prefix, results = work / "env", Counter[str]()
    reference: dict[str, str | None] = {}
    span = 0.0
    for name, folder in (("new", new), ("old", old)):
        shutil.rmtree(prefix, ignore_errors=True)
        start(old, prefix).communicate()
        begun = time.monotonic()
        start(folder, prefix).communicate()
        span = max(span, time.monotonic() - begun)
        reference[name] = digest_of(prefix)
    choose = random.Random(seed)  # noqa: S311
    while results["killed"] < count:
        if digest_of(prefix) != reference["old"]:
            start(old, prefix).communicate()
        begun, moment = time.monotonic(), span * choose.random()
        process = start(new, prefix)
        try:
            process.wait(moment)
            span = 0.9 * span + 0.1 * (time.monotonic() - begun)  # it was faster than thought: not counted
            continue
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        results["killed"] += 1
        found = digest_of(prefix)
        named = [name for name, digest in reference.items() if digest == found]
        results[named[0] if named else "neither"] += 1
        process = start(new, prefix)  # the next start cleans up, and goes on
        _, err = process.communicate()
        is_whole = process.returncode == 0 and digest_of(prefix) == reference["new"]
        left = [child.name for child in work.iterdir() if child.name.endswith(".lockstack")]
        results["went on"] += is_whole and not left
        if not is_whole or left:
            print(moment, process.returncode, left, err, file=sys.stderr)
    print(f"killed while at work, over {span:.1f} s: {dict(results)}")
    return results["neither"] == 0 and results["went on"] == count


def changed(work: Path, count: int, seed: int) -> bool:
    """Change one byte of one archive, ``count`` times on disk and as often over http; none may get in."""
    folder, choose = make_locked(work / "project", EXAMPLES[0]), random.Random(seed)  # noqa: S311
    text = (folder / "conda-lock.yml").read_text()
    urls = [entry["url"] for entry in yaml.safe_load(text)["package"]]
    refused: Counter[str] = Counter()
    with LoopbackServer(root=SAMPLE) as server:
        for number in range(2 * count):
            original = Path(choose.choice(urls).removeprefix("file://"))
            data = bytearray(original.read_bytes())
            data[choose.randrange(len(data))] ^= 1 << choose.randrange(8)
            shutil.rmtree(folder / "cache", ignore_errors=True)
            if number % 2:
                relative = original.relative_to(SAMPLE).as_posix()
                server.files = {relative: bytes(data)}
                made = text.replace(f"file://{SAMPLE}", server.url.rstrip("/"))
            else:
                (work / original.name).write_bytes(data)
                made = text.replace(f"file://{original}", f"file://{work / original.name}")
            (folder / "conda-lock.yml").write_text(made)
            process = start(folder, work / "env")
            process.communicate()
            is_refused = process.returncode == 3 and not (work / "env").exists()
            refused["http" if number % 2 else "file"] += is_refused
    print(f"one byte changed, refused: {refused['file']} of {count} on disk, {refused['http']} over http")
    return refused == {"file": count, "http": count}


def main() -> int:
    """Read the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("what", choices=("soak", "kill", "changed"))
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lockstack-installs-") as name:
        work = Path(os.path.realpath(name))
        if arguments.what == "soak":
            return 0 if soak(work, arguments.count) else 1
        run = kill if arguments.what == "kill" else changed
        return 0 if run(work, arguments.count, arguments.seed) else 1


if __name__ == "__main__":
    sys.exit(main())
