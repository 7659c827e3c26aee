"""A name means one thing: no class of the project is called as another one is."""

from __future__ import annotations

import ast
import functools
from collections import defaultdict

import pytest

from tests.support.trees import trees

#: Names of private classes that stand in several packages, each with why.
SEVERAL: dict[str, str] = {}


def class_places(trees: dict[str, ast.Module]) -> dict[str, list[str]]:
    """Return class name -> the modules that define it, once for each definition."""
    found = defaultdict(list)
    for module, tree in trees.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                found[node.name].append(module)
    return dict(found)


def twice(places: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return public names that stand twice, and private ones that do within a package or unlisted."""
    wrong = {}
    for name, modules in places.items():
        packages = [module.rpartition(".")[0] for module in modules]
        is_private = name.startswith("_") and name in SEVERAL
        if len(modules) > 1 and not (is_private and len(set(packages)) == len(packages)):
            wrong[name] = modules
    return wrong


@functools.cache
def project() -> dict[str, ast.Module]:
    """Return dotted name -> syntax tree of every module."""
    return {".".join(path.with_suffix("").parts): tree for path, tree in trees().items()}


def test_no_class_name_stands_twice() -> None:
    assert twice(class_places(project())) == {}


def test_every_listed_name_stands_several_times() -> None:
    places = class_places(project())
    assert {name for name in SEVERAL if len(places.get(name, ())) < 2} == set()


@pytest.mark.parametrize(
    ("texts", "wrong"),
    [
        pytest.param({"p.a": "class A: ...", "q.b": "class A: ..."}, {"A"}, id="public, in two packages"),
        pytest.param({"p.a": "class _A: ...", "q.b": "class _A: ..."}, {"_A"}, id="private, and not listed"),
        pytest.param(
            {"p.a": "class A:\n    class B: ...", "q.b": "class B: ..."}, set(), id="within another"
        ),
    ],
)
def test_double_names_are_found(texts: dict[str, str], wrong: set[str]) -> None:
    assert set(twice(class_places({name: ast.parse(text) for name, text in texts.items()}))) == wrong
