"""``lock FILE...`` over the embedded sample."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lockfiles.formats.conda_lock.text import read_conda_lock
from tests.cli.process import ROOT, environ, lock, make_project


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the training example, locked once."""
    folder = tmp_path_factory.mktemp("locked")
    make_project(folder)
    done = lock("environment.yml", folder=folder)
    assert (done.code, done.out) == (0, ""), done.err
    return folder


@pytest.fixture
def project(locked: Path, tmp_path: Path) -> Path:
    """A copy of that folder, to change."""
    make_project(tmp_path)
    (tmp_path / "conda-lock.yml").write_bytes((locked / "conda-lock.yml").read_bytes())
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_what_was_asked_for_is_in_the_lockfile(locked: Path) -> None:
    lockfile = read_conda_lock((locked / "conda-lock.yml").read_text(), "conda-lock.yml")
    versions = {(p.manager, p.name): p.version for p in lockfile.packages}
    assert versions["conda", "python"] == "3.11.9"
    assert versions["conda", "shap"] == "0.45.1"
    assert versions["pip", "azure-ai-ml"] == "1.17.0"
    assert not {name for manager, name in versions if manager == "pip"} & {
        name for manager, name in versions if manager == "conda"
    }
    assert lockfile.metadata.sources == ("environment.yml",)
    assert all(p.hashes.get("sha256") for p in lockfile.packages)


def test_the_lockfile_says_neither_who_nor_when(locked: Path) -> None:
    head = (locked / "conda-lock.yml").read_text().split("package:", 1)[0]
    assert str(locked) not in head
    assert str(ROOT) not in head
    assert "time" not in head


def test_again_changes_nothing(project: Path) -> None:
    before = (project / "conda-lock.yml").stat()
    done = lock("environment.yml", folder=project)
    assert "Nothing to change in `conda-lock.yml`" in done.err
    after = (project / "conda-lock.yml").stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_the_same_bytes_whatever_the_place_the_hash_seed_and_the_locale(project: Path) -> None:
    wanted = (project / "conda-lock.yml").read_bytes()
    for seed, name in (("1", "one"), ("77", "two")):
        folder = project / name
        make_project(folder)
        done = lock("environment.yml", folder=folder, PYTHONHASHSEED=seed, LC_ALL="C", TZ="Asia/Tokyo")
        assert done.code == 0, done.err
        assert (folder / "conda-lock.yml").read_bytes() == wanted


def test_the_output_goes_where_it_is_asked_to(project: Path) -> None:
    done = lock("environment.yml", "-o", "deep.lock.yml", folder=project)
    assert done.code == 0
    assert yaml.safe_load((project / "deep.lock.yml").read_text())["version"] == 1
    done = lock("environment.yml", "-o", "-", folder=project)
    assert read_conda_lock(done.out, "-").packages


def test_another_name_keeps_its_own_lockfile(project: Path) -> None:
    (project / "train.yml").write_text("channels: [conda-forge]\ndependencies: [python=3.11]\n")
    before = (project / "conda-lock.yml").read_bytes()
    assert lock("train.yml", folder=project).code == 0
    assert (project / "train.conda-lock.yml").is_file()
    assert (project / "conda-lock.yml").read_bytes() == before


def test_standard_input(project: Path) -> None:
    text = "channels: [conda-forge]\ndependencies: [python=3.11]\n"
    done = lock("-", "-o", "-", folder=project, stdin=text)
    assert done.code == 0, done.err
    assert "- name: python\n" in done.out


def test_a_change_is_told_and_the_rest_stays(project: Path) -> None:
    edit(project / "environment.yml", "      - pytest-timeout==2.3.1\n", "")
    done = lock("environment.yml", folder=project)
    assert done.code == 0
    assert "Changed for linux-64:\n  - pytest-timeout (pip)  2.3.1\n1 removed.\n" in done.err
    assert "Wrote `conda-lock.yml`" in done.err


def test_an_earlier_pin_stays_until_it_is_let_go(project: Path) -> None:
    """joblib has a newer version in the sample; an edited lockfile holds an older one."""
    older = _older_joblib(project)
    assert older is not None, "the sample has only one joblib"
    edit(project / "environment.yml", "  - pip\n", f"  - pip\n  - joblib<={older}\n")
    assert lock("environment.yml", folder=project).code == 0
    edit(project / "environment.yml", f"  - joblib<={older}\n", "")
    kept = lock("environment.yml", folder=project)
    assert "joblib" not in kept.err
    moved = lock("environment.yml", "--update", "joblib", "--dry-run", folder=project)
    assert f"joblib  {older} -> " in moved.err
    assert "Would write" in moved.err
    assert "joblib" in lock("environment.yml", "--update-all", folder=project).err


def _older_joblib(project: Path) -> str | None:
    import json

    repodata = ROOT / "examples" / "sample" / "conda" / "conda-forge" / "noarch" / "repodata.json"
    locked = read_conda_lock((project / "conda-lock.yml").read_text(), "f")
    now = next(p.version for p in locked.packages if p.name == "joblib")
    content = json.loads(repodata.read_text())
    records = {**content["packages"], **content["packages.conda"]}.values()
    versions = {record["version"] for record in records if record["name"] == "joblib"} - {now}
    return max(versions, default=None)


def test_a_name_to_update_that_is_not_there_is_told(project: Path) -> None:
    done = lock("environment.yml", "--update", "numpyy", "--dry-run", folder=project)
    assert "warning: `--update numpyy`: the earlier lockfile has no such package" in done.err


def test_check(project: Path) -> None:
    before = (project / "conda-lock.yml").read_bytes()
    fresh = lock("environment.yml", "--check", folder=project)
    assert (fresh.code, fresh.err) == (0, "`conda-lock.yml` is fresh.\n")
    edit(project / "environment.yml", "numpy=1.26.4", "numpy=1.26")
    assert lock("environment.yml", "--check", folder=project).code == 0, "a looser line is still met"
    edit(project / "environment.yml", "numpy=1.26", "numpy=1.25")
    stale = lock("environment.yml", "--check", folder=project)
    assert stale.code == 5
    assert (
        "environment.yml:10:5: [linux-64] `numpy=1.25` is asked for, the lockfile has numpy 1.26.4"
        in stale.err
    )
    assert stale.err.endswith("hint: run `lock environment.yml`\n")
    assert (project / "conda-lock.yml").read_bytes() == before
    quiet = lock("environment.yml", "--check", "-q", "--json", folder=project)
    assert (quiet.code, quiet.err, quiet.json["fresh"]) == (5, "", False)


def test_check_without_a_lockfile(project: Path) -> None:
    (project / "conda-lock.yml").unlink()
    done = lock("environment.yml", "--check", folder=project)
    assert done.code == 5
    assert "`conda-lock.yml` does not exist" in done.err


def test_check_sees_a_package_that_was_taken_out_by_hand(project: Path) -> None:
    text = (project / "conda-lock.yml").read_text()
    start = text.index("  - name: joblib\n")
    (project / "conda-lock.yml").write_text(text[:start] + text[text.index("  - name: ", start + 5) :])
    done = lock("environment.yml", "--check", folder=project)
    assert done.code == 5
    assert "which is not in the lockfile" in done.err


def test_json(project: Path) -> None:
    (project / "conda-lock.yml").unlink()
    done = lock("environment.yml", "--json", folder=project)
    value = done.json
    assert (value["schema_version"], value["output"], value["written"]) == (1, "conda-lock.yml", True)
    assert value["changes"] is None
    (platform,) = value["platforms"]
    assert (platform["platform"], platform["python"]) == ("linux-64", "3.11.9")
    assert {"manager", "name", "version", "build", "source", "url", "hashes", "categories"} == set(
        platform["packages"][0]
    )


def test_two_platforms(project: Path) -> None:
    (project / "small.yml").write_text("channels: [conda-forge]\ndependencies: [tzdata]\n")
    done = lock("small.yml", "-p", "linux-64", "-p", "osx-arm64", folder=project)
    assert done.code == 0, done.err
    found = read_conda_lock((project / "small.conda-lock.yml").read_text(), "f")
    assert found.metadata.platforms == ("linux-64", "osx-arm64")


def test_conda_lock_itself_reads_it(project: Path) -> None:
    from tests.lockfiles.oracle import parse_text

    text = (project / "conda-lock.yml").read_text()
    assert len(parse_text(text, project).package) == text.count("\n  - name: ")


def test_nothing_heavy_on_the_way_to_help() -> None:
    script = (
        "import sys\nfrom lockfiles.cli.main import main\nmain(['--help'])\n"
        "heavy = ('httpx', 'networkx', 'rattler', 'ruamel', 'rich', 'conda_lock', 'yaml', 'msgspec')\n"
        "print(sorted(set(heavy) & set(sys.modules)), len(sys.modules) < 160)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=240,
    )
    assert done.stdout.endswith("[] True\n")


def test_conda_lock_is_not_imported_on_the_way_to_a_lock(project: Path) -> None:
    script = (
        "import sys\nfrom lockfiles.cli.main import main\ncode = main(['environment.yml', '-q'])\n"
        "heavy = ('conda_lock', 'conda', 'pydantic', 'networkx', 'rich', 'ruamel')\n"
        "print(code, sorted(set(heavy) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=project,
        env=environ(project),
        timeout=240,
    )
    assert done.stdout == "0 []\n"


@pytest.mark.skipif(os.name == "nt", reason="terminals of another kind")
def test_progress_is_drawn_on_a_terminal_only(project: Path) -> None:
    import pty

    parent, child = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "lockfiles.cli", "environment.yml", "--dry-run"],
        cwd=project,
        env=environ(project, TERM="xterm"),
        stdout=subprocess.PIPE,
        stderr=child,
        check=True,
        timeout=240,
    )
    os.close(child)
    shown = os.read(parent, 65536)
    os.close(parent)
    assert done.stdout == b""
    assert b"\x1b[" in shown
    assert b"\x1b" not in lock("environment.yml", "--dry-run", folder=project).err.encode()
