"""This project's answer to the same problems, from the same records on disk.

The twin of ``benchmarks.rattler_side``: same modes, same keys. The timed stage opens
the channels (their index must be warm: the first run of each channel makes it) and
solves, with the proof of best; imports are done before, those that wait for their first use too::

    python -m benchmarks.lockstack_side one PROBLEMS CHANNELS ID --cache DIR
    python -m benchmarks.lockstack_side all PROBLEMS CHANNELS OUTPUT.jsonl --cache DIR
"""

from __future__ import annotations

import argparse
import gc
import json
import marshal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import rattler  # noqa: F401  (imports are not part of the stage)

from benchmarks.prepare import BASELINES, Problem, read_problems
from lockfiles.cli.compiled_patterns import Patterns
from resolver.constraints.conda_package import CondaPackage
from resolver.constraints.conda_side import CondaSide, own_channels
from resolver.constraints.universe import JointUniverse
from resolver.model import linear_regex, version_grammar  # noqa: F401  (loaded at first use otherwise)
from resolver.model.channels import Channel, ChannelPriority
from resolver.model.origin import Origin
from resolver.model.requirements import CondaRequirement
from resolver.model.target import Target, VirtualPackage
from resolver.solving.best import standings
from resolver.solving.engines import solve_best
from resolver.solving.search import Search
from resolver.sources.cache.folder import Cache
from resolver.sources.conda.opening import open_channels
from resolver.sources.http.fetching import Fetcher

PATTERNS = "patterns"  #: in the cache's folder, beside the entries


def target_of(problem: Problem) -> Target:
    """Return the problem's target."""
    baseline = BASELINES.get(problem.platform, "0")
    return Target(
        subdir=problem.platform,
        channel_priority=ChannelPriority(problem.channel_priority),
        virtual_packages=tuple(
            VirtualPackage(name=name, version=version, build=baseline if name == "__archspec" else "0")
            for name, version in problem.virtual_packages
        ),
    )


def universe_of(
    problem: Problem, channels: Path, cache: Path, pins: Mapping[str, str] | None = None
) -> JointUniverse:
    """Return the problem's packages, channels opened; ``pins``: an earlier lockfile's file names by name."""
    listed = [Channel(name=name, base_url=str(channels / name)) for name in problem.channels]
    fetcher = Fetcher()
    subdirs = open_channels(
        [c for c in listed if (channels / c.name).is_dir()],
        (problem.platform, "noarch"),
        fetcher,
        Cache(cache),
    )
    requirements = [
        CondaRequirement.parse(spec, Origin(file="specs", line=line))
        for line, spec in enumerate(problem.specs, 1)
    ]
    own = own_channels(requirements, listed)
    side = CondaSide(subdirs, target_of(problem), own_channels=own, preferred=pins)
    return JointUniverse(side, requirements)


def answer(problem: Problem, channels: Path, cache: Path) -> dict[str, Any]:
    """Return our answer to one problem; ``lag`` is the sum over what was requested."""
    result: dict[str, Any] = {"id": problem.id, "verdict": "none", "solution": [], "message": ""}
    gc.disable()
    started, worked = time.perf_counter(), time.process_time()
    universe = universe_of(problem, channels, cache)
    result["opening"] = round(time.process_time() - worked, 6)
    search = Search(universe)
    best = solve_best(search)
    selected = None if best is None else best.selected
    if selected is not None:
        result["verdict"] = "solution"
        result["solution"] = sorted(addresses(universe, selected))
    result["seconds"] = round(time.perf_counter() - started, 6)
    result["cpu"] = round(time.process_time() - worked, 6)
    result["conflicts"], result["decisions"] = search.effort.conflicts, search.effort.decisions
    if selected is not None:
        result["lag"] = sum(s.lag(selected[s.package]) for s in standings(search))
    gc.enable()
    return result


def addresses(universe: JointUniverse, selected: Any) -> list[str]:
    """Return a selection as ``channel/subdir/file``."""
    found = []
    for number, place in selected.items():
        package = universe.registry.package(number)
        if isinstance(package, CondaPackage):
            source = package.domain.sources[place]
            if not universe.conda.is_machine(source):
                found.append(
                    f"{source.channel.name}/{source.subdir}/{package.domain.records[place].file_name}"
                )
    return found


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("mode", choices=("one", "all"))
    parser.add_argument("problems", type=Path)
    parser.add_argument("channels", type=Path)
    parser.add_argument("what", help="the problem's id, or the file to write")
    parser.add_argument("--cache", type=Path, required=True)
    arguments = parser.parse_args()
    problems = read_problems(arguments.problems)
    if arguments.mode == "all":
        with Path(arguments.what).open("w", encoding="utf-8") as stream:
            stream.writelines(
                json.dumps(answer(problem, arguments.channels, arguments.cache), sort_keys=True) + "\n"
                for problem in problems
            )
        return
    found = next((problem for problem in problems if problem.id == arguments.what), None)
    if found is None:
        sys.exit(f"no problem `{arguments.what}` in {arguments.problems}")
    patterns = use_patterns(arguments.cache)
    print(json.dumps(answer(found, arguments.channels, arguments.cache), sort_keys=True))
    if patterns.missing:
        (arguments.cache / PATTERNS).write_bytes(marshal.dumps(patterns.together()))


def use_patterns(cache: Path) -> Patterns:
    """Have regular expressions as the command has them: compiled by an earlier run."""
    path = cache / PATTERNS
    patterns = Patterns(marshal.loads(path.read_bytes()) if path.is_file() else {})  # noqa: S302 - our own
    patterns.use()
    return patterns


if __name__ == "__main__":
    main()
