"""A project that the first index that has it decides alone, with what later indexes have of it."""

from __future__ import annotations

import msgspec

from resolver.metadata.page_rows import Page
from resolver.model.indexes import Index


class PassedOver(msgspec.Struct, frozen=True, kw_only=True):
    """``first`` gives all files of a project; ``later`` have it too (1 or more), and are not looked at."""

    first: Index
    later: tuple[tuple[Index, Page], ...]
