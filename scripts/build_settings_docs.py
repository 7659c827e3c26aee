"""Write docs/settings.md and docs/lockstack.schema.json from the table of settings.

Run it as ``python scripts/build_settings_docs.py``; with ``--check`` it writes nothing and fails
where a file is not what it would write.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lockfiles.settings.definition import SOLVING, Decides, Definition, Form
from lockfiles.settings.table import DEFINITIONS, TOPICS

FOLDER = Path(__file__).resolve().parent.parent / "docs"

INTRODUCTION = """\
# Settings

Each setting may be given in several places. The first that says something wins:

1. a flag
2. a variable `LOCK_*`
3. `lockstack.toml`, then `[tool.lockstack]` of `pyproject.toml`, in the nearest folder that has one of them
4. conda's configuration (`.condarc` and `CONDA_*`), then pip's (`pip.conf` and `PIP_*`)
5. the default

The nearest folder is that of the input, else the one above it, and so on, as ruff, uv and pixi look for
theirs. It holds as a whole: folders above it add nothing. A `pyproject.toml` without the table is passed
over. The root of a git repository ends the way up, so that a checkout is the same anywhere; outside of one
it goes to the top, but files of other users (neither yours nor the owner's of the input's folder, nor
root's) don't count, which is said. So a file has the same settings however, and from where, it is asked
for: alone, with `--each`, or in a [fleet](fleet.md). `output` alone counts for inputs beside its settings
file, as files of other folders would all be written there.

`lock --show-settings` prints every setting with its value and its place; secrets are blanked.

In a variable a list is separated by blanks or commas (addresses by blanks), and a table is written as
`NAME=VALUE NAME=VALUE`. Relative paths of a settings file are seen from that file, all others from the
current folder; `~` is the home folder. Keys may be spelled with `-` or `_`.

```toml
#:schema docs/lockstack.schema.json
channels = ["conda-forge"]
virtual-packages = ["__cuda=12.4"]
exclude-newer = 2026-06-30

[indexes]
corp = "https://packages.example.org/simple"

[package-indexes]
our-models = "corp"
```

`docs/lockstack.schema.json` is the JSON Schema of `lockstack.toml`, for editors.

A lockfile's request hash says whether the same was asked; "in the request hash" tells which settings are
part of it. A place on disk counts by its last part, so that a checkout may lie anywhere. All others can't
change an answer, for the reason given.
"""

_HELD = {
    Decides.TARGET: "as part of the target",
    Decides.CHANNELS: "as the names of the channels that are used",
    Decides.ADDRESSES: "as the addresses of the channels that are used, where they aren't conda's own",
    Decides.INDEXES: "as the names of the indexes that are used",
    Decides.ALWAYS: "always",
    Decides.CHANGED: "where it isn't the default",
}


def page() -> str:
    """Return the text of docs/settings.md."""
    lines = [INTRODUCTION]
    for topic, rows in TOPICS.items():
        lines += [f"## {topic}", ""]
        for row in rows:
            lines += _section(row)
    return "\n".join(lines).rstrip("\n") + "\n"


def _section(row: Definition) -> list[str]:
    """Return the lines on one setting."""
    lines = [
        f"### `{row.key}`",
        "",
        row.text,
        "",
        f"- value: {row.kind.words}",
        f"- default: {_default(row)}",
    ]
    if row.flag:
        lines.append(f"- flag: {_flag(row)}")
    lines.append(f"- variable: `{row.variable}`")
    others = [f"conda's `{row.conda}`"] if row.conda else []
    if row.pip:
        others.append(f"pip's {' and '.join(f'`{option}`' for option in row.pip)}")
    if others:
        lines.append(f"- also read: {', '.join(others)}")
    if row.aliases:
        lines.append(f"- other name in a settings file: {', '.join(f'`{alias}`' for alias in row.aliases)}")
    held = _HELD[row.decides] if row.decides else ""
    lines.append(f"- in the request hash: {held or f'no: {row.because}'}")
    return [*lines, ""]


def _flag(row: Definition) -> str:
    flag = row.flag
    assert flag is not None  # noqa: S101
    names = " ".join(f"`{name}`," for name in (flag.short,) if name) + (" " if flag.short else "")
    value = "|".join(row.kind.choices) or flag.metavar
    shown = flag.name if row.kind.form is Form.SWITCH else f"{flag.name} {value}"
    more = "; may be repeated" if row.kind.form is Form.MANY else ""
    verbs = [verb for verb in ("lock", "explain", "check", "hash") if verb in flag.verbs]
    where = "" if flag.verbs == SOLVING else f" ({', '.join(f'`{verb}`' for verb in verbs)} alone)"
    return f"{names}`{shown}`{more}{where}"


def _default(row: Definition) -> str:
    if row.default_words:
        return row.default_words
    match row.default:
        case bool():
            return "true" if row.default else "false"
        case None | () | {}:
            return "none"
        case str():
            return f"`{row.default}`"
    return f"{row.default:g}" if isinstance(row.default, float) else str(row.default)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of lockstack.toml, and of ``[tool.lockstack]``."""
    properties: dict[str, Mapping[str, Any]] = {}
    for row in DEFINITIONS:
        properties[row.key] = {"description": row.text, **row.kind.schema}
        spellings = dict.fromkeys((row.key, *row.aliases))
        others = (*row.aliases, *(name.replace("-", "_") for name in spellings if "-" in name))
        for name in others:
            properties[name] = {
                "description": f"Another spelling of `{row.key}`.",
                "$ref": f"#/properties/{row.key}",
            }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "lockstack.toml",
        "description": "Settings of lockstack, beside an environment file or as [tool.lockstack] of a "
        "pyproject.toml.",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def files() -> dict[str, str]:
    """Return file name -> text."""
    return {
        "settings.md": page(),
        "lockstack.schema.json": json.dumps(schema(), indent=2, ensure_ascii=False) + "\n",
    }


def main(arguments: list[str]) -> int:
    """Write the files, or compare them."""
    wanted = files()
    if "--check" in arguments:
        stale = [
            name
            for name, text in wanted.items()
            if not (FOLDER / name).is_file() or (FOLDER / name).read_text(encoding="utf-8") != text
        ]
        print("\n".join(f"stale: docs/{name}" for name in stale) or "both files are up to date")
        return 1 if stale else 0
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
