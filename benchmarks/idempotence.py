"""Idempotence, and what moves between the manifests of one project.

::

    python -m benchmarks.idempotence PROBLEMS CHANNELS --cache DIR [--count 400] [--projects 20]
                                     [--platform linux-64] [--json FILE] [--journal FILE]

PROBLEMS are manifests with their lockfiles, CHANNELS the channels they name. Of ``--count`` problems, drawn
evenly, each is locked, locked again over that lockfile, and its freshness is asked: the bytes have to
be the same, and nothing may be found. Then, for each project, consecutive manifests of one environment
are locked over each other's lockfiles. Told are packages in both that moved, and those that came or went:
ours, those of locks from scratch, and those of the project's own lockfiles, whose channels moved on in
the meantime. The exit code is 5 where a lock isn't repeated. With ``--journal`` each problem's verdict is
written there at once, and what stands there isn't asked again: a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.prepare import BASELINES
from lockfiles.comparing import DiffRequest, diff
from lockfiles.files import write_text
from lockfiles.freshness import check_fresh
from lockfiles.locking import LockRequest, lock
from lockfiles.surroundings import Surroundings
from resolver.errors import LockstackError, NoSolutionError
from resolver.inputs.virtual_packages import parse_virtual_package

Row = Mapping[str, Any]

LOCKED, UNSOLVABLE = "locked", "no solution"


def read_rows(path: Path) -> list[Row]:
    """Return the problems as they stand in the file."""
    import io

    import zstandard

    with path.open("rb") as raw:
        stream: Any = zstandard.ZstdDecompressor().stream_reader(raw) if path.suffix == ".zst" else raw
        with io.TextIOWrapper(stream, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]


class Locks:
    """Locks problems in folders of their own."""

    def __init__(self, channels: Path, cache: Path, folder: Path) -> None:
        self._channels, self._cache, self._folder = channels, cache, folder

    def request(self, row: Row, place: str, *, update_all: bool = False) -> tuple[LockRequest, Path]:
        """Write a problem's environment file into a folder; return the request and the lockfile's path."""
        folder = self._folder / place
        folder.mkdir(parents=True, exist_ok=True)
        manifest = folder / "environment.yml"
        content = {"channels": list(row["channels"]), "dependencies": list(row["specs"])}
        manifest.write_text(yaml.safe_dump(content, sort_keys=False))
        lockfile = folder / "conda-lock.yml"
        settings = {
            "platforms": (row["platform"],),
            "channel_alias": str(self._channels),
            "channel_priority": row["channel_priority"],
            "virtual_packages": _virtual(row),
            "mirrors": _mirrors(row, self._channels),
            "cache_dir": str(self._cache),
            "output": str(lockfile),
        }
        request = LockRequest(
            files=(str(manifest),), settings=settings, update_all=update_all, surroundings=Surroundings()
        )
        return request, lockfile

    def lock(self, row: Row, place: str, *, update_all: bool = False) -> Path:
        """Lock over what stands in the folder, and write it there."""
        request, lockfile = self.request(row, place, update_all=update_all)
        write_text(lockfile, lock(request).text)
        return lockfile

    def is_fresh(self, row: Row, place: str) -> bool:
        """Tell whether ``--check`` finds nothing."""
        return not check_fresh(self.request(row, place)[0]).faults


def _virtual(row: Row) -> tuple[str, ...]:
    """Return a problem's virtual packages as a setting; none but these."""
    baseline = BASELINES.get(row["platform"], "0")
    given = row["virtual_packages"].items()
    texts = (
        f"{name}={version}={baseline if name == '__archspec' else '0'}" for name, version in sorted(given)
    )
    return tuple(text for text in texts if parse_virtual_package(text).applies_to(row["platform"]))


def _mirrors(row: Row, channels: Path) -> dict[str, list[str]]:
    """Return the folder of channels in place of each server that a spec names."""
    addresses = (spec.partition("::")[0] for spec in row["specs"] if "://" in spec.partition("::")[0])
    return {address.rpartition("/")[0]: [str(channels)] for address in addresses}


def check_repeats(locks: Locks, rows: Iterable[Row], journal: Path | None) -> Counter[str]:
    """Return how often each verdict was given: ``locked``, ``no solution``, else what is wrong with which."""
    known = read_journal(journal)
    verdicts: Counter[str] = Counter()
    for number, row in enumerate(rows):
        verdict = known.get(row["id"])
        if verdict is None:
            verdict = check_repeat(locks, row, f"repeat-{number}")
            if journal is not None:
                with journal.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps([row["id"], verdict]) + "\n")
        verdicts[verdict] += 1
    return verdicts


def read_journal(journal: Path | None) -> dict[str, str]:
    """Return problem -> verdict of what an earlier run wrote down."""
    if journal is None or not journal.exists():
        return {}
    return dict(json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines())


def check_repeat(locks: Locks, row: Row, place: str) -> str:
    """Lock a problem, lock it again over that, and ask whether it is fresh; return the verdict."""
    try:
        first = locks.lock(row, place).read_bytes()
        again = locks.lock(row, place).read_bytes()
        if first != again:
            return f"{row['id']}: other bytes"
        return LOCKED if locks.is_fresh(row, place) else f"{row['id']}: not fresh"
    except NoSolutionError:
        return UNSOLVABLE
    except LockstackError as error:
        return f"{row['id']}: {error}"


def histories(rows: Sequence[Row], platform: str) -> dict[str, list[Row]]:
    """Return project -> the manifests of the environment that has most of them, oldest first."""
    found: dict[tuple[str, str], dict[int, Row]] = defaultdict(dict)
    for row in rows:
        if row["platform"] == platform and row["solution"]:
            found[row["repo"], row["environment"]].setdefault(row["date"], row)
    best: dict[str, list[Row]] = {}
    for (repo, _), dates in sorted(found.items()):
        if len(dates) > max(1, len(best.get(repo, ()))):
            best[repo] = [dates[date] for date in sorted(dates)]
    return best


def changes(old: Path, new: Path) -> tuple[int, int]:
    """Return how many packages moved, and how many came or went."""
    found = diff(DiffRequest(old=str(old), new=str(new))).changes
    moved = sum(one.old is not None and one.new is not None for one in found)
    return moved, len(found) - moved


def own_changes(old: Row, new: Row) -> tuple[int, int]:
    """Return the same of the project's own lockfiles: files by package name."""
    before, after = (
        {one.rsplit("/", 1)[-1].rsplit("-", 2)[0]: one for one in row["solution"]} for row in (old, new)
    )
    moved = sum(before[name] != after[name] for name in before.keys() & after.keys())
    return moved, len(before.keys() ^ after.keys())


def follow(locks: Locks, project: str, rows: Sequence[Row]) -> Iterator[tuple[int, ...]]:
    """Yield moved, and came or went, of ours, from scratch and the project's own, for each two manifests."""
    before: tuple[Row, Path, bytes] | None = None
    for number, row in enumerate(rows):
        place = f"{project.replace('/', '+')}-{number}"
        try:
            scratch = locks.lock(row, f"{place}-scratch")
            if before is not None:
                request, lockfile = locks.request(row, place)
                lockfile.write_bytes(before[2])
                write_text(lockfile, lock(request).text)
                yield (
                    *changes(before[1], lockfile),
                    *changes(before[1], scratch),
                    *own_changes(before[0], row),
                )
            else:
                lockfile = scratch
        except LockstackError:
            before = None
            continue
        before = row, lockfile, lockfile.read_bytes()


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("problems", type=Path)
    parser.add_argument("channels", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--projects", type=int, default=20)
    parser.add_argument("--platform", default="linux-64")
    parser.add_argument("--json", type=Path, help="write the table there")
    parser.add_argument("--journal", type=Path, help="write each verdict there; go on from those that it has")
    arguments = parser.parse_args()
    rows = read_rows(arguments.problems)
    table = []
    with tempfile.TemporaryDirectory() as name:
        locks = Locks(arguments.channels.resolve(), arguments.cache, Path(name))
        step = max(1, len(rows) // max(1, arguments.count))
        drawn = rows[::step][: arguments.count]
        verdicts = check_repeats(locks, drawn, arguments.journal)
        locked, unsolvable = verdicts.pop(LOCKED, 0), verdicts.pop(UNSOLVABLE, 0)
        wrong = list(verdicts)
        print(f"{len(drawn)} problems: {locked} locked, {unsolvable} without a solution, {len(wrong)} faults")
        for line in wrong[:20]:
            print(f"    {line}")
        print(
            "| project | pairs | ours | from scratch | its own lockfiles |\n|---|---|---|---|---|", flush=True
        )
        for project, history in sorted(histories(rows, arguments.platform).items()):
            if len(table) == arguments.projects:
                break
            pairs = list(follow(locks, project, history))
            if pairs:
                sums = [sum(pair[column] for pair in pairs) for column in range(6)]
                table.append([project, len(pairs), *sums])
                print(f"| {' | '.join(map(str, table[-1]))} |", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps({"faults": wrong, "table": table}, indent=2), encoding="utf-8")
    return 5 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
