"""What is installed beside the lockfile that it was made from."""

from __future__ import annotations

from collections.abc import Iterator

from resolver.checks.context import CheckContext
from resolver.checks.deviations import SEEDS, Deviation, DeviationKind
from resolver.checks.registry import Found, rule
from resolver.model.findings import Severity


def _of(context: CheckContext, kind: DeviationKind, manager: str | None = None) -> tuple[Deviation, ...]:
    return context.deviations.of(kind, manager) if context.deviations is not None else ()


def _count(found: tuple[Deviation, ...], what: str) -> str:
    """Return how many, with the manager where all are one's: `2 of pip's packages`."""
    managers = {one.manager for one in found}
    whose = f"{managers.pop()}'s " if len(managers) == 1 else ""
    return f"{len(found)} of {whose}packages {what}" if len(found) > 1 else f"{found[0].name} {what}"


@rule("locked/platform", Severity.ERROR, "the lockfile isn't for the environment's platform")
def platform(context: CheckContext) -> Iterator[Found]:
    """Compare the environment's platform with those of the lockfile.

    The platform is that of its conda packages, else of its interpreter, else of its wheels.
    """
    deviations = context.deviations
    if deviations is not None and deviations.platforms:
        yield Found(
            message=f"the environment is for {deviations.platform}, {deviations.file} for "
            f"{', '.join(deviations.platforms)}",
            evidence=(f"platforms of {deviations.file}: {', '.join(deviations.platforms)}",),
            fix=f"lock with `-p {deviations.platform}`",
        )


@rule("locked/python", Severity.ERROR, "the environment has another Python than the lockfile")
def python(context: CheckContext) -> Iterator[Found]:
    """Compare the environment's Python with the one that was locked for.

    Wheels and markers were chosen for that one. Where the last number alone differs it is a note.
    """
    deviations = context.deviations
    if deviations is None or deviations.python is None:
        return
    if any(one.name == "python" for one in deviations.of(DeviationKind.OTHER_VERSION, "conda")):
        return
    locked, installed = deviations.python
    same_minor = locked.split(".")[:2] == installed.split(".")[:2]
    yield Found(
        message=f"locked for Python {locked}, the environment has {installed}",
        evidence=(f"Python {locked} in {deviations.file}", f"Python {installed} is installed"),
        severity=Severity.NOTE if same_minor else None,
    )


@rule("locked/missing", Severity.ERROR, "locked packages aren't installed")
def missing(context: CheckContext) -> Iterator[Found]:
    """Find packages of the lockfile that the environment lacks.

    Packages of a category (an extra, a group) that wasn't asked for may be absent.
    """
    found = _of(context, DeviationKind.MISSING)
    deviations = context.deviations
    if found and deviations is not None:
        yield Found(
            message=f"{len(found)} of {deviations.locked} locked packages "
            f"{'is' if len(found) == 1 else 'are'} missing",
            evidence=tuple(f"{one.manager}: {one}" for one in found),
        )


@rule("locked/other-version", Severity.ERROR, "packages are installed in another version than locked")
def other_version(context: CheckContext) -> Iterator[Found]:
    """Find packages whose version isn't the locked one."""
    found = _of(context, DeviationKind.OTHER_VERSION)
    if found:
        yield Found(
            message=_count(found, "have another version" if len(found) > 1 else "has another version"),
            evidence=tuple(f"{one.manager}: {one}" for one in found),
        )


@rule("locked/other-build", Severity.ERROR, "packages are installed in another build than locked")
def other_build(context: CheckContext) -> Iterator[Found]:
    """Find conda packages of another build or content, and projects from another place or revision.

    An installation keeps no hash of a wheel from an index: of these the version is all that can be compared.
    """
    found = _of(context, DeviationKind.OTHER_BUILD)
    if found:
        what = "are another build or come from another place"
        one_what = "is another build or comes from another place"
        yield Found(
            message=_count(found, what if len(found) > 1 else one_what),
            evidence=tuple(f"{one.manager}: {one}" for one in found),
        )


@rule("locked/foreign-conda", Severity.ERROR, "conda packages are installed that aren't locked")
def foreign_conda(context: CheckContext) -> Iterator[Found]:
    """Find conda packages of the environment that the lockfile doesn't have.

    Somebody installed them afterwards, or the environment was made from another file.
    """
    found = _of(context, DeviationKind.FOREIGN, "conda")
    if found:
        yield Found(
            message=_count(found, "aren't locked" if len(found) > 1 else "isn't locked"),
            evidence=tuple(str(one) for one in found),
        )


@rule("locked/foreign-pip", Severity.ERROR, "projects are installed by pip that aren't locked")
def foreign_pip(context: CheckContext) -> Iterator[Found]:
    """Find projects that pip installed and the lockfile doesn't have.

    pip, setuptools and wheel, which come with a virtual environment, are a note.
    """
    found = _of(context, DeviationKind.FOREIGN, "pip")
    seeds = tuple(one for one in found if one.name in SEEDS)
    others = tuple(one for one in found if one.name not in SEEDS)
    for group, severity in ((others, None), (seeds, Severity.NOTE)):
        if group:
            yield Found(
                message=_count(group, "aren't locked" if len(group) > 1 else "isn't locked"),
                evidence=tuple(str(one) for one in group),
                severity=severity,
            )
