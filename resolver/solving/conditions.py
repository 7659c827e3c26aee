"""What the dependencies that hold under conditions come to in a solution.

A lockfile holds what each package depends on there: of ``b[when="c"]`` that is ``b`` where c is
in it, and nothing elsewhere; of a package with extras also what those bring in that somebody asks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from resolver.constraints.conda_side import channel_bits, is_settled
from resolver.constraints.registry import Key, Kind
from resolver.constraints.universe import JointUniverse
from resolver.model.match_spec import MatchSpec, parse_match_spec
from resolver.model.plain_text import plain_text
from resolver.model.records import CondaRecord
from resolver.model.requirements import CondaRequirement


class Settled:
    """Records of a solution (package -> candidate) with what holds there."""

    def __init__(self, universe: JointUniverse, selected: Mapping[int, int]) -> None:
        self._universe, self._selected = universe, selected
        self._depends: dict[int, dict[str, None]] = {}
        self._asked: dict[str, dict[str, None]] = {}  # by name: the extras that somebody asks for
        self._open = [
            number
            for number in selected
            if universe.registry.keys[number].kind is Kind.CONDA and self._of(number).more is not None
        ]
        if self._open:
            for line in universe.requirements:
                if isinstance(line, CondaRequirement) and not line.is_constraint:
                    self._ask(line.match_spec)
            while self._open:
                self._settle(self._open.pop())

    def record(self, number: int) -> CondaRecord:
        """Return the record of a selected conda package, with all that it depends on in this solution."""
        record = self._of(number)
        if record.more is None:
            return record
        limits = [_text(spec) for spec in self._holding(record.more.constrains)]
        depends = (*map(_without_flags, record.depends), *self._depends.get(number, ()))
        return msgspec.structs.replace(
            record,
            depends=tuple(dict.fromkeys(depends)),
            constrains=tuple(dict.fromkeys((*map(_without_flags, record.constrains), *limits))),
            more=None,
        )

    def _of(self, number: int) -> CondaRecord:
        return self._universe.registry.conda(number).domain.records[self._selected[number]]

    def _settle(self, number: int) -> None:
        """Note what a package depends on, and ask for the extras that this names."""
        record, found = self._of(number), self._depends.setdefault(number, {})
        if record.more is None:
            return
        groups = dict(record.more.extras)
        texts = [*record.more.depends]
        for extra in self._asked.get(record.name, ()):
            texts.extend(groups.get(extra, ()))
        for spec in self._holding(texts):
            found[_text(spec)] = None
            self._ask(spec)

    def _ask(self, spec: MatchSpec) -> None:
        """Note the extras that a match spec names; a package that has them is looked at again."""
        known = self._asked.setdefault(spec.name, {})
        fresh = [extra for extra in spec.extras if extra not in known]
        if fresh:
            known.update(dict.fromkeys(fresh))
            number = self._universe.registry.find(Key(Kind.CONDA, spec.name))
            if number is not None and number in self._selected:
                self._open.append(number)

    def _holding(self, texts: Iterator[str] | list[str] | tuple[str, ...]) -> Iterator[MatchSpec]:
        """Yield the match specs whose conditions are met."""
        for text in texts:
            spec = parse_match_spec(text)
            if not spec.when or any(all(map(self._is_met, each)) for each in spec.when):
                yield spec

    def _is_met(self, spec: MatchSpec) -> bool:
        side, registry = self._universe.conda, self._universe.registry
        domain = side.domain(spec.name)
        admitted = domain.bits_of(spec)
        if spec.channel:
            admitted &= channel_bits(domain, spec.channel, spec.subdir)
        if not admitted or not is_settled(domain):
            return False
        if len(domain) == 1 and side.is_machine(domain.sources[0]):
            return True
        number = registry.find(Key(Kind.CONDA, spec.name))
        return (
            number is not None and number in self._selected and bool(admitted & (2 << self._selected[number]))
        )


def _text(spec: MatchSpec) -> str:
    """Return a dependency that holds as text; no lockfile says which flags the pin that meets it has."""
    return plain_text(msgspec.structs.replace(spec, flags=()))


def _without_flags(text: str) -> str:
    return _text(parse_match_spec(text)) if "flags" in text and "[" in text else text
