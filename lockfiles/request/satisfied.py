"""Is a lockfile an answer to a request? Without solving.

Two questions, both on the requirements themselves:

* *satisfied*: every requirement and constraint is met by a pin, for the target that is asked for
* *closed*: every dependency of a pin is met by a pin or a virtual package, and every pin is needed

A lockfile that passes is one that a solve, preferring its pins, would give again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from lockfiles.formats.conda_lock.target_keys import (
    OVERRIDES,
    REQUEST_HASH,
    VIRTUAL_PACKAGES,
    format_overrides,
    format_virtual_packages,
)
from lockfiles.request.hash_forms import iter_hash_faults
from lockfiles.request.satisfied_conda import CondaView, iter_conda_faults
from lockfiles.request.satisfied_pypi import PypiView, iter_pypi_faults
from resolver.model.channels import Channel
from resolver.model.origin import Origin
from resolver.model.redaction import strip
from resolver.model.requirements import Requirements
from resolver.model.resolution import Resolution
from resolver.model.target import Target

#: So many packages of a channel that is gone are named.
_MOST_NAMES = 3


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One reason why a lockfile is not the answer; ``origin`` is the requirement's, where it is about one."""

    message: str
    platform: str | None = None
    origin: Origin | None = None
    environment: str | None = None  #: of a lockfile that holds several

    def __str__(self) -> str:
        place = f"{self.origin}: " if self.origin else ""
        where = ", ".join(part for part in (self.environment, self.platform) if part)
        return f"{place}{f'[{where}] ' if where else ''}{self.message}"


def has_request_hash(
    custom: Mapping[str, str], hashes: Mapping[str, str], kept: Collection[str] = ()
) -> bool:
    """Tell whether a lockfile says that it was made for these very requests (not of ``kept`` platforms)."""
    recorded = {
        key.removeprefix(REQUEST_HASH): value
        for key, value in custom.items()
        if key.startswith(REQUEST_HASH) and key.removeprefix(REQUEST_HASH) not in kept
    }
    return bool(hashes) and recorded == dict(hashes)


def check_satisfied(
    requirements: Requirements,
    targets: Sequence[Target],
    resolutions: Sequence[Resolution],
    *,
    channels: Sequence[Channel] = (),
    custom: Mapping[str, str] | None = None,
    hashes: Mapping[str, str] | None = None,
    kept: Collection[str] = (),
) -> tuple[Fault, ...]:
    """Return why ``resolutions`` don't answer the request, in a stable order; empty when they do.

    ``custom`` is the lockfile's metadata (None: the resolutions are no file's).
    Where another tool wrote it, it says nothing of targets and extras, and
    these aren't compared. ``hashes`` are the request hashes of now: where the
    lockfile has the same ones, only its own content is looked at (a package
    may have been taken out by hand). ``kept``: platforms of the lockfile that are
    there though they aren't asked for; nothing is said of them.
    """
    same_request = has_request_hash(custom or {}, hashes or {}, kept)
    known = {resolution.target.subdir: resolution for resolution in resolutions}
    faults = _platform_faults({target.subdir: None for target in targets}, known, kept)
    if not same_request:
        faults += _override_faults(requirements, custom)
    for target in targets:
        resolution = known.get(target.subdir)
        if resolution is None:
            continue
        is_foreign = custom is not None and VIRTUAL_PACKAGES + target.subdir not in custom
        if is_foreign:
            resolution = replace(resolution, target=target)
        pins = _Pins(conda=CondaView.of(resolution), pypi=PypiView.of(resolution, has_extras=not is_foreign))
        if not same_request:
            faults += _target_faults(target, resolution)
            faults += _channel_faults(requirements, channels, resolution)
        faults += [Fault(message=m, platform=target.subdir) for m in iter_hash_faults(resolution)]
        faults += _requirement_faults(requirements, target, pins, same_request=same_request)
        faults += [Fault(message=message, platform=target.subdir) for message in check_closed(resolution)]
        if not same_request and has_edges(resolution):
            faults += _surplus_faults(requirements, target, pins)
    return tuple(faults)


def has_edges(resolution: Resolution) -> bool:
    """Tell whether anything says what a package needs: a list of addresses or of pins doesn't."""
    conda = not resolution.conda or any(pin.record.depends for pin in resolution.conda)
    return conda and (len(resolution.pypi) < 2 or any(pin.dependencies for pin in resolution.pypi))


def _override_faults(requirements: Requirements, custom: Mapping[str, str] | None) -> Iterator[Fault]:
    """Yield a fault where other overrides stood in place of requirements when a lockfile was made."""
    old, new = (custom or {}).get(OVERRIDES, ""), format_overrides(requirements.overrides)
    if custom is not None and old != new:
        yield Fault(message=f"the overrides are other ones: had {old or 'none'}, now {new or 'none'}")


class _Pins(msgspec.Struct, frozen=True, kw_only=True):
    """The pins of one platform, from both ecosystems."""

    conda: CondaView
    pypi: PypiView


def _target_faults(target: Target, resolution: Resolution) -> Iterator[Fault]:
    made_for, platform = resolution.target, target.subdir
    old, new = (format_virtual_packages(t.virtual_packages) for t in (made_for, target))
    if old != new:
        gone = sorted(set(old.split()) - set(new.split()))
        come = sorted(set(new.split()) - set(old.split()))
        parts = [f"had {' '.join(gone)}"] if gone else []
        parts += [f"now has {' '.join(come)}"] if come else []
        yield Fault(message=f"the target's virtual packages: {', '.join(parts)}", platform=platform)
    if made_for.channel_priority is not target.channel_priority:
        message = f"channel priority was {made_for.channel_priority}, now is {target.channel_priority}"
        yield Fault(message=message, platform=platform)
    if made_for.resolution_mode is not target.resolution_mode:
        message = f"resolution was {made_for.resolution_mode}, now is {target.resolution_mode}"
        yield Fault(message=message, platform=platform)
    if made_for.exclude_newer != target.exclude_newer:
        yield Fault(message="the date of `--exclude-newer` is another one", platform=platform)


def _channel_faults(
    requirements: Requirements, channels: Sequence[Channel], resolution: Resolution
) -> Iterator[Fault]:
    """Yield one fault for each channel of the pins that isn't among those of now, or lies elsewhere."""
    known = {channel.base_url for channel in channels}
    asked = " ".join(requirement.spec for requirement in requirements.conda)
    gone: dict[Channel, list[str]] = {}
    for pin in resolution.conda if known else ():
        own = pin.url in asked or f"{pin.channel.name}::" in asked
        if pin.channel.base_url not in known and not own:
            gone.setdefault(pin.channel, []).append(f"`{pin.record.name}`")
    for old, names in gone.items():
        said = ", ".join(names[:_MOST_NAMES])
        if len(names) > _MOST_NAMES:
            said = f"{len(names)} packages ({said} ...)"
        message = f"{said} {'is' if len(names) == 1 else 'are'} from `{old.name}`"
        new = next((channel for channel in channels if channel.name == old.name), None)
        if new is None:
            message += ", which is no channel now"
        else:
            message += f" at {strip(old.base_url)}, which is now at {strip(new.base_url)}"
        yield Fault(message=message, platform=resolution.target.subdir)


def _requirement_faults(
    requirements: Requirements, target: Target, pins: _Pins, *, same_request: bool
) -> Iterator[Fault]:
    for conda in requirements.conda:
        if conda.applies_to(target):
            for message in iter_conda_faults(conda, pins.conda, same_request=same_request):
                yield Fault(message=message, platform=target.subdir, origin=conda.origin)
    for pypi in requirements.pypi:
        if pins.pypi.applies(pypi, target):
            for message in iter_pypi_faults(pypi, pins.pypi):
                yield Fault(message=message, platform=target.subdir, origin=pypi.origin)


def _surplus_faults(requirements: Requirements, target: Target, pins: _Pins) -> Iterator[Fault]:
    """Yield a fault for each pin that can't be reached from what is asked for."""
    needed: list[tuple[str, str]] = [
        ("conda", conda.name)
        for conda in requirements.conda
        if not conda.is_constraint and conda.applies_to(target)
    ]
    asked = [r for r in requirements.pypi if not r.is_constraint and pins.pypi.applies(r, target)]
    needed += [("pypi", name) for requirement in asked for name in pins.pypi.names_for(requirement)]
    if requirements.has_pip_section or asked:
        needed += [("conda", "python"), ("conda", "pip")]
    reached = _reach(needed, pins)
    surplus = {name for name in pins.conda.pins if ("conda", name) not in reached}
    surplus |= {name for name in pins.pypi.pins if ("pypi", name) not in reached}
    for name in sorted(surplus):
        yield Fault(message=f"`{name}` is needed by nothing", platform=target.subdir)


def _reach(needed: list[tuple[str, str]], pins: _Pins) -> set[tuple[str, str]]:
    """Return what ``needed`` brings in, itself included, across both ecosystems."""
    reached: set[tuple[str, str]] = set()
    while needed:
        kind, name = needed.pop()
        if kind == "pypi" and name not in pins.pypi.pins and (pair := pins.pypi.provider(name)):
            kind, name = "conda", pair[0]
        if (kind, name) in reached:
            continue
        reached.add((kind, name))
        if kind == "conda":
            needed += [("conda", one) for one in pins.conda.dependencies_of(name)]
        else:
            needed += [("pypi", one) for one in pins.pypi.dependencies_of(name)]
    return reached


def _platform_faults(wanted: Collection[str], known: Collection[str], kept: Collection[str]) -> list[Fault]:
    """Return the platforms that are asked for and lacking, then those that nobody asked for."""
    lacking = [
        Fault(message="the lockfile has no such platform", platform=platform)
        for platform in wanted
        if platform not in known
    ]
    return lacking + [
        Fault(message="the lockfile has a platform that is not asked for", platform=platform)
        for platform in known
        if platform not in wanted and platform not in kept
    ]


def check_closed(resolution: Resolution) -> tuple[str, ...]:
    """Return the dependencies of pins that no pin meets, as sentences, sorted; empty when there are none."""
    conda, pypi = CondaView.of(resolution), PypiView.of(resolution)
    return (*sorted(conda.iter_open(resolution.target)), *sorted(pypi.iter_open()))
