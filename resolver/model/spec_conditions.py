"""What CEP 43, 44 and 45 add to a match spec's brackets: conditions, extras and flags.

::

    numpy[version=">=2", when="(python>=3.10 or __unix) and c", extras=[io], flags=["blas:*"]]
          any of:   python>=3.10, c     all of these
                    __unix, c           or all of these

A condition is ``and``, ``or`` and brackets over match specs, without a ``not``; so it is the same
as some lists of match specs, of one of which each must be there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resolver.model.patterns import pattern

#: A condition, as py-rattler writes it, in pieces: quoted text and brackets stay whole.
_QUOTED = r"\"[^\"]*\"|'[^']*'"
_PIECE = pattern(
    rf"\s*(?:([()])|((?:{_QUOTED}|\[(?:{_QUOTED}|\[[^\]\"']*\]|[^\[\]\"'])*\]|[^\s()\[\"']|(?<=[,|])\([^()]*\))+))"
)
_MOST_ALTERNATIVES = 64  #: lists that a condition comes to; published ones have a handful
#: The condition in brackets, which may hold match specs with brackets of their own.
WHEN = pattern(rf"(?<=[\[,\s])when\s*=\s*(?:{_QUOTED}|[^\s,\]\"']+)")
_FLAG = pattern(r"[a-z0-9_*]+(?::[a-z0-9_*]+)?\Z")


def alternatives(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the lists of match specs of which one must hold whole; raises ValueError for no condition."""
    pieces = list(_pieces(text))
    found, rest = _either(pieces, text)
    if rest:
        raise ValueError(f"`{text}` is no condition: `{rest[0]}` is too much")
    return tuple(tuple(dict.fromkeys(one)) for one in found)


def check_flags(flags: Sequence[str]) -> None:
    """Raise ValueError for what no flag may look like."""
    wrong = next((flag for flag in flags if not _FLAG.match(flag)), None)
    if wrong is not None:
        raise ValueError(f"`{wrong}` is no flag")


def _pieces(text: str) -> Iterator[str]:
    at, text = 0, text.rstrip()
    while at < len(text):
        found = _PIECE.match(text, at)
        if found is None:
            raise ValueError(f"`{text}` is no condition")
        yield found[1] or found[2]
        at = found.end()


def _either(pieces: list[str], text: str) -> tuple[list[tuple[str, ...]], list[str]]:
    """Read lists joined by ``or``."""
    found, rest = _both(pieces, text)
    while rest[:1] == ["or"]:
        more, rest = _both(rest[1:], text)
        found = _bounded([*found, *more], text)
    return found, rest


def _both(pieces: list[str], text: str) -> tuple[list[tuple[str, ...]], list[str]]:
    """Read lists joined by ``and``: each of one side with each of the other."""
    found, rest = _one(pieces, text)
    while rest[:1] == ["and"]:
        more, rest = _one(rest[1:], text)
        found = _bounded([(*one, *other) for one in found for other in more], text)
    return found, rest


def _one(pieces: list[str], text: str) -> tuple[list[tuple[str, ...]], list[str]]:
    """Read a match spec, or what stands in parentheses."""
    first = pieces[0] if pieces else ""
    if first in ("", "and", "or", "not", ")"):
        raise ValueError(f"`{text}` is no condition: a match spec is missing")
    if first != "(":
        return [(first,)], pieces[1:]
    found, rest = _either(pieces[1:], text)
    if rest[:1] != [")"]:
        raise ValueError(f"`{text}` is no condition: a `)` is missing")
    return found, rest[1:]


def _bounded(found: list[tuple[str, ...]], text: str) -> list[tuple[str, ...]]:
    if len(found) > _MOST_ALTERNATIVES:
        raise ValueError(f"`{text[:60]}...` comes to more than {_MOST_ALTERNATIVES} alternatives")
    return found
