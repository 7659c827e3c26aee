"""``lock FILE...``: solve environment files and write a lockfile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from lockfiles.locking import LockRequest
from lockfiles.version import VERSION
from resolver.errors import InputError
from resolver.model.origin import Origin
from resolver.model.visible import make_visible

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.difference import Difference
    from lockfiles.locking import Locked
    from lockfiles.settings.model import Settings
    from lockfiles.several.planning import EnvironmentPlan
    from resolver.model.resolution import Resolution


class LockCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What the verb is to do; the first of ``version``, ``completion`` ... that is asked for is done."""

    request: LockRequest
    each: bool = False  #: every file is an environment of its own
    files_from: tuple[str, ...] = ()  #: with ``each``: lists of paths
    exclude: tuple[str, ...] = ()  #: patterns of what is left out of folders
    no_ignore: bool = False  #: take what git ignores too
    check: bool = False
    dry_run: bool = False
    record: str | None = None  #: where to write down all that the answer rests on
    show_settings: bool = False
    completion: str | None = None  #: the shell
    version: bool = False


def run(command: LockCommand, terminal: Terminal) -> int:
    """Do what was asked for; return the exit code."""
    if command.version:
        terminal.data(f"lockstack {VERSION}")
        return 0
    if command.completion:
        from lockfiles.cli.completion import completion_script

        terminal.data(completion_script(command.completion))
        return 0
    if command.show_settings:
        return _show_settings(command.request, terminal)
    _refuse(command)
    if command.each:
        from lockfiles.cli.lock.each import EachRequest, run_each

        asked = EachRequest(
            request=command.request,
            files_from=command.files_from,
            exclude=command.exclude,
            no_ignore=command.no_ignore,
        )

        def run_one(request: LockRequest, is_dry: bool, own: Terminal) -> int:
            return _run(replace(command, request=request, dry_run=command.dry_run or is_dry), own)

        return run_each(asked, run_one, terminal)
    return _run(command, terminal)


def _refuse(command: LockCommand) -> None:
    """Raise InputError for a command that names no file, and for flags that don't go together."""
    from lockfiles.cli.places import check_files

    given = {
        "--files-from": command.files_from,
        "--exclude": command.exclude,
        "--no-ignore": command.no_ignore,
    }
    for flag, value in () if command.each else given.items():
        if value:
            raise InputError("goes with `--each`", Origin(file=flag))
    check_files((*command.request.files, *command.files_from), "lock --check" if command.check else "lock")
    if command.record is not None and (command.each or command.check):
        raise InputError("goes with neither `--each` nor `--check`: it is one solve", Origin(file="--record"))


def _run(command: LockCommand, terminal: Terminal) -> int:
    """Lock the files, as one environment or as several, or check their lockfile."""
    request = command.request
    settings = _settings_of(request)
    asked = None if settings is None else _plan(request, settings)
    if asked is not None:
        if command.check:
            from lockfiles.cli.lock.freshness import check_several

            return check_several(request, asked, terminal)
        from lockfiles.cli.lock.several import lock_environments

        return lock_environments(request, asked, terminal, dry_run=command.dry_run, place=command.record)
    if request.drop_environments:
        raise InputError("of a lockfile that holds several (`pixi.lock`)", Origin(file="--drop-environment"))
    command = replace(command, request=replace(request, all_environments=False))
    if command.check:
        from lockfiles.cli.lock.freshness import check_lockfile

        code = check_lockfile(command.request, terminal)
        if terminal.witness is not None and code == 0:
            terminal.witness.stamp(None, is_solved=False)
        return code
    return _lock(replace(command, request=replace(command.request, settled=settings)), terminal)


def _settings_of(request: LockRequest) -> Settings | None:
    """Return the settings of a run; None: faults, which are told later, with all others."""
    from lockfiles.session import read_settings

    try:
        return read_settings(request)
    except InputError:
        return None


def _plan(request: LockRequest, settings: Settings) -> EnvironmentPlan | None:
    """Return which environments are asked for; None: one."""
    from lockfiles.places import holds_several

    wants = request.environments or request.all_environments or len(settings.python.value) > 1
    if not (wants or holds_several(settings.output.value)):
        return None
    from lockfiles.several.planning import plan

    return plan(request, settings)


def _show_settings(request: LockRequest, terminal: Terminal) -> int:
    from lockfiles.session import read_settings
    from lockfiles.settings.show import settings_as_json, show_settings

    settings = read_settings(request)
    if terminal.json:
        import json  # no lock needs it without `--json`

        terminal.data(json.dumps(settings_as_json(settings), indent=2, ensure_ascii=False))
    else:
        terminal.data(show_settings(settings))
    return 0


def _lock(command: LockCommand, terminal: Terminal) -> int:
    """Lock, write and tell."""
    from lockfiles.cli.listening import TerminalListener
    from lockfiles.cli.summary import conclude
    from lockfiles.locking import Locked, lock

    listener = TerminalListener(terminal)
    if command.record is None:
        locked = lock(command.request, listener)
    else:
        from lockfiles.cli.lock.recording import lock_recorded

        locked = lock_recorded(command.request, command.record, listener, terminal, Locked)
    written = _write(locked, terminal, dry_run=command.dry_run)
    listener.progress.stage_done("lockfile compared and written" if written else "lockfile compared")
    _tell(locked.resolutions, locked.difference, terminal)
    if locked.notices:
        from lockfiles.cli.notices import tell_notices

        tell_notices(locked.notices, [target.subdir for target in locked.session.targets], terminal)
    if terminal.witness is not None and not written and not command.dry_run and command.record is None:
        terminal.witness.stamp(None if terminal.verbosity < 0 else make_visible(str(locked.output)))
    conclude(locked, listener.progress, terminal, written=written, dry_run=command.dry_run)
    if terminal.json:
        _print_json(locked, terminal, written=written, seconds=listener.progress.seconds)
    return 0


def _write(locked: Locked, terminal: Terminal, *, dry_run: bool) -> bool:
    from lockfiles.files import write_text

    if dry_run:
        return False
    if locked.output is None:
        terminal.data(locked.text)
        return True
    return write_text(locked.output, locked.text)


def _tell(resolutions: Sequence[Resolution], difference: Difference | None, terminal: Terminal) -> None:
    from lockfiles.cli.summary import describe_resolution, show_difference

    for resolution in resolutions:
        if terminal.verbosity >= 0:
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


def _print_json(locked: Locked, terminal: Terminal, *, written: bool, seconds: float) -> None:
    import json

    from lockfiles.cli.summary import locked_to_json

    if locked.output is None and written:
        return  # standard output already holds the lockfile
    value = locked_to_json(locked, written=written, seconds=seconds)
    terminal.data(json.dumps(value, indent=2, ensure_ascii=False))
