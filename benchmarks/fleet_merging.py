"""Fewest images: small fleets against every partition, and real files before and after.

::

    python -m benchmarks.fleet_merging small [--count 500] [--first 0]
    python -m benchmarks.fleet_merging whole [--count 100] [--first 0]
    python -m benchmarks.fleet_merging files FOLDER --channel-alias CHANNELS --cache-dir DIR
        [--conda-only] [--made-index] [-p PLATFORM] [--keep patch|minor|pins] [--every N] [--seconds LIMIT]
        [--write DIR] [--json FILE]
    python -m benchmarks.fleet_merging problems PROBLEMS CHANNELS [--every N] [--seconds LIMIT] [--json FILE]
        [--search-only]

``small``: so many random fleets of two kinds in turn, up to five environments each, in memory: the oracle,
the partition, and each class solved alone; exit code 1 if a count of images isn't that of brute force, isn't
proven, or a class doesn't hold. ``whole``: the same from files behind a server to lockfiles (both:
`tests/fleet/merging`).

``files``: environment files of a folder, with the lockfiles beside them where there are any; with
``--conda-only`` those without a pip section, with ``--made-index`` pip's lines are answered by
`benchmarks.made_index`. ``problems``: conda requests as environment files, over
channels in a folder; with ``--search-only`` a line for each group of ten or more: the search for the fewest
images, without solving members and merges.
Images before and after, the lower bound, questions to the solver, seconds; every merged environment is solved
and checked on the way.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.made_index import make_index
from lockfiles.fleet.merging.groups import make_groups
from lockfiles.fleet.merging.joint import JointOracle, joint_requirements
from lockfiles.fleet.merging.keep import Keep
from lockfiles.fleet.merging.members import FleetMember
from lockfiles.fleet.merging.merging import Merged, MergeRequest, merge, write_merged
from lockfiles.fleet.merging.partition import find_partition
from lockfiles.fleet.merging.verdicts import MergeLimits
from lockfiles.locking import LockRequest
from lockfiles.session import open_session
from lockfiles.solving import resolve_options
from lockfiles.surroundings import Surroundings
from resolver.errors import InputError
from resolver.pipeline import Reporter, Resolver
from tests.support.server import LoopbackServer


def small(arguments: argparse.Namespace) -> int:
    """Judge random fleets in memory; print what they came to."""
    from tests.fleet.merging.in_memory import judge
    from tests.oracles.fleets import CLASHING, PLAIN

    started, counts, seed = time.process_time(), Counter[str](), arguments.first
    while counts["fleets"] < arguments.count:
        judged = judge(seed // 2, (PLAIN, CLASHING)[seed % 2])
        seed += 1
        if judged is None:
            continue
        _count(counts, judged.alone, judged.fewest, judged.faults)
        counts["images"] += len(judged.partition.classes)
        counts["proven"] += judged.partition.is_optimal
        counts["questions"] += judged.questions
        counts["classes that didn't lock"] += judged.barred
    print(f"{dict(counts)}; {time.process_time() - started:.1f} s of CPU time")
    return 1 if counts["with a fault"] else 0


def whole(arguments: argparse.Namespace) -> int:
    """Judge whole merges of random fleets; print what they came to."""
    from tests.fleet.merging.test_against_brute_force import judge
    from tests.oracles.fleets import CLASHING, PLAIN

    started, counts, seed = time.process_time(), Counter[str](), arguments.first
    with LoopbackServer() as server:
        while counts["fleets"] < arguments.count:
            judged = judge(seed // 2, (PLAIN, CLASHING)[seed % 2], server)
            seed += 1
            if judged is None or judged.alone < 2:
                continue
            _count(counts, judged.alone, judged.fewest, judged.faults)
            counts["images"] += judged.merged.images
            counts["proven"] += judged.merged.images == judged.merged.lower
            counts["refused"] += sum(len(group.refused) for group in judged.merged.groups)
    print(f"{dict(counts)}; {time.process_time() - started:.1f} s of CPU time")
    return 1 if counts["with a fault"] else 0


def _count(counts: Counter[str], alone: int, fewest: int, faults: Sequence[str]) -> None:
    for fault in faults:
        print(fault, flush=True)
    counts["fleets"] += 1
    counts["environments"] += alone
    counts["fewest"] += fewest
    counts["with two images or more"] += fewest > 1
    counts["with a fault"] += bool(faults)


def files(arguments: argparse.Namespace) -> int:
    """Merge the environment files of a folder."""
    found = sorted(p for p in arguments.folder.rglob("*") if p.suffix in (".yml", ".yaml"))
    names = [p for p in found if not p.name.endswith("conda-lock.yml")][:: arguments.every]
    if arguments.conda_only:
        names = [p for p in names if b"pip:" not in p.read_bytes()]
    settings: dict[str, object] = {
        "channel_alias": str(arguments.channel_alias.resolve()),
        "default_channels": [f"{arguments.channel_alias.resolve()}/pkgs/{name}" for name in ("main", "r")],
        "platforms": arguments.platform,
        **({"cache_dir": str(arguments.cache_dir)} if arguments.cache_dir else {}),
    }
    environ = dict(os.environ)
    around = Surroundings(cwd=Path.cwd(), environ=environ, python_prefix=Path(sys.prefix))
    with LoopbackServer() as server:
        if arguments.made_index:
            settings["index_url"] = make_index(names, server)
        requests = [LockRequest(files=(str(p),), settings=settings, surroundings=around) for p in names]
        return run(requests, arguments)


def problems(arguments: argparse.Namespace) -> int:
    """Merge conda requests, as environment files."""
    from benchmarks.prepare import read_problems

    with tempfile.TemporaryDirectory() as folder:
        requests = []
        for number, problem in enumerate(read_problems(arguments.problems)[:: arguments.every]):
            path = Path(folder) / f"{number:04}" / "environment.yml"
            path.parent.mkdir()
            channels = "".join(f"  - {json.dumps(name)}\n" for name in problem.channels)
            lines = "".join(f"  - {json.dumps(spec)}\n" for spec in problem.specs)
            path.write_text(f"channels:\n{channels}dependencies:\n{lines}")
            settings: dict[str, object] = {
                "channel_alias": str(arguments.channels.resolve()),
                "platforms": problem.platform,
                "channel_priority": problem.channel_priority,
                "virtual_packages": [f"{name}={version}" for name, version in problem.virtual_packages],
                "cache_dir": f"{folder}/cache",
            }
            around = Surroundings(cwd=Path(folder))
            requests.append(LockRequest(files=(str(path),), settings=settings, surroundings=around))
        return search(requests, arguments) if arguments.search_only else run(requests, arguments)


def search(requests: Sequence[LockRequest], arguments: argparse.Namespace) -> int:
    """Print what the search for the fewest images comes to in each larger group."""
    members = []
    for one in requests:
        with suppress(InputError):  # a problem whose virtual packages aren't its platform's
            session = open_session(one)
            members.append(
                FleetMember(
                    name=one.files[0], request=one, session=session, resolutions=(), has_lockfile=False
                )
            )
    for group in make_groups(members, None, "merged")[0]:
        if len(group.members) < 10:
            continue
        started, until = time.process_time(), time.monotonic() + arguments.seconds
        limits = MergeLimits(is_late=lambda until=until: time.monotonic() > until)
        options = resolve_options(group.members[0].session, preferred={})
        with Resolver(joint_requirements(group), options, Reporter()) as resolver:
            found = find_partition(group.items, JointOracle(group, resolver), limits=limits)
        target = group.members[0].session.targets[0]
        print(
            f"{target.subdir} {','.join(c.name for c in group.members[0].session.channels)}: "
            f"{len(group.items) - len(found.failing)} environments, {len(group.needs)} lines, "
            f"{len(found.failing)} without a solution; {len(found.classes)} images, at least {found.lower} "
            f"(clique {len(found.clique)}, {len(found.cores)} conflicts, ended {found.ended}); "
            f"{found.questions} questions, {time.process_time() - started:.1f} s",
            flush=True,
        )
    return 0


def run(requests: Sequence[LockRequest], arguments: argparse.Namespace) -> int:
    """Merge, print the figures, and write them down."""
    started, cpu = time.monotonic(), time.process_time()
    until = started + arguments.seconds
    limits = MergeLimits(is_late=lambda: time.monotonic() > until)
    folder = str(arguments.write) if arguments.write else None
    request = MergeRequest(
        environments=tuple(requests),
        keep=arguments.keep and Keep(arguments.keep),
        folder=folder,
        limits=limits,
    )

    def still(what: str) -> None:
        print(f"{time.monotonic() - started:7.1f} s  {what}", file=sys.stderr, flush=True)

    merged = merge(request, still=still)
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        write_merged(merged, folder)
    figures = {
        "files": len(requests),
        "failed": len(merged.failed),
        "groups": len(merged.groups),
        "apart": len(merged.apart),
        "environments": merged.environments,
        "images": merged.images,
        "lower": merged.lower,
        "proven groups": sum(group.is_optimal for group in merged.groups),
        "failing": sum(len(group.failing) for group in merged.groups),
        "refused": sum(len(group.refused) for group in merged.groups),
        "questions": sum(group.questions for group in merged.groups),
        "solves": sum(group.solves for group in merged.groups),
        "ended": dict(Counter(str(group.ended) for group in merged.groups)),
        "moves": sum(len(one.changes) for offer in merged.offers for one in offer.moves),
        "findings": sum(len(offer.findings) for offer in merged.offers),
        "bytes saved": sum(offer.sizes.saved for offer in merged.offers),
        "sizes unknown": sum(offer.sizes.unknown for offer in merged.offers),
        "seconds": round(time.monotonic() - started, 1),
        "cpu": round(time.process_time() - cpu, 1),
    }
    for name, value in figures.items():
        print(f"{name:15} {value}")
    if arguments.json:
        rows = list(details(merged))
        arguments.json.write_text(json.dumps({"figures": figures, "groups": rows}, indent=1))
    return 0


def details(merged: Merged) -> Iterator[dict[str, Any]]:
    """Yield what became of each group, and of those outside."""
    for group in merged.groups:
        yield {
            "members": group.members,
            "channels": group.channels,
            "shared": [offer.members for offer in group.offers],
            "findings": [
                [offer.members[0], one.rule, one.message] for offer in group.offers for one in offer.findings
            ],
            "alone": group.alone,
            "failing": group.failing,
            "refused": [[one.members, one.reason] for one in group.refused],
            "images": group.images,
            "lower": group.lower,
            "clash": group.clash,
            "conflicts": group.conflicts,
            "questions": group.questions,
            "solves": group.solves,
            "ended": group.ended,
        }
    yield {"apart": [[one.name, one.reason] for one in merged.apart]}
    yield {"failed": [[one.name, one.reason] for one in merged.failed]}


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parts = parser.add_subparsers(required=True)
    part = parts.add_parser("small")
    part.add_argument("--count", type=int, default=500)
    part.add_argument("--first", type=int, default=0)
    part.set_defaults(run=small)
    part = parts.add_parser("whole")
    part.add_argument("--count", type=int, default=100)
    part.add_argument("--first", type=int, default=0)
    part.set_defaults(run=whole)
    part = parts.add_parser("files")
    part.add_argument("folder", type=Path)
    part.add_argument("--channel-alias", type=Path, required=True)
    part.add_argument("--cache-dir", type=Path)
    part.add_argument("--conda-only", action="store_true")
    part.add_argument("--made-index", action="store_true")
    part.add_argument("-p", "--platform", default="linux-64")
    _add_common(part)
    part.set_defaults(run=files)
    part = parts.add_parser("problems")
    part.add_argument("problems", type=Path)
    part.add_argument("channels", type=Path)
    part.add_argument("--search-only", action="store_true")
    _add_common(part)
    part.set_defaults(run=problems)
    arguments = parser.parse_args()
    return int(arguments.run(arguments))


def _add_common(part: argparse.ArgumentParser) -> None:
    part.add_argument("--keep", choices=[one.value for one in Keep])
    part.add_argument("--every", type=int, default=1)
    part.add_argument("--seconds", type=float, default=1e9)
    part.add_argument("--write", type=Path)
    part.add_argument("--json", type=Path)


if __name__ == "__main__":
    sys.exit(main())
