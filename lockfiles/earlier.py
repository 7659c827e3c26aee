"""The earlier lockfile: what stands at the place where a new one goes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from lockfiles.formats.conda_lock.entries import EntryTexts
from lockfiles.listener import Listener
from lockfiles.model import CondaLock, LockMetadata
from resolver.errors import InputError, InputErrors

if TYPE_CHECKING:
    from resolver.model.resolution import Resolution

T = TypeVar("T")

#: What can be done about any damage.
_ANEW = "`--update-all` forgets what it holds, and writes it anew."


class EarlierFile:
    """The text of the file at ``output``, taken apart only where that matters; empty: there is none.

    A damaged lockfile holds pins that somebody counts on, so it isn't ours to write over:
    reading it raises InputError with the place of its fault. With ``may_forget`` that is a
    warning, and nothing is kept. A file that is no lockfile at all always raises InputError.
    """

    def __init__(self, text: str, output: Path | None, *, may_forget: bool, listener: Listener) -> None:
        self.text, self._name = text, str(output)
        self._may_forget, self._listener, self._is_forgotten = may_forget, listener, False
        self.texts = EntryTexts()  #: of its entries, once it is read

    def platforms(self, locked: Collection[str]) -> tuple[str, ...]:
        """Return the platforms of the lockfile.

        Its packages are read with them, but for where all pins are forgotten and it has
        no platforms besides ``locked``.
        """
        if self._may_forget and "\npackage:" in self.text:
            from lockfiles.formats.conda_lock.text import read_metadata

            found = self._guarded(lambda: read_metadata(self.text, self._name), LockMetadata()).platforms
            if set(found) <= set(locked):
                return found
        return self.lock.metadata.platforms

    @cached_property
    def lock(self) -> CondaLock:
        """The whole lockfile; one without platforms where there is none."""
        return self._read(self.text) if self.text.strip() else _nothing()

    @cached_property
    def resolutions(self) -> tuple[Resolution, ...]:
        """One resolution for each of its platforms."""
        from lockfiles.formats.conda_lock.restore import resolutions_of_lock

        return self._guarded(lambda: resolutions_of_lock(self.lock, self._name), ())

    def _read(self, text: str) -> CondaLock:
        from lockfiles.formats.conda_lock.text import read_conda_lock

        return self._guarded(lambda: read_conda_lock(text, self._name, self.texts), _nothing())

    def _guarded(self, read: Callable[[], T], nothing: T) -> T:
        try:
            return read()
        except InputError as error:
            first = error.errors[0] if isinstance(error, InputErrors) else error
            if not looks_like_a_lock(self.text):
                raise InputError(
                    "exists, and is no lockfile",
                    first.origin,
                    "Choose another place with `--output`, or delete the file.",
                ) from error
            if not self._may_forget:
                raise InputError(
                    f"the earlier lockfile can't be read, and stays as it is: {first.message}",
                    first.origin,
                    f"{first.hint} {_ANEW}" if first.hint else _ANEW,
                ) from error
            self._forget(first)
            return nothing

    def _forget(self, fault: InputError) -> None:
        """Say once that nothing of the lockfile is kept."""
        if not self._is_forgotten:
            self._listener.warn(
                f"{fault}\nThe earlier lockfile can't be read: nothing of it is kept.", fault.hint
            )
        self._is_forgotten = True


def _nothing() -> CondaLock:
    return CondaLock(metadata=LockMetadata(), packages=())


def looks_like_a_lock(text: str) -> bool:
    """Tell whether a text is a conda-lock.yml, whole or damaged."""
    from lockfiles.formats.conda_lock.text import HEADER
    from resolver.inputs.file_kinds import has_key, kind_of

    if HEADER.partition("\n")[0] in text:
        return True
    if has_key(text, "metadata") and has_key(text, "content_hash") and has_key(text, "version"):
        return True
    kind = kind_of(text, "conda-lock.yml")
    return kind is not None and kind.id == "conda_lock"
