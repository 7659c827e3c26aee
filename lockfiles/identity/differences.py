"""What differs between two definitions, in the order in which it is hashed, and whether it matters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import yaml

from lockfiles.identity.credentials import redact, redact_data
from lockfiles.identity.definition import DefinitionBuild, EnvironmentDefinition
from lockfiles.identity.docker.context import hash_directory
from lockfiles.identity.items import channel_texts, iter_items
from lockfiles.identity.normal import NormalItem, normal_channel, normal_image
from lockfiles.identity.sdk_versions import formula_for
from lockfiles.identity.secret_scan import credential_places
from lockfiles.identity.service import canonical_conda_text
from resolver.model.choices import StrEnum


class DifferenceKind(StrEnum):
    """What kind of edit a difference is."""

    ORDER = "order"
    EQUALS = "`=` or `==`"
    CASE = "case"
    BLANKS = "blanks"
    SPELLING = "spelling"
    NAME = "name"
    CHANNEL_ORDER = "order of channels"
    IMAGE = "base image"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    CONTEXT = "build context"


#: Edits after which the same packages are asked for.
COSMETIC = frozenset(
    {
        DifferenceKind.ORDER,
        DifferenceKind.EQUALS,
        DifferenceKind.CASE,
        DifferenceKind.BLANKS,
        DifferenceKind.SPELLING,
        DifferenceKind.NAME,
    }
)


class DefinitionDifference(msgspec.Struct, frozen=True, kw_only=True):
    """One difference; ``old`` and ``new`` are texts without credentials, None where there is nothing."""

    where: str  #: field, as ``dependencies``, ``dependencies.pip``, ``image``
    change: DifferenceKind
    old: str | None
    new: str | None
    counts_for_image: bool = True
    counts_for_sdk: bool = True

    @property
    def cosmetic(self) -> bool:
        """Tell whether the same packages are asked for."""
        return self.change in COSMETIC

    def to_json(self) -> dict[str, object]:
        """Return the difference as JSON values (7 keys)."""
        return {
            "where": self.where,
            "change": self.change.name.lower().replace("_", "-"),
            "cosmetic": self.cosmetic,
            "old": self.old,
            "new": self.new,
            "counts_for_image": self.counts_for_image,
            "counts_for_v2_version": self.counts_for_sdk,
        }


def service_key(definition: EnvironmentDefinition) -> tuple[str, ...]:
    """Return what decides which image the service uses: equal keys, one image.

    The first part says how it comes about: ``as-is`` (no build), ``context``,
    ``image``, ``dockerfile``; ``unknown`` where the base image isn't named, ``secret``
    for a context that can't be hashed because it holds a credential.
    Held in memory only: it is never hashed and never shown.
    """
    if definition.reference is not None:
        return ("reference", definition.reference)
    build = definition.build
    if build is not None:
        if build.directory is None:
            return ("remote", build.url or "", build.dockerfile_path or "")
        if credential_places(definition):
            return ("secret", str(build.directory), build.dockerfile_path or "Dockerfile")
        return (
            "context",
            hash_directory(build.directory, formula_for()),
            build.dockerfile_path or "Dockerfile",
        )
    if definition.user_managed or not definition.conda:
        if definition.base_dockerfile:
            return ("dockerfile", definition.base_dockerfile)
        return ("as-is", definition.image or "")
    conda = canonical_conda_text(definition.conda)
    spark = tuple(sorted(yaml.safe_dump(package) for package in definition.spark_packages))
    if definition.base_dockerfile:
        return ("dockerfile", definition.base_dockerfile, conda, *spark)
    return ("image" if definition.image else "unknown", definition.image or "", conda, *spark)


def find_differences(
    new: EnvironmentDefinition, old: EnvironmentDefinition
) -> tuple[DefinitionDifference, ...]:
    """Return every difference that an identifier sees, in the order of hashing."""
    return (*_base_differences(new, old), *_conda_differences(new.conda or {}, old.conda or {}))


def _base_differences(
    new: EnvironmentDefinition, old: EnvironmentDefinition
) -> Iterator[DefinitionDifference]:
    if bool(new.build) != bool(old.build) or bool(new.base_dockerfile) != bool(old.base_dockerfile):
        yield DefinitionDifference(
            where="image", change=DifferenceKind.IMAGE, old=_base_text(old), new=_base_text(new)
        )
        return
    if new.build is not None and old.build is not None:
        yield from _build_differences(new, new.build, old, old.build)
    if new.base_dockerfile != old.base_dockerfile:
        yield DefinitionDifference(
            where="base Dockerfile", change=DifferenceKind.IMAGE, old="the old text", new="the new text"
        )
    if new.image != old.image:
        same = bool(new.image and old.image) and normal_image(new.image or "") == normal_image(
            old.image or ""
        )
        yield DefinitionDifference(
            where="image",
            change=DifferenceKind.SPELLING if same else DifferenceKind.IMAGE,
            old=_shown(old.image),
            new=_shown(new.image),
        )
    if new.spark_packages != old.spark_packages:
        yield DefinitionDifference(
            where="spark.packages",
            change=DifferenceKind.CHANGED,
            old=str(redact_data(old.spark_packages)),
            new=str(redact_data(new.spark_packages)),
            counts_for_sdk=False,
        )
    if (new.inference or None) != (old.inference or None):
        yield DefinitionDifference(
            where="inference_config",
            change=DifferenceKind.CHANGED,
            old=_dump(old.inference),
            new=_dump(new.inference),
            counts_for_image=False,
        )


def _build_differences(
    new: EnvironmentDefinition, now: DefinitionBuild, old: EnvironmentDefinition, was: DefinitionBuild
) -> Iterator[DefinitionDifference]:
    if service_key(new)[:2] != service_key(old)[:2]:
        yield DefinitionDifference(
            where="build.path", change=DifferenceKind.CONTEXT, old=was.path, new=now.path
        )
    if was.dockerfile_path != now.dockerfile_path:
        same = (was.dockerfile_path or "Dockerfile") == (now.dockerfile_path or "Dockerfile")
        yield DefinitionDifference(
            where="build.dockerfile_path",
            change=DifferenceKind.SPELLING if same else DifferenceKind.CONTEXT,
            old=was.dockerfile_path,
            new=now.dockerfile_path,
            counts_for_image=not same,
        )


def _base_text(definition: EnvironmentDefinition) -> str:
    if definition.build is not None:
        return f"build context {definition.build.path}"
    return "a base Dockerfile" if definition.base_dockerfile else definition.image or "none"


def _conda_differences(new: Mapping[str, Any], old: Mapping[str, Any]) -> Iterator[DefinitionDifference]:
    for key in sorted({str(key) for key in (*new, *old)}):
        was, now = old.get(key), new.get(key)
        if key == "channels":
            yield from _channel_differences(channel_texts(new), channel_texts(old))
        elif key == "dependencies":
            yield from _dependency_differences(new, old)
        elif was != now or (key in new) != (key in old) or type(was) is not type(now):
            change = (
                DifferenceKind.NAME
                if key == "name"
                else DifferenceKind.SPELLING
                if key == "prefix"
                else DifferenceKind.CHANGED
            )
            yield DefinitionDifference(
                where=key,
                change=change,
                old=_dump(was, key) if key in old else None,
                new=_dump(now, key) if key in new else None,
                counts_for_image=key != "name",
            )


def _channel_differences(new: Sequence[str], old: Sequence[str]) -> Iterator[DefinitionDifference]:
    if list(new) == list(old):
        return
    was, now = [normal_channel(text) for text in old], [normal_channel(text) for text in new]
    if was == now:
        change = DifferenceKind.SPELLING
    elif Counter(was) == Counter(now):
        change = DifferenceKind.CHANNEL_ORDER
    elif set(was) <= set(now):
        change = DifferenceKind.ADDED
    else:
        change = DifferenceKind.REMOVED if set(now) <= set(was) else DifferenceKind.CHANGED
    yield DefinitionDifference(
        where="channels", change=change, old=redact(", ".join(old)), new=redact(", ".join(new))
    )


def _dependency_differences(new: Mapping[str, Any], old: Mapping[str, Any]) -> Iterator[DefinitionDifference]:
    """Compare items by what they are about, then the order of those that both have."""
    if yaml.safe_dump(new.get("dependencies")) == yaml.safe_dump(old.get("dependencies")):
        return
    found = [*_item_differences(new, old, pip=False), *_item_differences(new, old, pip=True)]
    yield from found
    was, now = _keys(old), _keys(new)
    in_both = set(was) & set(now)
    moved = [key for key in was if key in in_both] != [key for key in now if key in in_both]
    # with no item different, what is left is how the list is laid out
    if moved or not found:
        yield DefinitionDifference(
            where="dependencies", change=DifferenceKind.ORDER, old=_order(old), new=_order(new)
        )


def _keys(conda: Mapping[str, Any]) -> list[str]:
    return [item.key for _, item in iter_items(conda)]


def _item_differences(
    new: Mapping[str, Any], old: Mapping[str, Any], *, pip: bool
) -> Iterator[DefinitionDifference]:
    where = "dependencies.pip" if pip else "dependencies"
    was, now = _by_key(old, pip=pip), _by_key(new, pip=pip)
    for key in [*was, *(key for key in now if key not in was)]:
        before, after = was.get(key, ()), now.get(key, ())
        if [item.text for _, item in before] == [item.text for _, item in after]:
            texts = [text for text, _ in before], [text for text, _ in after]
            if texts[0] != texts[1]:
                change = _spelling(" ".join(texts[0]), " ".join(texts[1]))
                yield DefinitionDifference(
                    where=where, change=change, old=_joined(before), new=_joined(after)
                )
            continue
        change = (
            DifferenceKind.CHANGED
            if before and after
            else DifferenceKind.REMOVED
            if before
            else DifferenceKind.ADDED
        )
        yield DefinitionDifference(where=where, change=change, old=_joined(before), new=_joined(after))


def _by_key(conda: Mapping[str, Any], *, pip: bool) -> dict[str, tuple[tuple[str, NormalItem], ...]]:
    found: dict[str, tuple[tuple[str, NormalItem], ...]] = {}
    for entry, item in iter_items(conda):
        if entry.pip is pip:
            found[item.key] = (*found.get(item.key, ()), (entry.text, item))
    return found


def _spelling(old: str, new: str) -> DifferenceKind:
    if "".join(old.split()) == "".join(new.split()):
        return DifferenceKind.BLANKS
    if old.lower() == new.lower():
        return DifferenceKind.CASE
    if old.replace("==", "=") == new.replace("==", "="):
        return DifferenceKind.EQUALS
    return DifferenceKind.SPELLING


def _joined(items: Sequence[tuple[str, NormalItem]]) -> str | None:
    return redact(", ".join(text for text, _ in items)) if items else None


def _order(conda: Mapping[str, Any]) -> str:
    return ", ".join(f"pip: {item.name}" if entry.pip else item.name for entry, item in iter_items(conda))


def _shown(text: str | None) -> str | None:
    return redact(text) if text else None


def _dump(value: Any, key: str = "") -> str:
    return (
        str(yaml.safe_dump(redact_data({key: value})[key], default_flow_style=True))
        .removesuffix("...\n")
        .strip()
    )
