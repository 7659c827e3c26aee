"""PEP 440 specifiers as installers tolerate them: text to value, memoised.

Metadata of old releases holds text that the standards reject and that every
installer has come to accept; it is repaired here by a short list of rules
(those that uv applies). What can't be repaired is an :class:`Unusable`, a value
with a reason: the release is left out, nothing is raised.
"""

from __future__ import annotations

import re
from functools import lru_cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from resolver.model.patterns import pattern
from resolver.model.unusable import Unusable

#: distinct texts kept; a large search meets some ten thousand
MEMORY = 65_536

#: (what is written, what is meant, why); applied in this order, only where the text as written is invalid
_REPAIRS: tuple[tuple[str, str], ...] = (
    # `>= '2.7'`, `'>=3.6'`: quotes that a template left inside
    (r"""["']([0-9][0-9a-zA-Z.*]*|[<>=~!]=?[^"';]*)["'](?=\s*(?:,|;|\)|$))""", r"\1"),
    # `!=~3.0`: meant is "no 3.0.x"
    (r"!=\s*~\s*([0-9]+(?:\.[0-9]+)*)", r"!=\1.*"),
    # `>=3.6.*`: an order has no wildcard
    (r"(<=|>=|<|>)(\s*[0-9]+(?:\.[0-9]+)*)\.\*", r"\1\2"),
    # `~=3.6.*`: likewise; the last number is what may grow
    (r"(~=)(\s*[0-9]+(?:\.[0-9]+)*)\.\*", r"\1\2.0"),
    # `!=3.0*`, `==3.*.*`
    (r"([!=]=\s*[0-9]+(?:\.[0-9]+)*)\*", r"\1.*"),
    (r"([!=]=\s*[0-9]+(?:\.[0-9]+)*)(?:\.\*){2,}", r"\1.*"),
    # `>=3.5 !=3.0.*`, `>=2.7!=3.0.*`: a comma is missing
    (r"([0-9*])\s*(?=[<>~!]=?|===?)", r"\1,"),
    # `>dev`: a version without a number
    (r"(<=|>=|<|>)\s*dev\b", r"\g<1>0.0.0.dev0"),
    # `>=9.0.0a1.0`: nothing follows a pre-release number
    (r"((?:<=|>=|<|>|==|!=|~=)\s*[0-9]+(?:\.[0-9]+)*(?:a|b|rc)[0-9]+)(?:\.0)+", r"\1"),
    # `=> 3.6`, `= 3.6`
    (r"=>\s*(?=[0-9])", ">="),
    (r"(?<![<>=!~])=\s*(?=[0-9])", "=="),
    # `>=3.6,`, `,>=3.6`, `>=3.6,,<4`
    (r",\s*(?=,)", ""),
    (r",\s*(?=$|;|\))", ""),
    (r"(^|\(|\])\s*,", r"\1"),
)  # fmt: skip
_LONGEST, _MOST_DIGITS = 20_000, 400  #: characters
_LONG_NUMBER = pattern(r"[0-9]{400}")
BARE_ANY = frozenset({"*", "any"})
#: clauses of numbers alone, as nearly all are: sound, and without a pre-release
_NUMBERS = r"[0-9]+(?:\.[0-9]+)*"
_CLAUSE = rf"(?:(?:[<>]=?|[!=]=) ?{_NUMBERS}|[!=]= ?{_NUMBERS}\.\*|~= ?[0-9]+(?:\.[0-9]+)+)"
_NUMERIC = pattern(rf"(?:{_CLAUSE}(?:, ?{_CLAUSE})*)?")


@lru_cache(maxsize=MEMORY)
def parse_specifier(text: str) -> SpecifierSet | Unusable:
    """Return the specifier set meant by ``text`` (empty: any version)."""
    if is_out_of_bounds(text):
        return Unusable(f"`{text[:40]}...` is longer than a specifier may be, or has a number that is")
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        pass
    if text.strip().lower() in BARE_ANY:
        return SpecifierSet()
    try:
        return SpecifierSet(repair_clauses(text))
    except InvalidSpecifier:
        return Unusable(f"`{text}` is no version specifier")


def specifier_set(versions: SpecifierSet | str) -> SpecifierSet:
    """Return a specifier set, or the one that a text stands for; shared: never change it.

    Raises InvalidSpecifier for a text that is none.
    """
    return _read_set(versions) if isinstance(versions, str) else versions


@lru_cache(maxsize=MEMORY)
def _read_set(text: str) -> SpecifierSet:
    return SpecifierSet(text)


@lru_cache(maxsize=MEMORY)
def is_numeric(text: str) -> bool:
    """Tell whether a text is surely a specifier set, one in which no pre-release stands."""
    return _NUMERIC.fullmatch(text) is not None


@lru_cache(maxsize=MEMORY)
def numeric_clauses(text: str) -> tuple[tuple[str, str], ...] | None:
    """Return operator and version of each clause of a text; None where :func:`is_numeric` is false."""
    if not is_numeric(text):
        return None
    clauses = text.replace(" ", "").split(",") if text else []
    widths = (2 if clause[1] == "=" else 1 for clause in clauses)
    return tuple((clause[:width], clause[width:]) for clause, width in zip(clauses, widths, strict=True))


def is_out_of_bounds(text: str) -> bool:
    """Tell whether a text is too long, or holds a number that is: Python reads 4,300 digits at most."""
    return len(text) > _MOST_DIGITS and (len(text) > _LONGEST or _LONG_NUMBER.search(text) is not None)


def repair_clauses(text: str) -> str:
    """Return clauses with what is wrong in known ways put right; they may be faulty still."""
    text = text.strip()
    for wrong, right in _REPAIRS:
        text = re.sub(wrong, right, text)  # compiled when first needed, which is seldom
    return text.strip()
