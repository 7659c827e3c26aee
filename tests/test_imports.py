"""How modules hang together: no import circle, and argument parsing in the command alone."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator

import networkx as nx
import pytest

from lockfiles.cli.verbs import DEFAULT, VERBS
from tests.support.trees import trees

PACKAGES = ("resolver", "lockfiles")
#: Modules of the command that read parsed arguments: all others take one frozen value.
ARGUMENT_MODULES = {
    "lockfiles.cli.amend_arguments",
    "lockfiles.cli.arguments",
    "lockfiles.cli.fleet.merge_arguments",
    "lockfiles.cli.fleet.upkeep_arguments",
    "lockfiles.cli.lockfile_arguments",
    "lockfiles.cli.parser",
    *(verb.arguments for verb in (DEFAULT, *VERBS.values())),
}


@functools.cache
def modules() -> dict[str, ast.Module]:
    """Return dotted name -> syntax tree of every module of the project."""
    return {
        ".".join(path.with_suffix("").parts).removesuffix(".__init__"): tree for path, tree in trees().items()
    }


@functools.cache
def imported_by(name: str) -> frozenset[str]:
    """Return the modules that a module of the project imports."""
    return frozenset(imports(modules()[name], set(modules())))


def imports(tree: ast.Module, known: set[str]) -> Iterator[str]:
    """Yield the modules that a module imports: at its top, within functions, and for type checkers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else node.module


def circles(trees: dict[str, ast.Module]) -> list[list[str]]:
    """Return groups of modules that import one another, however far around."""
    known = set(trees)
    graph: nx.DiGraph[str] = nx.DiGraph()
    for name, tree in trees.items():
        graph.add_edges_from((name, other) for other in imports(tree, known) if other in known)
    found = [sorted(group) for group in nx.strongly_connected_components(graph) if len(group) > 1]
    return sorted(found + [[name] for name in nx.nodes_with_selfloops(graph)])


def test_no_import_circle() -> None:
    """Imports within functions and for types alone count: whoever reads one has to read the other.

    The two packages themselves are left out: they name what is public for type checkers, and load nothing.
    """
    assert circles({name: tree for name, tree in modules().items() if name not in PACKAGES}) == []


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        pytest.param({"a": "import b", "b": "import a"}, [["a", "b"]], id="at the top"),
        pytest.param(
            {"a": "import b", "b": "def f():\n    from c import x", "c": "import a"},
            [["a", "b", "c"]],
            id="within a function, around three",
        ),
        pytest.param(
            {"a": "if TYPE_CHECKING:\n    from p import b", "p.b": "import a"},
            [["a", "p.b"]],
            id="for types alone, of a submodule",
        ),
        pytest.param(
            {"a": "from b import x\nfrom c import y", "b": "import c", "c": "import os"}, [], id="none"
        ),
    ],
)
def test_circles_are_found(texts: dict[str, str], found: list[list[str]]) -> None:
    assert circles({name: ast.parse(text) for name, text in texts.items()}) == found


def test_only_the_command_knows_argparse() -> None:
    users = {name for name in modules() if "argparse" in imported_by(name)}
    assert {name for name in users if not name.startswith("lockfiles.cli.")} == set()
    assert users >= ARGUMENT_MODULES


def test_parsed_arguments_are_read_in_the_argument_modules_alone() -> None:
    users = {
        name
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name)
        and (node.attr if isinstance(node, ast.Attribute) else node.id) == "Namespace"
    }
    assert users == ARGUMENT_MODULES


def test_nothing_below_the_command_switches_the_collector() -> None:
    users = {name for name in modules() if "gc" in imported_by(name)}
    # a fleet's worker does so between the jobs of a process that is its own, and puts it back
    assert users == {"lockfiles.cli.main", "lockfiles.cli.fleet.command", "lockfiles.fleet.engines.worker"}
