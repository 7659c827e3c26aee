"""Settings that came to nothing: another one cancels them, or what they speak of isn't there.

What one setting takes from another is known before anything is solved (:func:`cancelled`); whether a
project that a setting names came in is known of the answer (:func:`unused`). Only what was written for this
run counts: a flag, a variable, a settings file; pip's and conda's configuration is for all of a machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lockfiles.settings.setting import Layer
from resolver.model.notices import EXCLUDED_LINE, IDLE_OVERRIDE, Notice

if TYPE_CHECKING:
    from lockfiles.settings.model import Settings
    from resolver.model.requirements import Override, Requirements
    from resolver.model.resolution import PypiPin, Resolution

_HERE = frozenset({Layer.FLAG, Layer.ENVIRONMENT, Layer.FILE})


def cancelled(settings: Settings, requirements: Requirements) -> tuple[Notice, ...]:
    """Return a notice for each setting, or part of one, that another setting leaves without effect."""
    return (
        *_cancelled_builds(settings, {str(line.name) for line in requirements.pypi if line.direct}),
        *_cancelled_indexes(settings, requirements),
        *_cancelled_overrides(requirements),
        *_cancelled_limits(settings),
    )


def _cancelled(text: str, package: str | None = None) -> Notice:
    return Notice(code="cancelled-setting", text=text, package=package)


def _named(settings: Settings, key: str) -> str:
    """Return a setting by its key, with its place unless that is its flag."""
    source, name = getattr(settings, key).source, key.replace("_", "-")
    return f"`{name}`" if source.lstrip("-") == name else f"`{name}` ({source})"


def _cancelled_builds(settings: Settings, placed: set[str]) -> Iterator[Notice]:
    """Yield what is said of builds: what one gets, where it runs, what it would tell, whether it may.

    ``placed``: projects that lines name a place for, which may be built for their version.
    """
    extra = settings.extra_build_dependencies.value.keys()
    variables = settings.extra_build_variables.value.keys()
    in_place = set(settings.no_build_isolation_package.value)
    by_hand = {key for key in settings.dependency_metadata.value if "==" not in key} - placed
    for name in sorted(extra | variables | in_place):
        rules = [
            ("extra_build_dependencies", extra),
            ("extra_build_variables", variables),
            ("no_build_isolation_package", in_place),
        ]
        told = " and ".join(_named(settings, key) for key, names in rules if name in names)
        if name in by_hand:
            by = f"{_named(settings, 'dependency_metadata')} says what it requires, so it isn't built"
        elif settings.no_build.value:
            by = f"{_named(settings, 'no_build')} forbids to build it"
        elif name in extra and name in in_place:
            told = _named(settings, "extra_build_dependencies")
            by = f"it is built with what is installed beside `lock` ({_named(settings, rules[2][0])})"
        else:
            continue
        yield _cancelled(f"{told} without effect for `{name}`: {by}", name)


def _cancelled_indexes(settings: Settings, requirements: Requirements) -> Iterator[Notice]:
    """Yield what is said of projects that two places want from different indexes."""
    own, backend = settings.package_indexes.value, settings.torch_backend.value
    family: Mapping[str, str] = {}
    if backend is not None:
        from resolver.machine.variant_indexes import indexes_of_backend

        family = indexes_of_backend(backend)
    for name in sorted(family.keys() & own.keys()):
        if family[name] != own[name]:
            by = f"{_named(settings, 'package_indexes')} takes it from `{own[name]}`"
            yield _cancelled(f"`torch-backend` {backend} without effect for `{name}`: {by}", name)
    asked = {**family, **own}
    for line in requirements.pypi:
        if line.index is not None and line.name in asked and asked[line.name] != line.index:
            told = _named(settings, "package_indexes" if line.name in own else "torch_backend")
            by = f"its line ({line.origin}) names another index"
            yield _cancelled(f"{told} without effect for `{line.name}`: {by}", line.name)


def _cancelled_overrides(requirements: Requirements) -> Iterator[Notice]:
    excluded = {o.name: o for o in requirements.overrides if o.requirement is None}
    for override in requirements.overrides:
        if override.requirement is not None and override.name in excluded:
            told = f"`exclude-dependencies` ({excluded[override.name].origin}) without effect"
            by = f"the override `{override}` ({override.origin}) stands in place of each requirement on it"
            yield _cancelled(f"{told} for `{override.name}`: {by}", override.name)


def _cancelled_limits(settings: Settings) -> Iterator[Notice]:
    """Yield what is said of settings that only mean something beside another one."""
    alone = {
        "exclude_newer_except": (settings.exclude_newer.value is None, "there is no `exclude-newer`"),
        "admit_undated": (settings.exclude_newer.value is None, "there is no `exclude-newer`"),
        "client_key": (settings.client_cert.value is None, "there is no `client-cert`"),
        "search_limit": (settings.engine.value != "lockstack", "it is the default engine's"),
    }
    for key, (is_alone, why) in alone.items():
        setting = getattr(settings, key)
        if is_alone and setting.value and setting.layer in _HERE:
            yield _cancelled(f"{_named(settings, key)} without effect: {why}")


def unused(
    settings: Settings, requirements: Requirements, resolutions: Sequence[Resolution]
) -> tuple[Notice, ...]:
    """Return a notice for each setting that names projects which no platform's answer has."""
    pins = {str(pin.name): pin for resolution in resolutions for pin in resolution.pypi}
    return (
        *_half_without_packages(settings, resolutions),
        *_unknown_projects(settings, pins),
        *_other_versions(settings, pins),
        *_idle_overrides(requirements, resolutions),
    )


def _unused(text: str, *packages: str) -> Notice:
    return Notice(code="unused-setting", text=text, facts={"packages": packages})


#: Settings that are about one kind of package alone. Only their flags are looked at: files are for many runs.
_HALVES = (
    ("conda package", ("channels", "channel_priority")),
    ("package of an index", (
        "index_url", "extra_index_urls", "index_strategy", "find_links", "no_index", "pip_from_conda", "pre",
        "no_build", "prefer_binary", "require_hashes",
    )),
)  # fmt: skip


def _half_without_packages(settings: Settings, resolutions: Sequence[Resolution]) -> Iterator[Notice]:
    """Yield what is said of flags about conda, or about indexes, where nothing of these is locked."""
    there = (
        any(resolution.conda for resolution in resolutions),
        any(resolution.pypi or resolution.provided for resolution in resolutions),
    )
    for (kind, keys), is_there in zip(_HALVES, there, strict=True):
        flags = [s.source for key in keys if (s := getattr(settings, key)).layer is Layer.FLAG]
        if flags and not is_there:
            told = ", ".join(f"`{flag}`" for flag in flags)
            yield _unused(f"{told} without effect: no {kind} is locked")


#: Setting -> the projects that its value names.
_PROJECTS: Mapping[str, Callable[[Any], set[str]]] = {
    "package_indexes": set,
    "no_build_isolation_package": set,
    "extra_build_dependencies": set,
    "extra_build_variables": set,
    "dependency_metadata": lambda value: {key.partition("==")[0] for key in value},
    "no_binary": lambda value: {name for name in value if not name.startswith(":")},
    "only_binary": lambda value: {name for name in value if not name.startswith(":")},
}


def _unknown_projects(settings: Settings, pins: Mapping[str, PypiPin]) -> Iterator[Notice]:
    for key, names_of in _PROJECTS.items():
        setting = getattr(settings, key)
        names = sorted(names_of(setting.value) - pins.keys()) if setting.layer in _HERE else []
        if names:
            told = ", ".join(f"`{name}`" for name in names)
            yield _unused(
                f"{_named(settings, key)} without effect for {told}: not locked from an index", *names
            )
    backend = settings.torch_backend
    if backend.value is not None and backend.layer in _HERE:
        from resolver.machine.variant_indexes import indexes_of_backend

        if not indexes_of_backend(backend.value).keys() & pins.keys():
            told = _named(settings, "torch_backend")
            yield _unused(f"{told} without effect: neither torch nor its family is locked from an index")


def _other_versions(settings: Settings, pins: Mapping[str, PypiPin]) -> Iterator[Notice]:
    """Yield what is said of metadata by hand that isn't the locked release's."""
    for key in sorted(settings.dependency_metadata.value):
        from packaging.utils import canonicalize_version

        name, _, version = key.partition("==")
        pin = pins.get(name)
        if pin is None:
            continue
        if version and canonicalize_version(pin.version) != canonicalize_version(version):
            told = f"{_named(settings, 'dependency_metadata')} without effect for `{key}`"
            yield _unused(f"{told}: {pin.version} is locked", name)


def _idle_overrides(requirements: Requirements, resolutions: Sequence[Resolution]) -> Iterator[Notice]:
    """Yield what is said of overrides that put no requirement in another's place on any target."""
    left_out = {notice.package for notice in requirements.notices if notice.code == EXCLUDED_LINE}
    overrides: dict[str, Override] = {}
    for one in requirements.overrides:
        overrides.setdefault(one.name, one)
    idle = [{n.package for n in r.notices if n.code == IDLE_OVERRIDE} for r in resolutions]
    for name, override in overrides.items():
        if idle and name not in left_out and all(name in names for names in idle):
            told = "`exclude-dependencies`" if override.requirement is None else f"override `{override}`"
            why = f"no pip requirement is on `{name}`"
            yield _unused(f"{told} ({override.origin}) without effect for `{name}`: {why}", name)
