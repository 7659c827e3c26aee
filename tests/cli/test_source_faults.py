"""A source on loopback that fails, hangs or is slow at its n-th request, for every n, scenario and verb.

Every run ends, with exit code 0, 3 or 4 (5 for findings), one clear message and no traceback; a conflict
that is told is told whole, and its exit code is 4; what asks no source never notices. A sample runs always,
everything (some 5,000 runs) where LOCKSTACK_ALL is set::

    LOCKSTACK_ALL=1 ./scripts/test tests/cli/test_source_faults.py
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.faulty_sources import (
    ACTS,
    SCENARIOS,
    SILENT,
    VERBS,
    Ended,
    Fault,
    FaultyWorld,
    Scenario,
    Verb,
)

ALL = bool(os.environ.get("LOCKSTACK_ALL"))
ASKING = [verb for verb in VERBS if verb.asks]
#: Verbs that read a lockfile of an environment that locks.
QUIET = [verb for verb in VERBS if not verb.asks]


def chosen(calls: int, salt: int) -> list[int]:
    """Return the requests at which a run meets a fault: in the sample two, others for each test."""
    if ALL:
        return list(range(1, calls + 1))
    return sorted({1 + salt % calls, 1 + (salt * 7 + calls // 2) % calls})


def kinds_of(salt: int) -> Iterator[tuple[str, bool]]:
    """Yield kinds of faults, once and for good; two of them in the sample."""
    every = [(kind, for_good) for kind in ACTS for for_good in (False, True)]
    yield from every if ALL else (every[salt % len(every)], every[(salt * 5 + 3) % len(every)])


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[FaultyWorld]:
    made = FaultyWorld(tmp_path, capsys)
    with made.server:
        yield made


@pytest.mark.parametrize("verb", ASKING, ids=lambda verb: verb.why)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.why)
def test_every_run_ends_well(scenario: Scenario, verb: Verb, world: FaultyWorld) -> None:
    arguments = arguments_of(verb, world.prepare(scenario))
    clean = world.run(arguments, None)
    assert clean.code == scenario.code, clean.err
    assert faults_of(clean, scenario) == []
    found = []
    salt = SCENARIOS.index(scenario) * len(ASKING) + ASKING.index(verb)
    for kind, for_good in kinds_of(salt):
        for at in chosen(clean.requests, salt):
            fault = Fault(kind, at, for_good=for_good)
            done = world.run(arguments, fault)
            wrong = [*faults_of(done, scenario, verb), *untold(done, scenario, fault)]
            found += [f"{kind} at {at}, for good: {for_good}: {why}" for why in wrong]
            if kind == "is slow" and done.code != scenario.code:
                found.append(f"slow at {at}: exit code {done.code}")
    assert found == []


#: Verbs that ask sources about an environment that locks, whatever the scenario.
OVER_A_LOCK = [
    ("outdated", "good/conda-lock.yml"),
    ("graph", "good/environment.yml", "-o", "page.html"),
    ("remove", "pandas", "--file", "good/environment.yml", "--dry-run"),
]


@pytest.mark.parametrize("arguments", OVER_A_LOCK, ids=lambda arguments: arguments[0])
def test_every_run_over_a_lock_ends_well(arguments: tuple[str, ...], world: FaultyWorld) -> None:
    world.prepare(SCENARIOS[0])
    clean = world.run(arguments, None)
    assert clean.code == 0, clean.err
    found = []
    salt = OVER_A_LOCK.index(arguments)
    for kind, for_good in kinds_of(salt):
        for at in chosen(clean.requests, salt):
            done = world.run(arguments, Fault(kind, at, for_good=for_good))
            found += [f"{kind} at {at}, for good: {for_good}: {why}" for why in faults_of(done, SCENARIOS[0])]
    assert found == []


def arguments_of(verb: Verb, file: str) -> tuple[str, ...]:
    return tuple(file if word == "FILE" else word for word in verb.arguments)


def faults_of(done: Ended, scenario: Scenario, verb: Verb | None = None) -> list[str]:
    """Return what is wrong with the way a run ended; of several environments each has its own end."""
    found = []
    if done.code not in {scenario.code, 3}:
        found.append(f"exit code {done.code}: {done.err}")
    if "Traceback" in done.err or "unexpected" in done.err:
        found.append(done.err)
    if done.code == 4 and not all(line in done.out + done.err for line in scenario.conflict):
        found.append(f"the conflict isn't told: {done.out}{done.err}")
    if done.code == 3 and "127.0.0.1" not in done.err:
        found.append(f"the source isn't named: {done.err}")
    alone = verb is None or "--each" not in verb.arguments
    if done.code == 3 and "no solution for" in done.out + done.err and alone:
        found.append(f"a conflict is told and lost: {done.out}{done.err}")
    return found


def untold(done: Ended, scenario: Scenario, fault: Fault) -> list[str]:
    """Return what is wrong where nothing failed that the conflict is known from, sooner or later."""
    if not scenario.conflict or any(path.startswith(scenario.rests_on) for path in fault.met):
        return []
    if done.code == 4 or (done.code == 3 and "no solution for" in done.out + done.err):
        return []  # of several environments the lowest code counts
    return [f"the conflict is known, but not told; {fault.met} failed: {done.err}"]


@pytest.mark.parametrize("scenario", [s for s in SCENARIOS if s.conflict], ids=lambda scenario: scenario.why)
@pytest.mark.parametrize(
    "verb", [("lock", "FILE", "--dry-run"), ("explain", "FILE")], ids=lambda verb: verb[0]
)
def test_a_conflict_that_other_sources_tell_is_told_whatever_page_fails(
    scenario: Scenario, verb: tuple[str, ...], world: FaultyWorld
) -> None:
    """All that the conflict isn't known from is refused, of the index and of other channels alike."""
    file = world.prepare(scenario)
    arguments = tuple(file if word == "FILE" else word for word in verb if word != "lock")
    fault = Fault("refuses", 1, for_good=True, but=scenario.rests_on)
    done = world.run(arguments, fault)
    assert done.code == 4, done.err
    assert faults_of(done, scenario) == []
    assert fault.met or "beside" not in scenario.why


@pytest.mark.parametrize("scenario", SCENARIOS[2:], ids=lambda scenario: scenario.why)
def test_what_is_known_is_told_once_no_source_answers(scenario: Scenario, world: FaultyWorld) -> None:
    """A server that goes away while changes are looked for takes nothing of the conflict with it."""
    file = world.prepare(scenario)
    clean = world.run(("explain", file), None)
    # what `explain` asks last in these is for changes that help: the conflict was known long before
    for kind in ("refuses", *SILENT):
        done = world.run(("explain", file), Fault(kind, clean.requests, for_good=True))
        assert done.code == 4, (kind, done.err)
        assert faults_of(done, scenario) == []


@pytest.mark.parametrize("verb", QUIET, ids=lambda verb: verb.why)
def test_what_asks_no_source_never_notices(verb: Verb, world: FaultyWorld) -> None:
    file = world.prepare(SCENARIOS[0])
    done = world.run(arguments_of(verb, file), Fault("says nothing", 1, for_good=True))
    assert (done.code, done.requests) == (0, 0), done.err


def test_a_server_that_falls_silent_keeps_no_run_waiting_for_every_question(world: FaultyWorld) -> None:
    """Where all is silent after the name was found to be nowhere, few questions more are waited for."""
    file = world.prepare(SCENARIOS[3])
    fault = Fault("says nothing", 4, for_good=True)
    done = world.run(("explain", file), fault)
    assert done.code == 4
    assert fault.seen <= 16, fault.seen
