"""Several definitions at once: how many images, who shares one, and which edits would let more share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from lockfiles.identity.content import asked_content, digest_of, locked_content
from lockfiles.identity.definition import EnvironmentDefinition
from lockfiles.identity.differences import DefinitionDifference, find_differences, service_key
from resolver.model.resolution import Resolution

#: Keys of definitions for which nothing is built.
_NOT_BUILT = frozenset({"as-is", "reference"})


class ImageGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Definitions that share one image, in the order given; ``built``: the service builds it."""

    members: tuple[str, ...]
    built: bool


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """Definitions that ask for the same and would share the image of ``like`` after cosmetic edits."""

    like: str
    edits: Mapping[str, tuple[DefinitionDifference, ...]]  #: definition -> what to write as ``like`` has it


class Sharing(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for several definitions."""

    groups: tuple[ImageGroup, ...]
    suggestions: tuple[Suggestion, ...]

    @property
    def images(self) -> int:
        """How many images will be built."""
        return sum(group.built for group in self.groups)

    @property
    def images_after_edits(self) -> int:
        """How many would be built after every suggested edit."""
        merged = {label for suggestion in self.suggestions for label in suggestion.edits}
        return sum(group.built and not set(group.members) <= merged for group in self.groups)

    def to_json(self) -> dict[str, object]:
        """Return the answer as JSON values (4 keys)."""
        return {
            "images": self.images,
            "images_after_edits": self.images_after_edits,
            "groups": [{"built": group.built, "members": list(group.members)} for group in self.groups],
            "suggestions": [
                {
                    "like": suggestion.like,
                    "edits": {
                        label: [difference.to_json() for difference in differences]
                        for label, differences in suggestion.edits.items()
                    },
                }
                for suggestion in self.suggestions
            ],
        }


def find_sharing(
    definitions: Sequence[EnvironmentDefinition], resolutions: Mapping[str, Resolution] | None = None
) -> Sharing:
    """Return who shares an image; ``resolutions`` (by label) tell what is the same where they are known."""
    by_key: dict[tuple[str, ...], list[EnvironmentDefinition]] = {}
    for definition in definitions:
        by_key.setdefault(service_key(definition), []).append(definition)
    groups = tuple(
        ImageGroup(members=tuple(member.label for member in members), built=key[0] not in _NOT_BUILT)
        for key, members in by_key.items()
    )
    by_content: dict[str, list[EnvironmentDefinition]] = {}
    for key, members in by_key.items():
        if key[0] in {"image", "dockerfile", "unknown"}:
            by_content.setdefault(_content(members[0], resolutions or {}), []).extend(members)
    suggestions = [_suggest(members) for members in by_content.values()]
    return Sharing(groups=groups, suggestions=tuple(s for s in suggestions if s is not None))


def _content(definition: EnvironmentDefinition, resolutions: Mapping[str, Resolution]) -> str:
    resolution = resolutions.get(definition.label)
    return digest_of(
        locked_content(resolution, definition.image) if resolution else asked_content(definition)
    )


def _suggest(members: Sequence[EnvironmentDefinition]) -> Suggestion | None:
    """Return how to write the rarer spellings as the commonest (the first of them where several are)."""
    keys = [service_key(member) for member in members]
    counts = Counter(keys)
    if len(counts) == 1:
        return None
    best = max(counts, key=lambda key: (counts[key], -keys.index(key)))
    like = members[keys.index(best)]
    edits = {
        member.label: tuple(d for d in find_differences(like, member) if d.counts_for_image)
        for member, key in zip(members, keys, strict=True)
        if key != best
    }
    return Suggestion(like=like.label, edits=edits)
