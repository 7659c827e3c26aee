"""Azure VM sizes: which GPU is in them."""

from __future__ import annotations

import re

from resolver.errors import InputError
from resolver.machine import facts
from resolver.model.origin import Origin
from resolver.model.patterns import pattern

_GPU_SERIES = pattern(r"standard_n[cdvg]", re.IGNORECASE)
#: Series without a GPU (of NP: with an FPGA), by the letters that stand before the number of processors.
_CPU_NAMES = r"(?:standard|basic)_(?:[abdefghlm]|dc|ds|ec|fx|gs|h[bcx]|ls|ms|np|pb)\d+.*"
_CPU_SIZE = pattern(_CPU_NAMES, re.IGNORECASE)
#: Of these, what no model of a GPU is called (``A100``, ``L40S``): there the missing ``Standard_`` is named.
_PREFIXED_CPU_SIZE = pattern(rf"(?=.*_.*_v\d|standard_(?:d|ds|h[bcx])\d+\w*)(?:{_CPU_NAMES})", re.IGNORECASE)
#: Series by the names of sizes that no row lists.
_SERIES_HINTS = tuple(
    (pattern(f"standard_{form}", re.IGNORECASE), series)
    for form, series in (
        (r"nc\d+r?s_v2", "NCv2"),
        (r"nd\d+r?s", "ND (v1)"),
        (r"nv\d+", "NV (v1)"),
        (r"nv\d+[hm]?s_v3", "NVv3"),
        (r"nv\d+as_v4", "NVv4"),
        (r"nd96is[rf]*(?:_flex|_noib)?_h100_v5", "ND_H100_v5"),
        (r"nd96is[rf]*_h200_v5", "ND_H200_v5"),
        (r"nd96is[rf]*_mi300x_v5", "ND_MI300X_v5"),
        (r"nd128is[rf]*(?:_ndr)?_gb200_v6", "ND_GB200_v6"),
        (r"nd128is[rf]*(?:_ndr)?_gb300_v6", "ND_GB300_v6"),
        (r"ng\d+\w*_v620_v1", "NGadsV620"),
        (r"nv\d+\w*_v710_v5", "NVadsV710_v5"),
        (r"nc\d+\w*_rtxpro6000bse_v6", "NC_RTXPRO6000BSE_v6"),
    )
)


def find_vm_size(text: str) -> facts.VmSize | None:
    """Return the row of a VM size with a GPU, None for a size of a series without one.

    A promotional size (``..._Promo``) is the one it is named after. A GPU size may be written as the portal
    and the documentation show it, with blanks or hyphens and without ``Standard_`` (``NC24ads A100 v4``).
    Raises InputError for any other name, with near ones in its hint.
    """
    rows = facts.table(facts.VmSize).rows
    wanted = re.sub(r"(?i)_promo$", "", re.sub(r"[\s\-]+", "_", text.strip()))
    wanted = wanted if wanted.lower().startswith("standard_") else f"Standard_{wanted}"
    for row in rows:
        if row.size is not None and row.size.lower() == wanted.lower():
            return row
    for form, series in _SERIES_HINTS:
        if form.fullmatch(wanted):
            return next(row for row in rows if row.series == series)
    if _CPU_SIZE.fullmatch(text.strip()):
        return None
    import difflib

    names = {row.size.lower(): row.size for row in rows if row.size}
    near = (
        [wanted]
        if _PREFIXED_CPU_SIZE.fullmatch(wanted)
        else [names[name] for name in difflib.get_close_matches(wanted.lower(), names, n=3, cutoff=0.7)]
    )
    advice = f"Did you mean {', '.join(f'`{name}`' for name in near)}? " if near else ""
    if _GPU_SERIES.match(text):
        what, rest = f"unknown GPU size `{text}`", "`--gpu` always works"
    elif text.lower().startswith(("standard_", "basic_")):
        what, rest = f"unknown VM size `{text}`", "Sizes look like `Standard_NC24ads_A100_v4`"
    else:
        what = f"`{text}` is no VM size"
        rest = "Sizes look like `Standard_NC24ads_A100_v4`, a GPU alone is `--gpu`"
    raise InputError(
        what, Origin(file="--vm-size"), f"{advice}{rest}; `lock check --matrix vm` lists those with a GPU."
    )
