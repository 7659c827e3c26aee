"""What ``pip check`` would say of a whole resolution, and a little more; built on ``packaging`` alone.

Rules, each with its ``kind``:

``root``      a requirement of the user's is not met
``requires``  a Requires-Dist whose marker is true (for an extra that something asks for too) is not met
``constraint`` a constraint (pip's ``-c``) is broken
``python``    the interpreter does not fit Requires-Python
``tags``      a wheel does not fit the platform and interpreter
``overwrite`` a project comes from the index although conda ships it
``duplicate`` a project is there twice from one source
``extra``     a wheel that nothing needs

pip itself looks at ``requires`` only, and without extras. Projects that conda ships count as present with
their version; where their metadata is known, it is judged too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import canonicalize_name, parse_wheel_filename

from resolver.model.records import CoreMetadata
from resolver.model.resolution import PypiPin, Resolution
from resolver.model.target import Target

#: ``>=3.6.*`` and the like: refused by packaging, read as ``>=3.6`` by installers
_ORDERED_PREFIX = re.compile(r"(<=|>=|<|>)(\s*[0-9][0-9a-zA-Z.]*?)\.\*")

#: the oldest glibc that a machine's manylinux tags know (PEP 600 and its legacy aliases)
_LEGACY_MANYLINUX = {(2, 5): "manylinux1", (2, 12): "manylinux2010", (2, 17): "manylinux2014"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A project as it would be in the environment."""

    name: str
    version: str
    from_conda: bool = False
    file_name: str | None = None  #: of a wheel; None: not judged by its tags
    requires_dist: tuple[str, ...] = ()
    requires_python: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The interpreter and platform that wheels must fit."""

    python: str  #: full version
    environment: Mapping[str, str]  #: marker variables but for Python's version and ``extra``
    tags: frozenset[Tag] | None = None  #: None: tags are not judged


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Violation:
    """One broken rule; ``kind`` is one of the module's words."""

    kind: str
    text: str


@dataclass(slots=True)
class _State:
    """What is installed, by name, and which extras are asked for."""

    present: dict[str, Installed]
    environment: dict[str, str]
    extras: dict[str, set[str]] = field(default_factory=dict)  #: project -> extras, "" for the project itself


def tolerant(text: str) -> str:
    """Return a specifier or requirement with ``>=3.6.*`` spelled as ``>=3.6``."""
    return _ORDERED_PREFIX.sub(r"\1\2", text)


def pip_check(
    installed: Sequence[Installed],
    machine: Machine,
    *,
    roots: Iterable[str] = (),
    constraints: Iterable[str] = (),
) -> list[Violation]:
    """Return every broken rule, sorted; empty: ``pip check`` would be content."""
    by_name: dict[str, Installed] = {}
    found = list(_check_sources(installed))
    for one in installed:
        by_name.setdefault(canonicalize_name(one.name), one)
    environment = dict(machine.environment)
    environment |= {
        "python_full_version": machine.python,
        "implementation_version": machine.python,
        "python_version": ".".join(machine.python.split(".")[:2]),
    }
    state = _State(present=by_name, environment=environment)
    requirements = [Requirement(tolerant(text)) for text in roots]
    found += [
        Violation(kind="root", text=str(r))
        for r in requirements
        if _applies(r, state, "") and not _met(r, state)
    ]
    _ask(state, requirements)
    for text in constraints:
        limit = Requirement(tolerant(text))
        if canonicalize_name(limit.name) in by_name and _applies(limit, state, "") and not _met(limit, state):
            found.append(Violation(kind="constraint", text=text))
    for name, one in sorted(by_name.items()):
        found += _check_project(name, one, state, machine)
    return sorted(found)


def _check_sources(installed: Sequence[Installed]) -> Iterator[Violation]:
    """Yield projects that two sources hold, or one holds twice."""
    for from_conda in (False, True):
        counts = Counter(canonicalize_name(one.name) for one in installed if one.from_conda is from_conda)
        yield from (Violation(kind="duplicate", text=name) for name, count in counts.items() if count > 1)
    conda = {canonicalize_name(one.name): one.version for one in installed if one.from_conda}
    for one in installed:
        name = canonicalize_name(one.name)
        if not one.from_conda and name in conda:
            yield Violation(kind="overwrite", text=f"{name} {one.version} over conda's {conda[name]}")


def _applies(requirement: Requirement, state: _State, extra: str) -> bool:
    """Tell whether a requirement's marker is true, with one extra or none (empty)."""
    marker: Marker | None = requirement.marker
    return marker is None or marker.evaluate({**state.environment, "extra": extra})


def _met(requirement: Requirement, state: _State) -> bool:
    """Tell whether what is present meets a requirement's name and specifier."""
    one = state.present.get(canonicalize_name(requirement.name))
    return one is not None and requirement.specifier.contains(one.version, prereleases=True)


def _ask(state: _State, requirements: Iterable[Requirement], extra: str = "") -> None:
    """Note which projects and extras the requirements ask for, through everything that is present."""
    stack = [(requirement, extra) for requirement in requirements]
    while stack:
        requirement, outer = stack.pop()
        if not _applies(requirement, state, outer):
            continue
        name = canonicalize_name(requirement.name)
        known = state.extras.setdefault(name, set())
        wanted = {"", *(canonicalize_name(one) for one in requirement.extras)} - known
        known |= wanted
        one = state.present.get(name)
        for text in one.requires_dist if one and wanted else ():
            stack += [(Requirement(tolerant(text)), inner) for inner in sorted(wanted)]


def _check_project(name: str, one: Installed, state: _State, machine: Machine) -> Iterator[Violation]:
    """Yield what is wrong with one project."""
    title = f"{name} {one.version}"
    for text in one.requires_dist:
        requirement = Requirement(tolerant(text))
        asked = sorted(state.extras.get(name, set()) | {""})
        if any(_applies(requirement, state, extra) for extra in asked) and not _met(requirement, state):
            yield Violation(kind="requires", text=f"{title}: {text}")
    if one.requires_python and not SpecifierSet(tolerant(one.requires_python)).contains(
        machine.python, prereleases=True
    ):
        yield Violation(kind="python", text=f"{title}: {one.requires_python}")
    if one.file_name is not None and one.file_name.endswith(".whl") and machine.tags is not None:
        wheel_name, version, _, tags = parse_wheel_filename(one.file_name)
        if not tags & machine.tags or wheel_name != name or str(version) != one.version:
            yield Violation(kind="tags", text=f"{title}: {one.file_name}")
    if not one.from_conda and name not in state.extras:
        yield Violation(kind="extra", text=title)


# --- from the project's values ---


def platform_tags(target: Target) -> list[str]:
    """Return the platform tags of a target, derived from ``__glibc`` or ``__osx``."""
    machine = target.machine.lower()
    if target.operating_system == "win":
        return [{"amd64": "win_amd64", "x86": "win32", "arm64": "win_arm64"}[machine]]
    if target.operating_system == "osx":
        osx = target.virtual("__osx")
        version = osx.version if osx else "11.0"
        major, minor, *_ = (*(int(part) for part in version.split(".")), 0)
        return list(mac_platforms((major, minor), machine))
    found = [f"linux_{machine}"]
    glibc = target.virtual("__glibc")
    if glibc is not None:
        newest = int(glibc.version.split(".")[1])
        oldest = 5 if machine in ("x86_64", "i686") else 17
        for minor in range(newest, oldest - 1, -1):
            found.append(f"manylinux_2_{minor}_{machine}")
            if (2, minor) in _LEGACY_MANYLINUX:
                found.append(f"{_LEGACY_MANYLINUX[(2, minor)]}_{machine}")
    return found


def machine_of(target: Target, python: str) -> Machine:
    """Return the machine of a target with a CPython of a full version."""
    short = tuple(int(part) for part in python.split(".")[:2])
    platforms = platform_tags(target)
    tags = [
        *cpython_tags(python_version=short, platforms=platforms),
        *compatible_tags(python_version=short, interpreter=f"cp{short[0]}{short[1]}", platforms=platforms),
    ]
    return Machine(python=python, environment=target.marker_environment(), tags=frozenset(tags))


def check_resolution(
    resolution: Resolution,
    metadata: Callable[[PypiPin], CoreMetadata],
    *,
    roots: Iterable[str] = (),
    constraints: Iterable[str] = (),
) -> list[Violation]:
    """Judge a resolution; ``metadata`` gives what each pin's file says of itself."""
    python = resolution.python
    if python is None:
        return [Violation(kind="python", text="wheels without an interpreter")] if resolution.pypi else []
    installed = [
        Installed(name=name, version=version, from_conda=True)
        for name, (_, version) in resolution.provided.items()
    ]
    for pin in resolution.pypi:
        said = metadata(pin)
        installed.append(
            Installed(
                name=pin.name,
                version=pin.version,
                file_name=pin.file.file_name if pin.file else None,
                requires_dist=said.requires_dist,
                requires_python=said.requires_python,
            )
        )
    return pip_check(installed, machine_of(resolution.target, python), roots=roots, constraints=constraints)
