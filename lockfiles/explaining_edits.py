"""Changes of input files: exactly the items meant, everything else left as it is.

A requirement is replaced where it stands, so comments, order, quotes and line
ends stay. What adds to the structure of a YAML file (a pip section, a channel)
finds its place through ruamel.yaml, which keeps positions. Every edited YAML
file is read again and compared with the data that was meant.
"""

from __future__ import annotations

import difflib
import io
import re
from typing import TYPE_CHECKING, Any

import msgspec

from lockfiles.explaining_toml import edited_entry
from lockfiles.files import read_bytes
from resolver.errors import InputError
from resolver.model.origin import Origin

if TYPE_CHECKING:
    from resolver.explain.fixes.changes import Edit
    from resolver.explain.fixes.trying import Fix

_YAML = (".yml", ".yaml", ".json")
#: Characters that end a plain scalar within ``[...]``.
_FLOW_STOPS = re.compile(r"[,\[\]{}]")


class EditedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it would be after a change."""

    path: str
    before: str
    text: str

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        return "".join(
            difflib.unified_diff(
                [_ended(line) for line in self.before.splitlines()],
                [_ended(line) for line in self.text.splitlines()],
                self.path,
                self.path,
                n=1,
            )
        )


def _ended(line: str) -> str:
    return line + "\n"


def edited_files(fix: Fix, main: str) -> list[EditedFile]:
    """Return the files that a fix changes, in order of appearance; none for a fix of settings alone.

    ``main`` is the file that gets new channels and lines. Raises InputError where an item
    can't be found as it was read, or can't be changed safely.
    """
    from resolver.explain.fixes.changes import Action
    from resolver.explain.members import line_text

    by_file: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        if edit.line is not None:
            if edit.line.origin.line is None:
                raise InputError(
                    f"`{line_text(edit.line)}` stands in no input file", edit.line.origin,
                    "Change the setting by hand.",
                )  # fmt: skip
            by_file.setdefault(edit.line.origin.file, []).append(edit)
        elif edit.action in (Action.CHANNEL, Action.ADD, Action.ADD_PIP):
            by_file.setdefault(main, []).append(edit)
    result = []
    for file, edits in by_file.items():
        before = read_exactly(file)
        text = before
        # from the end of the file, so that the places before stay right
        for edit in sorted(edits, key=_place, reverse=True):
            text = _edited(text, file, edit)
        if _is_yaml(file, text):
            _check_yaml(text, file)
        result.append(EditedFile(path=file, before=before, text=text))
    return result


def read_exactly(file: str) -> str:
    """Return the text of a file as it stands, line ends and byte order mark too. Raises InputError."""
    try:
        return read_bytes(file).decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("not UTF-8 text", Origin(file=file)) from None


def _place(edit: Edit) -> tuple[int, int]:
    origin = edit.line.origin if edit.line is not None else None
    return (origin.line or 0, origin.column or 0) if origin else (0, 0)


def _is_yaml(file: str, text: str) -> bool:
    return file.lower().endswith(_YAML) or re.search(r"^dependencies\s*:", text, re.MULTILINE) is not None


def _edited(text: str, file: str, edit: Edit) -> str:
    from resolver.explain.fixes.changes import Action

    if edit.action is Action.CHANNEL:
        return _with_channel(text, file, edit.text)
    if edit.action is Action.ADD:
        return with_item(text, file, edit.text, pip=False)
    if edit.action is Action.ADD_PIP:
        return _with_pip_line(text, file, edit.text)
    if edit.action is Action.REMOVE:
        return without_item(text, edit)
    if edit.action is Action.SELECT:
        return _selected(text, edit)
    if edit.action is Action.TO_PIP:
        return with_item(without_item(text, edit), file, edit.text, pip=True)
    if edit.action is Action.TO_CONDA:
        return with_item(without_item(text, edit), file, edit.text, pip=False)
    return replaced(text, edit)


# -- one item ---------------------------------------------------------------------------------------


def _line_of(text: str, edit: Edit) -> tuple[list[str], int, str, Origin]:
    """Return the file's lines, the item's line, its text as written, and its place; raises InputError."""
    from resolver.explain.members import line_text

    assert edit.line is not None  # noqa: S101  (asked of lines only)
    origin = edit.line.origin
    lines = text.splitlines(keepends=True)
    old = line_text(edit.line)
    number = (origin.line or 0) - 1
    if not 0 <= number < len(lines) or old not in lines[number]:
        raise InputError(
            f"can't find `{old}` as it stands here",
            origin,
            "The item may go over several lines: edit it by hand.",
        )
    return lines, number, old, origin


def _at(line: str, old: str, origin: Origin) -> int:
    """Return where the item begins in its line."""
    start = max(0, (origin.column or 1) - 1)
    found = line.find(old, start)
    return found if found >= 0 else line.find(old)


def replaced(text: str, edit: Edit) -> str:
    """Return the text with the edit's own in the place of its line's item. Raises InputError."""
    if (done := edited_entry(text, edit, edit.text)) is not None:
        return done
    lines, number, old, origin = _line_of(text, edit)
    line = lines[number]
    at = _at(line, old, origin)
    before, after = line[:at], line[at + len(old) :]
    new = edit.text
    is_quoted = before.endswith(("'", '"')) and after.startswith(before[-1])
    needs_quotes = not is_quoted and _is_flow(before) and _FLOW_STOPS.search(new)
    lines[number] = f"{before}'{new}'{after}" if needs_quotes else before + new + after
    return "".join(lines)


def _selected(text: str, edit: Edit) -> str:
    """Return the text with a selector in the comment behind the item."""
    lines, number, old, origin = _line_of(text, edit)
    line = lines[number]
    if _is_flow(line[: _at(line, old, origin)]):
        raise InputError(f"can't put a selector behind `{old}`", origin, "Give the item a line of its own.")
    body = line.rstrip()
    comment = "" if "#" in body[_at(line, old, origin) + len(old) :] else " #"
    lines[number] = f"{body}{comment and ' '}{comment} [{edit.text}]{line[len(body) :]}"
    return "".join(lines)


def _is_flow(before: str) -> bool:
    plain = re.sub(r"'[^']*'|\"[^\"]*\"", "", before)
    return plain.count("[") + plain.count("{") > plain.count("]") + plain.count("}")


def without_item(text: str, edit: Edit) -> str:
    """Return the text without the item: its whole line, or its place in a ``[...]``. Raises InputError."""
    if (done := edited_entry(text, edit, None)) is not None:
        return done
    lines, number, old, origin = _line_of(text, edit)
    line = lines[number]
    at = _at(line, old, origin)
    before, after = line[:at], line[at + len(old) :]
    alone = re.fullmatch(r"\s*(?:-\s+)?['\"]?", before) and re.fullmatch(r"['\"]?,?\s*(?:#.*)?\s*", after)
    if alone:
        del lines[number]
        return "".join(lines)
    if _is_flow(before):
        before = re.sub(r"['\"]$", "", before)
        after = re.sub(r"^['\"]", "", after)
        if re.match(r"\s*,", after):
            after = re.sub(r"^\s*,\s*", "", after)
        else:
            before = re.sub(r",\s*$", "", before)
        lines[number] = before + after
        return "".join(lines)
    raise InputError(f"can't take `{old}` out of its line", origin, "Edit the line by hand.")


# -- structure of a YAML file -------------------------------------------------------------------------


def load_yaml(text: str, file: str) -> Any:
    """Return a YAML text with the places of its parts. Raises InputError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="rt").load(io.StringIO(text))
    except YAMLError as error:
        raise InputError(
            f"is no YAML after the change: {str(error).splitlines()[0]}", Origin(file=file)
        ) from None


def _check_yaml(text: str, file: str) -> None:
    load_yaml(text, file)


def with_item(text: str, file: str, item: str, *, pip: bool) -> str:
    """Add an item at the end of the pip or of the conda part. Raises InputError."""
    if file.lower().endswith(".toml"):
        raise InputError(f"can't put `{item}` into a table of its own", Origin(file=file), "`lock add` does.")
    document = load_yaml(text, file)
    holder = document if isinstance(document, dict) else {}
    found = holder.get("dependencies")
    if found is None:
        raise InputError("has no `dependencies:`", Origin(file=file), "Edit the file by hand.")
    pip_part = next((entry for entry in found if isinstance(entry, dict) and "pip" in entry), None)
    lines = text.splitlines(keepends=True)
    end = _line_end(lines)
    if not pip:
        plain = [n for n, entry in enumerate(found) if not isinstance(entry, dict)]
        if plain:
            row, column = found.lc.item(plain[-1])
            lines.insert(row + 1, f"{_dash(lines[row], column, Origin(file=file, line=row + 1))}{item}{end}")
        else:
            row, column = found.lc.item(0)
            lines.insert(row, f"{_dash(lines[row], column, Origin(file=file, line=row + 1))}{item}{end}")
        return "".join(lines)
    if pip_part is not None and pip_part["pip"]:
        part = pip_part["pip"]
        row, column = part.lc.item(len(part) - 1)
        lines[row] = lines[row] if lines[row].endswith("\n") else lines[row] + end
        lines.insert(row + 1, f"{_dash(lines[row], column, Origin(file=file, line=row + 1))}{item}{end}")
        return "".join(lines)
    row, column = found.lc.item(len(found) - 1)
    last = lines[row] = lines[row] if lines[row].endswith("\n") else lines[row] + end
    dash = _dash(last, column, Origin(file=file, line=row + 1))
    added = [f"{dash}pip:{end}", f"{' ' * len(dash)}- {item}{end}"]
    lines[row + 1 : row + 1] = added
    return "".join(lines)


def _with_pip_line(text: str, file: str, item: str) -> str:
    """Add a pip line at the end of the pip part, or of a requirements file. Raises InputError."""
    if _is_yaml(file, text):
        return with_item(text, file, item, pip=True)
    if file.lower().endswith(".toml"):
        raise InputError(f"can't add `{item}` here", Origin(file=file), f"`lock add --pip '{item}'` does.")
    end = _line_end(text.splitlines(keepends=True))
    return f"{text}{'' if not text or text.endswith(end) else end}{item}{end}"


def _dash(line: str, column: int, place: Origin) -> str:
    """Return what stands before an item: indentation and ``- ``; raises InputError with the line's place."""
    before = line[:column]
    if not re.fullmatch(r"\s*-\s+", before):
        raise InputError("the list is not written one item a line", place, "Edit the file by hand.")
    return before


def _with_channel(text: str, file: str, name: str) -> str:
    document = load_yaml(text, file)
    if not isinstance(document, dict):
        raise InputError("is no environment file", Origin(file=file), f"Add the channel `{name}` by hand.")
    lines = text.splitlines(keepends=True)
    end = _line_end(lines)
    found = document.get("channels")
    if found:
        row, column = found.lc.item(len(found) - 1)
        if found.fa.flow_style():
            closing = lines[row].index("]", column)
            lines[row] = f"{lines[row][:closing].rstrip()}, {name}{lines[row][closing:]}"
            return "".join(lines)
        lines.insert(row + 1, f"{_dash(lines[row], column, Origin(file=file, line=row + 1))}{name}{end}")
        return "".join(lines)
    places: Any = document.lc  # type: ignore[attr-defined]  # ruamel's own, on every mapping it loads
    row = places.key("dependencies")[0] if "dependencies" in document else 0
    lines[row:row] = [f"channels:{end}", f"  - {name}{end}"]
    return "".join(lines)


def _line_end(lines: list[str]) -> str:
    return "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
