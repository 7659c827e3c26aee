"""Of builds that differ in nothing but a name's pattern, the one whose dependencies are newest.

::

    pytorch 2.5.1, build number 8   cuda126_py312   python >=3.12,<3.13   cudnn >=9
                                    cuda118_py312   python >=3.12,<3.13   cudnn >=8
                                    cuda126_py39    python >=3.9,<3.10    cudnn >=9
    telling names: python, cudnn    levels (0, 0) < (0, 1) < (3, 0)

1. Take the builds of equal level and build number as the group about to be decided.
2. A name tells if all of them depend on it, and not all in the same words.
3. A build's key: is it for a free-threaded or other interpreter; then for each telling name,
   python first and the others by name, the level of the best candidate that the build admits.
4. The smallest key comes first; ties keep the candidates' own order (later timestamp, file name).

Levels are compared as places of the first candidate of each, since they stand together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias
from weakref import ref

from resolver.constraints.bits import ABSENT, bits_between, iter_candidates
from resolver.constraints.conda_domain import CondaDomain, RankedBuilds
from resolver.model.dependency_text import dependency_name

#: Ranks behind every level: no candidate is admitted.
_NONE = 1 << 30

#: What a build says, by the name that each of its dependency strings is about.
Texts: TypeAlias = Mapping[str, Sequence[str]]


class BuildOrder:
    """The order of the builds of one package; a group is ranked when it is first decided."""

    def __init__(self, domain: CondaDomain, domain_of: Callable[[str], CondaDomain]) -> None:
        self._domain, self._domain_of = domain, domain_of
        self._best: dict[int, int] = {}  # by what is left
        self._ranked: dict[int, Sequence[int]] = {}  # by group: its bits, best first
        self._levels: dict[tuple[str, ...], int] = {}

    def best(self, left: int) -> int:
        """Return the best bit of those left; candidates of better levels come first anyway."""
        low = left & -left
        if low in (left, ABSENT):
            return low
        known = self._best.get(left)
        if known is None:
            known = self._best[left] = self._find_best(left, low)
        return known

    def _find_best(self, left: int, low: int) -> int:
        group = bits_between(*self._domain.number_run(low.bit_length() - 2))
        if left & group == low:
            return low
        ranked = self._ranked.get(group)
        if ranked is None:
            ranked = self._ranked[group] = self._kept(group)
        return next(bit for bit in ranked if bit & left)

    def _kept(self, group: int) -> Sequence[int]:
        """Return a group's bits, best first, as ranked by an earlier universe with the same candidates."""
        kept = self._domain.ranked.get(group)
        if kept is None or not all(other() is self._domain_of(name) for name, other in kept.beside):
            kept = self._domain.ranked[group] = self._rank(group)
        return kept.bits

    def _rank(self, group: int) -> RankedBuilds:
        texts = {candidate: self._texts(candidate) for candidate in iter_candidates(group)}
        first, *others = texts.values()
        shared = set(first).intersection(*others)
        telling = sorted(
            (name for name in shared if any(other[name] != first[name] for other in others)),
            key=lambda name: (name != "python", name),
        )

        def key(candidate: int) -> tuple[int, ...]:
            mine = texts[candidate]
            return (int(_is_special(mine)), *(self._best_level(tuple(mine[name])) for name in telling))

        bits = tuple([2 << candidate for candidate in sorted(texts, key=key)])
        return RankedBuilds(bits, tuple([(name, ref(self._domain_of(name))) for name in telling]))

    def _texts(self, candidate: int) -> Texts:
        found: dict[str, list[str]] = {}
        for text in self._domain.records[candidate].depends:
            found.setdefault(dependency_name(text), []).append(text)
        return found

    def _best_level(self, texts: tuple[str, ...]) -> int:
        """Return where the best level stands that all texts on one name admit; a high place for none."""
        known = self._levels.get(texts)
        if known is None:
            domain = self._domain_of(dependency_name(texts[0]))
            admitted = domain.all
            for text in texts:
                admitted &= domain.admitted(text)
            known = _NONE
            if admitted:
                known = domain.level_run((admitted & -admitted).bit_length() - 2)[0]
            self._levels[texts] = known
        return known


def _is_special(texts: Texts) -> bool:
    """Tell whether a build is for a free-threaded Python or another interpreter."""
    return any(
        text.endswith("t") or "pypy" in text or "graalpy" in text for text in texts.get("python_abi", ())
    )
