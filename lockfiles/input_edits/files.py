"""One input file with an item put in or taken out: by its format."""

from __future__ import annotations

from typing import Any

from lockfiles.explaining_edits import load_yaml, replaced, with_item, without_item
from lockfiles.input_edits.items import PackageLine, lines_of
from resolver.errors import InputError
from resolver.explain.fixes.changes import Action, Edit
from resolver.inputs.reading import parse_inputs
from resolver.model.origin import Origin
from resolver.model.requirements import Requirements

_YAML = (".yml", ".yaml", ".json")


def is_toml(file: str) -> bool:
    """Tell whether a file is TOML."""
    return file.lower().endswith(".toml")


def holds_conda(text: str, file: str) -> bool:
    """Tell whether a package without a word of its kind is conda's in this file."""
    if is_toml(file):
        from lockfiles.input_edits.toml_tables import has_conda_table

        return has_conda_table(text, file)
    return _is_environment(text, file)


def put_in(text: str, file: str, item: PackageLine) -> str:
    """Return the file with an item put in, or in place of the line that asks for its package.

    Raises InputError where that can't be done.
    """
    if is_toml(file):
        from lockfiles.input_edits.toml_tables import with_line

        return with_line(text, file, item)
    _refuse_group(item, file)
    is_environment = _is_environment(text, file)
    lines = lines_of(item, _requirements(text, file), file)
    if len(lines) > 1:
        places = ", ".join(str(line.origin) for line in lines)
        raise InputError(f"several lines ask for `{item.name}`: {places}", hint="Edit them by hand.")
    if lines:
        return replaced(text, Edit(action=Action.REPLACE, line=lines[0], text=item.text))
    if is_environment:
        return with_item(text, file, item.text, pip=item.is_pip)
    if not item.is_pip:
        raise InputError(f"`{item.text}`: the file asks for nothing of conda", Origin(file=file))
    end = "\r\n" if "\r\n" in text else "\n"
    return f"{text}{'' if not text or text.endswith(chr(10)) else end}{item.text}{end}"


def take_out(text: str, file: str, item: PackageLine) -> str | None:
    """Return the file without the lines that ask for a package; None where there is none."""
    if is_toml(file):
        from lockfiles.input_edits.toml_tables import without_line

        return without_line(text, file, item)
    _refuse_group(item, file)
    is_environment = _is_environment(text, file)
    lines = lines_of(item, _requirements(text, file), file)
    for line in sorted(lines, key=lambda line: line.origin.line or 0, reverse=True):
        text = without_item(text, Edit(action=Action.REMOVE, line=line))
    if not lines:
        return None
    return _without_empty_part(text, file) if is_environment else text


def _requirements(text: str, file: str) -> Requirements:
    """Return what a file asks for by itself; what it includes isn't read."""

    def read(name: str) -> str:
        return text if name == file else ""

    return parse_inputs([file], read)


def _refuse_group(item: PackageLine, file: str) -> None:
    if item.group is not None:
        raise InputError(
            f"has no groups: `{item.group}` can't be meant",
            Origin(file=file),
            "Groups stand in pyproject.toml and pixi.toml.",
        )


def _is_environment(text: str, file: str) -> bool:
    """Tell whether a file is an environment.yml; raises InputError for other YAML."""
    if not file.lower().endswith(_YAML):
        return False
    document: Any = load_yaml(text, file)
    if isinstance(document, dict) and "dependencies" in document:
        return True
    raise InputError(
        "has no `dependencies:`", Origin(file=file), "Name the environment.yml that it uses with `--file`."
    )


def _without_empty_part(text: str, file: str) -> str:
    """Return an environment.yml without a `pip:` that nothing is left under."""
    document: Any = load_yaml(text, file)
    found = document.get("dependencies")
    if not found:
        raise InputError("would ask for nothing", Origin(file=file), "Delete the file instead.")
    for number, entry in enumerate(found):
        if isinstance(entry, dict) and "pip" in entry and not entry["pip"]:
            row, _ = found.lc.item(number)
            lines = text.splitlines(keepends=True)
            del lines[row]
            return "".join(lines)
    return text
