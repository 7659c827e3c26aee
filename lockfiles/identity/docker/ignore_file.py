"""Patterns of an ignore file as the v2 SDK understands them.

The SDK reads ``.amlignore`` or ``.gitignore`` line by line with git's pattern
syntax, but matches each entry by itself: an entry is a path without a trailing
slash, so ``out/`` leaves the folder's own name in and only drops what is below.
Up to 1.3 the first matching pattern wins; from 1.4 the last one, as in git.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence

import msgspec

from resolver.model.glob_regex import LONGEST, without_going_back


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an ignore file: ``excludes`` is False for a line that begins with ``!``."""

    expression: re.Pattern[str]
    excludes: bool


class PatternError(ValueError):
    """A line of an ignore file is no pattern (a lone backslash at its end, or more than a path may have)."""


def parse_patterns(lines: Sequence[str]) -> tuple[Pattern, ...]:
    """Return the patterns of an ignore file in file order; blank lines, comments and ``/`` give none."""
    return tuple(pattern for line in lines if (pattern := _parse_pattern(line)) is not None)


def is_excluded(path: str, patterns: Sequence[Pattern], *, first_wins: bool = False) -> bool:
    """Tell whether a path relative to the ignore file (``/`` between parts) is excluded."""
    verdict = False
    for pattern in patterns:
        if pattern.expression.match(path):
            if first_wins:
                return pattern.excludes
            verdict = pattern.excludes
    return verdict


def _parse_pattern(line: str) -> Pattern | None:
    text = line.strip()
    if len(text) > LONGEST:
        raise PatternError(f"{text[:50]}...")
    if not text or text.startswith("#") or text == "/":
        return None
    excludes = not text.startswith("!")
    segments = _normalise_segments((text if excludes else text[1:]).split("/"))
    if segments is None:
        # ``**/``: everything that lies in some folder
        return Pattern(expression=re.compile(r"^.+/.*$"), excludes=excludes)
    if not segments:
        raise PatternError(line)
    with warnings.catch_warnings():
        # a class such as ``[[]`` means what git means; a later Python may read it as set algebra
        warnings.simplefilter("ignore", FutureWarning)
        expression = re.compile(without_going_back(_expression(segments)))
    return Pattern(expression=expression, excludes=excludes)


def _normalise_segments(parts: list[str]) -> list[str] | None:
    """Return the segments with ``**`` made explicit where git implies it, None for ``**/``."""
    segments: list[str] = []
    for part in parts:
        if not (part == "**" and segments and segments[-1] == "**"):
            segments.append(part)
    if segments == ["**", ""]:
        return None
    if not segments[0]:
        del segments[0]  # a leading slash anchors at the root
    elif len(segments) <= 2 and segments[0] != "**" and not any(segments[1:]):
        segments.insert(0, "**")  # a single name, with or without a trailing slash, matches at every depth
    if len(segments) > 1 and not segments[-1]:
        segments[-1] = "**"  # a trailing slash: what lies below
    return segments


def _expression(segments: Sequence[str]) -> str:
    output = ["^"]
    need_slash = False
    last = len(segments) - 1
    for index, segment in enumerate(segments):
        if segment == "**":
            if index == 0:
                output.append(".+" if last == 0 else "(?:.+/)?")
            elif index == last:
                output.append("/.*")
            else:
                output.append("(?:/.+)?")
                need_slash = True
            continue
        if need_slash:
            output.append("/")
        output.append("[^/]+" if segment == "*" else _segment_expression(segment))
        if index == last:
            output.append("(?:/.*)?")  # a folder's name matches what lies below it too
        need_slash = True
    return "".join([*output, "$"])


def _segment_expression(segment: str) -> str:
    """Translate one path segment: ``*``, ``?``, ``[...]`` and backslash escapes."""
    output: list[str] = []
    index = 0
    while index < len(segment):
        char = segment[index]
        index += 1
        if char == "\\":
            if index == len(segment):
                raise PatternError(segment)
            output.append(re.escape(segment[index]))
            index += 1
        elif char == "*":
            output.append("[^/]*")
        elif char == "?":
            output.append("[^/]")
        elif char == "[":
            expression, index = _bracket(segment, index)
            output.append(expression)
        else:
            output.append(re.escape(char))
    return "".join(output)


def _bracket(segment: str, start: int) -> tuple[str, int]:
    """Return a bracket's regular expression and where to go on; an unclosed one is a literal ``[``."""
    end = start
    if end < len(segment) and segment[end] == "!":
        end += 1
    if end < len(segment) and segment[end] == "]":
        end += 1  # a bracket that stands first is a member
    while end < len(segment) and segment[end] != "]":
        end += 1
    if end >= len(segment):
        return "\\[", start
    body = segment[start : end + 1]
    prefix = "["
    if body.startswith("!"):
        prefix, body = "[^", body[1:]
    elif body.startswith("^"):
        prefix, body = "[\\^", body[1:]
    return prefix + body.replace("\\", "\\\\"), end + 1
