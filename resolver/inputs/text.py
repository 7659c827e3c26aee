"""Bytes or text of an input file, made ready for parsing."""

from __future__ import annotations

import codecs

from resolver.errors import InputError
from resolver.model.origin import Origin
from resolver.model.patterns import pattern

#: Encodings a byte order mark announces; UTF-32 before UTF-16, whose mark begins the same way.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip

_CONTROL = pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def decode_text(raw: bytes | str, file: str) -> str:
    r"""Return the text with ``\n`` line ends and without byte order mark.

    Raises InputError for text that is not UTF-8 (or what its mark announces)
    and for control characters, with the line.
    """
    text = raw if isinstance(raw, str) else _decode(raw, file)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    found = _CONTROL.search(text)
    if found:
        raise InputError(
            f"a control character (U+{ord(found.group()):04X}) where text is expected",
            Origin.at(file, text, found.start()),
            "is this a binary file?",
        )
    return text


def _decode(raw: bytes, file: str) -> str:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            try:
                return raw[len(mark) :].decode(encoding)
            except UnicodeDecodeError:
                raise InputError(
                    f"not readable as {encoding.upper()}, which its byte order mark announces",
                    Origin(file=file),
                    "save the file as UTF-8",
                ) from None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"not UTF-8: byte 0x{raw[error.start]:02x}",
            Origin.at(file, raw, error.start),
            "save the file as UTF-8",
        ) from None
