"""What was locked as rows of a record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lockfiles.fleet.records import NoticeRow, PackageRow, TargetRow

if TYPE_CHECKING:
    from lockfiles.locking import Locked
    from lockfiles.several.locking import LockedSeveral
    from resolver.model.notices import Notice
    from resolver.model.requirements import Requirements
    from resolver.model.resolution import CondaPin, PypiPin, Resolution


def lock_rows(locked: Locked | LockedSeveral, unproven: Mapping[str, Sequence[str]]) -> tuple[TargetRow, ...]:
    """Return a row for each platform of a lockfile; of several environments, ``ENVIRONMENT/PLATFORM``."""
    from lockfiles.locking import Locked

    if isinstance(locked, Locked):
        return target_rows(locked.resolutions, locked.session.requirements, unproven)
    return tuple(
        replace(row, platform=f"{one.name}/{row.platform}")
        for one in locked.environments
        for row in target_rows(one.resolutions, one.session.requirements, unproven)
    )


def target_rows(
    resolutions: Sequence[Resolution],
    requirements: Requirements | None,
    unproven: Mapping[str, Sequence[str]] | None = None,
) -> tuple[TargetRow, ...]:
    """Return a row for each platform of a lockfile; ``unproven``: platform -> stages of its search."""
    stages = unproven or {}
    return tuple(
        TargetRow(
            platform=resolution.target.subdir,
            python=resolution.python,
            packages=package_rows(resolution, requirements),
            unproven=tuple(stages.get(resolution.target.subdir, ())),
        )
        for resolution in resolutions
    )


def package_rows(resolution: Resolution, requirements: Requirements | None = None) -> tuple[PackageRow, ...]:
    """Return a resolution's packages, those of conda first; nobody asks for any without ``requirements``."""
    from resolver.graph import needs_of

    conda = {line.name for line in requirements.conda} if requirements else frozenset()
    pypi = {line.name for line in requirements.pypi} if requirements else frozenset()
    needed = needs_of(resolution)
    place = {node: number for number, node in enumerate(needed)}
    needs = (tuple(sorted([place[target] for target in targets])) for targets in needed.values())
    rows = [
        *(_conda_row(pin, is_asked=pin.name in conda) for pin in resolution.conda),
        *(_pypi_row(pin, is_asked=pin.name in pypi) for pin in resolution.pypi),
    ]
    return tuple(replace(row, needs=needed) for row, needed in zip(rows, needs, strict=True))


def _conda_row(pin: CondaPin, *, is_asked: bool) -> PackageRow:
    record = pin.record
    return PackageRow(
        "conda", record.name, record.version, record.build, pin.channel.name, record.size, is_asked,
        record.file_name,
    )  # fmt: skip


def _pypi_row(pin: PypiPin, *, is_asked: bool) -> PackageRow:
    file = pin.file
    return PackageRow(
        "pypi", pin.name, pin.version, "", pin.index or "", file.size if file else None, is_asked,
        file.file_name if file else "",
    )  # fmt: skip


def notice_rows(notices: Iterable[Notice], warnings: Iterable[str] = ()) -> tuple[NoticeRow, ...]:
    """Return notices as rows, and behind them the warnings of the run, without secrets."""
    from resolver.model.redaction import redact

    return (
        *(NoticeRow(code=n.code, severity=n.severity.value, text=n.text, platform=n.target) for n in notices),
        *(NoticeRow(code="warning", severity="warning", text=redact(text)) for text in warnings),
    )
