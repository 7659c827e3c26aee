"""One thing changes at a time: with answers remembered the lockfile is that of a search without memory.

A small world of records, pages and settings; hypothesis draws the changes. After each one the command
runs twice: with the cache that has seen everything before, and with an empty one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from resolver import answers
from resolver.solving import engines
from tests.end_to_end.inside import run
from tests.support.channel import as_file, as_shards, record, repodata
from tests.support.packages import index_files, make_wheel
from tests.support.server import LoopbackServer

NEW = "3.0"
#: Sequences of changes that are drawn.
COUNT = 60 if os.environ.get("LOCKSTACK_ALL") else 4


class World:
    """What can change: records, releases and their marks, lines, settings, the name map, the program."""

    def __init__(self) -> None:
        self.records: dict[str, list[dict[str, Any]]] = {
            "first": [
                record("python", "3.11.9", "0_cpython"),
                record("python", "3.12.4", "0_cpython"),
                record("numpy", "2.0.0", depends=["python"]),
                record("numpy", "2.1.0", depends=["python", "base"]),
                record("base", "1.0"),
            ],
            "second": [
                record("base", "2.0"),
                record("numpy", "2.2.0", depends=["python", "other"]),
                record("other", "1.0", constrains=["base <2"]),
                record("gpu", "1.0", "cpu", 0, depends=["python"]),
                record("gpu", "1.0", "cuda", 1, depends=["python", "__cuda"]),
            ],
        }
        #: project -> version -> what it requires
        self.pages: dict[str, dict[str, list[str]]] = {
            "user": {"1.0": ["helper"], "2.0": ["helper<2", "numpy"], "2.1rc1": []},
            "helper": {"1.0": [], "2.0": []},
        }
        self.yanked: set[tuple[str, str]] = set()
        self.asked = ["python", "numpy", "gpu"]
        self.pip = ["user"]
        self.settings: dict[str, str] = {}
        self.name_map = ""
        self.program = ("1",)

    def serve(self, server: LoopbackServer, *, shards: bool) -> None:
        files: dict[str, bytes] = {}
        for channel, records in self.records.items():
            for subdir, contents in (("linux-64", repodata(records)), ("noarch", repodata())):
                forms = (
                    as_shards(contents) if shards else {"repodata.json": as_file(contents, "repodata.json")}
                )
                files |= {f"conda/{channel}/{subdir}/{name}": data for name, data in forms.items()}
        for project, versions in self.pages.items():
            wheels = {
                f"{project}-{version}-py3-none-any.whl": make_wheel(project, version, requires)
                for version, requires in versions.items()
            }
            marked = [wheel for wheel in wheels if (project, wheel.split("-")[1]) in self.yanked]
            pages = index_files({project: wheels})
            for wheel in marked:
                page = pages[f"simple/{project}/index.html"].decode()
                pages[f"simple/{project}/index.html"] = page.replace(
                    f'href="{wheel}', f'data-yanked="" href="{wheel}'
                ).encode()
            files |= pages
        server.files = files

    def write(self, folder: Path) -> list[str]:
        """Write the inputs; return the flags."""
        lines = ["channels: [first, second]", f"dependencies: [{', '.join(self.asked)}"]
        pip = ", ".join(f"'{line}'" for line in self.pip)
        lines[1] += f", {{pip: [{pip}]}}]" if pip else "]"
        (folder / "environment.yml").write_text("\n".join(lines) + "\n")
        flags = [word for name, value in self.settings.items() for word in (name, value) if word]
        if self.name_map:
            (folder / "map.toml").write_text(self.name_map)
            flags += ["--name-map", "map.toml"]
        return flags


# --- changes: each one thing --------------------------------------------------------------------------


def new_record(name: str, channel: str, needs: Sequence[str]) -> Callable[[World], None]:
    def change(world: World) -> None:
        world.records[channel].append(record(name, NEW, depends=list(needs)))

    return change


def without_record(channel: str, place: int) -> Callable[[World], None]:
    def change(world: World) -> None:
        records = world.records[channel]
        if records:
            del records[place % len(records)]

    return change


def patched_record(channel: str, place: int, needs: str) -> Callable[[World], None]:
    """As a channel's hotfix does: the same file, other dependencies."""

    def change(world: World) -> None:
        records = world.records[channel]
        if records:
            found = records[place % len(records)]
            found["depends"] = [*(text for text in found["depends"] if text != needs), needs]

    return change


def new_release(project: str, version: str, needs: Sequence[str]) -> Callable[[World], None]:
    def change(world: World) -> None:
        world.pages.setdefault(project, {})[version] = list(needs)

    return change


def yank(project: str, version: str) -> Callable[[World], None]:
    def change(world: World) -> None:
        world.yanked ^= {(project, version)}

    return change


def setting(name: str, value: str | None) -> Callable[[World], None]:
    def change(world: World) -> None:
        if value is None:
            world.settings.pop(name, None)
        else:
            world.settings[name] = value

    return change


def mapped(text: str) -> Callable[[World], None]:
    def change(world: World) -> None:
        world.name_map = text

    return change


def asked(conda: str | None, pip: str | None) -> Callable[[World], None]:
    def change(world: World) -> None:
        if conda:
            world.asked = [line for line in world.asked if not line.startswith(conda.split("<")[0])] + [conda]
        if pip:
            world.pip = [line for line in world.pip if not line.startswith(pip.split("<")[0])] + [pip]

    return change


def other_program(world: World) -> None:
    world.program = (*world.program, "again")


CHANNELS = st.sampled_from(["first", "second"])
NAMES = st.sampled_from(["python", "numpy", "base", "other", "gpu", "user", "never-asked-for"])
NEEDS = st.sampled_from(["python", "base", "base <2", "other", "numpy <2.2", "__cuda", "nowhere"])
PROJECTS = st.sampled_from(["user", "helper", "numpy", "never-asked-for"])
VERSIONS = st.sampled_from(["0.9", "1.0", "2.0", "2.1rc1", "3.0"])
SETTINGS = st.sampled_from(
    [
        ("--channel-priority", "flexible"),
        ("--channel-priority", "disabled"),
        ("--virtual-package", "__cuda=12.4"),
        ("--virtual-package", "__glibc=2.17"),
        ("--pre", ""),
        ("--index-strategy", "unsafe-best-match"),
        ("--no-build", ""),
        ("--only-binary", "user"),
        ("--no-binary", "helper"),
        ("--prefer-binary", ""),
    ]
)
MAPS = st.sampled_from(["", "base = 'helper'\n", "numpy = false\n", "gpu = 'user'\n"])
CHANGES: st.SearchStrategy[Callable[[World], None]] = st.one_of(
    st.builds(new_record, NAMES, CHANNELS, st.lists(NEEDS, max_size=2, unique=True)),
    st.builds(without_record, CHANNELS, st.integers(0, 9)),
    st.builds(patched_record, CHANNELS, st.integers(0, 9), NEEDS),
    st.builds(new_release, PROJECTS, VERSIONS, st.sampled_from([[], ["helper"], ["numpy<2.2"]])),
    st.builds(yank, PROJECTS, VERSIONS),
    SETTINGS.map(lambda pair: setting(*pair)),
    SETTINGS.map(lambda pair: setting(pair[0], None)),
    MAPS.map(mapped),
    st.builds(asked, st.sampled_from([None, "numpy", "numpy<2.1", "base", "base<2"]),
              st.sampled_from([None, "user", "user<2", "helper", "helper<2"])),
    st.just(other_program),
)  # fmt: skip


class Outcome(NamedTuple):
    """What one run of the command gave."""

    code: int
    lockfile: str | None
    searches: int


class Runs:
    """The command over one world, and how often it searched."""

    def __init__(self, server: LoopbackServer, folder: Path) -> None:
        self.server, self.folder, self.searches = server, folder, 0
        self.program: tuple[str, ...] = ()

    def lock(self, world: World, cache: str) -> Outcome:
        before, lockfile = self.searches, self.folder / "conda-lock.yml"
        lockfile.unlink(missing_ok=True)
        self.program = world.program
        code = run(
            "environment.yml", "-q", "--index-url", f"{self.server.url}/simple",
            "--channel-alias", f"{self.server.url}/conda", "--cache-dir", cache, *world.write(self.folder),
            folder=self.folder,
        )  # fmt: skip
        text = lockfile.read_text() if lockfile.exists() else None
        return Outcome(code, text, self.searches - before)


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    solve = engines.solve_with

    def counted(*arguments: Any, **options: Any) -> Any:
        made.searches += 1
        return solve(*arguments, **options)

    monkeypatch.setattr(engines, "solve_with", counted)
    monkeypatch.setattr(answers, "program_state", lambda: made.program)
    with LoopbackServer() as server:
        server.extra_headers = {"/": {"Cache-Control": "max-age=0"}}
        made = Runs(server, tmp_path)
        yield made


@settings(
    max_examples=COUNT, deadline=None, derandomize=True,
    phases=[Phase.generate],  # an example takes seconds, and is short enough to read as it is
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(changes=st.lists(CHANGES, min_size=4, max_size=8), shards=st.booleans())
def test_an_answer_is_never_other_than_a_search_gives(
    runs: Runs, changes: list[Callable[[World], None]], shards: bool
) -> None:
    world = World()
    count = len(list(runs.folder.iterdir()))
    for step, change in enumerate([lambda _: None, *changes, other_program]):
        change(world)
        world.serve(runs.server, shards=shards)
        searched = runs.lock(world, f"empty-{count}-{step}")
        remembered = runs.lock(world, f"kept-{count}")
        assert searched[:2] == remembered[:2], step
        assert (searched.code in (0, 4), searched.searches) == (True, 1)
        if change is other_program:
            assert remembered.searches == 1
        if searched.code == 0:  # nothing has changed since
            assert runs.lock(world, f"kept-{count}") == (0, searched.lockfile, 0)
