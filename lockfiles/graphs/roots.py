"""What a lockfile was asked for: lines of the input given, of the sources that it names, or of a manifest.

A lockfile holds packages and not the lines that asked for them. Files are read, nothing is solved.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

import msgspec
from msgspec.structs import replace

from lockfiles.locked_file import LockfileRequest, OpenedLock
from resolver.errors import InputError
from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements

#: Lockfiles that a tool keeps beside its manifest: name -> the manifests, the first that is there counts.
_MANIFESTS = {
    "pixi.lock": ("pixi.toml", "pyproject.toml"),
    "uv.lock": ("pyproject.toml",),
    "poetry.lock": ("pyproject.toml",),
    "pdm.lock": ("pyproject.toml",),
}


class Roots(msgspec.Struct, frozen=True, kw_only=True):
    """The lines that ask, None where nothing says, and the files that they stand in."""

    requirements: Requirements | None = None
    files: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The files in words."""
        return ", ".join(f"`{name}`" for name in self.files)


def find_roots(opened: OpenedLock, request: LockfileRequest) -> Roots:
    """Return what was asked for; raises InputError for an input of the request that can't be read."""
    if request.inputs:
        found = _parse(request.inputs, request, request.surroundings.read, on_disk=True)
        return Roots(requirements=_held(found, opened, request.environment), files=request.inputs)
    sources = tuple(map(opened.beside, opened.content.metadata.sources)) or _manifest(opened)
    if not sources or any(opened.read(name) is None for name in sources):
        return Roots()
    try:
        found = _parse(sources, request, opened.read, on_disk=not opened.prefix)
    except (InputError, OSError) as error:
        where = Roots(files=sources).where
        return Roots(remarks=(f"what was asked for can't be read from {where}: {error}",))
    return Roots(requirements=_held(found, opened, request.environment), files=sources)


def _manifest(opened: OpenedLock) -> tuple[str, ...]:
    known = _MANIFESTS.get(PurePath(opened.name).name, ())
    return next(((name,) for name in map(opened.beside, known) if opened.read(name) is not None), ())


def _parse(
    files: tuple[str, ...],
    request: LockfileRequest,
    read: Callable[[str], bytes | None],
    *,
    on_disk: bool,
) -> Requirements:
    """Return the lines of files, those of all extras and groups among them.

    Of a pixi manifest those of the environment that the request names, where the manifest lists it.
    """
    from resolver.inputs.groups import GroupChoice
    from resolver.inputs.reading import parse_inputs

    def content(name: str) -> bytes:
        found = read(name)
        if found is None:
            raise FileNotFoundError(name)
        return found

    def parsed(choice: GroupChoice) -> Requirements:
        folders = request.surroundings.folders if on_disk else None
        return parse_inputs(
            files, content, environ=request.surroundings.environ, groups=choice, folders=folders
        )

    every = parsed(GroupChoice(all_extras=True, all_groups=True))
    known = {one.name for one in every.environments}
    wanted = next((name for name in _names(request.environment) if name in known), None)
    return every if wanted is None else parsed(GroupChoice(environments=(wanted,)))


def _names(environment: str | None) -> tuple[str, ...]:
    """Return what a manifest may call an environment; loads what knows that where one is named."""
    if environment is None:
        return ()
    from lockfiles.named_environment import base_names

    return base_names(environment)


def _held(asked: Requirements, opened: OpenedLock, environment: str | None = None) -> Requirements:
    """Return the lines without those of groups that the lockfile has nothing of."""
    held = {"main", *_names(environment)}  # a group may be an environment of its own
    for found in opened.resolutions:
        held.update(*(pin.categories for pin in found.conda), *(pin.categories for pin in found.pypi))

    def is_held(line: CondaRequirement | PypiRequirement) -> bool:
        return line.category in held

    return replace(asked, conda=tuple(filter(is_held, asked.conda)), pypi=tuple(filter(is_held, asked.pypi)))
