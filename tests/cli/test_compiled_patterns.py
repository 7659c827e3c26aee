"""Patterns as an earlier run compiled them: the same patterns, and only those that a program holds."""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from lockfiles.cli.compiled_patterns import Patterns
from resolver.model.patterns import pattern
from tests.support.trees import dotted, once, trees

_OF_A_MODULE = """\
import re
WORD = re.compile("[a-z]+" + "[0-9]")
class Two:
    LINE = re.compile("(?m)^(?P<name>x)$", re.I)
def find(text):
    return re.search("constant+", text) or re.search(text, text)
"""
_TEXTS = ("abc1 x constantttt", "\nX\n", "Ä9 straße", "a1\n", "", "--x_y, z", "1.0.0rc1+local")


@pytest.fixture(autouse=True)
def unused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave ``re`` as it was, and knowing nothing of what it compiled."""
    monkeypatch.setattr(re._compiler, "compile", re._compiler.compile)  # type: ignore[attr-defined]
    re.purge()


def _kept_of(source: str) -> dict[Any, Any]:
    patterns = Patterns({})
    patterns.use()
    module: dict[str, Any] = {"__name__": "of_a_program"}
    exec(compile(source, "of_a_program.py", "exec"), module)  # noqa: S102 - this file's own text
    module["find"]("given+")
    return patterns.together()


def test_patterns_of_modules_classes_and_constants_are_kept_and_none_of_what_was_given() -> None:
    kept = _kept_of(_OF_A_MODULE)
    assert [*kept] == [("[a-z]+[0-9]", 0), ("(?m)^(?P<name>x)$", int(re.IGNORECASE)), ("constant+", 0)]


def test_what_is_made_of_a_text_that_was_given_is_not_kept() -> None:
    kept = _kept_of("import re\ndef find(text):\n    return re.search('(?i)' + text, text)\n")
    assert kept == {}


@pytest.mark.parametrize("source", ["re.compile(b'[0-9]+')", "re.compile('x', re.LOCALE if 0 else re.DEBUG)"])
def test_bytes_and_patterns_that_print_themselves_are_compiled(source: str, capsys: Any) -> None:
    assert _kept_of(f"import re\n{source}\ndef find(text): pass\n") == {}
    capsys.readouterr()


def _patterns_of_ours() -> Iterator[tuple[str, int]]:
    """Yield each text that is handed to ``pattern`` or ``re.compile`` as it stands."""
    for place, tree in trees().items():
        for node in ast.walk(tree) if place.parts[0] == "resolver" else ():
            if isinstance(node, ast.Call) and node.args and dotted(node.func) in ("pattern", "re.compile"):
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    for flags in (0, re.IGNORECASE, re.ASCII | re.MULTILINE):
                        with contextlib.suppress(re.error):  # flags in it that must stand first
                            re.compile(first.value, flags)
                            yield first.value, int(flags)


def test_what_is_kept_finds_what_is_compiled() -> None:
    every = dict.fromkeys(_patterns_of_ours())
    assert len(every) > 300
    compiled = {key: re.compile(*key) for key in every}
    patterns = Patterns({})
    patterns._missing = every
    kept = patterns.together()
    assert kept.keys() == every.keys()
    again = Patterns(kept)
    for key, one in compiled.items():
        other = again.compile(*key)
        assert (other, other.groups, other.groupindex, other.flags) == (
            one,
            one.groups,
            one.groupindex,
            one.flags,
        )
        for text in _TEXTS:
            assert [m.span() for m in other.finditer(text)] == [m.span() for m in one.finditer(text)]
    assert again.missing == 0


@pytest.mark.parametrize(
    "row",
    [
        (0, b"", 0, {}, (None,)),
        (0, b"[\x00\x00\x00\x00", 0, {}, (None,)),
        (0, b"N", 0, {}, ()),
        (0, b"?", 1, {}, ()),
    ],
)
def test_a_row_that_can_not_be_is_compiled(row: Any) -> None:
    assert Patterns({("a+", 0): row}).compile("a+").findall("caa") == ["aa"]


def test_a_pattern_of_a_module_that_compiles_later_is_kept() -> None:
    patterns = Patterns({})
    patterns.use()
    late = pattern("later+")
    assert patterns.missing == 0
    assert late.search("laterr")
    assert [*patterns.together()] == [("later+", 0)]


@once
def test_later_patterns_are_made_in_module_bodies() -> None:
    """As all of them are kept, none may be made of what a run is given."""
    inside = [
        f"{place}:{node.lineno}"
        for place, tree in trees().items()
        if any(isinstance(node, ast.Call) and dotted(node.func) == "pattern" for node in ast.walk(tree))
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and dotted(node.func) == "pattern"
    ]
    assert inside == []
