"""``lock export --azureml DIR`` and ``--azureml-v1 DIR``: a lockfile as Azure ML files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lockfiles.exporting import AzuremlRequest, export_azureml
from resolver.errors import InputError

if TYPE_CHECKING:
    from lockfiles.cli.export.asked import ExportCommand
    from lockfiles.cli.terminal import Terminal

#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1


def write_azureml(command: ExportCommand, terminal: Terminal) -> int:
    """Write the files into the folder; return the exit code.

    Raises InputError for a lockfile without the platform or a missing ``--image``,
    OutputError where the folder can't be written.
    """
    if len(command.platforms) > 1:
        raise InputError("an Azure ML environment is for one platform", None, "Name one `--platform`.")
    if not command.image:
        hint = "Give the base image the environment is built on: `--image REGISTRY/NAME:TAG@sha256:...`."
        raise InputError("`--image` is missing: a lockfile names no base image", hint=hint)
    folder = Path(command.azureml or command.azureml_v1 or "")
    made = export_azureml(
        AzuremlRequest(
            lockfile=command.lockfile,
            name=command.name or folder.resolve().name,
            image=command.image,
            platform=next(iter(command.platforms), "linux-64"),
            v1=not command.azureml,
            version=command.environment_version,
            description=command.description,
            tags=_tags(command.tags),
            indexes=command.pip_indexes,
            hashes=command.pip_hashes,
        )
    )
    changed = _write(folder, made.files)
    if terminal.json:
        document = {
            "schema_version": SCHEMA_VERSION,
            "folder": str(folder),
            "files": sorted(made.files),
            "content": made.content,
            "changed": changed,
        }
        terminal.data(json.dumps(document, indent=2, ensure_ascii=False))
        return 0
    for name in sorted(made.files):
        terminal.data(str(folder / name))
    terminal.note(f"content {made.content}" + ("" if changed else " (nothing changed)"))
    return 0


def _tags(texts: tuple[str, ...]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise InputError(f"`--tag {text}` is no NAME=VALUE")
        tags[name] = value
    return tags


def _write(folder: Path, files: Mapping[str, str]) -> list[str]:
    """Write the files; return the names of those that changed, by name."""
    from lockfiles.files import make_folder, write_text

    make_folder(folder)
    return [name for name in sorted(files) if write_text(folder / name, files[name])]
