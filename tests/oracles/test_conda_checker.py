"""The conda judge itself: it accepts right answers and names each planted fault."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from benchmarks.prepare import read_problems
from tests.oracles.channel_folder import ChannelFolder, check_answer, question_of
from tests.oracles.conda_checker import Chosen, Question, check
from tests.support.amount import IS_WHOLE
from tests.support.records import conda_record


def chosen(
    name: str,
    version: str = "1.0",
    build: str = "0",
    channel: str = "first",
    subdir: str = "linux-64",
    depends: tuple[str, ...] = (),
    constrains: tuple[str, ...] = (),
) -> Chosen:
    record = conda_record(name, version, build, depends=depends, constrains=constrains)
    return Chosen(channel=channel, subdir=subdir, record=record)


QUESTION = Question(
    specs=("app >=1",),
    channels=("first", "second"),
    platform="linux-64",
    virtual={"__glibc": ("2.28", "0"), "__archspec": ("1", "x86_64")},
)
APP = chosen("app", depends=("lib >=2,<3", "__glibc >=2.17"), constrains=("other <2", "__cuda >=12"))
LIB = chosen("lib", "2.1", "h1_0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    why: str
    answer: list[Chosen]
    question: Question = QUESTION
    expected: list[str] | None = None


CASES = [
    Case(why="a right answer", answer=[APP, LIB], expected=[]),
    Case(why="nothing chosen", answer=[], expected=["spec"]),
    Case(why="a dependency is missing", answer=[APP], expected=["depends"]),
    Case(why="a dependency is too new", answer=[APP, chosen("lib", "3.0")], expected=["depends"]),
    Case(
        why="a virtual package is too old",
        answer=[APP, LIB],
        question=replace(QUESTION, virtual={"__glibc": ("2.12", "0")}),
        expected=["depends"],
    ),
    Case(
        why="a virtual package is absent",
        answer=[APP, LIB],
        question=replace(QUESTION, virtual={}),
        expected=["depends"],
    ),
    Case(
        why="a virtual package breaks a constraint",
        answer=[APP, LIB],
        question=replace(QUESTION, virtual={"__glibc": ("2.28", "0"), "__cuda": ("11.8", "0")}),
        expected=["constrains"],
    ),
    Case(
        why="a spec on a virtual package is met",
        answer=[APP, LIB],
        question=replace(QUESTION, specs=("app", "__glibc >=2.20")),
        expected=[],
    ),
    Case(
        why="the build string of a virtual package counts",
        answer=[APP, LIB],
        question=replace(QUESTION, specs=("app", "__archspec 1 x86_64_v3")),
        expected=["spec"],
    ),
    Case(
        why="a constraint is broken and nothing needs the package",
        answer=[APP, LIB, chosen("other", "2.0")],
        expected=["constrains", "extra"],
    ),
    Case(
        why="a constraint that holds",
        answer=[
            APP,
            replace(LIB, record=chosen("lib", "2.1", depends=("other",)).record),
            chosen("other", "1.0"),
        ],
        expected=[],
    ),
    Case(
        why="the build of a spec counts",
        answer=[APP, LIB],
        question=replace(QUESTION, specs=("app", "lib 2.* h2*")),
        expected=["spec"],
    ),
    Case(
        why="two builds of one name", answer=[APP, LIB, chosen("lib", "2.1", "h2_0")], expected=["duplicate"]
    ),
    Case(why="an unneeded package", answer=[APP, LIB, chosen("more")], expected=["extra"]),
    Case(
        why="names are compared without case",
        answer=[APP, LIB],
        question=replace(QUESTION, specs=("APP",)),
        expected=[],
    ),
    Case(why="another platform", answer=[APP, replace(LIB, subdir="win-64")], expected=["subdir"]),
    Case(why="noarch", answer=[APP, replace(LIB, subdir="noarch")], expected=[]),
    Case(
        why="a channel that was not asked for",
        answer=[APP, replace(LIB, channel="third")],
        expected=["channel"],
    ),
    Case(
        why="a later channel, though the first holds the name",
        answer=[APP, replace(LIB, channel="second")],
        expected=["priority"],
    ),
    Case(
        why="the same without strict priority",
        answer=[APP, replace(LIB, channel="second")],
        question=replace(QUESTION, strict=False),
        expected=[],
    ),
    Case(
        why="a later channel that alone holds the name",
        answer=[
            replace(APP, record=chosen("app", depends=("rare",)).record),
            chosen("rare", channel="second"),
        ],
        expected=[],
    ),
    Case(
        why="a spec that names the later channel",
        answer=[APP, replace(LIB, channel="second")],
        question=replace(QUESTION, specs=("app", "second::lib")),
        expected=[],
    ),
    Case(
        why="a spec that names the other channel",
        answer=[APP, LIB],
        question=replace(QUESTION, specs=("app", "second::lib")),
        expected=["channel"],
    ),
    Case(
        why="of two specs that name channels, the first decides",
        answer=[APP, replace(LIB, channel="second")],
        question=replace(QUESTION, specs=("app", "second::lib", "first::lib")),
        expected=[],
    ),
]

FIRST_HOLDS = {"app", "lib", "other", "more"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_verdicts(case: Case) -> None:
    found = check(
        case.answer, case.question, lambda channel, name: channel == "first" and name in FIRST_HOLDS
    )
    assert [violation.kind for violation in found] == case.expected, found


@pytest.mark.shared
def test_known_solutions_pass(shared: Path) -> None:
    """What public lockfiles hold is right but for what a lockfile may do and a solver may not.

    A lockfile keeps records that nothing needs any more (``extra``), was made when a channel was whole or its
    priority another one (``priority``, ``channel``), or before an edit of the manifest (``spec``), and some
    projects override the machine's CUDA (``constrains``, and one ``depends``).
    """
    folder = ChannelFolder(shared / "channels")
    kinds: Counter[str] = Counter()
    problems = read_problems(shared / "problems" / "conda.jsonl.zst")[:: 15 if IS_WHOLE else 60]
    for problem in problems:
        found = check_answer(folder, problem, problem.solution)
        kinds.update({violation.kind for violation in found} or {"right"})
    assert kinds["right"] >= 0.85 * len(problems), kinds
    assert kinds["depends"] <= 1
    assert kinds["duplicate"] == kinds["subdir"] == 0


@pytest.mark.shared
def test_planted_faults_are_found(shared: Path) -> None:
    """Leaving out a record of a right answer, or doubling one, is noticed every time."""
    folder = ChannelFolder(shared / "channels")
    rng = random.Random(7)  # noqa: S311 - wanted: a seed
    tried = 0
    for problem in read_problems(shared / "problems" / "conda.jsonl.zst")[::150]:
        records = [one for address in problem.solution if (one := folder.find(address)) is not None]
        question, holds = question_of(problem), partial(folder.holds, platform=problem.platform)
        if check(records, question, holds):
            continue
        victim = rng.randrange(len(records))
        assert {v.kind for v in check(records[:victim] + records[victim + 1 :], question, holds)} & {
            "spec",
            "depends",
        }
        assert "duplicate" in {v.kind for v in check([*records, records[victim]], question, holds)}
        tried += 1
    assert tried > 10
