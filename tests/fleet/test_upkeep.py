"""What must move is relocked with all else kept; files that move alike are one group and one branch."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from lockfiles.fleet.upkeep.limits import limit_of
from tests.cli.process import lock
from tests.fleet.world import fleet_here as fleet
from tests.fleet.world import records, write_environment
from tests.support.packages import write_index
from tests.support.signals import hear_interrupts

#: name -> version -> what it depends on; the newest is taken where nothing is against it.
OLD = {
    "ssl": {"1.0": [], "1.1": []},
    "python": {"3.12": ["ssl <2"]},
    "net": {"1.0": ["ssl"], "1.1": ["ssl"]},
    "old": {"1.0": ["ssl <1.2"]},
}
#: What came since.
NEW = {"ssl": {"1.2": [], "1.3": []}, "net": {"2.0": ["ssl"]}}
FILES = {"a/environment.yml": ["python"], "b/environment.yml": ["python"], "c/other.yml": ["net"],
         "d/environment.yml": ["old"], "e/environment.yml": ["nossl"]}  # fmt: skip


def write_channel(folder: Path, *parts: dict[str, dict[str, list[str]]]) -> None:
    """Write a channel of these packages, the later parts' published later."""
    packages: dict[str, object] = {}
    rows = [
        (name, version, depends)
        for part in (*parts, {"nossl": {"1": []}})
        for name, versions in part.items()
        for version, depends in versions.items()
    ]
    for number, (name, version, depends) in enumerate(rows):
        packages[f"{name}-{version}-0.conda"] = {
            "name": name, "version": version, "build": "0", "build_number": 0, "depends": depends,
            "subdir": "noarch", "sha256": f"{zlib.crc32(f'{name} {version}'.encode()):064x}", "size": 1000,
            "timestamp": 1_600_000_000_000 + number,
        }  # fmt: skip
    for subdir in ("noarch", "linux-64"):
        place = folder / "channels" / "small" / subdir
        place.mkdir(parents=True, exist_ok=True)
        held = packages if subdir == "noarch" else {}
        text = json.dumps({"info": {"subdir": subdir}, "packages": {}, "packages.conda": held})
        (place / "repodata.json").write_text(text)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository whose lockfiles were made before the channel had the newest versions."""
    write_channel(tmp_path, OLD)
    repository = tmp_path / "repository"
    for name, lines in FILES.items():
        write_environment(repository, name, lines)
    (repository / "channels").symlink_to(tmp_path / "channels")
    done = fleet(".", "--no-ignore", folder=repository)
    assert done.code == 0, done.err
    (repository / ".gitignore").write_text("channels\ncache\n")
    git(repository, "init", "-qb", "main")
    git(repository, "config", "user.name", "Someone")
    git(repository, "config", "user.email", "someone@example.org")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "first")
    write_channel(tmp_path, OLD, NEW)
    return repository


def state(folder: Path) -> tuple[str, ...]:
    """Return all that must stay: the current branch, its commit, the index, the working tree."""
    index = (folder / ".git" / "index").read_bytes().hex()
    status = git(folder, "--no-optional-locks", "status", "--porcelain", "--ignored")
    return (git(folder, "symbolic-ref", "HEAD"), git(folder, "rev-parse", "HEAD"), index, status)


def test_what_must_move_goes_into_a_branch_for_each_change(folder: Path) -> None:
    before = state(folder)
    done = fleet(
        ".",
        "--avoid",
        "ssl<1.2",
        "--branches",
        "lock/",
        "--write",
        str(folder.parent / "texts"),
        folder=folder,
    )
    assert done.code == 5, done.err  # one is held back
    assert state(folder) == before
    branches = git(folder, "for-each-ref", "--format=%(refname:short)", "refs/heads/lock").split()
    assert len(branches) == 1, done.out  # `net` stays though 2.0 is there: ssl alone moves, in three files
    changed = git(folder, "diff", "--name-only", "main", branches[0]).split()
    assert changed == ["a/conda-lock.yml", "b/conda-lock.yml", "c/other.conda-lock.yml"]
    assert git(folder, "rev-parse", f"{branches[0]}^").strip() == before[1].strip()
    held = git(folder, "show", f"{branches[0]}:c/other.conda-lock.yml")
    assert "version: '1.3'" in held or 'version: "1.3"' in held
    assert "net-1.1-0.conda" in held
    (text,) = (folder.parent / "texts").glob("*.md")
    told = text.read_text()
    assert "`ssl 1.1 -> 1.3`: `ssl<1.2`" in told
    assert "- `c/other.conda-lock.yml` of `c/other.yml`" in told
    assert "| ↑ | `ssl` | `1.1` | `1.3` |" in told
    assert "stays: ssl 1.1: ssl<1.2\n    d/environment.yml: held by `old (d/environment.yml:3)`\n" in done.out
    message = git(folder, "log", "-1", "--format=%B", branches[0])
    assert message.startswith("ssl 1.1 -> 1.3\n\n")


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes")
def test_names_that_are_no_text_stand_in_texts_and_messages_as_escapes(folder: Path) -> None:
    odd = folder / "\udcffold\nnew"
    (folder / "a").rename(odd)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "odd")
    done = fleet(".", "--avoid", "ssl<1.2", "--branches", "lock/", "--write", "texts", folder=folder)
    assert done.code == 5, done.err
    (text,) = (path.read_text("utf-8") for path in (folder / "texts").iterdir())
    place = "`\\udcffold new/conda-lock.yml` of `\\udcffold new/environment.yml`"
    assert place in text
    (branch,) = git(folder, "for-each-ref", "--format=%(refname:short)", "refs/heads/lock").split()
    assert place in git(folder, "log", "-1", "--format=%B", branch)
    changed = subprocess.run(
        ["git", "diff", "--name-only", "-z", "main", branch], cwd=folder, check=True, capture_output=True
    ).stdout
    assert b"\xffold\nnew/conda-lock.yml" in changed.split(b"\0")


def test_a_later_run_moves_its_own_branch_on_and_no_other(folder: Path) -> None:
    arguments = (".", "--avoid", "ssl<1.2", "--branches", "lock/")
    fleet(*arguments, folder=folder)
    (branch,) = git(folder, "for-each-ref", "--format=%(refname:short)", "refs/heads/lock").split()
    again = fleet(*arguments, folder=folder)
    assert f"branch {branch}: there already" in again.out
    git(folder, "commit", "--allow-empty", "-qm", "second")
    moved = fleet(*arguments, folder=folder)
    assert f"branch {branch}: moved on" in moved.out
    git(folder, "checkout", "-q", branch)
    git(folder, "commit", "--allow-empty", "-qm", "somebody's own")
    own = git(folder, "rev-parse", "HEAD")
    held = fleet("main:", *arguments[1:], folder=folder)
    assert f"branch {branch}: checked out in {folder}" in held.out
    git(folder, "checkout", "-q", "main")
    held = fleet(*arguments, folder=folder)
    assert f"branch {branch}: holds commits of others" in held.out
    assert held.code == 2
    assert git(folder, "rev-parse", branch) == own


def test_nothing_is_made_without_branches_or_in_a_dry_run(folder: Path) -> None:
    (folder / "a" / "environment.yml").write_text("nonsense: [\n")  # not committed: of no matter to branches
    before = state(folder)
    dry = fleet(".", "--avoid", "ssl<1.2", "--branches", "lock/", "--dry-run", folder=folder)
    assert "group 1: ssl 1.1 -> 1.3\n  3 lockfiles, 1 package changed\n" in dry.out, dry.err
    here = fleet("b", "c", "--avoid", "ssl<1.2", "--json", folder=folder)
    assert [r["upkeep"]["moved"][0]["new"] for r in records(here)] == ["1.3", "1.3"], here.err
    assert state(folder) == before
    assert git(folder, "for-each-ref", "refs/heads/lock") == ""


def test_what_keeps_it_in_several_lockfiles_is_said_once(folder: Path) -> None:
    done = fleet(".", "--avoid", "ssl<9", folder=folder)
    assert done.code == 5, done.err
    assert done.out.count("the sources have no version that may take its place") == 1
    assert (
        "  in 4 lockfiles: the sources have no version that may take its place\n"
        "    a/environment.yml\n    b/environment.yml\n    c/other.yml\n    d/environment.yml\n"
    ) in done.out


def test_advisories_and_ages_say_what_must_move(folder: Path) -> None:
    advisory = {"id": "X-1", "summary": "bad | worse", "affected": [{
        "package": {"ecosystem": "Conda", "name": "ssl"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1.1"}, {"fixed": "1.2"}]}]}]}  # fmt: skip
    (folder.parent / "osv.json").write_text(json.dumps(advisory))
    done = fleet("c", "d", "--advisories", "../osv.json", "--json", folder=folder)
    moved = {r["file"]: r["upkeep"] for r in records(done)}
    assert moved["c/other.yml"]["moved"][0]["reasons"] == ["X-1: bad | worse; fixed in 1.2"], done.err
    # 1.0 isn't affected: what `old` needs moves back, as nothing else may stay.
    assert moved["d/environment.yml"]["moved"][0]["new"] == "1.0"
    aged = fleet("c", "e", "--older-than", "2100-01-01", "--json", folder=folder)
    rows = {r["file"]: r for r in records(aged)}
    assert rows["e/environment.yml"]["outcome"] == "nothing to move"
    changes = rows["c/other.yml"]["upkeep"]["difference"]["changes"]
    assert [(c["name"], c["new"]["version"]) for c in changes] == [("net", "2.0")]  # ssl isn't asked for


#: git that stops its caller once the second commit is asked for.
_STOPPING = """#!/bin/sh
case "$*" in *commit-tree*)
  if [ -e {mark} ]; then kill -INT $PPID; sleep 5; fi
  touch {mark};;
esac
exec {git} "$@"
"""


def test_an_interrupt_leaves_no_half_of_it(folder: Path) -> None:
    before = state(folder)
    own = folder.parent / "bin"
    own.mkdir()
    real = shutil.which("git")
    (own / "git").write_text(_STOPPING.format(mark=own / "mark", git=real))
    (own / "git").chmod(0o755)
    arguments = (".", "--avoid", "ssl<1.2", "--avoid", "net<2", "--branches", "lock/")
    path = f"{own}:{os.environ['PATH']}"
    stopped = fleet(*arguments, folder=folder, before=hear_interrupts, PATH=path)
    assert stopped.code == 130, stopped.err
    assert (own / "mark").exists()  # the first commit was made
    assert git(folder, "for-each-ref", "refs/heads/lock") == ""
    assert state(folder) == before
    git(folder, "branch", "lock")  # no branch can stand below a branch: all or none
    refused = fleet(*arguments, folder=folder)
    assert refused.code == 2
    assert "--branches: git: " in refused.err
    assert git(folder, "for-each-ref", "--format=%(refname:short)", "refs/heads").split() == ["lock", "main"]
    git(folder, "branch", "-D", "lock")
    fleet(*arguments, folder=folder)
    assert len(git(folder, "for-each-ref", "refs/heads/lock").splitlines()) == 2


def test_projects_of_an_index_move_too(tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    old = {"x": {"1.0": ["y<2"]}, "y": {"1.0": []}}
    index = write_index(tmp_path / "old", old)
    write_channel(tmp_path, OLD)
    for name, line in (("a", "x"), ("b", "y<2")):
        write_environment(folder, f"{name}/environment.yml", ["python", f"pip:\n    - {line}"])
        settings = (folder / name / "lockstack.toml").read_text().replace("no-index = true", "")
        (folder / name / "lockstack.toml").write_text(settings + f'index-url = "{index}"\n')
    (folder / "channels").symlink_to(tmp_path / "channels")
    assert fleet(".", "--no-ignore", folder=folder).code == 0
    write_index(tmp_path / "old", {"x": {**old["x"], "3.0": ["y"]}, "y": {"1.0": [], "2.0": []}})
    shutil.rmtree(folder / "cache")  # pages are good for a while
    done = fleet(".", "--no-ignore", "--avoid", "pypi:y<2", "--json", folder=folder)
    rows = {r["file"]: r["upkeep"] for r in records(done)}
    changes = rows["a/environment.yml"]["difference"]["changes"]
    seen = [(one["name"], one["new"]["version"], one["asked"]) for one in changes]
    assert seen == [("x", "3.0", True), ("y", "2.0", False)]
    (held,) = rows["b/environment.yml"]["held"]
    assert [line["text"] for line in held["by"]] == ["y<2"], done.err
    assert done.code == 5


@pytest.mark.parametrize(
    ("versions", "limit"),
    [
        ("1! 2! 3 4", ">=3"),
        ("1 2! 3", "!=2"),
        ("1! 2 3!", "!=1,!=3"),
        ("1! 2!", None),
        ("", None),
    ],
)
def test_a_limit_leaves_what_may_stay(versions: str, limit: str | None) -> None:
    rows = [(one.rstrip("!"), one.endswith("!")) for one in versions.split()]
    assert limit_of(rows) == limit


#: Flags -> what is said of them.
REFUSED = (
    (["--branches", "lock/"], "--branches: has nothing to hold"),
    (["--avoid", "ssl"], "`ssl` names no versions"),
    (["--avoid", "ssl<1", "--check"], "--check: doesn't go with `--avoid`"),
    (["--avoid", "ssl<1", "--branches", "a..b"], "begins no name of a branch"),
    (["--older-than", "soon"], "no date"),
    (["../channels", "--avoid", "ssl<1", "--branches", "x/"], "isn't in the repository of this folder"),
)


def test_what_makes_no_sense_is_refused(folder: Path) -> None:
    for flags, told in REFUSED:
        done = fleet(*(["."] if not flags[0].startswith("..") else []), *flags, folder=folder)
        assert done.code == 2, flags
        assert told in done.err, flags


WORKSPACE = """\
[workspace]
channels = ["small"]
platforms = ["linux-64"]
[feature.net.dependencies]
net = "*"
[feature.old.dependencies]
old = "*"
[environments]
net = { features = ["net"], no-default-feature = true }
held = { features = ["old"], no-default-feature = true }
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A pixi workspace of two environments, locked before the channel had the newest versions."""
    write_channel(tmp_path, OLD)
    place = tmp_path / "workspace"
    write_environment(place, "lonely.yml", ["nossl"])  # and the settings
    (place / "channels").symlink_to(tmp_path / "channels")
    (place / "lonely.yml").unlink()
    (place / "pixi.toml").write_text(WORKSPACE)
    done = lock("pixi.toml", "--all-environments", folder=place)
    assert done.code == 0, done.err
    write_channel(tmp_path, OLD, NEW)
    return place


def test_each_environment_of_a_workspace_moves_as_far_as_it_can(workspace: Path) -> None:
    before = (workspace / "pixi.lock").read_text()
    assert "ssl-1.1-0.conda" in before
    done = fleet(".", "--avoid", "ssl<1.2", "--json", folder=workspace)
    assert (workspace / "pixi.lock").read_text() == before
    (found,) = records(done)
    assert (found["code"], found["output"]) == (5, "pixi.lock"), done.err
    (moved,) = found["upkeep"]["moved"]
    assert (moved["name"], moved["old"], moved["new"]) == ("ssl", "1.1", "1.3")
    assert moved["platforms"] == ["net/linux-64"]
    (held,) = found["upkeep"]["held"]
    assert (held["version"], held["platforms"]) == ("1.1", ["held/linux-64"])
    assert [line["text"] for line in held["by"]] == ["old"]
    platforms = [one["platform"] for one in found["targets"]]
    assert platforms == ["default/linux-64", "net/linux-64", "held/linux-64"]


def test_a_branch_holds_the_lockfile_of_a_workspace(workspace: Path) -> None:
    (workspace / ".gitignore").write_text("channels\ncache\n")
    for arguments in (("init", "-qb", "main"), ("config", "user.name", "Someone"),
                      ("config", "user.email", "someone@example.org"), ("add", "."),
                      ("commit", "-qm", "first")):  # fmt: skip
        git(workspace, *arguments)
    done = fleet(".", "--avoid", "ssl<1.2", "--branches", "lock/", folder=workspace)
    assert done.code == 5, done.err
    (branch,) = git(workspace, "for-each-ref", "--format=%(refname:short)", "refs/heads/lock").split()
    assert git(workspace, "diff", "--name-only", "main", branch).split() == ["pixi.lock"]
    (workspace / "pixi.lock").write_text(git(workspace, "show", f"{branch}:pixi.lock"))
    text = (workspace / "pixi.lock").read_text()
    assert ("ssl-1.3-0.conda" in text, "net-1.1-0.conda" in text, "net-2.0-0.conda" in text) == (
        True,
        True,
        False,
    )
    assert lock("pixi.toml", "--all-environments", "--check", folder=workspace).code == 0
    again = fleet(".", "--avoid", "ssl<1.2", "--json", folder=workspace)
    assert records(again)[0]["outcome"] == "held back"


def test_pixis_own_lockfile_is_told(workspace: Path) -> None:
    place = workspace / "pixi.lock"
    text = place.read_text()
    place.write_text(text[: text.index("\nlockstack:\n") + 1])
    done = fleet(".", "--avoid", "ssl<1.2", folder=workspace)
    assert done.code == 2
    assert "is pixi's own lockfile" in done.err
    assert "`lock FILE --output pixi.lock` takes it over" in done.err
