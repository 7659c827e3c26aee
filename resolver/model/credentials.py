"""An address together with the secrets written in it, kept for the one who connects."""

from __future__ import annotations

from typing import Any

import msgspec


class SecretAddress(msgspec.Struct, frozen=True, kw_only=True):
    """An address that holds a user, a password or a channel's ``/t/TOKEN``.

    ``url`` is the whole address and never shows in ``repr``; it goes to the
    code that makes connections, and nowhere else.
    """

    url: str
    is_channel: bool = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}(is_channel={self.is_channel!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("is_channel", self.is_channel)]
