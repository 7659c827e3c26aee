"""Platform selectors: ``# [linux64]`` behind an item, and ``sel(linux): item``.

A selector is a name of the table, or names joined with ``and``, ``or``,
``not`` and parentheses. conda-lock reads the single names; ``sel(...)`` is
micromamba's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from resolver.model.patterns import pattern
from resolver.model.platforms import KNOWN_SUBDIRS

#: conda-build's platform selectors ("Preprocessing selectors") -> the platforms they select.
_NAMES: dict[str, Callable[[str], bool]] = {
    "linux": lambda subdir: subdir.startswith("linux-"),
    "osx": lambda subdir: subdir.startswith("osx-"),
    "win": lambda subdir: subdir.startswith("win-"),
    "unix": lambda subdir: not subdir.startswith("win-") and subdir != "noarch",
    "linux32": lambda subdir: subdir == "linux-32",
    "linux64": lambda subdir: subdir == "linux-64",
    "osx64": lambda subdir: subdir == "osx-64",
    "win32": lambda subdir: subdir == "win-32",
    "win64": lambda subdir: subdir == "win-64",
    "arm64": lambda subdir: subdir.endswith("-arm64"),
    "aarch64": lambda subdir: subdir == "linux-aarch64",
    "ppc64le": lambda subdir: subdir == "linux-ppc64le",
    "s390x": lambda subdir: subdir == "linux-s390x",
    "x86_64": lambda subdir: subdir.endswith("-64"),
    "x86": lambda subdir: subdir.endswith(("-64", "-32")),
    "emscripten": lambda subdir: subdir.startswith("emscripten-"),
    "wasi": lambda subdir: subdir.startswith("wasi-"),
}

#: What ``arm64`` alone means to conda-build and conda-lock: macOS and Windows, never ``linux-aarch64``.
SELECTOR_NAMES = frozenset(_NAMES)

#: conda-lock's pattern: the last bracket of a comment, no parenthesis behind it.
_COMMENT = pattern(r"#(?P<words>.*)\[(?P<selector>[^\[\]]+)\][^()]*$")
_WORD = pattern(r"\s*(\(|\)|[A-Za-z0-9_][A-Za-z0-9_-]*)")


def selector_of_line(line: str, column: int) -> tuple[str, bool] | None:
    """Return the ``[...]`` in the comment behind a column (from 0), and whether it stands alone there.

    None where the comment has none, or there is no comment.
    """
    found = _COMMENT.search(line, column)
    return (found["selector"].strip(), not found["words"].strip()) if found else None


def parse_selector(text: str) -> frozenset[str]:
    """Return the platforms that a selector selects.

    Raises ValueError with the word that is not known (or the whole selector
    where its form is wrong).
    """
    words = _words(text)
    value, rest = _any_of(words)
    if rest:
        raise ValueError(text)
    return value


def selector_for(platforms: Iterable[str], among: Iterable[str]) -> str:
    """Return the shortest selector that selects just these of some platforms: ``osx``, or them by name."""
    wanted, everything = frozenset(platforms), frozenset(among)
    names = (name for name in _NAMES if _platforms_of(name) & everything == wanted)
    return next(names, " or ".join(sorted(wanted)))


def _words(text: str) -> list[str]:
    words, position = [], 0
    while position < len(text.rstrip()):
        found = _WORD.match(text, position)
        if not found:
            raise ValueError(text)
        words.append(found.group(1))
        position = found.end()
    return words


def _any_of(words: list[str]) -> tuple[frozenset[str], list[str]]:
    value, words = _all_of(words)
    while words[:1] == ["or"]:
        other, words = _all_of(words[1:])
        value |= other
    return value, words


def _all_of(words: list[str]) -> tuple[frozenset[str], list[str]]:
    value, words = _single(words)
    while words[:1] == ["and"]:
        other, words = _single(words[1:])
        value &= other
    return value, words


def _single(words: list[str]) -> tuple[frozenset[str], list[str]]:
    negated = False
    while words[:1] == ["not"]:
        negated, words = not negated, words[1:]
    if not words:
        raise ValueError("")
    if words[0] == "(":
        value, words = _any_of(words[1:])
        if words[:1] != [")"]:
            raise ValueError("(")
    else:
        value = _platforms_of(words[0])
    return (frozenset(KNOWN_SUBDIRS) - value if negated else value), words[1:]


def _platforms_of(word: str) -> frozenset[str]:
    if word in KNOWN_SUBDIRS:
        return frozenset({word})
    if word not in _NAMES:
        raise ValueError(word)
    return frozenset(subdir for subdir in KNOWN_SUBDIRS if _NAMES[word](subdir))
