"""Lay out the tables of facts: one row a paragraph, keys in the order in which they stand.

Run it as ``python scripts/format_facts.py`` after an edit of ``resolver/*/data/*.json``; with
``--check`` it writes nothing and fails where a file is laid out otherwise. Values aren't touched.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (ROOT / "resolver" / "machine" / "data", ROOT / "resolver" / "checks" / "data")
#: Longest line, where a value can be broken.
WIDTH = 110


def layout(family: dict[str, Any]) -> str:
    """Return the text of a family of tables: ``about``, ``read``, then the rows."""
    return "{\n" + ",\n".join(_table(name, table) for name, table in family.items()) + "\n}\n"


def _table(name: str, table: dict[str, Any]) -> str:
    head = [f"{_dump(key)}: {_dump(value)}" for key, value in table.items() if key != "rows"]
    rows = ",\n".join(layout_row(row) for row in table["rows"])
    return _dump(name) + ": {\n" + ",\n".join(head) + ',\n"rows": [\n' + rows + "\n]}"


def layout_row(row: dict[str, Any]) -> str:
    """Return the lines of one row."""
    flat = _dump(row)
    return flat if len(flat) <= WIDTH else _fill(_tokens(row), WIDTH)


def _tokens(value: Any) -> Iterator[str]:
    """Yield the pieces of a value between which a line may end; those too long are broken further."""
    items = (
        [(f"{_dump(key)}: ", item) for key, item in value.items()]
        if isinstance(value, dict)
        else [("", item) for item in value]
    )
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    for number, (key, item) in enumerate(items):
        flat = key + _dump(item)
        pieces = [flat] if len(flat) < WIDTH - 2 or not isinstance(item, (dict, list)) else [*_tokens(item)]
        if pieces[0] is not flat:
            pieces[0] = key + pieces[0]
        pieces[0] = (opening if number == 0 else "") + pieces[0]
        pieces[-1] += closing if number == len(items) - 1 else ","
        yield from pieces


def _fill(tokens: Iterable[str], width: int) -> str:
    """Return tokens in lines of at most ``width`` characters; all but the first are indented by one."""
    lines = [""]
    for token in tokens:
        if lines[-1].strip() and len(lines[-1]) + 1 + len(token) > width:
            lines.append(" " + token)
        else:
            lines[-1] += (" " if lines[-1].strip() else "") + token
    return "\n".join(lines)


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def main(arguments: list[str]) -> int:
    """Write the files anew, or compare them."""
    stale = []
    for path in (path for folder in FOLDERS for path in sorted(folder.glob("*.json"))):
        text = path.read_text(encoding="utf-8")
        wanted = layout(json.loads(text))
        if text != wanted:
            stale.append(path.relative_to(ROOT).as_posix())
            if "--check" not in arguments:
                path.write_text(wanted, encoding="utf-8")
    print("\n".join(f"laid out otherwise: {name}" for name in stale) or "all files are laid out")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
