"""Targets of one question, searched in copies of the process beside it.

::

    this process   target 1 ───────────> answer, kept ──> target 2's, kept ──> target 4 ──> ...
    a copy            └─ forked here: target 2 ──> target 3 ──> ...

Each target gets what it gets alone, so who searches it changes nothing. Copies read and reckon: they write
nothing and ask nobody, and what comes of their targets is told, kept and packed here, in order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from typing import TYPE_CHECKING

import msgspec

from resolver.model.conda_types import parse_version
from resolver.model.decoders import msgpack_decoder
from resolver.model.resolution import Resolution
from resolver.model.target import Target
from resolver.solving.reporter import Effort, Reporter, Stage
from resolver.sources.cache.pack import Additions

if TYPE_CHECKING:
    from resolver.sources.copies import Copies

#: Lines of a target from which on a copy is worth its 20 ms, for each further target.
FEWEST_LINES = 20
#: Modules that a search loads when it gets there.
NEEDED_BY_ALL = (
    "resolver.constraints.universe",
    "resolver.constraints.version_order",
    "resolver.solving.engines",
)
NEEDED_BY_PIP_LINES = (
    "resolver.constraints.kept_answers",
    "resolver.constraints.name_map",
    "resolver.constraints.prereleases",
    "resolver.constraints.pypi_package",
    "resolver.constraints.pypi_side",
    "resolver.constraints.support",
    "resolver.solving.founded",
    "resolver.solving.prereleases",
    "resolver.solving.pypi_pins",
    "resolver.solving.taken_wheels",
)


class ToldStage(msgspec.Struct, array_like=True, frozen=True):
    """Something that a reporter was told; of these, what isn't None."""

    what: str | None = None  #: a part is over
    stage: Stage | None = None  #: is over, or without ``effort``, was left as it is
    effort: Effort | None = None


class NotingReporter(Reporter):
    """Notes stages, to tell another reporter of them."""

    def __init__(self) -> None:
        self.told: list[ToldStage] = []

    def stage_done(self, what: str) -> None:
        """Note that a part is over."""
        self.told.append(ToldStage(what=what))

    def searched(self, stage: Stage, effort: Effort) -> None:
        """Note that a stage is over."""
        self.told.append(ToldStage(stage=stage, effort=effort))

    def left_as_it_is(self, stage: Stage) -> None:
        """Note that a stage ended at its limit."""
        self.told.append(ToldStage(stage=stage))


class FoundBeside(msgspec.Struct, array_like=True, frozen=True):
    """What a copy found for one target, and all that it rests on."""

    resolution: Resolution
    pages: dict[str, tuple[bytes, ...]] | None  #: states of the projects' pages; None: it isn't remembered
    subdirs: tuple[bytes, ...]  #: states of the target's subdirs
    asked: tuple[tuple[str, ...], ...]  #: of each subdir the names that were asked for
    added: Additions | None  #: to the pack
    told: tuple[ToldStage, ...]  #: to the reporter

    def tell(self, reporter: Reporter) -> None:
        """Tell a reporter what the copy's was told."""
        for one in self.told:
            if one.what is not None:
                reporter.stage_done(one.what)
            elif one.stage is not None and one.effort is not None:
                reporter.searched(one.stage, one.effort)
            elif one.stage is not None:
                reporter.left_as_it_is(one.stage)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgpack_decoder(FoundBeside)


class SideBySide:
    """Has copies of the process search for the targets behind the one that it searches for itself."""

    def __init__(
        self,
        targets: Sequence[Target],
        processes: int,
        search: Callable[[Target], FoundBeside | None],
        still: Callable[[], AbstractContextManager[None]],
        meanwhile: Callable[[], None],
    ) -> None:
        """Take at most so many ``processes``; ``search``: what a copy does (None: nothing to tell).

        ``still`` gives a context without threads of the reporter's; ``meanwhile`` is called before a copy
        is waited for.
        """
        self._targets, self._processes = targets, processes
        self._search, self._still, self._meanwhile = search, still, meanwhile
        self._copies: Copies | None = None

    def begin(self, target: Target, *, lines: int, has_pip_lines: bool) -> None:
        """Make copies for the targets behind this one, solved in their order; not for few ``lines``."""
        if lines < FEWEST_LINES:
            return
        from resolver.sources.copies import Copies

        for module in (*NEEDED_BY_ALL, *(NEEDED_BY_PIP_LINES if has_pip_lines else ())):
            import_module(module)
        parse_version("1")  # conda's own types are loaded with the first one
        behind = range(self._targets.index(target) + 1, len(self._targets))
        if behind:
            most = min(self._processes, len(behind) + 1)
            self._copies = Copies(behind, most, self._do, self._still, self._meanwhile)

    @property
    def has_begun(self) -> bool:
        """Whether there are copies."""
        return self._copies is not None

    def go_on(self) -> None:
        """Have a copy search in place of this process, which is done with a search of its own."""
        if self._copies is not None:
            self._copies.go_on()

    def found(self, target: Target) -> FoundBeside | None:
        """Return what a copy found for a target; None: it is to be searched for here."""
        if self._copies is None:
            return None
        data = self._copies.take(self._targets.index(target))
        return _DECODER.decode(data) if data else None

    def close(self) -> None:
        """End all copies."""
        if self._copies is not None:
            self._copies.close()
            self._copies = None

    def _do(self, number: int) -> bytes:
        found = self._search(self._targets[number])
        return b"" if found is None else _ENCODER.encode(found)
