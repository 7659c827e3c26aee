"""Versions as the checks compare them: the leading numbers only.

Facts speak of releases (``12.4``, ``2.11.0``), so suffixes decide nothing here;
where they would, a rule uses :mod:`packaging` or :mod:`resolver.model.match_spec`.
"""

from __future__ import annotations

import functools
import re

_NUMBERS = re.compile(r"\d+(?:\.\d+)*")


@functools.lru_cache(maxsize=4096)
def release(text: str) -> tuple[int, ...]:
    """Return the leading numbers: ``2.6.0+cu124`` -> (2, 6, 0); empty where there are none."""
    match = _NUMBERS.match(text.lstrip("vV"))
    return tuple(int(part) for part in match[0].split(".")) if match else ()


def at_least(version: str, floor: str) -> bool:
    """Tell whether ``version`` is ``floor`` or later; missing numbers count as 0."""
    left, right = release(version), release(floor)
    width = max(len(left), len(right))
    return left + (0,) * (width - len(left)) >= right + (0,) * (width - len(right))


def minor(text: str) -> str:
    """Return major and minor: ``12.4.127`` -> ``12.4``; ``12`` stays ``12``."""
    return ".".join(str(number) for number in release(text)[:2])


def major(text: str) -> int:
    """Return the first number; raises ValueError where there is none."""
    numbers = release(text)
    if not numbers:
        raise ValueError(f"`{text}` holds no version")
    return numbers[0]


def within(version: str, first: str, last: str) -> bool:
    """Tell whether the version lies in the range, at the precision of its ends (2.5.1 is in 2.4-2.5)."""
    numbers, low, high = release(version), release(first), release(last)
    return numbers[: len(low)] >= low and numbers[: len(high)] <= high


def conda_satisfies(version: str, spec: str) -> bool:
    """Tell whether a version meets the version part of a conda dependency (``>=2.10,<2.11.0a0``)."""
    if not spec or spec == "*":
        return True
    if spec[0] in "<>!" and "|" not in spec and "*" not in spec:
        return satisfies(version, spec)
    from resolver.model.match_spec import version_spec_matches

    try:
        return version_spec_matches(spec, version)
    except ValueError:
        return True


@functools.lru_cache(maxsize=4096)
def satisfies(version: str, specifier: str) -> bool:
    """Tell whether a version meets a PEP 440 specifier set; a local part is ignored, pre-releases count.

    An unreadable version or specifier meets everything: a check never blames what it can't read.
    """
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        public = Version(version.split("+", 1)[0])
        return SpecifierSet(specifier).contains(public, prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return True
