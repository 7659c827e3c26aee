"""What is going on, on stderr: a live line for people who watch, log lines for those who asked."""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from lockfiles.cli.stamps.reading import format_seconds as format_seconds
from resolver.model.loggers import lazy_logger
from resolver.model.target import Target
from resolver.pipeline import Reporter
from resolver.solving.reporter import Stage

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal

logger = lazy_logger(__name__)

#: Renewals a second; the search itself only notes numbers.
_RATE = 8
_FRAMES = "|/-\\"


class Progress(Reporter):
    """Counts what the resolver tells; used as a context.

    ``fetched`` requests, ``size`` bytes, ``conflicts`` met, and the targets of which something is
    ``unproven``, for the summary.
    """

    def __init__(self) -> None:
        self.fetched = 0
        self.size = 0
        self.conflicts = 0
        self.packages = 0
        self.unproven: list[tuple[str, Stage]] = []
        self.started = time.monotonic()
        self._counting = threading.Lock()
        self._under_way: dict[str, int] = {}
        self._at_work: dict[str, float] = {}  #: what is made here, in words, and when that began
        self._target: str = ""

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing on the screen."""

    @property
    def seconds(self) -> float:
        """Time since the start."""
        return time.monotonic() - self.started

    def fetch_started(self, where: str) -> None:
        """Count a request that is under way."""
        with self._counting:
            self._under_way[where] = self._under_way.get(where, 0) + 1

    def fetch_done(self, where: str, size: int) -> None:
        """Count a request that has ended."""
        with self._counting:
            self.fetched += 1
            self.size += size
            left = self._under_way.get(where, 1) - 1
            if left > 0:
                self._under_way[where] = left
            else:
                self._under_way.pop(where, None)

    def index_started(self, where: str) -> None:
        """Note that a channel is split by name."""
        self._begin(_splitting(where))

    def index_done(self, where: str) -> None:
        """Note that it has been."""
        self._end(_splitting(where))

    def build_started(self, what: str) -> None:
        """Note what is built."""
        self._begin(f"building {what}")

    def build_done(self, what: str) -> None:
        """Note that it has been."""
        self._end(f"building {what}")

    def _begin(self, work: str) -> None:
        with self._counting:
            self._at_work[work] = time.monotonic()

    def _end(self, work: str) -> float:
        """Return how many seconds it took."""
        with self._counting:
            now = time.monotonic()
            return now - self._at_work.pop(work, now)

    def fetch_waits(self, where: str, seconds: float, reason: str) -> None:
        """Log a request that is tried again."""
        logger.info("%s: %s; trying again in %.1f s", where, reason, seconds)

    def decided(self, count: int) -> None:
        """Note how many packages are decided."""
        self.packages = count

    def conflict(self, count: int) -> None:
        """Note how many conflicts there have been."""
        self.conflicts = count

    def left_as_it_is(self, stage: Stage) -> None:
        """Note a stage that ended at its limit: its answer may not be the best there."""
        self.unproven.append((self._target, stage))

    def target_started(self, target: Target) -> None:
        """Note which platform is being solved."""
        self._target, self.packages, self.conflicts = target.subdir, 0, 0

    def stage_done(self, what: str) -> None:
        """Note that a part of the run is over; ``what`` in words."""

    def describe(self) -> str:
        """Return the state as one line."""
        parts = [f"{self._target}: {self.packages} packages decided"] if self._target else []
        if self.conflicts:
            parts.append(f"{self.conflicts} conflicts")
        with self._counting:
            waiting, latest = len(self._under_way), next(reversed(self._under_way), "")
            if self._at_work:  # what takes longest stands first: a line has room for little
                work, began = next(iter(self._at_work.items()))
                parts.insert(0, f"{work} for {time.monotonic() - began:.0f} s")
            if self.fetched:
                parts.append(f"{self.fetched} fetched ({format_size(self.size)})")
        if latest:
            parts.append(f"waiting for {waiting}: {shorten_address(latest)}")
        return ", ".join(parts)


class LiveProgress(Progress):
    """One line that is renewed in place, a few times a second, by a thread of its own.

    The cursor waits at the start of the line, so whatever else is written
    takes its place; blanks erase it, which every terminal knows.
    """

    def __init__(self, terminal: Terminal) -> None:
        super().__init__()
        self._terminal = terminal
        self._stopped = threading.Event()

    def __enter__(self) -> LiveProgress:
        self._start()
        return self

    def _start(self) -> None:
        self._stopped.clear()
        self._thread = threading.Thread(target=self._draw, name="progress", daemon=True)
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the line away."""
        self._stop()

    def _stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    @contextlib.contextmanager
    def without_threads(self) -> Iterator[None]:
        """Take the line away meanwhile."""
        self._stop()
        try:
            yield
        finally:
            self._start()

    def _draw(self) -> None:
        stream, shown = self._terminal.stderr, 0
        with contextlib.suppress(OSError, ValueError):  # a terminal that was closed meanwhile
            for frame in itertools.cycle(_FRAMES):
                text = self._line(width_of(stream) - 3)
                padding = " " * (shown - len(text))
                stream.write(f"\r{self._terminal.style(frame, 'green')} {text}{padding}\r")
                stream.flush()
                shown = len(text)
                if self._stopped.wait(1 / _RATE):
                    break
            stream.write("\r" + " " * (shown + 2) + "\r")
            stream.flush()

    def _line(self, width: int) -> str:
        """Return what is known, without characters that would move the cursor, at most ``width`` long."""
        text = self.describe() if self._target or self.fetched or self._at_work else "reading"
        return "".join(char if char.isprintable() else "?" for char in text)[: max(width, 0)]


def width_of(stream: TextIO) -> int:
    """Return how many characters a line of a terminal has; 80 where that isn't known."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def open_progress(terminal: Terminal, wanted: str = "auto") -> Progress:
    """Return what counts and, where people watch (or ``wanted`` is ``on``), shows it."""
    live = wanted == "on" or (wanted == "auto" and terminal.is_live)
    return LiveProgress(terminal) if live and terminal.verbosity >= 0 else Progress()


def format_size(size: int) -> str:
    """Return a number of bytes for people: ``812 B``, ``3.4 kB``, ``12 MB``."""
    if size < 1000:
        return f"{size} B"
    for unit in ("kB", "MB", "GB"):
        size_in_unit = size / 1000 ** ("kB", "MB", "GB").index(unit) / 1000
        if size_in_unit < 1000 or unit == "GB":
            return f"{size_in_unit:.1f} {unit}" if size_in_unit < 10 else f"{size_in_unit:.0f} {unit}"
    return f"{size} B"


def _splitting(where: str) -> str:
    """Return in words what is done to repodata, which channel, platform and file name well enough."""
    return f"splitting {'/'.join(where.rsplit('/', 3)[-3:])} by name"


def shorten_address(address: str) -> str:
    """Return host and last part of an address."""
    rest = address.partition("://")[2] or address
    host, _, path = rest.partition("/")
    last = path.rstrip("/").rpartition("/")[2]
    return f"{host}/.../{last}" if path.count("/") else rest
