"""Round trips over locks of real records: what comes back of each format, and whether a loss is said.

::

    python -m benchmarks.round_trips PROBLEMS CHANNELS [--count 200] [--seed 1]

Locks are those of :mod:`benchmarks.lock_corpus`. Each is written in every format that is read again,
and the features that the format holds (:mod:`lockfiles.formats.losses`) are compared; of those that it
doesn't hold each has to stand in the one line that is said. The exit code is 5 where something is lost, or
not said.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.lock_corpus import Corpus, SampleLock
from lockfiles.formats.export import ExportRequest
from lockfiles.formats.losses import FEATURES
from lockfiles.formats.names import FORMATS
from tests.formats.round_trip import READ_AGAIN, compare


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("problems", type=Path)
    parser.add_argument("channels", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    faults: Counter[tuple[str, str]] = Counter()
    kept: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        corpus = Corpus(arguments.problems, arguments.channels, Path(folder))
        locks = list(corpus.locks(arguments.count, arguments.seed))
        for name in READ_AGAIN:
            for lock in locks:
                found = _faults(name, lock)
                faults.update((name, fault) for fault in found)
                kept[name] += not found
    for name in READ_AGAIN:
        held = len((FORMATS[name].holds or "").split())
        print(f"{name}: {kept[name]} of {len(locks)} whole; holds {held} of {len(FEATURES)} features")
        for (format_name, fault), count in sorted(faults.items()):
            if format_name == name:
                print(f"    {count} x {fault}")
    return 5 if faults else 0


def _faults(name: str, lock: SampleLock) -> list[str]:
    return compare(name, ExportRequest(resolutions=lock.resolutions, metadata=lock.metadata))


if __name__ == "__main__":
    sys.exit(main())
