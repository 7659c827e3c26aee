"""conda archives that a pixi.lock names by a path: installed from there, and of no channel."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from lockfiles.this_machine import platform_here
from tests.cli.here import lock
from tests.cli.process import SAMPLE

pytestmark = pytest.mark.skipif(platform_here() != "linux-64", reason="the lockfile is linux-64's")

LOCKFILE = """\
version: 6
environments:
  default:
    channels:
    - url: https://conda.anaconda.org/conda-forge/
    packages:
      linux-64:
      - conda: ./pkgs/{name}
packages:
- conda: ./pkgs/{name}
  name: tzdata
  version: {version}
  build: {build}
  subdir: noarch
  noarch: generic
  sha256: {digest}
  depends: []
"""


def test_it_is_installed_compared_and_verified(tmp_path: Path) -> None:
    archive = next((SAMPLE / "conda" / "conda-forge" / "noarch").glob("tzdata-*.conda"))
    (tmp_path / "pkgs").mkdir()
    shutil.copy(archive, tmp_path / "pkgs")
    _, version, build = archive.name.removesuffix(".conda").split("-")
    values = {"name": archive.name, "digest": hashlib.sha256(archive.read_bytes()).hexdigest()}
    (tmp_path / "pixi.lock").write_text(LOCKFILE.format(**values, version="1.0", build=build))
    refused = lock("install", "pixi.lock", "-p", "env", folder=tmp_path)
    assert refused.code == 3
    assert f"the archive holds another package than tzdata 1.0 {build}" in refused.err
    assert not (tmp_path / "env").exists()
    (tmp_path / "pixi.lock").write_text(LOCKFILE.format(**values, version=version, build=build))
    done = lock("install", "pixi.lock", "-p", "env", "--json", folder=tmp_path)
    assert (done.code, done.json["findings"]) == (0, []), done.err
    record = json.loads(next((tmp_path / "env" / "conda-meta").glob("tzdata-*.json")).read_text())
    assert (record["url"], record["subdir"]) == ((tmp_path / "pkgs" / archive.name).as_uri(), "noarch")
    looked = lock("verify", "pixi.lock", "--download", "--json", folder=tmp_path)
    assert (looked.code, looked.json["findings"], looked.json["hashed"]) == (0, [], 1)
    hashed = lock("hash", "pixi.lock", "--image", "ubuntu:22.04", folder=tmp_path)
    assert hashed.code == 2
    assert f"`tzdata` comes from `./pkgs/{archive.name}`, which only this machine has" in hashed.err
    (tmp_path / "pkgs" / archive.name).write_bytes(archive.read_bytes() + b" ")
    assert lock("verify", "pixi.lock", "--download", folder=tmp_path).code == 5
    assert lock("install", "pixi.lock", "-p", "other", folder=tmp_path).code == 3


def test_what_would_have_to_be_built_is_refused(tmp_path: Path) -> None:
    text = LOCKFILE.format(name="", version="1.0", build="h0_0", digest="0" * 64)
    (tmp_path / "pixi.lock").write_text(text.replace("./pkgs/", "./source"))
    done = lock("install", "pixi.lock", "-p", "env", folder=tmp_path)
    assert done.code == 2
    assert "pixi.lock: `tzdata` is built from `./source`, and nothing is built here" in done.err
