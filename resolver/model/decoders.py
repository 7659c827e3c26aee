"""Decoders that are made when they are first used.

Making one reads the annotations of all types that it may meet; a run loads thirty of them and decodes by ten.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar, cast

import msgspec

T = TypeVar("T")


class _Decoder(Generic[T]):
    """Stands for a decoder; ``decode`` is the made one's from its first use on."""

    def __init__(self, maker: type, kind: Any, options: dict[str, Any]) -> None:
        self._made = maker, kind, options

    def __getattr__(self, name: str) -> Any:
        maker, kind, options = self._made
        value = getattr(maker(kind, **options), name)
        setattr(self, name, value)
        return value


def msgpack_decoder(kind: type[T], **options: Any) -> msgspec.msgpack.Decoder[T]:
    """Return a decoder as :class:`msgspec.msgpack.Decoder` does."""
    return cast("msgspec.msgpack.Decoder[T]", _Decoder(msgspec.msgpack.Decoder, kind, options))


def json_decoder(kind: type[T], **options: Any) -> msgspec.json.Decoder[T]:
    """Return a decoder as :class:`msgspec.json.Decoder` does."""
    return cast("msgspec.json.Decoder[T]", _Decoder(msgspec.json.Decoder, kind, options))


def read_table(decoder: msgspec.msgpack.Decoder[dict[str, T]], data: bytes | None) -> dict[str, T]:
    """Return a table; an empty one for None, and for what is no such table."""
    if data is None:
        return {}
    try:
        return decoder.decode(data)
    except msgspec.MsgspecError:
        return {}
