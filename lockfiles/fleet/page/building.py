"""Records in, what the page holds out: nothing is read, solved or asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from lockfiles.fleet.causes import short_hint
from lockfiles.fleet.page.model import (
    FleetPage,
    PageCause,
    PageEnvironment,
    PageFinding,
    PageImage,
    PageLine,
    PageMerges,
    PageMessage,
    PageNotice,
    PageTarget,
)
from lockfiles.fleet.page.packages import PackageTable
from lockfiles.fleet.page.states import lockfile_state
from resolver.errors import one_line
from resolver.model.findings import Severity

if TYPE_CHECKING:
    from lockfiles.fleet.causes import Failure
    from lockfiles.fleet.page.places import PageTexts
    from lockfiles.fleet.records import FindingRow, FleetRecord, TargetRow

_RANKS = {severity.value: rank for rank, severity in enumerate(Severity)}
#: A browser holds a page of so many numbers well (some 15 MB of text).
_MOST_HELD = 5_000_000


class PageBuilder:
    """Takes whole records one by one, in the fleet's order, and keeps of each what the page shows."""

    def __init__(self, texts: PageTexts, *, is_dry: bool = False, most_held: int = _MOST_HELD) -> None:
        """``most_held``: packages of all environments together that the page names one by one."""
        self._texts, self._is_dry, self._most_held = texts, is_dry, most_held
        self._packages = PackageTable(texts)
        self._environments: list[PageEnvironment] = []
        self._causes: dict[tuple[str, str], _Cause] = {}
        self._findings: dict[tuple[str, str], dict[tuple[object, ...], _Message]] = {}
        self._images: dict[tuple[str, str, str], list[int]] = {}
        self._notices: dict[tuple[str, str, str], dict[int, None]] = {}
        self._left = 0

    def take(self, record: FleetRecord) -> None:
        """Take one record."""
        number, clean = len(self._environments), self._texts
        for failure in record.failures:
            self._cause(failure, record.file).environments[number] = None
        for row in record.findings:
            self._find(row, number)
        for image in record.images:
            key = (clean.clean(image.kind), clean.clean(image.value), clean.clean(image.certainty))
            self._images.setdefault(key, []).append(number)
        for notice in record.notices:
            told = (clean.clean(notice.code), notice.severity, clean.clean(notice.text))
            self._notices.setdefault(told, {})[number] = None
        self._environments.append(
            PageEnvironment(
                file=clean.clean(one_line(record.file)),
                code=record.code,
                outcome=record.outcome,
                state=lockfile_state(record, is_dry=self._is_dry),
                seconds=round(record.seconds, 3),
                output=clean.maybe(record.output),
                reasons=clean.all(record.reasons),
                changes=record.changes,
                targets=tuple(self._target(row) for row in record.targets),
                causes=tuple(
                    dict.fromkeys(self._cause(failure, record.file).number for failure in record.failures)
                ),
                same_as=clean.maybe(record.same_as),
                attempts=record.attempts,
                settings=clean.all(record.settings_files),
            )
        )

    def _target(self, row: TargetRow) -> PageTarget:
        known = [package.size for package in row.packages if package.size is not None]
        is_held = self._packages.held + len(row.packages) <= self._most_held
        self._left += not is_held
        held, asked = self._packages.take(row.packages) if is_held else (None, ())
        return PageTarget(
            platform=self._texts.clean(row.platform),
            python=self._texts.maybe(row.python),
            count=len(row.packages),
            size=sum(known),
            unknown=len(row.packages) - len(known),
            held=held,
            asked=asked,
            unproven=self._texts.all(row.unproven),
        )

    def _cause(self, failure: Failure, file: str) -> _Cause:
        key = (failure.kind, failure.cause)
        found = self._causes.get(key)
        if found is None:
            found = self._causes[key] = _Cause(failure, file, len(self._causes))
        return found

    def _find(self, row: FindingRow, number: int) -> None:
        messages = self._findings.setdefault((row.rule, row.severity), {})
        found = messages.setdefault((row.message, row.fix, row.evidence), _Message(row))
        found.environments[number] = None
        if row.platform is not None:
            found.platforms[row.platform] = None

    # -- the whole ------------------------------------------------------------------------------------

    def finish(
        self,
        *,
        title: str,
        work: tuple[str, ...],
        version: str,
        date: str | None = None,
        lines: Mapping[str, str] | None = None,
        merges: PageMerges | None = None,
        empty: Iterable[str] = (),
    ) -> FleetPage:
        """Return the page of all records that were taken.

        ``lines``: rule -> its sentence. ``empty``: paths without a file. What most environments have
        stands first, then all by name.
        """
        table = self._packages.finish()
        clean = self._texts.clean
        causes = self._told_together()
        renumbered = {one.number: new for new, group in enumerate(causes) for one in group}
        return FleetPage(
            title=clean(title),
            work=work,
            version=version,
            date=date,
            is_dry=self._is_dry,
            environments=tuple(table.renumber(one, renumbered) for one in self._environments),
            causes=tuple(_page_cause(group, self._texts) for group in causes),
            findings=self._page_findings(lines or {}),
            images=self._page_images(),
            notices=self._page_notices(),
            names=table.names,
            sources=table.sources,
            packages=table.packages,
            lists=table.lists,
            merges=merges,
            remarks=(*(f"`{clean(path)}`: no environment file in it" for path in empty), *self._too_many()),
        )

    def _told_together(self) -> list[list[_Cause]]:
        """Return the causes in groups, those of most environments first.

        Lines that nothing meets, each by itself, are one group where they are of the same environments.
        """
        ranked = sorted(self._causes.items(), key=lambda item: (-len(item[1].environments), *item[0]))
        groups: dict[object, list[_Cause]] = {}
        for _, cause in ranked:
            is_single = len(cause.failure.lines) == 1
            key = tuple(cause.environments) if is_single else cause.number
            groups.setdefault(key, []).append(cause)
        return list(groups.values())

    def _page_findings(self, lines: Mapping[str, str]) -> tuple[PageFinding, ...]:
        found = [
            PageFinding(
                rule=self._texts.clean(rule),
                severity=severity,
                messages=tuple(
                    message.page(self._texts)
                    for message in sorted(
                        messages.values(), key=lambda one: (-len(one.environments), one.row.message)
                    )
                ),
                line=lines.get(rule, ""),
            )
            for (rule, severity), messages in self._findings.items()
        ]
        return tuple(sorted(found, key=_rank_of_finding))

    def _page_images(self) -> tuple[PageImage, ...]:
        found = sorted(self._images.items(), key=lambda item: (-len(item[1]), item[0]))
        return tuple(
            PageImage(kind=kind, value=value, certainty=certainty, environments=tuple(dict.fromkeys(numbers)))
            for (kind, value, certainty), numbers in found
        )

    def _page_notices(self) -> tuple[PageNotice, ...]:
        found = sorted(self._notices.items(), key=lambda item: (-len(item[1]), item[0]))
        return tuple(
            PageNotice(code=code, severity=severity, text=text, environments=tuple(numbers))
            for (code, severity, text), numbers in found
        )

    def _too_many(self) -> tuple[str, ...]:
        if not self._left:
            return ()
        told = (
            f"packages of {self._left:,} platforms of environments aren't named one by one: a page holds "
            f"{self._most_held:,} of them; smaller fleets give a page each"
        )
        return (told,)


class _Cause:
    """A failure, the first file that has it, and who fails for it; numbers are as causes came up."""

    def __init__(self, failure: Failure, file: str, number: int) -> None:
        self.failure, self.file, self.number = failure, file, number
        self.environments: dict[int, None] = {}


def _page_cause(group: Sequence[_Cause], texts: PageTexts) -> PageCause:
    """Return what causes that are told together say."""
    first = group[0].failure
    is_one = len(group) == 1
    is_shared = len(group[0].environments) > 1 or first.lines
    return PageCause(
        kind=texts.clean(first.kind),
        text=texts.clean(first.cause if is_shared else first.message.partition("\n")[0]),
        message="\n".join(texts.clean(one.failure.message) for one in group),
        environments=tuple(group[0].environments),
        lines=tuple(
            PageLine(text=texts.clean(line.text), file=texts.maybe(line.file), line=line.line)
            for one in group
            for line in one.failure.lines
        ),
        hint=texts.maybe(short_hint(first, group[0].file) or None) if is_one else None,
        is_apart=not is_one,
    )


class _Message:
    """What a rule says, and of whom."""

    def __init__(self, row: FindingRow) -> None:
        self.row = row
        self.environments: dict[int, None] = {}
        self.platforms: dict[str, None] = {}

    def page(self, texts: PageTexts) -> PageMessage:
        row = self.row
        return PageMessage(
            text=texts.clean(row.message),
            environments=tuple(self.environments),
            fix=texts.maybe(row.fix),
            evidence=texts.all(row.evidence),
            platforms=texts.all(sorted(self.platforms)),
        )


def _rank_of_finding(one: PageFinding) -> tuple[int, int, str]:
    told = {number for message in one.messages for number in message.environments}
    return (_RANKS.get(one.severity, len(_RANKS)), -len(told), one.rule)
