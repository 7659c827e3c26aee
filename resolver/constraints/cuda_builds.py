"""CUDA builds before CPU builds, for a target that has `__cuda`.

CPU builds of a version are often uploaded first, or alone. Where the target has a CUDA driver, a
version without a CUDA build is passed over for the newest that has one.

A *CUDA build* depends on ``__cuda`` or on a CUDA package, or on a package that has builds of both
kinds in such a way that only CUDA builds of it will do. A package with builds of one kind has
no order to choose. A CUDA build that is over a year older than the newest CPU build is not worth
going back for: the project may have given CUDA up, so such a build ranks by its version alone, still
before CPU builds of that version.

A package can only have CUDA builds if a CUDA package is reached from it, from name to name, along dependency
strings that name a build. From most none is, which takes their names alone and puts nothing in order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence, Set
from typing import TYPE_CHECKING, Protocol, TypeAlias

from resolver.constraints.record_source import Source
from resolver.model.dependency_text import dependency_name, names_build
from resolver.model.match_spec import MatchSpec, parse_match_spec
from resolver.model.records import CondaRecord

if TYPE_CHECKING:
    from resolver.constraints.kept_kinds import KeptKinds

#: What a build is told apart by: place of its channel, subdir, file name.
BuildId: TypeAlias = tuple[int, str, str]

#: Given a name: the names that its records depend on, and their dependency strings that name a build; None:
#: that can't be told without all else.
SaidOf: TypeAlias = Callable[[str], "tuple[Collection[str], Collection[str]] | None"]

#: A CUDA build this much older than the newest CPU build is not gone back for; milliseconds.
TOO_OLD = 365 * 24 * 3600 * 1000

#: CUDA packages of conda-forge, nvidia and defaults whose names don't begin with ``cuda-``.
_CUDA_PACKAGES = frozenset(
    {
        "__cuda", "cudatoolkit", "cuda", "pytorch-cuda", "cudnn", "libcudnn", "nccl", "cutensor", "cupti",
        "libcublas", "libcufft", "libcurand", "libcusolver", "libcusparse", "libcusparselt", "libcudss",
        "libnvjitlink", "libnpp", "libnvjpeg", "libcufile", "tensorrt",
    }
)  # fmt: skip


class Builds(Protocol):
    """What is asked of a dependency's candidates: which are CUDA builds, and which a spec admits; bitsets."""

    cuda: int

    def bits(self, text: str) -> int:
        """Return the candidates that a match spec admits."""
        ...


def is_cuda_name(name: str) -> bool:
    """Tell whether a package is CUDA's own, or the driver."""
    return name in _CUDA_PACKAGES or name.startswith("cuda-")


class CudaRanks:
    """Ranks of the builds of one package: those worth going back for, and CUDA builds of a version."""

    def __init__(self, cuda: frozenset[BuildId], recent: frozenset[BuildId]) -> None:
        self.cuda, self._recent = cuda, recent

    def within_versions(self) -> CudaRanks:
        """Return ranks by which no version is passed over for one with a CUDA build."""
        return CudaRanks(self.cuda, frozenset())

    def before_version(self, build: BuildId) -> int:
        """Return 0 for a build that outranks newer versions, 1 for another."""
        return int(build not in self._recent)

    def within_version(self, build: BuildId) -> int:
        """Return 0 for a CUDA build, 1 for a CPU build."""
        return int(build not in self.cuda)


class CudaBuilds:
    """Tells the kinds of builds apart, package by package; ``domain_of`` gives a dependency's candidates.

    Most packages have no CUDA build, so each distinct dependency string is looked at, not each record's.
    """

    def __init__(
        self, domain_of: Callable[[str], Builds], said_of: SaidOf, kept: KeptKinds | None = None
    ) -> None:
        """``said_of``: what is needed to learn whether a package may have CUDA builds.

        ``kept``: what earlier searches found, and where what is found out goes.
        """
        self._domain_of, self._said_of, self._kept = domain_of, said_of, kept
        self._far: set[str] = set()  # from which no CUDA package is reached
        self._near: set[str] = set()  # from which one is
        self._open: dict[str, None] = {}  # packages that are being looked at: two may need each other
        self._doubtful: set[str] = set()  # packages of which the order of questions may have decided
        self._known: dict[str, bool] = {}  # by dependency string
        self._names: dict[str, bool] = {}  # by name

    def kinds(self, name: str, texts: Sequence[str]) -> Set[str]:
        """Return those of a package's :func:`telling_texts` that only CUDA builds have."""
        if not texts:
            return frozenset()
        known = self._known
        self._open[name] = None
        try:
            return {text for text in texts if (known[text] if text in known else self._says_cuda(text))}
        finally:
            del self._open[name]

    def is_far(self, name: str) -> bool:
        """Tell whether no CUDA package is reached from a package: it surely has CPU builds alone.

        What its builds are told by is noted for the next search then, and so of all that was looked at.
        """
        if name in self._far or name in self._near:
            return name in self._far
        above: dict[str, str | None] = {name: None}  # by whom each came up
        seen: dict[str, Collection[str]] = {}
        waiting = [name]
        while waiting:
            at = waiting.pop()
            said = self._said_of(at)
            names, with_build = said if said is not None else ((), ())
            others = {dependency_name(text) for text in with_build} - {at}
            if said is None or any(map(is_cuda_name, names)) or not self._near.isdisjoint(others):
                way: str | None = at
                while way is not None:
                    self._near.add(way)
                    way = above[way]
                return False
            seen[at] = others
            for other in others:
                if other not in above and other not in self._far and not self.is_of_one_kind(other):
                    above[other] = at
                    waiting.append(other)
        self._far.update(seen)
        if self._kept is not None:
            for one, names_of in seen.items():
                self._kept.note(one, is_one=True, names=names_of)
        return True

    def is_of_one_kind(self, name: str) -> bool:
        """Tell whether an earlier search found a package to have builds of one kind alone."""
        return self._kept is not None and self._kept.is_one(name)

    def note(self, name: str, texts: Sequence[str], *, is_one: bool) -> None:
        """Note for the next search whether a package has builds of one kind, by its :func:`telling_texts`."""
        if self._kept is None:
            return
        found = {dependency_name(text) for text in texts if names_build(text)}
        names = {other for other in found if other != name and not is_cuda_name(other)}
        if not self._doubtful.isdisjoint(names):
            self._doubtful.add(name)
        self._kept.note(name, is_one=is_one and name not in self._doubtful, names=names)

    def _says_cuda(self, text: str) -> bool:
        """Tell whether a dependency string is on a CUDA package, or admits CUDA builds alone."""
        start, _, rest = text.partition(" ")
        found = self._names.get(start)
        if found is None:
            name = dependency_name(text)
            found = is_cuda_name(name)
            if name == start:
                self._names[start] = found
        if not found and " " in rest:
            admits = self._admits_cuda_alone(text)
            if admits is None:
                return False
            found = admits
        self._known[text] = found
        return found

    def _admits_cuda_alone(self, text: str) -> bool | None:
        """Look at the builds that a dependency string with a build admits; None: can't be told now."""
        try:
            spec = parse_match_spec(text)
        except ValueError:
            return False
        if spec.name in self._open:
            if spec.name != next(reversed(self._open)):  # a package that needs itself is always open then
                self._doubtful.update(self._open)
            return None
        if self.is_of_one_kind(spec.name) or self.is_far(spec.name):
            return False
        return spec.build is not None and self._are_cuda(spec, text)

    def _are_cuda(self, spec: MatchSpec, text: str) -> bool:
        """Tell whether a package has builds of both kinds, and the spec admits some, CUDA builds alone."""
        domain = self._domain_of(spec.name)
        if not domain.cuda:
            return False
        admitted = domain.bits(text)
        return bool(admitted) and not admitted & ~domain.cuda


def telling_texts(depends: Iterable[str]) -> tuple[str, ...]:
    """Return the dependency strings that may say what a build is: on CUDA packages, or on a build."""
    texts = dict.fromkeys(depends)
    named = zip(texts, map(dependency_name, texts), strict=True)
    return tuple([text for text, name in named if names_build(text) or is_cuda_name(name)])


def ranks_by(said: Set[str], candidates: Sequence[tuple[CondaRecord, Source]]) -> CudaRanks | None:
    """Return the ranks of a package's builds by the dependency strings that only CUDA builds have.

    None where all builds are of one kind.
    """
    cuda = [pair for pair in candidates if not said.isdisjoint(pair[0].depends)]
    if len(cuda) == len(candidates):
        return None
    ids = frozenset(build_id(record, source) for record, source in cuda)
    newest = max(r.timestamp for r, source in candidates if build_id(r, source) not in ids)
    recent = frozenset(
        build_id(record, source)
        for record, source in cuda
        if not record.timestamp or record.timestamp >= newest - TOO_OLD
    )
    return CudaRanks(ids, recent)


def build_id(record: CondaRecord, source: Source) -> BuildId:
    """Return what tells a build from all others of its package."""
    return (source.rank, source.subdir, record.file_name)
