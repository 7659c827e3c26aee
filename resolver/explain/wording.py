"""Packages, versions and demands in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cmp_to_key

from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.conda_package import CondaPackage
from resolver.constraints.pypi_package import PypiPackage
from resolver.constraints.registry import Key, Kind
from resolver.constraints.universe import JointUniverse
from resolver.model.match_spec import version

#: Bounds that only mean "before the first pre-release of": ``<2.0a0``, ``<3.0.0.dev0``.
_PRE_BOUND = re.compile(r"(<=?\s*[0-9][0-9.]*?)(?:\.0)*\.?(?:0a0|a0|dev0)(?![0-9A-Za-z])")
_PEP508 = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?)\s*(?P<clauses>\(?[<>=!~][^;]*\)?)")
_BOUNDS = re.compile(r"(?P<name>\S+) (?:>=(?P<low>[\w.]+))?,?(?:<(?P<high>[\w.]+))?")
#: How many runs of versions are spelled out.
MOST_RUNS = 2


def clean_spec(text: str) -> str:
    """Return a version spec without what only machines need: ``<2.0a0`` is ``<2``."""
    return _PRE_BOUND.sub(lambda m: m[1].rstrip("."), text)


def clean_requirement(text: str) -> str:
    """Return a dependency as people write it, of conda or of pip: name, then the bounds, lower ones first."""
    spec = text.split(";", 1)[0].strip()
    found = _PEP508.fullmatch(spec)
    if found is None:
        return clean_spec(spec)
    clauses = [clause.strip() for clause in found["clauses"].strip("() ").split(",") if clause.strip()]
    clauses.sort(key=lambda clause: (clause[0] not in ">~=", clause))
    return clean_spec(f"{found['name']} {','.join(clauses)}".rstrip())


def hull(texts: Sequence[str]) -> str | None:
    """Return the bounds that hold all of several dependencies on one package; None where it isn't so simple.

    ``numpy >=1.23,<2`` for ``numpy >=1.23,<2`` and ``numpy >=1.26,<2``.
    """
    lows: list[str] = []
    highs: list[str] = []
    name = ""
    for text in texts:
        found = _BOUNDS.fullmatch(text)
        if found is None:
            return None
        name = found["name"]
        lows += [found["low"]] if found["low"] else []
        highs += [found["high"]] if found["high"] else []
    low = min(lows, key=version) if len(lows) == len(texts) else ""
    high = max(highs, key=version) if len(highs) == len(texts) else ""
    bounds = ",".join(part for part in (f">={low}" if low else "", f"<{high}" if high else "") if part)
    return f"{name} {bounds}" if bounds else None


def join_words(items: Sequence[str], last: str = "and") -> str:
    """Return ``a, b and c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""


def runs_of(everything: Sequence[str], chosen: Iterable[str]) -> list[tuple[int, int]]:
    """Return the runs (first and last place) of the chosen ones in an ordered sequence."""
    wanted = set(chosen)
    runs: list[tuple[int, int]] = []
    for place, text in enumerate(everything):
        if text not in wanted:
            continue
        if runs and runs[-1][1] == place - 1:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return runs


def say_versions(everything: Sequence[str], chosen: Iterable[str]) -> str:
    """Return versions as ranges in words: ``1.22 to 1.26``; ``everything`` is ascending.

    Empty for all of them; ``none`` for none.
    """
    runs = runs_of(everything, chosen)
    if not runs:
        return "none"
    if runs == [(0, len(everything) - 1)] and len(everything) > 1:
        return ""
    if len(runs) > MOST_RUNS:
        inside = sum(last - first + 1 for first, last in runs)
        return f"{everything[runs[0][0]]} to {everything[runs[-1][1]]} ({inside} versions)"
    said = []
    for first, last in runs:
        if first == last:
            said.append(everything[first])
        elif last == len(everything) - 1:
            said.append(f"{everything[first]} or newer")
        elif first == 0:
            said.append(f"{everything[last]} or older")
        else:
            said.append(f"{everything[first]} to {everything[last]}")
    return join_words(said)


class Wording:
    """Says what packages and bits of one universe mean."""

    def __init__(self, universe: JointUniverse) -> None:
        self.universe = universe
        self._versions: dict[int, list[str]] = {}

    def versions(self, package: int) -> list[str]:
        """Return the distinct versions of a package, oldest first."""
        known = self._versions.get(package)
        if known is None:
            known = self._versions[package] = self._read_versions(package)
        return known

    def _read_versions(self, package: int) -> list[str]:
        made = self.universe.registry.package(package)
        if isinstance(made, CondaPackage):
            return sorted(made.domain.version_bits(), key=lambda text: (version(text), text))
        if isinstance(made, PypiPackage):
            from packaging.version import Version

            texts = {release.version for release in made.domain.releases}
            return sorted(texts, key=lambda text: (Version(text), text))
        return []

    def version_of(self, package: int, candidate: int) -> str:
        """Return one candidate's version."""
        registry = self.universe.registry
        if registry.keys[package].kind is Kind.CONDA:
            return registry.conda(package).domain.records[candidate].version
        return registry.pypi(package).domain.releases[candidate].version

    def chosen(self, package: int, bits: int) -> list[str]:
        """Return the distinct versions of some candidates, oldest first."""
        found = {self.version_of(package, n) for n in places_of(bits)}
        return [text for text in self.versions(package) if text in found]

    def name(self, package: int) -> str:
        """Return a package's name, with its world where both are told of."""
        key = self.universe.registry.keys[package]
        if key.kind in (Kind.PYPI, Kind.EXTRA) and self._has_conda_twin(key.name):
            return f"pip's {key}"
        return str(key)

    def _has_conda_twin(self, name: str) -> bool:
        """Tell whether a conda package of (nearly) the same name takes part too."""
        registry = self.universe.registry
        return any(
            (number := registry.find(Key(Kind.CONDA, twin))) is not None and self.universe.size(number)
            for twin in (name, name.replace("-", "_"))
        )

    def is_python(self, package: int) -> bool:
        """Tell whether it is the interpreter or the marker package of its ABI."""
        key = self.universe.registry.keys[package]
        return key.kind is Kind.CONDA and key.name in ("python", "python_abi")

    def is_virtual(self, package: int) -> bool:
        """Tell whether it is a fact about the machine."""
        key = self.universe.registry.keys[package]
        return key.kind is Kind.CONDA and key.name.startswith("__")

    def package(self, package: int, bits: int) -> str:
        """Return name and versions: ``numpy 1.22 to 1.26``; the name alone for all of them."""
        if self.is_python(package):
            return self.pythons(package, bits)
        said = say_versions(self.versions(package), self.chosen(package, bits & ~ABSENT))
        return f"{self.name(package)} {said}".rstrip()

    def clause(self, clause: Incompatibility) -> str:
        """Return an incompatibility in words: memberships that can't all hold."""
        pairs = zip(clause.packages, clause.sets, strict=True)
        terms = [self._term(package, bits) for package, bits in pairs]
        return f"not together: {', '.join(terms)}" if terms else "nothing is left: there is no solution"

    def _term(self, package: int, bits: int) -> str:
        """Return a membership in words; one that holds *absent* by what it leaves out."""
        if self.universe.registry.keys[package].kind is Kind.GUARD:
            return "a line of the input"
        if not bits & ABSENT:
            return self.package(package, bits)
        rest = ((2 << self.universe.size(package)) - 1) & ~bits
        return f"no {self.package(package, rest)}"

    def pythons(self, package: int, bits: int) -> str:
        """Return Python versions by their minors: ``Python 3.8 to 3.12``."""

        def minors(of: int) -> list[str]:
            texts = dict.fromkeys(".".join(t.split(".")[:2]) for t in self.chosen(package, of))
            return sorted(texts, key=cmp_to_key(_compare_minors))

        everything = minors(((1 << (self.universe.size(package) + 1)) - 1) & ~ABSENT)
        wanted = minors(bits & ~ABSENT)
        if not wanted:
            return "no Python that there is"
        if len(runs_of(everything, wanted)) <= MOST_RUNS:
            said = [
                everything[first] if first == last else f"{everything[first]} to {everything[last]}"
                for first, last in runs_of(everything, wanted)
            ]
        else:
            said = wanted
        return f"Python {join_words(said)}"

    def source(self, package: int, bits: int) -> str:
        """Return where candidates come from: channel names, or ``pip``; empty for facts of the machine."""
        made = self.universe.registry.package(package)
        if isinstance(made, CondaPackage):
            found = dict.fromkeys(made.domain.sources[n].channel.name for n in places_of(bits))
            return ", ".join(name for name in found if name != "@")
        if isinstance(made, PypiPackage):
            provided = {made.domain.releases[n].is_provided for n in places_of(bits)}
            return "from conda" if provided == {True} else "pip"
        return ""


def _compare_minors(one: str, other: str) -> int:
    def numbers(text: str) -> tuple[int, ...]:
        return tuple(int(part) if part.isdigit() else 0 for part in text.split("."))

    return (numbers(one) > numbers(other)) - (numbers(one) < numbers(other))


def places_of(bits: int) -> list[int]:
    """Return the candidates in a bitset."""
    found = []
    bits >>= 1
    while bits:
        low = bits & -bits
        found.append(low.bit_length() - 1)
        bits ^= low
    return found
