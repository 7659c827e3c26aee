"""Runs test functions of another project with recorders in place of what they import.

A test file is executed without its ``assert`` statements (answers are compared here, not there); imports of
the given modules give stand-ins whose attributes are what is handed in, or else empty. Nothing of the other
project's code but its test functions runs.
"""

from __future__ import annotations

import ast
import inspect
import io
import itertools
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from benchmarks.suites.case import MissingSuiteError


class Nothing:
    """Stands for what a test imports and no recorder needs: may be called, read and subscripted."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __call__(self, *_: object, **__: object) -> Nothing:
        return self

    def __getattr__(self, name: str) -> Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, _: object) -> Nothing:
        return self


class _StandIn(types.ModuleType):
    __path__: list[str] = []  # noqa: RUF012  a package, for the import system

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing


@contextmanager
def _imports(given: Mapping[str, Mapping[str, Any]], roots: tuple[str, ...]) -> Iterator[None]:
    """Let imports of these modules, and of all below the roots, give stand-ins."""
    before = {name: m for name, m in sys.modules.items() if name.split(".")[0] in roots}
    for name in before:
        del sys.modules[name]
    finder = _Finder(given, roots)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [n for n in sys.modules if n.split(".")[0] in roots]:
            del sys.modules[name]
        sys.modules.update(before)


class _Finder:
    def __init__(self, given: Mapping[str, Mapping[str, Any]], roots: tuple[str, ...]) -> None:
        self._given, self._roots = given, roots

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:  # noqa: ARG002
        from importlib.machinery import ModuleSpec

        return ModuleSpec(name, self) if name.split(".")[0] in self._roots else None

    def create_module(self, spec: Any) -> types.ModuleType:
        module = _StandIn(spec.name)
        vars(module).update(self._given.get(spec.name, {}))
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing to run."""


class _WithoutAsserts(ast.NodeTransformer):
    def visit_Assert(self, node: ast.Assert) -> ast.Pass:
        return ast.copy_location(ast.Pass(), node)


def run_file(
    path: Path, given: Mapping[str, Mapping[str, Any]], roots: tuple[str, ...], *, asserts: bool
) -> dict[str, Any]:
    """Execute a file with stand-ins for what it imports; return its names.

    ``asserts``: they stay. Raises MissingSuiteError where there is no such file.
    """
    if not path.is_file():
        raise MissingSuiteError(f"no {path}")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not asserts:
        tree = ast.fix_missing_locations(_WithoutAsserts().visit(tree))
    return run_tree(tree, path, given, roots)


def run_tree(
    tree: ast.Module,
    path: Path,
    given: Mapping[str, Mapping[str, Any]],
    roots: tuple[str, ...],
    *,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Execute a file's syntax tree with stand-ins for its imports and ``more`` names; return its names."""
    package = ".".join((*roots, path.parent.name)) if path.parent.name not in roots else roots[0]
    space: dict[str, Any] = {"__name__": f"{package}.{path.stem}", "__package__": package, **(more or {})}
    with _imports(given, roots):
        exec(compile(tree, str(path), "exec"), space)  # noqa: S102  its functions are what is wanted
    return space


def find_tests(
    path: Path, given: Mapping[str, Mapping[str, Any]], roots: tuple[str, ...]
) -> Iterator[tuple[str, Callable[..., Any], Mapping[str, Any]]]:
    """Yield name, function and parameters of each test in a file, one a set of parameters.

    Raises MissingSuiteError where there is no such file.
    """
    space = run_file(path, given, roots, asserts=False)
    for name, function in list(space.items()):
        if not name.startswith("test_") or not callable(function):
            continue
        for label, parameters in parametrized(function):
            yield name + label, function, parameters


def parametrized(function: Callable[..., Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each set of parameters of pytest's marks, with what tells it apart."""
    marks = [m for m in getattr(function, "pytestmark", ()) if m.name == "parametrize"]
    choices = []
    for mark in marks:
        names = mark.args[0]
        keys = [n.strip() for n in names.split(",")] if isinstance(names, str) else list(names)
        rows = []
        for values in mark.args[1]:
            plain = getattr(values, "values", values) if hasattr(values, "marks") else values
            row = plain if len(keys) > 1 or hasattr(values, "marks") else (plain,)
            rows.append(dict(zip(keys, row, strict=True)))
        choices.append(rows)
    for number, chosen in enumerate(itertools.product(*choices)):
        parameters = {key: value for row in chosen for key, value in row.items()}
        yield (f"[{number}]" if marks else ""), parameters


def call(function: Callable[..., Any], values: Mapping[str, Any]) -> None:
    """Call a test function with what it asks for of these values; raises TypeError for more."""
    wanted = inspect.signature(function).parameters
    missing = [name for name in wanted if name not in values]
    if missing:
        raise TypeError(f"needs {', '.join(missing)}")
    with redirect_stdout(io.StringIO()):
        function(**{name: values[name] for name in wanted})
