"""Records in, what the page holds out: nothing is read, solved or asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

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
            self._cause(failure).environments[number] = None
        places = {key: place for place, key in enumerate(self._causes)}
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
                file=clean.clean(record.file),
                code=record.code,
                outcome=record.outcome,
                state=lockfile_state(record, is_dry=self._is_dry),
                seconds=round(record.seconds, 3),
                output=clean.maybe(record.output),
                reasons=clean.all(record.reasons),
                changes=record.changes,
                targets=tuple(self._target(row) for row in record.targets),
                causes=tuple(dict.fromkeys(places[f.kind, f.cause] for f in record.failures)),
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

    def _cause(self, failure: Failure) -> _Cause:
        return self._causes.setdefault((failure.kind, failure.cause), _Cause(failure))

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
        order = sorted(range(len(self._causes)), key=self._rank_of_cause())
        renumbered = {old: new for new, old in enumerate(order)}
        causes = list(self._causes.values())
        return FleetPage(
            title=clean(title),
            work=work,
            version=version,
            date=date,
            is_dry=self._is_dry,
            environments=tuple(table.renumber(one, renumbered) for one in self._environments),
            causes=tuple(causes[old].page(self._texts) for old in order),
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

    def _rank_of_cause(self) -> Callable[[int], tuple[int, str, str]]:
        ranks = [(-len(cause.environments), *key) for key, cause in self._causes.items()]
        return ranks.__getitem__

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
    """A failure, and who fails for it."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        self.environments: dict[int, None] = {}

    def page(self, texts: PageTexts) -> PageCause:
        first = self.failure
        return PageCause(
            kind=texts.clean(first.kind),
            text=texts.clean(first.cause),
            message=texts.clean(first.message),
            environments=tuple(self.environments),
            lines=tuple(
                PageLine(text=texts.clean(one.text), file=texts.maybe(one.file), line=one.line)
                for one in first.lines
            ),
            hint=texts.maybe(first.hint),
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
