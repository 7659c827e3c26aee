"""``lock`` with several environments: one pixi.lock, made by the command as people run it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.here import lock
from tests.cli.process import make_project

MANIFEST = """\
[workspace]
name = "demo"
channels = ["conda-forge"]
platforms = ["linux-64"]
[dependencies]
python = "3.11.*"
numpy = "*"
[feature.old.dependencies]
numpy = "<2"
[feature.ml.dependencies]
scikit-learn = "*"
[feature.web.pypi-dependencies]
azure-identity = "*"
[environments]
old = {features = ["old"], solve-group = "g"}
ml = {features = ["ml"], solve-group = "g"}
web = ["web"]
bare = {features = ["ml"], no-default-feature = true}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pixi manifest beside the sample's settings."""
    make_project(tmp_path).unlink()
    (tmp_path / "pixi.toml").write_text(MANIFEST)
    return tmp_path


def versions(folder: Path, environment: str, name: str = "pixi.lock") -> dict[str, str]:
    """Return the packages of an environment on linux-64: file or project -> version."""
    from lockfiles.formats.pixi.reading import read_pixi_lock

    (found,) = read_pixi_lock((folder / name).read_text(), name, environment)
    return {str(pin.name): pin.record.version for pin in found.conda} | {
        str(pin.name): pin.version for pin in found.pypi
    }


def test_all_environments_of_a_manifest(folder: Path) -> None:
    done = lock("pixi.toml", "--all-environments", folder=folder)
    assert done.code == 0, done.err
    assert done.out == ""
    for name in ("default", "old", "ml", "web", "bare"):
        assert f"Locked {name}, linux-64: " in done.err
    first = (folder / "pixi.lock").read_bytes()
    assert lock("pixi.toml", "--all-environments", "--check", folder=folder).code == 0
    again = lock("pixi.toml", "-o", "pixi.lock", folder=folder)
    assert "Nothing to change in `pixi.lock`" in again.err
    assert (folder / "pixi.lock").read_bytes() == first

    import rattler

    read = rattler.LockFile.from_path(folder / "pixi.lock")
    assert {name for name, _ in read.environments()} == {"default", "old", "ml", "web", "bare"}

    # solve-group `g`: one numpy for both, an older one than the environments outside of it have
    assert versions(folder, "old")["numpy"] == versions(folder, "ml")["numpy"] < "2"
    assert versions(folder, "default")["numpy"] > "2"
    assert "scikit-learn" not in versions(folder, "old")
    assert "azure-identity" in versions(folder, "web")
    assert "azure-identity" not in versions(folder, "default")


def test_what_is_not_locked_stays_as_it_was(folder: Path) -> None:
    assert lock("pixi.toml", "--all-environments", folder=folder).code == 0
    before = yaml.safe_load((folder / "pixi.lock").read_text())
    (folder / "pixi.toml").write_text(MANIFEST.replace('numpy = "*"', 'numpy = "2.0.*"').replace("<2", "*"))
    stale = lock("pixi.toml", "--output", "pixi.lock", "--check", folder=folder)
    assert stale.code == 5
    assert "[default, linux-64] `numpy 2.0.*` is asked for" in stale.err

    done = lock("pixi.toml", "--environment", "web", folder=folder)
    assert done.code == 0, done.err
    assert "Changed for web/linux-64:" in done.err
    assert "note: `default`, `bare`, `ml`, `old` stay in the lockfile as before" in done.err
    after = yaml.safe_load((folder / "pixi.lock").read_text())
    assert {n: e for n, e in after["environments"].items() if n != "web"} == {
        n: e for n, e in before["environments"].items() if n != "web"
    }
    assert versions(folder, "web")["numpy"].startswith("2.0")

    # one of a solve-group takes the other one along
    done = lock("pixi.toml", "--environment", "old", folder=folder)
    assert versions(folder, "old")["numpy"] == versions(folder, "ml")["numpy"]
    assert "Locked ml, linux-64" in done.err

    # an environment that isn't listed any more leaves
    (folder / "pixi.toml").write_text((folder / "pixi.toml").read_text().replace('web = ["web"]\n', ""))
    done = lock("pixi.toml", "-o", "pixi.lock", folder=folder)
    assert "`web` leaves the lockfile" in done.err
    assert "web" not in yaml.safe_load((folder / "pixi.lock").read_text())["environments"]
    assert lock("pixi.toml", "-o", "pixi.lock", "--check", folder=folder).code == 0


def test_a_matrix_of_pythons(folder: Path) -> None:
    (folder / "environment.yml").write_text(
        "channels: [conda-forge]\nplatforms: [linux-64]\n"
        "dependencies: [numpy, pip, {pip: [azure-identity]}]\n"
    )
    done = lock("environment.yml", "--python", "3.11,3.12", folder=folder)
    assert done.code == 0, done.err
    assert versions(folder, "py311")["python"].startswith("3.11.")
    assert versions(folder, "py312")["python"].startswith("3.12.")
    same = lock("environment.yml", "--python", "3.12", "--python", "3.11", "--check", folder=folder)
    assert same.code == 0, same.err

    # a flag names those of this time; a settings file lists them
    one = lock("environment.yml", "--python", "3.12", "-o", "pixi.lock", folder=folder)
    assert "`py311` stays in the lockfile as before" in one.err
    with (folder / "lockstack.toml").open("a") as settings:
        settings.write('\npython = ["3.12"]\noutput = "pixi.lock"\n')
    listed = lock("environment.yml", folder=folder)
    assert "`py311` leaves the lockfile" in listed.err
    assert lock("environment.yml", "--check", folder=folder).code == 0


def test_groups_and_extras_are_environments(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "t"\nversion = "1"\nrequires-python = ">=3.11,<3.12"\n'
        'dependencies = ["azure-identity"]\n'
        '[project.optional-dependencies]\ndotenv = ["python-dotenv"]\n'
        '[dependency-groups]\ntest = ["pytest"]\n'
    )
    arguments = ("pyproject.toml", "--group", "test", "--extra", "dotenv", "-o", "pixi.lock")
    done = lock(*arguments, folder=folder)
    assert done.code == 0, done.err
    assert "pytest" not in versions(folder, "default")
    assert {"pytest", "azure-identity"} <= versions(folder, "test").keys()
    assert "python-dotenv" not in versions(folder, "test")
    assert {"python-dotenv", "azure-identity"} <= versions(folder, "dotenv").keys()
    assert lock(*arguments, "--check", folder=folder).code == 0
    exported = lock(
        "export", "pixi.lock", "--environment", "test", "-f", "requirements", "-o", "-", folder=folder
    )
    assert "pytest==" in exported.out


def test_verbs_look_at_one_environment_with_the_lines_of_its_features(folder: Path) -> None:
    assert lock("pixi.toml", "--all-environments", folder=folder).code == 0
    done = lock("why", "scikit-learn", "pixi.lock", "--environment", "ml", folder=folder)
    assert "pixi.toml:11:1: scikit-learn" in done.out
    tree = lock("tree", "pixi.lock", "--environment", "web", "--depth", "1", folder=folder)
    assert "azure-identity" in tree.out
    assert "scikit-learn" not in tree.out
    old, new = ("pixi.lock", "pixi.lock")
    same = lock("diff", old, new, "--environment", "web", folder=folder)
    assert same.code == 0, same.err


def test_json(folder: Path) -> None:
    done = lock("pixi.toml", "--environment", "ml", "--dry-run", "--json", folder=folder)
    assert set(done.json["environments"]) == {"ml", "old"}
    (platform,) = done.json["environments"]["ml"]["platforms"]
    assert platform["platform"] == "linux-64"
    assert not (folder / "pixi.lock").exists()


def test_a_single_environment_in_a_file_that_holds_one(folder: Path) -> None:
    done = lock("pixi.toml", "--environment", "ml", "-o", "ml.conda-lock.yml", folder=folder)
    assert done.code == 0, done.err
    assert "`ml` is locked without `old` of its solve-group" in done.err
    assert "name: scikit-learn" in (folder / "ml.conda-lock.yml").read_text()


REFUSED: list[tuple[tuple[str, ...], str]] = [
    (("pixi.toml", "--all-environments", "-o", "x.yml"), "`x.yml` holds one environment, not 5"),
    (("pixi.toml", "--python", "3.11,3.12", "-o", "x.yml"), "`x.yml` holds one environment, not 2"),
    (("pixi.toml", "--environment", "bar"), "no environment `bar`\n\nhint: did you mean `bare`?"),
    (("pixi.toml", "--environment", "ml", "--group", "web"), "`--environment` beside groups or extras"),
    (("pixi.toml", "--drop-environment", "ml"), "--drop-environment: of a lockfile that holds several"),
    (("explain", "pixi.toml", "--python", "3.11,3.12"), "this run is for one Python, not for 3.11, 3.12"),
    (("pixi.toml", "--python", "3.11,x"), "`x` is not a Python version"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_what_is_refused(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    done = lock(*arguments, folder=folder)
    assert done.code == 2, done.err
    assert message in done.err
    assert "hint: " in done.err or arguments[-2] in ("--drop-environment", "--record")


def test_an_environment_without_a_solution_is_named(folder: Path) -> None:
    (folder / "pixi.toml").write_text(MANIFEST.replace('scikit-learn = "*"', 'scikit-learn = "<0.1"'))
    done = lock("pixi.toml", "--all-environments", folder=folder)
    assert done.code == 4
    assert "warning: environment `old`, `ml` can't be locked" in done.err
    assert not (folder / "pixi.lock").exists()


def foreign(folder: Path, **changes: Any) -> None:
    """Write the lockfile as pixi would: without what `lock` says besides."""
    document = yaml.safe_load((folder / "pixi.lock").read_text())
    del document["lockstack"]
    (folder / "pixi.lock").write_text(yaml.safe_dump(document | changes, sort_keys=False))


def test_pixi_s_own_lockfile_is_not_written_over_unasked(folder: Path) -> None:
    older = MANIFEST.replace('numpy = "*"', 'numpy = "2.0.*"')
    (folder / "pixi.toml").write_text(older)
    assert lock("pixi.toml", "--environment", "default", folder=folder).code == 0
    foreign(folder)
    (folder / "pixi.toml").write_text(MANIFEST)
    refused = lock("pixi.toml", "--environment", "default", folder=folder)
    assert refused.code == 2
    assert "pixi.lock: is pixi's own lockfile\n\nhint: `--output pixi.lock` writes over it" in refused.err
    done = lock("pixi.toml", "--environment", "default", "-o", "pixi.lock", folder=folder)
    assert done.code == 0, done.err
    assert versions(folder, "default")["numpy"].startswith("2.0")  # its versions stay where they fit


def test_version_6_stays_version_6(folder: Path) -> None:
    assert lock("pixi.toml", "--environment", "default", folder=folder).code == 0
    document = yaml.safe_load((folder / "pixi.lock").read_text())
    del document["platforms"], document["lockstack"]
    (folder / "pixi.lock").write_text(yaml.safe_dump(document | {"version": 6}, sort_keys=False))
    done = lock("pixi.toml", "--environment", "bare", "-o", "pixi.lock", folder=folder)
    assert done.code == 0, done.err
    assert yaml.safe_load((folder / "pixi.lock").read_text())["version"] == 6
    assert {"default", "bare"} == set(yaml.safe_load((folder / "pixi.lock").read_text())["environments"])


def test_a_package_taken_out_by_hand_is_found_in_its_environment(folder: Path) -> None:
    assert lock("pixi.toml", "--all-environments", folder=folder).code == 0
    document = yaml.safe_load((folder / "pixi.lock").read_text())
    items = document["environments"]["ml"]["packages"]["linux-64"]
    document["environments"]["ml"]["packages"]["linux-64"] = [i for i in items if "/scipy-" not in i["conda"]]
    (folder / "pixi.lock").write_text(yaml.safe_dump(document, sort_keys=False))
    stale = lock("pixi.toml", "-o", "pixi.lock", "--check", "--json", folder=folder)
    assert stale.code == 5
    assert {reason["environment"] for reason in stale.json["reasons"]} == {"ml"}
    assert any("scipy" in reason["message"] for reason in stale.json["reasons"])


def test_a_check_of_what_was_never_locked_says_how_it_is(folder: Path) -> None:
    (folder / "environment.yml").write_text("channels: [conda-forge]\ndependencies: [python]\n")
    secret = "http://me:hunter2@127.0.0.1:9/simple"
    flags = ("--python", "3.11,3.12", "--group", "a b", "--no-build", "--index-url", secret)
    done = lock("environment.yml", *flags, "--check", folder=folder)
    assert done.code == 5
    assert (
        "hint: run `lock environment.yml --no-build --python 3.11,3.12 --index-url ... --group 'a b'`"
        in done.err
    )
