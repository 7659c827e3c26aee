"""Projects that their indexes say something of as a whole: archived, deprecated, in quarantine (PEP 792)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from resolver.model.findings import Severity
from resolver.model.names import PypiName
from resolver.model.notices import Notice
from resolver.model.resolution import PypiPin, Resolution

if TYPE_CHECKING:
    from resolver.metadata.page_rows import Page

#: What each status means for whoever locks; a project in quarantine has files only on another index.
_MEANING = {
    "archived": (Severity.WARNING, "no more releases are to come, security fixes neither"),
    "deprecated": (Severity.NOTE, "its owners say that another project takes its place"),
    "quarantined": (
        Severity.WARNING,
        "one of its indexes holds it back: the file is another's",
    ),
}


def project_status(pages: Mapping[PypiName, Page | None], resolution: Resolution) -> Iterator[Notice]:
    """Yield a notice for each status that projects of the answer have, with all of these.

    ``pages``: what each project that came up was chosen from.
    """
    for status, (severity, meaning) in _MEANING.items():
        pins = [pin for pin in resolution.pypi if _status_of(pages, pin) == status]
        if pins:
            yield _notice(pins, status, severity, meaning, pages, resolution)


def _status_of(pages: Mapping[PypiName, Page | None], pin: PypiPin) -> str | None:
    page = pages.get(pin.name)
    return None if page is None or pin.direct is not None else page.status.status


def _notice(
    pins: list[PypiPin],
    status: str,
    severity: Severity,
    meaning: str,
    pages: Mapping[PypiName, Page | None],
    resolution: Resolution,
) -> Notice:
    found = [page for pin in pins if (page := pages.get(pin.name)) is not None]
    reason = found[0].status.reason if len(pins) == 1 else None
    told = ", ".join(f"`{pin.name}` {pin.version}" for pin in pins)
    verb = "is" if len(pins) == 1 else "are"
    return Notice(
        code="project-status",
        severity=severity,
        text=f"{told} {verb} {status} on `{found[0].index}`: {meaning}{f' ({reason})' if reason else ''}",
        package=pins[0].name if len(pins) == 1 else None,
        target=resolution.target.subdir,
        facts={
            "status": status,
            "projects": tuple(pin.name for pin in pins),
            "versions": tuple(pin.version for pin in pins),
            "reasons": tuple(page.status.reason or "" for page in found),
        },
    )
