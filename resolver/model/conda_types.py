"""Conda's versions, version specs and match specs: py-rattler's compiled types, without its package.

The package wraps each type in a Python class and loads its client, installer and solver with them: 79
modules, ten times as costly as the types, and a call more for each comparison. Its compiled module stands
alone. ``import rattler`` finds it in its place afterwards.
"""

from __future__ import annotations

import functools
import importlib.util
import sys
import threading
from collections.abc import Callable
from importlib.machinery import PathFinder
from typing import Any, Protocol

_NAME = "rattler.rattler"
#: Characters and brackets; those of every published package have a tenth of it.
_LONGEST_VERSION, _LONGEST_SPEC, _MOST_BRACKETS = 1000, 20_000, 200
_LOADING = threading.Lock()


class Version(Protocol):
    """A conda version: a total order, hashable."""

    def __lt__(self, other: Any) -> bool: ...
    def __le__(self, other: Any) -> bool: ...


class VersionSpec(Protocol):
    """A set of versions."""

    def matches(self, version: Version, /) -> bool:
        """Tell whether a version is in it."""
        ...


@functools.cache
def _compiled() -> Any:
    """Return py-rattler's compiled module; raises ImportError where it isn't installed."""
    with _LOADING:  # channels are read side by side
        known = sys.modules.get(_NAME)
        return known if known is not None else _load()


def _load() -> Any:
    package = importlib.util.find_spec("rattler")
    spec = PathFinder.find_spec(_NAME, package.submodule_search_locations) if package else None
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"no module `{_NAME}`", name=_NAME)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[_NAME] = module
    return module


def parse_version(text: str) -> Version:
    """Return a version; raises ValueError for a text that is none."""
    found: Version = _read(_compiled().PyVersion, text, _LONGEST_VERSION)
    return found


def parse_version_spec(text: str) -> VersionSpec:
    """Return a version spec; raises ValueError for a text that is none."""
    found: VersionSpec = _read(_compiled().PyVersionSpec, text, _LONGEST_SPEC, False)
    return found


def parse_any_match_spec(text: str) -> Any:
    """Return a match spec in any spelling, as py-rattler has it; raises ValueError for other texts."""
    # Not strict, exact names only; extras, conditions and flags are read.
    return _read(_compiled().PyMatchSpec, text, _LONGEST_SPEC, False, True, True, True, True)


def _read(kind: Callable[..., Any], text: str, longest: int, *more: bool) -> Any:
    """Have the compiled module read a text; raises ValueError for what it can't, or mustn't."""
    if len(text) > longest:
        raise ValueError(f"`{text[:40]}...` is longer than {longest} characters")
    if (
        max(text.count("("), text.count("[")) > _MOST_BRACKETS
    ):  # read by recursion, without a bound of its own
        raise ValueError(f"`{text[:40]}...` has more than {_MOST_BRACKETS} brackets")
    try:
        return kind(text, *more)
    except BaseException as error:
        # py-rattler raises its own exception types; a panic inside it is none of Exception's kinds.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            lines = str(error).splitlines()
            raise ValueError(lines[0] if lines else f"`{text}` can't be read") from None
        raise
