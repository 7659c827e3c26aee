"""Previous pins as preferences, so that a new lock changes as little as it must.

What ``--update`` names::

    numpy           the package, in either ecosystem's spelling
    torch*          every package of the earlier lockfile that the pattern fits
    numpy=1.26      to a version 1.26 or 1.26.x; ``==1.26.4`` to that one; ``<2`` and the like too
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from resolver.errors import InputError
from resolver.model.names import PypiName, conda_name, pypi_name
from resolver.model.origin import Origin
from resolver.model.patterns import pattern
from resolver.model.pins import without_pins
from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements
from resolver.model.resolution import Resolution

#: Ecosystem and name, as in ``conda:numpy`` and ``pypi:requests``.
PackageKey = str

_UPDATE = pattern(r"\s*([A-Za-z0-9_.*?\[\]!-]*[A-Za-z0-9_*?\]])\s*((?:[=<>~]|!=).*)?\Z", re.DOTALL)
_GLOB = frozenset("*?[")


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that ``--update`` names.

    ``spec`` is the version part of a match spec, ``specifier`` the same for PEP 440; both begin
    with an operator, or are empty: the best there is.
    """

    text: str  #: as written
    name: str
    spec: str = ""
    specifier: str = ""

    @property
    def is_pattern(self) -> bool:
        """Whether the name stands for several."""
        return bool(_GLOB & set(self.name))


def parse_update(text: str) -> Update:
    """Return what one ``--update`` asks for; raises InputError for what can't be meant."""
    found = _UPDATE.match(text)
    if found is None:
        raise _refusal(text, "is no name, pattern or `NAME=VERSION`")
    name, spec = found.group(1), re.sub(r"\s+", "", found.group(2) or "")
    update = Update(text=text, name=name, spec=spec, specifier=_pypi_specifier(spec))
    if not spec:
        return update
    if update.is_pattern:
        raise _refusal(text, "gives a pattern a version", "Name one package, or leave the version out.")
    _check_spec(update)
    return update


def _check_spec(update: Update) -> None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    from resolver.model.match_spec import parse_match_spec

    try:
        SpecifierSet(update.specifier)
    except InvalidSpecifier:
        raise _refusal(
            update.text, f"gives no version (`{update.spec}`)", "Write `NAME=VERSION`, as `numpy=1.26`."
        ) from None
    try:
        parse_match_spec(f"{conda_name(update.name)}{update.spec}")
    except ValueError as error:
        raise _refusal(update.text, str(error)) from None


def _refusal(text: str, message: str, hint: str | None = None) -> InputError:
    return InputError(f"`--update {text}` {message}", hint=hint)


def _pypi_specifier(spec: str) -> str:
    """Return a spec as PEP 440 writes it: conda's ``=1.26`` is ``==1.26.*``."""
    single = re.match(r"=(?!=)(.*)\Z", spec)
    if single is None:
        return spec
    version = single.group(1)
    return f"=={version}" if version.endswith("*") or "+" in version else f"=={version}.*"


def expand_updates(updates: Iterable[Update], previous: Sequence[Resolution]) -> tuple[str, ...]:
    """Return the names that are to move, each once, in order; a pattern stands for what it fits."""
    known = sorted(name for resolution in previous for name in _names(resolution))
    found: list[str] = []
    for update in updates:
        if update.is_pattern:
            patterns = {update.name.lower(), re.sub(r"[_.]", "-", update.name.lower())}
            found += [name for name in known if any(fnmatch.fnmatchcase(name, p) for p in patterns)]
        else:
            found.append(update.name)
    return tuple(dict.fromkeys(found))


def lines_of_updates(updates: Iterable[Update], previous: Sequence[Resolution]) -> Requirements:
    """Return the requirements that hold for this run alone: the versions that updates name.

    Each is a constraint, for the ecosystem and the platforms where the earlier lockfile has the
    package. Raises InputError for a package that it doesn't have.
    """
    conda: list[CondaRequirement] = []
    pypi: list[PypiRequirement] = []
    for update in updates:
        if not update.spec:
            continue
        if unknown_updates(previous, (update.name,)):
            raise _refusal(
                update.text,
                "names a package that the earlier lockfile doesn't have",
                "A new package is a line of the input file.",
            )
        for resolution in previous:
            conda += _conda_lines(update, resolution)
            pypi += _pypi_lines(update, resolution)
    return Requirements(conda=tuple(conda), pypi=tuple(pypi))


def _origin(update: Update) -> Origin:
    return Origin(file=f"--update {update.text}")


def _conda_lines(update: Update, resolution: Resolution) -> list[CondaRequirement]:
    wanted = {conda_name(update.name), pypi_name(update.name)}
    return [
        CondaRequirement(
            name=pin.name,
            spec=f"{pin.name}{update.spec}",
            origin=_origin(update),
            platforms=frozenset({resolution.target.subdir}),
            is_constraint=True,
        )
        for pin in resolution.conda
        if pin.name in wanted or pypi_name(pin.name) in wanted
    ]


def _pypi_lines(update: Update, resolution: Resolution) -> list[PypiRequirement]:
    """Return a constraint: the project is there, and it may turn out that nothing needs it."""
    name = pypi_name(update.name)
    by_conda = resolution.provided.get(name)
    is_told_by_conda = by_conda is not None and pypi_name(by_conda[0]) == name
    if name not in {pin.name for pin in resolution.pypi} and (by_conda is None or is_told_by_conda):
        return []
    return [
        PypiRequirement(
            name=name,
            text=f"{name}{update.specifier}",
            origin=_origin(update),
            specifier=update.specifier,
            platforms=frozenset({resolution.target.subdir}),
            is_constraint=True,
        )
    ]


def preferred_pins(
    previous: Iterable[Resolution], *, update: Collection[str] = (), update_all: bool = False
) -> dict[str, Mapping[PackageKey, str]]:
    """Return subdir -> package -> identity of what to try first.

    The identity is a conda package's file name (so that a `.conda` never turns
    into the `.tar.bz2` of the same build), a PyPI project's version. Packages named
    in ``update`` (in either ecosystem's spelling) are left out, so they move
    to the best that fits; ``update_all`` leaves out all.
    """
    if update_all:
        return {}
    return {resolution.target.subdir: without_pins(_pins(resolution), update) for resolution in previous}


def _pins(resolution: Resolution) -> dict[PackageKey, str]:
    found: dict[PackageKey, str] = {}
    for conda in resolution.conda:
        found[f"conda:{conda.record.name}"] = conda.record.file_name
    for pypi in resolution.pypi:
        if pypi.direct is None:
            found[f"pypi:{pypi.name}"] = pypi.version
    return dict(sorted(found.items()))


def unknown_updates(previous: Iterable[Resolution], update: Iterable[str]) -> tuple[str, ...]:
    """Return the names that no previous resolution holds, in order, and the patterns that fit none."""
    known: set[str] = set()
    for resolution in previous:
        known |= _names(resolution)
        known |= {pypi_name(pin.record.name) for pin in resolution.conda}
    return tuple(
        name
        for name in update
        if conda_name(name) not in known
        and pypi_name(name) not in known
        and not (_GLOB & set(name) and fnmatch.filter(known, name.lower()))
    )


def _names(resolution: Resolution) -> set[str]:
    pinned: set[str] = {pin.record.name for pin in resolution.conda}
    projects: set[PypiName] = {pin.name for pin in resolution.pypi} | set(resolution.provided)
    return pinned | projects
