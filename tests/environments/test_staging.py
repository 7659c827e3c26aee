"""The copy that is worked on: the old environment can't be reached through it, and one process has it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lockfiles.environments.staging import check_place, copy_environment, held, real_place, work_folder
from resolver.errors import InputError

FILES = {
    "conda-meta/a-1-0.json": "copied",
    "conda-meta/history": "copied",
    "bin/tool": "copied",
    "etc/conda/activate.d/a.sh": "copied",
    "lib/python3.12/site-packages/a-1.dist-info/RECORD": "copied",
    "lib/python3.12/site-packages/a/__init__.py": "linked",
    "lib/liba.so": "linked",
    "data/of/mine.txt": "linked",
}


def _environment(folder: Path) -> Path:
    for name in FILES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (folder / "lib" / "link.so").symlink_to("liba.so")
    (folder / "lib" / "dangling").symlink_to("nowhere")
    (folder / "bin" / "tool").chmod(0o755)
    return folder


def test_files_that_tools_write_to_are_copies(tmp_path: Path) -> None:
    source, target = _environment(tmp_path / "old"), tmp_path / "new"
    copy_environment(source, target)
    for name, how in FILES.items():
        assert (target / name).read_text() == name
        is_same = (target / name).samefile(source / name)
        assert is_same == (how == "linked"), name
    assert (target / "lib" / "link.so").readlink() == Path("liba.so")
    assert (target / "lib" / "dangling").is_symlink()
    assert os.access(target / "bin" / "tool", os.X_OK)


def test_pipes_are_left_out(tmp_path: Path) -> None:
    source = _environment(tmp_path / "old")
    os.mkfifo(source / "pipe")
    copy_environment(source, tmp_path / "new")
    assert not (tmp_path / "new" / "pipe").exists()


def test_nothing_is_left_beside(tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    with held(prefix, lambda: None) as (work, _):
        assert work == work_folder(prefix)
        (work / "new").mkdir()
    assert list(tmp_path.iterdir()) == []


_HOLD = """\
import sys
from pathlib import Path
from lockfiles.environments.staging import held
with held(Path(sys.argv[1]), lambda: print("waits", flush=True)):
    print("has it", flush=True)
    sys.stdin.readline()
"""


def _hold(prefix: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _HOLD, str(prefix)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_second_one_waits_for_the_first_also_where_that_is_killed(tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    with _hold(prefix) as first:
        assert first.stdout
        assert first.stdout.readline() == "has it\n"
        with _hold(prefix) as second:
            assert second.stdout
            assert second.stdout.readline() == "waits\n"
            first.kill()
            assert second.stdout.readline() == "has it\n"
            second.communicate("\n")
    assert list(tmp_path.iterdir()) == []


def test_a_child_that_outlives_its_parent_holds_the_folder(tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    with held(prefix, lambda: None) as (_, handle):
        child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=(handle,))
    with _hold(prefix) as other:
        assert other.stdout
        first = other.stdout.readline()
        child.communicate(b"")
        assert (first, other.stdout.readline() if first == "waits\n" else "has it\n") in (
            ("waits\n", "has it\n"),
            ("has it\n", "has it\n"),  # the folder went with its first holder, and was made anew
        )
        other.communicate("\n")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda place: place.write_text(""), "is a file, not a folder", id="a file"),
        pytest.param(
            lambda place: (place / "thesis.txt").parent.mkdir() or (place / "thesis.txt").write_text("mine"),
            "is not empty, and no environment",
            id="a folder of somebody's",
        ),
    ],
)
def test_places_that_can_become_none(make: object, message: str, tmp_path: Path) -> None:
    place = tmp_path / "place"
    make(place)  # type: ignore[operator]
    with pytest.raises(InputError) as caught:
        check_place(place)
    assert caught.value.message == message
    assert caught.value.hint


def test_the_environment_of_this_process_can_become_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="`lock` itself runs in"):
        check_place(Path(os.path.realpath(sys.prefix)))
    with pytest.raises(InputError, match="its folder is not there"):
        check_place(tmp_path / "a" / "b")
    with pytest.raises(InputError, match="root of the file system"):
        check_place(Path("/"))
    with pytest.raises(InputError, match="mount point"):
        check_place(Path("/proc"))


def test_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert real_place("link", tmp_path) == (tmp_path / "real").resolve()
