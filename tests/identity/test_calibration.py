"""Calibration from made-up Dockerfile texts: no text of the service stands here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lockfiles.identity.calibration import calibrate
from lockfiles.identity.docker.templates import Template, list_workspaces, read_template, write_template
from lockfiles.identity.service import conda_environment_name, image_repository
from resolver.errors import InputError, OutputError

CONDA = {"channels": ["conda-forge"], "dependencies": ["python=3.10"]}
NAME = conda_environment_name(CONDA)
BASE = "registry.example.org/base:1"
DIGEST = "sha256:" + "ab" * 32


def dockerfile(base: str = BASE, end: str = "\n") -> str:
    lines = [
        f"FROM {base}",
        "USER builder",
        "RUN make folders",
        f"RUN create environment /envs/{NAME} && echo {NAME}",
        f"# environment {NAME}",
        f"ENV PATH /envs/{NAME}/bin:$PATH",
        'CMD ["sh"]',
    ]
    return "\n".join(lines) + end


def steps(text: str, *, extra: tuple[str, ...] = (), comments: bool = True) -> str:
    lines = [*text.rstrip("\n").split("\n")]
    lines[2:2] = extra
    printed, number = [], 0
    for line in lines:
        number += not line.startswith("#")
        if not line.startswith("#"):
            printed.append(f"2026-01-01T10:00:00Z Step {number}/9 : {line}")
        elif comments:
            printed.append(line)
    return "\n".join(printed) + "\n"


@pytest.mark.parametrize("end", ["\n", ""])
@pytest.mark.parametrize("base", [BASE, f"{BASE}@{DIGEST}"])
@pytest.mark.parametrize("extra", [(), ("RUN one",), ("RUN one", "COPY a b", "ENV C d")])
def test_steps_of_a_log(base: str, end: str, extra: tuple[str, ...]) -> None:
    """The log shows the digest; the text was hashed with or without it, with or without a last line end."""
    image = image_repository(dockerfile(base, end))
    log = steps(dockerfile(f"{BASE}@{DIGEST}"), extra=extra) + f"Pushed example.azurecr.io/{image}:latest\n"
    template = calibrate([("log", log)], "team")
    assert image_repository(template.render(base, NAME)) == image
    assert template.digests == {BASE: DIGEST}
    assert template.proofs[0].base == base


def test_digest_pulled_in_the_log() -> None:
    image = image_repository(dockerfile(f"{BASE}@{DIGEST}"))
    log = f"1: Pulling from base\nDigest: {DIGEST}\n" + steps(dockerfile()) + f"tagged {image}\n"
    assert calibrate([("log", log)], "team").proofs[0].base == f"{BASE}@{DIGEST}"


def test_name_and_text_from_two_files() -> None:
    image = image_repository(dockerfile())
    details = json.dumps({"ingredients": {"dockerfile": dockerfile()}})
    log = steps(dockerfile(), comments=False) + f"Successfully tagged {image}:1\n"
    assert calibrate([("log", log), ("details", details)], "team").proofs[0].image == image
    assert calibrate([("details", details)], "team", image).proofs[0].image == image


CASES = {
    "no image name": (dockerfile(), "no image name (`azureml/azureml_<32 hex>`) to prove it on"),
    "no text": (f"azureml/azureml_{'0' * 32}\n", "no Dockerfile text and no build steps"),
    "BuildKit": (
        f"#8 [4/15] RUN make\nazureml/azureml_{'0' * 32}\n",
        "a BuildKit log shows only some steps",
    ),
    "another image": (
        dockerfile() + f"azureml/azureml_{'0' * 32}\n",
        f"no reading of the Dockerfile text gives the image name azureml/azureml_{'0' * 32}",
    ),
}


@pytest.mark.parametrize("why", CASES)
def test_nothing_proved(why: str) -> None:
    text, message = CASES[why]
    with pytest.raises(InputError) as caught:
        calibrate([("build.log", text)], "team")
    assert str(caught.value) == f"build.log: {message}"
    assert caught.value.hint


def test_store(tmp_path: Path) -> None:
    template = calibrate([("t", dockerfile()), ("n", image_repository(dockerfile()))], "team")
    path = write_template(tmp_path, template)
    before = path.read_bytes()
    assert read_template(tmp_path, "team") == template
    write_template(tmp_path, template)
    assert path.read_bytes() == before
    assert list_workspaces(tmp_path) == ("team",)


def test_second_calibration_adds_digests(tmp_path: Path) -> None:
    first = calibrate([("t", dockerfile()), ("n", image_repository(dockerfile()))], "team")
    write_template(tmp_path, first)
    with_digest = dockerfile(f"{BASE}@{DIGEST}")
    write_template(tmp_path, calibrate([("t", with_digest), ("n", image_repository(with_digest))], "team"))
    stored = read_template(tmp_path, "team")
    assert stored.digests == {BASE: DIGEST}
    assert len(stored.proofs) == 2


@pytest.mark.parametrize("name", ["../evil", "", "a/b", ".hidden", "x" * 300])
def test_workspace_names_are_no_paths(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no workspace name"):
        read_template(tmp_path, name)


def test_a_credential_is_not_stored(tmp_path: Path) -> None:
    step = "\nRUN pip -i https://u:planted@h.example.org/s "
    parts = (("text", "FROM "), ("slot", "base"), ("text", step), ("slot", "conda"))
    with pytest.raises(InputError, match="holds a credential"):
        write_template(tmp_path, Template(workspace="team", parts=parts))
    assert not list(tmp_path.rglob("*"))


def test_damaged_and_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the workspace `team` is not calibrated") as caught:
        read_template(tmp_path, "team")
    assert "--calibrate LOG --workspace team" in str(caught.value.hint)
    (tmp_path / "azureml").mkdir()
    (tmp_path / "azureml" / "team.json").write_text('{"schema": "lockstack-template-1"}', encoding="utf-8")
    with pytest.raises(InputError, match="a damaged template"):
        read_template(tmp_path, "team")


def test_folder_that_cant_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    template = calibrate([("t", dockerfile()), ("n", image_repository(dockerfile()))], "team")
    with pytest.raises(OutputError):
        write_template(tmp_path / "file", template)


def test_command_uses_the_only_workspace(tmp_path: Path, lock_hash: Callable[..., dict[str, Any]]) -> None:
    log = tmp_path / "build.log"
    log.write_text(dockerfile() + f"tagged {image_repository(dockerfile())}\n", encoding="utf-8")
    lock_hash("--calibrate", log, "--workspace", "team")
    conda = tmp_path / "conda.yml"
    conda.write_text("channels: [conda-forge]\ndependencies: [python=3.10]\n", encoding="utf-8")
    (entry,) = lock_hash(conda, "--image", BASE)["definitions"]
    found = [i for i in entry["identities"] if i["kind"] == "image-repository"]
    assert [i["value"] for i in found] == [image_repository(dockerfile())]
    assert found[0]["of"]["workspace"] == "team"
    (entry,) = lock_hash(conda, "--image", BASE, "--base-digest", DIGEST)["definitions"]
    values = [i["value"] for i in entry["identities"] if i["kind"] == "image-repository"]
    assert values == [image_repository(dockerfile()), image_repository(dockerfile(f"{BASE}@{DIGEST}"))]
