"""One file's lockfile relocked for what must move, with the fewest other moves.

::

    lockfile ── rules ──> what may not stay ── sources ──> limits, a constraint a package and platform
                               ^                              │
                               │ again, for what came in      v
                          new lockfile <── solved over all earlier pins
                                                │ no solution: the limit of its conflict goes, and is told
                                                v  with the lines that hold the package

Nothing is forgotten of what may stay: pins are kept as in any lock over an earlier lockfile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from msgspec.structs import replace

from lockfiles.fleet.causes import ClashingLine
from lockfiles.fleet.records import OUTCOMES, FleetRecord, HeldRow, MovedRow, UpkeepRow
from lockfiles.fleet.upkeep.limits import Limit, Sources, dated, package_of, requirements_of
from lockfiles.fleet.upkeep.rules import Must, Package, ReadRules
from resolver.errors import NoSolutionError
from resolver.model.resolution import Resolution

if TYPE_CHECKING:
    from lockfiles.difference import Difference
    from lockfiles.fleet.stages import JobListener
    from lockfiles.session import Session
    from resolver.model.requirements import Requirements

#: Exit code of a file that keeps what may not stay.
_HELD = 5
#: Rounds in which what came in anew may turn out to be forbidden too.
_ROUNDS = 10
_NO_OTHER = "the sources have no version that may take its place"


def told(made: FleetRecord, held: Sequence[HeldRow], row: UpkeepRow | None = None) -> FleetRecord:
    """Return the record of what moved, and of what is held; without ``row`` nothing moved."""
    is_held = any(one.must for one in held)
    code = _HELD if is_held else 0
    if row is None:
        outcome = "held back" if held else "nothing to move"
        return replace(made, code=code, outcome=outcome, upkeep=UpkeepRow(held=tuple(held)))
    return replace(made, code=code, outcome="held back" if is_held else OUTCOMES[0], upkeep=row)


def with_asked(difference: Difference, asked: Iterable[Requirements]) -> Difference:
    """Mark what lines ask for."""
    from lockfiles.comparing import mark_asked

    names: set[tuple[str, str]] = set()
    for one in asked:
        names |= {("conda", str(line.name)) for line in one.conda}
        names |= {("pip", str(line.name)) for line in one.pypi}
    return mark_asked(difference, frozenset(names))


class MovedAnswer(Protocol):
    """What a solve gives."""

    @property
    def resolutions(self) -> tuple[Resolution, ...]:
        """One for each platform."""
        ...


A = TypeVar("A", bound=MovedAnswer)


class Moving(Generic[A]):
    """What must move of one problem's lockfile, what limits that makes, and what turned out to be held."""

    def __init__(
        self,
        session: Session,
        rules: ReadRules,
        earlier: Sequence[Resolution],
        listener: JobListener,
        answer: Callable[[Requirements, tuple[str, ...]], A],
    ) -> None:
        """``answer``: solves over all earlier pins, under limits and with what takes its newest."""
        self.session, self._rules, self._answer = session, rules, answer
        self._earlier, self._listener = earlier, listener
        self.held: list[HeldRow] = []
        self._musts: dict[Package, Must] = {}
        self._limits: dict[Package, list[Limit]] = {}
        self._updates: list[str] = []
        self._newest: dict[tuple[str, Package], str | None] = {}

    def relock(self) -> A | None:
        """Return the answer; None where nothing is to move, or nothing can."""
        locked: A | None = None
        found = self._rules.find(self._earlier)
        with_updates = bool(self._rules.rules.packages) or self._rules.rules.before is not None
        if not found and not with_updates:
            return None
        with Sources(self.session, self._listener) as sources:
            self._limit(found, sources)
            if with_updates:
                self._look_for_updates(sources)
            self._listener.done("sources")
            for _ in range(_ROUNDS):
                if not self._limits and not self._updates:
                    return None
                locked = self._lock()
                if locked is None:
                    return None
                new = self._rules.find(locked.resolutions)
                new = {package: must for package, must in new.items() if package not in self._musts}
                if not new:
                    break
                self._limit(new, sources)
        if locked is not None:
            self._note_stuck(locked)
        return locked

    def _limit(self, musts: dict[Package, Must], sources: Sources) -> None:
        """Take up what may not stay; a package that nothing may take the place of is held from the start."""
        self._musts |= musts
        for limit in sources.limits(musts.values()):
            must = musts[limit.package]
            if limit.spec is None:
                self._hold(must, (limit.platform,), told=_NO_OTHER)
            else:
                self._limits.setdefault(limit.package, []).append(limit)

    def _look_for_updates(self, sources: Sources) -> None:
        """Find what the rules' names and date mean in this lockfile."""
        from lockfiles.update import expand_updates, parse_update, unknown_updates

        rules = self._rules.rules
        updates = [parse_update(text) for text in rules.packages]
        known = [one for one in updates if not unknown_updates(self._earlier, (one.name,))]
        self._updates = [one.text for one in known]
        names = [*expand_updates([one for one in known if not one.spec], self._earlier)]
        if rules.before is not None:
            lines = self.session.requirements
            asked = [*(str(line.name) for line in lines.conda), *(str(line.name) for line in lines.pypi)]
            for resolution in self._earlier:
                old = dated(sources, resolution, asked, rules.before)
                names += old
                self._updates += old
        self._updates = list(dict.fromkeys(self._updates))
        for resolution in self._earlier:
            platform = resolution.target.subdir
            for package in _packages(resolution):
                if package[1] in names:
                    self._newest[platform, package] = sources.newest(platform, package)

    def _lock(self) -> A | None:
        """Solve; a limit that can't be met goes, and what holds its package is told."""
        while self._limits or self._updates:
            limits = requirements_of(limit for of_one in self._limits.values() for limit in of_one)
            try:
                return self._answer(limits, tuple(self._updates))
            except NoSolutionError as error:
                self._listener.done("explain")
                ours = [package_of(origin) for origin, _ in error.core]
                package = next((one for one in reversed(ours) if one in self._limits), None)
                if package is None:
                    raise
                self._listener.unproven.clear()
                self._give_up(package, error)
        return None

    def _give_up(self, package: Package, error: NoSolutionError) -> None:
        """Note that a package can't move, and which lines hold it."""
        from resolver.model.redaction import redact

        by = tuple(
            ClashingLine(
                text=redact(text), file=place.file if place else None, line=place.line if place else None
            )
            for place, text in error.core
            if package_of(place) != package
        )
        limits = self._limits.pop(package)
        platforms = tuple(limit.platform for limit in limits)
        self._hold(self._musts[package], platforms, by=by, told=redact(str(error)))

    def _hold(
        self, must: Must, platforms: tuple[str, ...], by: tuple[ClashingLine, ...] = (), told: str = ""
    ) -> None:
        kind, name = must.package
        for version in sorted({must.versions[platform] for platform in platforms}):
            same = tuple(p for p in platforms if must.versions[p] == version)
            self.held.append(
                HeldRow(
                    ecosystem=kind, name=name, version=version, platforms=same, reasons=must.told,
                    by=by, told=told,
                )
            )  # fmt: skip

    def _note_stuck(self, locked: A) -> None:
        """Note what a newer version was asked of, and that stays older all the same."""
        now = {r.target.subdir: (_packages(r), r.notices) for r in locked.resolutions}
        before = {r.target.subdir: _packages(r) for r in self._earlier}
        for (platform, package), newest in sorted(self._newest.items()):
            held, notices = now.get(platform, ({}, ()))
            version = held.get(package)
            if version is None or newest is None or version in (newest, None):
                continue
            if version != before[platform].get(package):
                continue
            reasons = [n.facts.get("reason") for n in notices if n.package == package[1]]
            told = next((str(reason) for reason in reasons if reason), "what else was asked for leaves it")
            self.held.append(
                HeldRow(
                    ecosystem=package[0], name=package[1], version=version, platforms=(platform,),
                    reasons=(f"{newest} is there",), told=told, must=False,
                )
            )  # fmt: skip

    def moved(self, resolutions: Sequence[Resolution]) -> tuple[MovedRow, ...]:
        """Return what had to move and did, by ecosystem, name and version."""
        now = {r.target.subdir: _packages(r) for r in resolutions}
        before = {r.target.subdir: _packages(r) for r in self._earlier}
        found: dict[tuple[str, str, str, str | None], list[str]] = {}
        named = {(platform, package) for package, must in self._musts.items() for platform in must.versions}
        for platform, package in sorted(named | self._newest.keys()):
            old, new = before.get(platform, {}).get(package), now.get(platform, {}).get(package)
            if old is not None and platform in now and old != new:
                found.setdefault((*package, old, new), []).append(platform)
        return tuple(
            MovedRow(
                ecosystem=kind, name=name, old=old, new=new, platforms=tuple(platforms),
                reasons=self._musts[kind, name].told if (kind, name) in self._musts else (),
            )
            for (kind, name, old, new), platforms in found.items()
        )  # fmt: skip


def _packages(resolution: Resolution) -> dict[Package, str]:
    """Return the version of each package of a platform."""
    found: dict[Package, str] = {("conda", pin.record.name): pin.record.version for pin in resolution.conda}
    return found | {("pypi", str(pin.name)): pin.version for pin in resolution.pypi}
