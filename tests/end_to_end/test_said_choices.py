"""What was chosen for the user in silence elsewhere: a Python, a release without the extra."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.inside import run
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


PRE_RELEASES = [
    ("nothing else is there", "early", (),
     ["`early` 1.0rc1 is a pre-release: no final release meets all that is asked"]),
    ("a final release would do", "late", (), []),
    ("no final release is in the range", "late>1.0", (),
     ["`late` 2.0rc1 is a pre-release: no final release meets all that is asked"]),
    ("a line names one", "late>=2.0rc1", (), []),
    ("a flag takes all", "early\nlate", ("--pre",), []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "flags", "told"), [case[1:] for case in PRE_RELEASES], ids=[case[0] for case in PRE_RELEASES]
)
def test_a_pre_release_that_nobody_asked_for_is_said(
    world: World, lines: str, flags: tuple[str, ...], told: list[str]
) -> None:
    world.index("late", {"late": {"1.0": [], "2.0rc1": []}, "early": {"1.0rc1": []}})
    name = world.write("requirements.txt", lines + "\n")
    said = world.lock(name, "--python", "3.11", "--index-url", "late", "--dry-run", *flags)
    assert (said.code, said.of("pre-release")) == (0, told), said.err


MACHINES = [
    # why, flags, code of the notice, how its text begins
    ("an image of nobody's", ("--image", "tyop/nothing:1"), "unknown", "not known: image tyop/nothing:1 "),
    ("a driver of times to come", ("--driver", "9999"), "unknown", "not known: driver 9999 is newer than"),
    ("a branch", ("--driver", "535"), "assumed", "assumed: driver 535: 535.54.03, the branch's first"),
    ("a GPU alone", ("--gpu", "A100"), "assumed", "assumed: CUDA 12.2: driver 535.54.03, "),
]


@pytest.mark.parametrize(
    ("flags", "code", "told"), [case[1:] for case in MACHINES], ids=[case[0] for case in MACHINES]
)
def test_what_is_not_known_of_a_machine_is_said_once(
    world: World, flags: tuple[str, ...], code: str, told: str
) -> None:
    said = world.lock(world.environment("plain"), "--dry-run", *flags)
    assert said.code == 0
    (text,) = said.of(code)
    assert text.startswith(told)
    assert said.err.count(text) == 1


def test_a_machine_says_nothing_of_a_mac(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ("--gpu", "A100", "--dry-run", "-p", "osx-arm64", "--python", "3.11", "--index-url", "own")
    assert run(world.write("requirements.txt", "dep\n"), *flags, folder=world.folder) == 0
    assert "`--gpu` without effect: no Linux platform is locked" in capsys.readouterr().err


def test_an_update_of_nothing_is_said(world: World) -> None:
    said = world.lock(world.environment("plain"), "--update", "plain", "--dry-run")
    assert "`--update plain` without effect: there is no earlier lockfile" in said.err
