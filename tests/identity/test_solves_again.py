"""What ``lock export`` writes for Azure ML is solved again: the same packages, and the same identifiers.

Nothing of the first lockfile stands where the second is made, so that every pin
comes from the written text alone.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lockfiles.cli.main import main
from lockfiles.files import read_text
from lockfiles.formats.conda_lock.restore import resolutions_of_lock
from lockfiles.formats.conda_lock.text import read_conda_lock
from resolver.model.resolution import Resolution
from tests.cli.process import SAMPLE, make_project
from tests.support.server import LoopbackServer

IMAGE = "registry.example.org/base:1@sha256:" + "ab" * 32
#: Of each form: the flag, and the file of it that is locked again.
FORMS = {
    "v2": ("--azureml", "environment.yml"),
    "v1": ("--azureml-v1", "azureml_environment.json"),
}
#: ``../shared/envs`` files without a pip section that have a solution in ``../shared/channels``.
REAL = (
    "AXGKl__be_black/pkgs/conda-4.5.11-py37_0/info/test/tests/conda_env/support/example-yaml/environment.yaml",
    "Azure__azureml-assets/test/resources/pytest/good-assets-with-conda-environment/test-asset-1/tests/conda.yaml",
    "Simple-Robotics__proxsuite/.github/workflows/conda/environment.yml",
    "conda__conda-lock/example/zlib/environment.yml",
    "conda__conda-lock/tests/test-env-filter-platform/environment.yml",
    "conda__conda-lock/tests/test-git-package/environment.yml",
    "conda__rattler/test-data/environments/variables.environment.yaml",
    "mamba-org__mamba/micromamba/tests/env-extra-white-space.yaml",
    "prefix-dev__pixi/crates/pixi_utils/tests/environment_yamls/conda.yml",
    "pydiverse__pydiverse.pipedag/docs/source/examples/environment.yml",
)
#: What takes part in every run.
SOME = REAL if os.environ.get("LOCKSTACK_ALL") else REAL[1::3]
#: Members of ``defaults`` come first, and both channels are used.
DEFAULTS_FIRST = """\
channels: [defaults, conda-forge]
dependencies: [python, scikit-learn, cloudpickle, pip: [python-dotenv, 'pyjwt[crypto]']]
"""

Run = Callable[..., None]


@pytest.fixture
def run(tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs ``lock ARGUMENTS`` without any of the user's own settings."""
    assert not config.exists()
    for name in [n for n in os.environ if n.startswith(("PIP_", "CONDA_", "LOCK_", "MAMBA_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))

    def call(*arguments: str | Path) -> None:
        assert main([*map(str, arguments)]) == 0

    return call


def read(path: Path) -> Resolution:
    (found,) = resolutions_of_lock(read_conda_lock(read_text(path), str(path)), str(path))
    return found


def identities(lock_hash: Callable[..., dict[str, Any]], path: Path, lock: Path) -> dict[str, Any]:
    """Return kind -> everything that is said of it, for a definition and what it was locked to."""
    (entry,) = lock_hash(path, "--lock", lock)["definitions"]
    assert {identity["certainty"] for identity in entry["identities"]} == {"exact", "best-known"}
    return {identity["kind"]: identity for identity in entry["identities"]}


def check_round_trip(
    environment: Path, form: str, run: Run, lock_hash: Callable[..., dict[str, Any]]
) -> Resolution:
    """Lock, write, lock what was written, write that; return the first resolution.

    The second lock reads the files in a folder with nothing else in it but the
    settings, and so does the hash.
    """
    flag, definition = FORMS[form]
    folder = environment.parent
    first, second = folder / "first.yml", folder / "second.yml"
    run(environment, "-p", "linux-64", "-o", first)
    written = write(first, flag, folder / "one", run)
    shutil.copy(folder / "lockstack.toml", folder / "one")
    run(folder / "one" / definition, "-p", "linux-64", "-o", second)
    before, after = read(first), read(second)
    assert before.conda  # something was compared
    assert after == before

    again = write(second, flag, folder / "two", run)
    assert without_lock(again) == without_lock(written)
    one = identities(lock_hash, folder / "one" / definition, first)
    two = identities(lock_hash, folder / "two" / definition, second)
    assert one == two
    assert {"conda-environment", "content", "v2-anonymous-version"} <= set(one)
    assert one["content"]["certainty"] == "exact"
    (own,) = lock_hash(second, "--image", IMAGE)["definitions"]
    of_lock = {identity["kind"]: identity["value"] for identity in own["identities"]}
    assert of_lock["content"] == one["content"]["value"]
    assert of_lock["conda-environment"] == one["conda-environment"]["value"]
    return before


def write(lock: Path, flag: str, folder: Path, run: Run) -> dict[str, str]:
    """Export twice and return file name -> text; the second time changes nothing, and no lockfile is left."""
    texts = []
    for _ in range(2):
        run("export", lock, flag, folder, "--image", IMAGE, "--name", "training")
        texts.append({path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())})
    assert texts[0] == texts[1]
    (folder / "conda-lock.yml").unlink()
    return texts[0]


def without_lock(files: Mapping[str, str]) -> dict[str, str]:
    """Leave the lockfile out: it names the file that it was made from."""
    return {name: text for name, text in files.items() if name != "conda-lock.yml"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("example", ["fraud-train", "gpu-train"])
def test_examples(
    example: str, form: str, tmp_path: Path, run: Run, lock_hash: Callable[..., dict[str, Any]]
) -> None:
    found = check_round_trip(make_project(tmp_path / "project", example), form, run, lock_hash)
    assert found.pypi  # both halves took part


@pytest.mark.parametrize("form", FORMS)
def test_members_of_defaults_keep_their_place(
    form: str, tmp_path: Path, run: Run, lock_hash: Callable[..., dict[str, Any]]
) -> None:
    environment = make_project(tmp_path / "project")
    environment.write_text(DEFAULTS_FIRST, encoding="utf-8")
    found = check_round_trip(environment, form, run, lock_hash)
    assert {pin.channel.name for pin in found.conda} == {"conda-forge", "pkgs/main"}
    name = "conda.yml" if form == "v2" else "conda_dependencies.yml"
    text = (tmp_path / "project" / "one" / name).read_text(encoding="utf-8")
    assert text.startswith("channels:\n- pkgs/main\n- conda-forge\n")


@pytest.mark.parametrize("form", FORMS)
def test_an_extra_index_of_the_input_is_asked_again(
    form: str, tmp_path: Path, run: Run, lock_hash: Callable[..., dict[str, Any]]
) -> None:
    """One project is on the default index alone, the other on the extra one alone."""
    environment = make_project(tmp_path / "project")
    settings = environment.parent / "lockstack.toml"
    default = tmp_path / "default"
    shutil.copytree(SAMPLE / "pypi" / "python-dotenv", default / "python-dotenv")
    text = settings.read_text(encoding="utf-8").replace(f"{SAMPLE.as_posix()}/pypi", default.as_posix())
    settings.write_text(text.replace("extra-index-urls = []\n", ""), encoding="utf-8")
    with LoopbackServer(root=SAMPLE / "pypi") as server:
        server.fail("/python-dotenv/", status=404)
        pip = f"pip: [--extra-index-url {server.url}/, python-dotenv, idna]"
        environment.write_text(
            f"channels: [conda-forge]\ndependencies: [python=3.11, {pip}]\n", encoding="utf-8"
        )
        found = check_round_trip(environment, form, run, lock_hash)
    assert {str(pin.name) for pin in found.pypi} == {"python-dotenv", "idna"}


@pytest.mark.parametrize("name", SOME, ids=lambda name: name.partition("/")[0] + "/" + name.split("/")[-2])
def test_real_environments(
    name: str, shared: Path, tmp_path: Path, run: Run, lock_hash: Callable[..., dict[str, Any]]
) -> None:
    """Each in one form, by turns."""
    environment = tmp_path / "project" / "environment.yml"
    environment.parent.mkdir()
    shutil.copy(shared / "envs" / name, environment)
    settings = {
        "channel-alias": str(shared / "channels"),
        "no-index": True,
        "default-channels": ["pkgs/main", "pkgs/r"],
    }
    text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
    (environment.parent / "lockstack.toml").write_text(text, encoding="utf-8")
    form = list(FORMS)[REAL.index(name) % len(FORMS)]
    check_round_trip(environment, form, run, lock_hash)
