"""The whole command on a channel of 600,000 records beside the same command on the small sample channel.

::

    python -m benchmarks.scale [--records 600000] [--pairs 5] [--keep FOLDER] [--bar]

Locks ``examples/fraud-train/environment.yml`` (its pip part from the embedded index) with the synthetic
channels of ``benchmarks.make_channel`` as channel alias: sharded and as one ``repodata.json.zst``, from
files and over loopback http, each beside the sample channel read in the same way. The answer is the
same on all of them, which is checked. First each form's first run with an empty cache (the one-file
form is indexed then), then fresh processes in turn on a warm cache. ``--keep``: make the channels
there, once. ``--bar``: exit code 1 where a warm run takes more than 1.3 times what the sample takes,
or any run needs over 300 MiB.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.make_channel import make_channels
from benchmarks.side_by_side import HEAD, ROOT, Run, check, clean_environ, compare, in_turn, ratio, row, run
from scripts.make_sample import ensure_sample

EXAMPLES = ROOT / "examples"
LONGEST = 1.3  #: times the sample's time
LARGEST = 300  #: MiB


class _Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback; yields its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def lock(alias: str, cache: Path, output: Path) -> Run:
    """Run the command on the example with one channel alias."""
    done = run(
        [sys.executable, "-m", "lockfiles.cli", EXAMPLES / "fraud-train" / "environment.yml", "-o", output,
         "--channel-alias", alias, "--cache-dir", cache, "--update-all"],
        clean_environ(),
    )  # fmt: skip
    return check(alias, done)


def pins(lockfile: Path) -> list[str]:
    """Return the name and digest of what a lockfile holds: addresses differ between the channels."""
    return re.findall(r"name: \S+|version: \S+|sha256: \S+", lockfile.read_text(encoding="utf-8"))


def first_runs(places: dict[str, str], folder: Path) -> dict[str, Run]:
    """Return each place's first run, its cache empty."""
    found = {}
    for name, alias in places.items():
        shutil.rmtree(folder / name / "cache", ignore_errors=True)
        (folder / name).mkdir(exist_ok=True)
        found[name] = lock(alias, folder / name / "cache", folder / name / "conda-lock.yml")
    return found


def measure(places: dict[str, str], folder: Path, pairs: int) -> bool:
    """Print first and warm runs of all places; True where both bars hold."""
    first = first_runs(places, folder)
    expected = pins(folder / "sample, file" / "conda-lock.yml")
    for name in places:
        if pins(folder / name / "conda-lock.yml") != expected:
            raise SystemExit(f"{name}: another solution than the sample's")
    sides = {
        name: partial(lock, alias, folder / name / "cache", folder / name / "conda-lock.yml")
        for name, alias in places.items()
    }
    warm = in_turn(sides, pairs)
    print(HEAD)
    for name, done in first.items():
        print(row(f"{name}: first run", [done]))
    for name, runs in warm.items():
        print(row(f"{name}: warm", runs))
    large = {name: f"sample, {name.split(', ')[1]}" for name in places if not name.startswith("sample")}
    for name, small in large.items():
        print(compare(f"{name} / {small}, warm", warm[name], warm[small]))
    peak = max(done.memory for name in large for done in (first[name], *warm[name]))
    print(f"peak memory {peak:.0f} MiB (first runs included)")
    return peak < LARGEST and all(ratio(warm[name], warm[small]) <= LONGEST for name, small in large.items())


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--records", type=int, default=600_000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--bar", action="store_true")
    arguments = parser.parse_args()
    ensure_sample()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        channels = arguments.keep or folder / "channels"
        if not channels.is_dir():
            make_channels(channels, arguments.records, ["sharded", "whole"])
        address = stack.enter_context(serving(channels))
        sample = EXAMPLES / "sample" / "conda"
        places = {
            "sample, file": str(sample),
            "sample, http": stack.enter_context(serving(sample)),
            "sharded, file": str(channels / "sharded"),
            "sharded, http": f"{address}/sharded",
            "one file, file": str(channels / "whole"),
            "one file, http": f"{address}/whole",
        }
        holds = measure(places, folder, arguments.pairs)
    print("every bar holds" if holds else "a bar is missed")
    sys.exit(1 if arguments.bar and not holds else 0)


if __name__ == "__main__":
    main()
