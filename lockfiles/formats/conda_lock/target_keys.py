"""What the format has no place for, as text under ``lockstack.*`` keys of ``custom_metadata``.

::

    lockstack.channel-priority                strict
    lockstack.resolution                      lowest       where it isn't the highest versions
    lockstack.exclude-newer                   2026-01-01T00:00:00Z
    lockstack.virtual-packages.linux-64       __archspec=1=x86_64 __glibc=2.28=0 __linux=5.10=0 __unix=0=0
    lockstack.python.linux-64                 3.11.9
    lockstack.provided.linux-64               torch=pytorch=2.3.1       project=conda package=version
    lockstack.extras.linux-64                 uvicorn[standard]
    lockstack.editable.linux-64               mypkg
    lockstack.shared.linux-64                 {"*a b": "torch numpy"}: which of its indexes gave a project (*)
    lockstack.tool                            lockstack 0.1.0
    lockstack.name                            the environment's name in the input
    lockstack.indexes                         indexes in the order asked, by name, without credentials
    lockstack.request-hash.linux-64           digest of all that was asked for
    lockstack.flags                           {"groups": ["dev"]}: what flags said, as JSON
    lockstack.overrides                       ["numpy>=2"]: what stood in place of requirements, as JSON
    lockstack.last-package                    conda zlib linux-64 1: the last one, and its number of entries
    lockstack.without-md5                     conda packages whose channel gives no md5

Lists are blank-separated and sorted. Keys with nothing to say are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from lockfiles.model import KEY_PREFIX, LockedPackage
from resolver.model.channels import ChannelPriority
from resolver.model.json_text import dump_sorted
from resolver.model.names import PypiName
from resolver.model.redaction import redact
from resolver.model.requirements import Override
from resolver.model.resolution import Resolution, Shared
from resolver.model.target import ResolutionMode, Target, VirtualPackage

PRIORITY = KEY_PREFIX + "channel-priority"
RESOLUTION = KEY_PREFIX + "resolution"
EXCLUDE_NEWER = KEY_PREFIX + "exclude-newer"
VIRTUAL_PACKAGES = KEY_PREFIX + "virtual-packages."
PYTHON = KEY_PREFIX + "python."
TARGET_PYTHON = KEY_PREFIX + "target-python."
PROVIDED = KEY_PREFIX + "provided."
EXTRAS = KEY_PREFIX + "extras."
EDITABLE = KEY_PREFIX + "editable."
SHARED = KEY_PREFIX + "shared."
TOOL = KEY_PREFIX + "tool"
NAME = KEY_PREFIX + "name"
INDEXES = KEY_PREFIX + "indexes"
REQUEST_HASH = KEY_PREFIX + "request-hash."
OVERRIDES = KEY_PREFIX + "overrides"
LAST_PACKAGE = KEY_PREFIX + "last-package"
WITHOUT_MD5 = KEY_PREFIX + "without-md5"


#: Beginnings of keys that end in a platform.
PER_PLATFORM = (VIRTUAL_PACKAGES, PYTHON, TARGET_PYTHON, PROVIDED, EXTRAS, EDITABLE, SHARED, REQUEST_HASH)


def keys_of_platforms(custom: Mapping[str, str], platforms: Sequence[str]) -> dict[str, str]:
    """Return the keys without those of platforms that are not (or no longer) there."""
    return {
        key: value
        for key, value in custom.items()
        if not any(
            key.startswith(start) and key.removeprefix(start) not in platforms for start in PER_PLATFORM
        )
    }


def keys_of_resolutions(resolutions: Sequence[Resolution]) -> dict[str, str]:
    """Return the keys that describe the targets and what they hold.

    Raises ValueError when the targets disagree on the priority, the versions wanted or the date:
    these are settings of a whole run.
    """
    found: dict[str, str] = {}
    for key, values in (
        (PRIORITY, {r.target.channel_priority.value for r in resolutions}),
        (RESOLUTION, {_format_mode(r.target.resolution_mode) for r in resolutions}),
        (EXCLUDE_NEWER, {_format_time(r.target.exclude_newer) for r in resolutions}),
    ):
        if len(values) > 1:
            raise ValueError(f"targets of one lockfile disagree on {key}: {sorted(values)}")
        found[key] = "".join(values)
    for resolution in resolutions:
        found.update(_keys_of_target(resolution))
    found[WITHOUT_MD5] = " ".join(
        sorted({p.record.name for r in resolutions for p in r.conda if not p.record.md5})
    )
    return {key: value for key, value in found.items() if value}


def _keys_of_target(resolution: Resolution) -> dict[str, str]:
    platform = resolution.target.subdir
    conda = {pin.record.name: pin.record.version for pin in resolution.conda}
    return {
        VIRTUAL_PACKAGES + platform: format_virtual_packages(resolution.target.virtual_packages),
        PYTHON + platform: resolution.python or "",
        TARGET_PYTHON + platform: resolution.target.python or "",
        PROVIDED + platform: " ".join(
            f"{project}={name}={version}"
            for project, (name, version) in sorted(resolution.provided.items())
            if str(project) != name or version != conda.get(name)  # the rest goes without saying
        ),
        EXTRAS + platform: " ".join(
            f"{pin.name}[{','.join(sorted(pin.extras))}]" for pin in resolution.pypi if pin.extras
        ),
        EDITABLE + platform: " ".join(
            pin.name for pin in resolution.pypi if pin.direct and pin.direct.editable
        ),
        SHARED + platform: format_shared(resolution.shared),
    }


def format_shared(shared: Mapping[PypiName, Shared]) -> str:
    """Return projects by the indexes that have them, as JSON: the one that gave the file has a star."""
    groups: dict[str, list[str]] = {}
    for project, one in shared.items():
        indexes = " ".join(f"*{index}" if index == one.index else index for index in one.indexes)
        groups.setdefault(indexes, []).append(project)
    texts = {indexes: " ".join(sorted(names)) for indexes, names in sorted(groups.items())}
    return dump_sorted(texts, spaced=True).decode("ascii") if texts else ""


def parse_shared(text: str) -> dict[PypiName, Shared]:
    """Return what :func:`format_shared` wrote; raises ValueError for anything else."""
    if not text:
        return {}
    groups = msgspec.json.decode(text, type=dict[str, str])  # in which nothing is nested
    found: dict[PypiName, Shared] = {}
    for words, names in groups.items():
        index = next((word[1:] for word in words.split() if word.startswith("*")), None)
        if index is None:
            raise ValueError(f"`{SHARED}` names no index that gave a file: `{words}`")
        indexes = tuple(word.removeprefix("*") for word in words.split())
        found |= {PypiName(name): Shared(index=index, indexes=indexes) for name in names.split()}
    return dict(sorted(found.items()))


def format_last_package(package: LockedPackage) -> str:
    """Return manager, name and platform of a package, and how many entries (categories) it has."""
    return " ".join((*package.key, str(len(package.categories))))


def format_overrides(overrides: Sequence[Override]) -> str:
    """Return overrides as a sorted JSON list of texts without secrets; empty where there are none."""
    texts = sorted(redact(str(override)) for override in overrides)
    return dump_sorted(texts, spaced=True).decode("ascii") if texts else ""


def target_of_keys(custom: Mapping[str, str], platform: str) -> Target:
    """Return the target as the keys describe it; what they don't say has the default.

    Raises ValueError for a value that can't be read.
    """
    newer = custom.get(EXCLUDE_NEWER)
    return Target(
        subdir=platform,
        virtual_packages=parse_virtual_packages(custom.get(VIRTUAL_PACKAGES + platform, "")),
        channel_priority=ChannelPriority(custom.get(PRIORITY, ChannelPriority.STRICT)),
        resolution_mode=ResolutionMode(custom.get(RESOLUTION, ResolutionMode.HIGHEST)),
        python=custom.get(TARGET_PYTHON + platform) or None,
        exclude_newer=int(datetime.fromisoformat(newer).timestamp()) if newer else None,
    )


def _format_mode(mode: ResolutionMode) -> str:
    return "" if mode is ResolutionMode.HIGHEST else mode.value


def format_virtual_packages(packages: Sequence[VirtualPackage]) -> str:
    """Return virtual packages as ``name=version=build``, blank-separated, sorted."""
    return " ".join(f"{p.name}={p.version}={p.build}" for p in sorted(packages))


def parse_virtual_packages(text: str) -> tuple[VirtualPackage, ...]:
    """Return the virtual packages of such a text, sorted; version and build may be left out."""
    found = []
    for item in text.split():
        name, version, build = (*item.split("=", 2), "", "")[:3]
        found.append(VirtualPackage(name=name, version=version or "0", build=build or "0"))
    return tuple(sorted(found))


def parse_provided(text: str) -> dict[str, tuple[str, str]]:
    """Return project -> conda package and version; items of another form are left out."""
    items = (item.split("=", 2) for item in text.split())
    return {parts[0]: (parts[1], parts[2]) for parts in items if len(parts) == 3}


def parse_extras(text: str) -> dict[str, frozenset[str]]:
    """Return project -> extras."""
    items = (item.rstrip("]").split("[", 1) for item in text.split())
    return {parts[0]: frozenset(parts[1].split(",")) for parts in items if len(parts) == 2}


def _format_time(seconds: int | None) -> str:
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
