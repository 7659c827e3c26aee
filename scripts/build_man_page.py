"""Write docs/lock.1, the manual page of the command, from the parsers of its verbs.

Run it as ``python scripts/build_man_page.py``; with ``--check`` it writes nothing and fails where
the page is not what it would write. Options that verbs share stand in it once, which the libraries that
turn one parser into a page can't do.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lockfiles.cli.main import make_parser
from lockfiles.cli.verbs import DEFAULT, VERBS, Verb

PAGE = Path(__file__).resolve().parent.parent / "docs" / "lock.1"
#: Groups of options of `lock` itself that other verbs have too.
SHARED = ("sources", "target", "network", "machine", "messages")
EXITS = (
    ("0", "done"),
    ("1", "unexpected: a fault of the program"),
    ("2", "bad input"),
    ("3", "a source failed"),
    ("4", "no solution, or not decided"),
    ("5", "a check found something: a lockfile that isn't fresh, findings, differences that were asked for"),
    ("6", "a file can't be written: no room, no right to, a folder in its place"),
    ("130", "interrupted"),
)


def escape(text: str) -> str:
    """Return text as roff shows it: no character of it is a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(f"\\&{line}" if line[:1] in {".", "'"} else line for line in text.split("\n"))


def bold(text: str) -> str:
    """Return text in bold."""
    return f"\\fB{escape(text)}\\fR"


def parser_of(name: str | None, verb: Verb) -> argparse.ArgumentParser:
    """Return a verb's parser, as ``lock VERB --help`` makes it."""
    return make_parser(name, verb, import_module(verb.arguments))


def actions_of(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    """Yield group and action, in the order of ``--help``; without ``--help`` itself and what is hidden."""
    for group in parser._action_groups:  # noqa: SLF001  # argparse has no other way
        for action in group._group_actions:  # noqa: SLF001
            if action.help is not argparse.SUPPRESS and not isinstance(action, argparse._HelpAction):  # noqa: SLF001
                yield group.title or "", action


def same(action: argparse.Action) -> tuple[object, ...]:
    """Return what makes two verbs' options one."""
    return (*action.option_strings, action.metavar, action.nargs == 0)


def item(parser: argparse.ArgumentParser, action: argparse.Action) -> list[str]:
    """Return an option, or what stands without one, with its help."""
    formatter = parser._get_formatter()  # noqa: SLF001
    if action.option_strings:
        value = "" if action.nargs == 0 else formatter._format_args(action, action.dest.upper())  # noqa: SLF001
        head = ", ".join(map(bold, action.option_strings)) + (f" \\fI{escape(value)}\\fR" if value else "")
    else:
        head = f"\\fI{escape(str(action.metavar or action.dest))}\\fR"
    text = (action.help or "") % {**vars(action), "prog": parser.prog}
    return [".TP", head, escape(text)]


def verb_section(name: str, verb: Verb, shared: dict[tuple[object, ...], str]) -> list[str]:
    """Return the lines on one verb: what it is for, its own options, which of the shared ones it takes."""
    parser = parser_of(name, verb)
    usage = " ".join(parser.format_usage().split())
    positionals = re.search(r"(?:\s(?:\[[A-Z][^\]]*\]|[A-Z]+))*$", usage)
    lines = [f'.SS "lock {name}{escape(positionals.group() if positionals else "")}"']
    lines.append(escape(" ".join((parser.description or "").split())))
    taken: dict[str, list[str]] = {group: [] for group in SHARED}
    for _, action in actions_of(parser):
        group = shared.get(same(action))
        if group and action.option_strings:
            taken[group].append(action.option_strings[-1])
        else:
            lines += item(parser, action)
    lines += [".PP", *shared_line(taken, shared)]
    if parser.epilog:
        lines += ["", ".nf", escape(parser.epilog.rstrip()), ".fi"]
    return lines


def shared_line(taken: dict[str, list[str]], shared: dict[tuple[object, ...], str]) -> list[str]:
    """Return the line on the options of the page's first part that a verb takes too."""
    whole = [group for group, names in taken.items() if len(names) == list(shared.values()).count(group)]
    some = [
        f"of {group} {', '.join(map(bold, taken[group]))}"
        for group in taken
        if taken[group] and group not in whole
    ]
    told = ([f"all of {', '.join(whole)}"] if whole else []) + some
    return [f"Of the options above it takes {'; '.join(told)}."] if told else []


def page() -> str:
    """Return the text of docs/lock.1."""
    main = parser_of(None, DEFAULT)
    shared = {same(action): group for group, action in actions_of(main) if group in SHARED}
    lines = [
        '.\\" Made by scripts/build_man_page.py from the parsers of the command.',
        ".TH LOCK 1",
        ".SH NAME",
        "lock \\- conda and PyPI packages solved in one search, and the lockfile's life afterwards",
        ".SH SYNOPSIS",
        f"{bold('lock')} [\\fIoptions\\fR] \\fIFILE\\fR...",
        ".br",
        f"{bold('lock')} \\fIVERB\\fR [\\fIoptions\\fR] ...",
        ".SH DESCRIPTION",
        escape(" ".join((main.description or "").split())),
        ".SH OPTIONS",
    ]
    title = ""
    for group, action in actions_of(main):
        if group in ("what to do", *SHARED) and group != title:
            lines.append(f'.SS "{escape(group.capitalize())}"')
            title = group
        lines += item(main, action)
    lines.append(".SH VERBS")
    for name, verb in VERBS.items():
        lines += verb_section(name, verb, shared)
    lines.append(".SH EXIT STATUS")
    for code, words in EXITS:
        lines += [".TP", bold(code), escape(words)]
    lines += [
        ".SH ENVIRONMENT",
        escape(
            "Every setting has a variable LOCK_NAME; `lock --show-settings` names them with their values."
        ),
        escape("NO_COLOR and FORCE_COLOR are honoured. LOCK_AUTH_HOST holds a credential of a host."),
        ".SH FILES",
        ".TP",
        "\\fIlockstack.toml\\fR",
        "Settings, beside the input; or [tool.lockstack] of the pyproject.toml there.",
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def main(arguments: list[str]) -> int:
    """Write the page, or compare it."""
    wanted = page()
    if "--check" in arguments:
        is_stale = not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != wanted
        print("stale: docs/lock.1" if is_stale else "docs/lock.1 is up to date")
        return int(is_stale)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
