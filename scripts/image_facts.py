"""What an image asks of the driver, by the text that it carries: driver branches, brands of GPUs apart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from resolver.machine.facts import Brand

#: Brands as NVIDIA's container runtime names them -> as the tables do. Titan cards count as GeForce.
BRANDS: Mapping[str, Brand] = {
    "tesla": "tesla",
    "quadro": "quadro",
    "quadrortx": "quadro",
    "nvidiartx": "quadro",
    "geforce": "geforce",
    "geforcertx": "geforce",
    "titan": "geforce",
    "titanrtx": "geforce",
}
_CLAUSE = re.compile(r"brand=(\w+),driver>=(\d+),driver<(\d+)")


def read_requirement(text: str) -> dict[str, Any]:
    """Return ``cuda`` and ``branches`` of a row of ``image_requirements`` from a NVIDIA_REQUIRE_CUDA.

    A blank stands for "or", a comma for "and". A branch counts for a brand where it is listed for all of its
    kinds that the text names at all: what holds for some is no promise for the others. Raises ValueError for
    a text that asks for no CUDA.
    """
    cuda = re.search(r"cuda>=(\d+\.\d+)", text)
    if cuda is None:
        raise ValueError(f"no `cuda>=` in {text[:60]!r}")
    listed: dict[str, set[int]] = {}
    for name, low, high in _CLAUSE.findall(text):
        if name in BRANDS and int(high) == int(low) + 1:
            listed.setdefault(name, set()).add(int(low))
    branches = {
        brand: sorted(set.intersection(*kinds))
        for brand in get_args(Brand)
        if (kinds := [found for name, found in listed.items() if BRANDS[name] == brand])
    }
    return {"cuda": cuda[1], "branches": {brand: found for brand, found in branches.items() if found}}


def requirement_differences(text: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what a row of the table says otherwise, by brand; raises ValueError as the reader does."""
    said = read_requirement(text)
    row = next((row for row in rows if row["cuda"] == said["cuda"]), None)
    if row is None:
        return [f"CUDA {said['cuda']}: no row; the image says {said['branches']}"]
    return [
        f"CUDA {said['cuda']}, {brand}: the table says {here or 'nothing'}, the image {there or 'nothing'}"
        for brand in get_args(Brand)
        if (here := list(row["branches"].get(brand, ()))) != (there := said["branches"].get(brand, []))
    ]
