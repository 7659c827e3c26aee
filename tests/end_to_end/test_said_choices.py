"""What was chosen for the user in silence elsewhere: a Python, a release without the extra."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.said_world import PYTHON, World
from tests.support.channel import record
from tests.support.packages import make_wheel

CONDA = (
    *PYTHON,
    record("plain", "1.0"),
)


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    made = World(tmp_path, capsys)
    made.channel(*CONDA)
    folder = tmp_path / "own"
    for project, requires, headers in (
        ("base", ["dep; extra == 'add'"], {"provides_extra": "add"}),
        ("old", ["dep; extra == 'undeclared'"], {}),
        ("asker", ["base[gone]"], {}),
        ("dep", [], {}),
    ):
        (folder / project).mkdir(parents=True)
        wheel = make_wheel(project, "0.1.0", requires, **headers)
        (folder / project / f"{project}-0.1.0-py3-none-any.whl").write_bytes(wheel)
    return made


EXTRAS = [
    # why, the lines, what is said
    ("one that is there, one that isn't", "base[add,missing]",
     ["`base` 0.1.0 has no extra `missing` (asked for at requirements.txt:1:1)"]),
    ("normalised", "base[ADD]", []),
    ("not declared, but there", "old[undeclared]", []),
    ("asked for by a release", "asker", ["`base` 0.1.0 has no extra `gone`"]),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "told"), [c[1:] for c in EXTRAS], ids=[c[0] for c in EXTRAS])
def test_an_extra_that_the_release_lacks_is_named(world: World, lines: str, told: list[str]) -> None:
    name = world.write("requirements.txt", lines + "\n")
    said = world.lock(name, "--python", "3.11", "--index-url", "own", "--dry-run")
    assert (said.code, said.of("unknown-extra")) == (0, told), said.err


def test_a_python_that_nothing_names_is_said_once(world: World) -> None:
    name = world.write("requirements.txt", "dep\n")
    flags = ("--index-url", "own", "--dry-run")
    (text,) = world.lock(name, *flags).of("default-python")
    assert text.startswith("Python 3.12.")
    assert text.endswith(" is chosen: nothing names one (`--python VERSION`)")
    assert world.lock(name, "--python", "3.11", *flags).of("default-python") == []


def test_conda_s_python_for_pip_lines_is_said(world: World) -> None:
    flags = ("--index-url", "own", "--dry-run")
    (text,) = world.lock(world.environment("plain", pip=("dep",)), *flags).of("default-python")
    assert text.startswith("Python 3.11.9 of ")
    named = world.environment("plain", "python", pip=("dep",))
    assert world.lock(named, *flags).of("default-python") == []
    by_flag = world.environment("plain", pip=("dep",))
    assert world.lock(by_flag, "--python", "3.11", *flags).of("default-python") == []
    assert world.lock(world.environment("plain"), *flags).of("default-python") == []


def test_channels_that_nothing_names_are_said(world: World) -> None:
    world.channel(*CONDA, name="pkgs/main")
    lines = "dependencies: [plain]\n"
    alone = world.write("environment.yml", lines)
    world.write("lockstack.toml", f"channel-alias = '{world.folder}'\ndefault-channels = ['pkgs/main']\n")
    (text,) = world.lock(alone, "--dry-run").of("default-channels")
    assert text.startswith("no channel is named: `defaults` is taken (pkgs/main; ")
    assert world.lock(alone, "--channel", "pkgs/main", "--dry-run").of("default-channels") == []
    named = world.write("environment.yml", "channels: [pkgs/main]\n" + lines)
    assert world.lock(named, "--dry-run").of("default-channels") == []
