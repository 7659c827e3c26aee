"""Runs a test file of another project so that each thing it asserts is a check of its own.

An ``assert``, and each statement under ``pytest.raises``, becomes a call that counts; in a loop one a turn,
in a list that must be sorted one a pair of neighbours. A test that can't go on is passed over from there.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from _pytest.outcomes import OutcomeException

from benchmarks.suites.case import MissingSuiteError
from benchmarks.suites.recording import call, parametrized, run_tree

_NO_ARGUMENTS = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])


class InnerFormError(Exception):
    """The check looks at how the other project holds a value, or at words."""


@dataclass(slots=True)
class Checks:
    """Counts checks; ``differ`` holds (check, what happened).

    A stand-in reads its text when its ``value`` is asked for, which raises where the text is none.
    """

    agree: int = 0
    passed_over: int = 0
    differ: list[tuple[str, str]] = field(default_factory=list)

    def check(self, test: Callable[[], Any], text: str) -> None:
        """Note whether what a test asserts holds."""
        try:
            holds, said = bool(test()), "no"
        except (InnerFormError, NameError):  # of an error's words that weren't kept, for example
            self.passed_over += 1
            return
        except Exception as error:  # of any kind: a side's own
            holds, said = False, f"{type(error).__name__}: {error}"
        self._add(text, said, holds=holds)

    def reads(self, made: Callable[[], Any], text: str) -> None:
        """Note whether a text is read."""
        self.check(lambda: (made().value, True), text)

    def refuses(self, made: Callable[[], Any], text: str) -> None:
        """Note whether something is refused."""
        try:
            found = made()
            if hasattr(found, "text"):
                _ = found.value
        except InnerFormError:
            self.passed_over += 1
        except Exception:  # of any kind: a side's own
            self._add(text, "", holds=True)
        else:
            self._add(text, "taken", holds=False)

    def ordered(self, versions: Iterable[Any]) -> None:
        """Note of each of some versions (or rows with one) whether it doesn't stand behind the next."""
        rows = (one if isinstance(one, tuple) else (one,) for one in versions)
        plain = [next(v for v in row if hasattr(v, "text")) for row in rows]
        for one, other in itertools.pairwise(plain):
            self.check(lambda a=one, b=other: not b < a, f"{one.text} before {other.text}")

    def _add(self, text: str, said: str, *, holds: bool) -> None:
        if holds:
            self.agree += 1
        else:
            self.differ.append((text, said))


class _Counted(ast.NodeTransformer):
    def visit_Assert(self, node: ast.Assert) -> ast.Expr:
        if isinstance(node.test, ast.Compare) and "sorted(" in ast.unparse(node.test):
            listed = next(n for n in (*node.test.comparators, node.test.left) if isinstance(n, ast.Name))
            call = ast.Call(func=ast.Name(id="_ordered", ctx=ast.Load()), args=[listed], keywords=[])
            return ast.copy_location(ast.Expr(value=call), node)
        return _call("_check", node.test, node)

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        made = node.value
        if isinstance(made, ast.Call) and isinstance(made.func, ast.Name) and made.func.id == "MatchSpec":
            return _call("_reads", made, node)
        return node

    def visit_With(self, node: ast.With) -> Any:
        if not any("raises" in ast.unparse(item.context_expr) for item in node.items):
            return self.generic_visit(node)
        kinds = (ast.Expr, ast.Assign)
        made = [_call("_refuses", one.value, one) for one in node.body if isinstance(one, kinds)]
        return made or ast.copy_location(ast.Pass(), node)


def _call(name: str, test: ast.expr, place: ast.stmt) -> ast.Expr:
    names = sorted({n.id for n in ast.walk(test) if isinstance(n, ast.Name)})
    given = ast.parse(f"_told({ast.unparse(test)!r}, {names!r}, locals())", mode="eval").body
    counted = ast.Call(
        func=ast.Name(id=name, ctx=ast.Load()),
        args=[ast.Lambda(args=_NO_ARGUMENTS, body=test), given],
        keywords=[],
    )
    return ast.copy_location(ast.Expr(value=counted), place)


def _told(text: str, names: list[str], values: Mapping[str, Any]) -> str:
    """Return a check with the values of its names, those that have a text."""
    found = ((n, getattr(values.get(n), "text", values.get(n))) for n in names)
    told = [f"{n}={value!r}" for n, value in found if isinstance(value, str | bool)]
    return f"{text} [{', '.join(told)}]" if told else text


def run_checks(
    path: Path, given: Mapping[str, Mapping[str, Any]], roots: tuple[str, ...], fixtures: Mapping[str, Any]
) -> Checks:
    """Run a file's tests with stand-ins and fixtures; raises MissingSuiteError where there is no file."""
    if not path.is_file():
        raise MissingSuiteError(f"no {path}")
    tree = ast.fix_missing_locations(_Counted().visit(ast.parse(path.read_text(encoding="utf-8"))))
    checks = Checks()
    more = {
        "_check": checks.check, "_reads": checks.reads, "_refuses": checks.refuses,
        "_ordered": checks.ordered, "_told": _told,
    }  # fmt: skip
    space = run_tree(tree, path, given, roots, more=more)
    for test in _tests(space):
        for _, values in parametrized(test):
            try:
                call(test, {**fixtures, **values})
            except (Exception, OutcomeException):  # what follows in it can't be asked
                checks.passed_over += 1
    return checks


def _tests(space: Mapping[str, Any]) -> Iterator[Callable[..., Any]]:
    for name, test in list(space.items()):
        if name.startswith("test_") and callable(test):
            yield test
