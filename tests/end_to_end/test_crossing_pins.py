"""Lines that go from conda to pip or back, over an earlier lockfile: versions stay, and it is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.end_to_end.said_world import PYTHON, World
from tests.support.channel import record
from tests.support.tables import table

VERSIONS = ("1.26", "2.1")
FLAGS = ("--index-url", "own")


class Asked(NamedTuple):
    """Conda lines and pip lines of a file."""

    conda: tuple[str, ...] = ("python",)
    pip: tuple[str, ...] = ()


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    made = World(tmp_path, capsys)
    made.channel(
        *PYTHON,
        *(record(name, v, depends=["python"]) for v in VERSIONS for name in ("numpy", "pytorch")),
        record("pandas", "1.0", depends=["python", "numpy"]),
        record("modern", "1.0", depends=["python", "numpy >=2"]),
        record("shapely", "3.0", depends=["python"]),
        record("zstd", "1.26"),
    )
    projects = {name: {"1.26": [], "2.1": [], "3.0": []} for name in ("numpy", "zstd")}
    made.index(
        "own",
        {
            **projects,
            "torch": {"1.26": [], "1.26.1": [], "3.0": []},
            "pandas": {"1.0": ["numpy"], "2.0": ["numpy"]},
            "fresh": {"1.0": ["numpy>=2"]},
            "shapely": {"2.0": [], "2.1": []},
        },
    )
    return made


def pinned(said: str) -> dict[str, str]:
    """Return name -> version and manager of each package but what Python brings."""
    (platform,) = json.loads(said)["platforms"]
    return {
        p["name"]: f"{p['version']} {p['manager']}"
        for p in platform["packages"]
        if p["name"] not in ("python", "pip")
    }


IN_PIP = Asked(pip=("numpy<2",))
IN_CONDA = Asked(conda=("python", "numpy=1"))


@table(
    "before, now, packages, told",
    [
        ("a pip line becomes a conda line", IN_PIP, Asked(conda=("python", "numpy")),
         {"numpy": "1.26 conda"}, ["from conda now, from an index before: `numpy` 1.26"]),
        ("the same beside other pip lines", Asked(pip=("numpy<2", "torch<2")),
         Asked(conda=("python", "numpy"), pip=("torch",)),
         {"numpy": "1.26 conda", "torch": "1.26.1 pip"},
         ["from conda now, from an index before: `numpy` 1.26"]),
        ("the pip line stays beside it", IN_PIP, Asked(conda=("python", "numpy"), pip=("numpy",)),
         {"numpy": "1.26 conda"}, ["from conda now, from an index before: `numpy` 1.26"]),
        ("conda calls it otherwise", Asked(pip=("torch==1.26",)), Asked(conda=("python", "pytorch")),
         {"pytorch": "1.26 conda"}, ["from conda now, from an index before: `pytorch` 1.26"]),
        ("a conda line becomes a pip line", IN_CONDA, Asked(pip=("numpy",)),
         {"numpy": "1.26 pip"}, ["from an index now, from conda before: `numpy` 1.26"]),
        ("pip calls it otherwise", Asked(conda=("python", "pytorch=1")), Asked(pip=("torch",)),
         {"torch": "1.26 pip"}, ["from an index now, from conda before: `torch` 1.26"]),
        ("what nobody asks for crosses with what needs it", Asked(conda=("python", "pandas", "numpy=1")),
         Asked(pip=("pandas",)), {"numpy": "1.26 pip", "pandas": "1.0 pip"},
         ["from an index now, from conda before: `numpy` 1.26, `pandas` 1.0"]),
        ("and back", Asked(pip=("pandas==1.0", "numpy<2")), Asked(conda=("python", "pandas")),
         {"numpy": "1.26 conda", "pandas": "1.0 conda"},
         ["from conda now, from an index before: `numpy` 1.26, `pandas` 1.0"]),
        ("another line is against the version", IN_PIP, Asked(conda=("python", "numpy", "modern")),
         {"modern": "1.0 conda", "numpy": "2.1 conda"},
         ["from conda now, from an index before: `numpy` 2.1 (in place of 1.26, which doesn't fit)"]),
        ("a release is against it", IN_CONDA, Asked(pip=("numpy", "fresh")),
         {"fresh": "1.0 pip", "numpy": "3.0 pip"},
         ["from an index now, from conda before: `numpy` 3.0 (in place of 1.26, which doesn't fit)"]),
        ("conda lacks the version", Asked(pip=("shapely<2.1",)), Asked(conda=("python", "shapely")),
         {"shapely": "3.0 conda"},
         ["from conda now, from an index before: `shapely` 3.0 (in place of 2.0, which isn't there)"]),
        ("the index lacks the version", Asked(conda=("python", "shapely")), Asked(pip=("shapely",)),
         {"shapely": "2.1 pip"},
         ["from an index now, from conda before: `shapely` 2.1 (in place of 3.0, which isn't there)"]),
        ("a C library of a project's name is no project", Asked(pip=("zstd<2",)),
         Asked(conda=("python", "zstd")), {"zstd": "1.26 conda"}, []),
        ("nothing crosses", IN_PIP, Asked(pip=("numpy",)), {"numpy": "1.26 pip"}, []),
    ],
)  # fmt: skip
def test_lines_that_change_sides(
    world: World, before: Asked, now: Asked, packages: dict[str, str], told: list[str]
) -> None:
    assert world.lock(world.environment(*before.conda, pip=before.pip), *FLAGS).code == 0
    said = world.lock(world.environment(*now.conda, pip=now.pip), *FLAGS)
    assert said.code == 0, said.err
    assert pinned(said.out) == packages
    assert said.of("other-ecosystem") == told
    again = world.lock("environment.yml", *FLAGS)
    assert (pinned(again.out), again.of("other-ecosystem")) == (packages, [])


@table(
    "before, now, update, packages",
    [
        ("to conda", IN_PIP, Asked(conda=("python", "numpy")), "numpy", {"numpy": "2.1 conda"}),
        ("to pip", IN_CONDA, Asked(pip=("numpy",)), "numpy", {"numpy": "3.0 pip"}),
        ("by its new name", Asked(conda=("python", "pytorch=1")), Asked(pip=("torch",)), "torch",
         {"torch": "3.0 pip"}),
        ("by its earlier name", Asked(conda=("python", "pytorch=1")), Asked(pip=("torch",)), "pytorch",
         {"torch": "3.0 pip"}),
    ],
)  # fmt: skip
def test_an_update_lets_the_version_go(
    world: World, before: Asked, now: Asked, update: str, packages: dict[str, str]
) -> None:
    assert world.lock(world.environment(*before.conda, pip=before.pip), *FLAGS).code == 0
    said = world.lock(world.environment(*now.conda, pip=now.pip), *FLAGS, "--update", update)
    assert said.code == 0, said.err
    assert (pinned(said.out), said.of("other-ecosystem")) == (packages, [])
