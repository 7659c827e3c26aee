r"""Regular expressions matched in linear time: what conda's specs may hold between ``^`` and ``$``.

The patterns come from channels and files that others write, and Python's matcher goes back: ``^(a+)+$`` over
thirty characters takes minutes. So a pattern is read into a small program, and all ways through it are
followed at once, a set of places for each character (Thompson 1968; Cox 2007, "the virtual machine
approach").

::

    ^1\.[0-9]+$     0 begin   1 "1"   2 "."   3 [0-9]   4 split 3 5   5 end   6 match

Known are characters, ``.``, classes, the escapes below, groups, ``|``, ``* + ? {m,n}`` and the two anchors.
Anything else (back references, looking around, flags, ``\b``) is refused, and so is what would need a
program of over :data:`MOST_STEPS` steps. The meaning of what is known is that of ``re.match``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

#: Steps of the largest program; real patterns need a few dozen.
MOST_STEPS = 2_000
#: How deep groups may stand in one another.
_DEEPEST = 50
_MOST_REPEATS = 1_000

_DIGITS = frozenset("0123456789")
_WORD = _DIGITS | frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_BLANK = frozenset(" \t\n\r\f\v")
_CLASSES = {"d": _DIGITS, "w": _WORD, "s": _BLANK}
_PLAIN_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}


class Characters(NamedTuple):
    """A set of characters, or all but that set."""

    members: frozenset[str]
    is_negated: bool = False

    def has(self, character: str) -> bool:
        """Tell whether a character is meant."""
        return (character in self.members) is not self.is_negated


class PatternStep(NamedTuple):
    """One step of a program: a character to read, an anchor, a split into two ways, or the end."""

    reads: Characters | None = None
    anchor: str = ""
    ways: tuple[int, ...] = ()  #: places to go on at without reading; none for the end


#: What a part of a pattern means: steps whose ways are counted from their own first place.
Part = tuple[PatternStep, ...]


def linear_matcher(pattern: str) -> Callable[[str], bool]:
    """Return a predicate over texts that says what ``re.match`` of the pattern would.

    Raises ValueError for a pattern that is refused.
    """
    program = _PatternReader(pattern).program()

    def matches(text: str) -> bool:
        places = _follow(program, (0,), 0, text)
        for at, character in enumerate(text):
            if len(program) in places:
                return True
            read = (p + 1 for p in places if (known := program[p].reads) is not None and known.has(character))
            places = _follow(program, read, at + 1, text)
            if not places:
                return False
        return len(program) in places

    return matches


def _follow(program: Part, starts: Iterable[int], at: int, text: str) -> set[int]:
    """Return the places that read, and the end, that are reached without reading a character."""
    seen, found, stack = set[int](), set[int](), list(starts)
    while stack:
        place = stack.pop()
        if place in seen:
            continue
        seen.add(place)
        step = program[place] if place < len(program) else None
        if step is None or step.reads is not None:
            found.add(place)
        elif not step.anchor:
            stack.extend(step.ways)
        elif _holds(step.anchor, at, text):
            stack.append(place + 1)
    return found


def _holds(anchor: str, at: int, text: str) -> bool:
    return at == 0 if anchor == "^" else at == len(text) or text[at:] == "\n"


class _PatternReader:
    """Reads a pattern by recursive descent: alternatives, sequences, repeated items, items."""

    def __init__(self, pattern: str) -> None:
        self._pattern, self._at, self._depth = pattern, 0, 0

    def program(self) -> Part:
        part = self._alternatives()
        if self._at < len(self._pattern):
            raise self._refusal("a `)` without its `(`")
        return part

    # -- parts ------------------------------------------------------------------------------------

    def _alternatives(self) -> Part:
        part = self._sequence()
        while self._take("|"):
            other = self._sequence()
            jump = PatternStep(ways=(len(part) + 2 + len(other),))
            part = self._sized(
                (PatternStep(ways=(1, len(part) + 2)), *_moved(part, 1), jump, *_moved(other, len(part) + 2))
            )
        return part

    def _sequence(self) -> Part:
        found: list[PatternStep] = []
        while self._peek() not in ("", "|", ")"):
            found += _moved(self._repeated(), len(found))
            self._sized(tuple(found))
        return tuple(found)

    def _repeated(self) -> Part:
        item = self._item()
        is_anchor = len(item) == 1 and bool(item[0].anchor)
        least, most = self._repeats()
        if (least, most) == (1, 1):
            return item
        if is_anchor or self._repeats() != (1, 1):
            raise self._refusal("nothing to repeat")
        if len(item) * max(least, most or 0, 1) > MOST_STEPS:
            raise self._refusal("a repetition that is too large")
        found: list[PatternStep] = []
        for _ in range(least):
            found += _moved(item, len(found))
        if most is None:
            again = len(found)
            found.append(PatternStep(ways=(again + 1, again + len(item) + 2)))
            found += _moved(item, len(found))
            found.append(PatternStep(ways=(again,)))
        else:
            end = len(found) + (most - least) * (len(item) + 1)
            for _ in range(most - least):
                found.append(PatternStep(ways=(len(found) + 1, end)))
                found += _moved(item, len(found))
        return self._sized(tuple(found))

    def _repeats(self) -> tuple[int, int | None]:
        """Return how often the last item may stand; a lazy repetition takes the same texts."""
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                self._take("?")
                if self._peek() == "+":
                    raise self._refusal("a possessive repetition")
                return bounds
        end = self._pattern.find("}", self._at)
        if self._peek() == "{" and end > 0:
            low, comma, high = self._pattern[self._at + 1 : end].partition(",")
            if (low or comma) and all(
                not part or (part.isascii() and part.isdigit()) for part in (low, high)
            ):
                self._at = end + 1
                self._take("?")
                least, most = int(low or 0), int(high or low) if high or not comma else None
                if max(least, most or 0) > _MOST_REPEATS or (most is not None and most < least):
                    raise self._refusal("a repetition that is too large, or upside down")
                return least, most
        return 1, 1

    def _item(self) -> Part:
        character = self._pattern[self._at]
        self._at += 1
        if character in "*+?":
            raise self._refusal("nothing to repeat")
        if character == "(":
            return self._group()
        if character in "^$":
            return (PatternStep(anchor=character),)
        if character == ".":
            return (PatternStep(reads=Characters(frozenset("\n"), is_negated=True)),)
        if character == "[":
            return (PatternStep(reads=self._class()),)
        if character == "\\":
            return (PatternStep(reads=self._escape()),)
        return (PatternStep(reads=Characters(frozenset(character))),)

    def _group(self) -> Part:
        if self._take("?") and not self._take(":"):
            raise self._refusal("a group that begins with `(?`")
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._refusal("groups that stand too deep")
        part = self._alternatives()
        if not self._take(")"):
            raise self._refusal("a `(` without its `)`")
        self._depth -= 1
        return part

    # -- characters -------------------------------------------------------------------------------

    def _escape(self) -> Characters:
        character = self._pattern[self._at : self._at + 1]
        self._at += 1
        if character.lower() in _CLASSES and character:
            return Characters(_CLASSES[character.lower()], is_negated=character.isupper())
        if character in _PLAIN_ESCAPES:
            return Characters(frozenset(_PLAIN_ESCAPES[character]))
        if not character or character.isalnum():
            raise self._refusal(f"`\\{character}`")
        return Characters(frozenset(character))

    def _class(self) -> Characters:
        """Read a class behind its bracket: characters, ranges, escapes; ``]`` first is itself."""
        is_negated = self._take("^")
        members: set[str] = set()
        is_first = True
        while is_first or self._peek() != "]":
            is_first = False
            low = self._class_member()
            if len(low) == 1 and self._peek() == "-" and self._pattern[self._at + 1 : self._at + 2] != "]":
                self._at += 1
                high = self._class_member()
                if len(high) != 1 or ord(min(high)) < ord(min(low)):
                    raise self._refusal("a range in `[]` that is none")
                if ord(min(high)) - ord(min(low)) > MOST_STEPS:
                    raise self._refusal("a range in `[]` that is too large")
                members.update(map(chr, range(ord(min(low)), ord(min(high)) + 1)))
            else:
                members |= low
        self._at += 1
        return Characters(frozenset(members), is_negated)

    def _class_member(self) -> frozenset[str]:
        character = self._pattern[self._at : self._at + 1]
        if not character:
            raise self._refusal("a `[` without its `]`")
        self._at += 1
        if character != "\\":
            return frozenset(character)
        found = self._escape()
        if found.is_negated:
            raise self._refusal("a negated escape in `[]`")
        return found.members

    # -- the text ---------------------------------------------------------------------------------

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self, character: str) -> bool:
        found = self._peek() == character
        self._at += found
        return found

    def _sized(self, part: Part) -> Part:
        if len(part) > MOST_STEPS:
            raise self._refusal("more than can be matched quickly")
        return part

    def _refusal(self, what: str) -> ValueError:
        return ValueError(
            f"`{self._pattern}` is a regular expression with {what}, which is not supported here"
        )


def _moved(part: Part, by: int) -> Part:
    return tuple(s._replace(ways=tuple(way + by for way in s.ways)) if s.ways else s for s in part)
