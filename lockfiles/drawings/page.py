"""A drawing as one HTML page that needs nothing else (:mod:`lockfiles.drawings.self_contained`)."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import msgspec

from lockfiles.drawings.colors import color_of_sources
from lockfiles.drawings.model import Drawing
from lockfiles.drawings.self_contained import fill_page


def to_page(drawing: Drawing) -> str:
    """Return the page."""
    value: dict[str, Any] = msgspec.to_builtins(drawing)
    for drawn, graph in zip(value["graphs"], drawing.graphs, strict=True):
        drawn["colors"] = color_of_sources(graph)
    return fill_page(files(__package__) / "page", ("page.js",), value)
