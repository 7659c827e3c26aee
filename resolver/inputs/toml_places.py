"""Lines and columns in TOML, which its parser does not give."""

from __future__ import annotations

import re

from resolver.model.origin import Origin


class TomlPlaces:
    """Finds where a key or a text stands; the n-th question for one text gives its n-th place."""

    def __init__(self, text: str, file: str) -> None:
        self._text, self._file = text, file
        self._asked: dict[str, int] = {}

    def of_text(self, value: str) -> Origin:
        """Return the place of a quoted text."""
        spellings = [f'"{value}"', f"'{value}'", '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"']
        pattern = "|".join(re.escape(spelling) for spelling in dict.fromkeys(spellings))
        return self._next(pattern, f"text {value}", 1)

    def of_key(self, key: str) -> Origin:
        """Return the place of a key or a table's header."""
        name = re.escape(key)
        pattern = rf"""(?m)(?:^[ \t]*|(?<=[,{{.])[ \t]*|^\[[^\]\n]*?)(?P<key>["']?{name}["']?)(?=\s*[=.\]])"""
        return self._next(pattern, f"key {key}", 0)

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
    found = re.search(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)", message)
    if not found:
        return f"not TOML: {message}", Origin(file=file), None
    line, column = (int(found[1]), int(found[2])) if found[1] else (None, None)
    words = message[: found.start()] + ("" if found[1] else " at the end of the file")
    return f"not TOML: {words}", Origin(file=file, line=line, column=column), None
