"""JSON of others as values: whatever a text makes a decoder raise is a ValueError.

A text that is nested 100,000 deep ends a decoder with a RecursionError, which whoever guards against wrong
text alone would let through.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
_ENCODER = msgspec.json.Encoder()
_DEEP = "it is nested too deep"


def decode_json(text: bytes | str | msgspec.Raw, kind: type[T], *, strict: bool = True) -> T:
    """Return a text as a value of a type; raises ValueError.

    ``strict`` False: numbers in quotes are numbers.
    """
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        from resolver.model.decoders import read_annotations

        read_annotations(kind)
    try:
        return msgspec.json.decode(text, type=kind, strict=strict)
    except RecursionError:
        raise ValueError(_DEEP) from None


def encode_named(value: object) -> bytes:
    r"""Return a value that names files as JSON in one line.

    Of a name that isn't UTF-8 the bytes stand in it as halves of pairs (``\udcff``), as they do in Python.
    """
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:  # msgspec writes no escapes
        import json

        return json.dumps(msgspec.to_builtins(value), separators=(",", ":")).encode()


def dump_sorted(value: object, *, spaced: bool = False) -> bytes:
    """Return what `json.dumps` with sorted keys writes of a value; ``spaced``: with blanks behind commas."""
    try:
        text = msgspec.json.encode(value, order="sorted")
    except UnicodeEncodeError:  # a half of a pair
        text = b"\x7f"
    if not text.isascii() or b"\x7f" in text:  # which stand there as escapes
        import json  # a hundredth of a small lock

        separators = None if spaced else (",", ":")
        return json.dumps(value, sort_keys=True, separators=separators).encode("ascii")
    return msgspec.json.format(text, indent=0) if spaced else text


def decode_named(text: bytes, kind: type[T]) -> T:
    """Return what :func:`encode_named` wrote as a value of a type; raises ValueError."""
    try:
        return decode_json(text, kind)
    except msgspec.DecodeError:
        if b"\\ud" not in text:
            raise
    return msgspec.convert(load_json(text), kind)  # msgspec reads no halves of pairs


def load_json(text: bytes | str) -> Any:
    """Return a text as plain values, names that stand twice by the last one; raises ValueError."""
    import json  # not every reader of a typed value needs it

    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError(_DEEP) from None
