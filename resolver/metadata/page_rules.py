"""Leaving files of a project out by rule, with their reasons kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

import msgspec

from resolver.errors import SourceError
from resolver.model.indexes import FormatRules
from resolver.model.records import DistFile, ProjectPage, SkipCause, SkippedFile

#: Why a file is left out, in words and by kind.
Reason: TypeAlias = tuple[str, SkipCause]


def limit_formats(page: ProjectPage, rules: FormatRules) -> ProjectPage:
    """Leave out the wheels or sdists that ``rules`` exclude."""
    if not rules.no_binary and not rules.only_binary:
        return page
    reasons = {kind: rules.refusal(page.name, is_wheel=kind) for kind in (True, False)}

    def reason(file: DistFile) -> Reason | None:
        why = reasons[file.is_wheel]
        return None if why is None else (why, SkipCause.FORMAT)

    return _without(page, reason)


def exclude_newer(page: ProjectPage, moment: int, *, admit_undated: bool = False) -> ProjectPage:
    """Leave out what was uploaded after ``moment`` (seconds since 1970, UTC), and files without a date.

    Raises SourceError where no file has a date: an answer would pretend to be of that day.
    ``admit_undated``: such files stay.
    """
    if not admit_undated and page.files and all(file.upload_time is None for file in page.files):
        raise SourceError(
            f"`--exclude-newer` can't be used: this index gives no upload dates (asked for `{page.name}`)",
            page.index,
            hint="Use an index with upload dates (PEP 700), or lock without `--exclude-newer`; "
            "`--admit-undated` takes what has no date.",
        )
    day = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def reason(file: DistFile) -> Reason | None:
        if file.upload_time is None:
            why = "no upload date, and `--exclude-newer` is set (`--admit-undated` takes it)"
            return None if admit_undated else (why, SkipCause.UNDATED)
        return (f"uploaded after {day}", SkipCause.DATE) if file.upload_time > moment else None

    return _without(page, reason)


def _without(page: ProjectPage, reason: Callable[[DistFile], Reason | None]) -> ProjectPage:
    kept, skipped = [], list(page.skipped)
    for file in page.files:
        why = reason(file)
        if why is None:
            kept.append(file)
        else:
            skipped.append(SkippedFile(file.file_name, *why))
    return msgspec.structs.replace(
        page,
        files=tuple(kept),
        skipped=tuple(skipped),
        has_dates=bool(kept) and all(file.upload_time is not None for file in kept),
    )
