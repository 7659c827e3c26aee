"""Errors told in sentences, as PubGrub tells them: wrapped lines as one text that knows its places."""

from __future__ import annotations

import re
from collections.abc import Sequence

from resolver.explain.logs.lines import Line

_GUTTER = re.compile(r"^[\s│|]*(?:[×╰─▶╭├↳]+[─▶>]*\s*)?(?:cause: )?")  # noqa: RUF001  (uv's own sign)
_HINT = re.compile(r"^\s*(?:hint|help):")


def is_prose(text: str) -> bool:
    """Tell whether a line is a part of a derivation."""
    return bool(re.search(r"\b(?:Because|because|And because|depends on|we can conclude)\b", text))


def joined(
    lines: Sequence[Line], begin: int, end: re.Pattern[str]
) -> tuple[str, list[tuple[int, int]], int, bool]:
    """Join wrapped lines: words, (offset, line number) pairs, the last line, whether the end was seen."""
    words = ""
    places: list[tuple[int, int]] = []
    last = lines[begin].number
    blank = 0
    for line in lines[begin:]:
        text = line.text[len(_GUTTER.match(line.text)[0]) :].strip() if line.text else ""  # type: ignore[index]
        if not text or _HINT.match(text):
            blank += 1
            if blank > 1 and words:
                break
            continue
        if words and not _belongs(text) and _is_sentence_end(words):
            blank += 1
            continue
        places.append((len(words), line.number))
        words += text + " "
        last = line.number
        if end.search(text):
            return words, places, last, True
    return words, places, last, bool(end.search(words.strip()))


def _belongs(text: str) -> bool:
    return bool(re.match(r"(?:And|Because|So|And,|we can|from|\(|[a-z])", text)) or is_prose(text)


def _is_sentence_end(words: str) -> bool:
    return words.rstrip().endswith((".", ":"))


def number(places: Sequence[tuple[int, int]], offset: int) -> int:
    """Return the line in which an offset of the joined text stands."""
    return max((number for at, number in places if at <= offset), default=places[0][1] if places else 1)
