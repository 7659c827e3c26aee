"""Lines that ask for nothing ask nobody: an index hears of a project only where it may come in."""

from __future__ import annotations

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
