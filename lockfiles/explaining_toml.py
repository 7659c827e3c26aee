"""Changes of an entry ``NAME = "VERSION"`` or ``NAME = {version = ...}`` in a table of a TOML file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from resolver.errors import InputError
from resolver.model.origin import Origin

if TYPE_CHECKING:
    from resolver.explain.fixes.changes import Edit

_VALUE = re.compile(r"""\s*=\s*(?:\{[^}\n]*?\bversion\s*=\s*)?(?P<quote>["'])(?P<text>[^"'\n]*)(?P=quote)""")
#: What may follow a name as versions alone: no build, channel, extra, marker or place.
_VERSIONS = re.compile(r"[^\s\[\];@:]*")


def edited_entry(text: str, edit: Edit, new: str | None) -> str | None:
    """Return the text with ``new`` (``numpy >=1,<2``; None: nothing) in the place of the edit's line.

    None where the line isn't an entry of a table. Raises InputError for a change that needs more than its
    versions, and for an entry that can't be taken out of its line.
    """
    assert edit.line is not None  # noqa: S101  (asked of lines only)
    origin, name = edit.line.origin, edit.line.name
    if name is None or not origin.file.lower().endswith(".toml"):
        return None
    lines = text.splitlines(keepends=True)
    number = (origin.line or 0) - 1
    after = _after_key(lines[number], name) if 0 <= number < len(lines) else None
    if after is None:
        return None
    line = lines[number]
    if new is not None:
        lines[number] = _with_versions(line, after, name, new, origin)
    elif _is_whole(line, after):
        del lines[number]
    else:
        raise InputError(f"can't take `{name}` out of its line", origin, "Edit the line by hand.")
    return "".join(lines)


def _after_key(line: str, name: str) -> int | None:
    """Return where the key of an entry ends, None where the line isn't one for this name."""
    spelled = re.escape(name).replace("\\-", "[-_.]")
    found = re.match(rf"""\s*(?:[\w"'-]+\s*\.\s*)*["']?{spelled}["']?(?=\s*=)""", line, re.IGNORECASE)
    return found.end() if found else None


def _with_versions(line: str, after: int, name: str, new: str, origin: Origin) -> str:
    value = _VALUE.match(line, after)
    rest = re.sub(rf"^{re.escape(name)}\s*", "", new, flags=re.IGNORECASE)
    versions = re.sub(r"\s*([<>=!~,|]+)\s*", r"\1", rest)
    if value is None or rest == new or not _VERSIONS.fullmatch(versions):
        raise InputError(f"can't put `{new}` into this entry", origin, "Edit the line by hand.")
    return line[: value.start("text")] + (versions or "*") + line[value.end("text") :]


def _is_whole(line: str, after: int) -> bool:
    """Tell whether an entry goes on in no other line."""
    value = line[after:]
    return (
        value.count("{") == value.count("}") and value.count("[") == value.count("]") and '"""' not in value
    )
