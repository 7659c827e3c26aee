"""GPUs by the names that people, clouds and ``nvidia-smi`` give them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

import msgspec

from resolver.errors import InputError
from resolver.machine import facts
from resolver.model.findings import Unknown
from resolver.model.leading_numbers import release
from resolver.model.origin import Origin

_NUMBER = re.compile(r"(?:sm_?|cc|compute_)?(\d{1,2})\.?(\d)[af]?", re.IGNORECASE)
#: Makers' and product lines' words that tell no model.
_NOISE = frozenset({"NVIDIA", "TESLA", "GEFORCE", "AMD", "INSTINCT", "GPU"})


class Gpu(msgspec.Struct, frozen=True, kw_only=True):
    """A GPU model; ``capability`` is CUDA's compute capability (``8.0``), None for one without CUDA."""

    model: str
    capability: str | None
    vendor: str = "nvidia"
    geforce: bool = False  #: a card for games, for which NVIDIA's datacentre promises don't hold


def find_gpu(text: str, origin: Origin | None = None) -> Gpu:
    """Return the GPU of a model name or a compute capability.

    Names are those of ``nvidia-smi`` (``NVIDIA A100-SXM4-80GB``, ``Tesla V100-SXM2-16GB``) or of people
    (``A100``, ``RTX 4090``); capabilities ``8.0``, ``80``, ``sm_90a``. Raises InputError for an unknown
    model, with near ones in its hint.
    """
    number = _NUMBER.fullmatch(text.strip())
    if number:
        capability = f"{int(number[1])}.{number[2]}"
        return Gpu(model=f"GPU of compute capability {capability}", capability=capability)
    words = _words(text)
    row, name = max(_matches(words), key=lambda found: len(_words(found[1])), default=(None, ""))
    if row is None:
        raise InputError(f"unknown GPU model `{text}`", origin or Origin(file="--gpu"), _hint(words))
    model = " ".join(words[: len(_words(name))]) if "#" in name else name
    return Gpu(
        model=model if row.vendor == "nvidia" else text.strip(),
        capability=row.capability,
        vendor=row.vendor,
        geforce=row.geforce,
    )


def oldest_gpu(names: Sequence[str]) -> Gpu:
    """Return the GPU of the lowest compute capability among several; what runs on it runs on all.

    A name may be cut off (``Tesla V100-SXM2...``). Raises InputError for one that tells no model.
    """
    origin = Origin(file="--nvidia-smi")
    found = []
    for name in names:
        if name.endswith("...") and not _matches(_words(name.rstrip("."))):
            hint = "Use the output of `nvidia-smi -L`, or name the GPU: `--gpu MODEL`."
            raise InputError(f"`{name}` is cut off and tells no model", origin, hint)
        found.append(find_gpu(name.rstrip("."), origin))
    return min(found, key=lambda gpu: (gpu.capability is None, release(gpu.capability or "0")))


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s_\-/]+", text.upper()) if word and word not in _NOISE]


def _matches(words: list[str]) -> list[tuple[facts.GpuModel, str]]:
    """Return the rows one of whose names begins ``words``; ``#`` in a name stands for a digit."""
    return [
        (row, name)
        for row in facts.table(facts.GpuModel).rows
        for name in row.names
        if (parts := _words(name)) == [*map(_masked, words[: len(parts)], parts)]
    ]


def _masked(word: str, pattern: str) -> str:
    """Return the word with those digits as ``#`` for which the pattern has one."""
    if len(word) != len(pattern):
        return word
    return "".join(
        "#" if sign == "#" and char.isdigit() else char for char, sign in zip(word, pattern, strict=True)
    )


def _hint(words: list[str]) -> str:
    names = [name.replace("#", "x") for row in facts.table(facts.GpuModel).rows for name in row.names]
    near = difflib.get_close_matches(" ".join(words), names, n=4, cutoff=0.5)
    known = (
        f"Did you mean {', '.join(f'`{name}`' for name in near)}?" if near else f"Known: {', '.join(names)}."
    )
    return f"{known} A compute capability such as `8.0` always works."


def unknown_capability(gpu: Gpu) -> Unknown | None:
    """Say that no GPU of the facts has this compute capability; None where one has, or it has none."""
    table = facts.table(facts.GpuModel)
    known = {row.capability for row in table.rows if row.capability}
    if gpu.capability is None or gpu.capability in known:
        return None
    newest = max(known, key=release)
    return Unknown(
        subject=f"compute capability {gpu.capability}",
        text=f"compute capability {gpu.capability} is that of no GPU the facts know (up to {newest}); code "
        f"of {release(gpu.capability)[0]}.0 is taken to run on it",
        date=table.read,
        tables=("gpus",),
    )
