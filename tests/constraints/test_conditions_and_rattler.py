"""Random small channels of revision 3 beside py-rattler: the same verdicts, and solutions that hold.

Limits (``constrains``) have no conditions here: py-rattler doesn't honour them (0.28).
"""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from resolver.constraints.conda_side import CondaSide
from resolver.constraints.universe import JointUniverse
from resolver.metadata.repodata import RepodataReader
from resolver.model.channels import Channel
from resolver.model.origin import Origin
from resolver.model.records import CondaRecord
from resolver.model.requirements import CondaRequirement
from resolver.model.target import Target, VirtualPackage
from resolver.solving.search import Search
from tests.support.amount import IS_FEW, IS_WHOLE
from tests.support.channel import as_file, file_name, record, repodata

#: Channels that are drawn.
COUNT = 400 if IS_WHOLE else 60 if IS_FEW else 240
NAMES = ("a", "b", "c", "d", "e")
FLAGS = ("cuda", "cpu", "blas:mkl", "blas:open")


class Subdir:
    """Records of one subdir, as the sources give them."""

    channel, subdir = Channel(name="x", base_url="https://x.example"), "linux-64"

    def __init__(self, records: list[CondaRecord]) -> None:
        self._records = records

    def records(self, name: str) -> list[CondaRecord]:
        found = [one for one in self._records if one.name == name and one.fault is None]
        return sorted(found, key=lambda one: (-float(one.version), one.file_name))

    def find(self, name: str, file_name: str) -> None:
        pass

    def faulty(self, name: str) -> list[CondaRecord]:
        return [one for one in self._records if one.name == name and one.fault is not None]

    def names(self) -> set[str]:
        return {one.name for one in self._records}

    def prefetch(self, names: Any) -> None:
        pass

    def url_of(self, found: CondaRecord) -> str:
        return found.file_name


def atom(chance: random.Random, *, quote: str = "'") -> str:
    name = chance.choice((*NAMES, "__unix", "__win"))
    if name.startswith("__") or chance.random() < 0.4:
        return name
    return f"{name}[version={quote}{chance.choice(('>=2', '<2', '==1'))}{quote}]"


def condition(chance: random.Random) -> str:
    parts = [atom(chance) for _ in range(chance.choice((1, 1, 2, 3)))]
    if len(parts) == 3:
        return f"({parts[0]} or {parts[1]}) and {parts[2]}"
    return f" {chance.choice(('and', 'or'))} ".join(parts)


def dependency(chance: random.Random, *, can_be_conditional: bool = True) -> str:
    fields = []
    if chance.random() < 0.5:
        fields.append(f'version="{chance.choice((">=2", "<2", ">=1", "==3"))}"')
    if chance.random() < 0.25:
        fields.append(f"extras=[{chance.choice(('x', 'y', 'x,y'))}]")
    if chance.random() < 0.15:
        fields.append(f'flags=["{chance.choice((*FLAGS, "blas:*"))}"]')
    if can_be_conditional and chance.random() < 0.5:
        fields.append(f'when="{condition(chance)}"')
    name = chance.choice(NAMES)
    return f"{name}[{','.join(fields)}]" if fields else name


def records(chance: random.Random) -> Iterator[dict[str, Any]]:
    for name in NAMES:
        for version in ("1", "2", "3"):
            if chance.random() < 0.25:
                continue
            depends = [dependency(chance) for _ in range(chance.choice((0, 1, 1, 2)))]
            more: dict[str, Any] = {}
            if chance.random() < 0.4:
                more["extra_depends"] = {
                    group: [dependency(chance) for _ in range(chance.choice((1, 2)))] for group in ("x", "y")
                }
            if chance.random() < 0.3:
                more["flags"] = chance.sample(FLAGS, 2)
            if chance.random() < 0.2:
                more["constrains"] = [f'{chance.choice(NAMES)}[version="<3"]']
            yield record(name, version, depends=depends, **more)


#: A child of its own: py-rattler's threads don't end well with an interpreter that goes on.
_CHILD = """
import asyncio, json, os, sys
import rattler

async def solve(folder, specs):
    try:
        found = await rattler.solve(
            [rattler.Channel(folder)],
            [rattler.MatchSpec(spec) for spec in specs],
            platforms=["linux-64"],
            virtual_packages=[
                rattler.GenericVirtualPackage(
                    rattler.PackageName("__unix"), rattler.Version("0"), rattler.BuildString("0")
                )
            ],
        )
    except Exception as error:
        return str(error)
    return {one.name.normalized: str(one.version) for one in found}

for line in sys.stdin:
    folder, specs = json.loads(line)
    print(json.dumps(asyncio.run(solve(folder, specs))), flush=True)
os._exit(0)
"""


def rattlers(questions: list[tuple[str, list[str]]]) -> list[dict[str, str] | str]:
    """What py-rattler takes for each (folder, specs); the message where it finds no solution."""
    lines = "".join(json.dumps(one) + "\n" for one in questions)
    done = subprocess.run(
        [sys.executable, "-c", _CHILD], input=lines, capture_output=True, text=True, check=True, timeout=300
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def ours(document: bytes, specs: list[str]) -> dict[str, str] | None:
    """What our engine takes, of what is needed."""
    target = Target(subdir="linux-64", virtual_packages=(VirtualPackage(name="__unix"),))
    subdir = Subdir(list(RepodataReader(io.BytesIO(document))))
    lines = [CondaRequirement.parse(spec, Origin(file="f")) for spec in specs]
    universe = JointUniverse(CondaSide([subdir], target), [one for one in lines if one.applies_to(target)])
    selected = Search(universe).solve().selected
    if selected is None:
        return None
    found = (universe.registry.conda(number).domain.records[place] for number, place in selected.items())
    return {one.name: one.version for one in found if not one.name.startswith("__")}


def test_the_same_verdicts_and_solutions_that_hold(tmp_path: Path) -> None:
    asked: list[tuple[str, list[str]]] = []
    answers = []
    for seed in range(COUNT):
        chance = random.Random(seed)  # noqa: S311  (a sample, not a secret)
        made = {file_name(one, ""): one for one in records(chance)}
        document = as_file(repodata(v3={"conda": made}), "repodata.json")
        (tmp_path / str(seed) / "linux-64").mkdir(parents=True)
        (tmp_path / str(seed) / "linux-64" / "repodata.json").write_bytes(document)
        specs = [dependency(chance, can_be_conditional=False) for _ in range(2)]
        asked.append((str(tmp_path / str(seed)), specs))
        answers.append(ours(document, specs))
    for (_, specs), found, theirs in zip(asked, answers, rattlers(asked), strict=True):
        assert (found is None) == isinstance(theirs, str), (specs, found, theirs)
    solved = [(folder, specs, found) for (folder, specs), found in zip(asked, answers, strict=True) if found]
    pinned = [
        (folder, [*specs, *(f"{name}=={version}" for name, version in found.items())])
        for folder, specs, found in solved
    ]
    for (_, specs, found), theirs in zip(solved, rattlers(pinned), strict=True):
        assert theirs == found, specs  # what we took is a solution, and needs nothing else
    if not COUNT / 8 < len(solved) < COUNT * 7 / 8:
        pytest.fail(f"{len(solved)} of {COUNT} have a solution: too few of one kind to tell anything")
