"""``lock fleet`` as a process: every file has a record, and the lockfile that it would have alone."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.process import lock
from tests.fleet.world import fleet, fleet_here, make_fleet, records, write_environment

FILES = {
    "one/environment.yml": ["a", "python"],
    "one/other.yml": ["b"],
    "two/environment.yml": ["a", "python"],
    "two/clash.yml": ["a >=2", "b"],
    "three/clash.yml": ["b", "a >=2"],
    "three/nothing.yml": ["nosuch"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_fleet(tmp_path, FILES)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_every_file_has_the_lockfile_that_it_would_have_alone(folder: Path, workers: str) -> None:
    (folder / "three" / "bad.yml").write_text("dependencies:\n- [\n")
    done = fleet(".", "--workers", workers, "--json", folder=folder)
    assert done.code == 2, done.err
    found = {record["file"]: record for record in records(done)}
    assert list(found) == sorted(found)
    assert {name: record["code"] for name, record in found.items()} == {
        "one/environment.yml": 0,
        "one/other.yml": 0,
        "two/environment.yml": 0,
        "two/clash.yml": 4,
        "three/clash.yml": 4,
        "three/nothing.yml": 4,
        "three/bad.yml": 2,
    }
    for name, record in found.items():
        if record["code"]:
            continue
        made = (folder / record["output"]).read_bytes()
        (folder / record["output"]).unlink()
        alone = lock(name, "-q", folder=folder)
        assert alone.code == 0, alone.err
        assert (folder / record["output"]).read_bytes() == made
        names = [row[1] for row in record["targets"][0]["packages"]]
        assert names == sorted(names)


def test_one_cause_is_told_once(folder: Path) -> None:
    done = fleet_here(".", folder=folder)
    assert done.code == 4
    assert done.err.count("2 files: these lines can't hold together:\n    b\n    a >=2\n") == 1
    assert "  two/clash.yml\n" in done.err
    assert "6 files: 3 done, 3 no solution in " in done.err
    assert "one/environment.yml  written\n" in done.out


def test_conflicts_of_one_file_are_causes_of_their_own(folder: Path) -> None:
    write_environment(folder, "two/both.yml", ["nosuch", "b", "a >=2"])
    done = fleet_here("two", folder=folder)
    assert done.code == 4
    assert "2 files: these lines can't hold together:\n    b\n    a >=2\n  two/both.yml\n" in done.err
    assert "1 file: nothing meets `nosuch`\n  two/both.yml\n  why: no package `nosuch` in small\n" in done.err


def test_a_file_that_fails_as_its_twin_says_so(folder: Path) -> None:
    for name in ("x", "y", "z"):
        write_environment(folder, f"{name}/clash.yml", FILES["two/clash.yml"])
    found = {r["file"]: r for r in records(fleet_here(".", "--json", folder=folder))}
    assert [found[f"{name}/clash.yml"].get("same_as") for name in ("two", "x", "y", "z")] == [
        None,
        *["two/clash.yml"] * 3,
    ]
    assert found["z/clash.yml"]["failures"][0]["lines"][0]["file"] == "z/clash.yml"
    assert {r["failures"][0]["cause"] for r in found.values() if r["code"] == 4} == {"a >=2 | b", "nosuch"}


def test_check_and_dry_run_write_nothing(folder: Path) -> None:
    stale = fleet_here("one", "--check", folder=folder)
    assert stale.code == 5
    assert "not fresh" in stale.out
    dry = fleet_here("one", "--dry-run", "--json", folder=folder)
    assert dry.code == 0, dry.err
    assert not list(folder.glob("**/*conda-lock.yml"))
    made = fleet_here("one", "--json", folder=folder)
    assert [r["digest"] for r in records(made)] == [r["digest"] for r in records(dry)]
    assert fleet_here("one", "--check", folder=folder).code == 0


def test_what_reading_has_to_say_is_in_the_record_of_a_check(folder: Path) -> None:
    (folder / "one" / "environment.yml").write_text(
        "channels: [small]\ndependencies: [a]\nvariables: {KEY: value}\n"
    )
    done = fleet_here("one/environment.yml", "--check", "--json", folder=folder)
    (record,) = records(done)
    assert ["`variables` (`KEY`)" in notice["text"] for notice in record["notices"]] == [True]
    assert "variables" not in done.err  # whose they were couldn't be told there


def test_lockfiles_that_would_stand_in_one_place(folder: Path) -> None:
    write_environment(folder, "one/environment.yaml", ["a"])
    done = fleet_here("one", "--json", folder=folder)
    assert done.code == 2
    codes = {r["file"]: r["code"] for r in records(done)}
    assert codes == {"one/environment.yaml": 0, "one/environment.yml": 2, "one/other.yml": 0}
    assert "would both be `one/conda-lock.yml`" in done.err


def test_nothing_to_do_is_said(folder: Path) -> None:
    (folder / "empty").mkdir()
    done = fleet_here("empty", folder=folder)
    assert (done.code, done.out) == (2, "")
    assert "no environment file in `empty`" in done.err


def test_a_record_is_one_line_of_json_with_every_field_a_page_needs(folder: Path) -> None:
    (record,) = records(
        fleet_here("one/other.yml", "--json", "--with", "check", "--with", "hash", folder=folder)
    )
    assert record["schema_version"] == 1
    assert record["changes"] is None
    assert record["is_written"] is True
    assert record["targets"][0]["packages"][0][:3] == ["conda", "a", "1.0"]
    assert [row[6] for row in record["targets"][0]["packages"]] == [False, True]  # asked for
    assert record["images"][0]["kind"] == "conda-environment"
    assert sum(record["stages"].values()) == pytest.approx(record["seconds"], abs=0.05)
    assert set(record["read"]) == {"one/other.yml"}
    assert json.dumps(record)


def test_a_git_revision_is_looked_at_and_nothing_is_written(folder: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments],
                       cwd=folder, check=True, capture_output=True)  # fmt: skip

    git("init", "-q")
    (folder / "one" / "link.yml").symlink_to("/etc/passwd")
    git("add", "one", "two")
    git("commit", "-qm", "first")
    write_environment(folder, "one/other.yml", ["nosuch"])
    git("commit", "-qam", "second")
    done = fleet_here("HEAD~1:one", "--json", folder=folder)
    assert done.code == 0, done.err
    assert [r["file"] for r in records(done)] == ["one/environment.yml", "one/other.yml"]
    assert not list(folder.rglob("*conda-lock.yml"))
    assert fleet_here("HEAD:one", folder=folder).code == 4
    assert fleet_here("HEAD:", "--check", folder=folder).code == 5
    assert "of one git revision, or of none" in fleet_here("HEAD:", "one", folder=folder).err
    for path in ("HEAD:..", "HEAD:../..", "HEAD:one/../../x"):
        refused = fleet_here(path, folder=folder)
        assert (refused.code, "leads out of the repository" in refused.err) == (2, True)
    assert "git: " in fleet_here("NOSUCH:", folder=folder).err


def test_who_holds_a_package_and_what_can_be_merged_in_a_revision(folder: Path) -> None:
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    (folder / "two" / "clash.yml").unlink()
    assert fleet_here("one", "two", folder=folder).code == 0
    for arguments in (["init", "-q"], ["add", "one", "two"], ["commit", "-qm", "m"]):
        subprocess.run([*git, *arguments], cwd=folder, check=True)
    before = sorted(path.name for path in folder.iterdir())
    for path in folder.glob("*/*.yml"):
        path.unlink()
    told = fleet("why", "a", "HEAD:", "--json", folder=folder)
    assert {row["file"].partition("/")[0] for row in records(told)} == {"one", "two"}
    assert told.code == 0
    assert not list(folder.glob("*/*.yml"))
    merged = fleet_here("HEAD:", "--merge", "--write", "merged", "--html", "page.html", folder=folder)
    assert merged.code == 0, merged.err
    assert "environments, " in merged.out
    written = sorted(path.relative_to(folder).as_posix() for path in folder.glob("merged/*"))
    assert written == ["merged/shared-1.conda-lock.yml", "merged/shared-1.yml"]
    assert sorted(path.name for path in folder.iterdir()) == sorted([*before, "merged", "page.html"])
