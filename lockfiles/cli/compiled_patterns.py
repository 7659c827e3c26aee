"""Regular expressions as an earlier run compiled them.

Compiling takes a small lock a tenth of its time, and gives the same each time: what ``re`` hands to its
engine, which checks it. Only patterns of programs are kept, none that is made of what a run was given.
"""

from __future__ import annotations

import _sre  # type: ignore[import-not-found]
import marshal
import re
import sys

TYPE_CHECKING = False  # type checkers know the name; `typing` takes 10 ms
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, TypeAlias

    Key: TypeAlias = tuple[str, int]  # pattern; flags, as they were given
    #: what the engine takes behind the pattern: flags, code (marshalled, as few are used), groups ...
    Row: TypeAlias = tuple[int, bytes, int, dict[str, int], tuple[str | None, ...]]

_NEW_NAMES = 0x02  #: CO_NEWLOCALS: the code of a function, not of a module or of a class's body
#: Patterns whose code depends on more than their text: on the locale; or that print what they are.
_APART = re.LOCALE | re.DEBUG


class Patterns:
    """Compiles as ``re`` does, or takes what is kept; ``kept``: what :meth:`together` gave."""

    def __init__(self, kept: dict[Key, Row]) -> None:
        self._kept = kept
        self._missing: dict[Key, None] = {}
        self._compiler: Any = getattr(re, "_compiler", None)  # of CPython
        self._compile: Any = getattr(self._compiler, "compile", None)

    def use(self) -> None:
        """Have ``re`` ask here from now on."""
        if self._compile is not None:
            self._compiler.compile = self.compile

    def compile(self, text: Any, flags: int = 0) -> Any:
        """Return a compiled pattern; raises ``re.error`` as ever."""
        if type(text) is not str:
            return self._compile(text, flags)
        row = self._kept.get((text, flags))
        if row is None:
            if _is_of_program(text, sys._getframe(1)):  # noqa: SLF001 - a pattern's place is known to callers alone
                self._missing[text, flags] = None
            return self._compile(text, flags)
        number, code, *rest = row
        try:
            return _sre.compile(text, number, marshal.loads(code), *rest)  # noqa: S302 - as Python trusts its own
        except (TypeError, ValueError, OverflowError, RuntimeError, EOFError):  # what can't be
            return self._compile(text, flags)

    @property
    def missing(self) -> int:
        """How many patterns of the program were compiled."""
        return len(self._missing)

    def together(self) -> dict[Key, Row]:
        """Return all patterns of the program, those compiled since included."""
        if not self._missing:
            return self._kept
        noting = _Noting()
        self._compiler._sre = noting  # noqa: SLF001 - what it compiles is known there alone
        try:
            for key in self._missing:
                noting.key = key
                self._compile(*key)
        finally:
            self._compiler._sre = _sre  # noqa: SLF001 - as above
        return {**self._kept, **noting.rows}


class _Noting:
    """Stands for the engine, and notes what it is given for the pattern ``key``."""

    def __init__(self) -> None:
        self.key = "", 0
        self.rows: dict[Key, Row] = {}

    def compile(self, text: str, flags: int, code: list[int], *rest: Any) -> Any:
        groups, index, names = rest
        if not flags & _APART:
            self.rows[self.key] = int(flags), marshal.dumps([*map(int, code)]), groups, dict(index), names
        return _sre.compile(text, flags, code, *rest)

    def __getattr__(self, name: str) -> Any:
        return getattr(_sre, name)


def _is_of_program(text: str, frame: FrameType | None) -> bool:
    """Tell whether a pattern stands in a program: in a module's body, or as a constant of who compiles it."""
    while frame is not None and frame.f_globals.get("__package__") == "re":
        frame = frame.f_back
    if frame is None:
        return False
    if frame.f_globals.get("__name__") == "resolver.model.patterns":  # which are made in module bodies alone
        return True
    code = frame.f_code
    return not code.co_flags & _NEW_NAMES or any(type(c) is str and c == text for c in code.co_consts)
