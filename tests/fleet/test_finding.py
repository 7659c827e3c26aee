"""Which files a fleet has: of folders, globs, lists and names."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from lockfiles.fleet.finding import FindRequest, FoundFiles, find_files
from resolver.errors import InputError

CONDA = "channels: [c]\ndependencies:\n  - python\n"
#: What lies in the folder, and whether a walk takes it.
TREE = {
    "a/environment.yml": (CONDA, True),
    "a/flow.yaml": ("dependencies: [numpy]\n", True),
    "a/commented.yml": ("dependencies: # what is needed\n\n  # the Python\n  - python\n", True),
    "a/conda-lock.yml": ("version: 1\nmetadata:\n  x: 1\npackage:\n- name: a\n", False),
    "a/workflow.yml": ("on: push\njobs: {}\n", False),
    "a/pubspec.yaml": ("name: app\ndependencies:\n  http: ^1.0\n", False),
    "a/Chart.yaml": ("apiVersion: v2\ndependencies:\n- name: db\n", False),
    "a/empty.yml": ("", False),
    "b/requirements.txt": ("numpy\n", True),
    "b/requirements-dev.in": ("numpy\n", True),
    "b/dev_requirements.txt": ("numpy\n", True),
    "b/requirements/base.txt": ("numpy\n", True),
    "b/notes.txt": ("numpy\n", False),
    "c/pyproject.toml": ('[project]\nname = "x"\n', True),
    "c/tool/pyproject.toml": ("[tool.ruff]\n", False),
    "c/pixi.toml": ("[workspace]\n", True),
    "c/pylock.toml": ('lock-version = "1.0"\n', False),
    "node_modules/x/environment.yml": (CONDA, False),
    ".venv/pyvenv.cfg": ("", False),
    "myenv/pyvenv.cfg": ("", False),
    "myenv/lib/environment.yml": (CONDA, False),
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, (text, _) in TREE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def find(*paths: str, **more: object) -> FoundFiles:
    return find_files(FindRequest(paths=paths, **more), lambda name: Path(name).read_bytes())  # type: ignore[arg-type]


@pytest.mark.usefixtures("tree")
def test_a_folder_gives_what_is_recognised() -> None:
    wanted = sorted(name for name, (_, taken) in TREE.items() if taken)
    found = find(".")
    assert sorted(found.files) == wanted
    assert found.unread == ()
    assert find(".") == found  # a total order


def test_names_stay_as_typed(tree: Path) -> None:
    assert find("./a").files[0] == "./a/commented.yml"
    assert find(str(tree / "a")).files[0] == str(tree / "a" / "commented.yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Glob:
    why: str
    pattern: str
    files: tuple[str, ...]


GLOBS = [
    Glob(why="one level alone", pattern="a/*.yaml", files=("a/Chart.yaml", "a/flow.yaml", "a/pubspec.yaml")),
    Glob(why="through folders", pattern="b/**/*.txt", files=("b/dev_requirements.txt", "b/notes.txt",
         "b/requirements.txt", "b/requirements/base.txt")),
    Glob(why="lockfiles are no inputs", pattern="a/conda*.yml", files=()),
    Glob(why="sets of characters", pattern="[bc]/*.toml", files=("c/pixi.toml", "c/pyproject.toml")),
]  # fmt: skip


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize("case", GLOBS, ids=lambda case: case.why)
def test_globs(case: Glob) -> None:
    found = find(case.pattern)
    assert found.files == case.files
    assert found.empty == (() if case.files else (case.pattern,))


@pytest.mark.usefixtures("tree")
def test_a_name_is_taken_as_it_is_and_once() -> None:
    assert find("a/workflow.yml", "nowhere.yml", "a/workflow.yml").files == ("a/workflow.yml", "nowhere.yml")


@pytest.mark.usefixtures("tree")
def test_lists_have_lines_or_nuls() -> None:
    Path("list").write_text("b\n\nnowhere.yml\n")
    assert find(files_from=("list",)).files[-1] == "nowhere.yml"
    Path("list").write_bytes(b"a name.yml\0a/flow.yaml\0")
    assert find(files_from=("list",)).files == ("a name.yml", "a/flow.yaml")
    with pytest.raises(InputError, match="No such file"):
        find(files_from=("nolist",))


@pytest.mark.usefixtures("tree")
def test_what_git_ignores_is_left_out() -> None:
    Path(".gitignore").write_text("b/*\n!b/requirements.txt\n*.yaml\n")
    Path("c/.gitignore").write_text("pixi.toml\n")
    subprocess.run(["git", "init", "-q"], check=True)
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard"], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    wanted = {name for name, (_, taken) in TREE.items() if taken} & set(listed)
    assert set(find(".").files) == wanted
    assert set(find("c").files) == {name for name in wanted if name.startswith("c/")}
    assert "a/flow.yaml" in find(".", heeds_git=False).files
    assert set(find(".", exclude=("c/",)).files) == {name for name in wanted if not name.startswith("c/")}


def test_links_go_round_once(tree: Path) -> None:
    (tree / "a" / "loop").symlink_to(tree)
    (tree / "a" / "linked.yml").symlink_to("environment.yml")
    assert [name for name in find(".").files if "loop" in name] == []
    assert "a/linked.yml" in find("a").files


def test_what_cannot_be_read_is_said_and_ends_nothing(tree: Path) -> None:
    (tree / "a" / "broken.yml").symlink_to("nowhere.yml")
    (tree / "a" / "sub").mkdir()
    (tree / "a" / "sub").chmod(0)
    found = find("a")
    (tree / "a" / "sub").chmod(0o700)
    assert "a/environment.yml" in found.files
    if os.geteuid():
        assert [one.file for one in found.unread] == ["a/sub"]


@pytest.mark.usefixtures("tree")
def test_too_many_are_refused() -> None:
    with pytest.raises(InputError, match="more than 2 files"):
        find(".", most=2)


@pytest.mark.usefixtures("tree")
def test_standard_input_is_no_file_of_a_fleet() -> None:
    with pytest.raises(InputError, match="standard input"):
        find("-")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(b"\xef\xbb\xbfa.yml\r\nb.yml\r\n\r\n", ("a.yml", "b.yml"), id="of an editor on Windows"),
        pytest.param(
            "a\u2028b.yml\nc\x0cd\x85.yml".encode(), ("a\u2028b.yml", "c\x0cd\x85.yml"), id="odd signs"
        ),
        pytest.param(b"\xff.yml\nb.yml\n", ("\udcff.yml", "b.yml"), id="no UTF-8"),
        pytest.param(b"\xff.yml\0a\nb.yml\0", ("\udcff.yml", "a\nb.yml"), id="no UTF-8, ended by NULs"),
    ],
)
def test_a_list_has_the_names_that_files_have(data: bytes, found: tuple[str, ...]) -> None:
    assert find_files(FindRequest(files_from=("list",)), lambda _: data).files == found


def test_a_list_of_two_bytes_a_letter_is_refused() -> None:
    with pytest.raises(InputError, match="not UTF-8 text") as refused:
        find_files(FindRequest(files_from=("list",)), lambda _: "a.yml\n".encode("utf-16"))
    assert refused.value.hint == "Save it as UTF-8."
