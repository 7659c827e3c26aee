"""The joint universe: conda and PyPI packages under one numbering."""

from __future__ import annotations

from collections.abc import Sequence

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.conda_side import CondaPackage, CondaSide, channel_bits
from resolver.constraints.facts import RequirementFact
from resolver.constraints.protocol import ABSENT
from resolver.constraints.registry import Key, Kind, Package, Registry
from resolver.model.match_spec import parse_match_spec
from resolver.model.requirements import CondaRequirement

#: Place in the decision order of a package that nobody named.
UNNAMED = 1 << 30


class JointUniverse:
    """Implements :class:`resolver.constraints.protocol.Universe` over both sides."""

    def __init__(self, conda: CondaSide, conda_requirements: Sequence[CondaRequirement]) -> None:
        self.conda = conda
        self.registry = Registry(self._make)
        self._requirements = tuple(conda_requirements)
        self._places: dict[int, int] = {}
        self._root: list[Incompatibility] | None = None

    # -- the questions of the search ------------------------------------------------------------

    def root(self) -> Sequence[Incompatibility]:
        """Return one incompatibility for each requirement, in file order."""
        if self._root is None:
            self.conda.prefetch([r.name for r in self._requirements])
            self._root = [self._require(requirement) for requirement in self._requirements]
        return self._root

    def size(self, package: int) -> int:
        """Return how many candidates the package has."""
        return self.registry.package(package).size()

    def clauses(self, package: int, candidate: int) -> Sequence[Incompatibility]:
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
        key = self.registry.keys[package]
        group = 0 if key == (Kind.CONDA, "python", "") else int(key.kind)
        return group, self._places.get(package, UNNAMED)

    def levels(self, package: int) -> Sequence[int]:
        """Return the version rank of each candidate."""
        return self.registry.package(package).levels()

    def requested(self) -> Sequence[int]:
        """Return the packages that the user named, in file order."""
        return tuple(self._places)

    def name(self, package: int) -> str:
        """Return the package's name."""
        return str(self.registry.keys[package])

    # -- making them ------------------------------------------------------------------------------

    def _make(self, key: Key, number: int) -> Package:
        return CondaPackage(self.conda, self.registry, key.name, number)

    def _require(self, requirement: CondaRequirement) -> Incompatibility:
        spec = parse_match_spec(requirement.spec)
        number = self.registry.number(Key(Kind.CONDA, spec.name))
        self._places.setdefault(number, len(self._places))
        package = self.registry.package(number)
        assert isinstance(package, CondaPackage)  # noqa: S101  (the key's kind says so)
        domain = package.domain
        admitted = domain.bits_of(spec)
        if spec.channel:
            admitted &= channel_bits(domain, spec.channel, spec.subdir)
        return Incompatibility((number,), ((domain.all & ~admitted) | ABSENT,), RequirementFact(requirement=requirement))
