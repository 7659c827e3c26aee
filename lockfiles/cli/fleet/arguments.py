"""What ``lock fleet PATH...`` takes."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from lockfiles.cli.arguments import (
    Unique,
    add_machine_arguments,
    add_output_arguments,
    add_source_arguments,
    processors,
    session_fields,
)
from lockfiles.cli.fleet.merge_arguments import add_merging, read_merging
from lockfiles.cli.fleet.upkeep_arguments import add_upkeep, read_upkeep

if TYPE_CHECKING:
    from lockfiles.cli.fleet.command import FleetCommand

DESCRIPTION = """\
Lock many environment files, each an environment of its own with its nearest settings (lockstack.toml)
and the lockfile beside it, on all cores: a table of what became of each, what fails told once for all
files that fail for it, and one exit code. What is done is written down as it is done: an interrupted run
goes on with `--resume`."""

EXAMPLES = """\
examples:
  lock fleet envs/                              every input in and below a folder
  lock fleet 'envs/**/conda.yml' --workers 8    those that a pattern fits
  lock fleet . --check                          which lockfiles aren't fresh
  lock fleet . --dry-run --json                 a line of JSON for each file; write nothing
  lock fleet . --with check --html fleet.html   also one page: causes, findings, packages, what is stale
  lock fleet envs/ --resume                     what the interrupted run before left
  lock fleet why 'openssl<3.0.15' envs/         which lockfiles hold it, and through whom
  lock fleet envs/ --avoid 'openssl<3.0.15' --branches lock/
                                                relock what must move, a branch for each change
  lock fleet envs/ --merge --keep minor         which environments can share one image, and what moves

exit codes: 0 all done, else the lowest of what the files give alone: 1 unexpected (or its worker was lost),
2 bad input, 3 a source failed, 4 no solution, 5 a check found something, 6 a file can't be written;
130 interrupted"""

#: Bytes by the letter behind a number.
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("paths", metavar="PATH", nargs="*", help="files, folders, globs in quotes")
    _add_finding(parser.add_argument_group("which files"))
    _add_work(parser.add_argument_group("what to do"))
    _add_engine(parser.add_argument_group("where"))
    add_upkeep(parser.add_argument_group("what must move"))
    add_merging(parser.add_argument_group("fewest images"))
    add_source_arguments(parser, "lock")
    add_machine_arguments(parser)
    add_output_arguments(parser, json_help="print each file's record as a line of JSON", verb="lock")
    parser.add_argument("--csv", metavar="FILE", help="also write the records as a table (`-`: print it)")
    parser.add_argument("--html", metavar="FILE", help="also write one page for browsers (`-`: print it)")
    parser.add_argument("--sarif", metavar="FILE", help="also write the findings as SARIF (`-`: print it)")


def _add_finding(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--files-from", metavar="LIST", action=Unique, default=(),
        help="a file with one path a line, or ended by NULs (`-`: standard input); may be repeated",
    )  # fmt: skip
    group.add_argument(
        "--exclude", metavar="PATTERN", action=Unique, default=(),
        help="leave out of folders what this fits, as a .gitignore would; may be repeated",
    )  # fmt: skip
    group.add_argument("--no-ignore", action="store_true", help="take what git ignores too")
    group.add_argument(
        "--most-files", metavar="NUMBER", type=_number, default=200_000, help="refuse more files (200000)"
    )


def _add_work(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--check", action="store_true", help="only say whether each lockfile is fresh; solve nothing"
    )
    group.add_argument(
        "--with", metavar="WORK", dest="more", action=Unique, default=(), choices=("check", "hash"),
        help="also `check` what was locked, or `hash` the images; may be repeated",
    )  # fmt: skip
    group.add_argument(
        "--dry-run", action="store_true", help="solve and say what would change; write nothing"
    )
    group.add_argument("--update", metavar="PACKAGE", action=Unique, default=(), help="as in `lock`")
    group.add_argument("--update-all", action="store_true", help="forget the earlier pins")


def _add_engine(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--workers", metavar="NUMBER", type=_number, default=None,
        help="worker processes (one a core); 0: in this process",
    )  # fmt: skip
    group.add_argument(
        "--job-timeout",
        metavar="SECONDS",
        type=_seconds,
        default=900.0,
        help="longest time for one file (900)",
    )
    group.add_argument(
        "--patience", metavar="SECONDS", type=_patience, default=60.0,
        help="how long servers that failed are tried again, when all other files are done (60)",
    )  # fmt: skip
    group.add_argument(
        "--worker-memory", metavar="SIZE", type=_size, default=1 << 30,
        help="a worker that holds more behind a file is renewed (1G)",
    )  # fmt: skip
    group.add_argument(
        "--scheduler", metavar="ADDRESS", default=None,
        help="run on a Dask scheduler, `tcp://HOST:PORT`, or on one of this run, `local` (LOCK_SCHEDULER)",
    )  # fmt: skip
    group.add_argument(
        "--snapshot", metavar="DIR", default=None,
        help="with `--scheduler`: workers get inputs and what sources say from this process, which asks once",
    )  # fmt: skip
    group.add_argument(
        "--journal", metavar="FILE", default=None, help="where what is done is written down (in the cache)"
    )
    group.add_argument(
        "--resume", action="store_true", help="leave what the interrupted run before has done as it is"
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise argparse.ArgumentTypeError(f"`{text}` is no whole number")
    return int(text)


def _patience(text: str) -> float:
    return 0.0 if text.strip() == "0" else _seconds(text)


def _seconds(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found < 1e9:
        raise argparse.ArgumentTypeError(f"`{text}` is no number of seconds above 0")
    return found


def _size(text: str) -> int:
    unit = text[-1:].upper() if text[-1:].isalpha() else ""
    number = text[: len(text) - len(unit)]
    if unit not in _UNITS or not (number.isascii() and number.isdecimal() and 0 < len(number) < 15):
        raise argparse.ArgumentTypeError(f"`{text}` is no size (`800M`, `2G`)")
    return int(number) * _UNITS[unit]


def read_arguments(arguments: argparse.Namespace) -> FleetCommand:
    """Return what was asked for as one value."""
    from pathlib import Path

    from lockfiles.cli.fleet.command import FleetCommand
    from lockfiles.fleet.engines.opening import EngineRequest
    from lockfiles.fleet.finding import FindRequest
    from lockfiles.fleet.holding import HoldersRequest
    from lockfiles.fleet.running import FleetRequest
    from lockfiles.locking import LockRequest
    from resolver.errors import InputError

    arguments.files = ()
    paths, spec = tuple(arguments.paths), None
    if paths[:1] == ("why",):
        if len(paths) == 1:
            raise InputError("`why` needs a package", hint="`lock fleet why 'openssl<3.0.15' envs/`.")
        spec, paths = paths[1], paths[2:] or (".",)
    _check_outputs(arguments, is_run=spec is None)
    work = ("fresh", *arguments.more) if arguments.check else ("lock", *arguments.more)
    workers = arguments.workers if arguments.workers is not None else processors()
    find = FindRequest(
        paths=paths,
        files_from=arguments.files_from,
        exclude=arguments.exclude,
        heeds_git=not arguments.no_ignore,
        most=arguments.most_files,
    )
    fields = session_fields(arguments)
    lock = LockRequest(**fields, update=arguments.update, update_all=arguments.update_all)
    holders = None
    if spec is not None:
        platforms = tuple(arguments.platforms or ())
        around = fields["surroundings"]
        holders = HoldersRequest(spec=spec, find=find, platforms=platforms, surroundings=around)
    request = FleetRequest(
        find=find,
        lock=lock,
        work=work,
        dry_run=arguments.dry_run,
        engine=EngineRequest(
            workers=workers,
            job_timeout=arguments.job_timeout,
            worker_memory=arguments.worker_memory,
            patience=arguments.patience,
            scheduler=arguments.scheduler or os.environ.get("LOCK_SCHEDULER") or None,
            snapshot=Path(arguments.snapshot) if arguments.snapshot else None,
        ),
        journal=Path(arguments.journal) if arguments.journal else None,
        resume=arguments.resume,
    )
    upkeep = read_upkeep(arguments, request) if spec is None else None
    return FleetCommand(
        holders=holders,
        csv=arguments.csv,
        sarif=arguments.sarif,
        html=arguments.html,
        request=request,
        merge=read_merging(arguments, find, lock) if upkeep is None else None,
        upkeep=upkeep,
    )


def _check_outputs(arguments: argparse.Namespace, *, is_run: bool) -> None:
    """Refuse two documents for one standard output, and outputs of a run where none takes place."""
    from resolver.errors import InputError
    from resolver.model.origin import Origin

    given = {f"--{name}": getattr(arguments, name) for name in ("csv", "html", "sarif")}
    printed = [flag for flag, value in given.items() if value == "-"] + ["--json"] * arguments.json
    if len(printed) > 1:
        hint = "Give all but one of them a file."
        raise InputError(
            f"standard output can't hold that of `{printed[0]}` too", Origin(file=printed[1]), hint
        )
    asked = [flag for flag, value in given.items() if value]
    if asked and not is_run:
        raise InputError("doesn't go with `why`", Origin(file=asked[0]))
