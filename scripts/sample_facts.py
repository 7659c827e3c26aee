"""Draw rows of the tables of facts at random, for readers who didn't write them.

Run it as ``python scripts/sample_facts.py SEED [--count 120] [--parts 2] --output PREFIX``. It draws among
the rows of every table below ``resolver/*/data``, each row alike, and writes them to ``PREFIX-1.json``,
``PREFIX-2.json`` ...: file, table and its subject, number of the row, source, and row. The same seed draws
the same rows of the same tables. A reader opens what a row cites, and says whether the row says what stands
there.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def iter_rows(root: Path = ROOT) -> Iterator[dict[str, Any]]:
    """Yield every row with the file, the table and the number that it has there, in a fixed order."""
    for path in sorted(root.glob("resolver/*/data/*.json")):
        for table, held in json.loads(path.read_text(encoding="utf-8")).items():
            for number, row in enumerate(held["rows"] if isinstance(held, dict) and "rows" in held else ()):
                place = {"file": path.relative_to(root).as_posix(), "table": table, "about": held["about"]}
                yield {**place, "number": number, "source": row["source"], "row": row}


def draw(rows: Sequence[dict[str, Any]], seed: int, count: int) -> list[dict[str, Any]]:
    """Return ``count`` different rows, in the order in which they were drawn."""
    return random.Random(seed).sample(rows, count)  # noqa: S311  # to be drawn again, not to be secret


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw, write the parts, and say of which tables they are."""
    parser = argparse.ArgumentParser(description="Draw rows of the tables of facts for a reader.")
    parser.add_argument("seed", type=int)
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--parts", type=int, default=1, help="files to spread them over")
    parser.add_argument("--output", type=Path, required=True, help="path of the files, without their number")
    options = parser.parse_args(arguments)
    rows = list(iter_rows())
    if not 0 < options.count <= len(rows) or options.parts < 1:
        parser.error(f"there are {len(rows)} rows to draw from")
    drawn = draw(rows, options.seed, options.count)
    for part in range(options.parts):
        path = options.output.with_name(f"{options.output.name}-{part + 1}.json")
        text = json.dumps(drawn[part :: options.parts], ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")
        print(f"{path}: {len(drawn[part :: options.parts])} of {len(rows)} rows")
    for table, number in sorted(Counter(item["table"] for item in drawn).items()):
        print(f"  {table}: {number}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
