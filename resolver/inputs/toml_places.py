"""Lines and columns in TOML, which its parser does not give."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from resolver.model.origin import Origin

#: The head of a table, or of one in a list of tables.
_HEADER = re.compile(r"(?m)^[ \t]*\[")


class TomlPlaces:
    """Finds where a key or a text stands.

    A key is looked for in the table that is read (:meth:`at`). Elsewhere, and for texts, the n-th question
    for one text gives its n-th place.
    """

    def __init__(self, text: str, file: str) -> None:
        self._text, self._file = text, file
        self._asked: dict[str, int] = {}
        self._path: tuple[str, ...] = ()

    @contextmanager
    def at(self, path: tuple[str, ...]) -> Iterator[None]:
        """Look for keys in the table that this path of names leads to."""
        before, self._path = self._path, path
        try:
            yield
        finally:
            self._path = before

    def of_text(self, value: str) -> Origin:
        """Return the place of a quoted text."""
        spellings = [f'"{value}"', f"'{value}'", '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"']
        pattern = "|".join(re.escape(spelling) for spelling in dict.fromkeys(spellings))
        return self._next(pattern, f"text {value}", 1)

    def of_key(self, key: str) -> Origin:
        """Return the place of a key or a table's header."""
        if self._path and (offset := self._in_table((*self._path, key))) is not None:
            return Origin.at(self._file, self._text, offset)
        name = re.escape(key)
        pattern = rf"""(?m)(?:^[ \t]*|(?<=[,{{.])[ \t]*|^\[[^\]\n]*?)(?P<key>["']?{name}["']?)(?=\s*[=.\]])"""
        return self._next(pattern, f"key {key}", 0)

    def _in_table(self, path: tuple[str, ...]) -> int | None:
        """Return where the last name of a path stands: in a header, below one, dotted or in braces."""
        names = [rf"""["']?{re.escape(name)}["']?""" for name in path]
        dotted = r"[ \t]*\.[ \t]*"
        for count in range(len(path), -1, -1):
            if count == len(path):
                head = dotted.join(names[:-1])
                lead = rf"{head}{dotted}" if head else ""
                pattern = rf"(?m)^[ \t]*\[[ \t]*{lead}(?P<key>{names[-1]})[ \t]*[\].]"
                if (found := re.search(pattern, self._text)) is not None:
                    return found.start("key")
                continue
            inner = r"[ \t]*[.=][^\n]*?(?<![\w-])".join(
                [*names[count:-1], rf"(?P<key>{names[-1]})(?=[ \t]*[=.])"]
            )
            for start, end in self._sections(dotted.join(names[:count])):
                found = re.compile(rf"(?m)^[ \t]*{inner}").search(self._text, start, end)
                if found is not None:
                    return found.start("key")
        return None

    def _sections(self, path: str) -> Iterator[tuple[int, int]]:
        """Yield where the lines of a table stand; of no path those before the first header."""
        starts = [0]
        if path:
            pattern = re.compile(rf"(?m)^[ \t]*\[[ \t]*{path}[ \t]*\][^\n]*\n")
            starts = [found.end() for found in pattern.finditer(self._text)]
        for start in starts:
            after = _HEADER.search(self._text, start)
            yield start, after.start() if after else len(self._text)

    def _next(self, pattern: str, question: str, skip: int) -> Origin:
        places = [
            (m.start("key") if "key" in m.re.groupindex else m.start())
            for m in re.finditer(pattern, self._text)
        ]
        if not places:
            return Origin(file=self._file)
        number = self._asked.get(question, 0)
        self._asked[question] = number + 1
        offset = places[min(number, len(places) - 1)] + skip
        return Origin.at(self._file, self._text, offset)


def toml_error_place(error: Exception, file: str) -> tuple[str, Origin, str | None]:
    """Return message, place and hint for what tomllib raised."""
    message = str(error).split("\n", 1)[0] or "nested too deeply"
    if message.startswith("Exceeds the limit"):  # Python's own, which goes on with advice to programmers
        message = "a number of thousands of digits"
    found = re.search(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)", message)
    if not found:
        return f"not TOML: {message}", Origin(file=file), None
    line, column = (int(found[1]), int(found[2])) if found[1] else (None, None)
    words = message[: found.start()] + ("" if found[1] else " at the end of the file")
    return f"not TOML: {words}", Origin(file=file, line=line, column=column), None
