"""An address together with the secrets written in it, kept for the one who connects."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretAddress:
    """An address that holds a user, a password or a channel's ``/t/TOKEN``.

    ``url`` is the whole address and never shows in ``repr``; it goes to the
    code that makes connections, and nowhere else.
    """

    url: str = field(repr=False)
    is_channel: bool = False
