"""Environments that py-rattler installed, beside their lockfile: whole ones, and each kind of harm."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lockfiles import CheckRequest, VerifyRequest, check, verify
from lockfiles.cli.findings import finding_text
from lockfiles.formats.reading import read_lockfile
from tests.cli.here import lock
from tests.cli.process import Done
from tests.subjects.conda_packages import PLACEHOLDER, CondaPackage, install, project_files
from tests.support.packages import make_wheel
from tests.support.tables import table

SITE = "lib/python3.11/site-packages"
PYTHON = CondaPackage(
    name="python",
    version="3.11.9",
    build="h_cpython",
    files={
        "bin/python3.11": b"\x7fELF\0" + PLACEHOLDER.encode() + b"\0\0",
        "lib/python3.11/os.py": b"name = 'posix'\n",
        f"{SITE}/README.txt": b"packages\n",
    },
    links={"bin/python": "python3.11"},
)
RICH = CondaPackage(
    name="rich",
    version="14.0.0",
    build="pyh_0",
    noarch="python",
    depends=["python >=3.9", "pygments >=2.13"],
    files=project_files("rich", "14.0.0", ["pygments<3,>=2.13", 'colorama; sys_platform == "win32"']),
)
PYGMENTS = CondaPackage(
    name="pygments",
    version="2.19.1",
    build="py311_0",
    depends=["python >=3.11,<3.12.0a0"],
    files={f"lib/python3.11/{path}": data for path, data in project_files("pygments", "2.19.1").items()},
)
TOOL = CondaPackage(
    name="tool",
    files={"etc/tool.conf": f"root={PLACEHOLDER}\n".encode(), "bin/tool": b"#!/bin/sh\n" + b"x" * 200},
)
EXTRA = CondaPackage(name="extra", version="2.0", files={"share/extra": b"extra\n"})


class World:
    """A whole environment and its lockfile, to be copied."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.prefix = folder / "env"
        lines = install([PYTHON, RICH, PYGMENTS, TOOL], self.prefix, folder)
        (folder / "lock.txt").write_text("\n".join(["@EXPLICIT", *lines, ""]), encoding="utf-8")
        other = [line for line in lines if "/tool-" not in line]
        extra = install([EXTRA], folder / "other", folder)
        (folder / "wider.txt").write_text("\n".join(["@EXPLICIT", *other, *extra, ""]), encoding="utf-8")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("conda"))


@pytest.fixture
def env(world: World, tmp_path: Path) -> Path:
    """A copy of the whole environment, with its lockfile beside it."""
    shutil.copytree(world.prefix, tmp_path / "env", symlinks=True)
    for name in ("lock.txt", "wider.txt"):
        shutil.copy(world.folder / name, tmp_path / name)
    return tmp_path / "env"


def look(env: Path, *more: str) -> Done:
    return lock("check", "--prefix", "env", *more, "--json", folder=env.parent)


def rules(done: Done) -> dict[str, str]:
    """Return the rules that spoke, each with all that they said."""
    (checked,) = done.json["checked"]
    found: dict[str, str] = {}
    for one in checked["findings"]:
        found[one["rule"]] = found.get(one["rule"], "") + " ".join([one["message"], *one["evidence"]]) + "\n"
    return found


def test_a_whole_environment_is_as_locked(env: Path) -> None:
    # The placeholders were replaced by another folder's name, which the records' hashes are of.
    done = look(env, "--against", "lock.txt")
    assert (done.code, rules(done)) == (0, {}), done.out
    (checked,) = done.json["checked"]
    assert checked["against"] == {
        "lockfile": "lock.txt",
        "platform": "linux-64",
        "locked": 4,
        "as_locked": 4,
        "optional_absent": 0,
        "not_compared": {},
        "deviations": [],
    }
    assert checked["files"]["files"] == 14
    assert checked["files"]["damaged"] == []


def test_the_text_says_what_was_compared(env: Path) -> None:
    done = lock("check", "--prefix", "env", "--against", "lock.txt", folder=env.parent)
    assert done.code == 0
    assert "nothing found" in done.err
    assert "4 of 4 packages are as lock.txt has them" in done.err
    assert "looked at 14 files" in done.err


def delete(path: str) -> Callable[[Path], None]:
    return lambda env: (env / path).unlink()


def write(path: str, text: str) -> Callable[[Path], None]:
    return lambda env: (env / path).write_text(text, encoding="utf-8")


def same_size(path: str) -> Callable[[Path], None]:
    def change(env: Path) -> None:
        data = (env / path).read_bytes()
        (env / path).write_bytes(data[:-2] + b"?" + data[-1:])

    return change


def pip_install(*names: str, over: bool = False) -> Callable[[Path], None]:
    """Unpack wheels as pip does; ``over``: what stands there of the project is removed first, as pip does."""

    def change(env: Path) -> None:
        for name in names:
            project, _, version = name.partition("==")
            if over:
                shutil.rmtree(env / SITE / project)
                for info in (env / SITE).glob(f"{project}-*.dist-info"):
                    shutil.rmtree(info)
            wheel = env.parent / f"{project}-{version}-py3-none-any.whl"
            wheel.write_bytes(make_wheel(project, version, files={f"{project}/__init__.py": b"V = 'pip'\n"}))
            command = [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--quiet"]
            subprocess.run(
                [*command, "--target", str(env / SITE), "--upgrade", str(wheel)],
                check=True,
                capture_output=True,
                timeout=120,
            )

    return change


def edit_record(name: str, **changes: Any) -> Callable[[Path], None]:
    def change(env: Path) -> None:
        (path,) = (env / "conda-meta").glob(f"{name}-*.json")
        data = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({**data, **changes}), encoding="utf-8")

    return change


def forget(name: str) -> Callable[[Path], None]:
    def change(env: Path) -> None:
        (path,) = (env / "conda-meta").glob(f"{name}-*.json")
        path.unlink()

    return change


def nothing(env: Path) -> None:
    assert env.is_dir()


@table(
    "harm, lockfile, expected",
    [
        ("a file is gone", delete("bin/tool"), "lock.txt", {"prefix/files-missing": ["tool", "bin/tool"]}),
        ("a link is gone", delete("bin/python"), "lock.txt", {"prefix/files-missing": ["bin/python"]}),
        (
            "one byte is another",
            same_size("bin/tool"),
            "lock.txt",
            {"prefix/files-changed": ["tool", "bin/tool"]},
        ),
        (
            "a file that holds the folder's name was edited",
            write("etc/tool.conf", "root=/elsewhere\n"),
            "lock.txt",
            {"prefix/files-changed": ["etc/tool.conf"]},
        ),
        (
            "a package is not there",
            nothing,
            "wider.txt",
            {"locked/missing": ["extra 2.0"], "locked/foreign-conda": ["tool 1.0"]},
        ),
        (
            "a record was removed by force",
            forget("pygments"),
            "lock.txt",
            {
                "locked/missing": ["pygments 2.19.1", "pip's 2.19.1 is there instead"],
                "locked/foreign-pip": ["pygments"],
                "prefix/conda-requirement": ["rich 14.0.0", "pygments >=2.13"],
            },
        ),
        (
            "another version",
            edit_record("tool", version="0.9"),
            "lock.txt",
            {"locked/other-version": ["tool", "locked 1.0 0", "installed 0.9 0"]},
        ),
        (
            "another build",
            edit_record("tool", build="h1_7"),
            "lock.txt",
            {"locked/other-build": ["tool", "locked 1.0 0", "installed 1.0 h1_7"]},
        ),
        (
            "another content of the same name",
            edit_record("tool", md5="0" * 32),
            "lock.txt",
            {"locked/other-build": ["tool", "the same name, another content"]},
        ),
        (
            "a project of pip's beside it",
            pip_install("wcwidth==0.2.13"),
            "lock.txt",
            {"locked/foreign-pip": ["wcwidth 0.2.13"]},
        ),
        (
            "pip over conda",
            pip_install("rich==13.9.0", over=True),
            "lock.txt",
            {
                "locked/foreign-pip": ["rich 13.9.0", "conda's rich 14.0.0"],
                "prefix/overwritten": ["rich 14.0.0 (conda)", "pip rich 13.9.0"],
                "runtime/pip-over-conda": ["14.0.0", "13.9.0"],
            },
        ),
        (
            "what a project of conda's requires is too old",
            edit_record("pygments", version="2.10"),
            "lock.txt",
            {
                "locked/other-version": ["pygments"],
                "prefix/conda-requirement": ["pygments >=2.13", "2.10"],
            },
        ),
    ],
)
def test_each_harm_is_told(
    env: Path, harm: Callable[[Path], None], lockfile: str, expected: dict[str, list[str]]
) -> None:
    harm(env)
    done = look(env, "--against", lockfile)
    found = rules(done)
    assert found.keys() == expected.keys(), found
    for rule, texts in expected.items():
        for text in texts:
            assert text in found[rule]
    assert done.code == 5


def test_without_a_lockfile_the_environment_is_looked_at_by_itself(env: Path) -> None:
    (env / "bin" / "tool").unlink()
    done = look(env)
    assert (done.code, set(rules(done))) == (5, {"prefix/files-missing"})
    assert "against" not in done.json["checked"][0]


def test_bytecode_may_come_and_go(env: Path) -> None:
    cache = env / SITE / "rich" / "__pycache__"
    cache.mkdir()
    (cache / "__init__.cpython-311.pyc").write_bytes(b"\0")
    assert look(env, "--against", "lock.txt").code == 0


def test_a_large_file_is_compared_by_size_unless_every_byte_is_asked_for(tmp_path: Path) -> None:
    large = CondaPackage(name="large", files={"lib/large.so": b"\1" * (9 << 20)})
    install([large], tmp_path / "env", tmp_path)
    same_size("lib/large.so")(tmp_path / "env")
    done = look(tmp_path / "env")
    assert (done.code, done.json["checked"][0]["files"]["by_size"]) == (0, 1)
    assert set(rules(look(tmp_path / "env", "--every-byte"))) == {"prefix/files-changed"}


def test_a_lockfile_of_another_platform_is_told_and_not_compared(env: Path) -> None:
    text = (env.parent / "lock.txt").read_text(encoding="utf-8").replace("linux-64", "osx-arm64")
    (env.parent / "mac.txt").write_text(text, encoding="utf-8")
    done = look(env, "--against", "mac.txt")
    assert (done.code, set(rules(done))) == (5, {"locked/platform"})
    told = lock("check", "--prefix", "env", "--against", "mac.txt", folder=env.parent)
    assert "mac.txt wasn't compared: it is for osx-arm64" in told.err


def test_sarif_has_the_findings(env: Path) -> None:
    (env / "bin" / "tool").unlink()
    done = lock("check", "--prefix", "env", "--against", "lock.txt", "--sarif", "-", folder=env.parent)
    (result,) = json.loads(done.out)["runs"][0]["results"]
    assert (done.code, result["ruleId"], result["level"]) == (5, "prefix/files-missing", "error")


def test_a_rule_is_silenced_with_its_reason(env: Path) -> None:
    (env / "bin" / "tool").unlink()
    done = look(env, "--against", "lock.txt", "--silence", "prefix/files-missing=removed by us")
    assert done.code == 0
    assert done.json["checked"][0]["silenced"][0]["reason"] == "removed by us"


def test_the_library_gives_values(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(env.parent)
    report = check(CheckRequest(prefix="env", against="wider.txt"))
    ((checked, found),) = report.reports
    assert checked.context.deviations is not None
    assert [(one.kind.value, one.name) for one in checked.context.deviations.found] == [
        ("missing", "extra"),
        ("foreign", "tool"),
    ]
    assert {finding.rule for finding in found.findings} == {"locked/missing", "locked/foreign-conda"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--against", "lock.txt"), "`--against` without `--prefix`"),
        (("--prefix", "env", "--against", "absent.txt"), "absent.txt: no such file"),
        (("--prefix", "env", "--against", "env"), "is a folder"),
        (("--prefix", "env", "--against", "environment.yml"), "an environment file, no lockfile"),
    ],
    ids=["no prefix", "no lockfile", "a folder", "what was asked for"],
)
def test_bad_input_is_told(env: Path, arguments: tuple[str, ...], message: str) -> None:
    (env.parent / "environment.yml").write_text("dependencies: [python]\n", encoding="utf-8")
    done = lock("check", *arguments, folder=env.parent)
    assert done.code == 2
    assert message in done.err


def test_what_an_installer_asks_after_installing(env: Path) -> None:
    text = (env.parent / "lock.txt").read_text(encoding="utf-8")
    (locked,) = read_lockfile(text, "lock.txt").resolutions
    verified = verify(VerifyRequest(prefix=env, locked=locked, lockfile="lock.txt"))
    assert verified.report.findings == ()
    assert verified.deviations is not None
    assert verified.deviations.as_locked == 4
    (env / "bin" / "tool").unlink()
    (finding,) = verify(VerifyRequest(prefix=env, locked=locked)).report.findings
    printed = lock("check", "--prefix", "env", "--against", "lock.txt", folder=env.parent)
    assert finding_text("env (linux-64)", finding) in printed.out
