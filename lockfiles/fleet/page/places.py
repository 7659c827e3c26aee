"""Folders of the machine that made a page, taken out of its texts.

A message may name a file by its absolute place, which tells where somebody's home is. What lies below the
folder of the run is named from there, below the home with `~`. A folder that the user has typed stays: the
names of the files tell it anyway.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from resolver.model.redaction import redact
from resolver.model.visible import make_visible

#: A text of more letters is cut: nobody reads on, and a browser has to hold it.
_MOST_LETTERS = 4_000
#: Stands for the folder of the run.
HERE = "."


class PageTexts:
    """Makes texts from outside fit for a page; each distinct one is worked on once."""

    def __init__(self, folders: Sequence[tuple[str, str]], given: Iterable[str]) -> None:
        """``folders``: absolute folders, the narrowest first, with what stands for each (:data:`HERE`, `~`).

        ``given``: paths as the user gave them, or as they were found below these.
        """
        typed = tuple(path.rstrip("/") + "/" for path in given if path.startswith("/"))
        self._folders = [
            (_pattern_of(folder.rstrip("/")), instead)
            for folder, instead in folders
            if folder.count("/") > 1 and not any(path.startswith(folder.rstrip("/") + "/") for path in typed)
        ]
        self._known: dict[str, str] = {}

    def clean(self, text: str) -> str:
        """Return a text without secrets, foreign folders and characters that act."""
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = make_visible(self._without_folders(redact(_cut(text))))
        return found

    def maybe(self, text: str | None) -> str | None:
        """Return a text that may be missing."""
        return None if text is None else self.clean(text)

    def all(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Return several texts."""
        return tuple(self.clean(text) for text in texts)

    def _without_folders(self, text: str) -> str:
        for folder, instead in self._folders:
            below = "" if instead == HERE else f"{instead}/"
            text = folder.sub(lambda found, i=instead, b=below: b if found[1] else i, text)  # type: ignore[misc]
        return text


def _pattern_of(folder: str) -> re.Pattern[str]:
    """Return what finds a folder where a path begins with it, or is it."""
    return re.compile(rf"(?:(?<=file://)|(?<![\w./~-])){re.escape(folder)}(?:(/)|(?![\w.-]))")


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]} ..."
