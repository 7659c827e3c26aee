"""The request hash: a digest of everything that was asked for and of the target it is asked for.

The same hash means the same question, so a lockfile with it is fresh; another
one means nothing, as a comment's neighbour may have moved: then the
requirements themselves are checked (:mod:`lockfiles.request.satisfied`). The form is
versioned, and made of plain values field by field, so that a new field of the
model changes no hash that was written before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lockfiles.addresses import locked_channel
from lockfiles.formats.conda_lock.target_keys import format_virtual_packages
from lockfiles.request.content_hash_pip import applies_to
from resolver.model.digests import sha256
from resolver.model.json_text import dump_sorted
from resolver.model.redaction import strip
from resolver.model.requirements import (
    CondaRequirement,
    DirectReference,
    IndexOptions,
    Override,
    PypiRequirement,
    Requirements,
)
from resolver.model.target import ResolutionMode, Target

#: Grows when the form below changes; hashes of another version are never equal.
FORM = 1

Json = dict[str, Any]


def request_hashes(
    requirements: Requirements,
    targets: Iterable[Target],
    *,
    settings: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, str]:
    """Return platform -> 64 hex digits.

    ``settings`` holds what else decides an answer, by name (``channels``,
    ``indexes``, ``name-map`` ...): texts without secrets, in their order.
    """
    told = {name: list(values) for name, values in sorted((settings or {}).items())}
    return {target.subdir: _digest(_request(requirements, target) | {"settings": told}) for target in targets}


def _digest(value: Json) -> str:
    return sha256(dump_sorted(value)).hexdigest()


def _request(requirements: Requirements, target: Target) -> Json:
    """Return the request as JSON values; requirements are a set, channels and indexes a sequence."""
    platform = target.subdir
    conda = [_conda(r) for r in requirements.conda if r.platforms is None or platform in r.platforms]
    pypi = [_pypi(r) for r in requirements.pypi if applies_to(r, platform)]
    # told where it is set alone: hashes that were written before stay as they are
    mode = target.resolution_mode
    rare: Json = {} if mode is ResolutionMode.HIGHEST else {"resolution": mode.value}
    return {
        "form": FORM,
        "target": {
            **rare,
            "platform": platform,
            "virtual_packages": format_virtual_packages(target.virtual_packages),
            "channel_priority": target.channel_priority.value,
            "python": target.python,
            "exclude_newer": target.exclude_newer,
        },
        "channels": [locked_channel(channel.text).url for channel in requirements.channels],
        "conda": _as_set(conda),
        "pypi": _as_set(pypi),
        "pip": requirements.has_pip_section,
        "options": _options(requirements.indexes),
        **_overrides(requirements.overrides),
    }


def _overrides(overrides: Sequence[Override]) -> Json:
    """Return the overrides, as a set; nothing where there are none, so that older hashes stay."""
    told = [
        {
            "name": override.name,
            "requirement": _pypi(override.requirement) if override.requirement else None,
            "only_versions": override.only_versions,
        }
        for override in overrides
    ]
    return {"overrides": _as_set(told)} if told else {}


def _as_set(values: list[Json]) -> list[str]:
    return sorted({dump_sorted(value, spaced=True).decode() for value in values})


def _conda(requirement: CondaRequirement) -> Json:
    # told where it is set alone: hashes that were written before stay as they are
    rare: Json = {"constraint": True} if requirement.is_constraint else {}
    return rare | {"spec": " ".join(requirement.spec.split()), "category": requirement.category}


def _pypi(requirement: PypiRequirement) -> Json:
    direct = requirement.direct
    return {
        "name": requirement.name,
        "extras": sorted(requirement.extras),
        "specifier": ",".join(sorted(requirement.specifier.replace(" ", "").split(","))),
        "marker": " ".join((requirement.marker or "").split()),
        "direct": _direct(direct) if direct else None,
        "hashes": sorted(requirement.hashes),
        "index": strip(requirement.index or ""),
        "category": requirement.category,
        "constraint": requirement.is_constraint,
    }


def _direct(direct: DirectReference) -> Json:
    return {
        "kind": direct.kind.value,
        "url": strip(direct.url or ""),
        "path": (direct.path or "").replace("\\", "/"),
        "revision": direct.revision,
        "subdirectory": direct.subdirectory,
        "hashes": dict(sorted(direct.hashes.items())),
        "editable": direct.editable,
    }


def _options(options: IndexOptions) -> Json:
    # told where it is set alone: hashes that were written before stay as they are
    rare: Json = {"prefer_binary": True} if options.prefer_binary else {}
    return rare | {
        "index_url": strip(options.index_url or ""),
        "extra_index_urls": [strip(url) for url in options.extra_index_urls],
        "find_links": [strip(url) for url in options.find_links],
        "no_index": options.no_index,
        "pre": options.pre,
        "no_binary": sorted(options.no_binary),
        "only_binary": sorted(options.only_binary),
        "require_hashes": options.require_hashes,
    }
