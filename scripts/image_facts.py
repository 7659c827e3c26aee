"""What an image asks of the driver, by the text that it carries: driver branches, brands of GPUs apart."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, get_args

from resolver.machine.drivers import known_branches, toolkit_driver
from resolver.machine.facts import Brand
from resolver.model.leading_numbers import release

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
#: One way to start: a range of drivers, of one brand or (without it) of any.
_WAY = re.compile(r"(?:brand=(\w+),)?driver>=(\d+)(?:,driver<(\d+))?")


def read_requirement(text: str) -> dict[str, Any]:
    """Return ``cuda`` and ``branches`` of a row of ``image_requirements`` from a NVIDIA_REQUIRE_CUDA.

    A blank stands for "or", a comma for "and". A range of several branches is told by those that the tables
    know, below the own one of the CUDA: newer drivers know it anyway. A branch counts for a brand where it is
    listed for all of its kinds: what holds for some is no promise for the others, and there are images that
    name `quadrortx` and not `quadro` (the first ones of CUDA 11.5 to 11.8).
    Raises ValueError for a text that asks for no CUDA.
    """
    cuda = re.search(r"cuda>=(\d+\.\d+)", text)
    if cuda is None:
        raise ValueError(f"no `cuda>=` in {text[:60]!r}")
    listed: dict[str, set[int]] = {}
    everywhere: set[int] = set()
    for name, low, high in (way.groups() for word in text.split() if (way := _WAY.fullmatch(word))):
        found = _branches(cuda[1], int(low), int(high) if high else None)
        if name is None:
            everywhere |= found
        elif name in BRANDS:
            listed.setdefault(name, set()).update(found)
    branches = {
        brand: everywhere
        | set.intersection(*(listed.get(name, set()) for name, kind in BRANDS.items() if kind == brand))
        for brand in get_args(Brand)
    }
    return {"cuda": cuda[1], "branches": _sorted(branches)}


def _branches(cuda: str, low: int, high: int | None) -> set[int]:
    """Return the driver branches of a range that reaches from one on, up to another or without end."""
    if high == low + 1:
        return {low}
    toolkit = toolkit_driver(cuda)
    own = release(toolkit.linux or "")[:1] if toolkit is not None else ()
    end = min(filter(None, (high, *own)), default=None)
    return {branch for branch in known_branches() if low <= branch and (end is None or branch < end)}


def _sorted(branches: Mapping[Brand, Collection[int]]) -> dict[str, list[int]]:
    return {brand: sorted(found) for brand, found in branches.items() if found}


def read_requirements(today: Iterable[str], earlier: Iterable[str]) -> dict[str, Any]:
    """Return a row from the texts of all images of a CUDA: those of today, and of their earlier builds.

    ``branches`` are what each of them lists, ``sometimes`` what one lists and another, or an earlier build of
    the same image, doesn't: an environment may name the earlier one, by its digest.
    """
    said = [read_requirement(text) for text in (*today, *earlier)]
    branches, sometimes = {}, {}
    for brand in get_args(Brand):
        listed = [set(row["branches"].get(brand, ())) for row in said]
        branches[brand] = set.intersection(*listed)
        sometimes[brand] = set.union(*listed) - branches[brand]
    row = {"cuda": said[0]["cuda"], "branches": _sorted(branches)}
    return {**row, "sometimes": _sorted(sometimes)} if any(sometimes.values()) else row


def requirement_differences(text: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what a row of the table says otherwise of one image, by brand.

    It must list what the row has for every image, and nothing that the row has for none. Raises ValueError
    as the reader does.
    """
    said = read_requirement(text)
    row = next((row for row in rows if row["cuda"] == said["cuda"]), None)
    if row is None:
        return [f"CUDA {said['cuda']}: no row; the image says {said['branches']}"]
    found = []
    for brand in get_args(Brand):
        always, there = set(row["branches"].get(brand, ())), set(said["branches"].get(brand, ()))
        possible = always | set(row.get("sometimes", {}).get(brand, ()))
        if not always <= there <= possible:
            found.append(
                f"CUDA {said['cuda']}, {brand}: the table says {sorted(always) or 'nothing'}"
                f"{f', at times {sorted(possible - always)}' if possible - always else ''}, "
                f"the image {sorted(there) or 'nothing'}"
            )
    return found
