"""The joint universe: conda and PyPI packages under one numbering."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from resolver.constraints.bridge import NameMapping
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.conda_side import CondaPackage, CondaSide, channel_bits
from resolver.constraints.facts import ImplicitFact, PipOnlyFact, RequirementFact, UnusableFact
from resolver.constraints.protocol import ABSENT
from resolver.constraints.pypi_domain import Release
from resolver.constraints.pypi_package import ExtraPackage, PypiPackage
from resolver.constraints.pypi_side import Policy, PypiSide, PypiSource
from resolver.constraints.python_view import PythonView
from resolver.constraints.registry import Guard, Key, Kind, Package, Registry
from resolver.constraints.support import CondaSupport
from resolver.metadata.specifiers import Unusable, parse_requirement, parse_specifier
from resolver.model.match_spec import parse_match_spec
from resolver.model.names import PypiName, conda_name
from resolver.model.requirements import CondaRequirement, PypiRequirement

#: Place in the decision order of a package that nobody named.
UNNAMED = 1 << 30
_PYTHON = Key(Kind.CONDA, "python")
#: What conda's interpreter brings along, whatever pip lines want.
_WITH_PYTHON = frozenset({"pip", "setuptools", "wheel"})


class GuardedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement that a search can assume (its guard is there) or not."""

    requirement: CondaRequirement | PypiRequirement
    guard: int
    clauses: tuple[Incompatibility, ...]


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
        direct: Mapping[PypiName, Release] | None = None,
        pip_from_conda: str = "if-present",
    ) -> None:
        self.conda = conda
        self._pip_from_conda = pip_from_conda
        self.registry = Registry(self._make)
        self._conda_requirements = tuple(conda_requirements)
        self._pypi_requirements = tuple(pypi_requirements)
        self._places: dict[int, int] = {}
        self._priorities: dict[int, tuple[int, int]] = {}
        self._blocks: dict[int, list[int]] = {}
        self._root: list[Incompatibility] | None = None
        self.pypi: PypiSide | None = None
        self._support: CondaSupport | None = None
        if source is not None and names is not None:
            python = self.python_view()
            self.pypi = PypiSide(
                source,
                conda.target,
                self.registry,
                python,
                names,
                policy=policy or Policy.from_requirements(pypi_requirements),
                likely_pythons=self._likely_pythons(),
                direct=direct,
            )

    @property
    def requirements(self) -> tuple[CondaRequirement | PypiRequirement, ...]:
        """What the user asked for: conda first, each in file order."""
        return (*self._conda_requirements, *self._pypi_requirements)

    # -- the questions of the search ------------------------------------------------------------

    def root(self) -> Sequence[Incompatibility]:
        """Return what the user asked for: one or more incompatibilities a requirement, in file order."""
        if self._root is None:
            self.conda.prefetch([r.name for r in self._conda_requirements])
            if self.pypi is not None:
                self.pypi.source.prefetch_projects(
                    [r.name for r in self._pypi_requirements if r.name is not None]
                )
            self._root = [clause for r in self.requirements for clause in self.clauses_of(r)]
            if any(not r.is_constraint for r in self._pypi_requirements):
                self._root.extend(self.implicit())
        return self._root

    def guarded(self) -> tuple[list[GuardedLine], list[Incompatibility]]:
        """Return each requirement with a switch, and what holds without any.

        A line's incompatibilities carry one more term, "the line's guard is
        there", so that a search can assume any part of the lines.
        """
        always: list[Incompatibility] = []
        lines: list[GuardedLine] = []
        for place, requirement in enumerate(self.requirements):
            guard = self.registry.number(Key(Kind.GUARD, str(place)))
            guarded: list[Incompatibility] = []
            for clause in self.clauses_of(requirement):
                if isinstance(clause.fact, RequirementFact | UnusableFact):
                    packages, sets = (*clause.packages, guard), (*clause.sets, 2)
                    guarded.append(Incompatibility(packages, sets, clause.fact))
                else:
                    always.append(clause)  # what ties a project to conda packages
            lines.append(GuardedLine(requirement=requirement, guard=guard, clauses=tuple(guarded)))
        if any(isinstance(r, PypiRequirement) and not r.is_constraint for r in self.requirements):
            always.extend(self.implicit())
        always.extend(self._foreign(lines))
        return lines, always

    def _foreign(self, lines: Sequence[GuardedLine]) -> list[Incompatibility]:
        """Return that candidates which only a line's channel brings in need such a line.

        ``{X: them, the lines' guards: absent}``.
        """
        result: list[Incompatibility] = []
        for name in self.conda.own_channels:
            number = self.registry.number(Key(Kind.CONDA, name))
            package = self.registry.package(number)
            assert isinstance(package, CondaPackage)  # noqa: S101  (the key's kind says so)
            left = self.conda.foreign(name)
            for channel in self.conda.own_channels[name]:
                bits = left & channel_bits(package.domain, channel)
                guards = [
                    line.guard
                    for line in lines
                    if isinstance(line.requirement, CondaRequirement)
                    and line.requirement.name == name
                    and parse_match_spec(line.requirement.spec).channel is not None
                ]
                if bits:
                    packages, sets = (number, *guards), (bits, *(ABSENT for _ in guards))
                    result.append(Incompatibility(packages, sets, ImplicitFact(name=name)))
        return result

    def clauses_of(self, requirement: CondaRequirement | PypiRequirement) -> list[Incompatibility]:
        """Return what one line says."""
        if isinstance(requirement, CondaRequirement):
            return self.clauses_of_conda(requirement)
        return self.clauses_of_pypi(requirement)

    def size(self, package: int) -> int:
        """Return how many candidates the package has."""
        return self.registry.package(package).size()

    def clauses(self, package: int, candidate: int) -> Iterable[Incompatibility]:
        """Return all that holds if the candidate is selected."""
        return self.registry.package(package).clauses(candidate)

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
            known = self._priorities[package] = group, self._places.get(package, UNNAMED)
        return known

    def levels(self, package: int) -> Sequence[int]:
        """Return the version rank of each candidate."""
        return self.registry.package(package).levels()

    def prefer(self, package: int, domain: int) -> int:
        """Return the bit to try first among those left: the build whose dependencies are newest."""
        known = self.registry.package(package)
        if isinstance(known, CondaPackage):
            return known.prefer(domain)
        return domain & -domain

    def best_version(self, package: int, domain: int) -> int:
        """Return the candidates of the best level among those left, and of no other."""
        known = self.registry.package(package)
        low = domain & -domain
        if isinstance(known, CondaPackage):  # they stand in order of levels
            return known.version_bits(low) & domain
        blocks = self._blocks.get(package)
        if blocks is None:
            by_level: dict[int, int] = {}
            for place, level in enumerate(known.levels()):
                by_level[level] = by_level.get(level, 0) | (2 << place)
            blocks = self._blocks[package] = [by_level[level] for level in sorted(by_level)]
        return next(block & domain for block in blocks if block & domain)

    def requested(self) -> Sequence[int]:
        """Return the packages that the user named, in file order."""
        return tuple(self._places)

    def name(self, package: int) -> str:
        """Return the package's name."""
        return str(self.registry.keys[package])

    def support(self) -> CondaSupport | None:
        """Return the rule that conda packages are there for conda's sake; None without pip lines.

        A line that a search does not assume keeps its package's right to be there: so fewer
        lines never forbid more, and a conflict of some lines is one of all of them.
        """
        if self._support is None and self.pypi is not None:
            roots = {r.name for r in self._conda_requirements}
            if any(not r.is_constraint for r in self._pypi_requirements):
                roots |= {conda_name("python"), conda_name("pip")}
            shipping: dict[int, int] = {}
            if self._pip_from_conda == "prefer":
                for r in self._pypi_requirements:
                    if r.name is not None and not r.is_constraint and r.direct is None:
                        for builds in self.pypi.domain(r.name)[1].by_version.values():
                            for number, bits in builds.items():
                                shipping[number] = shipping.get(number, 0) | bits
            self._support = CondaSupport(self.conda, self.registry, roots, self.pypi.bridged, shipping)
        return self._support

    # -- requirements -----------------------------------------------------------------------------

    def clauses_of_conda(self, requirement: CondaRequirement) -> list[Incompatibility]:
        """Return ``{package: not admitted}``."""
        spec = parse_match_spec(requirement.spec)
        number = self.registry.number(Key(Kind.CONDA, spec.name))
        self._places.setdefault(number, len(self._places))
        package = self.registry.package(number)
        assert isinstance(package, CondaPackage)  # noqa: S101  (the key's kind says so)
        domain = package.domain
        admitted = domain.bits_of(spec)
        if spec.channel:
            admitted &= channel_bits(domain, spec.channel, spec.subdir)
        fact = RequirementFact(requirement=requirement)
        return [Incompatibility((number,), ((domain.all & ~admitted) | ABSENT,), fact)]

    def clauses_of_pypi(self, requirement: PypiRequirement) -> list[Incompatibility]:
        """Return what a pip requirement (or constraint) says of its project and of the extras it names."""
        if self.pypi is None or requirement.name is None:
            raise AssertionError("pip requirements need an index, and a name")
        parsed = parse_requirement(
            f"{requirement.name}; {requirement.marker}" if requirement.marker else requirement.name
        )
        specifier = parse_specifier(requirement.specifier)
        python = self.pypi.python
        fact = RequirementFact(requirement=requirement)
        when = python.all if isinstance(parsed, Unusable) else python.where(parsed.marker)
        if not when:
            return []
        if isinstance(specifier, Unusable) or isinstance(parsed, Unusable):
            reason = specifier.reason if isinstance(specifier, Unusable) else str(parsed)
            return [
                Incompatibility(
                    (python.number,), (python.all,), UnusableFact(package=python.number, reason=reason)
                )
            ]
        full = parse_requirement(
            f"{requirement.name}[{','.join(sorted(requirement.extras))}]{requirement.specifier}"
        )
        assert not isinstance(full, Unusable)  # noqa: S101  (its parts were read just now)
        result: list[Incompatibility] = []
        for number, admitted, everything in self.pypi.admitted(full, requirement.name, result):
            if not requirement.is_constraint and not self.is_extra(number):
                self._places.setdefault(number, len(self._places))
            if requirement.direct is not None:
                admitted = everything
            outside = (everything & ~admitted) | (0 if requirement.is_constraint else ABSENT)
            if (
                self._pip_from_conda == "never"
                and not requirement.is_constraint
                and not self.is_extra(number)
            ):
                provided = self.pypi.domain(requirement.name)[0].provided
                if provided and requirement.name not in _WITH_PYTHON:
                    only = PipOnlyFact(requirement=requirement)
                    result.append(Incompatibility((number,), (provided,), only))
            if when == python.all:
                result.append(Incompatibility((number,), (outside,), fact))
            else:
                result.append(Incompatibility((python.number, number), (when, outside), fact))
        return result

    def implicit(self) -> list[Incompatibility]:
        """Return what pip requirements need without saying so: a Python, and pip where conda installs it."""
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

    def _make(self, key: Key, number: int) -> Package:
        if key.kind is Kind.GUARD:
            return Guard()
        if key.kind is Kind.CONDA:
            return CondaPackage(self.conda, self.registry, key.name, number)
        assert self.pypi is not None  # noqa: S101  (only its own packages name such keys)
        if key.kind is Kind.PYPI:
            return PypiPackage(self.pypi, PypiName(key.name), number)
        base = self.registry.package(self.registry.number(Key(Kind.PYPI, key.name)))
        assert isinstance(base, PypiPackage)  # noqa: S101  (the key's kind says so)
        return ExtraPackage(base, key.extra, number)

    def python_view(self) -> PythonView:
        """Return the python candidates as conditions see them."""
        number = self.registry.number(_PYTHON)
        return PythonView(self.conda.domain("python"), number, self.conda.target.marker_environment())

    def _likely_pythons(self) -> int:
        """Return the python candidates that the user's own lines about python leave."""
        domain = self.conda.domain("python")
        likely = domain.all
        for requirement in self._conda_requirements:
            if requirement.name == "python":
                likely &= domain.bits_of(parse_match_spec(requirement.spec))
        return likely or domain.all
