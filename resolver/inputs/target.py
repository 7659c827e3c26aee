"""Platforms and requests -> targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from resolver.errors import InputError
from resolver.inputs.faults import Faults, did_you_mean
from resolver.inputs.virtual_packages import (
    VirtualPackageRequest,
    apply_requests,
    default_virtual_packages,
    parse_virtual_package,
    requests_of_overrides,
)
from resolver.model.channels import ChannelPriority
from resolver.model.origin import Origin
from resolver.model.platforms import KNOWN_SUBDIRS
from resolver.model.target import ResolutionMode, Target, VirtualPackage

#: Gives the facts that stand in place of a platform's default profile; None: no facts for that platform.
Facts = Callable[[str], Sequence[VirtualPackage] | None]

#: What people call platforms elsewhere -> conda's names.
_ALIASES: Mapping[str, str] = {
    "linux": "linux-64",
    "linux64": "linux-64",
    "linux-x86_64": "linux-64",
    "linux-amd64": "linux-64",
    "linux/amd64": "linux-64",
    "linux/arm64": "linux-aarch64",
    "linux-arm64": "linux-aarch64",
    "macos": "osx-arm64",
    "osx": "osx-arm64",
    "macos-arm64": "osx-arm64",
    "darwin-arm64": "osx-arm64",
    "macos-64": "osx-64",
    "macos-x86_64": "osx-64",
    "darwin-x86_64": "osx-64",
    "win": "win-64",
    "win64": "win-64",
    "windows": "win-64",
    "windows-64": "win-64",
}


def parse_platform(text: str, origin: Origin | None = None) -> str:
    """Return a platform's name; raises InputError for an unknown one, with the one that was meant."""
    name = text.strip()
    if name in KNOWN_SUBDIRS:
        return name
    alias = _ALIASES.get(name.lower())
    hint = f"did you mean `{alias}`?" if alias else did_you_mean(name, KNOWN_SUBDIRS)
    raise InputError(
        f"unknown platform `{name}`",
        origin,
        hint or "platforms are named as `linux-64`, `osx-arm64`, `win-64`",
    )


def build_targets(
    subdirs: Sequence[str],
    *,
    requests: Sequence[str | VirtualPackageRequest] = (),
    environ: Mapping[str, str] | None = None,
    facts: Facts | None = None,
    channel_priority: ChannelPriority = ChannelPriority.STRICT,
    resolution_mode: ResolutionMode = ResolutionMode.HIGHEST,
    python: str | None = None,
    exclude_newer: int | None = None,
    origin: Origin | None = None,
) -> tuple[Target, ...]:
    """Return one target for each platform, in the order given, without repetitions.

    Facts about the machine, the later ones winning: the platform's default
    profile, or what ``facts`` says of it (``--this-machine``, a base image);
    ``CONDA_OVERRIDE_*`` in ``environ``; ``requests`` (``[SUBDIR:]NAME=VERSION[=BUILD]``,
    ``NAME=`` takes one away). Raises InputErrors with every bad platform and
    request, and for a request that speaks of none of the platforms.
    """
    faults = Faults()
    names = [name for text in dict.fromkeys(subdirs) if (name := _platform(text, origin, faults))]
    asked = [one for text in requests if (one := _request(text, origin, faults))]
    overrides: tuple[VirtualPackageRequest, ...] = ()
    try:
        overrides = requests_of_overrides(environ or {})
    except InputError as error:
        faults.add_error(error)
    for request in asked:
        if names and not any(request.applies_to(name) for name in names):
            faults.add(
                f"`{request.text}` speaks of none of the platforms {', '.join(names)}",
                request.origin,
            )
    faults.raise_if_any()
    return tuple(
        Target(
            subdir=name,
            virtual_packages=apply_requests(_facts_of(name, facts), [*overrides, *asked], name),
            channel_priority=channel_priority,
            resolution_mode=resolution_mode,
            python=python,
            exclude_newer=exclude_newer,
        )
        for name in dict.fromkeys(names)
    )


def _facts_of(subdir: str, facts: Facts | None) -> Sequence[VirtualPackage]:
    found = facts(subdir) if facts else None
    return default_virtual_packages(subdir) if found is None else found


def _platform(text: str, origin: Origin | None, faults: Faults) -> str | None:
    try:
        return parse_platform(text, origin)
    except InputError as error:
        faults.add_error(error)
        return None


def _request(
    text: str | VirtualPackageRequest, origin: Origin | None, faults: Faults
) -> VirtualPackageRequest | None:
    if isinstance(text, VirtualPackageRequest):
        return text
    try:
        return parse_virtual_package(text, origin)
    except InputError as error:
        faults.add_error(error)
        return None
