"""A conda package in the universe: what its candidates say of others."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import ref

from resolver.constraints.bits import ABSENT, bits_between
from resolver.constraints.build_order import BuildOrder
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.conda_domain import Related
from resolver.constraints.conda_side import CondaSide, channel_bits
from resolver.constraints.facts import DependencyFact, UnusableFact
from resolver.constraints.registry import Key, Kind, Numbers
from resolver.model.dependency_text import dependency_name
from resolver.model.match_spec import parse_match_spec
from resolver.model.unusable import Cause


class CondaPackage:
    """A conda package in the universe."""

    def __init__(self, side: CondaSide, numbers: Numbers, name: str, number: int) -> None:
        self.domain = side.domain(name)
        self.name = name
        self.number = number
        self._side = side
        self._numbers = numbers
        self._requires: dict[str, Incompatibility] = {}  # by dependency string
        self._limits: dict[str, Incompatibility] = {}  # by constrains string
        self._conditional: dict[tuple[str, bool], tuple[Incompatibility, ...]] = {}
        self._builds = BuildOrder(self.domain, side.domain)

    def size(self) -> int:
        """Return the number of candidates."""
        return len(self.domain)

    def levels(self) -> Sequence[int]:
        """Return the rank of each candidate's level."""
        return self.domain.levels()

    def links(self) -> Sequence[int]:
        """Conda packages share their candidates with none."""
        return ()

    def prefer(self, domain: int) -> int:
        """Return the best bit of ``domain``: of equal level and build number, newest dependencies first."""
        return self._builds.best(domain)

    def same_level(self, bit: int) -> int:
        """Return the candidates of one candidate's level."""
        return bits_between(*self.domain.level_run(bit.bit_length() - 2))

    def clauses(self, candidate: int) -> Sequence[Incompatibility]:
        """Return one incompatibility for each of the candidate's depends and constrains."""
        record = self.domain.records[candidate]
        known, limits = self._requires, self._limits
        fresh = [text for text in record.depends if text not in known]
        if fresh:
            related = self.domain.related[False]
            self._side.prefetch(dependency_name(text) for text in fresh if text not in related)
            group = self.domain.group
            for text in fresh:
                known[text] = self._relation(text, group(text), constrains=False)
        side = self._side
        for text in record.constrains:
            if text not in limits and not (side.only_pins and side.passes_over(dependency_name(text))):
                limits[text] = self._relation(text, self.domain.group(text, constrains=True), constrains=True)
        result = [known[text] for text in record.depends]
        result.extend(limits[text] for text in record.constrains if text in limits)
        if record.more is not None:
            for constrains, texts in ((False, record.more.depends), (True, record.more.constrains)):
                for text in texts:
                    result.extend(self._under_conditions(text, constrains=constrains))
        return result

    def parts(self, candidate: int) -> tuple[Sequence[Incompatibility]]:
        """Return the same as one part."""
        return (self.clauses(candidate),)

    def _under_conditions(self, text: str, *, constrains: bool) -> tuple[Incompatibility, ...]:
        """Return what a dependency says that holds under conditions, or brings in extras."""
        known = self._conditional.get((text, constrains))
        if known is None:
            from resolver.constraints.conditional import Conditional

            group = self.domain.conditional(constrains=constrains)[text]
            read = Conditional(self._side, self._numbers)
            known = tuple(read.relations(self.number, text, group, constrains=constrains))
            self._conditional[text, constrains] = known
        return known

    def clauses_about(self, name: str) -> list[Incompatibility]:
        """Return one incompatibility for each depends and constrains string on a name, whoever carries it.

        Those under conditions are not among them.
        """
        asked = [(text, group, False) for text, group in self.domain.groups().items()]
        asked += [(text, group, True) for text, group in self.domain.limits().items()]
        return [
            self._relation(text, group, constrains=constrains)
            for text, group, constrains in asked
            if dependency_name(text) == name
        ]

    def _relation(self, text: str, group: int, *, constrains: bool) -> Incompatibility:
        """Return ``{this: group, other: not admitted}``; constrains admits absence too."""
        related = self.domain.related[constrains]
        known = related.get(text)
        if known is None or known.domain() is not self._side.domain(known.key.name):
            try:
                known = related[text] = self._related(text, constrains=constrains)
            except ValueError as error:
                return Incompatibility(
                    (self.number,),
                    (group,),
                    UnusableFact(package=self.number, reason=str(error), cause=Cause.FAULTY),
                )
        number = self._numbers.number(known.key)
        fact = DependencyFact(package=self.number, text=text, constrains=constrains)
        if number == self.number:
            # A package that limits itself: only its admitted candidates may carry the text.
            return Incompatibility((number,), (group & known.excluded,), fact)
        return Incompatibility((self.number, number), (group, known.excluded), fact)

    def _related(self, text: str, *, constrains: bool) -> Related:
        """Return what a text excludes; raises ValueError for one that can't be read."""
        spec = parse_match_spec(text)
        domain = self._side.domain(spec.name)
        admitted = domain.bits_of(spec) if spec.channel else domain.bits(text)
        if spec.channel:
            admitted &= channel_bits(domain, spec.channel, spec.subdir)
        # A machine fact that is there can't be absent, so a constraint on it binds like a requirement.
        binding = not constrains or (spec.name.startswith("__") and len(domain) > 0)
        excluded = (domain.all & ~admitted) | (ABSENT if binding else 0)
        return Related(Key(Kind.CONDA, spec.name), ref(domain), excluded)
