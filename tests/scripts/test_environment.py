"""The shell scripts: which Python they take, what they say where none will do, and their fast path."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.make_sample import LAST, SOURCES, STAMP

TOOLS = ("sh", "dirname", "cat", "cmp")
NO_PYTHON = """\
error: no Python 3.11 or newer found (tried python3.14, python3.13, python3.12, python3.11, python3, python)

hint: install one, or name it: LOCKSTACK_PYTHON=/path/to/python3.12
"""
NO_ENSUREPIP = """\
error: `python3` can't make virtual environments: its module `ensurepip` is missing

hint: Debian and Ubuntu keep it in a package of its own: apt install python3-venv
"""
# Stand-ins for interpreters: the scripts ask for the version first, then for ensurepip.
NEW = "#!/bin/sh\nexit 0\n"
OLD = '#!/bin/sh\ncase "$2" in *version_info*) exit 1;; esac\nexit 0\n'
INCOMPLETE = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nexit 0\n'


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder for PATH with no Python in it."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        if found is None:
            pytest.skip(f"no `{name}` here")
        (folder / name).symlink_to(found)
    return folder


@pytest.fixture
def clone(tmp_path: Path, root: Path) -> Path:
    """A folder with a blank in its path that holds the scripts."""
    folder = tmp_path / "my clone"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(root / "scripts", folder / "scripts", ignore=ignored)
    (folder / "pyproject.toml").write_text('[project]\nname = "lockstack"\n')
    return folder


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def _run(command: list[str | Path], tools: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(tools)}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=cwd, env=environment, timeout=240
    )


@pytest.mark.parametrize(("pythons", "message"), [
    ({}, NO_PYTHON),
    ({"python3": OLD, "python": OLD}, NO_PYTHON),
    ({"python3": INCOMPLETE}, NO_ENSUREPIP),
    ({"python3.11": OLD, "python3": INCOMPLETE}, NO_ENSUREPIP),
], ids=["none", "too old", "no ensurepip", "the old one is not blamed"])  # fmt: skip
def test_unusable_pythons_end_in_one_clear_message(
    clone: Path, tools: Path, pythons: dict[str, str], message: str
) -> None:
    for name, text in pythons.items():
        _write(tools / name, text)
    done = _run([clone / "scripts" / "lock", "x.yml"], tools, clone)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", message)


@pytest.mark.parametrize(("pythons", "taken"), [
    ({"python3.14": NEW, "python3.13": NEW, "python3": NEW}, "python3.14"),
    ({"python3.13": OLD, "python3.12": INCOMPLETE, "python3": NEW}, "python3"),
    ({"python": NEW}, "python"),
], ids=["newest first", "goes on past unusable ones", "plain name last"])  # fmt: skip
def test_first_usable_python_is_taken(clone: Path, tools: Path, pythons: dict[str, str], taken: str) -> None:
    for name, text in pythons.items():
        _write(tools / name, text)
    done = _run(["sh", "-c", ". scripts/environment.sh; find_python"], tools, clone)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{taken}\n", "")


def _make_environment(clone: Path, stamp: str) -> None:
    _write(clone / ".venv" / "bin" / "python", '#!/bin/sh\necho "python $1" >&2\n')
    _write(clone / ".venv" / "bin" / "lock", '#!/bin/sh\nfor word in "$@"; do echo "<$word>"; done\n')
    (clone / ".venv" / "lockstack.stamp").write_text(stamp)
    sample = clone / "examples" / "sample"
    _write(sample / LAST, "")
    (sample / STAMP).write_bytes(b"".join((clone / "scripts" / name).read_bytes() for name in SOURCES))


def test_ready_environment_needs_no_python_and_passes_every_argument(
    clone: Path, tools: Path, tmp_path: Path
) -> None:
    _make_environment(clone, f"{clone.resolve()}\n{(clone / 'pyproject.toml').read_text()}")
    done = _run([clone / "scripts" / "lock", "a b.yml", "", "-p", "linux-64"], tools, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "<a b.yml>\n<>\n<-p>\n<linux-64>\n"


def test_a_sample_of_other_facts_is_made_anew_before_the_command(clone: Path, tools: Path) -> None:
    _make_environment(clone, f"{clone.resolve()}\n{(clone / 'pyproject.toml').read_text()}")
    with (clone / "scripts" / "sample" / "conda.json").open("a") as file:
        file.write("\n")
    done = _run([clone / "scripts" / "lock", "x.yml"], tools, clone)
    assert (done.returncode, done.stdout) == (0, "<x.yml>\n")
    assert done.stderr == f"python {clone.resolve()}/scripts/make_sample.py\n"


@pytest.mark.parametrize("stamp", [
    "", '/elsewhere\n[project]\nname = "lockstack"\n', "{clone}\n[project]\n",
], ids=["empty", "moved clone", "other dependencies"])  # fmt: skip
def test_stale_environment_is_made_anew(clone: Path, tools: Path, stamp: str) -> None:
    _make_environment(clone, stamp.format(clone=clone.resolve()))
    done = _run([clone / "scripts" / "lock"], tools, clone)
    assert (done.returncode, done.stderr) == (1, NO_PYTHON)


GROUPS = """\
[dependency-groups]
test = ["pytest>=8", {include-group = "Type_Check"}]
type-check = ["mypy"]
circle = ["a", {include-group = "circle"}]
lost = [{include-group = "nowhere"}]
"""


def _read_group(root: Path, folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    (folder / "pyproject.toml").write_text(GROUPS)
    code = "import sys; from pathlib import Path; from make_environment import read_group;"
    code += " print(*read_group(Path(sys.argv[1]), sys.argv[2]))"
    command = [sys.executable, "-c", code, str(folder), name]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=root / "scripts", timeout=240
    )


def test_a_dependency_group_brings_the_groups_that_it_includes(root: Path, tmp_path: Path) -> None:
    done = _read_group(root, tmp_path, "test")
    assert (done.returncode, done.stdout, done.stderr) == (0, "pytest>=8 mypy\n", "")


@pytest.mark.parametrize(("name", "words"), [
    ("lost", "no dependency group `nowhere`"),
    ("circle", "the dependency group `circle` includes itself"),
    ("other", "no dependency group `other`"),
])  # fmt: skip
def test_a_wrong_dependency_group_is_named(root: Path, tmp_path: Path, name: str, words: str) -> None:
    done = _read_group(root, tmp_path, name)
    assert done.returncode == 1
    assert done.stderr.endswith(f"ValueError: {words}\n")
