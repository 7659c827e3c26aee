"""Settings that come to nothing are named: another one cancels them, or nothing has the name they give."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.said_world import PYTHON, World
from tests.support.channel import record


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    made = World(tmp_path, capsys)
    made.channel(*PYTHON, record("plain", "1.0"))
    made.index("own", {"tool": {"1.0": ["dep"]}, "dep": {"1.0": []}, "torch": {"2.0": []}})
    made.index("other", {"tool": {"1.0": ["dep"]}, "torch": {"2.0": []}})
    made.write("requirements.txt", "tool\n")
    return made


#: why, lines of lockstack.toml, flags, code, what is said
CASES = [
    ("a build with more, in place", ('extra-build-dependencies = {tool = ["x"]}\n'
     'no-build-isolation-package = ["tool"]'), (), "cancelled-setting",
     [("`extra-build-dependencies` (lockstack.toml:1:1) without effect for `tool`: it is built with what is "
      "installed beside `lock` (`no-build-isolation-package` (lockstack.toml:2:1))")]),
    ("a build with more, and metadata by hand",
     'extra-build-dependencies = {tool = ["x"]}\ndependency-metadata = {tool = []}', (), "cancelled-setting",
     [("`extra-build-dependencies` (lockstack.toml:1:1) without effect for `tool`: `dependency-metadata` "
      "(lockstack.toml:2:1) says what it requires, so it isn't built")]),
    ("a build that is forbidden", 'no-build-isolation-package = ["tool"]', ("--no-build",),
     "cancelled-setting",
     [("`no-build-isolation-package` (lockstack.toml:1:1) without effect for `tool`: `no-build` forbids to "
      "build it")]),
    ("a build with more alone", 'extra-build-dependencies = {tool = ["x"]}', (), "cancelled-setting", []),
    ("torch from two indexes", 'package-indexes = {torch = "own"}', ("--torch-backend", "cpu"),
     "cancelled-setting",
     [("`torch-backend` cpu without effect for `torch`: `package-indexes` (lockstack.toml:1:1) takes it from "
      "`own`")]),
    ("excluded and overridden", 'exclude-dependencies = ["dep"]\noverride-dependencies = ["dep==1.0"]', (),
     "cancelled-setting",
     [("`exclude-dependencies` (lockstack.toml:1:1) without effect for `dep`: the override `dep==1.0` "
      "(lockstack.toml:2:1) stands in place of each requirement on it")]),
    ("exceptions from nothing", "admit-undated = true", ("--exclude-newer-except", "dep"),
     "cancelled-setting",
     ["`exclude-newer-except` without effect: there is no `exclude-newer`",
      "`admit-undated` (lockstack.toml:1:1) without effect: there is no `exclude-newer`"]),
    ("a limit of another engine", "", ("--engine", "resolvelib", "--search-limit", "9"), "cancelled-setting",
     ["`search-limit` without effect: it is the default engine's"]),
    ("a line of the user's that is left out", 'exclude-dependencies = ["tool"]', (), "excluded-line",
     ["requirements.txt:1:1: `tool` is left out: excluded by lockstack.toml:1:1"]),
    ("metadata of a version that no release has", 'dependency-metadata = {"tool==9" = []}', (),
     "unused-setting",
     ["`dependency-metadata` (lockstack.toml:1:1) without effect for `tool==9`: 1.0 is locked"]),
    ("metadata of the version", 'dependency-metadata = {"tool==1" = []}', (), "unused-setting", []),
    ("projects that nobody asks for", ('dependency-metadata = {nine = []}\npackage-indexes = {ten = "x"}\n'
     'no-binary = ["tool-2"]'), (), "unused-setting",
     ["`package-indexes` (lockstack.toml:2:1) without effect for `ten`: not locked from an index",
      "`dependency-metadata` (lockstack.toml:1:1) without effect for `nine`: not locked from an index",
      "`no-binary` (lockstack.toml:3:1) without effect for `tool-2`: not locked from an index"]),
    ("a backend without torch", "", ("--torch-backend", "cpu"), "unused-setting",
     ["`torch-backend` without effect: neither torch nor its family is locked from an index"]),
    ("overrides of what nobody asks for",
     'override-dependencies = ["nine==1", "dep==1"]\nexclude-dependencies = ["z"]', (), "unused-setting",
     ["override `nine==1` (lockstack.toml:1:1) without effect for `nine`: no pip requirement is on `nine`",
      "`exclude-dependencies` (lockstack.toml:2:1) without effect for `z`: no pip requirement is on `z`"]),
    ("conda's flags without conda", "", ("--channel", "conda-forge", "--channel-priority", "flexible"),
     "unused-setting", ["`--channel`, `--channel-priority` without effect: no conda package is locked"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "flags", "code", "told"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_setting_without_effect_is_named(
    world: World, settings: str, flags: tuple[str, ...], code: str, told: list[str]
) -> None:
    world.write("lockstack.toml", settings + "\n")
    said = world.lock("requirements.txt", "--python", "3.11", "--index-url", "own", "--dry-run", *flags)
    assert (said.code, said.of(code)) == (0, told), said.err


def test_an_index_of_a_line_and_of_a_setting(world: World) -> None:
    world.write("pyproject.toml", '[project]\nname = "x"\nversion = "1"\ndependencies = ["tool"]\n'
                '[tool.uv.sources]\ntool = {index = "there"}\n'
                '[[tool.uv.index]]\nname = "there"\nurl = "other"\n'
                '[tool.lockstack]\npackage-indexes = {tool = "own"}\n')  # fmt: skip
    said = world.lock("pyproject.toml", "--python", "3.11", "--index-url", "own", "--dry-run")
    (told,) = said.of("cancelled-setting")
    assert told.endswith("without effect for `tool`: its line (pyproject.toml:4:18) names another index")


def test_pip_s_flags_where_conda_is_all(world: World) -> None:
    flags = ("--pre", "--index-url", "own", "--dry-run")
    (told,) = world.lock(world.environment("plain"), *flags).of("unused-setting")
    assert told == "`--index-url`, `--pre` without effect: no package of an index is locked"
    assert world.lock(world.environment("plain", pip=("dep",)), *flags).of("unused-setting") == []


def test_an_override_that_one_platform_needs_is_in_use(world: World) -> None:
    world.write("requirements.txt", "tool ; sys_platform == 'linux'\ndep\n")
    world.write("lockstack.toml", 'override-dependencies = ["tool==1.0"]\n')
    flags = ("--python", "3.11", "--index-url", "own", "--dry-run", "-p", "osx-arm64")
    assert world.lock("requirements.txt", *flags).of("unused-setting") == []


def test_what_pip_s_configuration_says_is_for_all_there_is(world: World) -> None:
    world.write("pip.conf", "[global]\nno-binary = nine\n")
    said = world.lock("requirements.txt", "--python", "3.11", "--index-url", "own", "--dry-run",
                      PIP_CONFIG_FILE=str(world.folder / "pip.conf"))  # fmt: skip
    assert (said.code, said.of("unused-setting")) == (0, []), said.err
