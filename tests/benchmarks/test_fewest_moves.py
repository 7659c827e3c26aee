"""The formula that proves the fewest moves: its models are the valid solutions; what changes are drawn."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from benchmarks.fewest_moves import FewestMoves, Names
from benchmarks.prepare import Problem, parse_problem
from benchmarks.relocks import Changes, by_name, is_wrong, table
from resolver.solving.reporter import Stage
from tests.oracles.channel_folder import ChannelFolder, check_answer

#: name, version, depends, constrains
RECORDS = [
    ("app", "2", ["lib >=2", "__glibc >=2.30"], []),
    ("app", "1", ["lib"], ["tool <2"]),
    ("lib", "2", [], []),
    ("lib", "1", ["tool"], []),
    ("tool", "2", ["__cuda"], []),
    ("tool", "1", [], ["lib <2"]),
]


@pytest.fixture
def folder(tmp_path: Path) -> ChannelFolder:
    files = {
        f"{name}-{version}-h.conda": {
            "name": name, "version": version, "build": "h", "build_number": 0, "depends": depends,
            "constrains": constrains, "subdir": "noarch", "md5": "0" * 32, "sha256": "0" * 64,
        }
        for name, version, depends, constrains in RECORDS
    }  # fmt: skip
    for channel, found in (
        ("first", files),
        ("second", {"lib-9-h.conda": {**files["lib-2-h.conda"], "version": "9"}}),
    ):
        for subdir in ("linux-64", "noarch"):
            path = tmp_path / channel / subdir / "repodata.json"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps({"packages.conda": found if subdir == "noarch" else {}}))
    return ChannelFolder(tmp_path)


def problem(*specs: str) -> Problem:
    return parse_problem({
        "id": "p", "platform": "linux-64", "channels": ["first", "second"], "channel_priority": "strict",
        "virtual_packages": {"__glibc": "2.35"}, "specs": list(specs),
    })  # fmt: skip


def names_of(folder: ChannelFolder) -> Names:
    return Names(folder, ("first", "second"), "linux-64")


@pytest.mark.parametrize(
    "specs", [("app",), ("app 1", "tool"), ("lib <2",), ("app", "tool 2"), ("lib", "tool")]
)
def test_the_models_are_the_valid_solutions(folder: ChannelFolder, specs: tuple[str, ...]) -> None:
    asked, names = problem(*specs), names_of(folder)
    formula = FewestMoves(asked, names)
    first = {name: formula._first[name] for name in formula._first}
    addresses = {first[n] + p: a for n in first for p, (a, _) in enumerate(names.records(n))}
    count = max(abs(literal) for clause in formula.hard for literal in clause)
    models = set()
    for values in product((False, True), repeat=count):
        if all(any(values[abs(x) - 1] == (x > 0) for x in clause) for clause in formula.hard):
            models.add(frozenset(a for variable, a in addresses.items() if values[variable - 1]))
    everything = sorted(addresses.values())
    valid = set()
    for chosen in product((False, True), repeat=len(everything)):
        picked = [a for a, is_in in zip(everything, chosen, strict=True) if is_in]
        wrong = {one.kind for one in check_answer(folder, asked, picked)}
        if not wrong - {"extra"}:
            valid.add(frozenset(picked))
    assert models == valid


def test_the_least_moves(folder: ChannelFolder) -> None:
    pytest.importorskip("pysat", reason="python-sat is not installed")
    pins = {"app": "first/noarch/app-1-h.conda", "lib": "first/noarch/lib-1-h.conda"}
    pins["tool"] = "first/noarch/tool-1-h.conda"
    names = names_of(folder)
    assert FewestMoves(problem("app"), names).least(pins) == 0
    assert FewestMoves(problem("app", "lib >=2"), names).least(pins) == 1
    assert FewestMoves(problem("app 2"), names).least(pins) == 2
    assert FewestMoves(problem("app 3"), names).least(pins) is None


def test_what_the_formula_does_not_say_is_refused(folder: ChannelFolder) -> None:
    with pytest.raises(ValueError, match="names a channel"):
        FewestMoves(problem("second::lib"), names_of(folder))


def test_changes_are_of_one_line_and_repeat(folder: ChannelFolder) -> None:
    asked, names = problem("app"), names_of(folder)
    locked = by_name(["first/noarch/app-2-h.conda", "first/noarch/lib-2-h.conda"], folder)
    drawn = [Changes([asked, problem("tool")], folder, 3).of("added", asked, locked, names) for _ in range(2)]
    assert drawn[0] is not None
    assert drawn[0].specs == ("app", "tool") == drawn[1].specs  # type: ignore[union-attr]
    assert Changes([asked], folder, 3).of("python", asked, locked, names) is None


def test_what_is_wrong_is_told() -> None:
    row: dict[str, Any] = {
        "kind": "added",
        "id": "x",
        "line": "y",
        "seconds": 0.1,
        "rattler": 3,
        "wrong": [],
        "proven": True,
    }
    row["stages"] = {stage.value: 0.5 for stage in Stage}
    assert not is_wrong({**row, "ours": 2, "least": 2})
    assert is_wrong({**row, "ours": 3, "least": 2})
    assert is_wrong({**row, "ours": None, "least": 2})
    assert not is_wrong({**row, "ours": 3, "least": 2, "proven": False})
    lines = list(table([{**row, "ours": 2, "least": 2}, {**row, "ours": 3, "least": 2}]))
    assert lines[1].split()[:7] == ["added", "2", "2", "5", "4", "6", "1"]
    assert len(lines) == 3 + len(Stage)
    each = 1 / (len(Stage) - 1)
    assert f"1.00 s in all, in the median {each:.2f} of all else" in lines[2]
