"""What a conda definition lists, whatever odd values stand in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from lockfiles.identity.normal import NormalItem, normal_conda, normal_pip


class DependencyEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One dependency, or one line of a pip section, as YAML gives it."""

    path: tuple[str | int, ...]  #: in the conda mapping
    value: Any
    pip: bool

    @property
    def text(self) -> str:
        """The value as text."""
        return str(self.value)

    @property
    def item(self) -> NormalItem | None:
        """The normal form; None for nothing: a null, a comment, a blank line."""
        if self.value is None:
            return None
        return normal_pip(self.text) if self.pip else normal_conda(self.text)


def iter_entries(conda: Mapping[str, Any]) -> Iterator[DependencyEntry]:
    """Yield every dependency and pip line in file order; what is no list holds none."""
    dependencies = conda.get("dependencies")
    for index, value in enumerate(dependencies if isinstance(dependencies, list) else ()):
        path = ("dependencies", index)
        if not isinstance(value, Mapping):
            yield DependencyEntry(path=path, value=value, pip=False)
            continue
        lines = value.get("pip")
        for number, line in enumerate(lines if isinstance(lines, list) else ()):
            yield DependencyEntry(path=(*path, "pip", number), value=line, pip=True)


def iter_items(conda: Mapping[str, Any]) -> Iterator[tuple[DependencyEntry, NormalItem]]:
    """Yield the entries that ask for something, with their normal form, in file order."""
    for entry in iter_entries(conda):
        item = entry.item
        if item is not None:
            yield entry, item


def channel_texts(conda: Mapping[str, Any]) -> list[str]:
    """Return the channels as written, in order; a single text is one channel."""
    value = conda.get("channels")
    if isinstance(value, list):
        return [str(item) for item in value]
    return [str(value)] if value else []
