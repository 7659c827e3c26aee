"""The setting ``pip-from-conda``: what conda may do for pip lines, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.said_world import PYTHON, World
from tests.support.channel import record

CONDA = (
    *PYTHON,
    record("numpy", "2.0.0", depends=["python"]),
    record("scipy", "1.0.0", depends=["python", "numpy"]),
    record("mambalib", "1.0.0", depends=["python"]),
)


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    made = World(tmp_path, capsys)
    made.channel(*CONDA)
    made.index("own", {"numpy": {"2.0.0": []}, "user": {"1.0": ["numpy"]}})
    return made


def locked(world: World, mode: str, *conda: str, pip: tuple[str, ...]) -> tuple[int, str]:
    said = world.lock(
        world.environment(*conda, pip=pip), "--index-url", "own", "--pip-from-conda", mode, "--dry-run"
    )
    return said.code, said.out + said.err


CASES = [
    # why, mode, conda lines, pip lines, exit code, what the output holds
    ("present: conda's package meets the line", "if-present", ("scipy",), ("numpy",), 0,
     '"provided": {\n        "numpy"'),
    ("absent: none comes in", "if-present", ("python",), ("mambalib",), 4, "mambalib"),
    ("prefer: one comes in, and is named", "prefer", ("python",), ("mambalib",), 0,
     "note: pip lines met by conda packages (pip-from-conda prefer): `mambalib` by mambalib 1.0.0"),
    ("never: what is there anyway is a conflict", "never", ("scipy",), ("numpy",), 4,
     "pip-from-conda never: no conda package may stand for `numpy`"),
    ("never: what only an index's package needs may be met", "never", ("scipy",), ("user",), 0,
     '"package": "numpy"'),
    ("never: nothing of conda's in the way", "never", ("python",), ("numpy",), 0, '"provided": {}'),
    ("never: pip comes with python", "never", ("python",), ("pip",), 0, '"package": "pip"'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "conda", "pip", "code", "told"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_meets_a_pip_line(
    world: World, mode: str, conda: tuple[str, ...], pip: tuple[str, ...], code: int, told: str
) -> None:
    got, output = locked(world, mode, *conda, pip=pip)
    assert (got, told in output) == (code, True), output


def test_a_conflict_under_never_names_only_lines_that_clash(world: World) -> None:
    code, output = locked(world, "never", "scipy", "mambalib", pip=("numpy", "user"))
    assert code == 4
    assert "these 2 lines can't hold together" in output
    assert "  scipy" in output


def test_without_the_setting_prefer_says_nothing_of_lines_that_an_index_meets(world: World) -> None:
    code, output = locked(world, "prefer", "python", pip=("numpy",))
    assert (code, "met by conda" in output) == (0, False)


def test_an_answer_of_one_mode_is_not_remembered_for_another(world: World) -> None:
    cached = ("--cache-dir", "cache")
    name = world.environment("scipy", pip=("user",))
    for mode, code in (("if-present", 0), ("prefer", 0), ("never", 0), ("if-present", 0)):
        said = world.lock(name, "--index-url", "own", "--pip-from-conda", mode, "--dry-run", *cached)
        assert said.code == code, said.err
    said = world.lock(world.environment("scipy", pip=("numpy",)), "--index-url", "own", *cached, "--dry-run")
    assert said.code == 0
    again = world.lock(
        "environment.yml", "--index-url", "own", *cached, "--dry-run", "--pip-from-conda", "never"
    )
    assert again.code == 4
