"""``lock export``: a lockfile in another format."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lockfiles.exporting import ExportFileRequest, export_file
from lockfiles.formats.names import FORMATS
from resolver.errors import InputError

if TYPE_CHECKING:
    from lockfiles.cli.export.asked import ExportCommand
    from lockfiles.cli.terminal import Terminal
    from lockfiles.formats.export import ExportedFile

#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1


def run(command: ExportCommand, terminal: Terminal) -> int:
    """Write the files; return 0."""
    if command.list_formats:
        width = max(map(len, FORMATS))
        terminal.data("\n".join(f"{name.ljust(width)}  {one.help}" for name, one in FORMATS.items()))
        return 0
    if command.azureml or command.azureml_v1:
        from lockfiles.cli.export.azureml import write_azureml

        return write_azureml(command, terminal)
    if not command.format:
        raise InputError("no format", None, f"Use `--format` with one of {', '.join(FORMATS)}.")
    request = ExportFileRequest(
        lockfile=command.lockfile,
        format=command.format,
        platforms=command.platforms,
        groups=command.groups or None,
        python=command.python,
        environment=command.environment,
        all_environments=command.all_environments,
        inputs=command.inputs,
        beside=_environments(command.beside),
        folder=_folder(command),
        surroundings=command.surroundings,
    )
    files = export_file(request)
    written = write_files(files, Path(command.lockfile).parent, command.output, terminal)
    for file in files:
        for remark in file.remarks:
            terminal.note(f"note: {remark}")
    if terminal.json:
        remarks = [remark for file in files for remark in file.remarks]
        value = {
            "schema_version": SCHEMA_VERSION,
            "format": command.format,
            "files": written,
            "remarks": remarks,
        }
        terminal.data(json.dumps(value, indent=2, ensure_ascii=False))
    return 0


def _environments(named: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return name -> lockfile; raises InputError for a name that stands twice."""
    found: dict[str, str] = {}
    for name, lockfile in named:
        if name in found:
            raise InputError(f"two environments are called `{name}`", hint="Give each a name of its own.")
        found[name] = lockfile
    return found


def _folder(command: ExportCommand) -> str | None:
    """Return the folder that the files go to; None: beside the lockfile, or to standard output."""
    if command.output is None or command.output == "-":
        return None
    path = Path(command.output)
    is_folder = command.output.endswith("/") or path.is_dir() or not path.suffix
    return str(path if is_folder else path.parent)


def write_files(
    files: Sequence[ExportedFile], folder: Path, output: str | None, terminal: Terminal
) -> list[str]:
    """Write files to ``output``, else under their usual names into ``folder``; return the paths written to.

    Raises InputError for one output file and several to write.
    """
    from lockfiles.files import make_folder, write_text

    if output == "-":
        if len(files) > 1:
            names = ", ".join(file.name for file in files)
            raise InputError(
                f"{len(files)} files can't all go to standard output: {names}",
                None,
                "Name a folder: `-o DIR`.",
            )
        terminal.data(files[0].text)
        return []
    place = Path(output) if output else folder
    into_folder = output is None or place.is_dir() or len(files) > 1 or output.endswith("/")
    if into_folder and place.exists() and not place.is_dir():
        raise InputError(
            f"`{place}` is a file, and {len(files)} are to be written", None, "Name a folder: `-o DIR`."
        )
    if into_folder:
        make_folder(place)
    written = []
    for file in files:
        path = place / file.name if into_folder else place
        changed = write_text(path, file.text)
        terminal.note(f"{'Wrote' if changed else 'Nothing to change in'} `{path}`.")
        written.append(path.as_posix())
    return written
