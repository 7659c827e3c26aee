"""No pattern over a stranger's log is tried at every character of a long word.

One that begins with any number of characters begins where they do, by what it looks back at: a line of two
million letters took hours otherwise.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator, Sequence
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import resolver.checks
import resolver.explain.logs
from resolver.checks.loaders import _forms
from resolver.checks.logs import _sentences, match_log
from resolver.explain.logs.reading import read_log

#: Patterns of these are put before texts that aren't a log's.
_OTHERS = {
    ("resolver.checks.logs", "_SPACE"): "of the patterns themselves",
    ("resolver.checks.rules.conda_torch", "_ONE_VERSION"): "of a match spec's version, matched whole",
}


def begins_anywhere(items: Sequence[Any]) -> bool:
    """Tell whether what is parsed may begin with an unbounded repeat that nothing before it holds."""
    for kind, value in items:
        if kind is op.AT or (kind in (op.ASSERT, op.ASSERT_NOT) and value[0] < 0):
            return False
        if kind is op.SUBPATTERN:
            return begins_anywhere(value[3])
        if kind is op.BRANCH:
            return any(begins_anywhere(branch) for branch in value[1])
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            least, most, body = value
            if most is op.MAXREPEAT or begins_anywhere(body):
                return True
            if least == 0:
                continue
        if kind not in (op.ASSERT, op.ASSERT_NOT):
            return False
    return False


def patterns() -> Iterator[tuple[str, str, re.Pattern[str]]]:
    for package in (resolver.checks, resolver.explain.logs):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for name, value in vars(importlib.import_module(found.name)).items():
                for one in value if isinstance(value, tuple) else (value,):
                    if isinstance(one, re.Pattern) and (found.name, name) not in _OTHERS:
                        yield found.name, name, one
    for row, pattern in _sentences():
        yield "signatures", row.id, pattern
    for state, pattern in _forms():
        yield "loaders", state.value, pattern


def test_patterns_begin_where_words_do() -> None:
    found = list(patterns())
    assert len(found) > 100
    assert [
        (module, name)
        for module, name, one in found
        if begins_anywhere(_parser.parse(one.pattern, one.flags))
    ] == []


def test_the_judge_sees_what_it_should() -> None:
    for text, anywhere in {
        r"\S+ is": True,
        r"(?P<a>\w+?\.so)": True,
        r",?\s+x": True,
        r"(?:a|\w*)b": True,
        r"(?<!\S)\S+ is": False,
        r"^\s+": False,
        r"\bx+": False,
        r"ab+": False,
    }.items():
        assert begins_anywhere(_parser.parse(text)) is anywhere, text


PIECES = ["a", "a-", "a.", "[", "\x1b[", "\x1b]0;", "a (", ".so", " ", "(", "'", '"', "1."]


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("mark", ["", "version solving failed\nis requested "])
def test_long_lines_end(piece: str, mark: str) -> None:
    """A pattern that is tried at each character takes a minute for this, and for twice as much four."""
    text = mark + piece * (100_000 // len(piece))
    assert match_log(text.splitlines()) == ()
    assert not any(report.conflict for report in read_log(text))
