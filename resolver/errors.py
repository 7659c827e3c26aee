"""Errors that a caller can act on, as one tree.

::

    LockstackError
    ├── InputError            bad input: file, settings, flags                 exit code 2
    │   └── InputErrors       several of them, found in one reading
    ├── SourceError           a channel or an index failed                     exit code 3
    │   ├── UnknownHostError  no name server knows the host
    │   ├── OfflineError      needed, not cached, and the network is forbidden
    │   ├── PageMovedError    another process replaced a page of the cache
    │   └── AuthenticationError   401 or 403
    ├── NoSolutionError       the requirements can't hold together             exit code 4
    ├── UndecidedError        the search ended at its limit                    exit code 4
    ├── IncompleteAnswerError an answer lacks what a package in it needs       exit code 1
    └── OutputError           a file could not be written                      exit code 6

Each carries its facts as attributes; the words are made in ``__str__``, and
``hint`` (or None) says what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resolver.model.origin import Origin


_LONGEST_LINE = 4000  #: characters of a message about a source


def one_line(text: str) -> str:
    r"""Return a text that may quote a stranger without a newline: each is written as ``\n``.

    Else its author could make the rest of a message look as if this program had said it. What acts on a
    screen in other ways is made visible where it is printed. A quotation that would fill screens loses its
    middle.
    """
    text = text.replace("\n", "\\n")
    if len(text) <= _LONGEST_LINE:
        return text
    half = _LONGEST_LINE // 2
    return f"{text[:half]} … ({len(text) - 2 * half:,} characters) … {text[-half:]}"


def iter_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what led to it, each once.

    Libraries raise an error anew with its cause cut off (``from None``), so contexts count too; an error
    that was kept and raised again while another was handled may lead back to itself.
    """
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__


class LockstackError(Exception):
    """Base of every error that this project raises on purpose."""

    exit_code = 1

    @property
    def hint(self) -> str | None:
        """What the reader can do, in one sentence; None where nothing is known."""
        return None


class InputError(LockstackError):
    """One fault of the input, with its place; ``is_missing``: the file of its place isn't there."""

    exit_code = 2

    def __init__(
        self, message: str, origin: Origin | None = None, hint: str | None = None, *, is_missing: bool = False
    ) -> None:
        super().__init__(message, origin, hint)
        self.message, self.origin, self._hint = message, origin, hint
        self.is_missing = is_missing

    def __str__(self) -> str:
        return f"{self.origin}: {self.message}" if self.origin else self.message

    @property
    def hint(self) -> str | None:
        """What the reader can do about this fault."""
        return self._hint


class InputErrors(InputError):  # noqa: N818  (several of one kind, plainly named)
    """Every fault found in one reading of the input, in file order (1 or more)."""

    def __init__(self, errors: Sequence[InputError]) -> None:
        super().__init__(f"{len(errors)} faults in the input")
        self.args = (tuple(errors),)
        self.errors = tuple(errors)

    def __str__(self) -> str:
        return "\n".join(
            f"{error}\n\nhint: {error.hint}\n" if error.hint else str(error) for error in self.errors
        ).rstrip()


class SourceError(LockstackError):
    """A channel or an index could not be read; ``where`` holds no credentials.

    ``status`` is what the server answered (404, 503 ...); None where no answer
    came, or where what it brought is at fault.
    """

    exit_code = 3

    def __init__(self, message: str, where: str, hint: str | None = None, status: int | None = None) -> None:
        super().__init__(message, where, hint, status)
        self.message, self.where, self._hint, self.status = one_line(message), one_line(where), hint, status

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"

    @property
    def hint(self) -> str | None:
        """What the reader can do about this source."""
        return self._hint


class UnknownHostError(SourceError):
    """No name server knows the host of an address."""


class OfflineError(SourceError):
    """Something is not in the cache, and the network may not be used."""


class PageMovedError(SourceError):
    """A cached page was replaced between two looks: what follows from both is of no state of its index."""


class AuthenticationError(SourceError):
    """The server answered 401 or 403."""


class NoSolutionError(LockstackError):
    """The requirements can't hold together for one target.

    ``core`` holds the requirements that clash (origin and text), smallest set known. ``parts``: where there
    are several conflicts, each by itself; its hint is what of one change that works is about it.
    """

    exit_code = 4

    def __init__(
        self,
        message: str,
        core: Sequence[tuple[Origin | None, str]] = (),
        hint: str | None = None,
        parts: Sequence[NoSolutionError] = (),
    ) -> None:
        super().__init__(message, tuple(core), hint, tuple(parts))
        self.message, self.core, self._hint, self.parts = message, tuple(core), hint, tuple(parts)

    def __str__(self) -> str:
        return self.message

    @property
    def hint(self) -> str | None:
        """What the reader can do about the conflict."""
        return self._hint


class UndecidedError(LockstackError):
    """Whether the requirements can hold together was not found out within the limit of the search."""

    exit_code = 4

    def __init__(self, platform: str, limit: int) -> None:
        super().__init__(platform, limit)
        self.platform, self.limit = platform, limit

    def __str__(self) -> str:
        found = f"no solution, and no proof of none, within {self.limit:,} conflicts"
        return f"not decided for {self.platform}: {found}"

    @property
    def hint(self) -> str | None:
        """What the reader can do: let it take longer, or ask for less."""
        return "`--search-limit` lets it go on longer (0: to the end); fewer or narrower lines decide sooner."


class IncompleteAnswerError(LockstackError):
    """An answer lacks a package that another one needs: it must not become a lockfile."""

    def __init__(self, package: str, missing: str) -> None:
        super().__init__(package, missing)
        self.package, self.missing = package, missing

    def __str__(self) -> str:
        return f"the answer holds `{self.package}`, which needs `{self.missing}`, and no `{self.missing}`"

    @property
    def hint(self) -> str | None:
        """What the reader can do: it is either a fault of this program, or of who calls it."""
        if self.missing == "python":
            return "A target that has a Python of its own takes no conda packages that need one."
        return "This is a fault of the program: please report it with the input."


class OutputError(LockstackError):
    """A file could not be written; what stood there before still stands."""

    exit_code = 6

    def __init__(self, path: str, reason: str, hint: str | None = None) -> None:
        super().__init__(path, reason, hint)
        self.path, self.reason, self._hint = path, reason, hint

    def __str__(self) -> str:
        return f"can't write `{self.path}`: {self.reason}"

    @property
    def hint(self) -> str | None:
        """What the reader can do about the file."""
        return self._hint
