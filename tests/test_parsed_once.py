"""Texts become values at named places: readers of files, and what records and metadata say.

A requirement holds what it means (``match_spec``, ``specifier_set``, ``condition``), so
nothing inside reads its text again. A place is a module that turns a text into a value,
and whose text it is; a new one has to be written down here.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator

import pytest

from tests.support.trees import trees

#: Functions and types that read a text, and the modules that they come from.
READERS = {
    "parse_match_spec": "resolver.model.match_spec",
    "parse_specifier": "resolver.model.specifiers",
    "parse_marker": "resolver.model.pep508",
    "parse_requirement": "resolver.model.pep508",
    "SpecifierSet": "packaging.specifiers",
    "Marker": "packaging.markers",
    "Requirement": "packaging.requirements",
}
PLACES = {
    "resolver.model.requirements": "a requirement reads its own texts, each once",
    "resolver.model.match_spec": "a spec without the version that was taken out of it",
    "resolver.model.settled_pins": "what dependencies come to that a lockfile or an environment holds",
    "resolver.model.specifiers": "what this module is for",
    "resolver.model.pep508": "what this module is for",
    "resolver.model.plain_markers": "markers that are read here, where packaging has to judge them",
    "resolver.model.leading_numbers": "specifiers of the tables of facts",
    "resolver.constraints.crossing": "a version of conda's, looked for among those of an index",
    "resolver.inputs.conda_spec": "lines of the user's: the edge",
    "resolver.inputs.pip_requirement": "lines of the user's: the edge",
    "resolver.inputs.pyproject": "`requires-python` of the user's: the edge",
    "resolver.inputs.marker_platforms": "markers of a pyproject.toml's tables: the edge",
    "resolver.metadata.core_metadata": "metadata of releases",
    "resolver.metadata.project_table": "a pyproject.toml in an sdist",
    "resolver.metadata.revision_three": "dependency strings of records, parted by what they say",
    "resolver.constraints.conda_domain": "dependency strings of records, known by their text",
    "resolver.constraints.conda_package": "dependency strings of records, known by their text",
    "resolver.constraints.conditional": "dependency strings of records, known by their text",
    "resolver.constraints.cuda_builds": "dependency strings of records, known by their text",
    "resolver.constraints.name_overlay": "conditions of rows of the name map, each once",
    "resolver.constraints.overrides": "requirements in metadata, known by their text",
    "resolver.constraints.prereleases": "requirements in metadata, known by their text",
    "resolver.constraints.pypi_package": "requirements in metadata, known by their text",
    "resolver.constraints.pypi_side": "requirements in metadata, known by their text",
    "resolver.constraints.python_view": "`requires-python` of releases, known by its text",
    "resolver.explain.logs": "what another tool's log says",
    "resolver.explain.telling.left_out": "dependency strings and requirements of a step, known by their text",
    "resolver.explain.fixes.version_range": "a range that is proposed",
    "resolver.solving.notices.cpu_builds": "dependency strings of pins, and lines beside them",
    "resolver.solving.notices.first_index": "specifiers of pins, known by their text",
    "resolver.solving.conditions": "dependency strings of records, known by their text",
    "resolver.solving.pypi_pins": "requirements in metadata, known by their text",
    "lockfiles.fleet.holding": "a package that the user asks about: the edge",
    "lockfiles.identity.normal": "lines of a service's definition, which may be none",
    "lockfiles.request.content_hash_pip": "one clause of a marker, as conda-lock judges it",
    "lockfiles.outdating": "specifiers of pins, known by their text",
    "lockfiles.request.satisfied_conda": "dependency strings that a lockfile holds",
    "lockfiles.request.satisfied_pypi": "specifiers that a lockfile holds",
    "lockfiles.formats.pdm": "requirements that a pdm.lock holds",
    "lockfiles.formats.universal": "markers and specifiers that a lockfile holds, known by their text",
    "lockfiles.update": "what is named to be updated: the edge",
    "lockfiles.settings.tables": "values of settings: the edge",
    "lockfiles.subjects.prefix": "metadata of what is installed",
}


def reading_in(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield each call of a reader with its line; an empty value and a class of one's own are none."""
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if READERS.get(alias.name) == node.module
    } | {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name in READERS}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
            continue
        if node.func.id in names:
            yield node.func.id, node.lineno


@functools.cache
def readings() -> dict[str, list[tuple[str, int]]]:
    """Return module -> its calls of readers."""
    found: dict[str, list[tuple[str, int]]] = {}
    for path, tree in trees().items():
        calls = list(reading_in(tree))
        if calls:
            found[".".join(path.with_suffix("").parts).removesuffix(".__init__")] = calls
    return found


def place_of(module: str) -> str | None:
    """Return the place that a module belongs to."""
    return next((p for p in PLACES if module == p or module.startswith(f"{p}.")), None)


def test_only_named_places_read_texts() -> None:
    assert {m: calls for m, calls in readings().items() if place_of(m) is None} == {}


def test_every_place_is_one() -> None:
    assert set(PLACES) - {place_of(module) for module in readings()} == set()


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("from packaging.markers import Marker\nMarker(x)", ["Marker"]),
        ("def f():\n    from packaging.requirements import Requirement as R\n    R(x)", ["R"]),
        ("class Requirement: ...\nRequirement(x)", []),
        ("from packaging.specifiers import SpecifierSet\nSpecifierSet()", []),
        ("from resolver.model.match_spec import parse_match_spec\nparse_match_spec", []),
    ],
    ids=["a call", "inside a function, renamed", "a class of one's own", "an empty value", "a name alone"],
)
def test_calls_are_found(code: str, names: list[str]) -> None:
    assert [name for name, _ in reading_in(ast.parse(code))] == names
