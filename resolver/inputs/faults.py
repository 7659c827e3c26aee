"""Faults of one reading, collected so that all are reported together."""

from __future__ import annotations

from collections.abc import Iterable

from resolver.errors import InputError, InputErrors
from resolver.model.origin import Origin


class Faults:
    """Collector of input errors; the same place and message count once."""

    def __init__(self) -> None:
        self._errors: list[InputError] = []
        self._seen: set[tuple[Origin | None, str]] = set()

    def __len__(self) -> int:
        return len(self._errors)

    def add(self, message: str, origin: Origin | None = None, hint: str | None = None) -> None:
        """Remember one fault."""
        self.add_error(InputError(message, origin, hint))

    def add_error(self, error: InputError) -> None:
        """Remember one fault that was raised elsewhere, or all of an InputErrors."""
        if isinstance(error, InputErrors):
            for one in error.errors:
                self.add_error(one)
            return
        key = (error.origin, error.message)
        if key not in self._seen:
            self._seen.add(key)
            self._errors.append(error)

    def raise_if_any(self) -> None:
        """Raise InputErrors with everything remembered, in the order of files read and then of lines."""
        if self._errors:
            raise InputErrors(self.in_order())

    def in_order(self) -> tuple[InputError, ...]:
        """Return the faults by file (first seen first), line and column; those without a place come last."""
        files: dict[str, int] = {}
        for error in self._errors:
            if error.origin:
                files.setdefault(error.origin.file, len(files))

        def key(error: InputError) -> tuple[int, int, int]:
            if error.origin is None:
                return (len(files), 0, 0)
            return (files[error.origin.file], error.origin.line or 0, error.origin.column or 0)

        return tuple(sorted(self._errors, key=key))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that ``name`` was most likely meant to be; None where none is near."""
    import difflib

    by_lower = {candidate.lower(): candidate for candidate in sorted(known)}
    found = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.7)
    return by_lower[found[0]] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return a hint with the nearest known name, None where none is near."""
    near = nearest(name, known)
    return f"did you mean `{near}`?" if near else None
