"""The joint universe: conda and PyPI packages under one numbering."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.conda_package import CondaPackage
from resolver.constraints.conda_side import CondaSide, channel_bits, likely_pythons
from resolver.constraints.facts import ImplicitFact, PipOnlyFact, RequirementFact, UnusableFact
from resolver.constraints.lines import Lines
from resolver.constraints.protocol import Conditions
from resolver.constraints.registry import Key, Kind, Registry
from resolver.constraints.weakly import weakly
from resolver.model.names import PypiName, conda_name, pypi_name
from resolver.model.requirements import CondaRequirement, Override, PypiRequirement

if TYPE_CHECKING:
    from resolver.constraints.bridge import NameMapping
    from resolver.constraints.crossing import Crossed, Crossings
    from resolver.constraints.overrides import Overrides
    from resolver.constraints.prereleases import PreReleases
    from resolver.constraints.pypi_domain import Release
    from resolver.constraints.pypi_package import PypiPackage
    from resolver.constraints.pypi_policy import Policy
    from resolver.constraints.pypi_side import PypiSide, PypiSource
    from resolver.constraints.python_view import PythonView
    from resolver.constraints.support import CondaSupport
    from resolver.constraints.wheels_apart import ToldApart
    from resolver.sources.cache.pack import Pack

#: Place in the decision order of a package that nobody named.
UNNAMED = 1 << 30
_PYTHON = Key(Kind.CONDA, "python")

#: Direct references as the one release of their projects, under the Pythons there are.
DirectReleases: TypeAlias = "Callable[[PythonView], Mapping[PypiName, Release]]"


class GuardedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement that a search can assume (its guard is there) or not."""

    requirement: CondaRequirement | PypiRequirement
    guard: int
    clauses: tuple[Incompatibility, ...]


def _keys_of(names: Iterable[str]) -> frozenset[Key]:
    """Return what some names stand for in either ecosystem."""
    spelled = ((conda_name(name), pypi_name(name)) for name in names)
    return frozenset(key for conda, pypi in spelled for key in (Key(Kind.CONDA, conda), Key(Kind.PYPI, pypi)))


def _under_guard(clauses: Iterable[Incompatibility], guard: int) -> list[Incompatibility]:
    return [Incompatibility((*one.packages, guard), (*one.sets, 2), one.fact) for one in clauses]


def _read_overrides(overrides: Sequence[Override]) -> Overrides | None:
    if not overrides:
        return None
    from resolver.constraints.overrides import Overrides

    return Overrides(overrides)


class JointUniverse:
    """Implements :class:`resolver.constraints.protocol.Universe` over both sides.

    Requirements that don't apply to the target's platform must be left out by
    the caller, and pip's direct references be resolved into ``direct``.
    """

    def __init__(
        self,
        conda: CondaSide,
        conda_requirements: Sequence[CondaRequirement],
        pypi_requirements: Sequence[PypiRequirement] = (),
        *,
        source: PypiSource | None = None,
        names: NameMapping | None = None,
        policy: Policy | None = None,
        direct: DirectReleases | None = None,
        pip_from_conda: str = "if-present",
        updated: Collection[str] = (),
        overrides: Sequence[Override] = (),
        crossings: Crossings | None = None,
        told_apart: ToldApart | None = None,
        beside: JointUniverse | None = None,
        pack: Pack | None = None,
    ) -> None:
        """Take what is asked for; ``updated``: names, of either ecosystem, that move to the best there is.

        ``beside``: a universe without an index over a like side, whose packages' clauses are this one's too.

        ``crossings``: the earlier lockfile's pins of packages that come from the other ecosystem now.
        ``told_apart``: releases of which each wheel is read. ``pack``: what earlier searches took from pages.
        """
        self.conda = conda
        self._beside = beside  # whose makers the registry has
        if beside is None:
            self.registry: Registry[CondaPackage, PypiPackage] = Registry(
                weakly(self._make_conda), weakly(self._make_pypi)
            )
            # Packages know the registry, and it them: they go with the universe.
            weakref.finalize(self, self.registry.forget).atexit = False
        else:
            self.registry = beside.registry
        self._conda_requirements = tuple(conda_requirements)
        self._pypi_requirements = tuple(pypi_requirements)
        self.pip_from_conda = pip_from_conda
        self._updated = _keys_of(updated)
        self._crossings = crossings
        self._places: dict[int, int] | None = None
        self._conditions: dict[int, int] | None = None
        self._priorities: dict[int, tuple[int, int]] = {}
        self._levels: dict[int, list[int]] = {}
        self._root: list[Incompatibility] | None = None
        self._support: CondaSupport | None = None
        self._pre_releases: PreReleases | None = None
        self.pypi: PypiSide | None = None
        if source is not None and names is not None:
            self.pypi = self._make_pypi_side(source, names, policy, direct, overrides, told_apart, pack)
        self._lines = Lines(conda, self.pypi, self.registry, only_pip=pip_from_conda == "never")
        self._late: dict[str, list[PypiRequirement]] = {}  # constraints, until their projects come up
        if self.pypi is not None:
            for line in self._pypi_requirements:
                if line.is_constraint and line.name is not None:
                    self._late.setdefault(line.name, []).append(line)
            self.pypi.find_limits = weakly(self._guarded_limits_of if conda.apart else self._limits_of)

    @property
    def requirements(self) -> tuple[CondaRequirement | PypiRequirement, ...]:
        """What the user asked for: conda first, each in file order."""
        return (*self._conda_requirements, *self._pypi_requirements)

    # -- the questions of the search ------------------------------------------------------------

    def root(self) -> Sequence[Incompatibility]:
        """Return what the user asked for: one or more incompatibilities a requirement, in file order.

        What a constraint says of a project comes in behind them once the project comes up: of all others
        nobody asks an index.
        """
        if self._root is None:
            late = [line for lines in self._late.values() for line in lines]
            now = [r for r in self.requirements if not any(r is line for line in late)]
            self.conda.prefetch([r.name for r in self._conda_requirements])
            if self.pypi is not None:
                pypi = [r for r in now if isinstance(r, PypiRequirement) and self._lines.when(r)]
                self.pypi.source.prefetch_projects([r.name for r in pypi if r.name is not None])
            self._root = []
            for requirement in now:
                made = self.clauses_of(requirement)  # may add what constraints say
                self._root.extend(made)
            self._root.extend(self._implicit())
        return self._root

    def _limits_of(self, name: PypiName) -> Sequence[Incompatibility]:
        """Return what constraints say of a project that comes up."""
        made = [clause for line in self._late.pop(name, ()) for clause in self.clauses_of(line)]
        if self._root is not None:
            self._root.extend(clause for clause in made if isinstance(clause.fact, RequirementFact))
        return made

    def guarded(self, *, implicit_by_lines: bool = False) -> tuple[list[GuardedLine], list[Incompatibility]]:
        """Return each requirement with a switch, and what holds without any.

        A line's incompatibilities carry one more term, "the line's guard is
        there", so that a search can assume any part of the lines. Those of a constraint
        come in once its project comes up, as in :meth:`root`. What pip lines need without saying so
        always holds, or, with ``implicit_by_lines``, where one of them is assumed.
        """
        implicit = self._implicit()
        always: list[Incompatibility] = []
        lines: list[GuardedLine] = []
        late = {id(line) for constraints in self._late.values() for line in constraints}
        for place, requirement in enumerate(self.requirements):
            guard = self._guard_of(place)
            said = () if id(requirement) in late else self._with_guard(requirement, guard)
            if implicit_by_lines and isinstance(requirement, PypiRequirement):
                said = [*said, *_under_guard(implicit, guard)] if not requirement.is_constraint else said
            lines.append(
                GuardedLine(
                    requirement=requirement,
                    guard=guard,
                    clauses=tuple(clause for clause in said if guard in clause.packages),
                )
            )
            always.extend(clause for clause in said if guard not in clause.packages)
        always.extend(() if implicit_by_lines else implicit)
        always.extend(self._foreign(lines))
        return lines, always

    def _guard_of(self, place: int) -> int:
        return self.registry.number(Key(Kind.GUARD, str(place)))

    def _with_guard(
        self, requirement: CondaRequirement | PypiRequirement, guard: int
    ) -> Sequence[Incompatibility]:
        """Return what a line says with its guard as one more term, and what always holds as it is.

        The latter is what ties a project to conda packages, and what constraints on it say, under guards
        of their own.
        """
        found: list[Incompatibility] = []
        for clause in self.clauses_of(requirement):
            if self.registry.keys[clause.packages[-1]].kind is Kind.GUARD:
                found.append(clause)
            elif isinstance(clause.fact, RequirementFact | UnusableFact | PipOnlyFact):
                found.append(Incompatibility((*clause.packages, guard), (*clause.sets, 2), clause.fact))
            elif isinstance(requirement, CondaRequirement):  # what a line's extras bring in
                found.append(Incompatibility((guard, *clause.packages), (2, *clause.sets), clause.fact))
            else:
                found.append(clause)
        return found

    def _guarded_limits_of(self, name: PypiName) -> Sequence[Incompatibility]:
        """Return what constraints say of a project that comes up, each under its line's guard."""
        made: list[Incompatibility] = []
        for line in self._late.pop(name, ()):
            place = next(n for n, requirement in enumerate(self.requirements) if requirement is line)
            made.extend(self._with_guard(line, self._guard_of(place)))
        return made

    def _foreign(self, lines: Sequence[GuardedLine]) -> list[Incompatibility]:
        """Return that candidates which only a line's channel brings in need such a line.

        ``{X: them, the lines' guards: absent}``.
        """
        result: list[Incompatibility] = []
        for name in self.conda.own_channels:
            number = self.registry.number(Key(Kind.CONDA, name))
            left = self.conda.foreign(name)
            for channel in self.conda.own_channels[name]:
                bits = left & channel_bits(self.conda.domain(name), channel)
                guards = [
                    line.guard
                    for line in lines
                    if isinstance(line.requirement, CondaRequirement)
                    and line.requirement.name == name
                    and line.requirement.match_spec.channel is not None
                ]
                if bits:
                    packages, sets = (number, *guards), (bits, *(ABSENT for _ in guards))
                    result.append(Incompatibility(packages, sets, ImplicitFact(name=name)))
        return result

    def clauses_of(self, requirement: CondaRequirement | PypiRequirement) -> list[Incompatibility]:
        """Return what one line says."""
        return self._lines.clauses_of(requirement)

    def size(self, package: int) -> int:
        """Return how many candidates the package has."""
        return self.registry.package(package).size()

    def clauses(self, package: int, candidate: int) -> Iterable[Incompatibility]:
        """Return all that holds if the candidate is selected."""
        return self.registry.package(package).clauses(candidate)

    def parts(self, package: int, candidate: int) -> Iterable[Sequence[Incompatibility]]:
        """Give all that holds if the candidate is selected, what is learned at once together."""
        return self.registry.package(package).parts(candidate)

    @property
    def late_count(self) -> int:
        """How many limits have been left out whose packages have come up since."""
        return len(self.registry.late)

    def late(self, place: int) -> Incompatibility:
        """Return one of these limits."""
        text, who = self.registry.late[place]
        return who.limit(text)

    def links(self, package: int) -> Sequence[int]:
        """Return the packages with the very same candidates."""
        return self.registry.package(package).links()

    def is_extra(self, package: int) -> bool:
        """Tell whether the package stands for an extra."""
        return self.registry.keys[package].kind is Kind.EXTRA

    def priority(self, package: int) -> tuple[int, int]:
        """Return (class, place): python, then conda, then PyPI; the user's own in file order."""
        known = self._priorities.get(package)
        if known is None:
            key = self.registry.keys[package]
            group = 0 if key == _PYTHON else int(key.kind)
            known = self._priorities[package] = group, self._requested().get(package, UNNAMED)
        return known

    def levels(self, package: int) -> Sequence[int]:
        """Return the rank of each candidate's level."""
        return self.registry.package(package).levels()

    def version_ranks(self, package: int) -> Sequence[int]:
        """Return the rank of each candidate's version alone; a pin to keep has its version's."""
        if self._is_conda(package):
            return self.registry.conda(package).domain.version_ranks()
        kind = self.registry.keys[package].kind
        if kind is Kind.GUARD:
            return self.levels(package)
        return self.registry.pypi(package).domain.version_ranks()

    def prefer(self, package: int, domain: int) -> int:
        """Return the bit to try first among those left: the build whose dependencies are newest."""
        if self._is_conda(package):
            return self.registry.conda(package).prefer(domain)
        return domain & -domain

    def best_version(self, package: int, domain: int) -> int:
        """Return the candidates of the best level among those left, and of no other."""
        if self._is_conda(package):  # they stand in order of levels
            return self.registry.conda(package).same_level(domain & -domain) & domain
        by_level = self._levels.get(package)
        if by_level is None:
            members: dict[int, int] = {}
            for place, level in enumerate(self.levels(package)):
                members[level] = members.get(level, 0) | (2 << place)
            by_level = self._levels[package] = [members[level] for level in sorted(members)]
        return next(members & domain for members in by_level if members & domain)

    def _is_conda(self, package: int) -> bool:
        return self.registry.keys[package].kind is Kind.CONDA

    def requested(self) -> Sequence[int]:
        """Return the packages that the user named, in file order."""
        return tuple(self._requested())

    def _requested(self) -> Mapping[int, int]:
        """Return each package that the user named with its place among them."""
        if self._places is None:
            named = (self._lines.named(requirement) for requirement in self.requirements)
            numbers = dict.fromkeys(number for number in named if number is not None)
            self._places = {number: place for place, number in enumerate(numbers)}
        return self._places

    def conditions(self) -> Conditions | None:
        """Return which requested packages are asked for under some Pythons only; None: each always is."""
        if self.pypi is None:
            return None
        python = self.pypi.python
        if self._conditions is None:
            under: dict[int, int] = {}
            for requirement in self._pypi_requirements:
                number = self._lines.named(requirement)
                if number is not None:
                    under[number] = under.get(number, 0) | self._lines.when(requirement)
            self._conditions = {number: bits for number, bits in under.items() if bits != python.all}
        return Conditions(python=python.number, under=self._conditions) if self._conditions else None

    # -- an earlier lockfile ----------------------------------------------------------------------

    @property
    def has_earlier(self) -> bool:
        """Whether an earlier lockfile says anything: pins to keep, or what is to be updated."""
        pins = self.pypi.policy.preferred if self.pypi else None
        return bool(self._updated or self.conda.preferred or pins or self._crossings)

    def pinned(self, package: int) -> int:
        """Return the candidates (bits) that the earlier lockfile holds; 0 where there is none of it."""
        kind = self.registry.keys[package].kind
        if kind is Kind.CONDA:
            return 2 if self.registry.conda(package).domain.is_pinned else 0
        return self.registry.pypi(package).domain.pinned if kind is Kind.PYPI else 0

    def version_kept(self, package: int) -> int:
        """Return the candidates of an earlier version whose file can't stay; 0: it can, or there was none.

        No channel has the file any more, or the package comes from the other ecosystem now.
        """
        if self.pinned(package):
            return 0
        if self.registry.keys[package].kind is Kind.CONDA:
            lost = self.registry.conda(package).domain.version_kept
            if lost:
                return lost
        crossed = self.crossed(package)
        return 0 if crossed is None else crossed.bits

    def holds(self, package: int, candidate: int) -> bool:
        """Tell whether a candidate is a pin that stays, or the only one beside pins that stay.

        That is so of a package's single candidate, of an extra, which is where its project is, and of
        what a conda package that is there provides of a project. With ``prefer`` it isn't: a pip line may
        bring one in.
        """
        if self.pip_from_conda == "prefer":
            return False
        kind = self.registry.keys[package].kind
        if kind is Kind.CONDA:
            domain = self.registry.conda(package).domain
            return len(domain) == 1 or (domain.is_pinned and candidate == 0)
        if kind is Kind.PYPI:
            of_project = self.registry.pypi(package).domain
            return bool((of_project.pinned | of_project.provided) & (2 << candidate))
        return True

    def stays(self, package: int, candidate: int) -> bool:
        """Tell whether a candidate is what the earlier lockfile holds, or its version where that must do."""
        return bool((self.pinned(package) or self.version_kept(package)) & (2 << candidate))

    @property
    def has_crossings(self) -> bool:
        """Whether what the earlier lockfile holds may come from the other ecosystem now."""
        return self._crossings is not None

    def crossed(self, package: int) -> Crossed | None:
        """Return what the earlier lockfile held of a package in the other ecosystem; None: nothing."""
        kind = self.registry.keys[package].kind
        if self._crossings is None or self.is_updated(package):
            return None
        if kind is Kind.CONDA:
            return self._crossings.of_conda(self.registry.conda(package), self.registry)
        if kind is Kind.PYPI:
            return self._crossings.of_project(self.registry.pypi(package), self.registry.conda)
        return None

    def is_updated(self, package: int) -> bool:
        """Tell whether the package is to move to the best level, whatever else has to move."""
        return self.registry.keys[package] in self._updated

    def name(self, package: int) -> str:
        """Return the package's name."""
        _, name, extra = self.registry.keys[package]
        return f"{name}[{extra}]" if extra else name

    def support(self) -> CondaSupport | None:
        """Return the rule that conda packages are there for conda's sake; None without pip lines.

        Left out too where sources may fail: what can't be read may need a conda package.
        A line that a search does not assume keeps its package's right to be there: so fewer
        lines never forbid more, and a conflict of some lines is one of all of them.
        """
        if self._support is None and self.pypi is not None and not self.conda.lenient:
            from resolver.constraints.support import CondaSupport

            roots = {r.name for r in self._conda_requirements if not r.is_constraint}
            if self._has_pip_lines:
                roots |= {conda_name("python"), conda_name("pip")}
            self._support = CondaSupport(
                self.conda, self.registry, roots,
                bridged=self.pypi.bridged, shipping=self._shipping(self.pypi),
            )  # fmt: skip
        return self._support

    def pre_releases(self) -> PreReleases | None:
        """Return the rule by which pre-releases of projects count; None without pip lines.

        Left out too where sources may fail: a final release counts against them where its needs are known.
        """
        if self._pre_releases is None and self.pypi is not None and not self.conda.lenient:
            from resolver.constraints.prereleases import PreReleases

            python = self.pypi.python
            self._pre_releases = PreReleases(
                self.registry,
                self.registry.pypi,
                weakly(self.root),
                python=python.number,
                pythons=python.all,
            )
        return self._pre_releases

    def _shipping(self, pypi: PypiSide) -> dict[int, int]:
        """Return the builds that ship a pip line's project, where that gives them the right to be there."""
        shipping: dict[int, int] = {}
        for r in self._pypi_requirements if self.pip_from_conda == "prefer" else ():
            if r.name is not None and not r.is_constraint and r.direct is None and self._lines.when(r):
                for builds in pypi.domain(r.name)[1].by_version.values():
                    for number, bits in builds.items():
                        shipping[number] = shipping.get(number, 0) | bits
        return shipping

    # -- requirements -----------------------------------------------------------------------------

    @property
    def _has_pip_lines(self) -> bool:
        return any(not r.is_constraint for r in self._pypi_requirements)

    def _implicit(self) -> list[Incompatibility]:
        """Return what pip requirements need without saying so: a Python, and pip where conda installs it."""
        if not self._has_pip_lines:
            return []
        names = ["python"]
        if self.conda.subdirs and self.conda.target.python is None:
            names.append("pip")
        result = []
        for name in names:
            if name == "python" or len(self.conda.domain(name)):
                number = self.registry.number(Key(Kind.CONDA, name))
                result.append(Incompatibility((number,), (ABSENT,), ImplicitFact(name=name)))
        return result

    # -- making them ------------------------------------------------------------------------------

    def _make_conda(self, key: Key, number: int) -> CondaPackage:
        return CondaPackage(self.conda, self.registry, key.name, number)

    def _make_pypi_side(
        self,
        source: PypiSource,
        names: NameMapping,
        policy: Policy | None,
        direct: DirectReleases | None,
        overrides: Sequence[Override],
        told_apart: ToldApart | None,
        pack: Pack | None,
    ) -> PypiSide:
        """Return the other half; what it takes is loaded where there are pip lines."""
        from resolver.constraints.pypi_policy import Policy
        from resolver.constraints.pypi_side import PypiSide

        python = self.python_view()
        return PypiSide(
            source,
            self.conda.target,
            self.registry,
            python,
            names,
            policy=policy or Policy.from_requirements(self._pypi_requirements),
            likely_pythons=self._likely_pythons(),
            direct=direct(python) if direct else {},
            overrides=_read_overrides(overrides),
            lenient=self.conda.lenient,
            apart=self.conda.apart,
            told_apart=told_apart,
            pack=pack,
            passes_over=self.conda.passes_over,
            whole=self._read_whole(names, policy) if self.conda.only_pins else None,
        )

    def _read_whole(self, names: NameMapping, policy: Policy | None) -> frozenset[PypiName]:
        """Return the projects that are read whole beside pins alone.

        Of one that a pip line asks for and conda provides it is said whether a newer one is there. The conda
        packages that may ship it are read whole, too.
        """
        whole = set[PypiName]()
        for line in self._pypi_requirements:
            if line.name is None or (policy is not None and policy.preferred_version(line.name) is not None):
                continue
            shippers = names.conda_names_of(line.name)
            if any(name in self.conda.preferred for name in shippers):
                whole.add(line.name)
                self.conda.whole.update(shippers)
        return frozenset(whole)

    def _make_pypi(self, key: Key, number: int) -> PypiPackage:
        if self.pypi is None:
            raise AssertionError("only an index's own packages name such keys")
        from resolver.constraints.pypi_package import ExtraPackage, PypiPackage

        name = PypiName(key.name)
        if key.kind is Kind.PYPI:
            return PypiPackage(self.pypi, name, number)
        base = self.registry.pypi(self.registry.number(Key(Kind.PYPI, name)))
        return ExtraPackage(base, key.extra, number)

    def python_view(self) -> PythonView:
        """Return the python candidates as conditions see them."""
        from resolver.constraints.python_view import PythonView

        number = self.registry.number(_PYTHON)
        return PythonView(self.conda.domain("python"), number, self.conda.target.marker_environment())

    def _likely_pythons(self) -> int:
        """Return the python candidates that the user's own lines about python leave."""
        return likely_pythons(self.conda, self._conda_requirements)
