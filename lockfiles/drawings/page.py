"""A drawing as one HTML page that needs nothing else: no network, no server, no library.

The page's own style and script are files of this package; the drawing stands in it as JSON, which holds no
`<`, `>` or `&`, so no text in it can end its element. The script makes elements and sets their text, never
markup; and the page's policy allows this very script and style by their hashes, and nothing else (CSP 3).
"""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any

import msgspec

from lockfiles.drawings.colors import color_of_sources
from lockfiles.drawings.model import Drawing

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def to_page(drawing: Drawing) -> str:
    """Return the page."""
    folder = files(__package__) / "page"
    style, script = ((folder / name).read_text(encoding="utf-8").strip() for name in ("page.css", "page.js"))
    parts = {
        "POLICY": f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'",
        "STYLE": style,
        "SCRIPT": script,
        "DATA": _data(drawing),
    }
    template = (folder / "page.html").read_text(encoding="utf-8")
    pieces = template.split("%%")  # text, name, text, name ... text
    return "".join(parts[piece] if place % 2 else piece for place, piece in enumerate(pieces))


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"


def _data(drawing: Drawing) -> str:
    value: dict[str, Any] = msgspec.to_builtins(drawing)
    for drawn, graph in zip(value["graphs"], drawing.graphs, strict=True):
        drawn["colors"] = color_of_sources(graph)
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return "".join(_ESCAPES.get(character, character) for character in text)
