"""A source on loopback that fails, hangs or is slow at its n-th request, for every n, scenario and verb.

Every run ends, with exit code 0, 3 or 4 (5 for findings), one clear message and no traceback; a conflict
that is told is told whole, and its exit code is 4; no file is half-written; what asks no source never
notices. A sample runs always, everything (some 11,000 runs) where LOCKSTACK_ALL is set::

    LOCKSTACK_ALL=1 ./scripts/test tests/cli/test_source_faults.py

With LOCKSTACK_COUNTS=FILE each test adds how its runs ended to that file, one line of JSON.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lockfiles.this_machine import platform_here
from tests.cli.faulty_sources import (
    ACTS,
    OVER_A_LOCK,
    QUIET,
    SCENARIOS,
    SILENT,
    VERBS,
    Changes,
    Ended,
    Fault,
    FaultyWorld,
    Scenario,
    Verb,
    file_of,
)
from tests.support.amount import IS_WHOLE

COUNTS = os.environ.get("LOCKSTACK_COUNTS")
#: What asks no more than another verb does meets two scenarios, others the first five, these all.
EVERYWHERE, FEW = ("lock", "explain"), ("lock --record", "explain --json")
PAIRS = [
    (scenario, verb)
    for number, scenario in enumerate(SCENARIOS)
    for verb in VERBS
    if (number < 5 or verb.why in EVERYWHERE)
    and (number in (0, 2) or verb.why not in FEW)
    and (scenario.spare or "SPARE" not in verb.arguments)
]
#: Those that every run of the tests looks at: each verb in several scenarios.
SOME = [
    (scenario, verb)
    for scenario, verb in PAIRS
    if IS_WHOLE
    or verb.why in FEW
    or (SCENARIOS.index(scenario) + VERBS.index(verb)) % (2 if scenario in SCENARIOS[5:] else 4) == 0
]


def chosen(calls: int, salt: int) -> list[int]:
    """Return the requests at which a run meets a fault: in the sample two, others for each test."""
    if IS_WHOLE:
        return list(range(1, calls + 1))
    return sorted({1 + salt % calls, 1 + (salt * 7 + calls // 2) % calls})


def kinds_of(salt: int) -> Iterator[tuple[str, bool]]:
    """Yield kinds of faults, once and for good; one of them in the sample."""
    every = [(kind, for_good) for kind in ACTS for for_good in (False, True)]
    yield from every if IS_WHOLE else (every[(salt * 5 + 3) % len(every)],)


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[FaultyWorld]:
    made = FaultyWorld(tmp_path / "home", capsys)
    with made.server:
        yield made


@pytest.mark.timeout(1500 if IS_WHOLE else 300)
@pytest.mark.parametrize(("scenario", "verb"), SOME, ids=lambda value: value.why)
def test_every_run_ends_well(scenario: Scenario, verb: Verb, world: FaultyWorld) -> None:
    assert sweep(scenario, verb, world) == []


@pytest.mark.timeout(1500 if IS_WHOLE else 300)
@pytest.mark.parametrize("verb", OVER_A_LOCK, ids=lambda verb: verb.why)
def test_every_run_over_a_lock_ends_well(verb: Verb, world: FaultyWorld) -> None:
    assert sweep(SCENARIOS[0], verb, world) == []


def sweep(scenario: Scenario, verb: Verb, world: FaultyWorld) -> list[str]:
    """Return what is wrong with the runs of a verb that each meet another fault."""
    if "env" in verb.arguments and platform_here() != "linux-64":
        pytest.skip("the packages are linux-64's")
    world.prepare(scenario)
    arguments = arguments_of(verb, scenario)
    if verb.is_view and scenario.code == 4:
        scenario = scenario._replace(code=0, conflict=("no solution now; `lock explain",))
    clean, whole = world.run_and_undo(verb, arguments, None)
    assert clean.code == scenario.code, clean.err
    assert faults_of(clean, scenario, verb) == []
    found, codes = [], Counter[int]()
    every = [*VERBS, *OVER_A_LOCK]
    salt = len(scenario.why) * len(every) + every.index(verb)
    for kind, for_good in kinds_of(salt):
        for at in chosen(clean.requests, salt):
            fault = Fault(kind, at, for_good=for_good)
            done, changed = world.run_and_undo(verb, arguments, fault)
            codes[done.code] += 1
            wrong = [*faults_of(done, scenario, verb), *half_written(done, verb, changed, whole)]
            if not verb.is_view:
                wrong += untold(done, scenario, fault)
            found += [f"{kind} at {at}, for good: {for_good}: {why}" for why in wrong]
            if kind == "is slow" and done.code != scenario.code:
                found.append(f"slow at {at}: exit code {done.code}")
    if COUNTS:
        row = {"scenario": scenario.why, "verb": verb.why, "requests": clean.requests, "wrong": len(found)}
        with Path(COUNTS).open("a") as file:
            file.write(json.dumps({**row, "codes": dict(sorted(codes.items()))}) + "\n")
    return found


def arguments_of(verb: Verb, scenario: Scenario) -> tuple[str, ...]:
    words = {"FILE": file_of(scenario), "SPARE": scenario.spare}
    return tuple(words.get(word, word) for word in verb.arguments)


def faults_of(done: Ended, scenario: Scenario, verb: Verb | None = None) -> list[str]:
    """Return what is wrong with the way a run ended; of several environments each has its own end."""
    found = []
    if done.code not in {scenario.code, 3}:
        found.append(f"exit code {done.code}: {done.err}")
    if "Traceback" in done.err or "unexpected" in done.err:
        found.append(done.err)
    if done.code in {4, scenario.code} and not all(line in done.out + done.err for line in scenario.conflict):
        found.append(f"the conflict isn't told: {done.out}{done.err}")
    if done.code == 3 and "127.0.0.1" not in done.err:
        found.append(f"the source isn't named: {done.err}")
    alone = verb is None or "--each" not in verb.arguments
    if done.code == 3 and "no solution for" in done.out + done.err and alone:
        found.append(f"a conflict is told and lost: {done.out}{done.err}")
    return found


def half_written(done: Ended, verb: Verb, changed: Changes, whole: Changes) -> list[str]:
    """Return the files that are neither as before nor as a run without a fault leaves them."""
    if done.code == 0:
        wrong = {name for name in changed.keys() | whole.keys() if changed.get(name) != whole.get(name)}
    else:
        wrong = set(changed)
    wrong -= set(verb.leaves)
    return [f"exit code {done.code}, changed: {sorted(wrong)}"] if wrong else []


def untold(done: Ended, scenario: Scenario, fault: Fault) -> list[str]:
    """Return what is wrong where nothing failed that the conflict is known from, sooner or later."""
    if not scenario.conflict or any(path.startswith(scenario.rests_on) for path in fault.met):
        return []
    if done.code in {4, scenario.code} or (done.code == 3 and "no solution for" in done.out + done.err):
        return []  # of several environments the lowest code counts
    if fault.kind in SILENT and any(path in done.err for path in scenario.rests_on):
        return []  # patience is short here: on a busy machine a good answer may come too late
    return [f"the conflict is known, but not told; {fault.met} failed: {done.err}"]


@pytest.mark.parametrize("scenario", [s for s in SCENARIOS if s.conflict], ids=lambda scenario: scenario.why)
@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.why in ("lock", "explain")], ids=str)
def test_a_conflict_that_other_sources_tell_is_told_whatever_page_fails(
    scenario: Scenario, verb: Verb, world: FaultyWorld
) -> None:
    """All that the conflict isn't known from is refused, of the index and of other channels alike."""
    world.prepare(scenario)
    fault = Fault("refuses", 1, for_good=True, but=scenario.rests_on)
    done = world.run(arguments_of(verb, scenario), fault)
    assert done.code == 4, done.err
    assert faults_of(done, scenario) == []
    assert fault.met or "beside" not in scenario.why


@pytest.mark.parametrize("scenario", SCENARIOS[2:], ids=lambda scenario: scenario.why)
def test_what_is_known_is_told_once_no_source_answers(scenario: Scenario, world: FaultyWorld) -> None:
    """A server that goes away while changes are looked for takes nothing of the conflict with it."""
    world.prepare(scenario)
    clean = world.run(("explain", file_of(scenario)), None)
    # what `explain` asks last in these is for changes that help: the conflict was known long before
    for kind in ("refuses", *SILENT):
        done = world.run(("explain", file_of(scenario)), Fault(kind, clean.requests, for_good=True))
        assert done.code == 4, (kind, done.err)
        assert faults_of(done, scenario) == []


@pytest.mark.parametrize("verb", QUIET, ids=lambda verb: verb.why)
def test_what_asks_no_source_never_notices(verb: Verb, world: FaultyWorld) -> None:
    if "env" in verb.arguments and platform_here() != "linux-64":
        pytest.skip("the packages are linux-64's")
    world.prepare(SCENARIOS[0])
    done = world.run(arguments_of(verb, SCENARIOS[0]), Fault("says nothing", 1, for_good=True))
    assert (done.code, done.requests) == (0, 0), done.err


def test_a_server_that_falls_silent_keeps_no_run_waiting_for_every_question(world: FaultyWorld) -> None:
    """Where all is silent after the name was found to be nowhere, few questions more are waited for."""
    world.prepare(SCENARIOS[3])
    fault = Fault("says nothing", 4, for_good=True)
    done = world.run(("explain", file_of(SCENARIOS[3])), fault)
    assert done.code == 4
    assert fault.seen <= 16, fault.seen
