"""A resolution of several environments taken apart, and put together again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from lockfiles.formats.reading import MAIN, limit_categories
from lockfiles.session import Session
from lockfiles.several.planning import EnvironmentPart
from resolver.model.requirements import Requirements
from resolver.model.resolution import Resolution

_MAIN = frozenset({MAIN})


def split(resolutions: Sequence[Resolution], part: EnvironmentPart) -> tuple[Resolution, ...]:
    """Return what one environment has of resolutions: all of it is always installed there."""
    return tuple(
        _limited(one, part)
        for one in resolutions
        if not part.platforms or one.target.subdir in part.platforms
    )


def _limited(resolution: Resolution, part: EnvironmentPart) -> Resolution:
    found = resolution if part.categories is None else limit_categories(resolution, part.categories)
    conda = tuple(replace(pin, categories=_MAIN) for pin in found.conda)
    pypi = tuple(replace(pin, categories=_MAIN) for pin in found.pypi)
    names, projects = {pin.name for pin in conda}, {pin.name for pin in pypi}
    has_python = resolution.target.python is not None or any(pin.name == "python" for pin in conda)
    return replace(
        found,
        python=found.python if has_python else None,
        conda=conda,
        pypi=pypi,
        provided={project: pair for project, pair in found.provided.items() if pair[0] in names},
        shared={project: one for project, one in found.shared.items() if project in projects},
    )


def limit_requirements(requirements: Requirements, part: EnvironmentPart) -> Requirements:
    """Return the lines of one environment; what only limits counts in each."""
    kept = part.categories
    if kept is None:
        return requirements
    return replace(
        requirements,
        conda=tuple(line for line in requirements.conda if line.is_constraint or line.category in kept),
        pypi=tuple(line for line in requirements.pypi if line.is_constraint or line.category in kept),
    )


def session_of(session: Session, part: EnvironmentPart) -> Session:
    """Return a problem's session on the platforms of one environment."""
    if not part.platforms:
        return session
    return replace(
        session,
        targets=tuple(target for target in session.targets if target.subdir in part.platforms),
        requirements=replace(session.requirements, platforms=part.platforms),
    )


def join(environments: Iterable[Sequence[Resolution]]) -> tuple[Resolution, ...]:
    """Return what environments hold together, a resolution a platform; of two pins the first one counts."""
    found: dict[str, Resolution] = {}
    for resolutions in environments:
        for one in resolutions:
            before = found.get(one.target.subdir)
            found[one.target.subdir] = one if before is None else _joined(before, one)
    return tuple(one for _, one in sorted(found.items()))


def _joined(first: Resolution, second: Resolution) -> Resolution:
    conda = {pin.name: pin for pin in (*second.conda, *first.conda)}
    pypi = {pin.name: pin for pin in (*second.pypi, *first.pypi)}
    return replace(
        first,
        python=first.python or second.python,
        conda=tuple(pin for _, pin in sorted(conda.items())),
        pypi=tuple(pin for _, pin in sorted(pypi.items())),
        provided={**second.provided, **first.provided},
        shared={**second.shared, **first.shared},
    )
