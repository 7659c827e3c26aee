"""A file that a record says was installed: what all kinds of records come to."""

from __future__ import annotations

import msgspec


class ListedFile(msgspec.Struct, frozen=True):
    """What a file must be; what isn't recorded is None.

    ``path`` is relative to the prefix, with ``/``; of a link nothing but its being there is asked.
    """

    path: str
    sha256: str | None = None  #: 64 hex digits
    size: int | None = None  #: bytes
    is_link: bool = False

    @property
    def is_bytecode(self) -> bool:
        """Whether Python makes the file anew where it isn't there."""
        return self.path.endswith((".pyc", ".pyo"))
