"""A page of HTML that needs nothing else: no network, no server, no library.

The page's style and scripts are files of a package; what it shows stands in it as JSON, which holds no
`<`, `>` or `&`, so no text in it can end its element. The scripts make elements and set their text, never
markup; and the page's policy allows these very scripts and this style by their hashes, and nothing else
(CSP 3).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from importlib.resources.abc import Traversable
from typing import Any

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def fill_page(folder: Traversable, scripts: Sequence[str], data: Any) -> str:
    """Return the page of a folder that has `page.html` and `page.css`, with its scripts in order as one.

    `data` is of plain values. The template has names between `%%`: POLICY, STYLE, DATA, SCRIPT.
    """
    style = (folder / "page.css").read_text(encoding="utf-8").strip()
    script = "\n".join((folder / name).read_text(encoding="utf-8").strip() for name in scripts)
    parts = {
        "POLICY": f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'",
        "STYLE": style,
        "SCRIPT": script,
        "DATA": _data(data),
    }
    template = (folder / "page.html").read_text(encoding="utf-8")
    pieces = template.split("%%")  # text, name, text, name ... text
    return "".join(parts[piece] if place % 2 else piece for place, piece in enumerate(pieces))


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"


def _data(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    for character, escape in _ESCAPES.items():
        text = text.replace(character, escape)
    return text
