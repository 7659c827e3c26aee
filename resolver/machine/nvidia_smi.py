"""What ``nvidia-smi`` prints, read for the driver, the CUDA it knows, and the GPUs.

Four forms are read: the table that it prints without options, ``-L``, ``-q``, and ``--query-gpu=...
--format=csv`` with its header. A name that the table cuts off (``NVIDIA A100-SXM...``) is kept as it stands.
"""

from __future__ import annotations

import re

import msgspec

from resolver.errors import InputError
from resolver.model.origin import Origin
from resolver.model.patterns import pattern

_DRIVER = pattern(r"(?m)\b(?:Driver|KMD) Version\s*:\s*(\d+(?:\.\d+)+)")
_CUDA = pattern(r"(?m)\bCUDA (?:UMD )?Version\s*:\s*(\d+\.\d+)")
#: A GPU's line: its number, name, persistence (or Windows' driver model), then its address on the bus.
_ROW = pattern(
    r"(?m)^\|\s+\d+\s+(?P<name>\S.*?\S)\s+(?:On|Off|N/A|WDDM|TCC|MCDM)\s*\|\s+[0-9A-Fa-f]{4,8}:[0-9A-Fa-f]{2}:"
)
_LISTED = pattern(r"(?m)^GPU \d+: (?P<name>.+?)(?: \(UUID: .*\))?\s*$")
_QUERIED = pattern(r"(?m)^\s*Product Name\s*:\s*(?P<name>\S.*?)\s*$")
#: Column of a query -> what it is; the names are those of ``--query-gpu``.
_COLUMNS = {"name": "name", "gpu_name": "name", "driver_version": "driver", "compute_cap": "capability"}
_FAILED = pattern(
    r"NVIDIA-SMI has failed|No devices were found|nvidia-smi: (?:command )?not found"
    r"|Failed to initialize NVML|NVIDIA-SMI couldn't find libnvidia-ml|Unable to determine the device handle",
    re.IGNORECASE,
)
_HINT = (
    "Write it with `nvidia-smi > FILE`; `-L`, `-q` and `--query-gpu=name,driver_version --format=csv` "
    "(with its header) do too."
)


class SmiReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the output says; None and empty where it doesn't."""

    driver: str | None = None
    cuda: str | None = None  #: the newest one that the driver knows
    gpus: tuple[str, ...] = ()  #: names or compute capabilities, each once, in order of their numbers


def parse_nvidia_smi(text: str, origin: Origin | None = None) -> SmiReport:
    """Read the output of ``nvidia-smi``; raises InputError where it is none, or tells that it failed."""
    failed = _FAILED.search(text)
    if failed:
        raise InputError(
            f"nvidia-smi didn't reach a GPU there: `{failed[0]}`", origin, "`--gpu none` says so."
        )
    found = _csv(text) or SmiReport(
        driver=_first(_DRIVER, text),
        cuda=_first(_CUDA, text),
        gpus=tuple(
            dict.fromkeys(m["name"] for form in (_ROW, _LISTED, _QUERIED) for m in form.finditer(text))
        ),
    )
    if found == SmiReport():
        raise InputError("this is no output of nvidia-smi: it names no driver and no GPU", origin, _HINT)
    return found


def _first(form: re.Pattern[str], text: str) -> str | None:
    found = form.search(text)
    return found[1] if found else None


def _csv(text: str) -> SmiReport | None:
    """Read the CSV of a query; None where the first line is no header of one."""
    lines = [line for line in text.splitlines() if line.strip()]
    import csv

    rows = list(csv.reader(lines, skipinitialspace=True))
    columns = [_COLUMNS.get(cell.strip()) for cell in rows[0]] if rows else []
    if not any(columns):
        return None
    cells = [
        {column: cell.strip() for column, cell in zip(columns, row, strict=False) if column}
        for row in rows[1:]
    ]
    names = [row.get("capability") or row.get("name") for row in cells]
    return SmiReport(
        driver=next((row["driver"] for row in cells if row.get("driver")), None),
        gpus=tuple(dict.fromkeys(name for name in names if name)),
    )
