"""Azure ML files from a resolution: pinned, the same bytes twice, one identity whatever the input's order."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from lockfiles.cli.main import main
from lockfiles.formats.conda_lock.text import write_conda_lock
from lockfiles.identity.content import digest_of, locked_content
from lockfiles.identity.export import ExportOptions, export_v1, export_v2
from lockfiles.identity.pinned import pinned_conda
from lockfiles.identity.read.reading import ReadOptions, read_definitions
from lockfiles.identity.service import conda_environment_name
from lockfiles.model import LockedChannel, LockMetadata
from resolver.errors import InputError
from resolver.model.channels import Channel
from resolver.model.requirements import DirectKind, DirectReference
from tests.identity.vectors import write_files
from tests.lockfiles.make import conda, pypi, resolution

IMAGE = "registry.example.org/base:1@sha256:" + "ab" * 32
OPTIONS = ExportOptions(name="training", image=IMAGE)
TORCH = Channel(name="pytorch", base_url="https://conda.anaconda.org/pytorch")
PINS = [
    conda("python", "3.11.9", "h955ad1f_0"),
    conda("numpy", "1.26.4", "py311_0"),
    conda("pip", "24.0", "py311_0"),
    pypi("scikit-learn", "1.5.2"),
    pypi("rich", "13.0"),
]


def test_pinned_definition() -> None:
    assert pinned_conda(resolution(*PINS)) == {
        "channels": ["conda-forge"],
        "dependencies": [
            "numpy=1.26.4=py311_0",
            "pip=24.0=py311_0",
            "python=3.11.9=h955ad1f_0",
            {"pip": ["rich==13.0", "scikit-learn==1.5.2"]},
        ],
    }


def test_several_channels_are_named() -> None:
    pins = resolution(*PINS, conda("pytorch", "2.3.1", "py3.11_0", channel=TORCH))
    found = pinned_conda(pins, channels=["pytorch", "conda-forge", "unused"])
    assert found["channels"] == ["pytorch", "conda-forge"]
    assert "pytorch::pytorch=2.3.1=py3.11_0" in found["dependencies"]
    assert "conda-forge::numpy=1.26.4=py311_0" in found["dependencies"]


def test_pip_lines_of_every_kind() -> None:
    sha = "cd" * 32
    vcs = DirectReference(kind=DirectKind.VCS, url="git+https://git.example.org/tool.git", subdirectory="lib")
    pins = resolution(
        pypi("torch", "2.3.1+cu121", url="https://wheels.example.org/torch.whl", hashes={"sha256": sha}),
        pypi("tool", "1.0", direct=vcs, file=False, commit="0" * 40),
        pypi("uvicorn", "0.30", extras=frozenset({"standard"})),
    )
    (last,) = [item for item in pinned_conda(pins)["dependencies"] if isinstance(item, dict)]
    assert last["pip"] == [
        f"tool @ git+https://git.example.org/tool.git@{'0' * 40}#subdirectory=lib",
        f"torch @ https://wheels.example.org/torch.whl#sha256={sha}",
        "uvicorn[standard]==0.30",
    ]
    (hashed,) = [item for item in pinned_conda(pins, hashes=True)["dependencies"] if isinstance(item, dict)]
    assert hashed["pip"][-1].startswith("uvicorn[standard]==0.30 --hash=sha256:")


def test_a_wheel_of_this_machine_is_refused() -> None:
    local = DirectReference(kind=DirectKind.ARCHIVE, path="wheels/own-1.0-py3-none-any.whl")
    with pytest.raises(InputError, match="which only this machine has"):
        pinned_conda(resolution(pypi("own", "1.0", direct=local)))


def test_same_bytes_whatever_the_order() -> None:
    expected = export_v2(resolution(*PINS), "lock: 1\n", OPTIONS)
    for seed in range(20):
        pins = list(PINS)
        random.Random(seed).shuffle(pins)  # noqa: S311  # seeded, so that a failure can be repeated
        assert export_v2(resolution(*pins), "lock: 1\n", OPTIONS) == expected
    assert sorted(expected) == ["conda-lock.yml", "conda.yml", "environment.yml"]


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    """One identity for the lockfile, the v2 files and the v1 files made from it; all of it is pinned."""
    pins = resolution(*PINS)
    write_files(tmp_path / "v2", export_v2(pins, None, OPTIONS))
    write_files(tmp_path / "v1", export_v1(pins, None, OPTIONS))
    (second,) = read_definitions(tmp_path / "v2" / "environment.yml")
    (first,) = read_definitions(tmp_path / "v1")
    assert second.conda == first.conda == pinned_conda(pins)
    assert second.image == first.image == IMAGE
    assert second.tags["lockstack.content"] == f"sha256:{digest_of(locked_content(pins, IMAGE))}"
    assert second.conda is not None
    assert conda_environment_name(second.conda) == conda_environment_name(pinned_conda(pins))


def test_content_of_a_resolution() -> None:
    """Another build, file or base is another content; another order, mirror or tag beside a digest isn't."""
    pins = resolution(*PINS)
    digest = digest_of(locked_content(pins, IMAGE))
    assert digest_of(locked_content(resolution(*reversed(PINS)), IMAGE)) == digest
    assert digest_of(locked_content(pins, IMAGE.replace(":1@", ":2@"))) == digest
    mirror = Channel(name="conda-forge", base_url="https://mirror.example.org/conda-forge")
    mirrored = [conda("numpy", "1.26.4", "py311_0", channel=mirror) if p is PINS[1] else p for p in PINS]
    assert digest_of(locked_content(resolution(*mirrored), IMAGE)) == digest
    other_build = [conda("numpy", "1.26.4", "py311_1") if p is PINS[1] else p for p in PINS]
    assert digest_of(locked_content(resolution(*other_build), IMAGE)) != digest
    assert digest_of(locked_content(pins, "registry.example.org/other:1")) != digest


@pytest.fixture
def lockfile(tmp_path: Path) -> Path:
    path = tmp_path / "conda-lock.yml"
    metadata = LockMetadata(channels=(LockedChannel(url="conda-forge"),))
    path.write_text(write_conda_lock([resolution(*PINS)], metadata), encoding="utf-8")
    return path


def export(capsys: pytest.CaptureFixture[str], *arguments: str | Path, code: int = 0) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["export", *map(str, arguments), "--json"]) == code
    return dict(json.loads(capsys.readouterr().out))


@pytest.mark.parametrize("flag", ["--azureml", "--azureml-v1"])
def test_command_twice(
    flag: str,
    lockfile: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    lock_hash: Callable[..., dict[str, Any]],
) -> None:
    folder = tmp_path / "out"
    first = export(capsys, lockfile, flag, folder, "--image", IMAGE, "--name", "training")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    second = export(capsys, lockfile, flag, folder, "--image", IMAGE, "--name", "training")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert sorted(before) == first["changed"]
    assert second["changed"] == []
    assert first["content"] == second["content"]
    written = folder / "environment.yml" if flag == "--azureml" else folder
    entries = lock_hash(written, "--lock", folder / "conda-lock.yml")["definitions"]
    (content,) = [i["value"] for i in entries[0]["identities"] if i["kind"] == "content"]
    assert f"sha256:{content}" == first["content"]
    (own,) = lock_hash(lockfile, "--image", IMAGE)["definitions"]
    shown = {i["kind"]: i["value"] for i in own["identities"]}
    again = {i["kind"]: i["value"] for i in entries[0]["identities"]}
    assert shown["conda-environment"] == again["conda-environment"]
    assert shown["content"] == again["content"]
    findings = {finding["rule"] for finding in entries[0]["findings"]}
    assert findings == set()


def test_export_keeps_the_lockfile_as_it_is(
    lockfile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export(capsys, lockfile, "--azureml", tmp_path / "out", "--image", IMAGE, "--tag", "team=vision")
    assert (tmp_path / "out" / "conda-lock.yml").read_bytes() == lockfile.read_bytes()
    environment = yaml.safe_load((tmp_path / "out" / "environment.yml").read_text(encoding="utf-8"))
    assert environment["name"] == "out"
    assert environment["conda_file"] == "conda.yml"
    assert environment["tags"]["team"] == "vision"


def test_base_image_is_needed(lockfile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (error,) = export(capsys, lockfile, "--azureml", tmp_path / "out", code=2)["errors"]
    assert error["message"] == "`--image` is missing: a lockfile names no base image"
    where = ("--azureml", tmp_path / "out", "--image", IMAGE)
    (error,) = export(capsys, lockfile, *where, "--platform", "win-64", code=2)["errors"]
    assert error["message"] == "the lockfile has no platform `win-64`"


def test_lockfile_reads_as_a_definition(lockfile: Path) -> None:
    (definition,) = read_definitions(lockfile, options=ReadOptions(image=IMAGE))
    assert definition.conda == pinned_conda(resolution(*PINS))
