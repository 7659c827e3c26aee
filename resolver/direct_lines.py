"""Pip lines that name a place: what stands there, under which name, and the one release that it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from msgspec.structs import replace

from resolver.constraints.conda_side import CondaSide, likely_pythons
from resolver.constraints.pypi_domain import Release
from resolver.constraints.python_view import PythonView
from resolver.errors import InputError, SourceError
from resolver.inputs.faults import Faults
from resolver.metadata.wheel_tags import WheelTags, wheel_tag_text
from resolver.model.names import PypiName
from resolver.model.requirements import CondaRequirement, DirectReference, PypiRequirement
from resolver.model.target import Target
from resolver.model.unusable import Unusable
from resolver.options import ResolveOptions
from resolver.sources.cache.folder import Cache
from resolver.sources.http.fetching import Fetcher
from resolver.sources.pypi.direct import DirectCandidate, DirectReader
from resolver.sources.pypi.given_hashes import check_given_hashes, given_algorithms
from resolver.sources.pypi.sdist_metadata import SdistReader


class DirectLines:
    """Reads direct references, each once; ``sdists`` gives what reads source trees."""

    def __init__(
        self,
        lines: Sequence[PypiRequirement],
        options: ResolveOptions,
        fetcher: Fetcher,
        cache: Cache,
        sdists: Callable[[], SdistReader],
    ) -> None:
        """``lines`` are all of the files', for the hashes that they give."""
        self._lines, self._options = lines, options
        self._fetcher, self._cache, self._sdists = fetcher, cache, sdists
        #: by the reference's identity, with it: a line may come with another text, its reference is the same
        self._read: dict[int, tuple[DirectReference, DirectCandidate | SourceError]] = {}

    @cached_property
    def _reader(self) -> DirectReader:
        return DirectReader(
            fetcher=self._fetcher,
            cache=self._cache,
            sdists=self._sdists(),
            environ=self._options.environ,
            algorithms=given_algorithms(self._lines),
        )

    def _candidate_of(self, name: PypiName, lines: Sequence[PypiRequirement]) -> DirectCandidate:
        """Return what stands behind the direct references of one project's lines.

        Of constraints that name different places the first one's stands: each other one
        rules it out, so the project can't come in, and need not.
        """
        found: list[DirectCandidate] = []
        for line in lines:
            if line.direct is None:
                continue
            candidate = self._candidate(line, line.direct)
            if candidate.name != name:
                raise InputError(
                    f"`{line.text}` is named `{line.name}`, but holds `{candidate.name}`", line.origin
                )
            found.append(candidate)
            is_needed = not all(before.is_constraint for before in lines[: len(found)])
            if candidate.reference != found[0].reference and is_needed:
                raise InputError(
                    f"`{name}` is to come from two places", line.origin,
                    hint="Keep one of the two direct references.",
                )  # fmt: skip
        check_given_hashes(found[0], self._lines)
        return found[0]

    def _candidate(self, line: PypiRequirement, reference: DirectReference) -> DirectCandidate:
        """Return what stands behind a line's reference; a source that failed isn't asked again."""
        if id(reference) not in self._read:
            found: DirectCandidate | SourceError
            try:
                found = self._reader.resolve(reference, self._folder_of(line), line.origin, line.name)
            except SourceError as error:
                found = error
            self._read[id(reference)] = reference, found
        _, known = self._read[id(reference)]
        if isinstance(known, SourceError):
            raise known
        return known

    def look_for(self, lines: Sequence[PypiRequirement]) -> None:
        """Look for the places on this machine that lines need; raises InputError for all where nothing is."""
        faults = Faults()
        for line in lines:
            reference = line.direct
            if reference is None or line.is_constraint:
                continue
            if self._reader.is_absent(reference, self._folder_of(line)):
                faults.add(f"there is no `{reference.path or reference.url}`", line.origin)
        if len(faults) == 1:
            raise faults.in_order()[0]
        faults.raise_if_any()

    def named(self, requirement: PypiRequirement) -> PypiRequirement:
        """Return the requirement with its project's name, from the metadata where it doesn't say it."""
        if requirement.direct is None or requirement.name is not None:
            return requirement
        return replace(requirement, name=self._candidate(requirement, requirement.direct).name)

    def releases(
        self, lines: Sequence[PypiRequirement], python: PythonView, target: Target, *, lenient: bool = False
    ) -> Mapping[PypiName, Release]:
        """Return the one release of each project that lines name a place for, as a target's Pythons see it.

        Lines have their names. What only constraints name is read when it is first looked up; so is all
        where ``lenient``, and what can't be read is a fault of that project alone.
        """
        by_name: dict[PypiName, list[PypiRequirement]] = {}
        for line in lines:
            if line.direct is not None and line.name is not None:
                by_name.setdefault(line.name, []).append(line)

        def read(name: PypiName) -> Release:
            return _release(python, self._candidate_of(name, by_name[name]), target)

        found = _Releases(by_name, read)
        for name, own in by_name.items():
            if not lenient and not all(line.is_constraint for line in own):
                found[name]
        return found

    def _folder_of(self, requirement: PypiRequirement) -> Path:
        return self._options.base_folder / Path(requirement.origin.file).parent


class _Releases(Mapping[PypiName, Release]):
    """Releases by project, each read when it is first looked up."""

    def __init__(self, names: Iterable[PypiName], read: Callable[[PypiName], Release]) -> None:
        self._names, self._read = tuple(names), read
        self._known: dict[PypiName, Release] = {}

    def __getitem__(self, name: PypiName) -> Release:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[PypiName]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def without_excluded(
    lines: Sequence[PypiRequirement], side: CondaSide, conda: Sequence[CondaRequirement]
) -> list[PypiRequirement]:
    """Return lines without those direct ones that hold under none of the Pythons which conda's lines leave.

    They ask for nothing, so what they name isn't read.
    """
    if not any(line.direct is not None and line.marker is not None for line in lines):
        return list(lines)
    python = PythonView(side.domain("python"), 0, side.target.marker_environment())
    likely = likely_pythons(side, conda)

    def holds(line: PypiRequirement) -> bool:
        condition = line.condition
        return isinstance(condition, Unusable) or bool(python.where(condition) & likely)

    return [line for line in lines if line.direct is None or holds(line)]


def _release(python: PythonView, candidate: DirectCandidate, target: Target) -> Release:
    """Return a direct candidate as the one release of its project."""
    fitting = python.required(candidate.metadata.requires_python)
    if candidate.file is not None and candidate.file.is_wheel:
        tags = WheelTags(target)
        fitting &= python.with_minors(tags.supported_minors(wheel_tag_text(candidate.file.file_name)))
    return Release(
        version=candidate.version,
        files=() if candidate.file is None else (candidate.file,),
        pythons=fitting,
        direct=candidate.reference,
        metadata=candidate.metadata,
        commit=candidate.commit,
    )
