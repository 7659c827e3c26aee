"""What ``lock check`` looks at: lockfiles, pins, prefixes, environment files (locked first)."""

from __future__ import annotations

import argparse
import logging
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from resolver.checks.context import CheckContext
from resolver.errors import InputError, NoSolutionError
from resolver.model.origin import Origin
from resolver.model.resolution import Resolution
from resolver.model.target import Target
from resolver.values import replace

if TYPE_CHECKING:
    from lockfiles.formats.reading import ReadOptions
    from lockfiles.session import Session
    from resolver.checks.registry import Proposal, Rule, TryFix
    from resolver.machine.description import Machine
    from resolver.model.requirements import Requirements

logger = logging.getLogger(__name__)

#: More solves than this for the fixes of one file take longer than people wait.
MOST_TRIED_FIXES = 8


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """One resolution to check; ``name`` is the file or folder, None where only a machine is checked.

    ``sources`` are the environment files that a lockfile says it was made from.
    """

    name: str | None
    context: CheckContext
    try_fix: TryFix | None = None
    sources: tuple[str, ...] = ()

    def with_requirements(self) -> CheckContext | None:
        """Return the context with what the sources ask for; None where they are gone or can't be read."""
        if self.context.requirements is not None or not self.sources:
            return None
        try:
            return replace(self.context, requirements=_read_requirements(list(self.sources)))
        except (InputError, OSError) as error:
            logger.info("who asked for what isn't known: %s", error)
            return None


def read_checked(arguments: argparse.Namespace, machine: Machine) -> list[Checked]:
    """Return everything to check, a file for each platform it holds; raises InputError and its kin."""
    from lockfiles.formats.reading import ReadOptions

    today = datetime.now(UTC).date().isoformat()
    asked = _read_requirements(arguments.requirements) if arguments.requirements else None
    found: list[Checked] = []
    if arguments.prefix:
        from lockfiles.cli.check.prefix import read_prefix

        resolution = read_prefix(
            Path(arguments.prefix), _platforms(arguments)[0] if _platforms(arguments) else "linux-64"
        )
        context = CheckContext(
            resolution=resolution, machine=machine, requirements=asked, installed=True, today=today
        )
        found.append(Checked(name=arguments.prefix, context=context))
    locks = [(name, text) for name in arguments.files if (text := _lock_text(name)) is not None]
    for name, text in locks:
        wanted = _platforms(arguments)
        options = ReadOptions(environment=arguments.environment, platform=(wanted or ("linux-64",))[0])
        resolutions, sources = read_lock(text, name, options)
        for resolution in resolutions:
            if wanted and resolution.target.subdir not in wanted:
                continue
            context = CheckContext(resolution=resolution, machine=machine, requirements=asked, today=today)
            found.append(Checked(name=name, context=context, sources=sources))
    rest = [name for name in arguments.files if name not in {name for name, _ in locks}]
    if rest:
        found.extend(_read_inputs(arguments, rest, machine, today))
    if not found:
        if locks:
            held = ", ".join(name for name, _ in locks)
            raise InputError(
                f"no platform {', '.join(_platforms(arguments))} in {held}", Origin(file="--platform")
            )
        empty = Resolution(target=Target(subdir="linux-64"), python=None, conda=(), pypi=())
        found.append(Checked(name=None, context=CheckContext(resolution=empty, machine=machine, today=today)))
    return found


def _platforms(arguments: argparse.Namespace) -> tuple[str, ...]:
    return tuple(getattr(arguments, "platforms", ()) or ())


def _read_text(name: str) -> str:
    from resolver.inputs.text import decode_text

    try:
        return decode_text(Path(name).read_bytes(), name)
    except IsADirectoryError:
        raise InputError(
            f"`{name}` is a folder", Origin(file=name), f"Use `--prefix {name}` for an environment."
        ) from None
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror}", Origin(file=name)) from None


def _lock_text(name: str) -> str | None:
    """Return the text of a lockfile; None for a file that must be locked first."""
    from resolver.inputs.file_kinds import is_lockfile

    if not Path(name).is_file():
        if name.lower().endswith((".yml", ".yaml", ".lock")):
            _read_text(name)  # says what is wrong with it
        return None
    text = _read_text(name)
    return text if is_lockfile(text, name) else None


def read_lock(text: str, name: str, options: ReadOptions) -> tuple[tuple[Resolution, ...], tuple[str, ...]]:
    """Return the resolutions of a lockfile of any format, by platform, and its source files."""
    from lockfiles.formats.reading import read_lockfile

    found = read_lockfile(text, name, options)
    folder = Path(name).parent
    return found.resolutions, tuple((folder / source).as_posix() for source in found.metadata.sources)


def _read_requirements(names: list[str]) -> Requirements:
    from resolver.inputs.reading import parse_inputs

    return parse_inputs(names, lambda name: Path(name).read_bytes(), environ=os.environ)


def _read_inputs(
    arguments: argparse.Namespace, names: list[str], machine: Machine, today: str
) -> list[Checked]:
    """Return contexts of pinned requirements as they stand, of anything else as it is locked now."""
    from lockfiles.cli.arguments import session_request
    from lockfiles.formats.requirements.pins import is_pinned, resolution_of_pins
    from lockfiles.machine import with_machine
    from lockfiles.session import open_session

    session = open_session(session_request(arguments, names))
    targets = tuple(with_machine(target, machine) for target in session.targets)
    label = ", ".join(names)
    if is_pinned(session.requirements):
        resolutions = tuple(resolution_of_pins(session.requirements, target) for target in targets)
        solver = None
    else:
        solver = _Solver(replace(session, targets=targets), machine)
        resolutions = solver.solve(session.requirements)
    return [
        Checked(
            name=label,
            context=CheckContext(
                resolution=item, machine=machine, requirements=session.requirements, today=today
            ),
            try_fix=solver.try_fix if solver else None,
        )
        for item in resolutions
    ]


class _Solver:
    """Locks the inputs, and tries the changes that rules propose."""

    def __init__(self, session: Session, machine: Machine) -> None:
        self._session, self._machine = session, machine
        self._tried = 0

    def solve(self, requirements: Requirements) -> tuple[Resolution, ...]:
        """Return the resolutions of the requirements, one for each target."""
        from lockfiles.solving import resolve_options
        from resolver.pipeline import resolve

        return resolve(requirements, resolve_options(self._session, preferred={}))

    def try_fix(self, proposal: Proposal, rule: Rule) -> str | None:
        """Return the change in words when it solves and silences the rule, else None."""
        if self._tried >= MOST_TRIED_FIXES:
            return None
        self._tried += 1
        changed = change_requirements(self._session.requirements, proposal)
        try:
            resolutions = self.solve(changed)
        except (NoSolutionError, InputError):
            return None
        for resolution in resolutions:
            context = CheckContext(resolution=resolution, machine=self._machine, requirements=changed)
            if any(True for _ in rule.check(context)):
                return None
        changes = [*proposal.conda, *proposal.pypi]
        return f"{proposal.text}: {', '.join(f'`{text}`' for text in changes)} (solved)"


def change_requirements(base: Requirements, proposal: Proposal) -> Requirements:
    """Return the requirements with those of a proposal in the place of others of the same name."""
    from packaging.requirements import Requirement

    from resolver.model.names import conda_name, pypi_name
    from resolver.model.requirements import CondaRequirement, PypiRequirement

    origin = Origin(file="proposed fix")
    conda = {conda_name(re.split(r"[\s=<>!~\[]", spec.split("::")[-1])[0]): spec for spec in proposal.conda}
    parsed = {pypi_name(Requirement(text).name): (text, Requirement(text)) for text in proposal.pypi}
    return replace(
        base,
        conda=(
            *(item for item in base.conda if item.name not in conda),
            *(CondaRequirement(name=name, spec=spec, origin=origin) for name, spec in conda.items()),
        ),
        pypi=(
            *(item for item in base.pypi if item.name not in parsed),
            *(
                PypiRequirement(
                    name=name,
                    text=text,
                    origin=origin,
                    specifier=str(wanted.specifier),
                    extras=frozenset(map(pypi_name, wanted.extras)),
                )
                for name, (text, wanted) in parsed.items()
            ),
        ),
    )
