"""Which PyPI projects a conda record ships, and which conda packages may ship a project.

Four sources, the first that speaks decides:

1. the user's overlay (:mod:`resolver.constraints.name_overlay`);
2. the record's own ``purls``: those of type ``pypi``; an empty list says that it ships none;
3. the table in ``data/name_map.json``: names that differ, one-to-many where needed, some under a
   condition on the record, and names that are *not* the PyPI project of the same name;
4. the same name, for records that depend on python: a C library with the name of a PyPI project
   (``zstd``, ``blosc``) ships no project.

A condition (``when``) is a match spec. On the package itself it is matched against the record
(``pyqt >=5,<6``, ``onnxruntime * *cuda*``). On another name it asks for a dependency on that name whose
lowest version is in the spec: ``cuda-version 12.*`` holds for a record that depends on
``cuda-version >=12.0,<13``. Rows of a name add up; a name with rows, none of which holds, ships nothing.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from urllib.parse import unquote

import msgspec

from resolver.constraints.name_overlay import MapRow
from resolver.model.dependency_text import MEMORY, dependency_name, split_dependency
from resolver.model.names import CondaName, PypiName, conda_name, pypi_name
from resolver.model.patterns import pattern
from resolver.model.records import CondaRecord
from resolver.model.version_forms import is_plain

DATA = Path(__file__).with_name("data") / "name_map.json"

#: a dependency on the interpreter, under any of the names that conda builds use for it
_PYTHON = frozenset({"python", "python_abi", "cpython"})
_PURL = pattern(r"pkg:pypi/(?P<name>[^@?#/]+)(?:@(?P<version>[^?#]+))?")
_CLAUSE = pattern(r"(?P<operator>[<>=!~]*)\s*(?P<version>[0-9][0-9A-Za-z_.!+]*)")
_LOWER_BOUNDS = frozenset({"", "=", "==", "===", "~=", ">=", ">"})

Rows = Mapping[CondaName, tuple[MapRow, ...]]


class NameMap(msgspec.Struct, frozen=True, kw_only=True):
    """The map, made by :meth:`load`; immutable."""

    table: Rows
    overlay: Rows
    names: Mapping[PypiName, tuple[CondaName, ...]]  #: project -> conda names that the table gives to it

    @classmethod
    def load(cls, overlay: Path | str | None = None) -> NameMap:
        """Return the map, with the user's overlay file where one is given.

        Raises InputError (InputErrors for several faults) for an overlay that can't be read.
        """
        rows = _overlay(Path(overlay)) if overlay is not None else ()
        table, names = _read_table()
        return cls(table=table, overlay=_by_conda_name(rows), names=names)

    def pypi_of(self, record: CondaRecord) -> tuple[tuple[PypiName, str | None], ...]:
        """Return the projects that a record ships, sorted, each with its version as PEP 440 spells it.

        The version is None where the conda version has no PEP 440 spelling.
        """
        name = conda_name(record.name)
        own = self.overlay.get(name)
        if own is not None:
            held = [row for row in own if _holds(row, record)]
            if held:
                return _with_version(held, record)
        if record.purls is not None:
            return _from_purls(record)
        rows = self.table.get(name)
        if rows is not None:
            return _with_version([row for row in rows if _holds(row, record)], record)
        if depends_on_python(record):
            return ((pypi_name(name), pep440_version(record.version)),)
        return ()

    def plain(self, name: str) -> PypiName | None:
        """Return the project that builds of a name ship if they depend on python; None: rules say more."""
        own = conda_name(name)
        return None if own in self.overlay or own in self.table else pypi_name(own)

    def always(self, name: str) -> Collection[PypiName] | None:
        """Return the projects that all builds of a name ship which don't say themselves what they do.

        None: that depends on the build, or no rule speaks of it.
        """
        own = conda_name(name)
        rows = self.overlay.get(own) or self.table.get(own)
        if not rows or any(row.when is not None for row in rows):
            return None
        return {row.pypi for row in rows if row.pypi is not None}

    def knows(self, name: str) -> bool:
        """Tell whether a conda package or a project of this name is known: then it is no slip of another."""
        own = conda_name(name)
        return own in self.overlay or own in self.table or pypi_name(own) in self.names

    def conda_names_of(self, project: PypiName) -> tuple[CondaName, ...]:
        """Return every conda name that may ship a project, sorted.

        The same name in its three usual spellings (``-``, ``_``, ``.``) is among them, unless the
        table gives that conda name to another project or to none. Whether a record of such a name
        really ships the project is what :meth:`pypi_of` answers.
        """
        spellings = {CondaName(project)}
        if "-" in project:  # the one separator of normalised names
            spellings.update((CondaName(project.replace("-", "_")), CondaName(project.replace("-", "."))))
        found = {name for name in spellings if name not in self.table}
        found.update(self.names.get(project, ()))
        if not self.overlay:
            return tuple(sorted(found))
        hidden = {
            name
            for name, rows in self.overlay.items()
            if all(row.when is None for row in rows) and all(row.pypi != project for row in rows)
        }
        found.update(name for name, rows in self.overlay.items() if any(row.pypi == project for row in rows))
        return tuple(sorted(found - hidden))

    def best_conda_name(self, project: PypiName) -> CondaName:
        """Return the conda name to ask for for a project: the overlay's, the table's, else its own.

        Names that go on from the project's own are builds or parts of it (``numpy-base``,
        ``torchvision-cpu``) and give way to it; of several others the shortest is taken.
        """
        given = [
            name for name, rows in self.overlay.items() if any(row.pypi == project for row in rows)
        ] or self.names.get(project, ())
        own = CondaName(project)
        others = [name for name in given if name != own and not name.startswith((f"{own}-", f"{own}_"))]
        return min(others, key=lambda name: (len(name), name)) if others and own not in given else own


def depends_on_python(record: CondaRecord) -> bool:
    """Tell whether a record is ``noarch: python`` or names the interpreter among its dependencies."""
    return record.noarch == "python" or any(dependency_name(text) in _PYTHON for text in record.depends)


@functools.lru_cache(maxsize=MEMORY)
def pep440_version(text: str) -> str | None:
    """Return a conda version as PEP 440 spells it, normalised; None where it can't be.

    ``_`` separates the parts of a conda version as ``.`` does. A bare letter at the end is a pre-release for
    both (``1.0a`` is below ``1.0``). Letters that PEP 440 has no place for give None (``9e``, ``1.1.1w``).
    """
    if is_plain(text):
        return text
    from packaging.version import InvalidVersion, Version

    for spelling in (text, text.replace("_", ".")):
        try:
            return str(Version(spelling))
        except InvalidVersion:
            continue
    return None


def _with_version(rows: Iterable[MapRow], record: CondaRecord) -> tuple[tuple[PypiName, str | None], ...]:
    projects = sorted({row.pypi for row in rows if row.pypi is not None})
    return tuple((project, pep440_version(record.version)) for project in projects)


def _from_purls(record: CondaRecord) -> tuple[tuple[PypiName, str | None], ...]:
    """Return the projects that the record's package URLs name; one without a version has the record's."""
    found: dict[PypiName, str | None] = {}
    for purl in record.purls or ():
        match = _PURL.match(purl)
        if match is not None:
            version = unquote(match["version"]) if match["version"] else record.version
            found[pypi_name(unquote(match["name"]))] = pep440_version(version)
    return tuple(sorted(found.items()))


def _holds(row: MapRow, record: CondaRecord) -> bool:
    """Tell whether a row's condition holds for a record; see the module."""
    spec = row.condition
    if spec is None:
        return True
    from resolver.model.match_spec import version_spec_matches

    if spec.name == record.name:
        return spec.matches(record)
    for text in record.depends:
        name, rest = split_dependency(text)
        if name == spec.name:
            lowest = _lowest_version(rest)
            if spec.version is None or (lowest is not None and version_spec_matches(spec.version, lowest)):
                return True
    return False


def _lowest_version(spec: str) -> str | None:
    """Return the first version that a spec names as exact or as a lower bound: 12.0 for ``>=12.0,<13``."""
    for match in _CLAUSE.finditer(spec.partition(" ")[0]):
        if match["operator"] in _LOWER_BOUNDS:
            return match["version"].rstrip(".")
    return None


def _overlay(path: Path) -> tuple[MapRow, ...]:
    from resolver.constraints.name_overlay import parse_overlay
    from resolver.sources.overlay import read_overlay

    return parse_overlay(read_overlay(path), path)


@functools.cache
def _read_table() -> tuple[Rows, Mapping[PypiName, tuple[CondaName, ...]]]:
    """Return the project's own table, by conda name and by project."""
    document = json.loads(DATA.read_bytes())
    rows = _by_conda_name(
        MapRow(conda=conda, pypi=project, when=condition[0] if condition else None)
        for group in document["groups"]
        for conda, project, *condition in group["rows"]
    )
    return rows, _by_project(rows)


def _by_conda_name(rows: Iterable[MapRow]) -> Rows:
    found: dict[CondaName, tuple[MapRow, ...]] = {}
    for row in rows:
        found[row.conda] = (*found.get(row.conda, ()), row)
    return found


def _by_project(rows: Rows) -> Mapping[PypiName, tuple[CondaName, ...]]:
    """Return which conda names the rows give to each project."""
    found: dict[PypiName, tuple[CondaName, ...]] = {}
    for conda, group in rows.items():
        for project in {row.pypi for row in group if row.pypi is not None}:
            found[project] = (*found.get(project, ()), conda)
    return found
