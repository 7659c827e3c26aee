"""How old what a change leads to is, beside what was asked for and beside the newest there is."""

from __future__ import annotations

import re
from collections.abc import Mapping

from resolver.constraints.bits import iter_candidates
from resolver.constraints.conda_package import CondaPackage
from resolver.constraints.registry import Key, Kind
from resolver.constraints.universe import JointUniverse
from resolver.explain.members import Requirement
from resolver.explain.wording import Wording
from resolver.model.match_spec import MatchSpec
from resolver.model.names import conda_name
from resolver.model.requirements import CondaRequirement
from resolver.model.unusable import Unusable

_YEAR = 365 * 86_400  # seconds
#: A build that is so much older than the newest of its name stands for another time.
_ANCIENT = 5 * _YEAR
#: A release that came so much earlier than what was asked for is no change of a version but another time.
_EARLIER = 4 * _YEAR
_NUMBER = re.compile(r"\d+")
_LITERAL = re.compile(r"\d[\w.!+]*")


def is_ancient(universe: JointUniverse, selected: Mapping[int, int], name: str) -> bool:
    """Tell whether a conda package is one that was overtaken years ago."""
    number = universe.registry.find(Key(Kind.CONDA, name))
    if number is None or number not in selected:
        return False
    records = universe.registry.conda(number).domain.records
    newest = max(record.timestamp for record in records)
    return newest - records[selected[number]].timestamp > _ANCIENT * 1000


def is_of_another_time(universe: JointUniverse, selected: Mapping[int, int], line: Requirement) -> bool:
    """Tell whether what a line gives now came years before all that it asked for.

    Where it asked for nothing that there is, the version below it counts. A conda build without a date beside
    dated ones is older than those (channels write dates since 2017); a file of an index may be of any time.
    """
    kind = Kind.CONDA if isinstance(line, CondaRequirement) else Kind.PYPI
    number = universe.registry.find(Key(kind, str(line.name)))
    if number is None or number not in selected:
        return False
    own = _date(universe, number, selected[number])
    asked = [_date(universe, number, place) for place in iter_candidates(_asked(universe, number, line))]
    known = [date for date in asked if date]
    return bool(known and (own or kind is Kind.CONDA)) and min(known) - own > _EARLIER


def _date(universe: JointUniverse, number: int, place: int) -> int:
    """Return when a candidate was published, in seconds; 0 where that isn't known."""
    package = universe.registry.package(number)
    if isinstance(package, CondaPackage):
        return package.domain.records[place].timestamp // 1000
    files = universe.registry.pypi(number).domain.releases[place].files
    return min((file.upload_time for file in files if file.upload_time), default=0)


def _asked(universe: JointUniverse, number: int, line: Requirement) -> int:
    """Return the candidates that a line's version part admits; if none, those of the version below it."""
    package = universe.registry.package(number)
    if isinstance(line, CondaRequirement) and isinstance(package, CondaPackage):
        part = line.match_spec.version or ""
        domain = package.domain
        bits = domain.bits_of(MatchSpec(name=conda_name(package.name), version=part)) if part else domain.all
        return bits or _bits(universe, number, part)
    if isinstance(line, CondaRequirement):
        return 0
    versions = line.specifier_set
    bits = 0 if isinstance(versions, Unusable) else universe.registry.pypi(number).domain.alone(versions)
    return bits or _bits(universe, number, line.specifier)


def _bits(universe: JointUniverse, number: int, part: str) -> int:
    """Return the candidates of the version next below the first one that is named."""
    named = _LITERAL.search(part)
    if named is None:
        return 0
    wording = Wording(universe)
    below = [text for text in wording.versions(number) if _key(text) <= _key(named.group())]
    places = range(universe.size(number))
    return sum(2 << n for n in places if below and wording.version_of(number, n) == below[-1])


def _key(text: str) -> tuple[int, ...]:
    return tuple(int(found) for found in _NUMBER.findall(text)[:6])
