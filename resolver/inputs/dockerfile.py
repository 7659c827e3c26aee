"""A Dockerfile: its instructions, its stages, and what the last one is built from and sets.

Source: Docker's "Dockerfile reference". Text alone is read: nothing is built, and of
arguments the defaults count.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

import msgspec

from resolver.model.images import NamedImage, parse_from
from resolver.model.origin import Origin

#: A reference to an argument: ``$NAME``, ``${NAME}``, ``${NAME:-word}``, ``${NAME:+word}``.
_REFERENCE = re.compile(r"\$(?:(?P<name>\w+)|\{(?P<braced>\w+)(?::(?P<sign>[-+])(?P<word>[^}]*))?\})")
_HEREDOC = re.compile(r"<<(?P<tabs>-?)[\"']?(?P<end>\w+)[\"']?")
_CONTINUED = re.compile(r"\\[ \t]*$")
#: Instructions whose text may go on as a here-document.
_WITH_HEREDOC = frozenset({"RUN", "COPY", "ADD"})
_LONGEST_VALUE = 1 << 16  #: characters
_NO_IMAGE = "scratch"  # what an empty stage is built from


class Instruction(msgspec.Struct, frozen=True, kw_only=True):
    """One instruction: its word in upper case, and its arguments with continued lines joined."""

    word: str
    arguments: str
    line: int  #: from 1
    column: int | None  #: of the arguments, from 1; None where they begin on another line


class BuildStage(msgspec.Struct, frozen=True, kw_only=True):
    """What one ``FROM`` begins.

    ``image`` is what is pulled for it, with the defaults of arguments put in; None for a stage
    on ``scratch`` or on an earlier stage, which is ``base``.
    """

    name: str | None
    origin: Origin  #: of the image
    image: str | None = None
    base: BuildStage | None = None
    variables: Mapping[str, str] = msgspec.field(default_factory=dict)  #: of its own ``ENV`` and its bases'

    @property
    def root(self) -> BuildStage:
        """The stage without a base that it stands on."""
        stage = self
        while stage.base is not None:
            stage = stage.base
        return stage


def iter_instructions(text: str) -> Iterator[Instruction]:
    """Yield the instructions of a Dockerfile in order; comments and here-documents are passed over."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        first = at
        parts: list[str] = []
        while at < len(lines):
            line = lines[at]
            at += 1
            if not line.strip() or line.lstrip().startswith("#"):
                if parts:
                    continue  # a comment within an instruction ends nothing
                break
            parts.append(_CONTINUED.sub(" ", line))
            if not _CONTINUED.search(line):
                break
        found = _instruction(parts, lines[first] if parts else "", first + 1)
        if found is not None:
            yield found
            at = _behind_heredocs(found, lines, at)


def _instruction(parts: list[str], first: str, line: int) -> Instruction | None:
    words = "".join(parts).split(None, 1)
    if not words:
        return None
    arguments = words[1].strip() if len(words) > 1 else ""
    start = len(first) - len(first.lstrip()) + len(words[0])
    behind = first[start:]
    column = start + len(behind) - len(behind.lstrip()) + 1 if behind.strip(" \t\\") else None
    return Instruction(word=words[0].upper(), arguments=arguments, line=line, column=column)


def _behind_heredocs(found: Instruction, lines: list[str], at: int) -> int:
    """Return the index of the first line behind the here-documents of an instruction."""
    if found.word not in _WITH_HEREDOC:
        return at
    for begun in _HEREDOC.finditer(found.arguments):
        end = at
        while end < len(lines):
            line = lines[end].lstrip("\t") if begun["tabs"] else lines[end]
            end += 1
            if line == begun["end"]:
                at = end
                break
    return at


def parse_stages(text: str, file: str) -> tuple[BuildStage, ...]:
    """Return the stages of a Dockerfile in order; ``file`` is what their places name."""
    defaults: dict[str, str] = {}
    stages: list[BuildStage] = []
    for found in iter_instructions(text):
        if found.word == "ARG" and not stages:  # those of a stage don't reach the next FROM
            defaults |= _assignments(_words(found.arguments), defaults)
        elif found.word == "FROM":
            stage = _begun(found, stages, defaults, file)
            if stage is not None:
                stages.append(stage)
        elif found.word == "ENV" and stages:
            stages[-1] = _with_variables(stages[-1], _words(found.arguments))
    return tuple(stages)


def image_of_dockerfile(text: str, file: str) -> NamedImage | None:
    """Return the image that the last stage stands on, and its LD_LIBRARY_PATH; None where there is none."""
    stages = parse_stages(text, file)
    root = stages[-1].root if stages else None
    if root is None or root.image is None:
        return None
    path = stages[-1].variables.get("LD_LIBRARY_PATH")
    return NamedImage(reference=root.image, origin=root.origin, library_path=path)


def _begun(
    found: Instruction, earlier: list[BuildStage], defaults: Mapping[str, str], file: str
) -> BuildStage | None:
    """Return the stage that a ``FROM`` begins; None where it names nothing."""
    line = parse_from(f"FROM {found.arguments}")
    if line is None:
        return None
    image = _filled(line.image, defaults)
    offset = line.offset - len("FROM ")
    column = found.column + offset if found.column is not None else None
    base = next((s for s in reversed(earlier) if s.name and s.name.lower() == image.lower()), None)
    return BuildStage(
        name=line.stage,
        origin=Origin(file=file, line=found.line, column=column),
        image=None if base is not None or image == _NO_IMAGE else image,
        base=base,
        variables=base.variables if base is not None else {},
    )


def _words(text: str) -> list[str]:
    """Return the words of a text as the shell splits them."""
    try:
        return shlex.split(text)
    except ValueError:  # a quotation that doesn't end
        return text.split()


def _with_variables(stage: BuildStage, words: list[str]) -> BuildStage:
    """Return the stage with what an ``ENV`` sets: ``NAME=VALUE ...``, or ``NAME VALUE``, its old form."""
    if len(words) > 1 and "=" not in words[0]:
        words = [f"{words[0]}={' '.join(words[1:])}"]
    return msgspec.structs.replace(
        stage, variables={**stage.variables, **_assignments(words, stage.variables)}
    )


def _assignments(words: list[str], known: Mapping[str, str]) -> dict[str, str]:
    """Return the names that words (``NAME=VALUE``) give a value, with known ones put in."""
    pairs = (word.partition("=") for word in words)
    return {name: _filled(value, known) for name, equals, value in pairs if equals}


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Return the text with the values of arguments; what has none stays as it is written.

    So does what would make it longer than any reference or path is: arguments may double line by line.
    """
    size = len(text)

    def fill(found: re.Match[str]) -> str:
        nonlocal size
        put = value_of(found)
        size += len(put)
        return put if size <= _LONGEST_VALUE else found[0]

    def value_of(found: re.Match[str]) -> str:
        value = values.get(found["name"] or found["braced"])
        if found["sign"] == "-":
            return value or found["word"]
        if found["sign"] == "+":
            return found["word"] if value else ""
        return found[0] if value is None else value

    return _REFERENCE.sub(fill, text)
