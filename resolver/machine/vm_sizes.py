"""Azure VM sizes: which GPU is in them."""

from __future__ import annotations

import difflib
import re

from resolver.errors import InputError
from resolver.machine import facts
from resolver.model.origin import Origin

_GPU_SERIES = re.compile(r"standard_n[cdvg]", re.IGNORECASE)
#: Series without a GPU, by the letters that stand before the number of processors.
_CPU_SIZE = re.compile(
    r"(?:standard|basic)_(?:[abdefghlm]|dc|ds|ec|fx|gs|h[bcx]|ls|ms|pb)\d+.*", re.IGNORECASE
)
#: GPU series whose rows list no sizes: the part of a size's name that tells them.
_SERIES_HINTS = (
    (re.compile(r"(?i)standard_nc\d+r?s_v2$"), "NCv2"),
    (re.compile(r"(?i)standard_nd\d+r?s$"), "ND (v1)"),
    (re.compile(r"(?i)standard_nv\d+$"), "NV (v1)"),
    (re.compile(r"(?i)standard_nv\d+as_v4$"), "NVv4"),
    (re.compile(r"(?i)mi300x"), "ND_MI300X_v5"),
    (re.compile(r"(?i)gb300"), "ND_GB300_v6"),
    (re.compile(r"(?i)v620"), "NGadsV620"),
    (re.compile(r"(?i)v710"), "NVadsV710_v5"),
    (re.compile(r"(?i)rtxpro6000bse"), "NC_RTXPRO6000BSE_v6"),
)


def find_vm_size(text: str) -> facts.VmSize | None:
    """Return the row of a VM size with a GPU, None for a size of a series without one.

    A promotional size (``..._Promo``) is the one it is named after. Raises InputError for any other name,
    with near ones in its hint.
    """
    rows = facts.table(facts.VmSize).rows
    wanted = re.sub(r"(?i)_promo$", "", text)
    for row in rows:
        if row.size is not None and row.size.lower() == wanted.lower():
            return row
    for pattern, series in _SERIES_HINTS:
        if pattern.search(wanted):
            return next(row for row in rows if row.series == series)
    if _CPU_SIZE.fullmatch(text):
        return None
    names = {row.size.lower(): row.size for row in rows if row.size}
    near = [names[name] for name in difflib.get_close_matches(text.lower(), names, n=3, cutoff=0.7)]
    advice = f"Did you mean {', '.join(f'`{name}`' for name in near)}? " if near else ""
    if _GPU_SERIES.match(text):
        what, rest = f"unknown GPU size `{text}`", "`--gpu` always works"
    elif text.lower().startswith(("standard_", "basic_")):
        what, rest = f"unknown VM size `{text}`", "Sizes look like `Standard_NC24ads_A100_v4`"
    else:
        what, rest = f"`{text}` is no VM size", "Sizes look like `Standard_NC24ads_A100_v4`"
    raise InputError(
        what, Origin(file="--vm-size"), f"{advice}{rest}; `lock check --matrix vm` lists those with a GPU."
    )
