"""Locking again: nothing changes, `--check` agrees, and platforms don't disturb each other."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lockfiles.formats.conda_lock.text import read_conda_lock
from lockfiles.model import CondaLock
from tests.cli.process import SAMPLE
from tests.end_to_end.inside import run
from tests.end_to_end.written import Writing, write_universe
from tests.oracles.universe_generator import make_universe
from tests.support.amount import IS_WHOLE
from tests.support.channel import as_file, record, repodata
from tests.support.packages import index_files, make_sdist, make_wheel, metadata_text
from tests.support.server import LoopbackServer

COUNT = 600 if IS_WHOLE else 6


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as made:
        yield made


def test_again_and_again(server: LoopbackServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Generated universes: locked, locked again, checked, updated, checked offline; always the same bytes."""
    solved = 0
    for seed in range(1000, 1000 + COUNT):
        written = write_universe(make_universe(seed), server.url, Writing())
        written.serve(server)
        folder = tmp_path / str(seed)
        folder.mkdir()
        for name, text in written.inputs.items():
            (folder / name).write_text(text)
        source = "environment.yml" if "environment.yml" in written.inputs else "requirements.txt"
        common = [source, "-o", "lock.yml", "-q", "--index-url", f"{server.url}/simple"]
        common += ["--channel-alias", f"{server.url}/conda", "--cache-dir", str(folder / "cache")]
        common += [] if source == "environment.yml" else ["--python", "3.11.9"]
        code = run(*common, folder=folder)
        assert code in (0, 4), (seed, capfd.readouterr())
        if code == 0:
            solved += 1
            wanted = (folder / "lock.yml").read_bytes()
            for flags in ("", "--check", "--update-all", "--offline", "--offline --check", "--dry-run"):
                more = flags.split()
                assert run(*common, *more, folder=folder) == 0, (seed, more, capfd.readouterr())
                assert (folder / "lock.yml").read_bytes() == wanted, (seed, more)
        else:
            first = capfd.readouterr().err
            assert run(*common, folder=folder) == 4
            assert capfd.readouterr().err == first, seed
        shutil.rmtree(folder)
    assert solved > COUNT / 4


PLATFORMS = ("linux-64", "osx-arm64")
FILE = """\
channels: [conda-forge]
dependencies:
- python=3.11
- pip
- tzdata
- pip:
  - python-dotenv
  - pytest==8.2.2
"""


def lock_platforms(folder: Path, *platforms: str, text: str = FILE) -> CondaLock:
    (folder / "environment.yml").write_text(text)
    (folder / "conda-lock.yml").unlink(missing_ok=True)
    flags = [flag for platform in platforms for flag in ("-p", platform)]
    code = run(
        "environment.yml", "-q", *flags, "--channel-alias", SAMPLE / "conda", "--index-url", SAMPLE / "pypi",
        "--cache-dir", folder / "cache", folder=folder,
    )  # fmt: skip
    assert code == 0
    return read_conda_lock((folder / "conda-lock.yml").read_text(), "conda-lock.yml")


def test_platforms_of_one_call_are_those_of_several(tmp_path: Path) -> None:
    both = lock_platforms(tmp_path, *PLATFORMS)
    text = (tmp_path / "conda-lock.yml").read_bytes()
    for platform in PLATFORMS:
        alone = lock_platforms(tmp_path, platform)
        assert alone.packages == tuple(one for one in both.packages if one.platform == platform)
        assert len(alone.packages) > 5
        assert alone.metadata.content_hash[platform] == both.metadata.content_hash[platform]
    turned = lock_platforms(tmp_path, *reversed(PLATFORMS))
    assert turned.packages == both.packages
    lock_platforms(tmp_path, text=FILE + "platforms: [linux-64, osx-arm64]\n")
    named = yaml.safe_load((tmp_path / "conda-lock.yml").read_bytes())
    assert named["package"] == yaml.safe_load(text)["package"]


def test_a_conflict_is_a_conflict_offline_too(
    server: LoopbackServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """What else could have been tried is not in the cache: the verdict is the same, not "a source failed"."""
    python = [record("python", "3.11.9", "0_cpython"), record("numpy", "2.1.0", depends=["python"])]
    users = {f"user-{v}-py3-none-any.whl": make_wheel("user", v, ["numpy<2"]) for v in ("1.0", "2.0", "3.0")}
    numpy = {"numpy-1.26.0-py3-none-any.whl": make_wheel("numpy", "1.26.0")}
    server.files = index_files({"numpy": numpy, "user": users})
    server.files["conda/conda-forge/linux-64/repodata.json"] = as_file(repodata(python), "repodata.json")
    server.files["conda/conda-forge/noarch/repodata.json"] = as_file(repodata(), "repodata.json")
    common = ["environment.yml", "-q", "--index-url", f"{server.url}/simple", "--cache-dir", "cache"]
    common += ["--channel-alias", f"{server.url}/conda"]
    text = "channels: [conda-forge]\ndependencies: [python, numpy{0}, {{pip: ['user=={1}']}}]\n"
    (tmp_path / "environment.yml").write_text(text.format("", "2.0").replace("numpy, ", ""))
    assert run(*common, folder=tmp_path) == 0
    (tmp_path / "environment.yml").write_text(text.format(">=2", "2.0"))
    for more in (["--offline"], [], ["--offline"]):
        code = run(*common, *more, folder=tmp_path)
        err = capfd.readouterr().err
        assert code == 4, (more, err)
        assert "numpy>=2" in err
        assert "user==2.0" in err


IN_TREE = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
BACKEND = """
import pathlib

def prepare_metadata_for_build_wheel(folder, settings=None):
    pathlib.Path({marker!r}).touch()
    target = pathlib.Path(folder, "only-1.0.dist-info")
    target.mkdir(parents=True)
    (target / "METADATA").write_text({metadata!r})
    return target.name
"""


def test_what_a_build_here_would_say_of_another_python_counts_for_nothing(
    server: LoopbackServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A project with wheels for some Pythons, and an sdist whose build would succeed on ours."""
    versions = [f"3.{minor}.0" for minor in (98, 99)]
    pythons = [record("python", version, "0_cpython") for version in versions]
    marker = tmp_path / "built"
    backend = BACKEND.format(marker=str(marker), metadata=metadata_text("only", "1.0"))
    sdist = make_sdist("only", "1.0", {"pyproject.toml": IN_TREE, "backend.py": backend})
    wheel = make_wheel("only", "1.0")
    files = {"only-1.0-cp398-cp398-manylinux_2_17_x86_64.whl": wheel, "only-1.0.tar.gz": sdist}
    server.files = index_files({"only": files})
    server.files["conda/conda-forge/linux-64/repodata.json"] = as_file(repodata(pythons), "repodata.json")
    server.files["conda/conda-forge/noarch/repodata.json"] = as_file(repodata(), "repodata.json")
    common = ["environment.yml", "-q", "--index-url", f"{server.url}/simple"]
    common += ["--channel-alias", f"{server.url}/conda"]
    text = "channels: [conda-forge]\ndependencies: [python=3.{0}, {{pip: [only]}}]\n"
    (tmp_path / "environment.yml").write_text(text.format(98))
    assert run(*common, folder=tmp_path) == 0, capfd.readouterr().err
    (tmp_path / "environment.yml").write_text(text.format(99))
    assert run(*common, folder=tmp_path) == 4
    err = capfd.readouterr().err
    assert "only" in err
    assert not marker.exists()
