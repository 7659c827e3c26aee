"""What a build of a definition installs: from lockfiles, or solved as it would be today."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lockfiles.session import DEFAULT_PLATFORM, SessionRequest, open_session
from lockfiles.solving import solve
from resolver.errors import InputError

if TYPE_CHECKING:
    from lockfiles.identity.definition import EnvironmentDefinition
    from lockfiles.listener import Listener
    from resolver.model.resolution import Resolution


def image_platform(request: SessionRequest) -> str:
    """Return the one platform that an image is for: the first asked for, else ``linux-64``."""
    return next(iter(request.platforms), DEFAULT_PLATFORM)


def find_resolutions(
    definitions: Sequence[EnvironmentDefinition],
    request: SessionRequest,
    listener: Listener,
    *,
    lock: str | None,
    resolve: bool,
) -> dict[str, Resolution]:
    """Return label -> resolution: of lockfiles, of what was locked before, of definitions solved now.

    ``lock`` names the lockfile of the one definition; with ``resolve`` and no ``lock``,
    definitions that can be are solved.
    """
    from lockfiles.identity.read.lockfile import read_resolution

    def read(path: Path, shown: str) -> Resolution:
        resolution, _ = read_resolution(
            path, shown, image_platform(request), python=request.python, groups=request.asked_groups
        )
        return resolution

    found: dict[str, Resolution] = {}
    if resolve and not lock:
        found |= resolve_definitions(definitions, request, listener)
    for definition in definitions:
        if definition.lockfile is not None:
            found[definition.label] = read(definition.lockfile, definition.label)
    if lock:
        if len(definitions) != 1:
            raise InputError("`--lock` belongs to one definition", hint="Give one definition at a time.")
        found[definitions[0].label] = read(Path(lock), lock)
    return found


def resolve_definitions(
    definitions: Sequence[EnvironmentDefinition], request: SessionRequest, listener: Listener
) -> dict[str, Resolution]:
    """Return label -> resolution of every definition whose packages its file lists.

    A build context, a remote or registered environment, and an environment inside
    a job have none; the listener is warned of them. Raises what solving raises.
    """
    found: dict[str, Resolution] = {}
    for definition in definitions:
        if _can_resolve(definition):
            found[definition.label] = _resolve(definition, request, listener)
        elif definition.lockfile is None:
            listener.warn(f"`{definition.label}` can't be resolved: its file lists no packages of its own")
    return found


def _can_resolve(definition: EnvironmentDefinition) -> bool:
    from lockfiles.identity.definition import DefinitionKind

    kinds = {
        DefinitionKind.CONDA_FILE,
        DefinitionKind.AZUREML_V2,
        DefinitionKind.AZUREML_V1,
        DefinitionKind.REQUIREMENTS,
    }
    return definition.kind in kinds and bool(definition.conda) and definition.build is None


def _resolve(definition: EnvironmentDefinition, request: SessionRequest, listener: Listener) -> Resolution:
    session = open_session(
        SessionRequest(
            files=(definition.source.file,),
            settings={**request.settings, "platforms": (image_platform(request),)},
            surroundings=request.surroundings,
        )
    )
    return solve(session, listener)[0]
