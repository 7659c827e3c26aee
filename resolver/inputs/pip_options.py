"""Lines and options of requirements files (pip's "Requirements File Format")."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from resolver.model.patterns import pattern

_COMMENT = pattern(r"(^|\s+)#.*$")

#: Options with a value -> the name they are kept under.
VALUED = {
    "-i": "index-url", "--index-url": "index-url", "--pypi-url": "index-url",
    "--extra-index-url": "extra-index-url",
    "-f": "find-links", "--find-links": "find-links",
    "-r": "requirement", "--requirement": "requirement",
    "-c": "constraint", "--constraint": "constraint",
    "-e": "editable", "--editable": "editable",
    "--no-binary": "no-binary", "--only-binary": "only-binary",
    "--trusted-host": "trusted-host", "--hash": "hash",
    "--use-feature": "ignored", "-C": "ignored",
    "--config-settings": "ignored", "--config-setting": "ignored",
    "--global-option": "ignored", "--install-option": "ignored",
}  # fmt: skip
#: Options without a value.
FLAGS = {
    "--pre": "pre", "--no-index": "no-index", "--require-hashes": "require-hashes",
    "--prefer-binary": "prefer-binary",
}  # fmt: skip
#: Options of pip's command line: pip refuses them in a file.
COMMAND_LINE_ONLY = frozenset({
    "--no-deps", "--upgrade", "-U", "--user", "--target", "-t", "--no-cache-dir", "--no-build-isolation",
    "--ignore-installed", "-I", "--force-reinstall", "--use-pep517", "--quiet", "-q", "--verbose",
    "-v", "--proxy", "--timeout", "--retries", "--no-warn-script-location", "--platform", "--python-version",
    "--cert",
})  # fmt: skip


class LogicalLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line with its continuations, without comment; ``line`` and ``column`` (from 1) are its start."""

    text: str
    line: int
    column: int


class SplitLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line taken apart: the requirement (may be empty) and its options as (name, value) in order.

    Of an option that is not heeded the value is its own name. ``dropped``: words that stand behind
    an option and belong to none; pip drops them.
    """

    requirement: str
    options: tuple[tuple[str, str], ...]
    dropped: tuple[str, ...] = ()


def iter_logical_lines(text: str) -> Iterator[LogicalLine]:
    r"""Yield the lines that say something, with ``\`` continuations joined.

    As pip does: a comment line ends a continuation, comments begin at the start
    of a line or behind a blank.
    """
    parts: list[str] = []
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        if not parts:
            start = number
        is_comment = line.lstrip().startswith("#")
        if line.endswith("\\") and not is_comment:
            parts.append(line[:-1])
            continue
        parts.append(" " + line if is_comment and parts else line)
        joined = _finish(parts, start)
        if joined:
            yield joined
        parts = []
    joined = _finish(parts, start)
    if joined:
        yield joined


def _finish(parts: list[str], start: int) -> LogicalLine | None:
    """Join physical lines; the place is that of the first one with text."""
    text = strip_comment("".join(parts))
    if not text:
        return None
    skipped = 0
    while skipped < len(parts) - 1 and not parts[skipped].strip():
        skipped += 1
    first = parts[skipped]
    column = len(first) - len(first.lstrip()) + 1
    return LogicalLine(text=text, line=start + skipped, column=column)


def strip_comment(text: str) -> str:
    """Return a requirement without the comment behind it."""
    return _COMMENT.sub("", text).strip() if "#" in text else text.strip()


def split_line(text: str) -> SplitLine:
    """Take a line apart; raises ValueError with (message, hint) for an option pip would refuse."""
    words = text.split(" ")
    at = next((index for index, word in enumerate(words) if word.startswith("-")), len(words))
    requirement = " ".join(words[:at]).strip()
    if at == len(words):
        return SplitLine(requirement=requirement, options=(), dropped=())
    import shlex

    try:
        tokens = shlex.split(" ".join(words[at:]))
    except ValueError:
        raise ValueError("an unclosed quote in the options", "close the quote") from None
    dropped: list[str] = []
    options = tuple(_iter_options(tokens, dropped))
    return SplitLine(requirement=requirement, options=options, dropped=tuple(dropped))


def _iter_options(tokens: list[str], dropped: list[str]) -> Iterator[tuple[str, str]]:
    """Yield (name, value); words that belong to no option go to ``dropped``."""
    position = 0
    while position < len(tokens):
        word = tokens[position]
        position += 1
        if not word.startswith("-") or word == "-":
            dropped.append(word)
            continue
        key, equals, value = word.partition("=")
        if not word.startswith("--") and len(word) > 2:
            key, equals, value = word[:2], "=", word[2:]
        key = _whole(key)
        if key in FLAGS:
            yield FLAGS[key], ""
        elif key in VALUED:
            if not equals:
                if position >= len(tokens):
                    raise ValueError(f"`{key}` without a value", None)
                value = tokens[position]
                position += 1
            yield VALUED[key], key if VALUED[key] == "ignored" else value
        else:
            raise ValueError(*_unknown(key))


def _whole(key: str) -> str:
    """Return the option that is abbreviated, as pip takes it; the text itself where none or several fit."""
    if not key.startswith("--") or key in VALUED or key in FLAGS:
        return key
    known = {**VALUED, **FLAGS}
    found = [option for option in known if option.startswith(key)]
    return found[0] if len({known[option] for option in found}) == 1 else key


def _unknown(key: str) -> tuple[str, str | None]:
    from resolver.inputs.faults import did_you_mean

    if key in COMMAND_LINE_ONLY:
        return f"`{key}` is for pip's command line and not for a requirements file", "take it out"
    several = sorted(option for option in {**VALUED, **FLAGS} if option.startswith(key))
    if key.startswith("--") and len(key) > 2 and len(several) > 1:
        return f"`{key}` may stand for {', '.join(f'`{option}`' for option in several)}", "write it in full"
    return f"pip has no option `{key}` for requirements files", did_you_mean(key, [*VALUED, *FLAGS])
