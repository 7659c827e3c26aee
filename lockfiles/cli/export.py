"""``lock export``: a lockfile in another format."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.formats.export import ExportedFile
    from lockfiles.formats.reading import LockContent

DESCRIPTION = """\
Write what a lockfile holds in the format of another tool. Files get their usual names beside the
lockfile; nothing is solved."""

EXAMPLES = """\
examples:
  lock export --format explicit                      conda-PLATFORM.lock for `conda create --file`
  lock export --format requirements -p linux-64 -o - pip's part, on standard output
  lock export --format pylock conda-lock.yml         pylock.toml (PEP 751)
  lock export --formats                              list the formats
  lock export --azureml DIR --image REF              an Azure ML environment"""

#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    from lockfiles.cli.arguments import Unique, add_output_arguments
    from lockfiles.cli.export_azureml import add_azureml_arguments
    from lockfiles.formats.names import FORMATS

    parser.add_argument(
        "lockfile", nargs="?", default="conda-lock.yml", metavar="LOCKFILE", help="of any format that is read"
    )
    parser.add_argument("--environment", metavar="NAME", help="environment of a pixi.lock (default)")
    parser.add_argument("-f", "--format", choices=tuple(FORMATS), help="the format to write")
    parser.add_argument("--formats", action="store_true", help="list the formats, and leave")
    parser.add_argument(
        "-o",
        "--output",
        metavar="PATH",
        help="a file, a folder for several files, or `-` for standard output",
    )
    parser.add_argument(
        "-p", "--platform", metavar="PLATFORM", action=Unique, dest="platforms", default=(),
        help="only this platform; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--category", metavar="NAME", action=Unique, dest="categories", default=(),
        help="with this category beside `main` (all, if none is named); may be repeated",
    )  # fmt: skip
    add_azureml_arguments(parser)
    add_output_arguments(parser, json_help="print the names of the written files as JSON")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the files; return 0."""
    from lockfiles.cli.export_azureml import is_wanted
    from lockfiles.files import read_text
    from lockfiles.formats.names import FORMATS
    from lockfiles.formats.reading import ReadOptions, read_lockfile
    from resolver.errors import InputError

    if arguments.formats:
        width = max(map(len, FORMATS))
        terminal.data("\n".join(f"{name.ljust(width)}  {one.help}" for name, one in FORMATS.items()))
        return 0
    if not arguments.format and not is_wanted(arguments):
        raise InputError("no format", None, f"Use `--format` with one of {', '.join(FORMATS)}.")
    if is_wanted(arguments):
        return _write_azureml(arguments, terminal)
    options = ReadOptions(
        environment=arguments.environment, platform=next(iter(arguments.platforms), "linux-64")
    )
    lock = read_lockfile(read_text(arguments.lockfile), arguments.lockfile, options)
    files = _exported(lock, arguments)
    written = write_files(files, Path(arguments.lockfile).parent, arguments.output, terminal)
    for file in files:
        for remark in file.remarks:
            terminal.note(f"note: {remark}")
    if terminal.json:
        value = {"schema_version": SCHEMA_VERSION, "format": arguments.format, "files": written}
        terminal.data(json.dumps(value, indent=2, ensure_ascii=False))
    return 0


def _exported(lock: LockContent, arguments: argparse.Namespace) -> tuple[ExportedFile, ...]:
    from lockfiles.formats.export import export, request_of_content
    from resolver.errors import InputError
    from resolver.model.origin import Origin

    held = [resolution.target.subdir for resolution in lock.resolutions]
    for platform in arguments.platforms:
        if platform not in held:
            known = ", ".join(f"`{name}`" for name in held)
            raise InputError(
                f"holds no platform `{platform}`", Origin(file=arguments.lockfile), f"It holds {known}."
            )
    request = request_of_content(lock, platforms=arguments.platforms, categories=arguments.categories or None)
    try:
        return export(arguments.format, request)
    except ValueError as error:
        raise InputError(
            f"can't be written as `{arguments.format}`: {error}", Origin(file=arguments.lockfile)
        ) from error


def write_files(
    files: Sequence[ExportedFile], folder: Path, output: str | None, terminal: Terminal
) -> list[str]:
    """Write files to ``output``, else under their usual names into ``folder``; return the paths written to.

    Raises InputError for one output file and several to write.
    """
    from lockfiles.files import write_text
    from resolver.errors import InputError

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
        _make_folder(place)
    written = []
    for file in files:
        path = place / file.name if into_folder else place
        changed = write_text(path, file.text)
        terminal.note(f"{'Wrote' if changed else 'Nothing to change in'} `{path}`.")
        written.append(path.as_posix())
    return written


def _make_folder(folder: Path) -> None:
    from resolver.errors import OutputError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(str(folder), (error.strerror or str(error)).lower()) from error


def _write_azureml(arguments: argparse.Namespace, terminal: Terminal) -> int:
    from lockfiles.cli.export_azureml import write_azureml

    if len(arguments.platforms) > 1:
        from resolver.errors import InputError

        raise InputError("an Azure ML environment is for one platform", None, "Name one `--platform`.")
    platform = next(iter(arguments.platforms), "linux-64")
    return write_azureml(Path(arguments.lockfile), platform, arguments, terminal)
