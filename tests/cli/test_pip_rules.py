"""pip's rules on hashes and on wheels before sdists, through the command."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.cli.here import lock
from tests.cli.process import Done
from tests.support.packages import index_files, make_sdist, make_wheel

PKG_INFO = "Metadata-Version: 2.2\nName: tool\nVersion: 3.0\n"
SDIST = make_sdist("tool", "3.0", {"PKG-INFO": PKG_INFO, "pyproject.toml": "[project]\nname = 'tool'\n"})
PROJECTS = {
    "tool": {
        "tool-3.0.tar.gz": SDIST,
        "tool-2.0-py3-none-any.whl": make_wheel("tool", "2.0", ["base"]),
        "tool-1.0-py3-none-any.whl": make_wheel("tool", "1.0"),
    },
    "base": {"base-1.0-py3-none-any.whl": make_wheel("base", "1.0")},
}


def given(project: str, file: str) -> str:
    return f"--hash=sha256:{hashlib.sha256(PROJECTS[project][file]).hexdigest()}"


TOOL = f"tool==2.0 {given('tool', 'tool-2.0-py3-none-any.whl')}"
BASE = f"base==1.0 {given('base', 'base-1.0-py3-none-any.whl')}"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    for path, body in index_files(PROJECTS).items():
        place = folder / path
        if path.endswith("/"):
            place = place / "index.html"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(body)
    return folder / "simple"


def run(folder: Path, index: Path, text: str, *flags: str, verb: str = "", **variables: str) -> Done:
    (folder / "requirements.txt").write_text(text)
    asked = ("requirements.txt", "--python", "3.12", "--index-url", index, *flags)
    return lock(*([verb] if verb else []), *asked, folder=folder, **variables)


def locked(folder: Path) -> str:
    return (folder / "requirements.conda-lock.yml").read_text()


@pytest.mark.parametrize("place", ["flag", "requirements", "pip", "settings"])
def test_every_hash_is_given(place: str, index: Path, tmp_path: Path) -> None:
    flags = ["--require-hashes"] if place == "flag" else []
    first = "--require-hashes\n" if place == "requirements" else ""
    variables = {"PIP_REQUIRE_HASHES": "1"} if place == "pip" else {}
    if place == "settings":
        (tmp_path / "lockstack.toml").write_text("require-hashes = true\n")
    done = run(tmp_path, index, f"{first}{TOOL}\n{BASE}\n", *flags, **variables)
    assert done.code == 0, done.err
    refused = run(tmp_path, index, f"{first}{TOOL}\nbase==1.0\n", *flags, **variables)
    assert refused.code == 2
    assert "`base==1.0` has no hash" in refused.err


FAULTS = [
    (f"tool>=2 --hash=sha256:{'0' * 64}", "isn't pinned, as `--require-hashes` asks", "Pin it: `==`"),
    ("tool==2.*", "isn't pinned", "Pin it"),
    ("tool==2.0", "has no hash, as `--require-hashes` asks", "Put `--hash=sha256:...` behind it."),
    ("tool @ git+https://g.example.org/tool", "is a repository, whose hash can't be checked", "Name a wheel"),
    ("./folder", "is a folder, whose hash can't be checked", "Name a wheel"),
    ("tool @ https://w.example.org/tool-2.0-py3-none-any.whl", "has no hash", "Put `--hash"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "message", "hint"), FAULTS, ids=[row[0][:30] for row in FAULTS])
def test_what_can_t_be_checked_is_refused(
    line: str, message: str, hint: str, index: Path, tmp_path: Path
) -> None:
    done = run(tmp_path, index, f"{BASE}\n{line}\n", "--require-hashes")
    assert done.code == 2
    assert message in done.err
    assert "requirements.txt:2:1" in done.err
    assert f"hint: {hint}" in done.err


def test_all_faults_come_together(index: Path, tmp_path: Path) -> None:
    done = run(tmp_path, index, "tool\nbase==1.0\n", "--require-hashes")
    assert done.code == 2
    assert "requirements.txt:1:1" in done.err
    assert "requirements.txt:2:1" in done.err


def test_hash_and_pin_may_stand_in_a_constraint(index: Path, tmp_path: Path) -> None:
    (tmp_path / "constraints.txt").write_text(f"{TOOL}\n{BASE}\n")
    done = run(tmp_path, index, "-c constraints.txt\ntool\n", "--require-hashes")
    assert done.code == 0, done.err
    assert "base-1.0" in locked(tmp_path)


def test_a_dependency_without_a_hash_is_no_candidate(index: Path, tmp_path: Path) -> None:
    done = run(tmp_path, index, f"{TOOL}\n", "--require-hashes")
    assert done.code == 4
    told = run(tmp_path, index, f"{TOOL}\n", "--require-hashes", verb="explain")
    assert told.code == 4
    assert "needs base (1.0 is left out: no hash is given for it, and `--require-hashes` asks" in told.out


def test_conda_lines_need_no_hash(index: Path, tmp_path: Path) -> None:
    text = "channels: [c]\ndependencies: [x]\n# pip: none\n"
    (tmp_path / "environment.yml").write_text(text)
    done = lock(
        *("environment.yml", "--require-hashes", "--check", "-p", "linux-64", "--index-url", index),
        folder=tmp_path,
    )
    assert done.code == 5, done.err  # there is no lockfile: the input itself is fine


@pytest.mark.parametrize("place", ["flag", "requirements", "pip", "nowhere"])
def test_wheels_before_newer_sdists(place: str, index: Path, tmp_path: Path) -> None:
    flags = ["--prefer-binary"] if place == "flag" else []
    first = "--prefer-binary\n" if place == "requirements" else ""
    variables = {"PIP_PREFER_BINARY": "yes"} if place == "pip" else {}
    done = run(tmp_path, index, f"{first}tool\n", *flags, **variables)
    assert done.code == 0, done.err
    assert ("tool-3.0.tar.gz" if place == "nowhere" else "tool-2.0-py3") in locked(tmp_path)


FORMATS = [
    (["--only-binary", "tool"], "", {}, "tool-2.0-py3"),
    (["--only-binary", ":all:"], "", {}, "tool-2.0-py3"),
    ([], "", {"PIP_ONLY_BINARY": "other,tool"}, "tool-2.0-py3"),
    ([], "", {"PIP_ONLY_BINARY": ":all:"}, "tool-2.0-py3"),
    (["--only-binary", ":all:"], "--no-binary tool\n", {}, "tool-3.0.tar.gz"),
    (["--only-binary", "other"], "", {}, "tool-3.0.tar.gz"),
    (["--no-binary", "tool"], "--only-binary :all:\n", {}, "tool-2.0-py3"),
    (["--no-binary", "tool"], "--only-binary :none:\n", {}, "tool-3.0.tar.gz"),
]


@pytest.mark.parametrize(("flags", "first", "variables", "file"), FORMATS)
def test_kinds_of_files(
    flags: list[str], first: str, variables: dict[str, str], file: str, index: Path, tmp_path: Path
) -> None:
    done = run(tmp_path, index, f"{first}tool\n", *flags, **variables)
    assert done.code == 0, done.err
    assert file in locked(tmp_path)


def test_an_sdist_where_nothing_else_fits(index: Path, tmp_path: Path) -> None:
    done = run(tmp_path, index, "tool>2\n", "--prefer-binary")
    assert done.code == 0, done.err
    assert "tool-3.0.tar.gz" in locked(tmp_path)
