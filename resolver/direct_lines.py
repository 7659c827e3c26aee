"""Pip lines that name a place: what stands there, under which name, and the one release that it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from resolver.constraints.pypi_domain import Release
from resolver.constraints.python_view import PythonView
from resolver.errors import InputError
from resolver.metadata.wheel_tags import WheelTags, wheel_tag_text
from resolver.model.names import PypiName
from resolver.model.requirements import DirectReference, PypiRequirement
from resolver.model.target import Target
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
        self._lines, self._options = lines, options
        self._fetcher, self._cache, self._sdists = fetcher, cache, sdists
        self._candidates: dict[PypiName, DirectCandidate] | None = None
        self._behind: list[tuple[DirectReference, DirectCandidate]] = []  # every one that was read

    @property
    def candidates(self) -> Mapping[PypiName, DirectCandidate]:
        """What stands behind direct references, by project; read once.

        Of constraints that name different places the first one's stands: each other one
        rules it out, so the project can't come in, and need not.
        """
        if self._candidates is None:
            asked = [(r, r.direct) for r in self._lines if r.direct is not None]
            self._candidates = self._read_direct(asked) if asked else {}
        return self._candidates

    def _read_direct(
        self, asked: Sequence[tuple[PypiRequirement, DirectReference]]
    ) -> dict[PypiName, DirectCandidate]:
        reader = DirectReader(
            fetcher=self._fetcher,
            cache=self._cache,
            sdists=self._sdists(),
            environ=self._options.environ,
            algorithms=given_algorithms(self._lines),
        )
        found: dict[PypiName, DirectCandidate] = {}
        needed: set[PypiName] = set()  # projects of which a reference is more than a constraint
        for requirement, reference in asked:
            candidate = reader.resolve(reference, self._folder_of(requirement), requirement.origin)
            self._behind.append((reference, candidate))
            known = found.setdefault(candidate.name, candidate)
            if not requirement.is_constraint:
                needed.add(candidate.name)
            if known.reference != candidate.reference and candidate.name in needed:
                raise InputError(
                    f"`{candidate.name}` is to come from two places", requirement.origin,
                    hint="Keep one of the two direct references.",
                )  # fmt: skip
        for candidate in found.values():
            check_given_hashes(candidate, self._lines)
        return found

    def named(self, requirement: PypiRequirement) -> PypiRequirement:
        """Return the requirement with its project's name, if need be from its metadata."""
        if requirement.direct is None:
            return requirement
        candidates = self.candidates
        for reference, candidate in self._behind if candidates else ():
            name = candidate.name
            if reference is requirement.direct or reference == requirement.direct:
                if requirement.name not in (None, name):
                    raise InputError(
                        f"`{requirement.text}` is named `{requirement.name}`, but holds `{name}`",
                        requirement.origin,
                    )
                return replace(requirement, name=name)
        raise AssertionError("every direct reference has been read")

    def releases(self, python: PythonView, target: Target) -> dict[PypiName, Release]:
        """Return the candidates as the one release of each project, as a target's Pythons see them."""
        return {name: _release(python, candidate, target) for name, candidate in self.candidates.items()}

    def _folder_of(self, requirement: PypiRequirement) -> Path:
        return self._options.base_folder / Path(requirement.origin.file).parent


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
