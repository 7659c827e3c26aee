"""One file of conda's configuration: its keys with their places and flags."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from lockfiles.settings.conda_keys import ALIASES, KEYS, CondaEntry
from resolver.errors import InputError
from resolver.inputs.faults import Faults
from resolver.inputs.text import decode_text
from resolver.inputs.yaml_nodes import compose, is_null, iter_mapping, place


def read_condarc(raw: bytes, path: Path, faults: Faults) -> Iterator[tuple[str, CondaEntry]]:
    """Yield each of conda's keys that a setting of ours stands for, with its entry."""
    shown = str(path)
    try:
        text = decode_text(raw, shown)
    except InputError as error:
        faults.add_error(error)
        return
    root = compose(text, shown, faults)
    if not isinstance(root, yaml.MappingNode):
        if root is not None and not is_null(root):
            faults.add("conda's configuration is a mapping", place(root, shown))
        return
    lines = text.split("\n")
    for name, key, value in iter_mapping(root, shown, faults):
        known = ALIASES.get(name, name)
        if known not in KEYS or is_null(value):
            continue
        origin = place(key, shown)
        flags = (
            tuple(_flag(item, lines) for item in value.value) if isinstance(value, yaml.SequenceNode) else ()
        )
        yield (
            known,
            CondaEntry(
                value=_plain(value),
                source=f"{shown}:{origin.line}",
                origin=origin,
                is_final=_flag(key, lines) == "final",
                flags=flags,
            ),
        )


def _flag(node: yaml.Node, lines: list[str]) -> str:
    """Return ``final``, ``top`` or ``bottom`` from the comment behind a node; empty without one."""
    if node.start_mark.line >= len(lines):
        return ""
    _, mark, word = lines[node.start_mark.line][node.start_mark.column :].rpartition("#!")
    word = word.strip().lower()
    return word if mark and word in ("final", "top", "bottom") else ""


def _plain(node: yaml.Node, depth: int = 0) -> Any:
    """Return a node as text, list or dict; conda needs no more than three levels."""
    if depth < 4 and isinstance(node, yaml.SequenceNode):
        return [_plain(item, depth + 1) for item in node.value]
    if depth < 4 and isinstance(node, yaml.MappingNode):
        return {str(key.value): _plain(value, depth + 1) for key, value in node.value}
    return "" if is_null(node) else str(node.value)
