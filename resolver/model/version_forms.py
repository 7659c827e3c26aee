"""PEP 440 versions in their one form, and the plain ones as numbers."""

from __future__ import annotations

from functools import lru_cache

from resolver.model.patterns import pattern

#: A final release as it is written nearly always: numbers without zeros in front.
_PLAIN = pattern(r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))*")
#: A pre- or development release among normalised versions; a local part ("+...") may hold any letters.
_PRE_RELEASE = pattern(r"^[^+]*(?:[0-9](?:a|b|rc)|\.dev)[0-9]")


def is_plain(version: str) -> bool:
    """Tell whether a text is a final release that is its own normal form."""
    return _PLAIN.fullmatch(version) is not None


def is_pre_release(version: str) -> bool:
    """Tell whether a normalised version is a pre-release."""
    return _PRE_RELEASE.search(version) is not None


@lru_cache(maxsize=1 << 15)
def plain_numbers(text: str) -> tuple[int, ...] | None:
    """Return the numbers of a version that has nothing else, without zeros at the end; None for others."""
    parts = text.split(".")
    if not (text.isascii() and all(map(str.isdecimal, parts))):
        return None
    numbers = list(map(int, parts))
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


@lru_cache(maxsize=1 << 12)
def one_form(version: str) -> str:
    """Return the form that all spellings of a version share (``1`` for 1.0); the text where it is none.

    As :func:`packaging.utils.canonicalize_version`, which brings `subprocess` along.
    """
    if _PLAIN.fullmatch(version) is None:
        return _any_form(version)
    return _trimmed(version)


def _any_form(version: str) -> str:
    from packaging.version import InvalidVersion, Version

    try:
        parsed = Version(version)
    except InvalidVersion:
        return version
    numbers = f"{parsed.epoch}!" * (parsed.epoch > 0) + ".".join(map(str, parsed.release))
    return _trimmed(numbers) + str(parsed)[len(numbers) :]


def _trimmed(numbers: str) -> str:
    while numbers.endswith(".0"):
        numbers = numbers[:-2]
    return numbers
