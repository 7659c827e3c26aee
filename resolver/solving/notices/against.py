"""Why a package isn't at a version: who is against it, as far as a solution and what was read for it show.

Nothing is asked of a source: put the wanted version
in place of the chosen one, leave all else as the solution has it, and see which incompatibility is broken.

::

    solution     vllm 0.5.0   numpy 2.1   airflow 2.9
    swapped      vllm 0.33.0  numpy 2.1   airflow 2.9      broken: {vllm: 0.33.0, numpy: not <2}
    who else     numpy <2 is barred by                             {airflow: 2.9, numpy: not >=2}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from resolver.constraints.bits import ABSENT, bits_of, iter_candidates
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.facts import (
    DependencyFact,
    ProvidesFact,
    PythonFact,
    RequirementFact,
    UnusableFact,
)
from resolver.constraints.registry import Key, Kind
from resolver.constraints.universe import JointUniverse
from resolver.model.dependency_text import dependency_name
from resolver.model.requirements import CondaRequirement

#: What a reason may rest on; a level that was kept, or what was learned, is a consequence.
_REASONS = (DependencyFact, PythonFact, ProvidesFact, UnusableFact, RequirementFact)
#: What a build is made for.
_PYTHON = ("python", "python_abi")
#: How many steps a reason may take from package to package.
_DEPTH = 3


def is_met(clause: Incompatibility, place: int, selected: Mapping[int, int]) -> bool:
    """Tell whether one term of an incompatibility holds in a solution."""
    chosen = selected.get(clause.packages[place])
    return bool(clause.sets[place] & (ABSENT if chosen is None else 2 << chosen))


class Against:
    """A solution, and who in it is against a package's other candidates."""

    def __init__(self, universe: JointUniverse, selected: Mapping[int, int]) -> None:
        self.universe, self.selected = self._universe, self._selected = universe, selected
        self._about: dict[int, list[Incompatibility]] = defaultdict(list)
        self._lines: dict[int, list[Incompatibility]] | None = None  # the user's about each package

    # -- what is newer ----------------------------------------------------------------------------

    def newest(self, package: int) -> int:
        """Return the candidates of the newest version that the package's own lines admit; 0: it is chosen."""
        versions = self._universe.version_ranks(package)
        newer = self._newer(package, versions)
        if not newer:
            return 0
        best = min(versions[place] for place in newer)
        return bits_of(place for place in newer if versions[place] == best)

    def _newer(self, package: int, versions: Sequence[int]) -> list[int]:
        """Return the candidates of better levels and newer versions that the package's own lines admit.

        None of a pin of an earlier lockfile that stays: what it holds is no news.
        """
        universe, chosen = self._universe, self._selected[package]
        version = versions[chosen]
        if min(versions) >= version or universe.stays(package, chosen):
            return []
        levels = universe.levels(package)
        level = levels[chosen]
        return [
            place
            for place in iter_candidates(self._own_candidates(package) & ~self._foreign(package))
            if versions[place] < version and levels[place] < level
        ]

    def _own_candidates(self, package: int) -> int:
        """Return the candidates of a package that the lines about it alone admit, beside the solution."""
        if self._lines is None:
            self._lines = defaultdict(list)
            for clause in self._universe.root():
                if isinstance(clause.fact, RequirementFact):
                    for one in clause.packages:
                        self._lines[one].append(clause)
        own = (1 << (self._universe.size(package) + 1)) - 2
        for clause in self._lines.get(package, ()):
            place = clause.packages.index(package)
            if all(is_met(clause, n, self._selected) for n in range(len(clause.packages)) if n != place):
                own &= ~clause.sets[place]
        return own

    def is_newer(self, package: int, version: str) -> bool:
        """Tell whether the chosen version is newer than another; one that isn't there any more is older."""
        ranks = self._universe.version_ranks(package)
        others = [rank for place, rank in enumerate(ranks) if self.version(package, place) == version]
        return not others or ranks[self._selected[package]] < min(others)

    def _foreign(self, package: int) -> int:
        """Return the candidates that conda provides of a project which comes from an index."""
        if self._universe.registry.keys[package].kind is Kind.CONDA:
            return 0
        domain = self._universe.registry.pypi(package).domain
        return 0 if domain.provided & (2 << self._selected[package]) else domain.provided

    # -- who is against it ------------------------------------------------------------------------

    def read(self, clauses: Iterable[Incompatibility]) -> None:
        """Note what is said of each package."""
        about = self._about
        for clause in clauses:
            if isinstance(clause.fact, _REASONS):
                for package in clause.packages:
                    about[package].append(clause)

    def reason(self, package: int, newest: int) -> str:
        """Return why none of some candidates could stand in the solution, as far as a few steps show."""
        candidate = self._likeliest(package, newest)
        if candidate is None:
            newer = self.version(package, next(iter_candidates(newest)))
            return f"{newer} has no build for Python {'.'.join(self._python().split('.')[:2])}"
        demands = [
            clause
            for clause in self._broken(package, 2 << candidate)
            if self._owner(clause) not in (None, package) and self._is_strict(clause, package, candidate)
        ]
        if demands:
            return self._demands(demands)
        return self._need(package, candidate, _DEPTH) or "what else was asked for leaves no newer one"

    def _likeliest(self, package: int, newest: int) -> int | None:
        """Return the first candidate for the Python of the solution; None: all are built for others."""
        first = next(iter_candidates(newest))
        if self._universe.registry.keys[package].kind is not Kind.CONDA or self.name(package) == "python":
            return first
        records = self._universe.registry.conda(package).domain.records
        fitting = (
            place
            for place in iter_candidates(newest)
            if not any(name in _PYTHON for name, _, _ in self._unmet(records[place].depends))
        )
        found = next(fitting, None)
        if found is None and not any(
            dependency_name(text) == "python_abi" or (dependency_name(text) == "python" and "<" in text)
            for text in records[first].depends
        ):
            return first  # for any Python from some version on: that is a need like others
        return found

    def _unmet(self, depends: Iterable[str]) -> Iterator[tuple[str, str, int]]:
        """Yield (name, text, candidates that would do) of each dependency that the solution doesn't meet."""
        for text in depends:
            name = dependency_name(text)
            domain = self._universe.conda.loaded(name)
            number = self._universe.registry.find(Key(Kind.CONDA, name))
            if domain is None or number is None or number not in self._selected:
                continue
            admitted = domain.admitted(text)
            if not admitted & (2 << self._selected[number]):
                yield name, text, admitted

    def _broken(self, package: int, bit: int) -> list[Incompatibility]:
        """Return what would not hold if the package were at one candidate and all else stayed."""
        found = []
        for clause in self._about.get(package, ()):
            place = clause.packages.index(package)
            if clause.sets[place] & bit and all(
                is_met(clause, n, self._selected) for n in range(len(clause.packages)) if n != place
            ):
                found.append(clause)
        return found

    def _owner(self, clause: Incompatibility) -> int | None:
        fact = clause.fact
        return fact.package if isinstance(fact, DependencyFact | PythonFact | UnusableFact) else None

    def _is_strict(self, clause: Incompatibility, package: int, candidate: int) -> bool:
        """Tell whether a package's version is against a candidate, not just the build that was chosen."""
        owner = self._owner(clause)
        if owner is None or self._universe.registry.keys[owner].kind is not Kind.CONDA:
            return owner is not None
        domain, name = self._universe.registry.conda(owner).domain, self.name(package)
        asked = self._universe.conda.domain(name)
        refused = 0
        for text, group in (*domain.groups().items(), *domain.limits().items()):
            if dependency_name(text) == name and not asked.admitted(text) & (2 << candidate):
                refused |= group
        version = domain.records[self._selected[owner]].version
        return all(
            refused & (2 << place) for place, record in enumerate(domain.records) if record.version == version
        )

    # -- words ------------------------------------------------------------------------------------

    def _demands(self, clauses: Sequence[Incompatibility]) -> str:
        """Return who is against it: what was requested first, then by name; at most two of them."""
        requested = {package: n for n, package in enumerate(self._universe.requested())}
        owners: dict[int, Incompatibility] = {}
        for clause in clauses:
            owner = self._owner(clause)
            if owner is not None:
                owners.setdefault(owner, clause)
        ordered = sorted(owners, key=lambda p: (requested.get(p, len(requested)), self.name(p)))
        said = [self._said(owners[owner]) for owner in ordered[:2]]
        if len(ordered) > 2:
            said.append(f"{len(ordered) - 2} more")
        return " and ".join(said) if len(said) < 3 else f"{', '.join(said[:-1])} and {said[-1]}"

    def _need(self, package: int, candidate: int, depth: int) -> str | None:
        """Return what a candidate needs that the solution doesn't have, and who is against that.

        A need that somebody is against comes first; what isn't there at all might come in.
        """
        version, fallback = self.version(package, candidate), None
        for other, text, allowed in self._needs(package, candidate):
            if other is None:
                return text
            need = f"{version} needs {_clean(text)}"
            if not allowed:
                return f"{need}, which isn't there"
            against = self._against(other, allowed, package)
            if against:
                return f"{need}, but {against}"
            best = self._likeliest(other, allowed) if depth else None
            further = None if best is None else self._need(other, best, depth - 1)
            if further:
                return f"{need}; {self.name(other)} {further}"
            if fallback is None and other in self._selected:
                fallback = f"{need}; the solution is with {self._there(other)}"
        return fallback

    def _needs(self, package: int, candidate: int) -> Iterator[tuple[int | None, str, int]]:
        """Yield (other package, text, candidates that would do); without a package the text is the reason."""
        registry = self._universe.registry
        if registry.keys[package].kind is Kind.CONDA:
            for name, text, allowed in self._unmet(registry.conda(package).domain.records[candidate].depends):
                yield registry.find(Key(Kind.CONDA, name)), text, allowed
            return
        for clause in self._broken(package, 2 << candidate):
            if isinstance(clause.fact, PythonFact) and clause.fact.package == package:
                yield None, f"{self.version(package, candidate)} has no file for Python {self._python()}", 0
            elif isinstance(clause.fact, UnusableFact | ProvidesFact):
                yield None, self._said(clause), 0
            elif isinstance(clause.fact, DependencyFact) and clause.fact.package == package:
                other = next((p for p in reversed(clause.packages) if p != package), package)
                everything = (1 << (self._universe.size(other) + 1)) - 2
                yield other, clause.fact.text, everything & ~clause.sets[clause.packages.index(other)]

    def _against(self, other: int, allowed: int, package: int) -> str | None:
        """Return what bars all of a package's candidates that would do, or the best of them."""
        best = 2 << next(iter_candidates(allowed))
        is_conda = self._universe.registry.keys[other].kind is Kind.CONDA
        broken = [
            clause
            for clause in self._broken(other, best)
            if self._owner(clause) not in (other, package)
            and not (is_conda and isinstance(clause.fact, ProvidesFact))
        ]
        for clause in broken:
            if clause.sets[clause.packages.index(other)] & allowed == allowed:
                return self._said(clause)
        return self._said(broken[0]) if broken else None

    def _said(self, clause: Incompatibility) -> str:
        """Return one incompatibility as what its owner says."""
        fact = clause.fact
        if isinstance(fact, RequirementFact):
            line = fact.requirement
            text = line.spec if isinstance(line, CondaRequirement) else line.text
            return f"`{text}` ({line.origin}) asks for another"
        if isinstance(fact, ProvidesFact):
            return f"conda's {self._there(fact.conda)} is there"
        if isinstance(fact, UnusableFact):
            return fact.reason
        if isinstance(fact, PythonFact):
            return f"{self._there(fact.package)} has no file for it"
        assert isinstance(fact, DependencyFact)  # noqa: S101  (nothing else is a reason)
        verb = "goes only with" if fact.constrains else "needs"
        return f"{self._there(fact.package)} {verb} {_clean(fact.text)}"

    def _there(self, package: int) -> str:
        chosen = self._selected.get(package)
        return (
            self.name(package) if chosen is None else f"{self.name(package)} {self.version(package, chosen)}"
        )

    def _python(self) -> str:
        number = next((p for p in self._selected if self._universe.registry.keys[p].name == "python"), None)
        if number is None:
            return ""
        return self.version(number, self._selected[number])

    def name(self, package: int) -> str:
        """Return a package's name."""
        return str(self._universe.registry.keys[package].name)

    def key(self, package: int) -> Key:
        """Return what a package is called in any universe."""
        return self._universe.registry.keys[package]

    def chosen(self, package: int) -> str:
        """Return the version of a package in the solution."""
        return self.version(package, self._selected[package])

    def build(self, package: int) -> tuple[str, str]:
        """Return version and file of a package in the solution; of a project the version alone."""
        chosen = self._selected[package]
        if self._universe.registry.keys[package].kind is not Kind.CONDA:
            return self.chosen(package), ""
        record = self._universe.registry.conda(package).domain.records[chosen]
        return record.version, record.file_name

    def version(self, package: int, candidate: int) -> str:
        """Return a candidate's version."""
        registry = self._universe.registry
        if registry.keys[package].kind is Kind.CONDA:
            return registry.conda(package).domain.records[candidate].version
        return registry.pypi(package).domain.releases[candidate].version


def _clean(text: str) -> str:
    """Return a dependency without its marker, and without conda's build where a version says enough."""
    parts = text.split(";", 1)[0].split(" ")
    return " ".join(parts if parts[1:2] == ["*"] else parts[:2]).strip()
