"""Colours of channels and indexes, the same in every form of a drawing."""

from __future__ import annotations

from collections import Counter

from lockfiles.drawings.model import DrawnGraph

#: Told apart by people who see few colours too (Okabe and Ito 2008), the darkest for the most packages.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#e69f00")
#: All others.
OTHER = "#6b7280"


def color_of_sources(graph: DrawnGraph) -> dict[str, str]:
    """Return channel or index -> colour; those with the most packages first, then by name."""
    counted = Counter(node.source for node in graph.nodes)
    ordered = sorted(counted, key=lambda source: (-counted[source], source))
    return {source: PALETTE[place] if place < len(PALETTE) else OTHER for place, source in enumerate(ordered)}
