"""What dates and owners leave out: named in a conflict's story; exemptions that exempt nothing are said."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.end_to_end.inside import run
from tests.end_to_end.said_world import PYTHON, World
from tests.support.channel import record
from tests.support.tables import table


def at(day: str) -> int:
    return int(dt.datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp()) * 1000


OLD, NEW = {"timestamp": at("2026-01-01")}, {"timestamp": at("2026-02-01")}
LIMIT = ("--exclude-newer", "2026-01-15")


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    made = World(tmp_path, capsys)
    undated = {key: value for key, value in record("bare", "2.0").items() if key != "timestamp"}
    made.channel(
        *({**one, **OLD} for one in PYTHON),
        record("dep", "1.0", **OLD), record("dep", "2.0", **NEW), record("dep", "2.1", **NEW),
        record("bare", "1.0", **OLD), undated,
        record("app", "1.0", depends=["dep >=2,<2.1"], **OLD),
        record("tool", "1.0", depends=["bare >=2"], **OLD),
    )  # fmt: skip
    made.index("own", {"lib": {"1.0": [], "2.0": []}, "user": {"1.0": ["lib>=2"]}})
    folder = tmp_path / "own" / "lib"
    links = [
        f"<a href='{file.name}'{' data-yanked=broken' if '2.0' in file.name else ''}>{file.name}</a>"
        for file in sorted(folder.iterdir())
    ]
    (folder / "index.html").write_text(f"<html><body>{''.join(links)}</body></html>")
    return made


@table(
    "conda, pip, flags, told",
    [
        ("too new", ("app",), (), LIMIT,
         "needs dep >=2,<2.1 (there is only 1.0; 2.0 is left out: newer than the date allowed)"),
        ("without a date", ("tool",), (), LIMIT,
         "needs bare >=2 (there is only 1.0; 2.0 is left out: without a date, "),
        ("yanked", ("python",), ("user",), ("--index-url", "own"),
         "user 1.0 (pip) needs lib >=2 (there is only 1.0; 2.0 is left out: yanked: broken)"),
    ],
)  # fmt: skip
def test_a_need_that_what_is_left_out_would_meet(
    world: World,
    capsys: pytest.CaptureFixture[str],
    conda: list[str],
    pip: list[str],
    flags: list[str],
    told: str,
) -> None:
    name = world.environment(*conda, pip=pip)
    assert run("explain", name, "-p", "linux-64", *flags, folder=world.folder) == 4
    assert told in capsys.readouterr().out


@table(
    "exempt, idle",
    [
        ("a package", ["dep"], []),
        ("a slip", ["depp"], ["depp"]),
        ("a channel", ["./channel::*"], []),
        ("another channel", ["conda-forge::*"], ["conda-forge::*"]),
        (
            "another channel's package, and one that is there",
            ["conda-forge::dep", "dep"],
            ["conda-forge::dep"],
        ),
    ],
)
def test_an_exemption_that_exempts_nothing(world: World, exempt: list[str], idle: list[str]) -> None:
    flags = [part for one in exempt for part in ("--exclude-newer-except", one)]
    said = world.lock(world.environment("dep"), *LIMIT, *flags)
    assert said.code == 0, said.err
    assert [list(n["exemptions"]) for n in said.notices if n["code"] == "exempt-nothing"] == (
        [idle] if idle else []
    )
    assert world.lock("environment.yml", *flags, "--update-all").of("exempt-nothing") == []
