"""Lines that ask for nothing ask nobody: an index hears of a project only where it may come in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.said_world import PYTHON, Said, World
from tests.support.channel import record
from tests.support.packages import index_files, make_wheel
from tests.support.server import LoopbackServer

PROJECTS = {
    "tool": {"1.0": ["dep", "backport ; python_version < '3.10'"]},
    "dep": {"1.0": [], "2.0": []},
    "solo": {"1.0": []},
}


class Asked(World):
    """A world with an index on loopback."""

    server: LoopbackServer

    def ask(self, *lines: str, **more: str) -> Said:
        for name, text in more.items():
            self.write(f"{name}.txt", text)
        self.server.seen.clear()
        return self.lock(
            self.environment("python=3.11", pip=lines), "--index-url", f"{self.server.url}/simple"
        )

    @property
    def projects(self) -> set[str]:
        pages = [path.split("/") for path in self.server.paths]
        return {parts[2] for parts in pages if len(parts) > 2 and parts[1] == "simple" and parts[2]}


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Asked]:
    made = Asked(tmp_path, capsys)
    made.channel(*PYTHON, record("python", "3.9.1", "0_cpython"), record("python", "3.12.1", "0_cpython"))
    files = index_files(
        {
            project: {
                f"{project}-{version}-py3-none-any.whl": make_wheel(project, version, requires)
                for version, requires in versions.items()
            }
            for project, versions in PROJECTS.items()
        }
    )
    with LoopbackServer(files) as server:
        made.server = server
        yield made


CASES = [
    ("a line that the Python shuts out", ("tool", "solo ; python_version < '3.11'"), {}, {"tool", "dep"}),
    ("a dependency that the Python shuts out", ("tool",), {}, {"tool", "dep"}),
    ("a constraint on what nobody needs", ("tool", "-c c.txt"), {"c": "solo==1.0\ndep==1.0\n"},
     {"tool", "dep"}),
    ("a line that holds", ("tool", "solo ; python_version >= '3.11'"), {}, {"tool", "dep", "solo"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "files", "asked"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_only_what_may_come_in_is_asked_for(
    world: Asked, lines: tuple[str, ...], files: dict[str, str], asked: set[str]
) -> None:
    said = world.ask(*lines, **files)
    assert world.projects == asked, said.err
    assert said.code == 0


def test_a_constraint_holds_once_its_project_comes_in(world: Asked) -> None:
    assert world.ask("tool", "-c c.txt", c="dep==1.0\n").code == 0
    text = (world.folder / "conda-lock.yml").read_text()
    assert "dep-2.0" not in text
    assert world.ask("tool", "-c c.txt", c="dep==3.0\n").code == 4


def test_a_direct_reference_that_the_python_shuts_out_is_not_fetched(world: Asked) -> None:
    address = f"{world.server.url}/x-1.0-py3-none-any.whl"
    said = world.ask("tool", f"x @ {address} ; python_version < '3.11'")
    assert said.code == 0, said.err
    assert not [path for path in world.server.paths if "x-1.0" in path]


@pytest.mark.parametrize("verb", ["lock", "explain"])
@pytest.mark.parametrize("places", [("x-1.0",), ("x-1.0", "x-2.0"), ("gone/x-1.0",)], ids=" ".join)
def test_a_constraint_that_names_a_place_for_what_nobody_needs_is_not_fetched(
    world: Asked, verb: str, places: tuple[str, ...]
) -> None:
    world.write("c.txt", "".join(f"x @ {world.server.url}/{p}-py3-none-any.whl\n" for p in places))
    file = world.environment("python=3.11", pip=("tool", "-c c.txt"))
    arguments = (file,) if verb == "lock" else (verb, file)
    done = world.lock(*arguments, "--index-url", f"{world.server.url}/simple")
    assert done.code == 0, done.err
    assert not [path for path in world.server.paths if "x-" in path]


def test_explain_asks_for_no_constraint_that_nobody_needs(world: Asked) -> None:
    """Neither for the verdict, nor for changes that help."""
    world.write("c.txt", "solo==1.0\ndep==1.0\n")
    file = world.environment("python=3.11", pip=("tool", "dep>=2", "-c c.txt"))
    done = world.lock("explain", file, "--index-url", f"{world.server.url}/simple")
    assert done.code == 4, done.err
    (target,) = json.loads(done.out)["targets"]
    (conflict,) = target["conflicts"]
    assert [member["text"] for member in conflict["members"]] == ["dep>=2", "dep==1.0"]
    assert "solo" not in world.projects


def test_a_conflict_of_a_constraint_and_what_a_line_brings_in_is_told_whole(world: Asked) -> None:
    """Only ``tool`` needs ``dep``: the constraint comes in with it."""
    world.write("c.txt", "solo==1.0\ndep==3.0\n")
    file = world.environment("python=3.11", pip=("tool", "-c c.txt"))
    done = world.lock("explain", file, "--index-url", f"{world.server.url}/simple")
    assert done.code == 4, done.err
    (conflict,) = json.loads(done.out)["targets"][0]["conflicts"]
    assert [member["text"] for member in conflict["members"]] == ["tool", "dep==3.0"]
    (told,) = conflict["notes"]
    assert told.endswith("has no such version of `dep`; there are 1.0 to 2.0"), "nor is it a clash of two"


@pytest.mark.parametrize("verb", ["lock", "explain"])
@pytest.mark.parametrize(
    ("place", "code"), [("x @ URL/x.zip", 4), ("URL/x-1.0-py3-none-any.whl", 4), ("URL/x.zip", 3)]
)
def test_a_place_that_fails_hides_no_conflict_of_other_lines(
    world: Asked, verb: str, place: str, code: int
) -> None:
    """What may be any project leaves nothing to be known; of one with a name nothing but it is unknown."""
    world.server.misbehave(lambda asked: "/x" in asked.path and not asked.answer(503, b"no", {}))
    lines = (place.replace("URL", world.server.url), "dep>=2", "dep<2")
    file = world.environment("python=3.11", pip=lines)
    arguments = (file,) if verb == "lock" else (verb, file)
    done = world.lock(*arguments, "--index-url", f"{world.server.url}/simple", LOCK_RETRIES="0")
    assert done.code == code, done.err
