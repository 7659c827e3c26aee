"""Dependencies that hold under conditions (CEP 43), and those of extras (CEP 44), as incompatibilities.

::

    a:  b[version=">=2", when="c or d>=1"]     {a: carriers, c: any,  b: not >=2}
                                               {a: carriers, d: >=1,  b: not >=2}
    a:  e[extras=[x]],  e's x:  f              {a: carriers, e: what has f in x, f: absent}

A condition has no ``not``, so one incompatibility says each way in which it can hold: nothing new for
the search. What only a condition names is there if something else needs it.

1. A dependency's alternatives: what must be there for it to hold. Facts of the machine are settled here.
2. For each: the package and the alternative's packages can't all be there without what is asked for.
3. For each extra it names, the same of what the extra depends on, on top of all that led there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.conda_domain import CondaDomain
from resolver.constraints.conda_side import CondaSide, channel_bits, is_settled
from resolver.constraints.facts import DependencyFact, UnusableFact
from resolver.constraints.registry import Key, Kind, Numbers
from resolver.model.match_spec import MatchSpec, parse_match_spec
from resolver.model.unusable import Cause

#: Package -> candidates, none of them *absent*: what is there when a dependency is looked at.
_There = Mapping[int, int]
_MOST = 20_000  #: incompatibilities of one dependency, with all that its extras bring in
_DEEPEST = 40  #: extras that name each other, one in another


class _TooMuchError(Exception):
    """What a dependency comes to is no package's."""


class Conditional:
    """Reads what holds under conditions; nothing is kept.

    What comes to more than anyone publishes can't be met: conditions within extras within extras
    multiply, and a channel is made by strangers.
    """

    def __init__(self, side: CondaSide, numbers: Numbers) -> None:
        self._side, self._numbers, self._made = side, numbers, 0

    def relations(
        self, owner: int, text: str, group: int, *, constrains: bool = False
    ) -> list[Incompatibility]:
        """Return what a dependency of ``CondaRecord.more`` says of the candidates that carry it.

        Of one without condition that is what its extras bring in: the rest stands among what holds always.
        """
        spec = parse_match_spec(text)  # it was read before: others are no part of ``more``
        found: Iterator[Incompatibility] = iter(())
        if spec.when:
            found = self._relations(owner, text, {owner: group}, constrains, frozenset())
        elif not constrains:
            found = self._extras(spec, self._meant(spec)[2], {owner: group}, frozenset())
        return self._within_bounds(found, owner, group, text)

    def extras(self, spec: MatchSpec, admitted: int) -> list[Incompatibility]:
        """Return what the extras that a match spec names bring in with the candidates it admits."""
        number, domain, _ = self._meant(spec)
        found = self._extras(spec, admitted, {}, frozenset())
        return self._within_bounds(found, number, domain.all, str(spec.name))

    def _within_bounds(
        self, found: Iterator[Incompatibility], owner: int, group: int, text: str
    ) -> list[Incompatibility]:
        made: list[Incompatibility] = []
        try:
            for clause in found:
                made.append(clause)
                if len(made) > _MOST:
                    raise _TooMuchError
        except _TooMuchError:
            reason = f"`{text[:80]}` comes to more dependencies than any package has"
            fact = UnusableFact(package=owner, reason=reason, cause=Cause.FAULTY)
            return [Incompatibility((owner,), (group,), fact)]
        return made

    def _relations(
        self, owner: int, text: str, there: _There, constrains: bool, path: frozenset[tuple[str, str]]
    ) -> Iterator[Incompatibility]:
        try:
            spec = parse_match_spec(text)
        except ValueError as error:
            fact = UnusableFact(package=owner, reason=str(error), cause=Cause.FAULTY)
            yield Incompatibility(tuple(there), tuple(there.values()), fact)
            return
        number, domain, admitted = self._meant(spec)
        binding = not constrains or (spec.name.startswith("__") and len(domain) > 0)
        excluded = (domain.all & ~admitted) | (0 if not binding else ABSENT)
        for held in self._alternatives(spec, there):
            if not constrains or excluded:
                terms = dict(held)  # what is asked for stands last, as readers of facts expect
                terms[number] = terms.pop(number) & excluded if number in terms else excluded
                if terms[number]:
                    says = DependencyFact(package=owner, text=text, constrains=constrains)
                    yield Incompatibility(tuple(terms), tuple(terms.values()), says)
            if not constrains and spec.extras:
                yield from self._extras(spec, admitted, held, path)

    def _extras(
        self, spec: MatchSpec, admitted: int, there: _There, path: frozenset[tuple[str, str]]
    ) -> Iterator[Incompatibility]:
        number, domain, _ = self._meant(spec)
        self._made += 1
        if len(path) > _DEEPEST or self._made > _MOST:
            raise _TooMuchError
        for extra in spec.extras:
            if (spec.name, extra) in path:
                continue  # on the way here all of it was said, of more
            further = path | {(spec.name, extra)}
            for text, bits in domain.carried(extra).items():
                group = bits & admitted & there.get(number, domain.all)
                if group:
                    yield from self._relations(number, text, {**there, number: group}, False, further)

    def _alternatives(self, spec: MatchSpec, there: _There) -> Iterator[_There]:
        """Yield what is there when the condition holds, for each way in which it can."""
        if not spec.when:
            yield there
        for conditions in spec.when:
            held = self._met(conditions, there)
            if held is not None:
                yield held

    def _met(self, conditions: Sequence[MatchSpec], there: _There) -> _There | None:
        """Return what is there when all of these are met; None where they can't be."""
        held = dict(there)
        for condition in conditions:
            number, domain, met = self._meant(condition)
            if not is_settled(domain):
                return None  # nobody knows: then nothing is asked
            if met and self._is_machine(domain):
                continue
            met &= held.get(number, domain.all)
            if not met:
                return None
            held[number] = met
        return held

    def _is_machine(self, domain: CondaDomain) -> bool:
        return len(domain) == 1 and self._side.is_machine(domain.sources[0])

    def _meant(self, spec: MatchSpec) -> tuple[int, CondaDomain, int]:
        """Return the package that a match spec names, its candidates, and those that it admits."""
        domain = self._side.domain(spec.name)
        admitted = domain.bits_of(spec)
        if spec.channel:
            admitted &= channel_bits(domain, spec.channel, spec.subdir)
        return self._numbers.number(Key(Kind.CONDA, spec.name)), domain, admitted
