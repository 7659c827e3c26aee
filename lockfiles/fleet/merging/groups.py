"""Which environments may share an image at all: those that everything but their lines is the same for."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import msgspec

from lockfiles.fleet.merging.keep import Keep, kept_lines
from lockfiles.fleet.merging.members import FleetMember, NotMerged, Requirement
from lockfiles.fleet.merging.merged_file import merged_file
from lockfiles.fleet.merging.verdicts import Bits
from resolver.errors import InputError
from resolver.model.requirements import PypiRequirement

#: What may not differ, in words, in the order in which it is told.
ASPECTS = ("target", "base image", "channels", "indexes", "options of pip", "settings", "overrides")


class SetVariable(msgspec.Struct, frozen=True, kw_only=True):
    """A variable that an environment sets: another value for it clashes."""

    name: str
    value: str


class SharingGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Members that may share images, what each of them needs, and how that is numbered.

    ``items`` has a member's needs as bits: bit n is ``needs[n]``.
    """

    members: tuple[FleetMember, ...]
    needs: tuple[Requirement | SetVariable, ...]
    items: tuple[Bits, ...]
    aspects: tuple[Hashable, ...]

    def lines(self, bits: Bits) -> tuple[Requirement, ...]:
        """Return the lines among some needs, conda first, each in order of the members."""
        found = [need for n, need in enumerate(self.needs) if bits >> n & 1]
        return tuple(need for need in found if not isinstance(need, SetVariable))

    def variables(self, bits: Bits) -> dict[str, str]:
        """Return the variables among some needs."""
        found = (need for n, need in enumerate(self.needs) if bits >> n & 1)
        return {need.name: need.value for need in found if isinstance(need, SetVariable)}

    def texts(self, bits: Bits) -> tuple[str, ...]:
        """Return needs as people read them."""
        return tuple(_text(need) for n, need in enumerate(self.needs) if bits >> n & 1)


def _text(need: Requirement | SetVariable) -> str:
    match need:
        case SetVariable(name=name, value=value):
            return f"variable {name}={value}"
    return getattr(need, "spec", "") or getattr(need, "text", "")


def make_groups(
    members: Sequence[FleetMember], keep: Keep | None, folder: str
) -> tuple[tuple[SharingGroup, ...], tuple[NotMerged, ...]]:
    """Return the groups in order of their first members, and the members that can't be merged at all.

    ``folder``: where merged environments would stand. The latter are those that no environment file
    can say all of.
    """
    together: dict[tuple[Hashable, ...], list[tuple[FleetMember, tuple[Requirement, ...]]]] = {}
    left: list[NotMerged] = []
    for member in members:
        kept = kept_lines(member, keep)
        reason = _against(member, (*member.lines, *kept), folder)
        if reason is not None:
            left.append(NotMerged(name=member.name, reason=reason))
            continue
        together.setdefault(aspects_of(member), []).append((member, (*member.lines, *kept)))
    return tuple(_group(found, aspects) for aspects, found in together.items()), tuple(left)


def _against(member: FleetMember, lines: Sequence[Requirement], folder: str) -> str | None:
    """Return why a member stays by itself; None: nothing speaks against merging it."""
    if member.session.secrets:
        return "its addresses have credentials, which are written nowhere"
    if any(line.category != "main" for line in _all(member)):
        return "its lines have categories or groups, for which a merged file has no place"
    beside = next((line for line in lines if _names_a_place_here(line)), None)
    if beside is not None:
        return f"`{_text(beside)}` is a place beside its file"
    try:
        merged_file(member, lines, member.session.requirements.variables, f"{folder}/merged")
    except InputError as error:
        return error.message
    return None


def _names_a_place_here(line: Requirement) -> bool:
    return isinstance(line, PypiRequirement) and line.direct is not None and line.direct.path is not None


def _all(member: FleetMember) -> tuple[Requirement, ...]:
    return (*member.session.requirements.conda, *member.session.requirements.pypi)


def aspects_of(member: FleetMember) -> tuple[Hashable, ...]:
    """Return what may not differ within an image, as :data:`ASPECTS` lists it."""
    session, asked = member.session, member.session.requirements
    image = asked.image.reference if asked.image is not None else ""
    channels = tuple((one.name, one.base_url) for one in session.channels)
    written = tuple(request.text for request in asked.channels)
    own = _indexes_of_projects(member)
    return (
        (session.targets, asked.platforms),
        (image, repr(member.request.machine)),
        (channels, session.channel_texts, written),
        (tuple((one.name, one.url, one.is_flat, one.is_explicit) for one in session.indexes), own),
        repr(asked.indexes),
        repr(sorted(session.fingerprint().items())),
        repr(asked.overrides),
    )


def differing_aspects(groups: Sequence[SharingGroup]) -> tuple[str, ...]:
    """Return what groups differ in, in words; empty for one."""
    columns = zip(*(group.aspects for group in groups), strict=True)
    return tuple(name for name, values in zip(ASPECTS, columns, strict=False) if len(set(values)) > 1)


def _indexes_of_projects(member: FleetMember) -> tuple[tuple[str, str], ...]:
    """Return the projects that lines take from one index alone: another line can't take them from another."""
    lines = member.session.requirements.pypi
    return tuple(sorted((str(line.name), line.index) for line in lines if line.index))


def _group(
    found: Sequence[tuple[FleetMember, tuple[Requirement, ...]]], aspects: tuple[Hashable, ...]
) -> SharingGroup:
    needs: dict[Requirement | SetVariable, int] = {}
    every = [line for _, lines in found for line in lines]
    for line in sorted(every, key=lambda line: not hasattr(line, "spec")):  # conda first, else as they come
        needs.setdefault(line, len(needs))
    items = []
    for member, lines in found:
        variables = member.session.requirements.variables
        own = [SetVariable(name=name, value=value) for name, value in sorted(variables.items())]
        bits = 0
        for need in (*lines, *own):
            bits |= 1 << needs.setdefault(need, len(needs))
        items.append(bits)
    return SharingGroup(
        members=tuple(member for member, _ in found),
        needs=tuple(needs),
        items=tuple(items),
        aspects=aspects,
    )
