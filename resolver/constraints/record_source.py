"""Where the records of a conda package come from."""

from __future__ import annotations

from typing import Protocol

import msgspec

from resolver.model.channels import Channel
from resolver.model.records import CondaRecord


class Addresses(Protocol):
    """Where the packages of a subdir lie."""

    def url_of(self, record: CondaRecord) -> str:
        """Return a package's address, without credentials."""
        ...


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A subdir of a channel that records come from; ``rank`` is the channel's place, 0 first."""

    channel: Channel
    subdir: str
    rank: int
    opened: Addresses | None = None  #: gives the addresses of its packages; None for facts of the machine
