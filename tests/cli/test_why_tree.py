"""``lock why`` and ``lock tree``: words, JSON, exit codes, over every format that is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockfiles.formats.conda_lock.text import write_conda_lock
from lockfiles.formats.export import ExportRequest, export
from lockfiles.model import LockedChannel, LockMetadata
from tests.cli.here import lock
from tests.lockfiles.make import MACOS, conda, pypi, resolution

INPUT = """\
channels: [conda-forge]
dependencies:
  - python=3.11
  - pytorch
  - pip:
    - trainer>=1
"""


def pins(subdir: str) -> tuple[object, ...]:
    return (
        conda("python", "3.11.9", f"h_{subdir[:3]}", "openssl >=3.2.1,<4.0a0", "bzip2", subdir=subdir),
        conda("openssl", "3.3.1", "h0", "ca-certificates", subdir=subdir),
        conda("ca-certificates", "2024.7.4", "h0", subdir=subdir),
        conda("bzip2", "1.0.8", "h0", subdir=subdir),
        conda("pytorch", "2.3.1", "py311_0", "python >=3.11,<3.12.0a0", subdir=subdir),
        conda("left-over", "1.0", "h0", subdir=subdir),
        pypi("trainer", "1.2", {"torch": ">=2", "tqdm": ""}),
        pypi("tqdm", "4.66"),
    )


METADATA = LockMetadata(channels=(LockedChannel(url="conda-forge"),), sources=("environment.yml",))
PROVIDED = {"torch": ("pytorch", "2.3.1")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A lockfile for two platforms that are alike but for builds, and the file that it was made from."""
    both = [
        resolution(*pins("linux-64"), provided=PROVIDED),
        resolution(*pins("osx-arm64"), target=MACOS, provided=PROVIDED),
    ]
    (tmp_path / "conda-lock.yml").write_text(write_conda_lock(both, METADATA))
    (tmp_path / "environment.yml").write_text(INPUT)
    return tmp_path


WHY_OPENSSL = """\
openssl 3.3.1 on linux-64, osx-arm64
  environment.yml:3:5: python=3.11
  └── python 3.11.9
      └── openssl 3.3.1  [openssl >=3.2.1,<4.0a0]
"""
WHY_TORCH = """\
pytorch 2.3.1 on linux-64, osx-arm64, which is `Torch` here
  environment.yml:4:5: pytorch
  └── pytorch 2.3.1
  environment.yml:6:7: trainer>=1
  └── trainer 1.2 (pip)
      └── pytorch 2.3.1  [torch>=2]
"""
EVERY_WAY = """\
openssl 3.3.1 on linux-64
  environment.yml:3:5: python=3.11
  └── python 3.11.9
      └── openssl 3.3.1  [openssl >=3.2.1,<4.0a0]
  environment.yml:4:5: pytorch
  └── pytorch 2.3.1
      └── python 3.11.9  [python >=3.11,<3.12.0a0]
          └── openssl 3.3.1  [openssl >=3.2.1,<4.0a0]
  and more: these are the 2 shortest (`--limit`)
"""
LEFT_OVER = """\
left-over 1.0 on linux-64, osx-arm64
  nothing that was asked for leads to it
"""


@pytest.mark.parametrize(
    ("arguments", "out"),
    [
        pytest.param(["openssl"], WHY_OPENSSL, id="shortest, through no other line"),
        pytest.param(["Torch"], WHY_TORCH, id="a project that a conda package ships"),
        pytest.param(["openssl", "--all", "--limit", "2", "-p", "linux-64"], EVERY_WAY, id="every way"),
        pytest.param(["left-over"], LEFT_OVER, id="no way"),
    ],
)
def test_why(folder: Path, arguments: list[str], out: str) -> None:
    done = lock("why", *arguments, folder=folder)
    assert (done.code, done.out, done.err) == (0, out, "")


def test_why_as_json(folder: Path) -> None:
    done = lock("why", "openssl", "--json", folder=folder)
    (reason,) = done.json["reasons"]
    assert reason["platforms"] == ["linux-64", "osx-arm64"]
    (way,) = reason["ways"]
    assert way["asked"] == [{"text": "python=3.11", "file": "environment.yml", "line": 3}]
    assert [(step["name"], step["requirement"]) for step in way["steps"]] == [
        ("python", None),
        ("openssl", "openssl >=3.2.1,<4.0a0"),
    ]
    assert [edge["name"] for edge in reason["needed_by"]] == ["python"]
    assert reason["complete"] is True


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        pytest.param("opnssl", "did you mean `openssl`?", id="alike"),
        pytest.param("certificates", "did you mean `ca-certificates`?", id="a part"),
        pytest.param("pypi:torhc", "did you mean `torch`?", id="a project that conda ships"),
        pytest.param("__cuda", "A virtual package is a fact of the machine", id="virtual"),
        pytest.param("zzz", "", id="none near"),
    ],
)
@pytest.mark.parametrize("verb", ["why", "tree"])
def test_a_package_that_is_not_there(folder: Path, verb: str, name: str, hint: str) -> None:
    done = lock(verb, *(["--invert"] if verb == "tree" else []), name, folder=folder)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: conda-lock.yml: ")
    assert hint in done.err
    assert ("hint:" in done.err) == bool(hint)


TREE = """\
linux-64, osx-arm64:
python 3.11.9
├── bzip2 1.0.8
└── openssl 3.3.1
    └── ca-certificates 2024.7.4
pytorch 2.3.1
└── python 3.11.9 (*)
trainer 1.2 (pip)
├── pytorch 2.3.1 (*)
└── tqdm 4.66 (pip)
nothing that was asked for leads to:
left-over 1.0
"""
SHALLOW = """\
linux-64, osx-arm64:
python 3.11.9
├── bzip2 1.0.8 [bzip2]
└── openssl 3.3.1 [openssl >=3.2.1,<4.0a0] (...)
pytorch 2.3.1
└── python 3.11.9 [python >=3.11,<3.12.0a0] (*)
trainer 1.2 (pip)
├── pytorch 2.3.1 [torch>=2] (*)
└── tqdm 4.66 (pip) [tqdm]
"""
INVERTED = """\
linux-64, osx-arm64:
openssl 3.3.1
└── python 3.11.9 [openssl >=3.2.1,<4.0a0] <- environment.yml:3:5: python=3.11
    └── pytorch 2.3.1 [python >=3.11,<3.12.0a0] <- environment.yml:4:5: pytorch
        └── trainer 1.2 (pip) [torch>=2] <- environment.yml:6:7: trainer>=1
"""


@pytest.mark.parametrize(
    ("arguments", "out"),
    [
        pytest.param([], TREE, id="whole"),
        pytest.param(["--depth", "1", "--requirements"], SHALLOW, id="depth"),
        pytest.param(["--invert", "openssl"], INVERTED, id="inverted"),
    ],
)
def test_tree(folder: Path, arguments: list[str], out: str) -> None:
    done = lock("tree", *arguments, "-q", folder=folder)
    assert (done.code, done.out, done.err) == (0, out, "")


def test_tree_as_json(folder: Path) -> None:
    done = lock("tree", "--json", folder=folder)
    (one,) = done.json["trees"]
    rows = [(row["depth"], row["name"], row["repeated"]) for row in one["rows"]]
    assert rows[:4] == [
        (0, "python", False),
        (1, "bzip2", False),
        (1, "openssl", False),
        (2, "ca-certificates", False),
    ]
    assert (1, "pytorch", True) in rows
    assert [row["name"] for row in one["unreached"]] == ["left-over"]


def test_platforms_that_differ_stand_apart_and_one_that_lacks_it_is_named(tmp_path: Path) -> None:
    both = [
        resolution(conda("a", "1.0", "0", "b"), conda("b")),
        resolution(conda("a", "2.0", "0", subdir="osx-arm64"), target=MACOS),
    ]
    (tmp_path / "conda-lock.yml").write_text(write_conda_lock(both, LockMetadata(channels=METADATA.channels)))
    done = lock("tree", "-q", folder=tmp_path)
    assert done.out == "linux-64:\na 1.0\n└── b 1.0\n\nosx-arm64:\na 2.0\n"
    done = lock("why", "b", "-q", folder=tmp_path)
    assert done.out.splitlines()[-1] == "not on osx-arm64"
    done = lock("why", "b", "-p", "win-64", folder=tmp_path)
    assert (done.code, done.err) == (
        2,
        "error: conda-lock.yml: holds no platform `win-64`\n\nhint: It holds `linux-64`, `osx-arm64`.\n",
    )


def test_a_source_that_is_gone_or_damaged_is_said_and_an_input_of_ones_own_counts(folder: Path) -> None:
    (folder / "environment.yml").rename(folder / "mine.yml")
    done = lock("why", "tqdm", folder=folder)
    assert done.code == 0
    assert "  nothing else needs it\n  └── trainer 1.2 (pip)\n" in done.out
    assert "note: `conda-lock.yml` doesn't say what was asked for" in done.err
    done = lock("why", "tqdm", "--input", "mine.yml", folder=folder)
    assert ("  mine.yml:6:7: trainer>=1\n" in done.out, done.err) == (True, "")
    (folder / "environment.yml").write_text("dependencies: [")
    done = lock("why", "tqdm", folder=folder)
    assert done.code == 0
    assert "note: what was asked for can't be read from `environment.yml`: environment.yml:2:1" in done.err
    done = lock("why", "tqdm", "--input", "environment.yml", folder=folder)
    assert done.code == 2, "an input that was named must be read"


def test_an_input_of_another_lockfile_is_said(folder: Path) -> None:
    (folder / "other.yml").write_text("dependencies: [scipy]\n")
    done = lock("tree", "--input", "other.yml", folder=folder)
    assert "note: nothing that `other.yml` asks for is in `conda-lock.yml`" in done.err


def test_groups_that_the_lockfile_lacks_ask_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\nversion = "1"\ndependencies = ["a"]\n[dependency-groups]\ndev = ["b"]\n'
    )
    locked = resolution(pypi("a", dependencies={"b": ""}), pypi("b"))
    text = write_conda_lock([locked], LockMetadata(sources=("pyproject.toml",)))
    (tmp_path / "conda-lock.yml").write_text(text)
    done = lock("tree", folder=tmp_path)
    assert done.out == "linux-64:\na 1.0 (pip)\n└── b 1.0 (pip)\n"


def test_a_manifest_beside_a_lockfile_of_its_tool_says_what_was_asked_for(folder: Path) -> None:
    assert lock("export", "-f", "pixi", "-q", folder=folder).code == 0
    (folder / "pixi.toml").write_text(
        '[workspace]\nname = "x"\nchannels = ["conda-forge"]\nplatforms = ["linux-64", "osx-arm64"]\n'
        '[dependencies]\npython = "3.11.*"\n'
    )
    done = lock("why", "openssl", "pixi.lock", folder=folder)
    assert "  pixi.toml:6:1: python" in done.out, done.err


#: What each format can't hold is said, and what it holds is shown: format -> file, lines of stderr.
FORMATS = {
    "pixi": ("pixi.lock", ["doesn't say what was asked for"]),
    "explicit": (
        "conda-linux-64.lock",
        ["doesn't say what was asked for", "no dependencies of conda packages"],
    ),
    "pylock": ("pylock.linux-64.toml", ["doesn't say what was asked for"]),
    "requirements": (
        "requirements-linux-64.txt",
        ["doesn't say what was asked for", "holds no dependencies of PyPI projects"],
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_what_it_lacks(folder: Path, name: str) -> None:
    file, said = FORMATS[name]
    request = ExportRequest(
        resolutions=(resolution(*pins("linux-64"), provided=PROVIDED),), metadata=METADATA
    )
    for one in export(name, request):
        (folder / one.name).write_text(one.text)
    path = folder / file if (folder / file).is_file() else next(folder.glob(file.replace(".linux-64", "")))
    for arguments in (["why", "tqdm"], ["tree"]):
        done = lock(*arguments, path.name, folder=folder)
        assert done.code == 0, done.err
        assert "tqdm 4.66 (pip)" in done.out
        for words in said:
            assert words in done.err


def test_a_lockfile_on_standard_input(folder: Path) -> None:
    done = lock("why", "openssl", "-", folder=folder, stdin=(folder / "conda-lock.yml").read_text())
    assert (done.code, done.out) == (0, WHY_OPENSSL)


def test_names_that_act_on_a_terminal_are_shown_as_escapes(tmp_path: Path) -> None:
    hostile = "a\x1b[31m\u202eb"
    text = write_conda_lock(
        [resolution(conda("a", "1.0", "0", f"b {hostile}"), conda("b"))],
        LockMetadata(channels=METADATA.channels),
    )
    (tmp_path / "conda-lock.yml").write_text(text)
    for arguments in (["why", "b"], ["tree", "--requirements"], ["why", "b", "--json"]):
        done = lock(*arguments, folder=tmp_path)
        assert done.code == 0, done.err
        assert not {"\x1b", "\u202e"} & set(done.out + done.err)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("why", "conda-lock.yml", "openssl"), "`lock why openssl conda-lock.yml`"),
        (("why", "conda-lock.yml"), "`lock why PACKAGE conda-lock.yml`"),
        (("tree", "--invert", "conda-lock.yml", "openssl"), "`lock tree --invert openssl conda-lock.yml`"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_package_and_a_lockfile_in_the_other_order(
    arguments: tuple[str, ...], hint: str, folder: Path
) -> None:
    done = lock(*arguments, folder=folder)
    assert done.code == 2
    assert "`conda-lock.yml` is a file, not a package" in done.err
    assert f"The package comes first: {hint}." in done.err
