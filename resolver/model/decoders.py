"""Decoders that are made when they are first used.

Making one reads the annotations of all types that it may meet; a run loads thirty of them and decodes by ten.
Annotations are texts, each of which msgspec has compiled, and for the first one Python makes all classes of
its syntax trees, which takes longest. So types are put in their places before.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

import msgspec

T = TypeVar("T")


#: What the texts mean that most fields have: nothing is compiled for these.
_TOLD: dict[str, Any] = {
    "bool": bool,
    "bytes": bytes,
    "int": int,
    "int | None": int | None,
    "memoryview": memoryview,
    "str": str,
    "str | None": str | None,
    "tuple[int, ...]": tuple[int, ...],
    "tuple[str, ...]": tuple[str, ...],
    "tuple[str, ...] | None": tuple[str, ...] | None,
}


class _Decoder(Generic[T]):
    """Stands for a decoder; ``decode`` is the made one's from its first use on."""

    def __init__(self, maker: type, kind: Any, options: dict[str, Any]) -> None:
        self._made = maker, kind, options

    def __getattr__(self, name: str) -> Any:
        maker, kind, options = self._made
        read_annotations(kind)
        value = getattr(maker(kind, **options), name)
        setattr(self, name, value)
        return value


@lru_cache(maxsize=1 << 10)
def read_annotations(kind: Any) -> None:
    """Put types in the place of the texts that annotate the structs of a type, as msgspec reads them."""
    waiting, seen = [kind], set[int]()
    while waiting:
        one = waiting.pop()
        waiting += getattr(one, "__args__", ())
        one = getattr(one, "__origin__", one)
        if not isinstance(one, type) or id(one) in seen or not issubclass(one, msgspec.Struct):
            continue
        seen.add(id(one))
        for owner in one.__mro__:
            annotations = vars(owner).get("__annotations__")
            if isinstance(annotations, dict) and owner is not msgspec.Struct:
                _read_all(owner, annotations)
                waiting += annotations.values()


def _read_all(owner: type, annotations: dict[str, Any]) -> None:
    """Read the texts among a class's annotations; what can't be read is left for msgspec to tell."""
    own, module = dict(vars(owner)), sys.modules.get(owner.__module__)
    for field, text in annotations.items():
        if isinstance(text, str):
            if text in _TOLD:
                annotations[field] = _TOLD[text]
                continue
            try:
                annotations[field] = eval(text, own, vars(module))  # noqa: S307  (our own source)
            except Exception:  # whatever it is, it is told where the decoder is made
                return


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
