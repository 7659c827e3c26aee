"""Tables with a value of another kind anywhere: every reader tells a fault, none falls over."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from resolver.errors import InputError
from resolver.inputs.groups import GroupChoice
from resolver.inputs.pixi import manifest
from resolver.inputs.pyproject import reading
from resolver.inputs.reading import parse_inputs
from tests.inputs.test_pixi import WHOLE
from tests.inputs.test_pyproject_tables import CASES

STRANGE: tuple[Any, ...] = (3, True, "", "x", [], [3], {}, {"x": 3}, [{"x": []}], 1.5)
EVERYTHING = GroupChoice(all_extras=True, all_groups=True)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, outermost first."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def with_value(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(document)
    parent = changed
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    return changed


@pytest.mark.parametrize(
    ("file", "text"),
    [("pixi.toml", WHOLE), *(("pyproject.toml", case.text) for case in CASES)],
    ids=["pixi.toml", *(case.why for case in CASES)],
)
def test_a_strange_value_is_a_fault_or_nothing(file: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    document = tomllib.loads(text)
    for path in places(document):
        for value in STRANGE:
            changed = with_value(document, path, value)
            for module in (reading, manifest):
                monkeypatch.setattr(module.tomllib, "loads", lambda _, given=changed: given)
            try:
                found = parse_inputs([file], lambda _: text, groups=EVERYTHING)
            except InputError:
                continue
            assert found.files


def test_credentials_of_an_index_stand_nowhere_but_among_the_secrets() -> None:
    address = "https://user:hunter2@index.example.org/simple"
    index = f'name = "i"\nurl = "{address}"\n'
    uv = f'[[tool.uv.index]]\n{index}explicit = true\n[tool.uv.sources]\na = {{index = "i"}}\n'
    poetry = f'[[tool.poetry.source]]\n{index}priority = "explicit"\n'
    texts = (
        f'[project]\ndependencies = ["a"]\n{uv}',
        f'[tool.poetry.dependencies]\na = {{version = "1", source = "i"}}\n{poetry}',
        f'[tool.pixi.pypi-dependencies]\na = {{version = "*", index = "{address}"}}\n',
    )
    for text in texts:
        found = parse_inputs(["pyproject.toml"], lambda _, given=text: given)
        (requirement,) = found.pypi
        assert requirement.index == "https://index.example.org/simple"
        assert "hunter2" not in repr((found.pypi, found.notices, found.indexes))
        assert len(found.secrets) == 1
