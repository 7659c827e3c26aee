"""A source that fails at any call, under every verb that asks sources: an exit code and words, no crash."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lockfiles.cli.main import main
from resolver.errors import SourceError
from resolver.sources.conda import opening
from resolver.sources.conda.subdirs import ChannelSubdir
from resolver.sources.pypi.indexes import IndexSet
from tests.support.amount import IS_WHOLE
from tests.support.channel import record, repodata
from tests.support.packages import index_files, make_wheel

RECORDS = [
    record("python", "3.11.9"),
    record("python", "3.12.4"),
    record("pip", "24.0", depends=["python >=3.8"]),
    record("numpy", "1.26.4", depends=["python >=3.11"]),
    record("numpy", "2.0.0", depends=["python >=3.11"]),
    record("pandas", "2.2.2", depends=["python >=3.11", "numpy >=1.26"]),
    record("oldlib", "1.0", depends=["numpy <2", "__glibc >=2.17"]),
]
PROJECTS = {
    "reader": {"reader-1.0-py3-none-any.whl": make_wheel("reader", "1.0", ["rich >=13"])},
    "rich": {"rich-13.9.0-py3-none-any.whl": make_wheel("rich", "13.9.0")},
    "numba": {
        "numba-0.59.1-py3-none-any.whl": make_wheel("numba", "0.59.1", ["numpy <1.27"]),
        "numba-0.61.0-py3-none-any.whl": make_wheel("numba", "0.61.0", ["numpy <2.2"]),
    },
}
FILES = {
    "good.yml": ["python=3.12", "pandas", {"pip": ["reader"]}],
    "conda.yml": ["python=3.12", "numpy>=2", "oldlib"],
    "both.yml": ["python=3.12", "numpy>=2", {"pip": ["numba==0.59.1", "reader"]}],
    "unknown.yml": ["python=3.12", "nunpy"],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for subdir, records in (("linux-64", RECORDS), ("noarch", [])):
        place = tmp_path / "channels" / "conda-forge" / subdir
        place.mkdir(parents=True)
        (place / "repodata.json").write_text(json.dumps(repodata(records)), encoding="utf-8")
    for name, data in index_files(PROJECTS).items():
        path = tmp_path / "index" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for name, lines in FILES.items():
        document = {"name": "x", "channels": ["conda-forge"], "dependencies": lines}
        (tmp_path / name).write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Faults:
    """Makes the n-th call of any source fail, or all from the n-th on; counts those of the main thread."""

    def __init__(self) -> None:
        self.fail_at: int | None = None
        self.for_good = False
        self.calls = 0

    def wrap(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **rest: Any) -> Any:
            if threading.current_thread() is threading.main_thread():
                self.calls += 1
                at = self.fail_at
                if at is not None and (self.calls >= at if self.for_good else self.calls == at):
                    raise SourceError("the connection broke", "https://conda.example.org/x", status=503)
            return call(*arguments, **rest)

        return counted


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Faults:
    found = Faults()
    for holder, name in (
        (ChannelSubdir, "records"),
        (ChannelSubdir, "names"),
        (IndexSet, "project"),
        (IndexSet, "metadata"),
        (opening, "open_channels"),
    ):
        monkeypatch.setattr(holder, name, found.wrap(getattr(holder, name)))
    return found


class Scenario(NamedTuple):
    """A command line, its exit code where nothing fails, and what it may leave with where a source does."""

    why: str
    arguments: tuple[str, ...]
    code: int
    codes: frozenset[int]


SCENARIOS = [
    Scenario("lock", ("good.yml", "--dry-run"), 0, frozenset({0, 3})),
    Scenario("lock, conda lines clash", ("conda.yml",), 4, frozenset({3, 4})),
    Scenario("lock, both worlds clash", ("both.yml",), 4, frozenset({3, 4})),
    Scenario("explain, conda lines clash", ("explain", "conda.yml"), 4, frozenset({3, 4})),
    Scenario("explain, both worlds clash", ("explain", "both.yml"), 4, frozenset({3, 4})),
    Scenario("explain, a name that isn't there", ("explain", "unknown.yml"), 4, frozenset({3, 4})),
    Scenario("explain as JSON", ("explain", "both.yml", "--json"), 4, frozenset({3, 4})),
    Scenario("explain as a tree", ("explain", "both.yml", "--tree"), 4, frozenset({3, 4})),
    Scenario("explain --apply", ("explain", "conda.yml", "--apply", "1", "--dry-run"), 0,
             frozenset({0, 2, 3})),
    Scenario("check", ("check", "good.yml"), 0, frozenset({0, 3})),
    Scenario("hash --resolve", ("hash", "good.yml", "--resolve", "--against", "conda.yml"), 4,
             frozenset({3, 4})),
]  # fmt: skip


def run(scenario: Scenario, folder: Path, faults: Faults) -> int:
    """Run the command with nothing in its cache."""
    options = [
        "--channel-alias", "channels", "--index-url", str(folder / "index" / "simple"), "-p", "linux-64",
        "--virtual-package", "__glibc=2.35", "--cache-dir", str(folder / f"cache-{faults.fail_at}"),
    ]  # fmt: skip
    return main([*scenario.arguments, *options])


@pytest.mark.parametrize(
    ("scenario", "for_good"),
    [
        pytest.param(scenario, for_good, id=f"{scenario.why}-{'for good' if for_good else 'once'}")
        for number, scenario in enumerate(SCENARIOS)
        for for_good in (False, True)
        if IS_WHOLE or for_good == number % 2
    ],
)
def test_a_source_that_fails_at_any_call(
    scenario: Scenario, for_good: bool, folder: Path, faults: Faults, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(scenario, folder, faults) == scenario.code, capsys.readouterr().err
    capsys.readouterr()
    calls, known = faults.calls, False
    assert calls > 3
    for call in range(1, calls + 1):
        faults.calls, faults.fail_at, faults.for_good = 0, call, for_good
        code = run(scenario, folder, faults)
        said = capsys.readouterr()
        assert code in scenario.codes, f"call {call}: {said.err}"
        assert "unexpected" not in said.err
        if code == 3:
            assert "the connection broke" in said.err
        if code == 4:
            known = True
            assert "no solution for linux-64" in said.out + said.err or '"conflicts": [' in said.out
        elif scenario.code == 4:
            assert not known, f"call {call}: the conflict was known at an earlier one"
