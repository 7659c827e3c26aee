"""Settings of a fleet's files: those of the nearest settings file of each, wherever the job is done."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.process import lock
from tests.fleet.world import fleet, make_channel, records

ROOT = 'channel-alias = "{}"\nplatforms = ["linux-64"]\nno-index = true\n'
#: Files of a fleet, of one content, and the settings file of each.
HOLDS = {
    "envs/a/x/environment.yml": "lockstack.toml",
    "envs/gpu/b/environment.yml": "envs/gpu/lockstack.toml",
    "envs/gpu/environment.yml": "envs/gpu/lockstack.toml",
    "envs/tool/c/environment.yml": "envs/tool/pyproject.toml",
}
PLATFORMS = {"lockstack.toml": "linux-64", "envs/gpu/lockstack.toml": "osx-64"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of the same bytes below three settings files; ``envs`` stands in for a repository."""
    alias = make_channel(tmp_path).parent.as_posix()
    channel = tmp_path / "channels" / "small"
    for subdir in ("osx-64", "win-64"):
        (channel / subdir).mkdir()
        head = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": {}}
        (channel / subdir / "repodata.json").write_text(json.dumps(head))
    for name in HOLDS:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("channels: [small]\ndependencies: [a]\n")
    root = ROOT.format(alias)
    (tmp_path / "lockstack.toml").write_text(root)
    (tmp_path / "envs" / "gpu" / "lockstack.toml").write_text(root.replace("linux-64", "osx-64"))
    table = root.replace("linux-64", "win-64")
    (tmp_path / "envs" / "tool" / "pyproject.toml").write_text(f"[tool.lockstack]\n{table}")
    return tmp_path


def platforms(done: list[dict[str, object]]) -> dict[object, list[object]]:
    return {r["file"]: [r["settings_files"], *(t["platform"] for t in r["targets"])] for r in done}  # type: ignore[attr-defined]


EXPECTED = {
    name: [[where], PLATFORMS.get(where, "win-64")]  # one content, three answers
    for name, where in HOLDS.items()
}


@pytest.mark.parametrize("how", ["here", "workers", "files", "list", "revision"])
def test_each_file_has_its_nearest_settings(how: str, folder: Path) -> None:
    paths = ["envs"]
    if how == "files":
        paths = list(HOLDS)
    elif how == "list":
        (folder / "list").write_text("\n".join(HOLDS))
        paths = ["--files-from", "list"]
    elif how == "revision":
        for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
            git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *command]
            subprocess.run(git, cwd=folder, check=True, capture_output=True)
        (folder / "envs" / "gpu" / "lockstack.toml").write_text("nosuch = 1\n")
        paths = ["HEAD:envs"]
    done = fleet(*paths, "--json", "--workers", "1" if how == "workers" else "0", folder=folder)
    assert done.code == 0, done.err
    assert platforms(records(done)) == EXPECTED
    assert "Settings: `envs/gpu/lockstack.toml` for 2, `envs/tool/pyproject.toml` for 1" in done.err
    if how not in ("here", "workers"):  # these find the same jobs by other ways
        return
    made = {name: (folder / name).with_name("conda-lock.yml").read_bytes() for name in HOLDS}
    for name, text in made.items():
        inside = (folder / name).parent
        (inside / "conda-lock.yml").unlink()
        alone = lock("environment.yml", "-q", folder=inside)
        assert alone.code == 0, alone.err
        assert (inside / "conda-lock.yml").read_bytes() == text
    each = lock("--each", "--check", *HOLDS, folder=folder)
    assert each.code == 0, each.err


def test_a_broken_settings_file_is_told_once_for_all_below_it(folder: Path) -> None:
    (folder / "envs" / "gpu" / "lockstack.toml").write_text('platfroms = ["x"]\n')
    done = fleet("envs", folder=folder)
    assert done.code == 2
    assert "2 files: unknown setting `platfroms`" in done.err
    assert done.err.count("unknown setting") == 1
    assert "4 files: 2 bad input, 2 done" in done.err


def test_other_settings_are_another_job(folder: Path) -> None:
    """A resumed run does again what a nearer settings file has changed, and nothing else."""
    journal = ("--json", "--journal", "../journal", "--resume", "--workers", "0", "envs")
    inside = folder / "envs"
    first = fleet(*journal[:-1], "a", "gpu", folder=inside)
    assert [r["settings_files"] for r in records(first)] == [
        ["../lockstack.toml"],
        *[["gpu/lockstack.toml"]] * 2,
    ]
    (inside / "gpu" / "b" / "lockstack.toml").write_bytes((folder / "lockstack.toml").read_bytes())
    again = {r["file"]: r for r in records(fleet(*journal[:-1], "a", "gpu", folder=inside))}
    keys = {r["file"]: r["key"] for r in records(first)}
    moved = [name for name, record in again.items() if record["key"] != keys[name]]
    assert moved == ["gpu/b/environment.yml"]
    assert again[moved[0]]["targets"][0]["platform"] == "linux-64"


def test_a_lock_is_not_told_again_where_a_nearer_file_has_come(folder: Path) -> None:
    """What a run has looked for and not found counts as read."""
    inside = folder / "envs" / "a" / "x"
    for _ in range(2):
        assert lock("environment.yml", "-q", folder=inside).code == 0
    (folder / "envs" / "a" / "lockstack.toml").write_bytes(
        (folder / "envs" / "gpu" / "lockstack.toml").read_bytes()
    )
    assert lock("environment.yml", "--check", "-q", folder=inside).code == 5
