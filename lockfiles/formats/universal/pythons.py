"""For which Python a lockfile of many is read: the one asked for, else the lowest that it allows."""

from __future__ import annotations

from collections.abc import Iterator

from resolver.errors import InputError
from resolver.model.origin import Origin

#: Minors of Python 3 that packages are published for.
_MINORS = range(6, 20)
#: Where nothing is said of Python: the usual one first, then its neighbours, newer before older.
_UNSAID = (12, 13, 11, 14, 10, 9, 15, 8, 7, 6)
#: The highest patch that a bound is expected to name.
_LAST_PATCH = 30


def iter_pythons(specifier: str | None, asked: str | None, file: str) -> Iterator[str]:
    """Yield full versions, best first: the lowest patch that is allowed, of each minor that has one.

    Raises InputError where the one asked for isn't allowed.
    """
    allowed = _Allowed(specifier)
    if asked is None:
        minors = _MINORS if allowed.is_said else _UNSAID
        yield from (found for minor in minors if (found := allowed.lowest(f"3.{minor}")))
        return
    found = asked if asked.count(".") > 1 and allowed(asked) else allowed.lowest(asked)
    if found is None:
        hint = f"Its `requires-python` is `{specifier}`."
        raise InputError(f"isn't for Python {asked}", Origin(file=file), hint)
    yield found


def is_allowed(python: str, specifier: str | None) -> bool:
    """Tell whether a Python, as ``3.12`` or in full, meets a specifier set."""
    allowed = _Allowed(specifier)
    return allowed(python) if python.count(".") > 1 else allowed.lowest(python) is not None


def is_exact(specifier: str | None) -> bool:
    """Tell whether a specifier set allows one minor alone."""
    allowed = _Allowed(specifier)
    return allowed.is_said and sum(allowed.lowest(f"3.{minor}") is not None for minor in _MINORS) == 1


def shown_python(full: str) -> str:
    """Return a full version as people write it: the minor alone where the patch is 0."""
    return full.removesuffix(".0") if full.count(".") == 2 else full


class _Allowed:
    """Answers whether a version meets ``requires-python``; everything meets one that can't be read."""

    def __init__(self, specifier: str | None) -> None:
        from resolver.model.specifiers import parse_specifier
        from resolver.model.unusable import Unusable

        found = parse_specifier(specifier or "")
        self._set = None if isinstance(found, Unusable) else found
        self.is_said = bool(self._set)

    def __call__(self, version: str) -> bool:
        return self._set is None or self._set.contains(version, prereleases=True)

    def lowest(self, minor: str) -> str | None:
        """Return the lowest full version of a minor that is allowed; None: there is none."""
        start = ".".join(minor.split(".")[:2])
        patches = (f"{start}.{patch}" for patch in range(_LAST_PATCH + 1))
        return next((version for version in patches if self(version)), None)


def meets(python: str, specifier: str | None) -> bool:
    """Tell whether a full version meets a specifier set."""
    return not specifier or _Allowed(specifier)(python)
