"""What ``lock explain`` changes of a line with extras is judged with the extras, as the lock will be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.end_to_end.inside import run
from tests.end_to_end.said_world import World
from tests.support.packages import make_wheel

PINS = {"1.0": [], "2.0": [], "3.0": []}
FLAGS = ("-p", "linux-64", "--python", "3.12", "--index-url", "own", "--json")


def suite(*pins: tuple[str, str]) -> dict[str, list[str]]:
    return {version: [f"pin=={pin} ; extra == 'gpu'"] for version, pin in pins}


CASES = [
    # why, versions of the suite and what their extra pins, the line that is offered, what it gives
    ("the next version's extra clashes too", suite(("2.0", "2"), ("2.1", "2"), ("3.0", "3")),
     "suite[gpu]>=2.0,<3.1", "3.0"),
    ("a version below", suite(("1.0", "3"), ("1.9", "2"), ("2.0", "2")), "suite[gpu]>=1.0,<=2.0", "1.0"),
]  # fmt: skip


@pytest.mark.parametrize(("releases", "offered", "gives"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_the_nearest_version_is_one_whose_extra_fits(
    releases: dict[str, list[str]],
    offered: str,
    gives: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = World(tmp_path, capsys)
    index = {"suite": releases, "other": {"1.0": ["pin==3"]}, "pin": PINS}
    world.index("own", index, provides_extra="gpu")
    old = "suite-0.1-py3-none-any.whl"  # nothing clashes with it, as it has no such extra
    (tmp_path / "own" / "suite" / old).write_bytes(make_wheel("suite", "0.1"))
    name = world.write("requirements.txt", "suite[gpu]==2.0\nother==1.0\n")
    assert run("explain", name, *FLAGS, folder=tmp_path) == 4
    fixes = json.loads(capsys.readouterr().out)["targets"][0]["fixes"]
    assert [fix["edits"][0]["text"] for fix in fixes] == [offered]
    assert fixes[0]["gives"] == [{"name": "suite", "version": gives, "cpu_build": False}]
