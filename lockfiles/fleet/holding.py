"""Which environments of a fleet hold a package, by their lockfiles of any format; and through whom."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING

import msgspec

from lockfiles.fleet.finding import FindRequest, FoundFiles, Unread, find_files
from lockfiles.surroundings import Surroundings
from resolver.errors import InputError
from resolver.model.origin import Origin

if TYPE_CHECKING:
    from resolver.graph import Graph

_PYPI = "pypi:"
#: Names that lockfiles have; their beginning decides.
_SUFFIXES = frozenset({".yml", ".yaml", ".lock", ".toml", ".txt", ".json"})


class HoldersRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A package, with versions or without (``openssl<3.0.15``, ``pypi:requests``), and where to look."""

    spec: str
    find: FindRequest
    platforms: tuple[str, ...] = ()  #: empty: all
    surroundings: Surroundings = msgspec.field(default_factory=Surroundings)


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """One package of one platform of one lockfile that the request means."""

    file: str
    platform: str
    ecosystem: str  #: ``conda`` or ``pypi``
    name: str
    version: str
    build: str = ""
    asked: tuple[str, ...] = ()  #: lines of the input that ask for it, or for who brings it in
    through: tuple[str, ...] = ()  #: packages of the shortest way, from the one that a line asks for


class Holders(msgspec.Struct, frozen=True, kw_only=True):
    """All that hold it, in the order of the files; ``files``: how many lockfiles were looked at."""

    holders: tuple[Holder, ...]
    files: int
    unread: tuple[Unread, ...] = ()


class Wanted(msgspec.Struct, frozen=True):
    """What a package must be: of conda, of PyPI, or either."""

    name: str
    conda: Callable[[str, str], bool] | None  #: version and build -> whether it is meant
    pypi: Callable[[str], bool] | None  #: version -> whether it is meant
    has_versions: bool = False  #: not every version is meant
    has_build: bool = False

    def may_be_in(self, text: str) -> bool:
        """Tell whether a lockfile's text can hold it: a quick look, before it is read."""
        parts = [re.escape(part) for part in re.split(r"[-_.]+", self.name)]
        return re.search("[-_.]+".join(parts), text, re.IGNORECASE) is not None


def parse_wanted(spec: str, place: str = "SPEC") -> Wanted:
    """Return what a package must be; raises InputError, of this place, for a text that means none."""
    text = spec.removeprefix(_PYPI).strip()
    conda = None if spec.startswith(_PYPI) else _of_conda(text)
    pypi = _of_pypi(text)
    if conda is None and pypi is None:
        raise _unreadable(spec, text, place)
    name = conda[0] if conda is not None else pypi[0] if pypi is not None else text
    return Wanted(
        name,
        conda[1] if conda else None,
        pypi[1] if pypi else None,
        has_versions=bool(conda and conda[2]) or bool(pypi and pypi[2]),
        has_build=bool(conda and conda[3]),
    )


def _unreadable(spec: str, text: str, place: str) -> InputError:
    """Return the error of a text that nobody can read: its versions, if it begins with a name."""
    hint = "A name alone, or with versions as conda or pip have them: `openssl<3.0.15`."
    parts = re.fullmatch(r"([\w.-]*\w)\s*(.+)", text.rpartition("::")[2].strip(), re.ASCII)
    if parts is None:
        return InputError(f"`{spec}` names no package", Origin(file=place), hint)
    return InputError(f"`{spec}`: `{parts[2]}` says no versions of `{parts[1]}`", Origin(file=place), hint)


def _of_conda(text: str) -> tuple[str, Callable[[str, str], bool], bool, bool] | None:
    from resolver.model.match_spec import build_matcher, parse_match_spec, version_spec_matches

    try:
        spec = parse_match_spec(text)
    except ValueError:
        return None
    if not spec.name:
        return None

    def fits(version: str, build: str) -> bool:
        if spec.version is not None and not version_spec_matches(spec.version, version):
            return False
        return spec.build is None or bool(build_matcher(spec.build)(build))

    return str(spec.name), fits, spec.version is not None, spec.build is not None


def _of_pypi(text: str) -> tuple[str, Callable[[str], bool], bool] | None:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        asked = Requirement(text)
    except InvalidRequirement:
        return None
    fits = asked.specifier
    return asked.name, lambda version: fits.contains(version, prereleases=True), bool(fits)


def find_holders(request: HoldersRequest) -> Holders:
    """Return who holds the package.

    A lockfile that can't be read is told, and is not the end. Raises InputError for a spec that means no
    package, and where no lockfile is found.
    """
    wanted = parse_wanted(request.spec)
    found = find_files(request.find, request.surroundings.read, _takes_lockfiles)
    if not found.files:
        places = ", ".join(f"`{path}`" for path in found.empty)
        raise InputError(f"no lockfile in {places}", hint="`lock fleet PATHS` makes them.")
    return _look(request, wanted, found)


def _takes_lockfiles(name: str, beginning: Callable[[], str]) -> bool:
    from resolver.inputs.file_kinds import is_lockfile

    return PurePath(name).suffix.lower() in _SUFFIXES and is_lockfile(beginning(), name)


def _look(request: HoldersRequest, wanted: Wanted, found: FoundFiles) -> Holders:
    from lockfiles.files import read_text
    from lockfiles.graphs.lock_graph import read_graph
    from lockfiles.locked_file import LockfileRequest

    holders: list[Holder] = []
    unread = list(found.unread)
    for name in found.files:
        try:
            if not wanted.may_be_in(read_text(name)):
                continue
            asked = LockfileRequest(lockfile=name, surroundings=request.surroundings)
            for graph in read_graph(asked).graphs:
                if not request.platforms or graph.platform in request.platforms:
                    holders += _held(name, graph, wanted)
        except InputError as error:
            unread.append(Unread(file=name, reason=str(error)))
    return Holders(holders=tuple(holders), files=len(found.files), unread=tuple(unread))


def _held(file: str, graph: Graph, wanted: Wanted) -> Iterator[Holder]:
    from lockfiles.graphs.labels import package_label
    from lockfiles.graphs.ways import shortest_ways
    from resolver.model.resolution import CondaPin

    for node in graph.find(wanted.name):
        pin = graph.nodes[node]
        if isinstance(pin, CondaPin):
            record = pin.record
            if record.name != wanted.name or wanted.conda is None:
                continue
            if not wanted.conda(record.version, record.build):
                continue
            version, build, ecosystem = record.version, record.build, "conda"
        elif wanted.pypi is not None and wanted.pypi(pin.version):
            version, build, ecosystem = pin.version, "", "pypi"
        else:
            continue
        ways = shortest_ways(graph, node)
        yield Holder(
            file=file,
            platform=graph.platform,
            ecosystem=ecosystem,
            name=str(pin.name),
            version=version,
            build=build,
            asked=tuple(dict.fromkeys(str(line) for way in ways for line in way.asked)),
            through=tuple(package_label(graph, step.node) for step in ways[0].steps[:-1]) if ways else (),
        )
