"""The public test vectors as files on disk, so that library and command read what a user would write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml


def load_vectors(shared: Path) -> list[dict[str, Any]]:
    return list(json.loads((shared / "azureml" / "vectors.json").read_text(encoding="utf-8")))


def vector_id(vector: dict[str, Any]) -> str:
    return f"{vector['sdk']}-{vector.get('sdk_version')}-{vector['case']}"


def write_files(folder: Path, files: dict[str, str | None]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        if text is None:
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())


def materialise(vector: dict[str, Any], folder: Path) -> tuple[Path, bool]:
    """Write a v2 vector's input; return the file to read and whether it was built by Python calls."""
    given = dict(vector["input"])
    if "env_yaml" in given:
        write_files(folder, given["files"])
        path = folder / "environment.yml"
        text = given["env_yaml"]
        if "inline" in given["loader"]:
            text = "command: echo\nenvironment:\n" + "".join(f"  {line}\n" for line in text.splitlines())
        path.write_text(text, encoding="utf-8")
        return path, False
    if "files" in given:
        write_files(folder / given["build"]["path"], given.pop("files"))
    for name, mode in given.pop("chmod", {}).items():
        (folder / "ctx" / name).chmod(int(mode, 8))
    if "conda_file_text" in given:
        text = given.pop("conda_file_text")
        if given.pop("encoding", "") == "BOM+CRLF":
            text = "\ufeff" + text.replace("\n", "\r\n")
        (folder / "conda.yaml").write_bytes(text.encode())
        given["conda_file"] = "conda.yaml"
    if given.pop("note", ""):  # one list object in two places
        given["conda_file"]["x"] = given["conda_file"]["dependencies"][1]["pip"]
    if given.get("build"):
        given["build"] = {key: value for key, value in given["build"].items() if value is not None}
    path = folder / "environment.yml"
    path.write_text(yaml.dump(given), encoding="utf-8")
    return path, "inference_config" in given
