"""Registry passwords, tokens and secret variables: in no output, no file, no hash input."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from lockfiles.cli.main import main
from lockfiles.identity import anonymous, content, service
from lockfiles.identity.credentials import has_credential, is_secret_variable, redact
from lockfiles.identity.docker import context
from lockfiles.identity.service import conda_environment_name, image_repository
from tests.identity.vectors import write_files

PLANTED = "pl4nted" + "S3cret"
V1 = {
    "name": "old",
    "version": "1",
    "environmentVariables": {
        "DB_PASSWORD": PLANTED,
        "MODE": "fast",
        "URL": f"https://u:{PLANTED}@x.example.org",
    },
    "python": {"condaDependencies": {"dependencies": ["python=3.10", "numpy"]}},
    "docker": {
        "baseImage": "registry.example.org/base:1",
        "baseImageRegistry": {"address": "registry.example.org", "username": "me", "password": PLANTED},
    },
}
CONDA = (
    "channels:\n- https://conda.example.org/t/{s}/team\n- https://me:{s}@conda.example.org/other\n"
    "dependencies:\n"
    "- python=3.10\n- pip:\n  - --extra-index-url https://token:{s}@feed.example.org/simple\n"
    "  - tool @ git+https://{s}@git.example.org/tool.git\n  - rich\n"
    "variables:\n  API_KEY: {s}\n  MODE: fast\n"
).replace("{s}", PLANTED)
FILES: dict[str, str | None] = {
    "conda.yml": CONDA,
    "environment.yml": "image: registry.example.org/base:1\nconda_file: conda.yml\n"
    f"tags: {{link: 'https://x.example.org/?sig={PLANTED}'}}\ndescription: plain\n",
    "azureml_environment.json": json.dumps(V1),
    "requirements.txt": f"-i https://me:{PLANTED}@feed.example.org/simple\nrich\n",
    "context/Dockerfile": f"FROM base:1\nENV API_TOKEN={PLANTED}\n"
    f"RUN pip install -i https://u:{PLANTED}@x.example.org/s a\n",
    "context/pip.conf": f"[global]\nindex-url = https://u:{PLANTED}@feed.example.org/simple\n",
    "job.yml": "command: x\nenvironment:\n  image: b:1\n  conda_file:\n    dependencies: [{pip: ['-i https://u:"
    + PLANTED
    + "@feed.example.org/s', rich]}]\n",
}
INPUTS = [
    "conda.yml",
    "environment.yml",
    "azureml_environment.json",
    "requirements.txt",
    "context",
    "job.yml",
]


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Everything that any digest of the identity code is fed with."""
    fed: list[bytes] = []

    class Recorder:
        def __init__(self, inner: Any, data: bytes = b"") -> None:
            self.inner = inner
            fed.append(data)

        def update(self, data: bytes) -> None:
            fed.append(data)
            self.inner.update(data)

        def hexdigest(self) -> str:
            return str(self.inner.hexdigest())

    class Hashlib:
        @staticmethod
        def new(name: str, data: bytes = b"", **rest: Any) -> Recorder:
            return Recorder(hashlib.new(name, data, **rest), data)

        @staticmethod
        def sha256(data: bytes = b"") -> Recorder:
            return Recorder(hashlib.sha256(data), data)

    for module in (anonymous, content, context, service):
        monkeypatch.setattr(module, "hashlib", Hashlib)
    return fed


@pytest.mark.parametrize("form", [[], ["--json"], ["-v"], ["-vv"]], ids=["plain", "json", "verbose", "debug"])
@pytest.mark.parametrize("name", INPUTS)
def test_hash(
    name: str,
    form: list[str],
    tmp_path: Path,
    config: Path,
    capsys: pytest.CaptureFixture[str],
    hashed: list[bytes],
) -> None:
    write_files(tmp_path, FILES)
    image = ["--image", "registry.example.org/base:1"]
    assert main(["hash", str(tmp_path / name), *image, *form]) == 0
    output = capsys.readouterr()
    assert PLANTED not in output.out + output.err
    assert "azureml/secret" in output.out + output.err
    assert not any(PLANTED.encode() in data for data in hashed)
    assert not config.exists()


def test_predictions_and_sharing(
    tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str], hashed: list[bytes]
) -> None:
    write_files(tmp_path, FILES)
    other = {name: text and text.replace("rich", "rich==13.0") for name, text in FILES.items()}
    write_files(tmp_path / "new", other)
    listing = tmp_path / "list"
    listing.write_text("\n".join(INPUTS), encoding="utf-8")
    old = str(tmp_path / "conda.yml")
    new = [str(tmp_path / "new" / name) for name in INPUTS]
    for form in ([], ["--json"]):
        main(["hash", *new, "--against", old, "--registry", str(listing), *form])
        output = capsys.readouterr()
        assert output.out
        assert PLANTED not in output.out + output.err
    assert not any(PLANTED.encode() in data for data in hashed)
    assert not config.exists()


def test_calibration_keeps_the_text_alone(
    tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = conda_environment_name({"dependencies": ["python"]})
    text = f"FROM base:1\nRUN create {name}\nCMD sh\n"
    log = f"docker login -p {PLANTED}\nhttps://u:{PLANTED}@x.example.org\n{text}\n"
    log += f"tagged {image_repository(text)}\n"
    write_files(tmp_path, {"build.log": log})
    assert main(["hash", "--calibrate", str(tmp_path / "build.log"), "--workspace", "team"]) == 0
    output = capsys.readouterr()
    assert PLANTED not in output.out + output.err
    files = [path for path in config.rglob("*") if path.is_file()]
    assert len(files) == 1
    assert PLANTED not in files[0].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://me:pw@h.example.org/x", "https://***@h.example.org/x"),
        ("https://tok@h.example.org/x", "https://***@h.example.org/x"),
        ("https://h.example.org/x?sig=abc&se=1", "https://h.example.org/x?sig=***&se=1"),
        ("https://h.example.org/t/abcdef123/team", "https://h.example.org/t/***/team"),
        ("AccountName=a;AccountKey=abc==;End=x", "AccountName=a;AccountKey=***;End=x"),
        ("https://${USER}:${TOKEN}@h.example.org/x", "https://${USER}:${TOKEN}@h.example.org/x"),
        ("git+ssh://git@h.example.org/x.git", "git+ssh://git@h.example.org/x.git"),
        ("base@sha256:abc", "base@sha256:abc"),
        ("numpy==1.0", "numpy==1.0"),
    ],
)
def test_redact(text: str, expected: str) -> None:
    assert redact(text) == expected
    assert redact(expected) == expected
    assert has_credential(text) is (text != expected)


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("DB_PASSWORD", "x", True),
        ("API_TOKEN", "x", True),
        ("AZURE_STORAGE_SAS", "x", True),
        ("TOKENIZERS_PARALLELISM", "false", False),
        ("PASSWORD", "", False),
        ("PASSWORD", "${PASSWORD}", False),
        ("PATH", "/bin", False),
        ("URL", "https://u:p@h.example.org", True),
    ],
)
def test_secret_variables(name: str, value: str, secret: bool) -> None:
    assert is_secret_variable(name, value) is secret
