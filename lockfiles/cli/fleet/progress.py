"""How far a fleet is: one line with rate and rest for people who watch, a line a file with `-v`."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from lockfiles.cli.progress import format_seconds, width_of
from lockfiles.fleet.running import FleetListener
from resolver.errors import one_line

if TYPE_CHECKING:
    from lockfiles.cli.endings import Endings
    from lockfiles.cli.terminal import Terminal
    from lockfiles.fleet.engines.opening import EngineRequest
    from lockfiles.fleet.engines.protocol import Ended
    from lockfiles.fleet.failed_sources import FailedSource
    from lockfiles.fleet.records import FleetRecord

#: Seconds between two drawings.
_PAUSE = 0.2
#: Sources that failed, and are named.
_MOST_SOURCES = 3


class FleetProgress(FleetListener):
    """Counts what is done, and shows it; used as a context.

    ``endings``: signals, which wait for a tick while workers of the engine start and are at work.
    """

    def __init__(self, terminal: Terminal, endings: Endings, engine: EngineRequest) -> None:
        self._terminal, self._endings, self._engine = terminal, endings, engine
        self._begun = time.monotonic()
        self._planned_at = self._begun
        self._drawn = 0.0
        self._width = 0
        self._jobs = self._workers = 0
        self.finished = self._failed = self._own = 0
        self._told: set[str] = set()  #: sources that were said to have failed
        self._waits = ""  #: what is waited for
        self._next = 0.0  #: when it is tried next

    @property
    def seconds(self) -> float:
        """Time since the start."""
        return time.monotonic() - self._begun

    def __enter__(self) -> FleetProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the line away."""
        self._erase()

    def planned(self, jobs: int, kept: int, workers: int) -> None:
        """Note how much there is to do."""
        if self._engine.has_workers:
            self._endings.wait_for_ticks()
        self._jobs, self._workers, self._planned_at = jobs, workers, time.monotonic()
        self._own, self._waits = 0, ""
        before = f", {kept:,} done before" if kept else ""
        self._terminal.detail(f"{jobs:,} files to do on {workers} workers{before}")

    def done(self, record: FleetRecord) -> None:
        """Count a file."""
        self.finished += 1
        self._own += 1
        self._failed += record.code != 0
        self._terminal.detail(
            f"{format_seconds(record.seconds):>8}  {one_line(record.file)}: {record.outcome}"
        )
        self._draw()

    def lost(self, ended: Ended) -> None:
        """Say that a worker was lost."""
        self._erase()
        why = "took too long" if ended.lost == "timeout" else "died"
        self._terminal.detail(f"a worker {why} with {one_line(ended.job.file)}, attempt {ended.job.attempt}")

    def waiting_for(self, sources: Sequence[FailedSource], pause: float) -> None:
        """Say at once what is waited for, and how to do without."""
        new = [one for one in sources if one.source not in self._told]
        self._told.update(one.source for one in new)
        if new:
            self._erase()
            for line in waiting_lines(new):
                self._terminal.note(line)
        files = sum(one.jobs for one in sources)
        whom = sources[0].source if len(sources) == 1 else f"{len(sources):,} servers"
        self._waits = f"{count_of(files, 'file')} wait{'s' * (files == 1)} for {whom}"
        self._next = time.monotonic() + pause

    def opening(self) -> None:
        """Let signals wait."""
        if self._engine.starts_workers:
            self._endings.wait_for_ticks()

    def closed(self) -> None:
        """Let signals come through again."""
        self._endings.raise_at_once()

    def waiting(self) -> None:
        """Draw the line anew; raise what was to end the command."""
        self._draw()
        self._endings.tick()

    def _draw(self) -> None:
        """Draw the line anew, where people watch and it is time."""
        now = time.monotonic()
        if not self._terminal.is_live or now - self._drawn < _PAUSE:
            return
        self._drawn = now
        self._redraw(self.describe(now - self._planned_at))

    def describe(self, spent: float) -> str:
        """Return the state as one line; ``spent``: seconds at work."""
        parts = [f"{self._own:,} of {self._jobs:,} files"]
        if self._failed:
            parts.append(f"{self._failed:,} failed")
        now = time.monotonic()
        if self._waits:
            parts += [
                self._waits,
                f"tried again in {self._next - now:.0f} s" if now < self._next else "tried",
            ]
        elif self._own and spent > 1:
            rate = self._own / spent
            parts.append(f"{rate:.1f} a second" if rate >= 1 else f"{rate * 60:.1f} a minute")
            parts.append(f"{format_seconds((self._jobs - self._own) / rate)} left")
        return ", ".join(parts)

    def _erase(self) -> None:
        if self._width:
            self._redraw("")

    def _redraw(self, text: str) -> None:
        with contextlib.suppress(OSError):  # a terminal that was closed: nobody watches, the work goes on
            room = width_of(self._terminal.stderr) - 1  # what fills more than a line can't be taken back
            self._width = self._terminal.redraw(text[:room], self._width)


def waiting_lines(sources: Sequence[FailedSource]) -> Iterator[str]:
    """Yield what people are told once of sources that failed: who waits, why, and for how long."""
    for one in sources[:_MOST_SOURCES]:
        wait = "waits" if one.jobs == 1 else "wait"
        told = f"{count_of(one.jobs, 'file')} {wait} for {one.source}: {one.reason}"
        yield f"{told}; tried again for {one.patience:g} s"
    if len(sources) > _MOST_SOURCES:
        yield f"and {len(sources) - _MOST_SOURCES:,} more servers"
    yield "`--patience 0` doesn't wait."


def count_of(number: int, what: str) -> str:
    """Return a number of things in words."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
