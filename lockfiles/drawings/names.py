"""The formats that a drawing can be written in; light, for ``--help``."""

from __future__ import annotations

from typing import NamedTuple


class DrawingFormat(NamedTuple):
    """A format; ``module`` of this package has ``function(drawing) -> str``."""

    module: str
    function: str
    suffix: str  #: of its files


DRAWING_FORMATS: dict[str, DrawingFormat] = {
    "html": DrawingFormat("page", "to_page", ".html"),
    "graphml": DrawingFormat("network", "to_graphml", ".graphml"),
    "dot": DrawingFormat("dot", "to_dot", ".dot"),
    "json": DrawingFormat("network", "to_node_link", ".json"),
}
