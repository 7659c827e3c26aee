"""A run that names no lockfile: which one it takes, the same for every verb, and what it says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockfiles.formats.conda_lock.text import write_conda_lock
from lockfiles.model import LockedChannel, LockMetadata
from tests.cli.here import lock
from tests.lockfiles.make import conda, resolution

#: Runs that take the usual lockfile, and what shows that they have read it.
RUNS: dict[str, tuple[str, ...]] = {
    "check": ("check",),
    "diff": ("diff", "old.yml"),
    "export": ("export", "--format", "explicit", "-o", "-"),
    "graph": ("graph", "-o", "-", "--no-check"),
    "install": ("install", "--prefix", "env", "--dry-run"),
    "tree": ("tree",),
    "validate": ("validate", "--init"),
    "verify": ("verify", "--no-sources"),
    "why": ("why", "openssl"),
}


def lockfile(version: str, *sources: str) -> str:
    metadata = LockMetadata(channels=(LockedChannel(url="conda-forge"),), sources=sources)
    return write_conda_lock([resolution(conda("openssl", version, "h0"))], metadata)


def folder_of(tmp_path: Path, **files: str) -> Path:
    """Return a folder with files; ``__`` stands for a slash, ``_`` for a point."""
    for name, text in {"old_yml": lockfile("3.0.0"), **files}.items():
        place = tmp_path / name.replace("__", "/").replace("_", ".")
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
    return tmp_path


ONE = lockfile("3.3.1")
SETTINGS = 'output = "locks/a.yml"\n'
#: What lies in the folder; the name that is taken, None: conda-lock.yml, of which nothing is said.
FOLDERS = [
    pytest.param({"conda-lock_yml": ONE}, None, id="the usual one"),
    pytest.param({"train_conda-lock_yml": ONE}, "train.conda-lock.yml", id="one of an input's name"),
    pytest.param(
        {"conda-lock_yml": ONE, "train_conda-lock_yml": lockfile("1.0")}, None, id="the usual one comes first"
    ),
    pytest.param(
        {"locks__a_yml": ONE, "conda-lock_yml": lockfile("1.0"), "lockstack_toml": SETTINGS},
        "locks/a.yml",
        id="where the settings write it",
    ),
    pytest.param({"conda-lock_yml": ONE, "lockstack_toml": 'output = "-"\n'}, None, id="standard output"),
]


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_every_verb_takes_the_same(run: tuple[str, ...], tmp_path: Path) -> None:
    done = lock(*run, folder=folder_of(tmp_path, **{"train_conda-lock_yml": ONE}))
    assert done.code == 0, done.err
    assert done.err.count("note: the lockfile here is `train.conda-lock.yml`\n") == 1


@pytest.mark.parametrize(("files", "taken"), FOLDERS)
def test_which_one_it_is(files: dict[str, str], taken: str | None, tmp_path: Path) -> None:
    done = lock("why", "openssl", folder=folder_of(tmp_path, **files))
    assert done.out.startswith("openssl 3.3.1 on linux-64")
    assert ("the lockfile here" in done.err, f"`{taken}`" in done.err) == (taken is not None,) * 2


def test_a_variable_says_it_too(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, **{"conda-lock_yml": lockfile("1.0"), "other_yml": ONE})
    done = lock("why", "openssl", folder=folder, LOCK_OUTPUT="other.yml")
    assert done.out.startswith("openssl 3.3.1"), done.err


def test_of_several_none_is_taken(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, **{"a_conda-lock_yml": ONE, "b_conda-lock_yml": ONE})
    done = lock("why", "openssl", folder=folder)
    assert (done.code, done.err) == (
        2,
        "error: conda-lock.yml: no such file\n\nhint: name one of `a.conda-lock.yml`, `b.conda-lock.yml`\n",
    )
    done = lock("check", folder=folder)
    assert (done.code, "`lock check a.conda-lock.yml`" in done.err) == (2, True)


def test_what_settings_name_and_isnt_there_is_missing(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, **{"conda-lock_yml": ONE, "lockstack_toml": SETTINGS})
    for run in (("check",), ("why", "openssl")):
        done = lock(*run, folder=folder)
        assert (done.code, "locks/a.yml: no such file" in done.err) == (2, True), done.err


def test_other_tools_lockfiles_are_not_taken_unasked(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, uv_lock="version = 1\n", pixi_lock="version: 6\n")
    done = lock("why", "openssl", folder=folder)
    assert (done.code, "did you mean `pixi.lock`?" in done.err) == (2, True)


def test_a_lockfile_whose_input_is_gone_says_so(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, **{"conda-lock_yml": lockfile("1.0", "environment.yml")})
    done = lock("sync", "--prefix", "env", folder=folder)
    assert done.code == 2
    assert done.err.startswith("error: conda-lock.yml: was made from `environment.yml`, which isn't there\n")


@pytest.mark.parametrize("verb", ["add", "remove"])
def test_the_hint_of_an_edit_is_of_the_same_verb(verb: str, tmp_path: Path) -> None:
    done = lock(verb, "numpy", folder=tmp_path)
    assert (done.code, f"hint: `lock {verb} PACKAGE --file environment.yml`\n" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("run", "hint"),
    [((), "run `lock environment.yml`"), (("--check",), "run `lock --check environment.yml`"),
     (("explain",), "run `lock explain environment.yml`")],
)  # fmt: skip
def test_the_hint_is_of_the_same_verb(run: tuple[str, ...], hint: str, tmp_path: Path) -> None:
    (tmp_path / "environment.yml").write_text("dependencies: [python]\n")
    done = lock(*run, folder=tmp_path)
    assert (done.code, done.err) == (2, f"error: no input file\n\nhint: {hint}\n")
