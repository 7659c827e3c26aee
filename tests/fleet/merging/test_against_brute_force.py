"""Small random fleets against every partition there is: in memory, and whole, from files to lockfiles.

LOCKSTACK_FLEETS: so many seeds of each kind in memory. ``python -m benchmarks.fleet_merging small`` (or
``whole``) counts them.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lockfiles.fleet.merging.merging import Merged, MergeRequest, merge
from lockfiles.locking import LockRequest
from lockfiles.surroundings import Surroundings
from tests.end_to_end.written import Writing, write_universe
from tests.fleet.merging import in_memory
from tests.oracles.fleets import CLASHING, PLAIN, Fleet, fewest, make_fleet
from tests.oracles.universe_draft import Options
from tests.oracles.universes import Kind
from tests.support.amount import IS_WHOLE
from tests.support.server import LoopbackServer

COUNT = int(os.environ.get("LOCKSTACK_FLEETS", "30"))
BLOCK = 30
#: Seeds of whole merges, two a test: each takes some hundred times as long.
WHOLE = 4 if IS_WHOLE else 2


@pytest.fixture(scope="module")
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as made:
        yield made


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One fleet: how many environments hold, the fewest images, what was found, what is wrong with it."""

    alone: int
    fewest: int
    merged: Merged
    faults: list[str]


def merged_fleet(fleet: Fleet, server: LoopbackServer, folder: Path) -> Merged:
    """Merge a fleet that a server serves; its files stand in a folder."""
    files = []
    for n, root in enumerate(fleet.roots):
        written = write_universe(replace(fleet.universe, root=root), server.url, Writing())
        written.serve(server)
        server.files["simple/"] = b"<!DOCTYPE html><html><body></body></html>"
        (folder / f"e{n}").mkdir()
        for name, text in written.inputs.items():
            (folder / f"e{n}" / name).write_text(text)
        named = "environment.yml" if "environment.yml" in written.inputs else "requirements.txt"
        files.append(str(folder / f"e{n}" / named))
    names = folder / "names.json"
    names.write_text(json.dumps({"map": list(_names(fleet))}))
    python = fleet.universe.packages.get("python")
    fixed = python is not None and python.kind is Kind.FIXED
    settings = {
        "channel_alias": f"{server.url}/conda",
        "index_url": f"{server.url}/simple",
        "name_map": str(names),
        "virtual_packages": [f"{key}={version}" for key, version in fleet.universe.virtual_packages.items()],
        **({"python": python.candidates[0].version} if python and fixed else {}),
    }
    around = Surroundings(cwd=folder, cache_folder=lambda: folder / "cache")
    requests = [LockRequest(files=(file,), settings=settings, surroundings=around) for file in files]
    return merge(MergeRequest(environments=tuple(requests)))


def _names(fleet: Fleet) -> Iterator[dict[str, str]]:
    """Yield rows by which a project's carriers are looked at; what they ship is told by their purls."""
    for key, package in fleet.universe.packages.items():
        projects = {project for one in package.candidates for project, _ in one.provides}
        for project in sorted(projects - {key}):
            yield {"conda": key, "pypi": project, "when": f"{key} <0"}


def judge(seed: int, options: Options, server: LoopbackServer, count: int = 5) -> Judged | None:
    """Return a fleet judged; None for one with fewer than two environments."""
    fleet = make_fleet(seed, options, count)
    if len(fleet.roots) < 2:
        return None
    alone, best = fewest(fleet)
    with tempfile.TemporaryDirectory() as folder:
        merged = merged_fleet(fleet, server, Path(folder))
    held = {f"e{n}" for n in alone}
    found = {Path(name).parent.name for group in merged.groups for name in group.members}
    found -= {Path(name).parent.name for group in merged.groups for name in group.failing}
    faults = [] if found == held else [f"{sorted(found)} hold, truth {sorted(held)}"]
    faults += [f"{one.name} apart: {one.reason}" for one in merged.apart]
    if merged.images != best:
        faults.append(f"{merged.images} images, truth {best}")
    if merged.lower > best:
        faults.append(f"at least {merged.lower}, truth {best}")
    if merged.lower != merged.images:
        faults.append(f"{merged.images} images, not proven ({merged.lower})")
    for offer in merged.offers:
        places = [int(Path(name).parent.name[1:]) for name in offer.members]
        if not fleet.holds(places):
            faults.append(f"offers {places}, which don't hold")
    told = [f"{seed}: {fault}" for fault in faults]
    return Judged(alone=len(alone), fewest=best, merged=merged, faults=told)


@pytest.mark.parametrize("options", [PLAIN, CLASHING], ids=["plain", "clashing"])
@pytest.mark.parametrize("start", range(0, COUNT, BLOCK))
def test_fewest_images_of_all_partitions(start: int, options: Options) -> None:
    judged = [in_memory.judge(seed, options) for seed in range(start, min(start + BLOCK, COUNT))]
    assert [fault for one in judged if one is not None for fault in one.faults] == []
    assert any(one is not None and one.fewest > 1 for one in judged)


@pytest.mark.parametrize("options", [PLAIN, CLASHING], ids=["plain", "clashing"])
@pytest.mark.parametrize("start", range(0, WHOLE, 2))
def test_the_same_from_files_to_lockfiles(start: int, options: Options, server: LoopbackServer) -> None:
    judged = [judge(seed, options, server) for seed in range(start, start + 2)]
    assert [fault for one in judged if one is not None for fault in one.faults] == []
