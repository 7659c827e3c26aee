"""GPUs by the names that people, clouds and ``nvidia-smi`` give them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from resolver.errors import InputError
from resolver.machine import facts
from resolver.model.findings import Unknown
from resolver.model.leading_numbers import release
from resolver.model.origin import Origin
from resolver.model.patterns import pattern

_NUMBER = pattern(r"(?:sm_?|cc|compute_)?(\d{1,2})\.?(\d)[af]?", re.IGNORECASE)
#: What a name of a model looks like: the word of a maker or a product line and a number, or letters and one.
_MODEL = pattern(
    r"\b(?:NVIDIA|TESLA|GEFORCE|QUADRO|[RG]TX|AMD|RADEON|INSTINCT|APPLE|INTEL)\b.*\d"
    r"|\b(?:[A-Z]|GB|GH|MI)\d{1,4}[A-Z]{0,2}\b"
)
#: Makers' and product lines' words that tell no model.
_NOISE = frozenset({"NVIDIA", "TESLA", "GEFORCE", "GRID", "AMD", "INSTINCT", "GPU"})
#: Words that people write as one: ``RTX4090``, ``4070Ti``.
_GLUED = pattern(r"\b[RG]TX(?=\d)|(?<=\d{4})(?=(?:TI|SUPER)\b)")
#: How many there are: ``8xA100``, ``A100:8``.
_COUNT = pattern(r"^\d{1,2} ?x ?(?=[A-Z])|:\d{1,2}$", re.IGNORECASE)
#: What in the name of an unlisted model tells a maker other than NVIDIA.
_MAKERS = (
    (pattern(r"\b(?:AMD|INSTINCT|RADEON|MI\d+[A-Z]?)\b"), "amd"),
    (pattern(r"\bAPPLE\b"), "apple"),
    (pattern(r"\bINTEL\b"), "intel"),
)


class Gpu(msgspec.Struct, frozen=True, kw_only=True):
    """A GPU model; ``capability`` is CUDA's compute capability (``8.0``), None for one without CUDA."""

    model: str
    capability: str | None
    vendor: str = "nvidia"
    brand: facts.Brand | None = None  #: None: not known; some of NVIDIA's promises hold for some brands alone
    listed: bool = True  #: False: the facts know no such model
    is_sure: bool = True  #: False: the capability is somebody else's account; an error from it is a warning


def find_gpu(text: str, origin: Origin | None = None) -> Gpu:
    """Return the GPU of a model name or a compute capability.

    Names are those of ``nvidia-smi`` (``NVIDIA A100-SXM4-80GB``, ``Tesla V100-SXM2-16GB``) or of people
    (``A100``, ``RTX 4090``); capabilities ``8.0``, ``80``, ``sm_90a``. A model that no row names may be newer
    than the facts: it has no capability. Raises InputError for a name that is near a known one, or that
    looks like no model; what nvidia-smi prints (``origin``) is taken as it is.
    """
    number = _NUMBER.fullmatch(text.strip())
    if number:
        capability = f"{int(number[1])}.{number[2]}"
        return Gpu(model=f"GPU of compute capability {capability}", capability=capability)
    words = _words(text)
    row, name = max(_matches(words), key=lambda found: len(_words(found[1])), default=(None, ""))
    if row is None:
        if origin is None and (not _MODEL.search(text.upper()) or _is_misspelt(words)):
            raise InputError(f"unknown GPU model `{text}`", Origin(file="--gpu"), _hint(words))
        vendor = next((maker for sign, maker in _MAKERS if sign.search(text.upper())), "nvidia")
        return Gpu(model=text.strip(), capability=None, vendor=vendor, listed=False)
    model = " ".join(words[: len(_words(name))]) if "#" in name else name
    return Gpu(
        model=model if row.vendor == "nvidia" else text.strip(),
        capability=row.capability,
        vendor=row.vendor,
        brand=row.brand if row.vendor == "nvidia" else None,
        is_sure=row.is_sure,
    )


def oldest_gpu(names: Sequence[str]) -> Gpu:
    """Return the GPU of the lowest compute capability among several; what runs on it runs on all.

    One that no row names counts as newer than any. Raises InputError as :func:`printed_gpus`.
    """
    return min(printed_gpus(names), key=lambda gpu: (gpu.capability is None, release(gpu.capability or "0")))


def printed_gpus(names: Sequence[str]) -> tuple[Gpu, ...]:
    """Return the GPUs of names that nvidia-smi printed.

    A name may be cut off (``Tesla V100-SXM2...``). Raises InputError for one that tells no model.
    """
    origin = Origin(file="--nvidia-smi")
    for name in names:
        if name.endswith("...") and not _matches(_words(name.rstrip("."))):
            hint = "Use the output of `nvidia-smi -L`, or name the GPU: `--gpu MODEL`."
            raise InputError(f"`{name}` is cut off and tells no model", origin, hint)
    return tuple(find_gpu(name.rstrip("."), origin) for name in names)


def _words(text: str) -> list[str]:
    text = _GLUED.sub(r"\g<0> ", _COUNT.sub("", text.strip()).upper())
    return [word for word in re.split(r"[\s_\-/]+", text) if word and word not in _NOISE]


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


def _near(words: list[str], cutoff: float) -> list[str]:
    """Return names of models that are spelt nearly so."""
    names = [name.replace("#", "x") for row in facts.table(facts.GpuModel).rows for name in row.names]
    import difflib

    return difflib.get_close_matches(" ".join(words), names, n=4, cutoff=cutoff)


def _is_misspelt(words: list[str]) -> bool:
    """Tell whether it is but one sign off the name of a model; with another digit it may be newer."""
    text = " ".join(words)
    near = [name.upper() for name in _near(words, 0.8)]
    return any(_one_off(text, name) for name in near) and _shape(text) not in map(_shape, near)


def _one_off(text: str, other: str) -> bool:
    """Tell whether one sign is changed, left out or added."""
    short, long = sorted((text, other), key=len)
    if len(short) == len(long):
        return sum(one != two for one, two in zip(short, long, strict=True)) == 1
    return any(short == long[:place] + long[place + 1 :] for place in range(len(long)))


def _shape(name: str) -> str:
    return re.sub(r"\d", "#", name.upper())


def _hint(words: list[str]) -> str:
    near = _near(words, 0.5)
    known = (
        f"Did you mean {', '.join(f'`{name}`' for name in near)}?"
        if near
        else "Names look like `A100`, `RTX 4090` or `NVIDIA H100 80GB HBM3`; `none` says that there is none."
    )
    return f"{known} A compute capability such as `8.0` always works."


def unknown_gpu(gpu: Gpu) -> Unknown | None:
    """Say that the facts name no such model, or that none has its compute capability; None where they do."""
    table = facts.table(facts.GpuModel)
    if not gpu.listed:
        return Unknown(
            subject=f"GPU {gpu.model}",
            text=f"GPU {gpu.model} is in no row of the facts: nothing is said of the code that it runs; "
            "`--gpu` takes a compute capability too",
            date=table.read,
            tables=("gpus",),
        )
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
