"""Where a requirement was written."""

from __future__ import annotations

import msgspec


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """A place in an input, printed as ``file:line:column``.

    ``file`` is what the user typed (never made absolute); lines and columns
    count from 1; None where the place has none, as a flag.
    """

    file: str
    line: int | None = None
    column: int | None = None

    @classmethod
    def at(cls, file: str, text: str | bytes, offset: int) -> Origin:
        """Return the place of an offset in the file's text; of bytes the column counts bytes."""
        before = text[:offset]
        blank = "\n" if isinstance(before, str) else b"\n"
        lines = before.split(blank)  # type: ignore[arg-type]  # one kind of text throughout
        return cls(file=file, line=len(lines), column=len(lines[-1]) + 1)

    def __str__(self) -> str:
        parts = [self.file, *(str(n) for n in (self.line, self.column) if n is not None)]
        return ":".join(parts)
