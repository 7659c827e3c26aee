"""A run once more, as a hint names it: what was typed, without what may not be shown."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lockfiles.session import SessionRequest


def command_of(request: SessionRequest, verb: str = "lock", environment: str | None = None) -> str:
    """Return ``lock FILE... FLAGS`` for a request; ``...`` stands for places and addresses with secrets.

    ``environment``: the one that the verb was given, where it takes one.
    """
    return " ".join((verb, *_words(request, (environment,) if environment else request.environments)))


def _words(request: SessionRequest, environments: Iterable[str]) -> Iterator[str]:
    from lockfiles.asked_flags import flags_of, parse_flags
    from lockfiles.settings.table import BY_NAME

    yield from map(shlex.quote, request.files)
    yield from _repeated("--environment", environments)
    if request.all_environments:
        yield "--all-environments"
    recorded = parse_flags(flags_of(request))
    yield from _repeated("--platform", request.platforms)
    for name, value in recorded.settings.items():
        yield from _setting(BY_NAME[name].source, value)
    for name, value in recorded.machine.items():
        yield from _setting(f"--{name.replace('_', '-')}", value)
    for name in recorded.withheld:
        flag = BY_NAME[name].source if name in BY_NAME else f"--{name.replace('_', '-')}"
        yield f"{flag} ..."
    yield from _repeated("--group", request.groups)
    yield from _repeated("--extra", request.extras)
    yield from (["--all-groups"] if request.all_groups else [])
    yield from (["--all-extras"] if request.all_extras else [])
    if output := request.settings.get("output"):
        yield from _setting("--output", output)


def _repeated(flag: str, values: Iterable[str]) -> Iterator[str]:
    for value in values:
        yield from _setting(flag, value)


def _setting(flag: str, value: Any) -> Iterator[str]:
    """Yield a flag with its value; of a list once each, of a switch alone."""
    if value is True:
        yield flag
    elif isinstance(value, list | tuple):
        yield from _repeated(flag, map(str, value))
    elif value is not False:
        yield f"{flag} {shlex.quote(str(value))}"
