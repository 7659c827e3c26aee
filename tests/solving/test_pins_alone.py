"""A relock that begins with the earlier pins alone gives what a search of the whole gives, word for word."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Sequence

import pytest

from lockfiles.update import preferred_pins
from resolver.constraints.universe import JointUniverse
from resolver.errors import NoSolutionError
from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.model.resolution import Resolution
from resolver.solving.engines import WheelsDifferError, solve_with
from resolver.solving.pins_alone import SolvedByPins, solve_by_pins
from resolver.solving.reporter import SearchReporter
from tests.oracles.universe_draft import Options
from tests.oracles.universe_generator import make_universe
from tests.oracles.universes import Universe
from tests.solving.data_universe import ORIGIN, joint_universe, lines_of
from tests.solving.test_against_brute_force import MARKED, SHARED

COUNT = int(os.environ.get("LOCKSTACK_UNIVERSES", "50"))
BLOCK = 50
#: Edits of one universe.
EDITS = 4

Line = CondaRequirement | PypiRequirement


def answer(universe: JointUniverse, known: SolvedByPins | None = None) -> Resolution | None:
    """Return the answer with all that is said of it; None: there is none."""
    try:
        solved = solve_with(
            "lockstack",
            universe,
            reporter=SearchReporter(),
            with_hash=lambda file: file,
            index_of=lambda *_: None,
            explain=lambda _: NoSolutionError("nothing fits"),
            known=known,
        )
    except NoSolutionError:
        return None
    return solved.resolution


def edited(lines: Sequence[Line], locked: Resolution, rng: random.Random) -> list[Line]:
    """Return the lines with one gone, or one more: on what is there or isn't, that holds or doesn't."""
    conda = {pin.record.name: pin.record.version for pin in locked.conda}
    pypi = {str(pin.name): pin.version for pin in locked.pypi}
    kind = rng.randrange(5)
    if kind == 0 and len(lines) > 1:
        gone = rng.randrange(len(lines))
        return [*lines[:gone], *lines[gone + 1 :]]
    is_pip = bool(pypi) and any(isinstance(line, PypiRequirement) for line in lines) and rng.random() < 0.5
    names = ("red", "green", "blue") if is_pip else ("alpha", "beta", "gamma", "delta")
    versions = pypi if is_pip else conda
    name = rng.choice(sorted(versions) if versions and kind > 1 else names)
    mark = ("", "", ">=", "<", "==")[kind]
    text = f"{name}{mark}{versions[name]}" if mark and name in versions else name
    if is_pip:
        return [*lines, PypiRequirement.parse(text, ORIGIN)]
    return [*lines, CondaRequirement.parse(text.replace(mark, f" {mark}", 1) if mark else text, ORIGIN)]


def text_of(line: Line) -> str:
    """Return what a line says."""
    return line.spec if isinstance(line, CondaRequirement) else line.text


def brief(found: Resolution | None) -> list[str]:
    """Return the files of an answer."""
    if found is None:
        return ["none"]
    return [
        *(pin.record.file_name for pin in found.conda),
        *(f"{pin.name}=={pin.version}" for pin in found.pypi),
    ]


def judge(data: Universe, counts: Counter[str]) -> list[str]:
    """Return what is wrong for some edits of a universe; count how their answers came about."""
    lines, rng = lines_of(data), random.Random(data.seed)  # noqa: S311  (a sample, not a secret)
    try:
        locked = answer(joint_universe(data))
    except WheelsDifferError:
        return []
    if locked is None:
        return []
    pins, found = dict(preferred_pins([locked])[data.subdir]), list[str]()
    for _ in range(EDITS):
        asked = edited(lines, locked, rng)
        by_pins = solve_by_pins(
            joint_universe(data, asked=asked, pins=pins, only_pins=True), SearchReporter()
        )
        if by_pins is None:
            counts["whole"] += 1
            continue
        counts["pins"] += 1
        counts["new"] += any(not by_pins.universe.holds(p, c) for p, c in by_pins.best.selected.items())
        whole = answer(joint_universe(data, asked=asked, pins=pins))
        alone = answer(by_pins.universe, by_pins)
        if alone != whole:
            told = [(brief(one), one and one.notices) for one in (alone, whole)]
            found.append(f"{data.seed}: {list(map(text_of, asked))} over {pins}: {told}")
    return found


@pytest.mark.parametrize("options", [None, SHARED, MARKED], ids=["any", "shared", "marked"])
@pytest.mark.parametrize("start", range(0, COUNT, BLOCK))
def test_the_same_answers(start: int, options: Options | None) -> None:
    counts = Counter[str]()
    found = [
        fault for seed in range(start, start + BLOCK) for fault in judge(make_universe(seed, options), counts)
    ]
    assert not found, "\n".join(found[:5])
    assert counts["pins"] > BLOCK // 4, counts
    assert counts["whole"] > BLOCK // 4, counts


@pytest.mark.parametrize(
    ("seed", "options"),
    [(576, None), (799, None), (1772, None), (1795, None), (300, SHARED), (413, SHARED), (457, MARKED)],
)
def test_where_the_pins_alone_would_give_another_answer(seed: int, options: Options | None) -> None:
    """A better level stands elsewhere, a conda package was passed over: the whole universe is searched."""
    assert judge(make_universe(seed, options), Counter()) == []
