"""What the search asks of a universe of packages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from resolver.constraints.clauses import Incompatibility


class Support(Protocol):
    """Which packages may be there by what needs them; see :mod:`resolver.constraints.support`."""

    @property
    def roots(self) -> Mapping[int, int]:
        """The packages that hold by themselves, and by which candidates: of conda lines, the interpreter."""
        ...

    def is_bound(self, package: int) -> bool:
        """Tell whether the rule speaks of the package at all."""
        ...

    @property
    def bridged(self) -> Collection[int]:
        """The packages that a project which has come up may be met by: only such ones can be wrong first."""
        ...

    def needs(self, package: int, candidate: int) -> Iterable[int]:
        """Return the packages that a selected candidate depends on."""
        ...

    def has_conditions(self, package: int, candidate: int) -> bool:
        """Tell whether some of what it depends on may stay away."""
        ...

    def clause(self, package: int, closed: Collection[int]) -> Incompatibility:
        """Return why the package can't be there while ``closed`` need only each other."""
        ...


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a pre-release counts: it does, unless there is something in one of these."""

    open: tuple[int, ...] = ()  #: what has to be decided before it can be refused
    clause: Incompatibility | None = None  #: why it doesn't count


class PreReleaseRule(Protocol):
    """Which pre-releases count; see :mod:`resolver.constraints.prereleases`."""

    def late(self, package: int) -> int:
        """Return the candidates that count only where no final release meets what is asked."""
        ...

    def judge(self, package: int, domain: Sequence[int], expanded: Sequence[int]) -> Verdict:
        """Return whether a package of which only late candidates are left may have one of them."""
        ...


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """Requested packages that are asked for under some Pythons only, as all their lines carry markers."""

    python: int
    under: Mapping[int, int]  #: package -> candidates of python under which a line holds


class Universe(Protocol):
    """Packages by number, their candidates, and what holds between them.

    Numbers are given in the order in which packages come up, from 0, without
    gaps. Candidates are ordered best first and never change once given. The
    engine does no I/O; a universe may, in any of these calls.
    """

    def root(self) -> Sequence[Incompatibility]:
        """Return what the user asked for."""
        ...

    def size(self, package: int) -> int:
        """Return how many candidates the package has."""
        ...

    def clauses(self, package: int, candidate: int) -> Iterable[Incompatibility]:
        """Give all that holds if the candidate is selected; the same objects for the same facts.

        Cheapest first: the search stops asking once the candidate is out.
        """
        ...

    def parts(self, package: int, candidate: int) -> Iterable[Sequence[Incompatibility]]:
        """Give the same, what is learned at once together.

        Limits on packages that have not come up may be left out: :meth:`late` gives them once these have.
        """
        ...

    @property
    def late_count(self) -> int:
        """How many limits have been left out whose packages have come up since; it only grows."""
        ...

    def late(self, place: int) -> Incompatibility:
        """Return one of these limits by its place; it holds always."""
        ...

    def links(self, package: int) -> Sequence[int]:
        """Return the packages with the very same candidates that imply this one (its extras), or it implies.

        Asked once; the sequence may grow later.
        """
        ...

    def is_extra(self, package: int) -> bool:
        """Tell whether the package stands for an extra of another (and so implies it)."""
        ...

    def priority(self, package: int) -> tuple[int, int]:
        """Return the static decision order: (class of package, place among the requested ones)."""
        ...

    def levels(self, package: int) -> Sequence[int]:
        """Return the rank of each candidate's level, best (0) first, -1 for a pin to keep.

        Equal for builds of one version in one channel.
        """
        ...

    def version_ranks(self, package: int) -> Sequence[int]:
        """Return the rank of each candidate's version alone, newest (0) first: what a lag is counted in."""
        ...

    def best_version(self, package: int, domain: int) -> int:
        """Return the candidates of the best level among those left; the absent bit is not among them."""
        ...

    def prefer(self, package: int, domain: int) -> int:
        """Return the bit to try first among those left, where builds of the best version are decided."""
        ...

    def requested(self) -> Sequence[int]:
        """Return the packages that the user named, in file order, each once."""
        ...

    def conditions(self) -> Conditions | None:
        """Return which requested packages are asked for under some Pythons only; None: each always is."""
        ...

    def name(self, package: int) -> str:
        """Return the package's name, unique, for ties and messages."""
        ...

    def support(self) -> Support | None:
        """Return which packages may be there by what needs them; None: whatever the incompatibilities say."""
        ...

    def pre_releases(self) -> PreReleaseRule | None:
        """Return which pre-releases count; None: all do."""
        ...
