"""Which indexes had what was asked of them: one that has nothing is likely not the one that was meant."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import msgspec

from resolver.errors import SourceError
from resolver.model.indexes import ACCEPT, Index
from resolver.model.names import PypiName
from resolver.model.redaction import is_remote
from resolver.sources.http.fetching import Fetcher


class Lacking(msgspec.Struct, frozen=True, kw_only=True):
    """An index that has none of the projects asked of it."""

    index: Index
    projects: tuple[str, ...]  #: that were asked for, sorted

    def __str__(self) -> str:
        count = len(self.projects)
        what = f"`{self.projects[0]}`" if count == 1 else f"any of the {count} projects asked of it"
        return f"the index `{self.index.name}` doesn't have {what}"


class IndexWatch:
    """Notes what each index answered; safe for several threads.

    Only projects that somebody waited for count, since :meth:`begin`: pages that are fetched ahead may come
    or not, and what was asked for one target says nothing of the next.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[PypiName, tuple[tuple[str, bool], ...]] = {}
        self._waited: set[PypiName] = set()

    def begin(self) -> None:
        """Forget what was waited for: another question begins."""
        with self._lock:
            self._waited.clear()

    def note(self, name: PypiName, answers: Sequence[tuple[str, bool]]) -> None:
        """Take in which indexes were asked for a project, by name, and whether each has it."""
        with self._lock:
            self._answers[name] = tuple(answers)

    def waited(self, name: PypiName) -> None:
        """Note that a project was needed."""
        with self._lock:
            self._waited.add(name)

    def place_of_first(self, name: PypiName) -> int | None:
        """Return which of the indexes asked for a project was the first that has it; None: none."""
        with self._lock:
            answers = self._answers.get(name, ())
        return next((place for place, (_, has) in enumerate(answers) if has), None)

    def lacking(self, indexes: Sequence[Index]) -> tuple[Lacking, ...]:
        """Return the indexes that have none of the projects that were needed, in their order."""
        asked: dict[str, list[str]] = {}
        useful: set[str] = set()
        with self._lock:
            for project in sorted(self._waited):
                for index, has in self._answers.get(project, ()):
                    asked.setdefault(index, []).append(project)
                    if has:
                        useful.add(index)
        return tuple(
            Lacking(index=index, projects=tuple(asked[index.name]))
            for index in indexes
            if index.name in asked and index.name not in useful
        )


def check_root(index: Index, fetcher: Fetcher) -> None:
    """Raise SourceError where the index's own address answers 404 too: there is no index.

    What else may go wrong there says nothing of that, and is passed over.
    """
    if not is_remote(index.url) or fetcher.settings.offline:
        return
    try:
        status = fetcher.get(
            f"{index.url.rstrip('/')}/", headers={"accept": ACCEPT}, byte_range=(0, 0)
        ).status
    except SourceError:
        return
    if status in (404, 410):
        raise SourceError(
            f"no index is there: this address answers {status}, and so does each project asked of it",
            index.name,
            f"Check the address{f' ({index.origin})' if index.origin else ''}.",
            status,
        )
