"""What a log says."""

from __future__ import annotations

import msgspec

from resolver.model.choices import StrEnum


class Tool(StrEnum):
    """Whose error it is."""

    CONDA = "conda (classic solver)"
    LIBMAMBA = "libmamba"
    RATTLER = "rattler"
    PIP = "pip"
    UV = "uv"
    POETRY = "poetry"


class LoggedSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement that the log says the user made.

    ``text`` is a match spec (conda) or a PEP 508 requirement (pypi); ``line``
    is where in the log it was first read, from 1.
    """

    text: str
    ecosystem: str  #: ``conda`` or ``pypi``
    line: int
    is_constraint: bool = False


class PythonNeed(msgspec.Struct, frozen=True, kw_only=True):
    """A package that the tool passed over for its Python.

    ``owner``: name and version; ``needs`` and ``asked``: ranges as the log has them, the
    latter of the project, None where the interpreter itself didn't suit.
    """

    owner: str
    needs: str
    asked: str | None = None


class LogReport(msgspec.Struct, frozen=True, kw_only=True):
    """One error found in a log.

    ``specs``: what was asked for, as far as the error names it, in order of
    appearance. ``reasons``: what the tool says of packages in between.
    ``missing``: names (with specs) that the tool found nowhere. ``complete``
    is False where the log ends, or breaks off, in the middle of the error.
    """

    tool: Tool
    specs: tuple[LoggedSpec, ...]
    first_line: int
    last_line: int
    reasons: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    platform: str | None = None
    virtual_packages: tuple[str, ...] = ()  #: ``__glibc=2.31``, where the log names them
    python: str | None = None
    complete: bool = True
    pythons: tuple[PythonNeed, ...] = ()  #: what makes the conflict, where it is one about the Python
    conflict: tuple[str, ...] = ()  #: what clashes as the log itself has it, one sentence each
    azureml: bool = False  #: the error stands in an image build log of Azure ML

    @property
    def holds_conflict(self) -> bool:
        """Whether the log itself says what clashes, so that it can be told without solving anything."""
        return bool(self.conflict or self.pythons)


class Collector:
    """Collects specs in order of appearance, each once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], LoggedSpec] = {}

    def add(self, text: str, ecosystem: str, line: int, *, is_constraint: bool = False) -> None:
        """Take a spec in, unless its text is known already."""
        clean = " ".join(text.split())
        if clean:
            spec = LoggedSpec(text=clean, ecosystem=ecosystem, line=line, is_constraint=is_constraint)
            self._found.setdefault((ecosystem, clean), spec)

    def all(self) -> tuple[LoggedSpec, ...]:
        """Return what was collected."""
        return tuple(self._found.values())
