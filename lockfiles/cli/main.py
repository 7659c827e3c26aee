"""The ``lock`` command: finds the verb, runs it, and turns errors into words and exit codes.

Exit codes: 0 done; 1 unexpected; 2 bad input; 3 a source failed; 4 no solution;
5 a check found something; 6 a file can't be written; 130 interrupted. SIGTERM and SIGHUP end it as they end
any process, which shells call 143 and 129.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # type checkers know the name; `typing` takes 10 ms, and the command starts here
if TYPE_CHECKING:
    import argparse
    import signal as _signal
    from collections.abc import Callable, Sequence
    from types import ModuleType
    from typing import Any, NoReturn

    from lockfiles.cli.terminal import Terminal
    from lockfiles.cli.verbs import Verb
    from resolver.errors import LockstackError
else:  # what is built in: `signal` takes 5 ms to import, in which an interrupt would be a traceback
    import _signal

EXIT_UNEXPECTED = 1
EXIT_BAD_INPUT = 2
EXIT_UNWRITABLE = 6  #: of an OutputError; here for what is flushed at the end
EXIT_INTERRUPTED = 130  #: 128 + SIGINT, as shells have it
EXIT_BROKEN_PIPE = 141  #: 128 + SIGPIPE
#: Exit codes of a verb that was ended by a signal, and that signal's number.
_ENDED_BY = {
    128 + getattr(_signal, name): getattr(_signal, name)
    for name in ("SIGTERM", "SIGHUP")
    if hasattr(_signal, name)
}


def entry_point() -> NoReturn:
    """Run the command with the process's arguments, and leave with its exit code.

    An interrupt ends the process as it ends any other until the verb runs, and once it has: what Python
    imports and takes down has no words for it.
    """
    hears = _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler  # else the caller ignores it

    def hear(handler: Any) -> None:
        if hears:
            _signal.signal(_signal.SIGINT, handler)

    hear(_signal.SIG_DFL)
    import atexit
    import contextlib
    import gc

    if "--each" not in sys.argv and sys.argv[1:2] != ["fleet"]:  # which solve many, and must let go of each
        gc.disable()  # one command makes many values and few cycles; the process is short
    _open_streams()
    code = tell_or_run(sys.argv[1:], ready=lambda: hear(_interrupt), is_alone=True)
    if code != EXIT_INTERRUPTED and code not in _ENDED_BY:  # there another one has its meaning already
        hear(_signal.SIG_DFL)
    try:  # what is buffered is flushed here, where a failure has a name, and not at the interpreter's end
        sys.stdout.flush()
    except OSError as error:
        from lockfiles.cli.terminal import drop_stdout

        drop_stdout()
        code = code or (EXIT_BROKEN_PIPE if isinstance(error, BrokenPipeError) else EXIT_UNWRITABLE)
    with contextlib.suppress(OSError):  # there is nobody to be told
        sys.stderr.flush()
    atexit._run_exitfuncs()  # noqa: SLF001 - os._exit leaves them out
    if code in _ENDED_BY:  # who waits for this process is told the signal itself
        _signal.signal(_ENDED_BY[code], _signal.SIG_DFL)
        os.kill(os.getpid(), _ENDED_BY[code])
    os._exit(code)  # taking a million values apart one by one helps nobody


def _interrupt(number: int, _: object) -> NoReturn:
    """Raise an interrupt; another one, while what is under way is taken down, ends the process at once."""
    _signal.signal(number, _signal.SIG_DFL)
    raise KeyboardInterrupt


def _open_streams() -> None:
    """Give the standard streams that the caller closed a place, so that no other file takes their numbers."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
            if handle != number:
                os.dup2(handle, number)
                os.close(handle)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def tell_or_run(
    arguments: list[str], ready: Callable[[], None] | None = None, *, is_alone: bool = False
) -> int:
    """Say that nothing has changed, where a stamp proves it; else :func:`main`. Return the exit code."""
    from lockfiles.cli.stamps.reading import place_of, tell_again

    stamp = place_of(arguments, os.environ)
    if stamp is not None and tell_again(stamp):
        return 0
    return main(arguments, ready, stamp, is_alone=is_alone)


def main(
    arguments: Sequence[str],
    ready: Callable[[], None] | None = None,
    stamp: str | None = None,
    *,
    is_alone: bool = False,
) -> int:
    """Run the command; return its exit code. ``ready`` is called when the verb begins.

    ``stamp``: where it may be written down that nothing has changed (:mod:`lockfiles.cli.stamps`).
    ``is_alone``: the process is the command's, which may say where modules come from
    (:mod:`lockfiles.cli.bytecode`).

    A first argument that is a verb's name is the verb; everything else is for
    the default one, so that ``lock environment.yml`` works (and ``lock ./hash``
    for a file of that name).
    """
    from importlib import import_module

    bundle = None
    if is_alone:
        from lockfiles.cli.bytecode import use_bundle

        bundle = use_bundle()
    from lockfiles.cli.verbs import DEFAULT, VERBS

    name = arguments[0] if arguments and arguments[0] in VERBS else None
    verb, rest = (VERBS[name], arguments[1:]) if name else (DEFAULT, arguments)
    try:
        module = import_module(verb.arguments)
        parsed = _parse(name, verb, module, list(rest))
    except SystemExit as stop:  # argparse: --help, --version and wrong flags
        return stop.code if isinstance(stop.code, int) else EXIT_BAD_INPUT
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except Exception as error:  # a broken installation: a module that is missing or doesn't load
        from lockfiles.cli.failures import show_bug
        from lockfiles.cli.terminal import open_terminal

        show_bug(error, open_terminal(verbosity=arguments.count("-v") + 2 * arguments.count("-vv")))
        return EXIT_UNEXPECTED
    _load_structs()
    from lockfiles.cli.terminal import open_terminal

    verbosity = -1 if getattr(parsed, "quiet", False) else getattr(parsed, "verbose", 0)
    is_json = getattr(parsed, "json", False)
    if stamp is None or name is not None or verbosity > 0 or is_json:
        terminal = open_terminal(verbosity=verbosity, json=is_json)
        code = run_guarded(lambda: _run(verb, _command(module, parsed, terminal), terminal, ready), terminal)
    else:
        from lockfiles.cli.stamps.witness import Witness

        with Witness(stamp) as witness:
            watched = open_terminal(verbosity=verbosity, witness=witness)
            code = run_guarded(lambda: _run(verb, _command(module, parsed, watched), watched, ready), watched)
    if code == 0 and bundle is not None:  # what a failure loads is seldom needed
        import atexit

        atexit.register(bundle.save)
    return code


def _load_structs() -> None:
    """Load msgspec without what it would bring along for types that none of our structs has.

    `typing_extensions` brings `inspect`, which takes a sixth of a verb; `uuid` and `decimal` have compiled
    parts, and another library of the system. And it tries how references to types are made, which compiles a
    text: Python makes all classes of its syntax trees for the first one. Nothing else has been started that
    could ask for one of these meanwhile.
    """
    import contextlib
    import typing

    names = ("decimal", "typing_extensions", "uuid")
    if "msgspec" not in sys.modules and sys.modules.keys().isdisjoint(names):
        sys.modules.update({name: _Absent(name) for name in ("decimal", "uuid")})
        sys.modules["typing_extensions"] = None  # type: ignore[assignment]
        reference, typing.ForwardRef = typing.ForwardRef, _no_reference  # type: ignore[misc, assignment]
        try:
            with contextlib.suppress(Exception):  # one that takes more of them: as it would be
                import msgspec
        finally:
            typing.ForwardRef = reference  # type: ignore[misc]
            for name in names:
                del sys.modules[name]
    import msgspec  # noqa: F401


def _no_reference(text: str, *, is_class: bool = True) -> None:
    """Stand for :class:`typing.ForwardRef`, by the arguments that it takes here."""


class _NoType(type):
    """A type of nothing; whatever is asked of it is None."""

    def __getattr__(cls, name: str) -> None:
        return None


class _Absent(type(sys)):  # type: ignore[misc]
    """Stands for a module; whatever is asked of it is a type of nothing."""

    def __getattr__(self, name: str) -> type:
        return _NoType(name, (), {})


def _parse(name: str | None, verb: Verb, module: ModuleType, line: list[str]) -> Any:
    """Return what the arguments say; raises SystemExit for help and for wrong ones."""
    if name is None:  # the verb that is run most
        from lockfiles.cli.plain_parser import parse_plainly

        plain = parse_plainly(module, line)
        if plain is not None:
            return plain
    return make_parser(name, verb, module).parse_intermixed_args(line)


def make_parser(name: str | None, verb: Verb, module: ModuleType) -> argparse.ArgumentParser:
    """Return the parser of a verb (None: the default one)."""
    from lockfiles.cli.parser import HelpFormatter, Parser

    parser = Parser(
        prog=f"lock {name}" if name else "lock",
        description=getattr(module, "DESCRIPTION", verb.help[:1].upper() + verb.help[1:] + "."),
        epilog=getattr(module, "EXAMPLES", None),
        formatter_class=HelpFormatter,
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    return parser


def _command(module: ModuleType, parsed: object, terminal: Terminal) -> object:
    """Return what was asked for as one value; tell a lockfile that was found under no usual name."""
    command = module.read_arguments(parsed)
    taken = getattr(parsed, "taken", None)
    if taken is not None:
        terminal.note(f"note: the lockfile here is `{taken}`")
    return command


def _run(verb: Verb, command: object, terminal: Terminal, ready: Callable[[], None] | None) -> int:
    from importlib import import_module

    if ready is not None:
        ready()
    code: int = import_module(verb.command).run(command, terminal)
    return code


def run_guarded(run: Callable[[], int], terminal: Terminal) -> int:
    """Run a verb; return its exit code, or that of the error it ended with.

    What can't be told, as nobody is there to be told, changes no exit code.
    """
    import contextlib

    from lockfiles.cli.terminal import drop_stdout
    from resolver.errors import LockstackError

    try:
        if terminal.verbosity >= 1:
            from lockfiles.cli.log_lines import start_logging

            start_logging(terminal)
        return run()
    except LockstackError as error:
        from lockfiles.cli.failures import show_error

        with contextlib.suppress(OSError):
            show_error(error, terminal)
        return error.exit_code
    except BrokenPipeError:
        drop_stdout()
        return EXIT_BROKEN_PIPE
    except KeyboardInterrupt as error:
        number = getattr(error, "number", None)  # of a signal that says the same as an interrupt
        with contextlib.suppress(OSError):
            terminal.note(f"\n{error if number else 'interrupted'}")
        return 128 + number if number else EXIT_INTERRUPTED
    except Exception as error:
        from lockfiles.cli.failures import show_bug, show_error

        trouble = _trouble_of(error)
        with contextlib.suppress(OSError):
            if trouble is not None:
                show_error(trouble, terminal)
            else:
                show_bug(error, terminal)
        return trouble.exit_code if trouble is not None else EXIT_UNEXPECTED


def _trouble_of(error: Exception) -> LockstackError | None:
    from lockfiles.files import trouble_of

    return trouble_of(error) if isinstance(error, OSError) else None
