"""Conda requirements and dependencies against pins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from lockfiles.formats.conda_lock.assemble import split_match_specs
from resolver.model.match_spec import MatchSpec, parse_match_spec, version_spec_matches
from resolver.model.requirements import CondaRequirement
from resolver.model.resolution import CondaPin, Resolution
from resolver.model.target import Target, VirtualPackage


class CondaView(msgspec.Struct, frozen=True, kw_only=True):
    """The conda pins of one resolution, by name."""

    pins: Mapping[str, CondaPin]

    @classmethod
    def of(cls, resolution: Resolution) -> CondaView:
        """Return the view of a resolution."""
        return cls(pins={pin.record.name: pin for pin in resolution.conda})

    def dependencies_of(self, name: str) -> Sequence[str]:
        """Return the names a pin depends on; none for what isn't pinned."""
        pin = self.pins.get(name)
        return tuple(split_match_specs(pin.record.depends)) if pin else ()

    def iter_open(self, target: Target) -> Iterator[str]:
        """Yield a sentence for each dependency or constraint of a pin that isn't met."""
        for name, pin in self.pins.items():
            for text in pin.record.depends:
                if reason := self._unmet(text, target):
                    yield f"`{name}` needs `{text}`, {reason}"
            for text in pin.record.constrains:
                spec = parse_match_spec(text)
                other = self.pins.get(spec.name)
                if other is not None and not spec.matches(other.record):
                    yield f"`{name}` only goes with `{text}`, the lockfile has {_shown(other)}"

    def _unmet(self, text: str, target: Target) -> str | None:
        try:
            spec = parse_match_spec(text)
        except ValueError:
            return "which can't be read"
        if spec.name.startswith("__"):
            virtual = target.virtual(spec.name)
            if virtual is None:
                return "which the target lacks"
            return None if _virtual_matches(spec, virtual) else f"the target has {virtual.version}"
        pin = self.pins.get(spec.name)
        if pin is None:
            return "which is not in the lockfile"
        return None if spec.matches(pin.record) else f"the lockfile has {_shown(pin)}"


def _virtual_matches(spec: MatchSpec, virtual: VirtualPackage) -> bool:
    from resolver.model.match_spec import build_matcher

    if spec.version is not None and not version_spec_matches(spec.version, virtual.version):
        return False
    return spec.build is None or bool(build_matcher(spec.build)(virtual.build))


def _shown(pin: CondaPin) -> str:
    return f"{pin.record.name} {pin.record.version} {pin.record.build}".rstrip()


def iter_conda_faults(
    requirement: CondaRequirement, view: CondaView, *, same_request: bool = False
) -> Iterator[str]:
    """Yield why a requirement isn't met (at most one sentence).

    ``same_request``: the lockfile was made for these lines, so what it has no place for is as asked.
    """
    pin = view.pins.get(requirement.name)
    if pin is None:
        if requirement.is_constraint or requirement.name.startswith("__"):
            return
        yield f"`{requirement.spec}` is not in the lockfile"
        return
    spec = msgspec.structs.replace(requirement.match_spec, flags=())
    if (spec.extras or requirement.match_spec.flags) and not same_request:
        yield f"`{requirement.spec}` is asked for, and the lockfile doesn't tell whether that is so"
    elif not spec.matches(pin.record):
        yield f"`{requirement.spec}` is asked for, the lockfile has {_shown(pin)}"
    elif spec.channel is not None and not _is_channel(spec.channel, pin):
        yield f"`{requirement.spec}` is asked for, the lockfile has it from `{pin.channel.name}`"
    elif "main" not in pin.categories and requirement.category not in pin.categories:
        yield f"`{requirement.spec}` is of category `{requirement.category}`, not so in the lockfile"


def _is_channel(asked: str, pin: CondaPin) -> bool:
    """Tell whether a pin comes from the channel a spec names, ``defaults`` standing for its members."""
    asked = asked.rstrip("/")
    name, base = pin.channel.name, pin.channel.base_url
    if asked == "defaults":
        return name == "defaults" or name.startswith("pkgs/") or "/pkgs/" in base
    return asked in (name, base) or base.endswith("/" + asked)
