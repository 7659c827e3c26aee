"""Answers remembered: the same question over unchanged sources is not searched again, any other one is."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from resolver.solving import engines
from tests.end_to_end.inside import run
from tests.support.channel import as_file, as_shards, record, repodata
from tests.support.packages import index_files, make_page, make_wheel
from tests.support.server import LoopbackServer

FILE = "channels: [conda-forge]\ndependencies: [python, numpy, {pip: [user]}]\n"
RECORDS = [
    record("python", "3.11.9", "0_cpython"),
    record("numpy", "2.1.0", depends=["python"]),
    record("numpy", "2.2.0", depends=["python"]),
    record("other", "1.0"),
]
USERS = {
    f"{name}-{version}-py3-none-any.whl": make_wheel(name, version, ["helper"] if name == "user" else [])
    for name, version in (("user", "1.0"), ("user", "2.0"))
}
HELPERS = {"helper-1.0-py3-none-any.whl": make_wheel("helper", "1.0")}


class World:
    """A server, a folder, and how often something was searched."""

    def __init__(self, server: LoopbackServer, folder: Path, *, shards: bool) -> None:
        self.server, self.folder, self.searches, self.shards = server, folder, 0, shards
        server.files = index_files({"user": USERS, "helper": HELPERS})
        server.extra_headers = {"/": {"Cache-Control": "max-age=0"}}
        self.publish(RECORDS)
        self.write(FILE)

    def publish(self, records: list[dict[str, Any]], **info: str) -> None:
        for subdir, contents in (("linux-64", repodata(records, info=info)), ("noarch", repodata())):
            place = f"conda/conda-forge/{subdir}"
            if self.shards:
                files = as_shards(contents, info=info)
            else:
                files = {"repodata.json": as_file(contents, "repodata.json")}
            self.server.files |= {f"{place}/{name}": data for name, data in files.items()}

    def write(self, text: str) -> None:
        (self.folder / "environment.yml").write_text(text)

    def lock(self, *more: str) -> tuple[int, str]:
        """Return how many searches it took, and the lockfile; an earlier one counts for nothing."""
        return self.relock("--update-all", *more)

    def relock(self, *more: str) -> tuple[int, str]:
        """Return how many searches it took over the earlier lockfile, and the new one."""
        before = self.searches
        common = ["environment.yml", "-q", "--index-url", f"{self.server.url}/simple", "--cache-dir", "cache"]
        common += ["--channel-alias", f"{self.server.url}/conda"]
        assert run(*common, *more, folder=self.folder) == 0
        return self.searches - before, (self.folder / "conda-lock.yml").read_text()


@pytest.fixture(params=["one file", "shards"])
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    solve = engines.solve_with

    def counted(*arguments: Any, **options: Any) -> Any:
        made.searches += 1
        return solve(*arguments, **options)

    monkeypatch.setattr(engines, "solve_with", counted)
    with LoopbackServer() as server:
        made = World(server, tmp_path, shards=request.param == "shards")
        yield made


def test_nothing_has_changed(world: World) -> None:
    count, wanted = world.lock()
    assert count == 1
    assert world.lock() == (0, wanted)
    assert world.lock("--offline") == (0, wanted)
    (world.folder / "conda-lock.yml").unlink()
    assert world.lock() == (0, wanted)
    world.write("# a comment, and another order of keys\n" + FILE)
    assert world.lock()[0] == 0


def test_a_notice_names_lines_where_they_stand_now(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.publish([*RECORDS, record("other", "2.0", depends=["numpy >=2.2"])])
    text = "channels: [conda-forge]\ndependencies:\n  - other\n  - numpy <2.2\n"
    for above, searches in (("", 1), ("# a comment\n", 1), ("# another one\n", 0)):
        world.write(above + text)
        assert world.lock("--json")[0] == searches
        place = f"environment.yml:{5 if above else 4}:5"
        assert f"`numpy <2.2` ({place}) asks for another" in capsys.readouterr().out


def test_what_was_never_looked_at_may_change(world: World) -> None:
    _, wanted = world.lock()
    world.publish([*RECORDS, record("other", "2.0"), record("third", "1.0")])
    world.server.files["simple/third/index.html"] = make_page({})
    assert world.lock() == (0, wanted)


def test_records_changed(world: World) -> None:
    assert "numpy-2.2.0" in world.lock()[1]
    world.publish([*RECORDS, record("numpy", "2.3.0", depends=["python"])])
    count, text = world.lock()
    assert count == 1
    assert "numpy-2.3.0" in text
    world.publish(RECORDS)
    assert "numpy-2.2.0" in world.lock()[1]


def test_the_packages_lie_elsewhere_now(world: World) -> None:
    """The records are what they were; where their files lie stands in the answer."""
    world.lock()
    world.publish(RECORDS, base_url="https://elsewhere.example.org/linux-64/")
    count, text = world.lock()
    assert count == 1
    assert "https://elsewhere.example.org/linux-64/numpy-2.2.0" in text


def test_the_record_of_a_pin_changed(world: World) -> None:
    """Of a pin that stays one record is read, and it is part of what the answer rests on."""
    _, earlier = world.lock()
    world.write(FILE.replace("numpy,", "numpy, other,"))

    def again() -> tuple[int, str]:
        (world.folder / "conda-lock.yml").write_text(earlier)
        return world.relock()

    assert [again()[0], again()[0]] == [1, 0]
    patched = [one | {"depends": ["python", "late"]} if one["name"] == "numpy" else one for one in RECORDS]
    world.publish([*patched, record("late", "1.0")])
    count, text = again()
    assert (count, "late-1.0" in text) == (1, True)


@pytest.mark.parametrize("project", ["user", "helper"])
def test_a_page_changed(world: World, project: str) -> None:
    world.lock()
    files = {f"{project}-3.0-py3-none-any.whl": make_wheel(project, "3.0")}
    world.server.files |= index_files({project: {**(USERS if project == "user" else HELPERS), **files}})
    count, text = world.lock()
    assert count == 1
    assert f"{project}-3.0" in text


def test_a_project_comes_up_on_the_index(world: World) -> None:
    """It had no page when the answer was found: that is part of what was looked at."""
    world.write(FILE.replace("[user]", "[user, 'other<9']"))
    world.server.files |= index_files({"other": {"other-1.0-py3-none-any.whl": make_wheel("other", "1.0")}})
    assert world.lock()[0] == 1
    files = {f"other-{v}-py3-none-any.whl": make_wheel("other", v) for v in ("1.0", "2.0")}
    world.server.files |= index_files({"other": files})
    count, text = world.lock()
    assert (count, "other-2.0" in text) == (1, True)


def test_what_was_only_walked_through_is_part_of_the_footprint(world: World) -> None:
    """`between` was read only to see that nothing in conda needs `lib`: once it does, `lib` may be there."""
    builds = [
        record("app", "1.0", "one", build_number=1, depends=["python"]),
        record("app", "1.0", "two", build_number=0, depends=["python", "between"]),
        record("lib", "1.0", depends=["python"]),
    ]
    world.write("channels: [conda-forge]\ndependencies: [python, app, {pip: [tool]}]\n")
    files = {
        f"tool-{version}-py3-none-any.whl": make_wheel("tool", version, needs)
        for version, needs in (("1.0", []), ("2.0", ["lib"]))
    }
    world.server.files |= index_files({"tool": files})
    world.publish([*RECORDS, *builds, record("between", "1.0")])
    count, text = world.lock()
    assert (count, "tool-1.0" in text, "app-1.0-one" in text) == (1, True, True)
    assert world.lock() == (0, text)
    world.publish([*RECORDS, *builds, record("between", "1.0", depends=["lib"])])
    count, text = world.lock()
    assert (count, "tool-2.0" in text, "app-1.0-two" in text, "lib-1.0" in text) == (1, True, True, True)


@pytest.mark.parametrize(
    "more",
    [["--pre"], ["--no-build"], ["--virtual-package", "__cuda=12.4"], ["--channel-priority", "flexible"]],
)
def test_another_question(world: World, more: list[str]) -> None:
    world.lock()
    assert world.lock(*more)[0] == 1
    assert world.lock(*more)[0] == 0
    world.write(FILE.replace("numpy", "numpy<2.2"))
    count, text = world.lock()
    assert (count, "numpy-2.1.0" in text) == (1, True)


def test_a_damaged_answer_is_none(world: World) -> None:
    _, wanted = world.lock()
    (kept,) = [
        path for path in (world.folder / "cache").rglob("*") if "answer-" in str(path) and path.is_file()
    ]
    for data in (b"", kept.read_bytes()[:-5], kept.read_bytes()[:30] + b"x" + kept.read_bytes()[31:]):
        kept.write_bytes(data)
        assert world.lock() == (1, wanted)


@pytest.fixture
def two_indexes(world: World) -> World:
    """Another index behind the first one, which decides what it has."""
    world.server.files |= index_files({"user": USERS, "unasked": USERS}, root="later")
    return world


def lock_two(world: World) -> tuple[int, list[str]]:
    """Return how many searches it took, and what is said of the first index."""
    before = world.searches
    first, later = f"{world.server.url}/simple", f"{world.server.url}/later"
    asked = ["environment.yml", "--json", "--extra-index-url", first, "--index-url", later]
    asked += ["--cache-dir", "cache", "--channel-alias", f"{world.server.url}/conda", "--update-all"]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert run(*asked, folder=world.folder) == 0
    notices = json.loads(out.getvalue())["notices"]
    return world.searches - before, [n["text"] for n in notices if n["code"] == "first-index"]


def test_what_a_later_index_has_is_part_of_what_is_said(two_indexes: World) -> None:
    world = two_indexes
    assert lock_two(world) == (1, [])
    assert lock_two(world) == (0, [])
    newer = {"user-3.0-py3-none-any.whl": make_wheel("user", "3.0", ["helper"])}
    world.server.files |= index_files({"user": {**USERS, **newer}}, root="later")
    count, said = lock_two(world)
    assert count == 1
    assert "3.0 is on" in said[0]
    assert lock_two(world) == (0, said)
    world.server.files |= index_files({"unasked": {**USERS, **newer}}, root="later")
    assert lock_two(world) == (0, said)
    world.server.files |= index_files({"user": USERS}, root="later")
    assert lock_two(world) == (1, [])


def test_a_later_index_that_comes_back_is_asked_anew(two_indexes: World) -> None:
    world = two_indexes
    newer = {"user-3.0-py3-none-any.whl": make_wheel("user", "3.0", ["helper"])}
    world.server.files |= index_files({"user": {**USERS, **newer}}, root="later")
    world.server.fail("/later/user/", status=403)
    assert lock_two(world) == (1, [])
    assert lock_two(world) == (0, [])
    world.server.rules.clear()
    count, said = lock_two(world)
    assert (count, len(said)) == (1, 1)
