"""A fleet's page, from the run that made its records."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from lockfiles.fleet.page.building import PageBuilder
from lockfiles.fleet.page.html import page_text
from lockfiles.fleet.page.merges import page_merges
from lockfiles.fleet.page.places import HERE, PageTexts
from lockfiles.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lockfiles.fleet.merging.merging import Merged
    from lockfiles.fleet.records import FleetRecord
    from lockfiles.fleet.running import FleetReport, FleetRequest
    from lockfiles.surroundings import Surroundings


class FleetPageMaker:
    """Takes the records of a run (:func:`lockfiles.fleet.running.run_fleet`), and gives its page."""

    def __init__(self, request: FleetRequest) -> None:
        self._request = request
        find, around = request.find, request.lock.surroundings
        self._builder = PageBuilder(
            texts_for(around, (*find.paths, *find.files_from)), is_dry=request.dry_run
        )

    def take(self, record: FleetRecord) -> None:
        """Take a whole record; in the fleet's order."""
        self._builder.take(record)

    def text(self, report: FleetReport) -> str:
        """Return the page."""
        find, around = self._request.find, self._request.lock.surroundings
        page = self._builder.finish(
            title=title_of((*find.paths, *find.files_from), around),
            work=self._request.work,
            version=VERSION,
            date=around.today(),
            lines=_lines_of(report.records),
            empty=report.empty,
        )
        return page_text(page)


def merged_page(merged: Merged, paths: Sequence[str], around: Surroundings) -> str:
    """Return the page of what `--merge` found; ``paths``: as the user gave them."""
    texts = texts_for(around, paths)
    page = PageBuilder(texts).finish(
        title=title_of(paths, around),
        work=("merge",),
        version=VERSION,
        date=around.today(),
        merges=page_merges(merged, texts),
    )
    return page_text(page)


def texts_for(around: Surroundings, given: Iterable[str]) -> PageTexts:
    """Return what makes texts fit for a page: without the folders of the run, the user and the cache."""
    cache = around.cache_folder()
    folders = [(around.cwd.as_posix(), HERE), (around.home.as_posix(), "~")]
    folders += [(cache.as_posix(), "(the cache)")] if cache is not None else []
    return PageTexts(sorted(folders, key=lambda pair: -len(pair[0])), given)


def title_of(paths: Sequence[str], around: Surroundings) -> str:
    """Return what the user gave; of the folder of the run alone its name."""
    if set(paths) <= {"."}:
        return around.cwd.name or "."
    return ", ".join(PurePath(path).as_posix() for path in paths)


def _lines_of(records: Iterable[FleetRecord]) -> dict[str, str]:
    """Return the sentences of the rules that found something."""
    found = {row.rule for record in records for row in record.findings}
    if not found:
        return {}
    from lockfiles.rules import every_rule

    return {rule.id: rule.line for rule in every_rule() if rule.id in found}
