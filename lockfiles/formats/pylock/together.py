"""One ``pylock.toml`` for several environments: a matrix of Pythons, on one platform or more.

Which of them a package is for stands in its marker, made of what they differ in: the Python, the system, the
processor. What two have alike is one entry, with the wheels of both. Source: PEP 751.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from lockfiles.formats.export import ExportRequest
from lockfiles.formats.reading import MAIN
from resolver.model.resolution import Resolution

#: What tells environments apart, in the order in which it is written.
_NAMES = ("python_version", "sys_platform", "platform_machine")


class PylockEntry(msgspec.Struct, kw_only=True):
    """A package with the environments that it is for, by their numbers."""

    value: dict[str, Any]
    dependencies: tuple[str, ...]
    categories: frozenset[str]
    environments: list[int]


def environment_of(resolution: Resolution) -> dict[str, str]:
    """Return the variables of markers that tell an environment from others."""
    known = resolution.target.marker_environment()
    found = {name: known[name] for name in _NAMES[1:]}
    if resolution.python:
        found["python_version"] = ".".join(resolution.python.split(".")[:2])
    return {name: found[name] for name in _NAMES if name in found}


def marker_of(variables: Mapping[str, str]) -> str:
    """Return a marker that asks for these values."""
    return " and ".join(f"{name} == '{value}'" for name, value in variables.items())


def all_resolutions(request: ExportRequest) -> tuple[Resolution, ...]:
    """Return the resolutions of all environments of a request.

    Raises ValueError for two that no marker tells apart.
    """
    named = [(request.key, one) for one in request.resolutions]
    named += [(name, one) for name, more in request.environments.items() for one in more.resolutions]
    seen: dict[str, str] = {}
    for name, resolution in named:
        marker = marker_of(environment_of(resolution))
        other = seen.setdefault(marker, name)
        if other != name:
            raise ValueError(
                f"environments `{other}` and `{name}` are for the same Python and platform, which is all "
                "that a pylock.toml tells apart; `pixi` holds both"
            )
    return tuple(resolution for _, resolution in named)


def entries_of(
    resolutions: Sequence[Resolution], packages: Sequence[Mapping[str, dict[str, Any]]]
) -> list[PylockEntry]:
    """Return what is installed somewhere, by name and first environment.

    ``packages``: for each resolution, project -> what is written of it, without dependencies and marker.
    """
    found: dict[str, list[PylockEntry]] = {}
    for number, (resolution, own) in enumerate(zip(resolutions, packages, strict=True)):
        held = {pin.name for pin in resolution.pypi}
        for pin in resolution.pypi:
            needs = tuple(str(name) for name in sorted(pin.dependencies) if name in held)
            groups = frozenset({MAIN}) if MAIN in pin.categories else pin.categories
            made = PylockEntry(
                value=own[pin.name], dependencies=needs, categories=groups, environments=[number]
            )
            _add(found.setdefault(str(pin.name), []), made)
    return [entry for _, entries in sorted(found.items()) for entry in entries]


def _add(entries: list[PylockEntry], new: PylockEntry) -> None:
    """Put an entry beside others of its name, or into the one that differs in its wheels alone."""
    for entry in entries:
        same = _without_wheels(entry.value) == _without_wheels(new.value)
        if same and (entry.dependencies, entry.categories) == (new.dependencies, new.categories):
            known = entry.value.get("wheels", [])
            more = [wheel for wheel in new.value.get("wheels", []) if wheel not in known]
            if more:
                entry.value = {**entry.value, "wheels": [*known, *more]}
            entry.environments += new.environments
            return
    entries.append(new)


def _without_wheels(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key != "wheels"}


def written(entries: Sequence[PylockEntry], resolutions: Sequence[Resolution]) -> list[dict[str, Any]]:
    """Return the entries as they are written: with markers, and dependencies that name one entry each."""
    every = [environment_of(one) for one in resolutions]
    varying = [name for name in _NAMES if len({one.get(name) for one in every}) > 1]
    markers = [marker_of({name: one[name] for name in varying if name in one}) for one in every]
    named: dict[str, list[PylockEntry]] = {}
    for entry in entries:
        named.setdefault(str(entry.value["name"]), []).append(entry)
    return [_written(entry, named, markers) for entry in entries]


def _written(
    entry: PylockEntry, named: Mapping[str, list[PylockEntry]], markers: Sequence[str]
) -> dict[str, Any]:
    found: dict[str, Any] = {key: entry.value[key] for key in ("name", "version") if key in entry.value}
    if marker := _marker(entry, markers):
        found["marker"] = marker
    rest = {key: item for key, item in entry.value.items() if key not in found}
    if "requires-python" in rest:
        found["requires-python"] = rest.pop("requires-python")
    needs = [need for name in entry.dependencies for need in _needs(entry, named[name], markers)]
    return found | ({"dependencies": needs} if needs else {}) | rest


def _needs(
    entry: PylockEntry, candidates: Sequence[PylockEntry], markers: Sequence[str]
) -> Iterable[dict[str, str]]:
    """Yield what an entry needs of one name: an entry each, told by as little as tells it from the others."""
    wanted = set(entry.environments)
    for one in candidates:
        if not wanted & set(one.environments):
            continue
        name, version = str(one.value["name"]), str(one.value.get("version", ""))
        if len(candidates) == 1:
            yield {"name": name}
        elif version and [other.value.get("version") for other in candidates].count(version) == 1:
            yield {"name": name, "version": version}
        else:
            yield (
                {"name": name} | ({"version": version} if version else {}) | {"marker": _marker(one, markers)}
            )


def _marker(entry: PylockEntry, markers: Sequence[str]) -> str:
    """Return when an entry is installed; empty: always."""
    groups = ""
    if MAIN not in entry.categories:
        groups = " or ".join(f"'{name}' in dependency_groups" for name in sorted(entry.categories))
    if len(entry.environments) == len(markers):
        return groups
    chosen = list(dict.fromkeys(markers[number] for number in entry.environments))
    several = len(chosen) > 1
    where = " or ".join(f"({one})" if several and " and " in one else one for one in chosen)
    if not groups:
        return where
    return f"({groups}) and ({where})"


def requires_python(resolutions: Iterable[Resolution]) -> str | None:
    """Return the minors of Python that some environment is for; None where one doesn't say."""
    minors = set()
    for one in resolutions:
        if not one.python:
            return None
        major, minor = one.python.split(".")[:2]
        minors.add((int(major), int(minor)))
    if len(minors) == 1:
        (only,) = minors
        return f"=={only[0]}.{only[1]}.*"
    low, high = min(minors), max(minors)
    if low[0] != high[0]:
        return None
    gaps = [f"!={low[0]}.{minor}.*" for minor in range(low[1], high[1]) if (low[0], minor) not in minors]
    return ",".join([f">={low[0]}.{low[1]}", f"<{high[0]}.{high[1] + 1}", *gaps])
