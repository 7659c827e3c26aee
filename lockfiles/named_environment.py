"""One environment of a pixi manifest by its name, for verbs that solve what a file asks for.

Those of a solve-group are solved together (``pixi`` and ``lock`` alike), so what one of them gets is known
from the lines of all: they are read together, and what the others alone need is left out afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from msgspec.structs import replace

from lockfiles.formats.reading import limit_categories
from lockfiles.session import SessionRequest, read_inputs, read_settings
from resolver.errors import InputError
from resolver.model.origin import Origin
from resolver.model.requirements import OfferedEnvironment, Requirements
from resolver.model.resolution import Resolution

R = TypeVar("R", bound=SessionRequest)


def base_names(environment: str | None) -> tuple[str, ...]:
    """Return what a manifest may call an environment of a lockfile: ``test-py311`` is its ``test``."""
    if environment is None:
        return ()
    base, is_python, _ = environment.rpartition("-py")
    return (environment, base) if is_python else (environment,)


def with_environment(
    request: R, name: str | None, *, must_be_listed: bool = True
) -> tuple[R, OfferedEnvironment | None]:
    """Return the request for an environment and those solved with it, and the environment where it is a part.

    The same request without a name, and where no file lists it and it needn't be (a lockfile's environments
    may be Pythons). Raises InputError for one that isn't listed.
    """
    if name is None:
        return request, None
    every = read_inputs(request, read_settings(request)).environments
    known = {one.name: one for one in every}
    found = next((known[base] for base in base_names(name) if base in known), None)
    if found is None:
        if not must_be_listed:
            return request, None
        raise _unknown(name, known, request.files)
    if request.groups or request.extras or request.all_groups or request.all_extras:
        raise InputError(
            "`--environment` beside groups or extras: a manifest's environment says itself what it has",
            hint="Leave one of them out.",
        )
    together = tuple(
        one.name
        for one in every
        if one == found or (one.solve_group and one.solve_group == found.solve_group)
    )
    asked = replace(request, environments=together)
    if found.platforms and not request.platforms:
        asked = replace(asked, settings={**request.settings, "platforms": found.platforms})
    return asked, found if len(together) > 1 else None


def _unknown(name: str, known: Iterable[str], files: tuple[str, ...]) -> InputError:
    from resolver.inputs.faults import did_you_mean

    origin = Origin(file=", ".join(files))
    names = list(known)
    if not names:
        return InputError("lists no environments", origin, "`[environments]` of a pixi manifest does.")
    listed = ", ".join(f"`{one}`" for one in names)
    return InputError(f"no environment `{name}`", origin, did_you_mean(name, names) or f"There are {listed}.")


def part_of(resolution: Resolution, environment: OfferedEnvironment | None) -> Resolution:
    """Return what an environment has of a resolution that was solved for others, too."""
    return resolution if environment is None else limit_categories(resolution, environment.categories)


def lines_of(requirements: Requirements, environment: OfferedEnvironment | None) -> Requirements:
    """Return the lines of an environment among those of others; what only limits counts in each."""
    if environment is None:
        return requirements
    kept = environment.categories
    return replace(
        requirements,
        conda=tuple(line for line in requirements.conda if line.is_constraint or line.category in kept),
        pypi=tuple(line for line in requirements.pypi if line.is_constraint or line.category in kept),
    )
