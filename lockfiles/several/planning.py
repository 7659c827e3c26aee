"""Which environments a run is for, and which of them are solved together.

=======================================  =====================================================
what is asked for                        environments
=======================================  =====================================================
``--environment``, ``--all-...``         those of a pixi manifest; a solve-group is one problem
a place called ``pixi.lock``             all of a manifest; of other inputs ``default``
groups and extras, at such a place       ``default`` without them, and one for each beside it
several Pythons                          each of those once a Python: ``py311``, ``test-py311``
=======================================  =====================================================

A file of another name holds one environment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from lockfiles.locking import LockRequest
from lockfiles.places import SEVERAL, holds_several
from lockfiles.session import read_inputs, read_settings
from lockfiles.session_sources import overrides_input
from lockfiles.settings.setting import Layer
from lockfiles.surroundings import STDIN
from resolver.errors import InputError
from resolver.model.origin import Origin

if TYPE_CHECKING:
    from lockfiles.settings.model import Settings
    from resolver.model.requirements import OfferedEnvironment

#: The environment that is taken where none is named.
DEFAULT = "default"


class EnvironmentPart(msgspec.Struct, frozen=True, kw_only=True):
    """One environment of a problem: the lines of some categories, on some platforms."""

    name: str
    categories: frozenset[str] | None = None  #: None: all
    platforms: tuple[str, ...] = ()  #: empty: all of the problem's


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One solve; without ``parts`` it has ``default``, and one for each group that comes in."""

    request: LockRequest
    parts: tuple[EnvironmentPart, ...] = ()
    suffix: str = ""  #: of the names: the Python's

    def name(self, base: str) -> str:
        """Return what an environment is called under this problem's Python."""
        return named(base, self.suffix)


class EnvironmentPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What is locked; ``listed``: all that the input and settings files list (None: they list none)."""

    problems: tuple[Problem, ...]
    output: Path | None  #: None: standard output
    is_asked_place: bool  #: whether somebody wrote the place down
    listed: frozenset[str] | None = None


def plan(request: LockRequest, settings: Settings | None = None) -> EnvironmentPlan | None:
    """Return the environments of a run; None where it is for one, in a file of one.

    ``settings``: those of the run, where they are read already. Raises InputError for an environment that
    isn't there, and for several in a file that holds one.
    """
    settings = settings or read_settings(request)
    wants = bool(request.environments) or request.all_environments
    pythons = settings.python.value
    if not request.files or not (wants or len(pythons) > 1 or holds_several(settings.output.value)):
        return None
    chosen, every = _chosen(request, settings)
    asked = settings.output.value
    if asked is not None and str(asked) != STDIN and not holds_several(asked):
        count = max(len(chosen), 1) * max(len(pythons), 1)
        if count > 1:
            raise InputError(f"`{asked}` holds one environment, not {count}", hint=_hint(asked))
        return None
    chosen = _with_groups(chosen, every)
    output = None if str(asked) == STDIN else asked or _default(request.files)
    problems = [
        problem for python in pythons or (None,) for problem in _problems(request, chosen, python, output)
    ]
    return EnvironmentPlan(
        problems=tuple(problems),
        output=output,
        is_asked_place=asked is not None,
        listed=_listed(settings, every if chosen else ()),
    )


def _hint(asked: Path) -> str:
    if asked.suffix == ".toml":
        export = f"`lock export {SEVERAL} --all-environments --format pylock`"
        return f"`--output {SEVERAL}` holds several; then {export} makes one pylock.toml of them."
    return f"`--output {SEVERAL}` holds several; `--environment NAME --output FILE` makes a lockfile of each."


def named(base: str, suffix: str) -> str:
    """Return an environment's name with its Python's."""
    return base if not suffix else suffix if base == DEFAULT else f"{base}-{suffix}"


def suffix_of(python: str | None) -> str:
    """Return what stands for a Python in an environment's name: ``3.11`` is ``py311``."""
    if python is None:
        return ""
    major, minor, *rest = python.split(".")
    return "-".join([f"py{major}{minor}", *rest])


def _default(files: Sequence[str]) -> Path:
    return Path(SEVERAL) if files[0] == STDIN else Path(files[0]).with_name(SEVERAL)


def _chosen(
    request: LockRequest, settings: Settings
) -> tuple[tuple[OfferedEnvironment, ...], tuple[OfferedEnvironment, ...]]:
    """Return the manifest's environments that are asked for, and all that it has."""
    has_groups = bool(request.groups or request.extras or request.all_groups or request.all_extras)
    wants = bool(request.environments) or request.all_environments
    if has_groups and wants:
        raise InputError(
            "`--environment` beside groups or extras: a manifest's environment says itself what it has",
            hint="Leave one of them out.",
        )
    if has_groups:
        return (), ()
    every = read_inputs(replace(request, environments=()), settings).environments
    if not every:
        if wants:
            raise InputError(
                "lists no environments",
                Origin(file=", ".join(request.files)),
                "`[environments]` of a pixi manifest does; `--python 3.11,3.12` makes one for each Python.",
            )
        return (), ()
    names = [one.name for one in every]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"two of the files have an environment `{twice}`", hint="Lock them one at a time.")
    if request.environments:
        from resolver.inputs.faults import did_you_mean

        for name in request.environments:
            if name not in names:
                known = ", ".join(f"`{one}`" for one in names)
                hint = did_you_mean(name, names) or f"There are {known}."
                raise InputError(f"no environment `{name}`", Origin(file=", ".join(request.files)), hint)
        return tuple(one for one in every if one.name in request.environments), every
    is_all = request.all_environments or holds_several(settings.output.value)
    return (every if is_all else every[:1]), every


def _with_groups(
    chosen: Sequence[OfferedEnvironment], every: Sequence[OfferedEnvironment]
) -> tuple[OfferedEnvironment, ...]:
    """Return the environments with those that are solved together with them."""
    groups = {one.solve_group for one in chosen if one.solve_group}
    return tuple(one for one in every if one in chosen or one.solve_group in groups)


def _problems(
    request: LockRequest, chosen: Sequence[OfferedEnvironment], python: str | None, output: Path | None
) -> list[Problem]:
    """Return the problems of one Python: a solve-group is one, any other environment is one."""
    settings = dict(request.settings) | {"output": str(output) if output is not None else STDIN}
    if python is not None:
        settings["python"] = (python,)
    own = replace(
        request,
        settings=settings,
        settled=_settled(request.settled, python, output),
        all_environments=False,
        environments=(),
    )
    suffix = suffix_of(python)
    if not chosen:
        return [Problem(request=own, suffix=suffix)]
    groups: dict[str, list[OfferedEnvironment]] = {}
    for one in chosen:
        groups.setdefault(f"group {one.solve_group}" if one.solve_group else one.name, []).append(one)
    return [
        Problem(
            request=replace(own, environments=tuple(one.name for one in members)),
            parts=tuple(_part(one, suffix, is_alone=len(members) == 1) for one in members),
            suffix=suffix,
        )
        for members in groups.values()
    ]


def _settled(settings: Settings | None, python: str | None, output: Path | None) -> Settings | None:
    """Return settings that stand in place of all others for one Python."""
    if settings is None:
        return None
    place = output if output is not None else Path(STDIN)
    settings = replace(settings, output=replace(settings.output, value=place))
    return settings if python is None else replace(settings, python=replace(settings.python, value=(python,)))


def _part(environment: OfferedEnvironment, suffix: str, *, is_alone: bool) -> EnvironmentPart:
    return EnvironmentPart(
        name=named(environment.name, suffix),
        categories=None if is_alone else environment.categories,
        platforms=environment.platforms,
    )


def _listed(settings: Settings, every: Sequence[OfferedEnvironment]) -> frozenset[str] | None:
    """Return the names that are written down for this input; a flag only says which to lock this time."""
    python = settings.python
    if overrides_input(python.layer) or (not every and python.layer is Layer.DEFAULT):
        return None
    bases = [one.name for one in every] or [DEFAULT]
    return frozenset(named(base, suffix_of(one)) for base in bases for one in python.value or (None,))


def parts_of(problem: Problem, categories: Mapping[str, None]) -> tuple[EnvironmentPart, ...]:
    """Return a problem's environments; ``categories``: those of its lines, in order."""
    if problem.parts:
        return problem.parts
    groups = [name for name in categories if name != "main"]
    if not groups:
        return (EnvironmentPart(name=problem.name(DEFAULT)),)
    parts = [EnvironmentPart(name=problem.name(DEFAULT), categories=frozenset({"main"}))]
    for name in groups:
        base = "".join(char if char.isalnum() else "-" for char in name.lower()).strip("-")
        parts.append(EnvironmentPart(name=problem.name(base), categories=frozenset({"main", name})))
    names = [part.name for part in parts]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"two environments would be called `{twice}`", hint="Take fewer groups.")
    return tuple(parts)
