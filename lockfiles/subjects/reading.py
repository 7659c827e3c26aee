"""Everything that a check is asked to look at, a resolution each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from lockfiles.files import look_for
from lockfiles.session import DEFAULT_PLATFORM, SessionRequest
from lockfiles.subjects.locks import lock_text, read_lock
from lockfiles.surroundings import Surroundings
from resolver.checks.context import CheckContext
from resolver.errors import InputError
from resolver.model.loggers import lazy_logger
from resolver.model.origin import Origin
from resolver.model.resolution import Resolution
from resolver.model.target import Target

if TYPE_CHECKING:
    from lockfiles.session import Session
    from resolver.checks.registry import TryFix
    from resolver.machine.description import Machine
    from resolver.model.images import NamedImage
    from resolver.model.requirements import OfferedEnvironment, Requirements


logger = lazy_logger(__name__)


class SubjectRequest(SessionRequest, frozen=True, kw_only=True):
    """What to check.

    ``files``: lockfiles, requirements with pins, environment files (which are locked
    first). ``environment`` is that of a pixi.lock or manifest. ``requirements``: the environment
    files that a lockfile was made from, for who asked for what.
    """

    prefix: str | None = None  #: the folder of an environment: what is installed there
    against: str | None = None  #: the lockfile that the prefix was made from
    every_byte: bool = False  #: compare installed files of any size by their hash
    environment: str | None = None
    requirements: tuple[str, ...] = ()


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """One resolution to check; ``name`` is the file or folder, None where only a machine is checked.

    ``sources`` are the environment files that a lockfile says it was made from.
    """

    name: str | None
    context: CheckContext
    try_fix: TryFix | None = None
    sources: tuple[str, ...] = ()
    environment: str | None = None  #: of the lockfile

    def with_requirements(self, surroundings: Surroundings) -> CheckContext | None:
        """Return the context with what the sources ask for; None where they are gone or can't be read."""
        if self.context.requirements is not None or not self.sources:
            return None
        try:
            return replace(
                self.context,
                requirements=_read_requirements(self.sources, surroundings, self.environment),
            )
        except (InputError, OSError) as error:
            logger.info("who asked for what isn't known: %s", error)
            return None


class Files(msgspec.Struct, frozen=True, kw_only=True):
    """The files of a request, read: lockfiles as texts, all others as one session."""

    locks: Mapping[str, str]
    session: Session | None = None
    part: OfferedEnvironment | None = None  #: of the session's answer: an environment of a solve-group

    @property
    def image(self) -> NamedImage | None:
        """The image that an Azure ML definition among them is built on."""
        return self.session.requirements.image if self.session is not None else None


def open_files(request: SubjectRequest) -> Files:
    """Read the files that are to be checked; raises InputError and its kin."""
    if request.against and not request.prefix:
        raise InputError(
            "`--against` without `--prefix`",
            Origin(file="--against"),
            f"Name the environment: `lock check --prefix DIR --against {request.against}`; "
            "`lock diff` compares two lockfiles.",
        )
    look_for((*request.files, *request.requirements, *((request.against,) if request.against else ())))
    texts = {name: lock_text(name) for name in request.files}
    locks = {name: text for name, text in texts.items() if text is not None}
    rest = tuple(name for name in request.files if name not in locks)
    if not rest:
        return Files(locks=locks)
    from lockfiles.named_environment import with_environment
    from lockfiles.session import open_session

    asked, part = with_environment(replace(request, files=rest), request.environment)
    return Files(locks=locks, session=open_session(asked), part=part)


def read_subjects(request: SubjectRequest, files: Files, machine: Machine) -> list[Checked]:
    """Return everything to check, a file for each platform it holds; raises InputError and its kin."""
    today = request.surroundings.today()
    asked = None
    if request.requirements:
        asked = _read_requirements(request.requirements, request.surroundings, request.environment)
    blank = CheckContext(resolution=_nothing(), machine=machine, today=today)
    installed_or_locked = replace(blank, requirements=asked)
    found: list[Checked] = []
    if request.prefix:
        found.append(_read_prefix(request.prefix, request, installed_or_locked))
    for name, text in files.locks.items():
        found += _read_lock(name, text, request, installed_or_locked)
    if files.session is not None:
        found += _read_session(files.session, files.part, blank)
    if not found:
        if files.locks:
            held = ", ".join(files.locks)
            if not request.platforms:
                raise InputError("holds no platform", Origin(file=held))
            raise InputError(
                f"no platform {', '.join(request.platforms)} in {held}", Origin(file="--platform")
            )
        found.append(Checked(name=None, context=blank))
    return found


def _nothing() -> Resolution:
    return Resolution(target=Target(subdir="linux-64"), python=None, conda=(), pypi=())


def _read_prefix(prefix: str, request: SubjectRequest, context: CheckContext) -> Checked:
    from lockfiles.subjects.prefix.locked import read_locked
    from lockfiles.subjects.prefix.reading import read_prefix
    from lockfiles.subjects.prefix.resolution import resolution_of

    platform = next(iter(request.platforms), DEFAULT_PLATFORM)
    installation = read_prefix(Path(prefix), platform, every_byte=request.every_byte)
    every = request.all_extras or request.all_groups
    categories = None if every else (*request.extras, *request.groups)
    locked = (
        read_locked(request.against, installation, environment=request.environment, categories=categories)
        if request.against
        else None
    )
    resolution = resolution_of(installation)
    return Checked(
        name=prefix,
        context=replace(context, resolution=resolution, installation=installation, locked=locked),
    )


def _read_lock(name: str, text: str, request: SubjectRequest, context: CheckContext) -> list[Checked]:
    from lockfiles.formats.reading import LockReadOptions

    options = LockReadOptions(
        environment=request.environment,
        platforms=request.platforms,
        python=request.python,
        groups=request.asked_groups,
    )
    resolutions, sources = read_lock(text, name, options)
    return [
        Checked(
            name=name,
            context=replace(context, resolution=resolution),
            sources=sources,
            environment=request.environment,
        )
        for resolution in resolutions
        if not request.platforms or resolution.target.subdir in request.platforms
    ]


def _read_requirements(
    names: Sequence[str], surroundings: Surroundings, environment: str | None
) -> Requirements:
    """Return the lines of files: of a pixi manifest those of an environment that it lists."""
    from lockfiles.named_environment import base_names
    from resolver.inputs.groups import GroupChoice
    from resolver.inputs.reading import parse_inputs

    every = parse_inputs(names, surroundings.read, environ=surroundings.environ)
    known = {one.name for one in every.environments}
    wanted = next((name for name in base_names(environment) if name in known), None)
    if wanted is None:
        return every
    chosen = GroupChoice(environments=(wanted,))
    return parse_inputs(names, surroundings.read, environ=surroundings.environ, groups=chosen)


def _read_session(session: Session, part: OfferedEnvironment | None, context: CheckContext) -> list[Checked]:
    """Return contexts of pinned requirements as they stand, of anything else as it is locked now.

    ``part``: the environment that is meant of several that are solved together.
    """
    from lockfiles.formats.requirements.pins import is_pinned, resolution_of_pins
    from lockfiles.machine import with_machine
    from lockfiles.named_environment import lines_of, part_of
    from lockfiles.session import log_notices
    from lockfiles.subjects.fixes import FixSolver

    log_notices(session)
    targets = tuple(with_machine(target, context.machine) for target in session.targets)
    solver = None
    if is_pinned(session.requirements):
        resolutions = tuple(resolution_of_pins(session.requirements, target) for target in targets)
    else:
        solver = FixSolver(replace(session, targets=targets), context.machine)
        resolutions = solver.solve(session.requirements)
    return [
        Checked(
            name=", ".join(session.files),
            context=replace(
                context, resolution=part_of(item, part), requirements=lines_of(session.requirements, part)
            ),
            try_fix=solver.try_fix if solver else None,
        )
        for item in resolutions
    ]
