"""Builds that lack something: what is said, and the settings that help."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from lockfiles.formats.conda_lock.text import read_conda_lock
from tests.end_to_end.said_world import Said, World
from tests.support.packages import make_sdist, make_wheel

#: A backend in the tree itself that needs a module which it doesn't ask for.
BACKEND = """
from pathlib import Path
import {module}

def prepare_metadata_for_build_wheel(folder, settings=None):
    info = Path(folder) / "tool-1.0.dist-info"
    info.mkdir()
    lines = ["Metadata-Version: 2.1", "Name: tool", "Version: 1.0", "Requires-Dist: six"]
    (info / "METADATA").write_text(chr(10).join(lines) + chr(10))
    return info.name

def build_wheel(folder, settings=None, metadata=None):
    raise NotImplementedError
"""
SYSTEM = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    made = World(tmp_path, capsys)
    (tmp_path / "links").mkdir()
    for name in ("six", "seven", "helper"):
        (tmp_path / "links" / f"{name}-1.0-py3-none-any.whl").write_bytes(
            make_wheel(name, "1.0", files={f"{name}.py": b""})
        )
    return made


def sdist(world: World, module: str = "helper") -> None:
    files = {"pyproject.toml": SYSTEM, "backend.py": BACKEND.format(module=module)}
    data = make_sdist("tool", "1.0", files)
    (world.folder / "links" / "tool-1.0.tar.gz").write_bytes(data)


def lock(world: World, settings: str = "", text: str = "tool") -> Said:
    world.write("lockstack.toml", settings)
    world.write("requirements.txt", f"{text}\n")
    return world.lock("requirements.txt", "--python", "3.11", "--no-index", "--find-links", "links")


def names(world: World) -> set[str]:
    text = (world.folder / "requirements.conda-lock.yml").read_text()
    return {package.name for package in read_conda_lock(text, "f").packages}


def test_a_build_that_lacks_a_module_names_what_helps(world: World) -> None:
    sdist(world)
    said = lock(world)
    assert said.code == 4
    (error,) = json.loads(said.out)["errors"]
    assert "ModuleNotFoundError: No module named 'helper'" in error["message"]
    assert '`extra-build-dependencies`: `tool = ["helper"]`' in error["message"]
    assert "`dependency-metadata`" in error["message"]
    assert "Traceback" not in said.out + said.err
    assert 'File "' not in said.out + said.err


HELPS = [
    ("what the build needs besides", 'extra-build-dependencies = {Tool = ["helper"]}', {"tool", "six"}),
    ("metadata by hand", 'dependency-metadata = {tool = ["seven"]}', {"tool", "seven"}),
    ("metadata by hand of the version", 'dependency-metadata = {"Tool==1" = []}', {"tool"}),
    ("metadata by hand as uv writes it",
     '[[dependency-metadata]]\nname = "tool"\nversion = "1.0"\nrequires-dist = ["seven"]', {"tool", "seven"}),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "expected"), [c[1:] for c in HELPS], ids=[c[0] for c in HELPS])
def test_what_helps(settings: str, expected: set[str], world: World) -> None:
    sdist(world)
    assert lock(world).code == 4, "a failure that was remembered is no reason under other rules"
    said = lock(world, settings)
    assert said.code == 0, said.out
    assert names(world) == expected


def test_a_build_in_place_uses_what_is_installed(world: World) -> None:
    sdist(world, "msgspec")
    assert lock(world).code == 4
    said = lock(world, 'no-build-isolation-package = ["tool"]')
    assert said.code == 0, said.out
    assert names(world) == {"tool", "six"}


def test_a_build_in_place_that_lacks_a_module_says_where_it_is_missing(world: World) -> None:
    sdist(world, "no_such_module_here")
    said = lock(world, 'no-build-isolation-package = ["tool"]')
    assert said.code == 4
    (error,) = json.loads(said.out)["errors"]
    assert "No module named 'no_such_module_here'" in error["message"]
    told = "it is built where `lock` runs (`no-build-isolation-package`): install `no_such_module_here` there"
    assert told in error["message"]
    assert "`extra-build-dependencies`" not in error["message"], "they would not count"
    assert "Traceback" not in said.out + said.err


def test_metadata_of_another_version_says_nothing(world: World) -> None:
    sdist(world)
    assert lock(world, 'dependency-metadata = {"tool==2" = []}').code == 4


def test_metadata_by_hand_stands_for_wheels_too(world: World) -> None:
    wheel = make_wheel("tool", "1.0", ["six"])
    (world.folder / "links" / "tool-1.0-py3-none-any.whl").write_bytes(wheel)
    assert lock(world).code == 0
    assert names(world) == {"tool", "six"}
    for text in ("tool", "tool @ links/tool-1.0-py3-none-any.whl"):
        assert lock(world, 'dependency-metadata = {tool = ["seven"]}', text).code == 0
        assert names(world) == {"tool", "seven"}
    assert lock(world, "", "tool @ links/tool-1.0-py3-none-any.whl").code == 0
    assert names(world) == {"tool", "six"}


def test_extras_of_metadata_by_hand(world: World) -> None:
    sdist(world)
    settings = "dependency-metadata = {tool = ['six', 'seven; extra == \"more\"']}"
    assert lock(world, settings, "tool[more]").code == 0
    assert names(world) == {"tool", "six", "seven"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ('dependency-metadata = {tool = ["a b c"]}', "`a b c` is no requirement"),
        ('dependency-metadata = {"tool==x" = []}', "`x` is no version"),
        ('[[dependency-metadata]]\nname = "tool"\nurl = "x"', "`url` has no meaning here"),
        ('extra-build-dependencies = {tool = ["=="]}', "`==` is no requirement"),
    ],
)
def test_what_can_not_be_meant(settings: str, message: str, world: World) -> None:
    sdist(world)
    said = lock(world, settings)
    assert said.code == 2
    assert message in json.loads(said.out)["errors"][0]["message"]


def tree(world: World, *, identity: str = "") -> Path:
    """Write a tree whose build lacks a module; ``identity``: what its pyproject.toml says of itself."""
    folder = world.folder / "tool"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(SYSTEM + identity)
    (folder / "backend.py").write_text(BACKEND.format(module="helper"))
    return folder


def as_repository(folder: Path) -> str:
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "one")):
        who = ("-c", "user.name=a", "-c", "user.email=a@b.invalid")
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True)
    return f"git+{folder.as_uri()}"


OWN = '[project]\nname = "tool"\nversion = "2.0"\ndynamic = ["dependencies"]\n'
BY_HAND = 'dependency-metadata = {"tool==1.0" = ["seven"]}'
TREES = [
    ("a folder with a name", "tool @ FOLDER", "", BY_HAND, "1.0"),
    ("a folder that says its name", "./tool", OWN, 'dependency-metadata = {tool = ["seven"]}', "2.0"),
    ("a folder to edit", "-e ./tool", OWN, 'dependency-metadata = {tool = ["seven"]}', "2.0"),
    ("a repository with a name", "tool @ REPOSITORY", "", BY_HAND, "1.0"),
    ("a repository that says its name", "REPOSITORY", OWN, 'dependency-metadata = {tool = ["seven"]}', "2.0"),
    ("an archive of a branch", "tool @ ARCHIVE", "", BY_HAND, "1.0"),
]


@pytest.mark.parametrize(
    ("line", "identity", "settings", "version"), [c[1:] for c in TREES], ids=[c[0] for c in TREES]
)
def test_metadata_by_hand_of_what_a_line_names_a_place_for(
    line: str, identity: str, settings: str, version: str, world: World
) -> None:
    folder = tree(world, identity=identity)
    is_repository = "REPOSITORY" in line
    if is_repository:
        line = line.replace("REPOSITORY", as_repository(folder))
    archive = shutil.make_archive(str(world.folder / "main"), "zip", world.folder, "tool")
    line = line.replace("FOLDER", folder.as_uri()).replace("ARCHIVE", Path(archive).as_uri())
    failed = lock(world, text=line)
    assert failed.code == 2
    assert "No module named 'helper'" in failed.err
    said = lock(world, settings, text=line)
    assert said.code == 0, said.err
    assert said.of("unused-setting") == []
    if is_repository:
        assert f"1 from {folder.as_posix()}" in said.err, "a place on disk is told by its path"
    text = (world.folder / "requirements.conda-lock.yml").read_text()
    found = {package.name: package.version for package in read_conda_lock(text, "f").packages}
    assert found == {"tool": version, "seven": "1.0"}


def test_what_the_build_of_a_folder_needs_besides(world: World) -> None:
    line = f"tool @ {tree(world).as_uri()}"
    assert '`extra-build-dependencies`: `tool = ["helper"]`' in lock(world, text=line).err
    assert lock(world, 'extra-build-dependencies = {tool = ["helper"]}', text=line).code == 0
    assert names(world) == {"tool", "six"}


def test_a_folder_without_a_name_is_told_how_to_get_one(world: World) -> None:
    tree(world)
    assert "(for a line `NAME @ PLACE`: `extra-build-dependencies`:" in lock(world, text="./tool").err


#: A build that looks for a variable, as those of CUDA packages do.
LOOKS_FOR = BACKEND.replace("import {module}", "import os; assert os.environ['SKIP_CUDA'] == 'TRUE'")


@pytest.mark.parametrize("more", ["", 'no-build-isolation-package = ["tool"]\n'])
def test_a_build_gets_the_variables_that_are_given_for_it(more: str, world: World) -> None:
    files = {"pyproject.toml": SYSTEM, "backend.py": LOOKS_FOR}
    (world.folder / "links" / "tool-1.0.tar.gz").write_bytes(make_sdist("tool", "1.0", files))
    lacking = lock(world, more)
    assert lacking.code == 4
    assert '`extra-build-variables`: `tool = {NAME = "VALUE"}`' in lacking.err
    said = lock(world, f'{more}extra-build-variables = {{tool = {{SKIP_CUDA = "TRUE"}}}}')
    assert said.code == 0, said.err
    assert names(world) == {"tool", "six"}
    assert lock(world, f'{more}extra-build-variables = {{tool = {{SKIP_CUDA = "no"}}}}').code == 4


@pytest.mark.parametrize("name", ["PIP_INDEX_URL", "pip_config_file", "A-B", ""])
def test_a_variable_that_is_not_for_a_build_is_refused(name: str, world: World) -> None:
    said = lock(world, f'extra-build-variables = {{tool = {{"{name}" = "x"}}}}')
    assert said.code == 2
    assert f"`{name}` can't be set for a build" in said.err
