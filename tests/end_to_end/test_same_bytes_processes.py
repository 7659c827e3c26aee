"""Same question, same bytes: in other processes, folders, locales and time zones; the training example.

LOCKSTACK_ALL: 20 hash seeds instead of 2, and more orders.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.process import ROOT, environ, lock
from tests.end_to_end.inside import run
from tests.end_to_end.sample import write_sample
from tests.end_to_end.written import ONE_FILE, PACKED, SHARDED, Writing
from tests.support.server import LoopbackServer

ALL = bool(os.environ.get("LOCKSTACK_ALL"))
HASH_SEEDS = range(1, 21) if ALL else (1, 77)
ORDERS = range(10) if ALL else (0,)
EXAMPLE = (ROOT / "examples" / "fraud-train" / "environment.yml").read_text()


@pytest.fixture(scope="module")
def server() -> Iterator[LoopbackServer]:
    """The sample as a private server has it, in the plainest form."""
    with LoopbackServer() as made:
        write_sample(Writing()).serve(made)
        yield made


def settings(server: LoopbackServer) -> dict[str, str]:
    """Return the variables that lead to the server."""
    return {"LOCK_CHANNEL_ALIAS": f"{server.url}/conda", "LOCK_INDEX_URL": f"{server.url}/pypi"}


def make(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "environment.yml").write_text(EXAMPLE)
    (folder / "lockstack.toml").write_text('default-channels = ["pkgs/main", "pkgs/r"]\n')
    return folder


def lock_inside(folder: Path, server: LoopbackServer) -> bytes:
    """Lock without a cache of earlier runs, in this process."""
    make(folder)
    cache = folder / "fresh"
    code = run("environment.yml", "-q", "--cache-dir", cache, folder=folder, **settings(server))
    assert code == 0
    shutil.rmtree(cache)
    return (folder / "conda-lock.yml").read_bytes()


@pytest.fixture(scope="module")
def wanted(server: LoopbackServer, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return lock_inside(tmp_path_factory.mktemp("first"), server)


FORMS = [(form, pages) for form in (ONE_FILE, PACKED, SHARDED) for pages in (False, True)]
FEW_FORMS = [(ONE_FILE, True), (PACKED, False), (SHARDED, True)]


@pytest.mark.parametrize(("form", "json_pages"), FORMS if ALL else FEW_FORMS)
@pytest.mark.parametrize("order", ORDERS)
def test_order_and_form(
    order: int, json_pages: bool, form: str, server: LoopbackServer, wanted: bytes, tmp_path: Path
) -> None:
    plain = dict(server.files), dict(server.extra_headers)
    try:
        write_sample(Writing(seed=order, channel_form=form, json_pages=json_pages)).serve(server)
        assert lock_inside(tmp_path, server) == wanted
    finally:
        server.files, server.extra_headers = plain


def test_a_warm_cache_and_a_second_run(server: LoopbackServer, wanted: bytes, tmp_path: Path) -> None:
    make(tmp_path)
    for arguments in ([], [], ["--update-all"], ["--offline"], ["--offline", "--update-all"]):
        assert run("environment.yml", "-q", *arguments, folder=tmp_path, **settings(server)) == 0
        assert (tmp_path / "conda-lock.yml").read_bytes() == wanted, arguments
    (tmp_path / "conda-lock.yml").unlink()
    asked = len(server.paths)
    assert run("environment.yml", "-q", "--offline", folder=tmp_path, **settings(server)) == 0
    assert (tmp_path / "conda-lock.yml").read_bytes() == wanted
    assert len(server.paths) == asked


@pytest.mark.parametrize("seed", HASH_SEEDS)
def test_hash_seeds(seed: int, server: LoopbackServer, wanted: bytes, tmp_path: Path) -> None:
    make(tmp_path)
    done = lock("environment.yml", folder=tmp_path, PYTHONHASHSEED=str(seed), **settings(server))
    assert done.code == 0, done.err
    assert (tmp_path / "conda-lock.yml").read_bytes() == wanted


PLACES = [
    pytest.param({"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "LANGUAGE": "tr"}, id="another language"),
    pytest.param({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}, id="no UTF-8"),
    pytest.param({"TZ": "Pacific/Kiritimati"}, id="a day ahead"),
    pytest.param({"USER": "somebody", "LOGNAME": "somebody", "HOSTNAME": "elsewhere"}, id="another user"),
    pytest.param({"PYTHONOPTIMIZE": "2"}, id="no assertions"),
]


@pytest.mark.parametrize("variables", PLACES if ALL else PLACES[:2])
def test_other_places(
    variables: dict[str, str], server: LoopbackServer, wanted: bytes, tmp_path: Path
) -> None:
    """Another home folder, current folder and umask too; the file is named by a path."""
    folder = make(tmp_path / "söme where" / "project")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "lockfiles.cli", folder / "environment.yml"],
        cwd=elsewhere, env=environ(tmp_path, **settings(server), **variables), umask=0o077,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (folder / "conda-lock.yml").read_bytes() == wanted


@pytest.mark.parametrize("processes", [4 if ALL else 3])
def test_several_processes_on_one_new_cache(
    processes: int, server: LoopbackServer, wanted: bytes, tmp_path: Path
) -> None:
    started = []
    for number in range(processes):
        folder = make(tmp_path / str(number))
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "lockfiles.cli", "environment.yml", "--cache-dir", tmp_path / "cache"],
                cwd=folder, env=environ(folder, **settings(server)),
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
        )  # fmt: skip
    for number, process in enumerate(started):
        _, shown = process.communicate(timeout=60)
        assert process.returncode == 0, shown
        assert "warning" not in shown
        assert (tmp_path / str(number) / "conda-lock.yml").read_bytes() == wanted
    assert not list((tmp_path / "cache").rglob(".part-*"))
