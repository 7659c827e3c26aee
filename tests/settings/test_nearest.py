"""Which settings files hold: those of the nearest folder that has some, upwards."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lockfiles.settings.model import Settings, load_settings
from resolver.errors import InputErrors

TIMEOUT = "timeout = {}\n"


def make(folder: Path, *files: str) -> Path:
    """Write settings files, each with a time of its own (1, 2 ...), and folders (they end in ``/``)."""
    for number, name in enumerate(files, start=1):
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        head = "[tool.lockstack]\n" if path.name == "pyproject.toml" else ""
        path.write_text(head + TIMEOUT.format(number))
    return folder


def load(cwd: Path, file: str | None) -> Settings:
    return load_settings({}, {}, Path(file) if file else None, cwd / "home", cwd, root=cwd / "nowhere")


CASES = {
    "the nearest one": (("lockstack.toml", "a/lockstack.toml"), "a/b/c/e.yml", 2),
    "of the folders on the way": (("a/lockstack.toml", "b/lockstack.toml", "b/c/"), "b/c/e.yml", 2),
    "beside the file": (("lockstack.toml", "a/lockstack.toml"), "a/e.yml", 2),
    "a pyproject.toml with the table": (("lockstack.toml", "a/pyproject.toml", "a/b/"), "a/b/e.yml", 2),
    "lockstack.toml before the table": (("a/pyproject.toml", "a/lockstack.toml", "a/b/"), "a/b/e.yml", 2),
    "up to the repository's root": ((".git/", "lockstack.toml", "a/b/"), "a/b/e.yml", 2),
    "not above a repository's root": (("lockstack.toml", "a/.git/", "a/b/"), "a/b/e.yml", 30),
    "not above its own folder, the root": (("lockstack.toml", "a/.git/"), "a/e.yml", 30),
    "nowhere": (("a/lockstack.toml", "b/"), "b/e.yml", 30),
}


@pytest.mark.parametrize("why", CASES)
def test_nearest(why: str, tmp_path: Path) -> None:
    files, name, value = CASES[why]
    settings = load(make(tmp_path, *files), name)
    assert settings.timeout.value == value
    assert load(tmp_path, str(tmp_path / name)).timeout.value == value
    inside = (tmp_path / name).parent
    inside.mkdir(parents=True, exist_ok=True)
    assert load(inside, "e.yml").timeout.value == value
    assert load(inside, None).timeout.value == value


def test_the_nearest_one_wins_as_a_whole(tmp_path: Path) -> None:
    make(tmp_path, "lockstack.toml", "a/lockstack.toml")
    (tmp_path / "lockstack.toml").write_text("timeout = 1\nretries = 7\n")
    settings = load(tmp_path, "a/e.yml")
    assert (settings.timeout.value, settings.retries.source) == (2, "default")


def test_a_pyproject_without_the_table_is_passed_over(tmp_path: Path) -> None:
    make(tmp_path, "lockstack.toml", "a/b/")
    (tmp_path / "a" / "pyproject.toml").write_text('[project]\nname = "lockstack-user"\nversion = "1"\n')
    assert load(tmp_path, "a/b/e.yml").timeout.value == 1


def test_places_are_told_from_the_current_folder(tmp_path: Path) -> None:
    make(tmp_path, "lockstack.toml", "a/b/")
    (tmp_path / "lockstack.toml").write_text('cert = "ca.pem"\noutput = "all.lock.yml"\n')
    settings = load(tmp_path / "a", "b/e.yml")
    assert settings.cert.source == "../lockstack.toml:1:1"
    assert settings.cert.value == Path("../ca.pem")


def test_an_output_holds_beside_its_file_alone(tmp_path: Path) -> None:
    make(tmp_path, "a/")
    (tmp_path / "lockstack.toml").write_text('output = "all.lock.yml"\n')
    assert load(tmp_path, "e.yml").output.value == Path("all.lock.yml")
    assert load(tmp_path, "a/e.yml").output.value is None


def test_links_to_folders_count_as_they_are_named(tmp_path: Path) -> None:
    make(tmp_path, "a/lockstack.toml", "b/lockstack.toml", "b/c/")
    (tmp_path / "a" / "link").symlink_to(tmp_path / "b" / "c")
    assert load(tmp_path, "a/link/e.yml").timeout.value == 1
    assert load(tmp_path, "a/link/../e.yml").timeout.value == 2  # as the system has it: above b/c
    assert load(tmp_path, "b/c/e.yml").timeout.value == 2


def test_a_folder_without_end_above(tmp_path: Path) -> None:
    assert load(tmp_path, "/".join(["x"] * 80 + ["e.yml"])).timeout.value == 30
    assert load(Path("/"), "e.yml").timeout.value == 30


def test_a_current_folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    settings = load_settings({}, {}, None, tmp_path, Path(), root=tmp_path)
    assert settings.timeout.value == 30
    monkeypatch.chdir(tmp_path)


FOREIGN = 4_000_001


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize(
    ("given", "repository", "value"),
    [("lockstack.toml", False, 30), (".git", True, 30), ("a", False, 1), ("lockstack.toml", True, 1)],
    ids=["another's settings", "another's repository", "another's input", "another's file of a repository"],
)
def test_what_belongs_to_others(
    given: str, repository: bool, value: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only where nobody vouches for them: the owner of the input's folder does, and a repository's."""
    make(tmp_path, "lockstack.toml", "a/", *((".git/",) if repository else ()))
    os.chown(tmp_path / given, FOREIGN, FOREIGN)
    if given in ("a", ".git"):
        os.chown(tmp_path / "lockstack.toml", FOREIGN, FOREIGN)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert load(tmp_path, "a/e.yml").timeout.value == value


BROKEN = {
    "not TOML": ("timeout = [\n", "lockstack.toml:"),
    "another setting": ("timeuot = 3\n", "lockstack.toml:1:1: unknown setting `timeuot`"),
    "too large": ("#" * (1 << 20) + "\n", "can't read `lockstack.toml`: more than 1 MiB are no settings"),
    "no text": ("\x00", "lockstack.toml"),
}


@pytest.mark.parametrize("why", BROKEN)
def test_broken_ones_above_are_told(why: str, tmp_path: Path) -> None:
    text, told = BROKEN[why]
    make(tmp_path, "a/b/")
    (tmp_path / "lockstack.toml").write_text(text)
    with pytest.raises(InputErrors) as raised:
        load(tmp_path, "a/b/e.yml")
    assert told in str(raised.value)


@pytest.mark.parametrize("kind", ["a pipe", "a folder", "a loop of links"])
def test_what_is_no_file_above_is_told(kind: str, tmp_path: Path) -> None:
    make(tmp_path, "a/")
    place = tmp_path / "lockstack.toml"
    {"a pipe": lambda: os.mkfifo(place), "a folder": place.mkdir}.get(kind, lambda: place.symlink_to(place))()
    with pytest.raises(InputErrors, match=r"can't read `lockstack\.toml`"):
        load(tmp_path, "a/e.yml")
