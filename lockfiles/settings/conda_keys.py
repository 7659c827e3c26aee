"""conda's keys that settings of ours stand for, and what a file says under one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from lockfiles.settings.table import DEFINITIONS
from resolver.model.origin import Origin

#: conda's key -> our setting.
KEYS: Mapping[str, str] = {row.conda: row.name for row in DEFINITIONS if row.conda}
#: Other names of conda's keys.
ALIASES = {"channel": "channels", "verify_ssl": "ssl_verify", "client_cert": "client_ssl_cert"}


class CondaEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One key of one file: its value as plain data, its place and its flag; lists keep a flag per item."""

    value: Any
    source: str
    origin: Origin | None
    is_final: bool = False
    flags: tuple[str, ...] = ()  #: of list items: ``top``, ``bottom`` or empty
