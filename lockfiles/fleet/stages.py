"""Who hears of one job, and notes how long each of its stages took."""

from __future__ import annotations

import threading
import time
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from lockfiles.listener import Listener
from resolver.pipeline import Reporter
from resolver.solving.reporter import Effort, Stage

if TYPE_CHECKING:
    from lockfiles.settings.model import Settings
    from resolver.model.target import Target

#: Beginning of what the resolver says when a stage is done -> name in the record.
_NAMES = {"channels opened": "channels", "an answer remembered": "recall", "answer put together": "answer"}


class JobListener(Listener):
    """Notes seconds by stage, requests, bytes, warnings, and what was not proven."""

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}
        self.warnings: list[str] = []
        self.unproven: dict[str, list[str]] = {}  #: platform -> stages
        self.requests = 0
        self.fetched = 0
        self.began = self._last = time.perf_counter()
        self._cpu = time.process_time()
        self.counting = threading.Lock()

    def done(self, stage: str) -> None:
        """Note that a stage has ended; what it took since the one before is added to it."""
        now = time.perf_counter()
        self.stages[stage] = self.stages.get(stage, 0.0) + now - self._last
        self._last = now

    @property
    def seconds(self) -> float:
        """Time since the job began."""
        return time.perf_counter() - self.began

    @property
    def cpu(self) -> float:
        """Processor time of this process since the job began, in seconds."""
        return time.process_time() - self._cpu

    def warn(self, text: str, hint: str | None = None) -> None:
        """Note what the user should know though the run goes on."""
        del hint
        self.warnings.append(text)

    def solving(self, settings: Settings) -> AbstractContextManager[Reporter]:
        """Return who hears of a solve."""
        del settings
        self.done("read")
        return nullcontext(_JobReporter(self))


class _JobReporter(Reporter):
    """Hears of a solve for a job."""

    def __init__(self, listener: JobListener) -> None:
        self._listener, self._target = listener, ""

    def target_started(self, target: Target) -> None:
        """Note the platform."""
        self._target = target.subdir

    def stage_done(self, what: str) -> None:
        """Add what a stage of the resolver took."""
        self._listener.done(_NAMES.get(what.partition(":")[0], "other"))

    def searched(self, stage: Stage, effort: Effort) -> None:
        """Add what a stage of the search took."""
        del effort
        self._listener.done(f"search: {stage.value}")

    def left_as_it_is(self, stage: Stage) -> None:
        """Note a stage whose answer isn't proven."""
        self._listener.unproven.setdefault(self._target, []).append(stage.value)

    def fetch_done(self, where: str, size: int) -> None:
        """Count a request and its bytes; from any thread."""
        del where
        with self._listener.counting:
            self._listener.requests += 1
            self._listener.fetched += size
