"""Is a lockfile of several environments an answer to what is asked? Solves nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lockfiles.held_date import with_held_date
from lockfiles.kept_platforms import settle_others
from lockfiles.listener import Listener
from lockfiles.request.request_hash import request_hashes
from lockfiles.request.satisfied import Fault, check_satisfied
from lockfiles.session import Session, log_notices, open_session
from lockfiles.several.earlier import EarlierEnvironments
from lockfiles.several.parts import limit_requirements, session_of
from lockfiles.several.planning import EnvironmentPart, EnvironmentPlan, Problem, parts_of

if TYPE_CHECKING:
    from resolver.model.resolution import Resolution


def parts_of_session(problem: Problem, session: Session) -> tuple[EnvironmentPart, ...]:
    """Return the environments of a problem whose lines are read."""
    asked = session.requirements
    categories = [*(line.category for line in asked.conda), *(line.category for line in asked.pypi)]
    return parts_of(problem, dict.fromkeys(categories))


def find_faults(asked: EnvironmentPlan) -> tuple[Fault, ...]:
    """Return why the lockfile isn't the answer to a plan; empty when it is."""
    earlier = EarlierEnvironments(asked.output, may_forget=False, listener=Listener())
    faults: list[Fault] = []
    names: set[str] = set()
    for problem in asked.problems:
        session = open_session(problem.request)
        log_notices(session)
        parts = parts_of_session(problem, session)
        names |= {part.name for part in parts}
        faults += faults_of(session, parts, earlier)
    for name in earlier.contents:
        if name not in names and asked.listed is not None and name not in asked.listed:
            faults.append(
                Fault(message="the lockfile has an environment that is not listed", environment=name)
            )
    return tuple(faults)


def faults_of(
    session: Session, parts: Sequence[EnvironmentPart], earlier: EarlierEnvironments
) -> list[Fault]:
    """Return what speaks against the environments of one problem."""
    faults: list[Fault] = []
    for part in parts:
        if part.name not in earlier.contents:
            message = "the lockfile has no such environment"
            faults.append(Fault(message=message, environment=part.name))
            continue
        found = _of_part(session, part, earlier)
        faults += [replace(fault, environment=part.name) for fault in found]
    if not faults and len(parts) > 1:
        faults += _disagreements({part.name: earlier.resolutions(part.name) for part in parts})
    return faults


def _of_part(session: Session, part: EnvironmentPart, earlier: EarlierEnvironments) -> Sequence[Fault]:
    resolutions = earlier.resolutions(part.name)
    session = session_of(with_held_date(session, resolutions), part)
    return check_satisfied(
        limit_requirements(session.requirements, part),
        session.targets,
        resolutions,
        channels=session.channels,
        custom=earlier.custom(part.name),
        kept=settle_others(session, [one.target.subdir for one in resolutions]).kept,
        hashes=request_hashes(session.requirements, session.targets, settings=session.fingerprint()),
    )


def _disagreements(environments: Mapping[str, Sequence[Resolution]]) -> Iterator[Fault]:
    """Yield a fault for each package of which environments that are solved together have two versions."""
    known: dict[tuple[str, str], tuple[str, str]] = {}
    for name, resolutions in environments.items():
        for one in resolutions:
            pins = [(str(pin.name), pin.record.file_name) for pin in one.conda]
            pins += [(f"pip:{pin.name}", pin.version) for pin in one.pypi]
            for package, version in pins:
                other, before = known.setdefault((one.target.subdir, package), (name, version))
                if before != version:
                    plain = package.removeprefix("pip:")
                    message = f"`{plain}` is another one than in `{other}`, which is solved with it"
                    yield Fault(message=message, platform=one.target.subdir, environment=name)
