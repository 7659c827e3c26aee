"""``lock FILE...``: solve environment files and write a lockfile."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lockfiles.cli.arguments import (
    Unique,
    add_machine_arguments,
    add_output_arguments,
    add_setting,
    add_source_arguments,
    session_request,
)
from lockfiles.cli.verbs import VERBS
from lockfiles.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lockfiles.cli.terminal import Terminal
    from lockfiles.diff import Difference
    from lockfiles.model import CondaLock
    from lockfiles.session import Session
    from resolver.model.resolution import Resolution

DESCRIPTION = """\
Solve the conda and PyPI packages of environment files in one search, and write a lockfile
(conda-lock.yml, version 1) beside the first of them."""

EXAMPLES = (
    """\
examples:
  lock environment.yml                          lock for the platforms that the file names
  lock environment.yml -p linux-64 -p osx-arm64 lock for these platforms
  lock environment.yml --virtual-package __cuda=12.4
                                                for machines with a GPU and CUDA 12.4
  lock environment.yml dev.yml -o all.lock.yml  several files, all of which hold
  lock environment.yml --update numpy           move numpy, keep the rest where it fits
  lock environment.yml --check                  is the lockfile fresh? (exit code 5: no)

other verbs (`lock VERB --help`):
"""
    + "\n".join(f"  lock {name.ljust(8)} {verb.help}" for name, verb in VERBS.items())
    + """

exit codes: 0 done, 1 unexpected, 2 bad input, 3 a source failed, 4 no solution, 5 a check found something"""
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "files", metavar="FILE", nargs="*", help="environment.yml, requirements.txt, pyproject.toml"
    )
    add_setting(parser, "output")
    parser.add_argument(
        "--extra",
        metavar="NAME",
        action=Unique,
        dest="extras",
        default=(),
        help="only these optional groups of a pyproject.toml; may be repeated",
    )
    mode = parser.add_argument_group("what to do")
    mode.add_argument(
        "--check", action="store_true", help="only say whether the lockfile is fresh; solve nothing"
    )
    mode.add_argument("--dry-run", action="store_true", help="solve and say what would change; write nothing")
    mode.add_argument(
        "--update",
        metavar="PACKAGE",
        action=Unique,
        dest="update",
        default=(),
        help="let this package move; the others stay where they fit; may be repeated",
    )
    mode.add_argument("--update-all", action="store_true", help="forget the earlier pins")
    add_setting(mode, "engine")
    add_source_arguments(parser, "lock")
    add_machine_arguments(parser)
    add_output_arguments(parser, json_help="print the result as JSON on standard output", verb="lock")
    parser.add_argument(
        "--show-settings", action="store_true", help="print every setting and where it comes from"
    )
    parser.add_argument(
        "--completion", metavar="SHELL", help="print the completion script for bash, zsh, fish ..."
    )
    parser.add_argument("--version", action="store_true", help="print the version")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Do what was asked for; return the exit code."""
    if arguments.version:
        terminal.data(f"lockstack {VERSION}")
        return 0
    if arguments.completion:
        from lockfiles.cli.completion import completion_script

        terminal.data(completion_script(arguments.completion))
        return 0
    if arguments.show_settings:
        return _show_settings(arguments, terminal)
    from lockfiles.cli.places import check_files
    from lockfiles.session import open_session

    check_files(arguments.files)
    session = open_session(session_request(arguments))
    output = _output(session)
    if arguments.check:
        from lockfiles.cli.freshness import check_lockfile

        return check_lockfile(session, output, terminal)
    return _lock(session, output, arguments, terminal)


def _show_settings(arguments: argparse.Namespace, terminal: Terminal) -> int:
    from lockfiles.session import read_settings
    from lockfiles.settings.show import settings_as_json, show_settings

    settings = read_settings(session_request(arguments))
    if terminal.json:
        terminal.data(json.dumps(settings_as_json(settings), indent=2, ensure_ascii=False))
    else:
        terminal.data(show_settings(settings))
    return 0


def _output(session: Session) -> Path | None:
    """Return where the lockfile belongs; None: standard output. Raises InputError for an input's place."""
    from lockfiles.places import default_output
    from lockfiles.surroundings import STDIN
    from resolver.errors import InputError
    from resolver.model.origin import Origin

    asked = session.settings.output.value
    if asked is not None and str(asked) == STDIN:
        return None
    output = asked or default_output(session.files)
    for name in session.requirements.files:
        if name != STDIN and Path(name).exists() and output.exists() and output.samefile(name):
            raise InputError(
                "is an input file: a lockfile can't be written there",
                Origin(file=str(output)),
                "Choose another place with `--output`.",
            )
    return output


def _lock(session: Session, output: Path | None, arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Solve, write and tell.

    1. Read the earlier lockfile: its pins are tried first.
    2. Solve, with progress.
    3. Compare, write, summarise.

    What the earlier lockfile holds is taken apart only where that matters: not where all pins are
    forgotten and the new text is the same.
    """
    from lockfiles.cli.progress import format_seconds, format_size, open_progress
    from lockfiles.diff import Difference, diff_resolutions
    from lockfiles.files import read_text
    from lockfiles.solving import resolve_options
    from lockfiles.update import preferred_pins
    from resolver.pipeline import resolve

    earlier = read_text(output) if output is not None and output.is_file() else ""
    previous: tuple[Resolution, ...] | None = None
    if not arguments.update_all or arguments.update or not _looks_like_a_lock(earlier):
        previous = _previous(earlier, output, terminal)
        _warn_of_unknown_updates(previous, arguments.update, terminal)
    preferred = preferred_pins(previous or (), update=arguments.update, update_all=arguments.update_all)
    options = resolve_options(session, preferred=preferred)
    with open_progress(terminal, session.settings.progress.value) as progress:
        resolutions = resolve(session.requirements, options, progress)
    text = lock_text(session, resolutions, output)
    if text == earlier:
        difference: Difference | None = Difference(changes=())
    else:
        previous = _previous(earlier, output, terminal) if previous is None else previous
        difference = diff_resolutions(previous, resolutions) if previous else None
    written = _write(output, text, terminal, dry_run=arguments.dry_run)
    _tell(resolutions, difference, terminal)
    place = "standard output" if output is None else f"`{output}`"
    verb = "Wrote" if written else "Nothing to change in"
    if arguments.dry_run and not (output is not None and output.exists() and read_text(output) == text):
        verb = "Would write"
    fetched = f", {progress.fetched} requests ({format_size(progress.size)})" if progress.fetched else ""
    terminal.note(f"{verb} {place} in {format_seconds(progress.seconds)}{fetched}.")
    if terminal.json:
        _print_json(resolutions, output, difference, terminal, written=written, seconds=progress.seconds)
    return 0


def _looks_like_a_lock(text: str) -> bool:
    from resolver.inputs.file_kinds import kind_of

    kind = kind_of(text, "conda-lock.yml")
    return kind is not None and kind.id == "conda_lock"


def _previous(text: str, output: Path | None, terminal: Terminal) -> tuple[Resolution, ...]:
    """Return what the text of the file at ``output`` says; nothing where there is none.

    Raises InputError for a file that is no lockfile: it isn't ours to overwrite.
    """
    from lockfiles.formats.conda_lock.restore import resolutions_of_lock
    from lockfiles.formats.conda_lock.text import read_conda_lock
    from resolver.errors import InputError

    if not text.strip():
        return ()
    try:
        return resolutions_of_lock(read_conda_lock(text, str(output)), str(output))
    except InputError as error:
        if _looks_like_a_lock(text):  # a damaged lockfile: its place is ours
            terminal.warning(
                f"{error}\nThe earlier lockfile can't be read: nothing of it is kept.", error.hint
            )
            return ()
        raise InputError(
            "exists, and is no lockfile",
            error.origin,
            "Choose another place with `--output`, or delete the file.",
        ) from error


def _warn_of_unknown_updates(
    previous: Sequence[Resolution], update: Sequence[str], terminal: Terminal
) -> None:
    from lockfiles.update import unknown_updates

    for name in unknown_updates(previous, update) if previous else ():
        terminal.warning(f"`--update {name}`: the earlier lockfile has no such package")


def lock_text(session: Session, resolutions: Sequence[Resolution], output: Path | None) -> str:
    """Return the lockfile's text."""
    from lockfiles.formats.conda_lock.text import format_conda_lock

    return format_conda_lock(make_lock(session, resolutions, output))


def make_lock(session: Session, resolutions: Sequence[Resolution], output: Path | None) -> CondaLock:
    """Return the lockfile of resolutions, with what the session knows of its making."""
    from lockfiles.addresses import locked_channel
    from lockfiles.formats.conda_lock.assemble import lock_of_resolutions
    from lockfiles.formats.conda_lock.target_keys import INDEXES, REQUEST_HASH, TOOL
    from lockfiles.model import LockMetadata
    from lockfiles.places import relative_sources
    from lockfiles.request.content_hash import content_hashes
    from lockfiles.request.request_hash import request_hashes

    targets = session.targets
    custom = {TOOL: f"lockstack {VERSION}"}
    if any(resolution.pypi for resolution in resolutions):
        custom[INDEXES] = " ".join(index.name for index in session.indexes)
    has_conda = bool(session.requirements.channels) or any(resolution.conda for resolution in resolutions)
    hashes = request_hashes(session.requirements, targets, settings=session.fingerprint())
    custom |= {REQUEST_HASH + platform: value for platform, value in hashes.items()}
    metadata = LockMetadata(
        content_hash=content_hashes(
            session.requirements,
            (target.subdir for target in targets),
            virtual_packages=session.declared_virtual_packages,
        ),
        channels=tuple(locked_channel(text) for text in session.channel_texts) if has_conda else (),
        sources=relative_sources(session.files, output, session.surroundings.cwd),
        custom=custom,
    )
    return lock_of_resolutions(resolutions, metadata)


def _write(output: Path | None, text: str, terminal: Terminal, *, dry_run: bool) -> bool:
    from lockfiles.files import write_text

    if dry_run:
        return False
    if output is None:
        terminal.data(text)
        return True
    return write_text(output, text)


def _tell(resolutions: Sequence[Resolution], difference: Difference | None, terminal: Terminal) -> None:
    from lockfiles.cli.summary import describe_resolution, show_difference

    for resolution in resolutions:
        terminal.note(f"Locked {describe_resolution(resolution)}")
        without = sorted(pin.record.name for pin in resolution.conda if not pin.record.md5)
        if without:
            names = ", ".join(f"`{name}`" for name in without)
            terminal.warning(
                f"{resolution.target.subdir}: the channel gives no md5 for {names}",
                "conda-lock refuses such a lockfile; `lock export --format explicit` needs no md5.",
            )
    if difference is not None:
        show_difference(difference, terminal)


def _print_json(
    resolutions: Sequence[Resolution],
    output: Path | None,
    difference: Difference | None,
    terminal: Terminal,
    **facts: Any,
) -> None:
    from lockfiles.cli.summary import lock_to_json

    if output is None and facts["written"]:
        return  # standard output already holds the lockfile
    value = lock_to_json(
        resolutions, output=None if output is None else output.as_posix(), difference=difference, **facts
    )
    terminal.data(json.dumps(value, indent=2, ensure_ascii=False))
