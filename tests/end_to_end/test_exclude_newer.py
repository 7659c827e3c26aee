"""A limit in time: each file by its own date, and what nobody knows the date of."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from resolver.model.exemptions import Exemptions
from tests.end_to_end.inside import run
from tests.end_to_end.said_world import PYTHON, World
from tests.support.channel import record
from tests.support.packages import make_wheel
from tests.support.server import LoopbackServer

YEAR_2021, YEAR_2023 = 1_622_505_600_000, 1_685_577_600_000  # in milliseconds, both in June


def build(version: str = "3.0", **fields: Any) -> dict[str, Any]:
    return {**record("foo", version), **fields}


NEW = build(timestamp=YEAR_2023)
CASES = [
    # why, records, those of the older form, flags, the file that is taken (None: no solution)
    ("the older form of a newer file", [NEW], [build(timestamp=YEAR_2021)], (), "foo-3.0-0.tar.bz2"),
    ("a newer file alone", [NEW], [], (), None),
    ("an older version", [NEW, build("2.0", timestamp=YEAR_2021)], [], (), "foo-2.0-0.conda"),
    ("built long ago, published later", [build(timestamp=YEAR_2021, indexed_timestamp=YEAR_2023)],
     [], (), None),
    ("published before, whatever the build says", [build(timestamp=YEAR_2023, indexed_timestamp=YEAR_2021)],
     [], (), "foo-3.0-0.conda"),
    ("no date", [build(timestamp=None)], [], (), None),
    ("no date, admitted", [build(timestamp=None)], [], ("--admit-undated",), "foo-3.0-0.conda"),
    ("no date, the older form has one", [build(timestamp=None)],
     [build(timestamp=YEAR_2021)], (), "foo-3.0-0.tar.bz2"),
]  # fmt: skip


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    return World(tmp_path, capsys)


@pytest.mark.parametrize(
    ("records", "tar", "flags", "file"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_each_file_by_its_date(
    world: World,
    records: list[dict[str, Any]],
    tar: list[dict[str, Any]],
    flags: tuple[str, ...],
    file: str | None,
) -> None:
    world.channel(*records, tar=tar)
    said = world.lock(world.environment("foo"), "--exclude-newer", "2022-01-01", *flags)
    assert said.code == (0 if file else 4), said.err
    if file:
        assert f"/{file}" in (world.folder / "conda-lock.yml").read_text()
        assert said.of("undated") == []


def test_what_has_no_date_is_left_out_with_a_word(world: World) -> None:
    world.channel(build("3.0", timestamp=None), build("2.0", timestamp=YEAR_2021))
    said = world.lock(world.environment("foo"), "--exclude-newer", "2022-01-01")
    assert said.code == 0
    assert said.of("undated") == [
        "exclude-newer leaves out builds that have no date, of `foo`; `--admit-undated` takes them"
    ]
    said = world.lock(world.environment("foo>=3"), "--exclude-newer", "2022-01-01")
    assert "`foo>=3` has no date in its channel, so exclude-newer leaves it out" in said.err + said.out


EXEMPT = [
    # why, what is exempt, the exit code
    ("nothing", (), 4),
    ("the package", ("Foo",), 0),
    ("another package", ("bar",), 4),
    ("all of the channel", ("./channel::*",), 0),
    ("all of another channel", ("other::*",), 4),
    ("the package of the channel", ("bar", "./channel::foo"), 0),
    ("another package of the channel", ("./channel::bar",), 4),
]


@pytest.mark.parametrize(("exempt", "code"), [case[1:] for case in EXEMPT], ids=[case[0] for case in EXEMPT])
def test_what_the_limit_does_not_hold_for(world: World, exempt: tuple[str, ...], code: int) -> None:
    world.channel(NEW)
    flags = [text for name in exempt for text in ("--exclude-newer-except", name)]
    said = world.lock(world.environment("foo"), "--exclude-newer", "2022-01-01", *flags)
    assert said.code == code, said.err


@pytest.mark.parametrize(
    ("exempt", "covered"), [("Two_Names", True), ("other", False), ("own::two-names", False)]
)
def test_a_project_of_an_index_by_its_name(exempt: str, covered: bool) -> None:
    assert Exemptions((exempt,)).covers_project("two-names") is covered


def test_files_of_an_index_without_a_date_are_named(world: World) -> None:
    wheels = {v: make_wheel("tool", v) for v in ("1.0", "2.0")}
    page = {
        "meta": {"api-version": "1.1"},
        "name": "tool",
        "files": [
            {
                "filename": f"tool-{v}-py3-none-any.whl",
                "url": f"tool-{v}-py3-none-any.whl",
                "hashes": {"sha256": hashlib.sha256(data).hexdigest()},
                **({"upload-time": "2021-06-01T00:00:00Z"} if v == "1.0" else {}),
            }
            for v, data in wheels.items()
        ],
    }
    files = {"simple/tool/index.html": json.dumps(page).encode()}
    files |= {f"simple/tool/tool-{v}-py3-none-any.whl": data for v, data in wheels.items()}
    name = world.write("requirements.txt", "tool\n")
    with LoopbackServer(files=files) as server:
        server.extra_headers["/simple/tool/"] = {"Content-Type": "application/vnd.pypi.simple.v1+json"}
        flags = (name, "--python", "3.11", "--index-url", f"{server.url}/simple", "-o", "conda-lock.yml")
        said = world.lock(*flags, "--exclude-newer", "2022-01-01", "--dry-run")
        assert said.code == 0, said.err
        assert said.of("undated") == [
            "exclude-newer leaves out files that have no date, of `tool`; `--admit-undated` takes them"
        ]
        admitted = world.lock(*flags, "--exclude-newer", "2022-01-01", "--admit-undated", "--dry-run")
        assert admitted.of("undated") == []
        refused = world.lock(world.write("r.txt", "tool==2.0\n"), *flags[1:], "--exclude-newer", "2022-01-01")
        assert refused.code == 4
        assert "no upload date, and `--exclude-newer` is set (`--admit-undated` takes it)" in refused.err


def test_explain_tries_what_has_no_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = World(tmp_path, capsys)
    world.channel(*PYTHON, build(timestamp=None))
    name = world.environment("python", "foo")
    flags = ("-p", "linux-64", "--exclude-newer", "2024-01-01")
    assert run("explain", name, *flags, folder=tmp_path) == 4
    assert "  1. lock with `--admit-undated`   (locks 2 packages)" in capsys.readouterr().out
    assert run("explain", name, *flags, "--admit-undated", folder=tmp_path) == 0
