"""Files are read with clear errors, and written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lockfiles import files
from lockfiles.files import Staged, drop_staged, put_staged, read_text, stage_text, write_text, write_together
from resolver.errors import InputError, OutputError

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def stage_and_put(path: Path, text: str) -> bool:
    """Write as a fleet does, in two steps."""
    staged = stage_text(path, text)
    if isinstance(staged, Staged):
        put_staged(staged)
        return True
    return staged


writers = pytest.mark.parametrize("write", [write_text, stage_and_put], ids=["at once", "in two steps"])


@writers
def test_a_new_file_is_written(tmp_path: Path, write: Callable[[Path, str], bool]) -> None:
    assert write(tmp_path / "a.yml", "é\n") is True
    assert (tmp_path / "a.yml").read_bytes() == "é\n".encode()
    assert names(tmp_path) == ["a.yml"]


@writers
def test_a_new_file_gets_the_permissions_of_any_new_file(
    tmp_path: Path, write: Callable[[Path, str], bool]
) -> None:
    (tmp_path / "reference").write_text("")
    write(tmp_path / "a.yml", "x")
    assert (tmp_path / "a.yml").stat().st_mode == (tmp_path / "reference").stat().st_mode


@writers
def test_the_same_text_is_not_written_again(tmp_path: Path, write: Callable[[Path, str], bool]) -> None:
    path = tmp_path / "a.yml"
    write(path, "x")
    os.utime(path, ns=(1, 1))
    assert write(path, "x") is False
    assert path.stat().st_mtime_ns == 1


@writers
def test_permissions_are_kept(tmp_path: Path, write: Callable[[Path, str], bool]) -> None:
    path = tmp_path / "a.yml"
    path.write_text("old")
    path.chmod(0o640)
    write(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.read_text() == "new"


@writers
def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path, write: Callable[[Path, str], bool]) -> None:
    (tmp_path / "deep").mkdir()
    target, link = tmp_path / "deep" / "real.yml", tmp_path / "link.yml"
    target.write_text("old")
    link.symlink_to(Path("deep") / "real.yml")
    write(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert names(tmp_path / "deep") == ["real.yml"]


@writers
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path, write: Callable[[Path, str], bool]) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write(pipe, "data")
        assert os.read(reader, 10) == b"data"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@writers
@pytest.mark.parametrize("step", ["fsync", "replace", "fchmod"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_failure_at_any_step_leaves_the_old_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    number: int,
    write: Callable[[Path, str], bool],
) -> None:
    path = tmp_path / "a.yml"
    path.write_text("old")

    def fail(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(files.os, step, fail)
    with pytest.raises(OutputError, match=f"can't write `{path}`"):
        write(path, "new")
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.yml"]


def test_what_is_staged_is_not_there_yet(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("old")
    staged = stage_text(path, "new")
    assert isinstance(staged, Staged)
    assert (path.read_text(), len(names(tmp_path))) == ("old", 2)
    drop_staged(staged)
    assert (path.read_text(), names(tmp_path)) == ("old", ["a.yml"])
    with pytest.raises(OutputError, match="can't write"):  # nothing is there any more
        put_staged(staged)


def test_an_interrupt_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yml"
    path.write_text("old")

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_text(path, "new")
    assert (path.read_text(), names(tmp_path)) == ("old", ["a.yml"])


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    """A real limit of the operating system, in a process of its own."""
    path = tmp_path / "a.yml"
    path.write_text("old")
    script = (
        "import resource, signal, sys\n"
        "from lockfiles.files import write_text\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n    write_text(sys.argv[1], 'n' * 100_000)\n"
        "except Exception as error:\n    print(type(error).__name__, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", script, str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    assert done.stdout == f"OutputError can't write `{path}`: the file is too large\n"
    assert (path.read_text(), names(tmp_path)) == ("old", ["a.yml"])


def test_a_killed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("old")
    script = (
        "import os, signal, sys\nfrom lockfiles import files\n"
        "files.os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "files.write_text(sys.argv[1], 'new')\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], check=False, timeout=240)
    assert done.returncode != 0
    assert path.read_text() == "old"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(lambda p: p / "no" / "a.yml", "its folder does not exist", id="no folder"),
        pytest.param(lambda p: p, "is a folder", id="a folder"),
        pytest.param(lambda p: p / "file" / "a.yml", "a part of the path is not a folder", id="below a file"),
        pytest.param(lambda p: p / ("n" * 300), "the name is too long", id="long name"),
    ],
)
def test_places_that_cannot_be_written(tmp_path: Path, make: Any, reason: str) -> None:
    (tmp_path / "file").write_text("")
    path = make(tmp_path)
    with pytest.raises(OutputError) as caught:
        write_text(path, "x")
    assert str(caught.value) == f"can't write `{path}`: {reason}"


@pytest.mark.skipif(IS_ROOT, reason="root may write everywhere")
def test_a_read_only_folder(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    (folder / "a.yml").write_text("old")
    folder.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="no permission"):
            write_text(folder / "a.yml", "new")
        assert (folder / "a.yml").read_text() == "old"
    finally:
        folder.chmod(0o700)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"\xef\xbb\xbfa\n", "a\n", id="a byte order mark is left out"),
        pytest.param("ü".encode(), "ü", id="UTF-8"),
        pytest.param(b"a\r\nb", "a\r\nb", id="line ends stay"),
    ],
)
def test_read(tmp_path: Path, content: bytes, expected: str) -> None:
    (tmp_path / "a").write_bytes(content)
    assert read_text(tmp_path / "a") == expected


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda p: p / "none.yml", "none.yml: no such file", id="missing"),
        pytest.param(lambda p: p, ": is a folder, not a file", id="folder"),
        pytest.param(lambda p: p / "latin", "latin:2:3: not UTF-8 text", id="another encoding"),
        pytest.param(lambda p: p / "latin" / "x", "x: a part of the path is not a folder", id="below a file"),
        pytest.param(lambda p: p / "a\0b", "a\\0b: not a usable path", id="NUL in the name"),
    ],
)
def test_texts_that_cannot_be_read(tmp_path: Path, make: Any, message: str) -> None:
    (tmp_path / "latin").write_bytes(b"abc\nab\xe9\n")
    with pytest.raises(InputError) as caught:
        read_text(make(tmp_path))
    assert str(caught.value).endswith(message)


def test_several_files_are_written_together(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("old")
    one.chmod(0o640)
    write_together({str(one): "new", str(other): "new too"})
    assert (one.read_text(), other.read_text()) == ("new", "new too")
    assert one.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "other"]


@pytest.mark.parametrize("failing", [0, 1, 2], ids=["the first rename", "the second", "the third"])
def test_of_several_files_all_or_none(failing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = [tmp_path / name for name in ("a", "b", "c")]
    places[0].write_text("old a")
    places[2].write_text("old c")
    replace, count = os.replace, iter(range(100))

    def fail_once(source: str, target: Path) -> None:
        if next(count) == failing:
            raise OSError(errno.ENOSPC, "no space")
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail_once)
    with pytest.raises(OutputError, match="no space left"):
        write_together({str(place): f"new {place.name}" for place in places})
    left = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert left == {"a": "old a", "c": "old c"}


def test_of_several_files_none_where_one_has_no_place(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with pytest.raises(OutputError, match="its folder does not exist"):
        write_together({str(tmp_path / "a"): "new", str(tmp_path / "nowhere" / "b"): "new"})
    assert (tmp_path / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
