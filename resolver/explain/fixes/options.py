"""Options beside other versions: another name, channel, setting, or the other part of the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from resolver.constraints.bits import iter_candidates
from resolver.constraints.facts import DependencyFact, PreReleaseFact, SupportFact
from resolver.constraints.pypi_domain import PypiDomain
from resolver.constraints.universe import JointUniverse
from resolver.explain.absence.finding import Absence, AbsenceKind
from resolver.explain.absence.likely_names import KNOWN_AS
from resolver.explain.absence.values import PLATFORMS
from resolver.explain.budget import Meter
from resolver.explain.core import CoreFinder
from resolver.explain.derivation import leaves_of
from resolver.explain.fixes.changes import Action, Edit, Question, stands_for_line
from resolver.explain.fixes.other_python import options_of_python
from resolver.explain.fixes.other_settings import (
    CUDA,
    LITERAL,
    PRIORITY,
    SETTING,
    Asker,
    numbers_in,
    options_of_setting,
)
from resolver.explain.fixes.trying import Option
from resolver.explain.fixes.version_range import written_pip
from resolver.explain.members import Bench, Requirement, UserConflict
from resolver.inputs.selectors import selector_for
from resolver.model.dependency_text import split_dependency
from resolver.model.names import conda_name
from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.model.target import Target

# Costs; see trying.py
_RENAME, _CHANNEL, _PREFIX, _MOVE = 1.5, 3.0, 2.5, 5.0
_NO_CHANNEL = 1.4  # nothing of what was asked for changes
_SERIES = 0.6  # the build and the series that were asked for stay
_SELECT = 6.0  # the line stays, for other platforms
_INDEX = 1.3  # what was asked for stays as it is
_OVERRIDE = 1.3  # what releases say of themselves is what was tried by their makers
_PRE_RELEASE = 1.6  # all that was asked for stays, at a version that its makers don't call finished
_STEP = 0.1  # a line more in the file
_ADD = 2.8  # nothing that was asked for goes, but a package changes hands
#: So many conda lines are proposed for one conflict.
_MOST_ADDED = 3
#: A selector of one system -> what markers call it.
_SYSTEMS = {"linux": "linux", "osx": "darwin", "win": "win32"}
_MANYLINUX = re.compile(r"manylinux_(\d+)_(\d+)_")
#: Several bounds in a row, as conda and pip write them.
_BOUNDS = re.compile(r"[<>=!~]=?=?\s*[\w.*+!]+(?:\s*,\s*[<>=!~]=?=?\s*[\w.*+!]+)+")


def options_of_absence(line: Requirement, absence: Absence, universe: JointUniverse) -> Iterator[Option]:
    """Yield options for a line that nothing in the universe satisfies."""
    kind = absence.kind
    if kind is AbsenceKind.UNKNOWN:
        for number, name in enumerate(absence.values):
            edit = Edit(action=Action.REPLACE, line=line, text=renamed(line, name))
            yield Option(edits=(edit,), cost=_RENAME + number, is_rename=True)
    elif kind is AbsenceKind.EMPTY:
        yield from _one_bound_less(line)
    elif kind is AbsenceKind.OTHER_CHANNEL and isinstance(line, CondaRequirement):
        if line.match_spec.channel:
            yield _one(Action.REPLACE, line, line.spec.split("::", 1)[-1], _RENAME)
        else:
            for number, channel in enumerate(absence.values[:2]):
                yield Option(edits=(Edit(action=Action.CHANNEL, text=channel),), cost=_CHANNEL + number)
    elif kind is AbsenceKind.NO_BUILD and isinstance(line, CondaRequirement):
        yield from _wider_build(line, absence.values, universe)
        yield from _only_there(line, absence.platforms)
    elif kind is AbsenceKind.NO_VERSION and isinstance(line, CondaRequirement):
        yield from _series_of_build(line, universe)
    elif kind is AbsenceKind.HIDDEN and isinstance(line, CondaRequirement):
        yield _one(Action.REPLACE, line, f"{absence.values[0]}::{line.spec}", _PREFIX)
        yield Option(edits=(Edit(action=Action.PRIORITY, text="flexible"),), cost=PRIORITY)
    elif kind is AbsenceKind.NO_FILE:
        glibc = sorted(
            {f"{a}.{b}" for tag in absence.values for a, b in _MANYLINUX.findall(tag)}, key=numbers_in
        )
        for value in glibc[:1]:
            edit = Edit(action=Action.VIRTUAL, name="__glibc", text=value)
            yield Option(edits=(edit,), cost=SETTING)
        yield from _only_there(line, absence.platforms)
    elif kind is AbsenceKind.LOCAL:
        for address in absence.values[:1]:
            yield Option(edits=(Edit(action=Action.INDEX, text=address),), cost=_INDEX)
    elif kind is AbsenceKind.OTHER_PLATFORM:
        yield from _only_there(line, absence.values)
    elif kind is AbsenceKind.ONLY_PYPI:
        yield _one(Action.TO_PIP, line, as_pip(line, absence.values[0]), _RENAME)
    elif kind is AbsenceKind.ONLY_CONDA:
        yield _one(Action.TO_CONDA, line, as_conda(line, absence.values[0]), _RENAME)


def _only_there(line: Requirement, platforms: Sequence[str]) -> Iterator[Option]:
    """Yield the line limited to the platforms that have it: by a selector, or a marker where pip reads it."""
    if not platforms:
        return
    selector = selector_for(platforms, PLATFORMS)
    if line.origin.file.endswith((".yml", ".yaml")):
        yield _one(Action.SELECT, line, selector, _SELECT)
    elif isinstance(line, PypiRequirement) and selector in _SYSTEMS and not line.marker and not line.direct:
        yield _one(Action.REPLACE, line, f"{line.text} ; sys_platform == '{_SYSTEMS[selector]}'", _SELECT)


def _one_bound_less(line: Requirement) -> Iterator[Option]:
    """Yield a line whose bounds are at odds without one of them, the last first: ``>=2,<1`` as ``>=2``."""
    text = line.spec if isinstance(line, CondaRequirement) else line.text
    found = _BOUNDS.search(text)
    clauses = [clause.strip() for clause in found.group().split(",")] if found else []
    for number in reversed(range(len(clauses))):
        kept = ",".join(clause for place, clause in enumerate(clauses) if place != number)
        edit = Edit(action=Action.REPLACE, line=line, text=text.replace(found.group(), kept))  # type: ignore[union-attr]
        yield Option(edits=(edit,), cost=_RENAME + 0.1 * (len(clauses) - number))


def _wider_build(line: CondaRequirement, builds: Sequence[str], universe: JointUniverse) -> Iterator[Option]:
    """Yield the line with any build that holds the text of the one it names: ``=cuda`` as ``=*cuda*``.

    Also beside the virtual packages that the best of these builds needs and the target lacks.
    """
    spec = line.match_spec
    text = (spec.build or "").strip("*")
    if not (text and any(text in build for build in builds) and line.spec.endswith(f"={spec.build}")):
        return
    wider = f"{line.spec.removesuffix(str(spec.build))}*{text}*"
    yield from _with_build(line, wider, universe, _RENAME)


def _series_of_build(line: CondaRequirement, universe: JointUniverse) -> Iterator[Option]:
    """Yield the line with its build and the whole series: ``=2.5=*cuda*`` as ``=2.5.*=*cuda*``."""
    spec = line.match_spec
    exact = re.fullmatch(r"(?:==?)?\s*(\d[\w.]*)", spec.version or "")
    if not spec.build or exact is None:
        return
    channel = line.spec.partition("::")[0] + "::" if "::" in line.spec else ""
    yield from _with_build(line, f"{channel}{spec.name}={exact[1]}.*={spec.build}", universe, _SERIES)


def _with_build(line: CondaRequirement, text: str, universe: JointUniverse, cost: float) -> Iterator[Option]:
    """Yield the line as a text that names a build, also beside the virtual packages that the build needs."""
    edit = Edit(action=Action.REPLACE, line=line, text=text)
    meant = line.with_spec(text).match_spec
    records = universe.conda.domain(meant.name).records
    best = next((record for record in records if meant.matches(record)), None)
    if best is None:
        return
    yield Option(edits=(edit,), cost=cost)
    settings = tuple(_lacking(best.depends, universe.conda.target))
    if settings:
        yield Option(edits=(edit, *settings), cost=cost + CUDA)


def _lacking(depends: Sequence[str], target: Target) -> Iterator[Edit]:
    """Yield a setting for each virtual package that dependencies ask for and the target has not."""
    for text in depends:
        name, rest = split_dependency(text)
        if name.startswith("__") and target.virtual(name) is None:
            least = LITERAL.search(rest)
            value = least.group().rstrip(".") if least else "12.0" if name == "__cuda" else "0"
            yield Edit(action=Action.VIRTUAL, name=name, text=value)


def _one(action: Action, line: Requirement, text: str, cost: float) -> Option:
    return Option(edits=(Edit(action=action, line=line, text=text),), cost=cost)


def renamed(line: Requirement, name: str) -> str:
    """Return a line's text with another package name."""
    text = line.spec if isinstance(line, CondaRequirement) else line.text
    return re.sub(r"^((?:[^\s\[]+::)?)[A-Za-z0-9_][\w.\-]*", lambda m: f"{m[1]}{name}", text, count=1)


def as_pip(line: Requirement, name: str) -> str:
    """Return a conda requirement as pip would have it, under its name there and without its build."""
    assert isinstance(line, CondaRequirement)  # noqa: S101  (asked of conda lines only)
    spec = line.match_spec
    part = (spec.version or "").replace(" ", "")
    if part and part[0] not in "<>=!~":
        part = f"=={part}"
    return f"{name}{part}"


def as_conda(line: Requirement, name: str) -> str:
    """Return a pip requirement as conda would have it, without its extras and marker."""
    assert isinstance(line, PypiRequirement)  # noqa: S101  (asked of pip lines only)
    part = line.specifier
    found = re.fullmatch(r"==([\w.]+)\.\*", part)
    return f"{name}={found[1]}" if found else f"{name}{part}"


def options_of_conflict(
    bench: Bench, question: Question, conflict: UserConflict, meter: Meter, last: CoreFinder
) -> Iterator[Iterator[Option]]:
    """Yield proposals: options that change a setting, add a conda line, or move a line between the parts.

    ``last``: the search for conflicts that was asked last, which may know what is asked here.
    Reading a proposal raises Interrupted once the budget is spent, and what sources
    raise; the ones after it can still be read.
    """
    asker = Asker(bench=bench, question=question, meter=meter, last=last)
    for setting in conflict.settings:
        yield options_of_setting(asker, conflict, setting)
    yield _options_of_channels(bench, question, conflict)
    yield _options_of_counterparts(conflict)
    yield options_of_python(question, conflict)
    yield _options_of_support(conflict)
    yield _options_of_pre_releases(question, conflict)
    yield _options_of_overrides(question, conflict)
    yield _options_of_parts(bench, conflict)


def _options_of_channels(bench: Bench, question: Question, conflict: UserConflict) -> Iterator[Option]:
    """Yield conda-forge where no channel was asked for: an environment is seldom meant for ``defaults``."""
    is_conda = any(isinstance(line, CondaRequirement) for line in conflict.lines)
    if is_conda and question.has_default_channels:
        for channel in bench.other_channels():
            if channel.name == "conda-forge":
                yield Option(edits=(Edit(action=Action.CHANNEL, text=channel.name),), cost=_NO_CHANNEL)


def _options_of_counterparts(conflict: UserConflict) -> Iterator[Option]:
    """Yield lines under the name that a package goes by: an old build may stand under the other one."""
    for line in conflict.lines:
        name = KNOWN_AS.get(str(line.name)) if isinstance(line, CondaRequirement) else None
        if name is not None and len(conflict.universe.conda.domain(conda_name(name))):
            edit = Edit(action=Action.REPLACE, line=line, text=renamed(line, name))
            yield Option(edits=(edit,), cost=_RENAME, is_rename=True)


def _options_of_support(conflict: UserConflict) -> Iterator[Option]:
    """Yield conda lines for packages that would help, and that nothing in conda brings in."""
    leaves = leaves_of(conflict.proof) if conflict.proof is not None else []
    wanted = dict.fromkeys(leaf.fact.package for leaf in leaves if isinstance(leaf.fact, SupportFact))
    for number in list(wanted)[:_MOST_ADDED]:
        edit = Edit(action=Action.ADD, text=conflict.universe.registry.keys[number].name)
        yield Option(edits=(edit,), cost=_ADD)


def _options_of_pre_releases(question: Question, conflict: UserConflict) -> Iterator[Option]:
    """Yield lines that name a pre-release, so that it counts though a final release would do by itself.

    Of a project that no line asks for a new line does.
    """
    leaves = leaves_of(conflict.proof) if conflict.proof is not None else []
    found = (leaf.fact.package for leaf in leaves if isinstance(leaf.fact, PreReleaseFact))
    for number in dict.fromkeys(found):
        name = conflict.universe.registry.keys[number].name
        version = _first_pre_release(conflict.universe.registry.pypi(number).domain)
        lines = [line for line in question.requirements.pypi if line.name == name and not line.is_constraint]
        for line in lines:
            part = f"{line.specifier},>={version}" if line.specifier else f">={version}"
            yield _one(Action.REPLACE, line, written_pip(line.text, part, line.marker), _PRE_RELEASE)
        if not lines:
            edit = Edit(action=Action.ADD_PIP, text=f"{name}>={version}")
            yield Option(edits=(edit,), cost=_PRE_RELEASE + _STEP)


def _first_pre_release(domain: PypiDomain) -> str:
    """Return the lowest pre-release above all final releases, else the lowest."""
    from packaging.version import Version

    late = sorted((domain.releases[n].version for n in iter_candidates(domain.late)), key=Version)
    finals = [Version(domain.releases[n].version) for n in iter_candidates(domain.finals)]
    return next((text for text in late if all(Version(text) > final for final in finals)), late[0])


def _options_of_overrides(question: Question, conflict: UserConflict) -> Iterator[Option]:
    """Yield that an override goes: what releases themselves ask for comes back."""
    leaves = leaves_of(conflict.proof) if conflict.proof is not None else []
    found = (leaf.fact.override for leaf in leaves if isinstance(leaf.fact, DependencyFact))
    for override in dict.fromkeys(found):
        if override is None or override.requirement is None or stands_for_line(override, question):
            continue
        yield Option(edits=(Edit(action=Action.REMOVE, line=override.requirement),), cost=_OVERRIDE)


def _options_of_parts(bench: Bench, conflict: UserConflict) -> Iterator[Option]:
    """Yield pip lines as conda lines, where lines of both parts clash."""
    lines = conflict.lines
    mixed = any(isinstance(r, PypiRequirement) for r in lines) and any(
        isinstance(r, CondaRequirement) and r.name != "python" for r in lines
    )
    if mixed:
        for line in lines:
            if isinstance(line, PypiRequirement) and not line.is_constraint and line.name:
                names = bench.names.conda_names_of(line.name)
                known = [n for n in names if len(conflict.universe.conda.domain(conda_name(n)))]
                for name in known[:1]:
                    yield _one(Action.TO_CONDA, line, as_conda(line, name), _MOVE)
