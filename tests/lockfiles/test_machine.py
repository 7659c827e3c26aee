"""Which image a machine has: of a flag, of the file that the flag names, of the definition that is locked."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockfiles.machine import MachineRequest, describe_request, said_of_machine
from lockfiles.session import SessionRequest, open_session
from lockfiles.surroundings import Surroundings
from resolver.errors import InputError

AZUREML_IMAGE = "mcr.microsoft.com/azureml/openmpi3.1.2-cuda10.1-cudnn7-ubuntu18.04:20220303.v1"
V1 = '{"python": {"userManagedDependencies": true}, "docker": {%s}}'
CONDA = "dependencies: [python]\n"
NAMING: list[tuple[str, dict[str, str], str]] = [
    ("an environment", {"e.yml": "image: IMAGE\nconda_file: c.yml\n", "c.yml": CONDA}, "e.yml:1:8"),
    ("another `image`, further in", {"e.yml": "tags: {image: x}\nimage: 'IMAGE'\n"}, "e.yml:2:8"),
    ("an environment within a job", {"e.yml": "command: x\nenvironment:\n  image: IMAGE\n"}, "e.yml:3:10"),
    ("a build context", {"e.yml": "build: {path: c}\n", "c/Dockerfile": "FROM IMAGE\n"}, "c/Dockerfile:1:6"),
    ("the service's JSON", {"e.json": '{"properties": {"condaFile": "", "image": "IMAGE"}}'}, "e.json:1:43"),
    ("the first SDK's JSON", {"e.json": V1 % '"baseImage": "IMAGE"'}, "e.json:1:71"),
    ("a Dockerfile in it", {"e.json": V1 % '"baseDockerfile": "FROM IMAGE"'}, "e.json (baseDockerfile):1:6"),
    (
        "the name of one in it",
        {"e.json": V1 % '"baseDockerfile": "D"', "D": "FROM IMAGE\n"},
        "e.json (baseDockerfile):1:6",
    ),
    ("a folder with a Dockerfile", {"e/Dockerfile": "FROM IMAGE\n"}, "e/Dockerfile:1:6"),
]


@pytest.mark.parametrize(("files", "place"), [c[1:] for c in NAMING], ids=[c[0] for c in NAMING])
def test_every_file_that_names_an_image(
    tmp_path: Path, files: dict[str, str], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in files.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text.replace("IMAGE", AZUREML_IMAGE), encoding="utf-8")
    given = next(iter(files)).removesuffix("/Dockerfile")
    image = describe_request(MachineRequest(image=given)).image
    assert image is not None
    assert (image.reference, str(image.origin)) == (AZUREML_IMAGE, place)


def test_a_file_without_an_image(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("RUN true\n", encoding="utf-8")
    (tmp_path / "c.yml").write_text("dependencies: [python]\n", encoding="utf-8")
    for name in ("Dockerfile", "c.yml"):
        with pytest.raises(InputError, match="names no base image"):
            describe_request(MachineRequest(image=str(tmp_path / name)))


def test_a_misspelt_definition_is_refused_for_its_image_too(tmp_path: Path) -> None:
    (tmp_path / "env.yml").write_text("imag: x\nimage: y\n", encoding="utf-8")
    with pytest.raises(InputError, match="unknown field `imag`"):
        describe_request(MachineRequest(image=str(tmp_path / "env.yml")))


@pytest.mark.parametrize(
    ("files", "given"),
    [
        ({"env.yml": "image: IMAGE\nconda_file: c.yml\n"}, "env.yml"),
        ({"env.yml": "build: {path: ctx}\nconda_file: c.yml\n", "ctx/Dockerfile": "FROM IMAGE\n"}, "env.yml"),
        (
            {"e.json": '{"python": {"condaDependenciesFile": "c.yml"}, "docker": {"baseImage": "IMAGE"}}'},
            "e.json",
        ),
    ],
    ids=["image", "build", "the first SDK's"],
)
def test_the_definition_that_is_locked_names_the_image(
    tmp_path: Path, files: dict[str, str], given: str
) -> None:
    files["c.yml"] = "channels: [conda-forge]\ndependencies: [python=3.11]\n"
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text.replace("IMAGE", AZUREML_IMAGE), encoding="utf-8")
    machine = MachineRequest(gpu="T4", driver="470.82.01")
    around = Surroundings(cwd=tmp_path, home=tmp_path)
    session = open_session(
        SessionRequest(files=(str(tmp_path / given),), machine=machine, surroundings=around)
    )
    [target] = session.targets
    glibc = target.virtual("__glibc")
    assert glibc is not None
    assert glibc.version == "2.27", "of the image's Ubuntu"
    plain = open_session(SessionRequest(files=(str(tmp_path / given),), surroundings=around))
    (notice,) = said_of_machine(MachineRequest(), plain.requirements.image, plain.targets)
    assert AZUREML_IMAGE in notice.text


def test_a_build_context_that_is_not_there_is_who_builds_its_business(tmp_path: Path) -> None:
    (tmp_path / "env.yml").write_text("build: {path: ctx}\nconda_file: c.yml\n", encoding="utf-8")
    (tmp_path / "c.yml").write_text("channels: [conda-forge]\ndependencies: [python=3.11]\n")
    request = SessionRequest(files=(str(tmp_path / "env.yml"),), surroundings=Surroundings(cwd=tmp_path))
    assert open_session(request).requirements.image is None
