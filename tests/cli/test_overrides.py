"""Overrides through the command: what is locked, what a lockfile says of them, and what a conflict does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.cli.here import lock
from tests.cli.process import Done
from tests.support.packages import write_index

#: ``app`` needs ``base<2``; its extra ``more`` needs ``rich<2`` and old Pythons ``back``.
RELEASES = {
    "app": {"1.0": ["base<2", 'rich<2 ; extra == "more"', 'back ; python_version < "3.8"']},
    "base": {"1.0": [], "2.0": ["deep==1"], "3.0rc1": []},
    "deep": {"1": [], "2": []},
    "rich": {"1.0": [], "2.0": []},
    "back": {"1.0": []},
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_index(tmp_path_factory.mktemp("index"), RELEASES)


def run(
    folder: Path, index: Path, table: str, *flags: str, verb: str = "", lines: str = '"app[more]"'
) -> Done:
    (folder / "pyproject.toml").write_text(f'[project]\nname = "x"\ndependencies = [{lines}]\n{table}')
    asked = ("pyproject.toml", "--python", "3.12", "--index-url", index, *flags)
    return lock(*([verb] if verb else []), *asked, folder=folder)


def versions(folder: Path) -> dict[str, str]:
    found = yaml.safe_load((folder / "pyproject.conda-lock.yml").read_text())
    return {package["name"]: package["version"] for package in found["package"]}


def of_uv(*texts: str) -> str:
    return f"[tool.uv]\noverride-dependencies = {[*texts]!r}\n"


CASES = [
    ("nothing", "", {"app": "1.0", "base": "1.0", "rich": "1.0"}),
    ("of a dependency", of_uv("base>=2"), {"app": "1.0", "base": "2.0", "deep": "1", "rich": "1.0"}),
    ("of two levels", of_uv("base==2", "deep==2"), {"app": "1.0", "base": "2.0", "deep": "2", "rich": "1.0"}),
    ("a pre-release", of_uv("base==3.0rc1"), {"app": "1.0", "base": "3.0rc1", "rich": "1.0"}),
    ("under an extra", of_uv("rich==2"), {"app": "1.0", "base": "1.0", "rich": "2.0"}),
    ("markers go", of_uv("back"), {"app": "1.0", "base": "1.0", "rich": "1.0", "back": "1.0"}),
    (
        "a marker that is false takes the project out",
        of_uv("base ; python_version < '3'"),
        {"app": "1.0", "rich": "1.0"},
    ),
    ("excluded", '[tool.uv]\nexclude-dependencies = ["base"]\n', {"app": "1.0", "rich": "1.0"}),
    (
        "of PDM",
        '[tool.pdm.resolution.overrides]\nbase = "2.0"\nback = "1.0"\n',
        {"app": "1.0", "base": "2.0", "deep": "1", "rich": "1.0"},
    ),
    (
        "a setting",
        '[tool.lockstack]\noverride-dependencies = ["base>=2"]\nexclude-dependencies = ["deep"]\n',
        {"app": "1.0", "base": "2.0", "rich": "1.0"},
    ),
    (
        "constraints stay",
        of_uv("base>=1") + 'constraint-dependencies = ["base<2"]\n',
        {"app": "1.0", "base": "1.0", "rich": "1.0"},
    ),
]  # fmt: skip


@pytest.mark.parametrize("engine", ["lockstack", "resolvelib"])
@pytest.mark.parametrize(("why", "table", "expected"), CASES, ids=[case[0] for case in CASES])
def test_what_is_locked(
    why: str, table: str, expected: dict[str, str], engine: str, index: Path, tmp_path: Path  # noqa: ARG001
) -> None:  # fmt: skip
    done = run(tmp_path, index, table, "--engine", engine)
    assert done.code == 0, done.err
    assert versions(tmp_path) == expected
    assert "not honoured" not in done.err
    fresh = run(tmp_path, index, table, "--check", "--engine", engine)
    assert fresh.code == 0, fresh.err


def test_the_user_s_own_line_goes_too(index: Path, tmp_path: Path) -> None:
    done = run(tmp_path, index, of_uv("base==2"), lines='"app", "base<2"')
    assert done.code == 0, done.err
    assert versions(tmp_path)["base"] == "2.0"


def test_the_flag(index: Path, tmp_path: Path) -> None:
    assert run(tmp_path, index, "", "--override", "base>=2").code == 0
    assert versions(tmp_path)["base"] == "2.0"
    for text, message in (("more.txt", "`more.txt` names a file"), ("a b", "`a b` is no requirement")):
        refused = run(tmp_path, index, "", "--override", text)
        assert refused.code == 2
        assert message in refused.err


def test_a_lockfile_made_under_other_overrides_is_not_fresh(index: Path, tmp_path: Path) -> None:
    assert run(tmp_path, index, of_uv("base==2")).code == 0
    stale = run(tmp_path, index, "", "--check")
    assert stale.code == 5
    assert 'the overrides are other ones: had ["base==2"], now none' in stale.err
    assert run(tmp_path, index, "").code == 0
    assert versions(tmp_path)["base"] == "1.0"
    assert "overrides" not in (tmp_path / "pyproject.conda-lock.yml").read_text()
    assert run(tmp_path, index, of_uv("deep==2"), "--check").code == 5


def test_a_remembered_answer_knows_its_overrides(index: Path, tmp_path: Path) -> None:
    for table, expected in ((of_uv("base==2"), "2.0"), ("", "1.0"), (of_uv("base==2"), "2.0")):
        (tmp_path / "pyproject.conda-lock.yml").unlink(missing_ok=True)
        assert run(tmp_path, index, table).code == 0
        assert versions(tmp_path)["base"] == expected


def test_a_conflict_names_the_override_and_offers_to_drop_it(index: Path, tmp_path: Path) -> None:
    done = run(tmp_path, index, of_uv("base==9"), verb="explain")
    assert done.code == 4
    assert "(overrides what releases ask of base)" in done.out
    assert "drop `base==9`   gives base 1.0" in done.out
    applied = run(tmp_path, index, of_uv("base==9"), "--apply", "1", verb="explain")
    assert applied.code == 0, applied.err
    assert "override-dependencies = []" in (tmp_path / "pyproject.toml").read_text()


def test_conda_s_package_meets_an_override_where_pip_asks_for_its_project(
    index: Path, tmp_path: Path
) -> None:
    """conda's own demands stay; what pip asks of the project is the override's."""
    channel = tmp_path / "channel"
    for subdir in ("linux-64", "noarch"):
        (channel / subdir).mkdir(parents=True)
    records = {
        f"{name}-{version}-0.conda": {
            "name": name, "version": version, "build": "0", "build_number": 0, "subdir": "noarch",
            "noarch": "python", "depends": depends, "sha256": "0" * 64, "md5": "0" * 32, "size": 1,
            "timestamp": 1_700_000_000_000,
        }
        for name, version, depends in (
            ("python", "3.12.1", []), ("pip", "24.0", ["python"]),
            ("base", "1.0", ["python"]), ("base", "2.0", ["python"]),
            ("old", "1.0", ["base <2"]),
        )
    }  # fmt: skip
    document = {"info": {"subdir": "noarch"}, "packages": {}, "packages.conda": records}
    (channel / "noarch" / "repodata.json").write_text(
        yaml.dump(document, default_flow_style=True, width=10**6)
    )
    empty = '{"info": {"subdir": "linux-64"}, "packages": {}, "packages.conda": {}}'
    (channel / "linux-64" / "repodata.json").write_text(empty)
    (channel / "noarch" / "repodata.json").write_text(json.dumps(document))
    (tmp_path / "lockstack.toml").write_text('override-dependencies = ["base>=2"]\n')
    asked = ("environment.yml", "-p", "linux-64", "--index-url", index)
    text = f"channels: ['{channel}']\ndependencies: [python, base, pip, {{pip: [app]}}]\n"
    (tmp_path / "environment.yml").write_text(text)
    done = lock(*asked, folder=tmp_path)
    assert done.code == 0, done.err
    found = yaml.safe_load((tmp_path / "conda-lock.yml").read_text())["package"]
    assert [(p["version"], p["manager"]) for p in found if p["name"] == "base"] == [("2.0", "conda")]
    (tmp_path / "environment.yml").write_text(text.replace("base, pip", "old, pip"))
    clash = lock(*asked, folder=tmp_path)
    assert clash.code == 4
    assert "(overrides what releases ask of base)" in clash.err
