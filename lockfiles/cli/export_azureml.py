"""``lock export --azureml DIR`` and ``--azureml-v1 DIR``: a lockfile as Azure ML files.

The export verb takes the options with :func:`add_azureml_arguments`, and hands over
to :func:`write_azureml` where :func:`is_wanted` says so.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.identity.export import ExportOptions
    from lockfiles.model import LockMetadata
    from resolver.model.resolution import Resolution


def add_azureml_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that only this export has."""
    group = parser.add_argument_group("Azure ML")
    form = group.add_mutually_exclusive_group()
    form.add_argument(
        "--azureml", metavar="DIR", help="write a v2 environment, its pinned conda file, the lockfile"
    )
    form.add_argument(
        "--azureml-v1", metavar="DIR", help="write the files of v1's Environment.load_from_directory"
    )
    group.add_argument("--image", metavar="REF", help="base image, best with its digest")
    group.add_argument("--name", metavar="NAME", help="the environment's name (that of DIR)")
    group.add_argument("--environment-version", metavar="VERSION", help="its version (the service counts)")
    group.add_argument("--description", metavar="TEXT")
    group.add_argument(
        "--tag", action="append", default=[], metavar="NAME=VALUE", help="a further tag; may be repeated"
    )
    group.add_argument(
        "--pip-index",
        action="append",
        default=[],
        metavar="URL",
        help="an index for the pip section (the lockfile's extra ones); may be repeated",
    )
    group.add_argument(
        "--pip-hashes", action="store_true", help="write `--hash` behind every pip requirement"
    )


def is_wanted(arguments: argparse.Namespace) -> bool:
    """Tell whether one of the two exports was asked for."""
    return bool(arguments.azureml or arguments.azureml_v1)


def write_azureml(lock_path: Path, platform: str, arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the files into the folder; return the exit code.

    Raises InputError for a lockfile without the platform or a missing ``--image``,
    OutputError where the folder can't be written.
    """
    import json

    from lockfiles.identity.export import CONTENT_TAG, content_tags, export_v1, export_v2
    from lockfiles.identity.read.lockfile import read_resolution
    from resolver.errors import InputError

    if not is_wanted(arguments):
        raise InputError("no folder to write to", hint="Give `--azureml DIR` or `--azureml-v1 DIR`.")
    if not arguments.image:
        hint = "Give the base image the environment is built on: `--image REGISTRY/NAME:TAG@sha256:...`."
        raise InputError("`--image` is missing: a lockfile names no base image", hint=hint)
    folder = Path(arguments.azureml or arguments.azureml_v1)
    resolution, metadata = read_resolution(lock_path, str(lock_path), platform)
    export = export_v2 if arguments.azureml else export_v1
    files = export(
        resolution, _lock_text(lock_path, resolution, metadata), _options(arguments, folder, metadata)
    )
    changed = _write(folder, files)
    identity = content_tags(resolution, arguments.image)[CONTENT_TAG]
    if terminal.json:
        document = {"schema_version": 1, "folder": str(folder), "files": sorted(files), "content": identity}
        terminal.data(json.dumps({**document, "changed": changed}, indent=2, ensure_ascii=False))
        return 0
    for name in sorted(files):
        terminal.data(str(folder / name))
    terminal.note(f"content {identity}" + ("" if changed else " (nothing changed)"))
    return 0


def _lock_text(path: Path, resolution: Resolution, metadata: LockMetadata) -> str | None:
    """Return the conda-lock.yml to lay beside the definition: the file itself, or what another format holds.

    None where that names no files (requirements with pins).
    """
    from lockfiles.files import read_text
    from lockfiles.formats.conda_lock.text import write_conda_lock
    from resolver.inputs.file_kinds import kind_of

    text = read_text(path)
    kind = kind_of(text, path.name)
    if kind is not None and kind.id == "conda_lock":
        return text
    if any(pin.file is None and pin.direct is None for pin in resolution.pypi):
        return None
    return write_conda_lock([resolution], metadata)


def _options(arguments: argparse.Namespace, folder: Path, metadata: LockMetadata) -> ExportOptions:
    from lockfiles.identity.export import ExportOptions
    from lockfiles.identity.read.lockfile import extra_indexes
    from resolver.errors import InputError

    tags: dict[str, str] = {}
    for text in arguments.tag:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise InputError(f"`--tag {text}` is no NAME=VALUE")
        tags[name] = value
    return ExportOptions(
        name=arguments.name or folder.resolve().name,
        image=arguments.image,
        version=arguments.environment_version,
        description=arguments.description,
        channels=[channel.url for channel in metadata.channels],
        indexes=arguments.pip_index or extra_indexes(metadata),
        hashes=arguments.pip_hashes,
        tags=tags,
    )


def _write(folder: Path, files: dict[str, str]) -> list[str]:
    """Write the files; return the names of those that changed, by name."""
    from lockfiles.files import write_text
    from resolver.errors import OutputError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(str(folder), error.strerror or str(error)) from None
    return [name for name in sorted(files) if write_text(folder / name, files[name])]
