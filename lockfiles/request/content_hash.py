"""The content hash: a digest of what was asked for, equal to conda-lock's where conda-lock can read it.

conda-lock serialises channels, specs and virtual packages of one platform as
JSON with sorted keys, and takes its sha256 (``conda_lock.content_hash``,
versions 2 to 4). It leaves out what it has no place for: of two lines for one
package it keeps the last, of the user's line for pip nothing, and nothing of
constraints, editable folders and index options. Two requests may therefore
share a content hash; :mod:`lockfiles.request.request_hash` has the digest without holes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lockfiles.addresses import locked_channel
from lockfiles.request.content_hash_pip import applies_to, hashed_requirement
from lockfiles.request.content_hash_specs import hashed_spec
from resolver.model.digests import sha256
from resolver.model.json_text import dump_sorted
from resolver.model.redaction import strip
from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements
from resolver.model.target import VirtualPackage

Json = dict[str, Any]

#: conda-lock's default virtual packages (``default-virtual-packages.yaml``, versions 2 to 4), with the second
#: ``__osx`` that it keeps only because it was in its first hashes.
_LINUX = (("__unix", "0", ""), ("__linux", "5.10", ""), ("__glibc", "2.28", ""), ("__cuda", "11.4", ""))
_DEFAULTS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "linux-64": (*_LINUX, ("__archspec", "1", "x86_64")),
    "linux-aarch64": (*_LINUX, ("__archspec", "1", "aarch64")),
    "linux-ppc64le": (*_LINUX, ("__archspec", "1", "ppc64le")),
    "osx-64": (
        ("__unix", "0", ""),
        ("__archspec", "1", "x86_64"),
        ("__osx", "11.0", ""),
        ("__osx", "10.15", ""),
    ),
    "osx-arm64": (("__unix", "0", ""), ("__archspec", "1", "arm64"), ("__osx", "11.0", "")),
    "win-64": (("__win", "0", ""), ("__archspec", "1", "x86_64"), ("__cuda", "11.4", "")),
}
_TIMESTAMP = 1577854800000  #: of every virtual package: 2020-01-01, in milliseconds


def content_hashes(
    requirements: Requirements,
    platforms: Iterable[str],
    *,
    virtual_packages: Mapping[str, Sequence[VirtualPackage]] | None = None,
    pip_repositories: Sequence[str] = (),
) -> dict[str, str]:
    """Return platform -> 64 hex digits, sorted by platform.

    ``virtual_packages`` (by platform) stands for conda-lock's
    ``virtual-packages.yml``; None means that none were declared, and gives the
    hash with conda-lock's own defaults. Secrets in addresses don't enter.
    """
    return {
        platform: _digest(_content(requirements, platform, virtual_packages, pip_repositories))
        for platform in sorted(set(platforms))
    }


def _digest(content: Json) -> str:
    return sha256(dump_sorted(content, spaced=True)).hexdigest()


def _content(
    requirements: Requirements,
    platform: str,
    virtual_packages: Mapping[str, Sequence[VirtualPackage]] | None,
    pip_repositories: Sequence[str],
) -> Json:
    specs = {(spec["manager"], spec["name"]): spec for spec in _iter_specs(requirements, platform)}
    content: Json = {
        "channels": list(_iter_channels(requirements)),
        "specs": [specs[key] for key in sorted(specs)],
        "virtual_package_hash": _virtual_package_content(platform, virtual_packages),
    }
    if pip_repositories:
        content["pip_repositories"] = [_compact({"url": strip(url)}) for url in pip_repositories]
    return content


def _iter_channels(requirements: Requirements) -> Iterator[str]:
    """Yield each channel as compact JSON; ``nodefaults`` is no channel."""
    for request in requirements.channels:
        if request.text != "nodefaults":
            channel = locked_channel(request.text)
            yield _compact({"url": channel.url, "used_env_vars": channel.used_env_vars})


def _compact(value: object) -> str:
    import json  # of conda's channels alone

    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _iter_specs(requirements: Requirements, platform: str) -> Iterator[Json]:
    for conda in requirements.conda:
        if not conda.is_constraint and (conda.platforms is None or platform in conda.platforms):
            yield _conda_spec(conda)
    for pypi in requirements.pypi:
        if _enters(pypi, platform):
            yield hashed_requirement(pypi)
    if requirements.has_pip_section:  # conda-lock asks for pip itself, whatever the file says of it
        yield _versioned("pip", "conda", "main", version="*")


def _enters(requirement: PypiRequirement, platform: str) -> bool:
    editable = requirement.direct is not None and requirement.direct.editable
    return not requirement.is_constraint and not editable and applies_to(requirement, platform)


def _conda_spec(requirement: CondaRequirement) -> Json:
    spec = hashed_spec(requirement.spec)
    found = _versioned(spec.name, "conda", requirement.category, version=spec.version)
    return found | {"build": spec.build, "conda_channel": spec.channel}


def _versioned(name: str, manager: str, category: str, *, version: str) -> Json:
    return {
        "name": name,
        "manager": manager,
        "category": category,
        "extras": [],
        "version": version,
        "build": None,
        "conda_channel": None,
        "hash": None,
    }


def _virtual_package_content(
    platform: str, virtual_packages: Mapping[str, Sequence[VirtualPackage]] | None
) -> Json:
    """Return conda-lock's repodata of virtual packages: a build string gets a build number."""
    if virtual_packages is None:
        rows: Iterable[tuple[str, str, str]] = _DEFAULTS.get(platform, ())
        known = platform in _DEFAULTS
    else:
        declared = virtual_packages.get(platform, ())
        rows = ((p.name, p.version, "" if p.build == "0" else p.build) for p in declared)
        known = platform in _DEFAULTS or bool(declared)
    packages = dict(_virtual_package(platform, *row) for row in rows)
    return {
        "noarch": {"info": {"subdir": "noarch"}, "packages": {}},
        platform: {"info": {"subdir": platform}, "packages": packages} if known else {},
    }


def _virtual_package(platform: str, name: str, version: str, build_string: str) -> tuple[str, Json]:
    build = f"{build_string}_0" if build_string else "0"
    return f"{name}-{version}-{build}.tar.bz2", {
        "name": name,
        "version": version,
        "build_string": build_string,
        "build_number": 0,
        "build": build,
        "noarch": "",
        "depends": [],
        "timestamp": _TIMESTAMP,
        "package_type": "virtual_system",
        "subdir": platform,
    }
