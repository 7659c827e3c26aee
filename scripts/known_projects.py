"""Renew the table of well-known projects from a list of the most downloaded ones.

Run it as ``python scripts/known_projects.py LIST --date 2026-11 --source WORDS``: ``LIST`` has a project
a line, the most downloaded first. The first 1,000 become ``downloaded``; of the others those that are one
letter from a well-known one become ``neighbours``: real projects, which nobody takes for a slip. ``named``
stays.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from resolver.constraints.known_projects import DATA, one_letter_away
from resolver.model.names import pypi_name

_MOST = 1_000


def renewed(
    table: dict[str, dict[str, str]], ranked: Sequence[str], source: str, date: str
) -> dict[str, dict[str, str]]:
    """Return the table with what a list says."""
    named, ranks = set(table["named"]["names"].split()), dict.fromkeys(pypi_name(name) for name in ranked)
    downloaded = set(list(ranks)[:_MOST])
    popular = named | downloaded
    near = {name for name in ranks if name not in popular and not popular.isdisjoint(one_letter_away(name))}
    origin = {"source": source, "date": date}
    return {
        "named": table["named"],
        "downloaded": {**table["downloaded"], **origin, "names": _text(downloaded - named)},
        "neighbours": {**table["neighbours"], **origin, "names": _text(near)},
    }


def _text(names: Iterable[str]) -> str:
    return " ".join(sorted(names))


def layout(table: dict[str, dict[str, str]]) -> str:
    """Return the text of the table: names as a list of lines, each a text of many names."""
    parts = []
    for kind, row in table.items():
        lines = textwrap.wrap(row["names"], 105, break_long_words=False, break_on_hyphens=False)
        head = [f"  {json.dumps(key)}: {json.dumps(row[key])}" for key in ("about", "source", "date")]
        names = ",\n".join(f"   {json.dumps(line)}" for line in lines)
        parts.append(f' "{kind}": {{\n' + ",\n".join(head) + f',\n  "names": [\n{names}\n  ]\n }}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main(arguments: Sequence[str]) -> int:
    """Read the list, and write the table."""
    parser = argparse.ArgumentParser(prog="known_projects.py")
    parser.add_argument("list", type=Path)
    parser.add_argument("--date", required=True)
    parser.add_argument("--source", required=True)
    asked = parser.parse_args(arguments)
    table = {
        kind: {**row, "names": " ".join(row["names"])}
        for kind, row in json.loads(DATA.read_text(encoding="utf-8")).items()
    }
    ranked = asked.list.read_text(encoding="utf-8").split()
    DATA.write_text(layout(renewed(table, ranked, asked.source, asked.date)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
