"""Requested packages that are not the newest: one line each, with who holds them back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.said_world import PYTHON, World
from tests.support.channel import record

ONLY_311 = ["python >=3.11,<3.12.0a0"]
CONDA = (
    *PYTHON,
    record("numpy", "1.26", depends=["python"]),
    record("numpy", "2.1", depends=["python"]),
    record("flow", "1.0", depends=["numpy >=2"]),
    record("model", "1.0", depends=["python"]),
    record("model", "2.0", depends=["numpy <2"]),
    record("caller", "1.0", depends=["model <2"]),
    record("built", "1.0", "py311_0", depends=ONLY_311),
    record("built", "2.0", "py312_0", depends=["python >=3.12,<3.13.0a0"]),
    record("deep", "1.0"),
    record("deep", "2.0", depends=["middle >=2"]),
    record("middle", "1.0"),
    record("middle", "2.0", depends=["numpy <2"]),
    record("base", "1.0", depends=["middle"]),
)


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    made = World(tmp_path, capsys)
    made.channel(*CONDA)
    made.index(
        "own",
        {
            "app": {"1.0": [], "2.0": ["lib<2"]},
            "lib": {"1.0": [], "2.0": [], "3.0rc1": []},
            "user": {"1.0": ["lib>=2"]},
            "kit": {"1.0": [], "2.0": ["fresh", "lib<2"]},
            "fresh": {"1.0": []},
            "limit": {"1.0": ["lib<2"]},
            "numpy": {"1.26": [], "2.1": [], "3.0": []},
        },
    )
    return made


HELD = [
    # why, conda lines, pip lines, the lines that are said
    ("another one is against it", ("caller", "model"), (),
     ["`model` 1.0 (newest 2.0): caller 1.0 needs model <2"]),
    ("what it needs, and who is against that", ("flow", "model"), (),
     ["`model` 1.0 (newest 2.0): 2.0 needs numpy <2, but flow 1.0 needs numpy >=2"]),
    ("what it needs, and a line", ("model", "numpy=2.1"), (),
     [("`model` 1.0 (newest 2.0): 2.0 needs numpy <2, "
       "but `numpy=2.1` (environment.yml:4:3) asks for another")]),
    ("over a package that nobody asked for", ("flow", "deep", "base"), (),
     [("`deep` 1.0 (newest 2.0): 2.0 needs middle >=2; "
       "middle 2.0 needs numpy <2, but flow 1.0 needs numpy >=2")]),
    ("no build for the Python", ("python", "built"), (),
     ["`built` 1.0 (newest 2.0): 2.0 has no build for Python 3.11"]),
    ("a pip line, by another's need", ("python",), ("lib", "limit"),
     ["`lib` 1.0 (newest 2.0): limit 1.0 needs lib<2"]),
    ("a pip line, by its own need", ("python",), ("user", "app"),
     ["`app` 1.0 (newest 2.0): 2.0 needs lib<2, but user 1.0 needs lib>=2"]),
    ("what could come in is no reason", ("python",), ("user", "kit"),
     ["`kit` 1.0 (newest 2.0): 2.0 needs lib<2, but user 1.0 needs lib>=2"]),
]  # fmt: skip


@pytest.mark.parametrize(("conda", "pip", "told"), [c[1:] for c in HELD], ids=[c[0] for c in HELD])
def test_what_holds_a_package_back(
    world: World, conda: tuple[str, ...], pip: tuple[str, ...], told: list[str]
) -> None:
    said = world.lock(world.environment(*conda, pip=pip), "--index-url", "own", "--dry-run")
    assert said.code == 0, said.err
    assert said.of("held-back") == told
    assert [line for line in said.err.splitlines() if "newest" in line] == [f"note: {text}" for text in told]


SILENT = [
    ("all are the newest", ("flow", "numpy"), ()),
    ("its own line says so", ("model<2", "numpy"), ()),
    ("nobody asked for it", ("caller",), ()),
    ("a newer pre-release", ("python",), ("lib",)),
    ("conda's, where no line asks for the newer one of the index", ("flow", "numpy"), ()),
]


@pytest.mark.parametrize(("conda", "pip"), [c[1:] for c in SILENT], ids=[c[0] for c in SILENT])
def test_what_is_not_held_back_is_not_named(
    world: World, conda: tuple[str, ...], pip: tuple[str, ...]
) -> None:
    said = world.lock(world.environment(*conda, pip=pip), "--index-url", "own", "--dry-run")
    assert (said.code, said.of("held-back")) == (0, []), said.err


def test_a_pip_line_met_by_conda_is_held_back_by_that(world: World) -> None:
    said = world.lock(world.environment("flow", pip=("numpy",)), "--index-url", "own", "--dry-run")
    assert said.of("held-back") == ["`numpy` 2.1 (newest 3.0): conda's numpy 2.1 is there"]


def test_a_pin_that_stays_is_not_named(world: World) -> None:
    """What an earlier lockfile holds is not news; `--update` says what its package could not reach."""
    name = world.environment("caller", "model")
    assert world.lock(name).code == 0
    world.channel(*(r for r in CONDA if r["name"] != "caller"), record("caller", "1.0"))
    assert world.lock(name, "--dry-run").of("held-back") == []


#: why, the channel before, what it has besides then, lines, what updating ``model`` brings, what moves for it
FREED = [
    ("a pin", [record("one", constrains=["model <2"])], [record("one", "2.0")], ("one",), "2.0", ["one"]),
    ("two pins", [record("one", constrains=["model <2"]), record("two", constrains=["model <2"])],
     [record("one", "2.0"), record("two", "2.0")], ("one", "two"), "2.0", ["one", "two"]),
    ("as new as can be", [record("one", constrains=["model <1.5"])],
     [record("one", "2.0", constrains=["model <2"])], ("one",), "1.5", ["one"]),
    ("an older one lets it", [record("one", "2.0", constrains=["model <2"])], [record("one")],
     ("one",), "2.0", ["one"]),
    ("the others are against it too", [record("one", constrains=["model <1.5"])],
     [record("one", "2.0", constrains=["model <1.5"])], ("one",), None, []),
    ("a line holds the pin", [record("one", constrains=["model <1.5"])],
     [record("one", "2.0")], ("one=1",), None, []),
    ("what nobody asks for, deep below",
     [record("one", depends=["deep"]), record("deep", depends=["low <2"]),
      record("low", constrains=["model <2"])],
     [record("low", "2.0"), record("deep", "2.0", depends=["low"])], ("one",), "2.0", ["deep", "low"]),
    ("python",
     [record("python", "3.11.9"), record("python", "3.12.1"), record("one", depends=["python <3.12"])],
     [record("one", "2.0"), record("model", "3.0", depends=["python >=3.12"])], ("one",), "3.0",
     ["one", "python"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "more", "lines", "reached", "moves"), [c[1:] for c in FREED], ids=[c[0] for c in FREED]
)
def test_what_pins_hold_back_is_freed_by_its_update(
    world: World,
    before: list[dict[str, Any]],
    more: list[dict[str, Any]],
    lines: tuple[str, ...],
    reached: str | None,
    moves: list[str],
) -> None:
    models = [record("model", v) for v in ("1.0", "1.5", "2.0")]
    world.channel(*models, *before)
    assert world.lock(world.environment(*lines)).code == 0
    world.channel(*models, *before, *more)
    name = world.environment(*lines, "model")
    (notice,) = [n for n in world.lock(name).notices if n["code"] == "held-back"]
    assert (notice["update_reaches"], notice["update_moves"]) == (reached, moves)
    told = f"; `--update model` takes it to {reached} and moves {', '.join(f'`{m}`' for m in moves)}"
    assert notice["text"].endswith(told) is (reached is not None), notice["text"]
    before_update = locked(world)
    assert world.lock(name, "--update", "model").code == 0
    after = locked(world)
    assert after["model"].split("-")[1] == (reached or notice["version"])
    changed = {n for n in before_update.keys() & after.keys() if before_update[n] != after[n]}
    assert changed - {"model"} == set(moves)


def locked(world: World) -> dict[str, str]:
    """Return the file of each package in the lockfile."""
    text = (world.folder / "conda-lock.yml").read_text()
    files = [line.rsplit("/", 1)[1] for line in text.splitlines() if line.endswith(".conda")]
    return {file.rsplit("-", 2)[0]: file for file in files}


def test_a_pin_that_moved_up_is_not_held_back(world: World) -> None:
    releases = {"1.0": [], "2.0": []}
    old = {"1.0": ["lib<2"], "2.0": ["lib"]}
    world.index("more", {"lib": releases, "old": old, "new": {"1.0": ["lib>=2"]}})
    flags = ("--index-url", "more")
    assert world.lock(world.environment("python", pip=["old==1.0"]), *flags).code == 0
    said = world.lock(world.environment("python", pip=["old", "new"]), *flags)
    assert (said.code, said.of("held-back")) == (0, []), said.err


def test_what_was_not_tried_is_said_so(world: World) -> None:
    """Each trial is a lock of its own, so there are four of them."""
    names = [f"model{n}" for n in range(5)]
    fence = record("fence", constrains=[f"{name} <2" for name in names])
    models = [record(name, version) for name in names for version in ("1.0", "2.0")]
    world.channel(*models, fence)
    assert world.lock(world.environment("fence")).code == 0
    world.channel(*models, fence, record("fence", "2.0"))
    told = world.lock(world.environment("fence", *names)).of("held-back")
    endings = [text.rsplit("; ", 1)[1] for text in told]
    tried = [f"`--update {name}` takes it to 2.0 and moves `fence`" for name in names]
    assert endings == [*tried[:4], "`--update model4` may free it"]


def test_the_facts_are_in_json(world: World) -> None:
    said = world.lock(world.environment("caller", "model"), "--dry-run")
    (notice,) = said.notices
    assert (notice["package"], notice["version"], notice["newest"]) == ("model", "1.0", "2.0")
    assert notice["reason"] == "caller 1.0 needs model <2"
    assert (notice["target"], notice["severity"]) == ("linux-64", "note")
