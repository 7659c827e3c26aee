r"""Which pre-releases count: those of which no final release meets all that is asked of the project.

::

    lines   tokenizers            transformers==3.3.1
                 \                  |
    x       tokenizers         needs tokenizers==0.8.1rc2      every final release is ruled out:
            0.8.1, 0.8.0 ... | 0.8.1rc2                        0.8.1rc2 counts

PEP 440 judges all requirements on a project together, so no requirement can say it alone. Pre-releases
stand behind the final releases of their project (*late*), requirements admit them like any other
release, and it is checked when only late ones are left (:mod:`resolver.solving.prereleases`):

1. Walk from the lines along what selected candidates require, never through the project itself: what
   a pre-release brings in is no reason for it.
2. Take together what the requirements on the project rule out. One of them may name a
   pre-release: then they count like any other (PEP 440: "explicitly requested").
3. A final release that has a file for the selected Python and is not ruled out speaks against
   the late ones. That is said as one incompatibility:

``{x: late, python: those the final release fits, A: absent or harmless (each A on the walk)}``

A candidate is *harmless* if what it requires is known, brings in nothing that is not on the walk, and
neither rules the final release out nor names a pre-release. So the incompatibility is sound whatever
else is selected: only packages on the walk could require the project, and none of them does so in a way that
would matter. What was found has all its terms, so it shuts that out; there are finitely many.

What conda provides is there anyway: it is neither late nor a final release of the index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

import msgspec

from resolver.constraints.bits import ABSENT, iter_candidates
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.facts import DependencyFact, PreReleaseFact, RequirementFact
from resolver.constraints.protocol import Verdict
from resolver.constraints.pypi_domain import PypiDomain
from resolver.constraints.pypi_package import PypiPackage
from resolver.constraints.registry import Kind, Numbers
from resolver.model.pep508 import names_pre_release, parse_requirement
from resolver.model.unusable import Unusable


class Demand(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a line, or a candidate, requires of one project or extra."""

    other: int
    outside: int  #: what it rules out; with *absent*: it brings the project in
    when: int  #: the python candidates under which it holds
    text: str | None  #: in which a pre-release may stand


class _Held:
    """What the lines, or a candidate, require under one Python."""

    __slots__ = ("asks", "brings", "demands")

    def __init__(self, demands: Sequence[Demand], here: int) -> None:
        self.demands = demands
        self.asks: dict[int, list[Demand]] = {}  # by what they are about
        brings: dict[int, None] = {}
        for demand in demands:
            if demand.when & here:
                other = demand.other
                if other in self.asks:
                    self.asks[other].append(demand)
                else:
                    self.asks[other] = [demand]
                if demand.outside & ABSENT:
                    brings[other] = None
        self.brings = tuple(brings)


class _Walk:
    """What stands on the way from the lines, and what it asks of the project."""

    def __init__(self) -> None:
        self.open: list[int] = []
        self.passed: list[_Held] = []  # of the lines, and of all that is decided on the way
        self.ruled_out = 0
        self.names_one = False
        self.owners: dict[int, int | None] = {}  # what was met, and by whom each came up; None: by a line
        self.asking: list[int | None] = []  # who rules something out, or names a pre-release

    def way(self) -> Iterator[int]:
        """Yield the packages between the lines and those that ask."""
        for owner in self.asking:
            while owner is not None:
                yield owner
                owner = self.owners[owner]


class PreReleases:
    """The rule over the projects of an index."""

    def __init__(
        self,
        numbers: Numbers,
        project: Callable[[int], PypiPackage],
        root: Callable[[], Sequence[Incompatibility]],
        *,
        python: int,
        pythons: int,
    ) -> None:
        """``python``: its number; ``pythons``: all its candidates."""
        self._numbers, self._project, self._root = numbers, project, root
        self._python, self._pythons = python, pythons
        self._seen = 0  # clauses of lines that were read
        self._late: dict[int, int] = {}
        #: project -> what was selected on the way to those who make its pre-releases count
        self._reasons: dict[int, dict[int, int]] = {}
        self._demands: dict[tuple[int, int], tuple[Demand, ...]] = {}
        self._lines: tuple[Demand, ...] | None = None
        self._held: dict[int, dict[tuple[int, int], _Held]] = {}  # by python: package and candidate
        self._naming: dict[str, bool] = {}  # whether a pre-release stands in a text

    def late(self, package: int) -> int:
        """Return the candidates that count only where no final release does; 0 for all but projects."""
        known = self._late.get(package)
        if known is None:
            known = 0
            if self._numbers.keys[package].kind is Kind.PYPI:
                known = self._project(package).domain.late
            self._late[package] = known
        return known

    def judge(self, package: int, domain: Sequence[int], expanded: Sequence[int]) -> Verdict:
        """Return whether a project of which only late candidates are left may have one of them.

        ``domain``: what is left of each package; ``expanded``: candidates whose requirements have been read.
        """
        here = domain[self._python]
        if here & (here - 1):
            return Verdict(open=(self._python,))
        reason = self._reasons.get(package)
        if reason and all(domain[other] == bit for other, bit in reason.items()):
            return Verdict()  # as the last time: what else is asked can't take it back
        releases = self._project(package).domain
        if self._first_final(releases, releases.finals, here) is None:  # whatever is asked
            self._reasons[package] = {self._python: here}
            return Verdict()
        walk = self._walk(package, domain, expanded)
        final = self._first_final(releases, releases.finals & ~walk.ruled_out, here)
        if walk.names_one or final is None:
            self._reasons[package] = {other: domain[other] for other in (self._python, *walk.way())}
            return Verdict()
        if walk.open:
            return Verdict(open=tuple(walk.open))
        return Verdict(clause=self._clause(package, final, walk, here, expanded))

    @staticmethod
    def _first_final(releases: PypiDomain, among: int, python: int) -> int | None:
        """Return the best of some releases that has a file for a Python (one bit)."""
        return next((n for n in iter_candidates(among) if releases.pythons_of(n) & python), None)

    # -- the walk ---------------------------------------------------------------------------------

    def _walk(self, package: int, domain: Sequence[int], expanded: Sequence[int]) -> _Walk:
        """Collect what is asked of a project by all that is there without it."""
        walk, here, keys = _Walk(), domain[self._python], self._numbers.keys
        name, count, held = keys[package].name, len(domain), self._held.setdefault(here, {})
        met: set[int] = set()
        owners, passed, names_one = walk.owners, walk.passed, self._names_one
        stack: list[tuple[int | None, _Held]] = [(None, _Held(self._of_lines(), here))]
        while stack:
            owner, said = stack.pop()
            passed.append(said)
            for demand in said.asks.get(package, ()):
                walk.ruled_out |= demand.outside
                walk.names_one = walk.names_one or names_one(demand)
                walk.asking.append(owner)
            for other in said.brings:
                if other in met:
                    continue
                met.add(other)
                if keys[other].name == name:
                    continue  # a part of the project itself
                owners[other] = owner
                left = domain[other] if other < count else ABSENT
                if left & ABSENT:  # of a line that is not assumed
                    continue
                if left & (left - 1) or left & ~expanded[other]:
                    walk.open.append(other)
                    continue
                key = other, left.bit_length() - 2
                known = held.get(key)
                if known is None:
                    known = held[key] = _Held(self._of(*key), here)
                stack.append((other, known))
        return walk

    def _comes_in(self, demand: Demand, package: int) -> bool:
        """Tell whether a demand brings in what is no part of the project itself."""
        keys = self._numbers.keys
        return bool(demand.outside & ABSENT) and keys[demand.other].name != keys[package].name

    def _names_one(self, demand: Demand) -> bool:
        """Tell whether a demand names a pre-release."""
        text = demand.text
        if text is None:
            return False
        known = self._naming.get(text)
        if known is None:
            known = self._naming[text] = _names_one(text)
        return known

    def _of_lines(self) -> tuple[Demand, ...]:
        root = self._root()
        if self._lines is None or len(root) != self._seen:  # constraints come in with their projects
            self._lines, self._seen = tuple(self._read(root, None)), len(root)
        return self._lines

    def _of(self, package: int, candidate: int) -> tuple[Demand, ...]:
        key = (package, candidate)
        if key not in self._demands:
            self._demands[key] = tuple(self._read(self._project(package).clauses(candidate), package))
        return self._demands[key]

    def _read(self, clauses: Iterable[Incompatibility], owner: int | None) -> Iterator[Demand]:
        """Yield what some incompatibilities require of projects."""
        keys, python = self._numbers.keys, self._python
        for clause in clauses:
            fact = clause.fact
            if isinstance(fact, DependencyFact):
                text: str | None = fact.text
            elif isinstance(fact, RequirementFact):
                text = None
            else:
                continue
            packages, sets = clause.packages, clause.sets
            if owner is not None and owner not in packages:
                continue  # a constraint on a project that the owner brings up: it is among the lines
            when = sets[packages.index(python)] if python in packages else self._pythons
            for other, outside in zip(packages, sets, strict=True):
                if other not in (owner, python) and keys[other].kind in (Kind.PYPI, Kind.EXTRA):
                    yield Demand(other=other, outside=outside, when=when, text=text)

    # -- what it teaches --------------------------------------------------------------------------

    def _clause(
        self, package: int, final: int, walk: _Walk, here: int, expanded: Sequence[int]
    ) -> Incompatibility:
        """Return why a final release shuts the late ones out; ``here``: the Python of the walk."""

        def matters(demand: Demand) -> bool:
            if demand.other == package:
                return self._names_one(demand) or bool(demand.outside & (2 << final))
            return demand.other not in walk.owners and self._comes_in(demand, package)

        pythons = self._project(package).domain.pythons_of(final)
        for demand in chain.from_iterable([said.demands for said in walk.passed]):
            if not demand.when & here and matters(demand):  # it would hold under other Pythons
                pythons &= ~demand.when
        terms = {package: self.late(package)}
        if pythons != self._pythons:
            terms[self._python] = pythons
        for other in sorted(walk.owners):
            harmless = ABSENT
            for candidate in iter_candidates(expanded[other] if other < len(expanded) else 0):
                if not any(d.when & pythons and matters(d) for d in self._of(other, candidate)):
                    harmless |= 2 << candidate
            if harmless != (1 << (self._project(other).size() + 1)) - 1:
                terms[other] = harmless
        return Incompatibility(
            tuple(terms), tuple(terms.values()), PreReleaseFact(package=package, final=final)
        )


def _names_one(text: str) -> bool:
    """Tell whether a requirement names a pre-release."""
    parsed = parse_requirement(text)
    return not isinstance(parsed, Unusable) and names_pre_release(parsed)
