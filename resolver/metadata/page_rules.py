"""Leaving files of a project out by rule, with their reasons kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from resolver.errors import SourceError
from resolver.model.indexes import FormatRules
from resolver.model.records import DistFile, ProjectPage, SkipCause, SkippedFile


def limit_formats(page: ProjectPage, rules: FormatRules) -> ProjectPage:
    """Leave out the wheels or sdists that ``rules`` exclude."""
    if not rules.no_binary and not rules.only_binary:
        return page
    reasons = {kind: rules.refusal(page.name, is_wheel=kind) for kind in (True, False)}
    return _without(page, lambda file: reasons[file.is_wheel], SkipCause.FORMAT)


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

    def reason(file: DistFile) -> str | None:
        if file.upload_time is None:
            return None if admit_undated else "the index gives no upload date, and `--exclude-newer` is set"
        return f"uploaded after {day}" if file.upload_time > moment else None

    return _without(page, reason, SkipCause.DATE)


def _without(page: ProjectPage, reason: Callable[[DistFile], str | None], cause: SkipCause) -> ProjectPage:
    kept, skipped = [], list(page.skipped)
    for file in page.files:
        why = reason(file)
        if why is None:
            kept.append(file)
        else:
            skipped.append(SkippedFile(file.file_name, why, cause))
    return msgspec.structs.replace(
        page,
        files=tuple(kept),
        skipped=tuple(skipped),
        has_dates=bool(kept) and all(file.upload_time is not None for file in kept),
    )
