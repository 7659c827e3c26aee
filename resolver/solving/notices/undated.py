"""Builds and files without a date, which a limit in time leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from resolver.constraints.conda_domain import RecordFault
from resolver.constraints.conda_side import CondaSide
from resolver.metadata.page_rows import Page, whole_page
from resolver.model.findings import Severity
from resolver.model.names import PypiName
from resolver.model.notices import Notice
from resolver.model.records import SkipCause
from resolver.model.resolution import Resolution


def undated_left_out(
    side: CondaSide, pages: Mapping[PypiName, Page | None], resolution: Resolution
) -> Iterator[Notice]:
    """Yield a warning that names packages of which undated builds are left out, and one for undated files.

    ``pages``: what each project that came up was chosen from.
    """
    builds = tuple(
        pin.record.name
        for pin in resolution.conda
        if any(out.fault is RecordFault.UNDATED for out in side.left_out.get(pin.record.name, ()))
    )
    files = tuple(pin.name for pin in resolution.pypi if _has_undated(pages.get(pin.name)))
    for what, names in (("builds", builds), ("files", files)):
        if names:
            yield _notice(what, names, resolution)


def _has_undated(page: Page | None) -> bool:
    return page is not None and any(
        skipped.cause is SkipCause.UNDATED for skipped in whole_page(page).skipped
    )


def _notice(what: str, names: tuple[str, ...], resolution: Resolution) -> Notice:
    told = ", ".join(f"`{name}`" for name in names)
    return Notice(
        code="undated",
        severity=Severity.WARNING,
        text=f"exclude-newer leaves out {what} that have no date, of {told}; `--admit-undated` takes them",
        target=resolution.target.subdir,
        facts={"packages": names},
    )
