"""Outdated: what is locked, what the sources have, what the input admits of it, who is against the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from lockfiles.formats.reading import LockReadOptions
from lockfiles.graphs.labels import package_label
from lockfiles.graphs.roots import find_roots
from lockfiles.listener import Listener
from lockfiles.locked_file import LockfileRequest, OpenedLock, open_lockfile
from lockfiles.places import holds_several
from lockfiles.session import Session, SessionRequest, open_session, read_settings
from resolver.errors import NoSolutionError
from resolver.graph import PYPI, Graph, graph_of
from resolver.model.names import CondaName, PypiName
from resolver.model.origin import Origin
from resolver.model.requirements import (
    ChannelRequest,
    CondaRequirement,
    PypiRequirement,
    Requirements,
)
from resolver.model.resolution import CondaPin, PypiPin, Resolution

if TYPE_CHECKING:
    from resolver.constraints.universe import JointUniverse
    from resolver.model.target import Target
    from resolver.pipeline import Resolver

#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1
#: The environment of a pixi.lock where none is named.
DEFAULT = "default"
#: Where none of those that are known is against it.
_ELSE = "what else was asked for leaves no newer one"


class OutdatedRequest(SessionRequest, frozen=True, kw_only=True):
    """A lockfile of any format, and the files that it was made from (``files``).

    Without files the sources that the lockfile names count, or a manifest beside it; where there are
    none, what the input admits isn't known. ``transitive``: what comes in, too.
    """

    lockfile: str = "conda-lock.yml"
    environment: str | None = None
    transitive: bool = False


class VersionStanding(msgspec.Struct, frozen=True, kw_only=True):
    """One locked package beside what there is.

    ``fits`` is what a lock from scratch would take (None: it would take none, or nothing says what was
    asked for), ``newest`` what the sources have (None: they have none). ``held_by`` says what is against
    the newest, where that isn't what fits.
    """

    platform: str
    name: str
    manager: str  #: ``conda`` or ``pip``
    locked: str
    fits: str | None
    newest: str | None
    is_asked: bool
    held_by: tuple[str, ...] = ()

    @property
    def is_outdated(self) -> bool:
        """Whether there is another version than the locked one, or a newer one."""
        return any(found not in (None, self.locked) for found in (self.fits, self.newest))


class Outdated(msgspec.Struct, frozen=True, kw_only=True):
    """Every package that was looked at, by platform and name; ``remarks`` say what isn't known."""

    packages: tuple[VersionStanding, ...]
    remarks: tuple[str, ...] = ()

    @property
    def outdated(self) -> tuple[VersionStanding, ...]:
        """Those that aren't up to date."""
        return tuple(package for package in self.packages if package.is_outdated)

    def to_json(self) -> dict[str, Any]:
        """Return what was looked at as JSON values, with ``schema_version``."""
        return {
            "schema_version": SCHEMA_VERSION,
            "packages": [
                {
                    "platform": one.platform,
                    "name": one.name,
                    "manager": one.manager,
                    "locked": one.locked,
                    "fits": one.fits,
                    "newest": one.newest,
                    "asked": one.is_asked,
                    "outdated": one.is_outdated,
                    "held_by": list(one.held_by),
                }
                for one in self.packages
            ],
            "remarks": list(self.remarks),
        }


def outdated(request: OutdatedRequest, listener: Listener | None = None) -> Outdated:
    """Ask the sources what there is of each package of a lockfile; nothing is written.

    Raises InputError and SourceError. An input without a solution is a remark.
    """
    from lockfiles.solving import resolve_options
    from resolver.pipeline import Reporter, Resolver

    listener = listener or Listener()
    options = LockReadOptions(
        environment=request.environment,
        platforms=request.platforms,
        python=request.python,
        groups=request.asked_groups,
    )
    opened = open_lockfile(request.lockfile, options, request.surroundings, beside=request.files)
    session, has_input, remarks = _open(request, opened)
    found: list[VersionStanding] = []
    with (
        listener.solving(session.settings) as reporter,
        Resolver(
            session.requirements, resolve_options(session, preferred={}), reporter or Reporter()
        ) as bench,
    ):
        targets = {target.subdir: target for target in session.targets}
        for resolution in opened.resolutions:
            one = _Comparison(
                bench, session, resolution, targets[resolution.target.subdir], has_input=has_input
            )
            found += one.standings(transitive=request.transitive)
            remarks += one.remarks
    missing = sorted({one.name for one in found if one.newest is None})
    if missing:
        remarks.append(f"the sources have no version of {', '.join(f'`{name}`' for name in missing)}")
    said = dict.fromkeys(notice.text for notice in opened.content.notices)
    return Outdated(packages=tuple(found), remarks=(*said, *remarks))


def _open(request: OutdatedRequest, opened: OpenedLock) -> tuple[Session, bool, list[str]]:
    """Return a session, whether it is of the input (else it asks for the locked names alone), and remarks."""
    held = tuple(resolution.target.subdir for resolution in opened.resolutions)
    files = request.files
    asked = None
    if not files:
        of_lock = LockfileRequest(environment=request.environment, surroundings=request.surroundings)
        asked = find_roots(opened, of_lock)
    settings = {**request.settings, "platforms": held}
    again = msgspec.structs.replace(request, settings=settings, files=files or (asked.files if asked else ()))
    if asked is None or asked.requirements is not None:
        session, remarks = _open_as_before(again, opened)
        return session, True, remarks
    unknown = (
        f"`{opened.name}` doesn't say what was asked for, so what fits isn't known; "
        "`--input FILE` names the file that it was made from"
    )
    return open_session(again, _names_alone(opened)), False, list(asked.remarks or (unknown,))


def _open_as_before(request: OutdatedRequest, opened: OpenedLock) -> tuple[Session, list[str]]:
    """Return the session of the input, with the flags and the environment that the lockfile was made with.

    A flag that the lockfile doesn't record is a remark.
    """
    from lockfiles.named_environment import with_environment
    from lockfiles.recorded_flags import missing_flags, read_flags, with_flags

    settings, flags = read_settings(request), read_flags(opened.content.metadata, opened.name)
    remarks = [
        f"`{opened.name}` was made with `{flag}`, which it doesn't record: what fits may differ"
        for flag in missing_flags(request, settings, flags)
    ]
    asked = with_flags(request, settings, flags)
    name = request.environment or (DEFAULT if holds_several(Path(opened.name)) else None)
    asked, _ = with_environment(asked, name, must_be_listed=False)
    return open_session(asked), remarks


def _names_alone(opened: OpenedLock) -> Requirements:
    """Return requirements that name what is locked, at any version, and the channels that it came from."""
    origin = Origin(file=opened.name)
    pins = [pin for resolution in opened.resolutions for pin in resolution.conda]
    names = dict.fromkeys(pin.name for pin in pins)
    projects = dict.fromkeys(pin.name for found in opened.resolutions for pin in found.pypi)
    channels = [channel.url for channel in opened.content.metadata.channels]
    return Requirements(
        channels=tuple(
            ChannelRequest(text=text, origin=origin)
            for text in dict.fromkeys(channels or [pin.channel.base_url for pin in pins])
        ),
        conda=tuple(CondaRequirement(name=name, spec=name, origin=origin) for name in names),
        pypi=tuple(PypiRequirement(name=name, text=name, origin=origin) for name in projects),
        files=(opened.name,),
    )


class _Comparison:
    """One platform of the lockfile beside the sources."""

    def __init__(
        self, bench: Resolver, session: Session, resolution: Resolution, target: Target, *, has_input: bool
    ) -> None:
        self._asked = bench.requirements if has_input else None
        self._locked = graph_of(resolution, self._asked)
        self._universe: JointUniverse = bench.universe(target)
        self.remarks: list[str] = []
        self._fitting: Graph | None = None
        self._reasons: dict[str, str] = {}
        if has_input:
            try:
                solved = bench.resolve(target)
            except NoSolutionError:
                how = f"`lock explain {' '.join(session.files)}` says why"
                self.remarks.append(f"{target.subdir}: what is asked for has no solution now; {how}")
            else:
                self._fitting = graph_of(solved, self._asked)
                self._reasons = {
                    str(notice.package): str(notice.facts["reason"])
                    for notice in solved.notices
                    if notice.code == "held-back"
                }

    def standings(self, *, transitive: bool) -> list[VersionStanding]:
        """Return the packages that were asked for, or all of them, by name; but for direct references."""
        nodes = self._locked.nodes if transitive else self._locked.asked
        pins = {node: self._locked.nodes[node] for node in nodes}
        if self._universe.pypi is not None:
            projects = [pin.name for pin in pins.values() if isinstance(pin, PypiPin)]
            self._universe.pypi.source.prefetch_projects(projects)
        self._universe.conda.prefetch([pin.name for pin in pins.values() if isinstance(pin, CondaPin)])
        return [
            self._standing(node, pin)
            for node, pin in pins.items()
            if isinstance(pin, CondaPin) or pin.direct is None
        ]

    def _standing(self, node: str, pin: CondaPin | PypiPin) -> VersionStanding:
        from resolver.solving.newest import newest_build, newest_release

        is_conda = isinstance(pin, CondaPin)
        newest = (
            newest_build(self._universe, pin.name)
            if isinstance(pin, CondaPin)
            else newest_release(self._universe, pin.name)
        )
        there = self._fitting.nodes.get(node) if self._fitting is not None else None
        fits = _version(there) if there is not None else None
        is_held = newest is not None and newest != (fits or _version(pin))
        return VersionStanding(
            platform=self._locked.platform,
            name=str(pin.name),
            manager="conda" if is_conda else "pip",
            locked=_version(pin),
            fits=fits,
            newest=newest,
            is_asked=node in self._locked.asked and self._locked.knows_asked,
            held_by=tuple(dict.fromkeys(self._held_by(node, newest))) if newest and is_held else (),
        )

    def _held_by(self, node: str, newest: str) -> Iterator[str]:
        """Yield what doesn't admit the newest version: lines, packages, else the search's reason."""
        graph = self._fitting if self._fitting is not None and node in self._fitting.nodes else self._locked
        found = [*self._lines(node, newest), *self._dependents(graph, node, newest)]
        if not found and self._fitting is not None:
            found = [self._reasons.get(node.removeprefix(PYPI), _ELSE)]
        yield from found

    def _lines(self, node: str, newest: str) -> Iterator[str]:
        asked: Sequence[CondaRequirement | PypiRequirement] = ()
        if self._asked is not None:
            asked = (*self._asked.conda, *self._asked.pypi)
        is_project = node.startswith(PYPI)
        for line in asked:
            if line.name != node.removeprefix(PYPI) or isinstance(line, PypiRequirement) is not is_project:
                continue
            if line.platforms is not None and self._locked.platform not in line.platforms:
                continue
            text = line.specifier if isinstance(line, PypiRequirement) else line.spec
            if not self._admits(node, text, newest):
                said = line.text if isinstance(line, PypiRequirement) else line.spec
                yield f"`{said}` ({line.origin})"

    def _dependents(self, graph: Graph, node: str, newest: str) -> Iterator[str]:
        for edge in graph.needed_by[node]:
            source = graph.nodes[edge.source]
            texts: Iterable[str]
            if isinstance(source, PypiPin):
                if not node.startswith(PYPI):
                    continue  # a project's version, which conda may spell in another way
                texts = (source.dependencies.get(PypiName(node.removeprefix(PYPI)), ""),)
            else:
                texts = edge.requirements
            if not all(self._admits(node, text, newest) for text in texts):
                yield f"{package_label(graph, edge.source)} needs {edge.requirement}"
        for pin in graph.nodes.values():
            if isinstance(pin, CondaPin) and not node.startswith(PYPI):
                yield from self._limits(pin, node, newest)

    def _limits(self, pin: CondaPin, node: str, newest: str) -> Iterator[str]:
        from resolver.model.dependency_text import dependency_name

        for text in pin.record.constrains:
            if dependency_name(text) == node and not self._admits(node, text, newest):
                yield f"{pin.name} {pin.record.version} goes only with {text}"

    def _admits(self, node: str, text: str, newest: str) -> bool:
        if node.startswith(PYPI):
            from resolver.model.specifiers import parse_specifier
            from resolver.model.unusable import Unusable

            specifier = parse_specifier(text)
            return isinstance(specifier, Unusable) or specifier.contains(newest, prereleases=True)
        from resolver.solving.newest import admits_build

        return admits_build(self._universe, CondaName(node), text, newest)


def _version(pin: CondaPin | PypiPin) -> str:
    return pin.record.version if isinstance(pin, CondaPin) else pin.version
