"""A conda package in the universe: what its candidates say of others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from weakref import ref

from resolver.constraints.bits import ABSENT, bits_between
from resolver.constraints.build_order import BuildOrder
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.conda_domain import CondaDomain, Relation
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
        self._made: dict[int, Incompatibility] = {}  # by place among the relations
        self._whole: dict[int, Sequence[Incompatibility]] = {}  # all of a candidate's, once all was made
        self._conditional: dict[tuple[str, bool], tuple[Incompatibility, ...]] = {}
        self._builds: BuildOrder | None = None

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
        if self._builds is None:
            self._builds = BuildOrder(self.domain, self._side.domain)
        return self._builds.best(domain)

    def same_level(self, bit: int) -> int:
        """Return the candidates of one candidate's level."""
        return bits_between(*self.domain.level_run(bit.bit_length() - 2))

    def clauses(self, candidate: int) -> Iterable[Incompatibility]:
        """Give one incompatibility for each of the candidate's depends and constrains."""
        whole = self._whole.get(candidate)
        return chain.from_iterable(self._make(candidate, waits=False)) if whole is None else whole

    def parts(self, candidate: int) -> Iterable[Sequence[Incompatibility]]:
        """Give the same: those together that have been made before, each other one by itself.

        Each is made as it is asked for: mostly an early one shows that the candidate can't be. A limit on a
        package that nothing has named so far waits until something does (:attr:`Numbers.late`).
        """
        whole = self._whole.get(candidate)
        return self._make(candidate, waits=True) if whole is None else (whole,)

    def _make(self, candidate: int, *, waits: bool) -> Iterator[Sequence[Incompatibility]]:
        """Make what is asked for of a candidate; once all was, it is kept as a whole."""
        domain, made, side = self.domain, self._made, self._side
        record = domain.records[candidate]
        if side.is_fetching:
            known = domain.places(constrains=False)
            side.prefetch(dependency_name(text) for text in record.depends if text not in known)
        whole: list[Incompatibility] = []
        ready, is_whole = 0, True  # up to where ``whole`` was given
        for constrains, texts in ((False, record.depends), (True, record.constrains)):
            places = domain.places(constrains=constrains)
            for text in texts:
                place = places.get(text, -1)
                clause = made.get(place)
                if clause is None:
                    if constrains and self._is_left_out(text, waits=waits):
                        is_whole = False
                        continue
                    if ready < len(whole):
                        yield whole[ready:]
                    clause = self._clause(domain.note(text, constrains=constrains) if place < 0 else place)
                    yield (clause,)
                    ready = len(whole) + 1
                whole.append(clause)
        if domain.has_more and record.more is not None:
            for constrains, texts in ((False, record.more.depends), (True, record.more.constrains)):
                for text in texts:
                    whole.extend(self._under_conditions(text, constrains=constrains))
        if ready < len(whole):
            yield whole[ready:]
        if is_whole:
            self._whole[candidate] = whole

    def needs(self, candidate: int) -> tuple[int, ...] | None:
        """Return the packages that a candidate's depends are on; None where :meth:`parts` must come first.

        None too where it says something under conditions.
        """
        record, places, made = (
            self.domain.records[candidate],
            self.domain.places(constrains=False),
            self._made,
        )
        if self.domain.has_more and record.more is not None:
            return None
        needed = [made.get(places.get(text, -1)) for text in record.depends]
        return None if None in needed else tuple([c.packages[-1] for c in needed if c is not None])

    def _is_left_out(self, text: str, *, waits: bool) -> bool:
        """Tell whether a limit is on a package that nothing else has named, until something does."""
        name = dependency_name(text)
        if self._side.only_pins:
            return self._side.passes_over(name)
        if not waits or name.startswith("__"):  # facts about the machine are there, whoever names them
            return False
        if not self.domain.has_form(text):
            try:
                parse_match_spec(text)
            except ValueError:  # the candidate can't be used
                return False
        return self._numbers.has_to_wait(text, Key(Kind.CONDA, name), self)

    def limit(self, text: str) -> Incompatibility:
        """Return what a constrains string says."""
        return self._clause(self.domain.note(text, constrains=True))

    def _clause(self, place: int) -> Incompatibility:
        """Return what a depends or constrains string says, by its place among the relations, made once."""
        clause = self._made.get(place)
        if clause is None:
            clause = self._made[place] = self._relation(self.domain.relations[place])
        return clause

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
        asked = [(text, False) for text in self.domain.groups()]
        asked += [(text, True) for text in self.domain.limits()]
        return [
            self._relation(self.domain.relation(text, constrains=constrains))
            for text, constrains in asked
            if dependency_name(text) == name
        ]

    def _relation(self, said: Relation) -> Incompatibility:
        """Return ``{this: group, other: not admitted}``; constrains admits absence too."""
        mine, domain = self.number, said.domain()
        number = None if domain is None else self._numbers.by_domain.get(domain)
        if number is None:
            if domain is None or domain is not self._side.domain(domain.name):
                try:
                    domain = self._read(said)
                except ValueError as error:
                    fault = UnusableFact(package=mine, reason=str(error), cause=Cause.FAULTY)
                    return Incompatibility((mine,), (said.group,), fault)
            number = self._numbers.by_domain[domain] = self._numbers.number(domain.key)
        fact = DependencyFact(package=mine, text=said.text, constrains=said.constrains)
        if number == mine:
            # A package that limits itself: only its admitted candidates may carry the text.
            return Incompatibility((number,), (said.group & said.excluded,), fact)
        return Incompatibility((mine, number), (said.group, said.excluded), fact, (), said.outside)

    def _read(self, said: Relation) -> CondaDomain:
        """Find what a text excludes, and return of which candidates; raises ValueError for no spec."""
        text, form = said.text, said.form
        if form:
            domain = self._side.domain(text.partition(" ")[0])
            admitted = domain.bits_by_form(text, form)
        else:
            spec = parse_match_spec(text)
            domain = self._side.domain(spec.name)
            admitted = domain.bits_of(spec) if spec.channel else domain.bits(text)
            if spec.channel:
                admitted &= channel_bits(domain, spec.channel, spec.subdir)
        # A machine fact that is there can't be absent, so a constraint on it binds like a requirement.
        binding = not said.constrains or (domain.name.startswith("__") and len(domain) > 0)
        said.excluded = (domain.all & ~admitted) | (ABSENT if binding else 0)
        said.outside = (self.domain.all | ABSENT) & ~said.group, (domain.all | ABSENT) & ~said.excluded
        said.domain = ref(domain)
        return domain
