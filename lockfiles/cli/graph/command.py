"""``lock graph``: a lockfile, two of them or a conflict as a page, or as a graph for other tools."""

from __future__ import annotations

import json
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import msgspec

from lockfiles.cli.listening import TerminalListener
from lockfiles.drawing import GraphRequest, drawing_text, graph
from lockfiles.drawings.names import DRAWING_FORMATS
from lockfiles.surroundings import STDIN

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal

#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1
EXIT_NO_SOLUTION = 4


class GraphCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What the verb is to do."""

    request: GraphRequest
    format: str | None = None  #: None: what ``output`` ends in, else html
    output: str | None = None  #: None: beside the first file; ``-``: standard output


def run(command: GraphCommand, terminal: Terminal) -> int:
    """Write the drawing; return 0, or 4 where a platform has no solution."""
    from lockfiles.files import write_text

    chosen = command.format or _format_of(command.output)
    drawing = graph(command.request, TerminalListener(terminal))
    text = drawing_text(drawing, chosen)
    place = None if command.output == STDIN else Path(command.output or _name_of(command.request, chosen))
    if place is None and not terminal.json:
        terminal.data(text)
    elif place is not None:
        changed = write_text(place, text)
        terminal.note(f"{'Wrote' if changed else 'Nothing to change in'} `{place}`.")
    if terminal.json:
        document = {
            "schema_version": SCHEMA_VERSION,
            "format": chosen,
            "output": place.as_posix() if place is not None else None,
            "platforms": [one.platform for one in drawing.graphs],
            "unsolvable": [one.platform for one in drawing.conflicts],
            "remarks": list(drawing.remarks),
        }
        terminal.data(json.dumps(document, indent=2, ensure_ascii=False))
    for remark in drawing.remarks:
        terminal.note(f"note: {remark}")
    for conflict in drawing.conflicts:
        terminal.note(f"{conflict.platform}: no solution; the conflict is drawn")
    return EXIT_NO_SOLUTION if drawing.conflicts else 0


def _format_of(output: str | None) -> str:
    """Return the format that a file's name ends in, else html."""
    suffix = PurePath(output or "").suffix.lower()
    known = {row.suffix: name for name, row in DRAWING_FORMATS.items()} | {".gv": "dot", ".htm": "html"}
    return known.get(suffix, "html")


def _name_of(request: GraphRequest, format: str) -> str:  # noqa: A002  (as everywhere)
    """Return the file beside the newest of the files, with the format's end; of a revision, or none: here."""
    name = request.files[-1]
    path = PurePath("lock") if name == STDIN else PurePath(name)
    if ":" in name and not path.drive:
        path = PurePath(path.name.rpartition(":")[2])
    return str(
        path.with_name((path.stem if path.suffix != ".lock" else path.name) + DRAWING_FORMATS[format].suffix)
    )
