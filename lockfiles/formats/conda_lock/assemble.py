"""Resolutions to a lockfile's values, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from lockfiles.formats.conda_lock.target_keys import keys_of_platforms, keys_of_resolutions
from lockfiles.model import CondaLock, LockedChannel, LockedPackage, LockMetadata
from resolver.model.dependency_text import split_dependency
from resolver.model.patterns import pattern
from resolver.model.redaction import strip
from resolver.model.requirements import DirectKind, DirectReference
from resolver.model.resolution import CondaPin, PypiPin, Resolution

#: Hash algorithms that conda-lock's model of version 1 has a field for.
KNOWN_HASHES = ("md5", "sha256")
#: A build behind a version without a blank: ``=*=py_0``, ``1.0=py_0``; not ``==1.0``.
_BUILD = pattern(r"=?[^=<>!~,|\s]+=[^=]")


def lock_of_resolutions(
    resolutions: Sequence[Resolution],
    metadata: LockMetadata,
    packages_of: Callable[[Resolution], Iterable[LockedPackage]] | None = None,
) -> CondaLock:
    """Return the lockfile of one resolution for each platform.

    ``packages_of`` gives the packages of one, where they may have been made already.

    ``metadata.platforms`` and the ``lockstack.*`` keys that describe the
    targets are filled in here; the other keys of ``metadata.custom`` stay.
    Raises ValueError when two resolutions are for one platform: version 1 of
    the format has no place for that.
    """
    platforms = sorted(resolution.target.subdir for resolution in resolutions)
    if len(set(platforms)) != len(platforms):
        raise ValueError(f"two resolutions for one platform: {', '.join(platforms)}")
    if packages_of is None:
        packages_of = partial(locked_packages, references=references_of(metadata.channels))
    custom = keys_of_platforms(metadata.custom, platforms)
    packages = sorted(
        (package for resolution in resolutions for package in packages_of(resolution)),
        key=lambda package: package.key,
    )
    return CondaLock(
        metadata=LockMetadata(
            content_hash={platform: metadata.content_hash.get(platform, "") for platform in platforms},
            channels=metadata.channels,
            platforms=tuple(platforms),
            sources=metadata.sources,
            custom=dict(sorted((custom | keys_of_resolutions(resolutions)).items())),
        ),
        packages=tuple(packages),
    )


def references_of(channels: Iterable[LockedChannel]) -> dict[str, str]:
    """Return address -> the same with variables in place of its secrets, of channels that have some."""
    return {
        strip(channel.url).rstrip("/"): channel.url.rstrip("/")
        for channel in channels
        if channel.used_env_vars
    }


def locked_packages(resolution: Resolution, references: Mapping[str, str]) -> Iterator[LockedPackage]:
    """Yield the packages of a resolution; ``references`` as :func:`references_of` gives them."""
    platform = resolution.target.subdir
    for conda in resolution.conda:
        yield locked_conda(conda, platform, references)
    for pypi in resolution.pypi:
        yield locked_pypi(pypi, platform)


def locked_conda(pin: CondaPin, platform: str, references: Mapping[str, str]) -> LockedPackage:
    """Return a conda package; ``references`` as :func:`references_of` gives them."""
    url = strip(pin.url)
    base = pin.channel.base_url
    if base in references and url.startswith(base + "/"):
        url = references[base] + url[len(base) :]
    record = pin.record
    return LockedPackage(
        name=record.name,
        version=record.version,
        manager="conda",
        platform=platform,
        url=url,
        hashes={key: value for key, value in (("md5", record.md5), ("sha256", record.sha256)) if value},
        dependencies=split_match_specs(record.depends),
        categories=_main_first(pin.categories),
    )


def split_match_specs(specs: Iterable[str]) -> dict[str, str]:
    """Return name -> rest of the match spec, sorted by name; several specs of one name are joined.

    Virtual packages are kept: they say what the target must have.
    """
    found: dict[str, str] = {}
    for text in specs:
        name, rest = split_dependency(text)
        found[name] = _join_specs(found[name], rest) if name in found else rest
    return dict(sorted(found.items()))


def _has_build(spec: str) -> bool:
    """Tell whether a spec asks for a build or more: ``1.0 py_0``, ``=*=py_0``, ``1.0[build=py_0]``."""
    return " " in spec or "[" in spec or _BUILD.match(spec) is not None


def _join_specs(first: str, second: str) -> str:
    """Return one text for two specs that both must hold."""
    if first == second or second in ("", "*"):
        return first
    if first in ("", "*"):
        return second
    if _has_build(first) or _has_build(second):  # builds can't be joined: the one with a build says more
        return first if _has_build(first) else second
    return ",".join(f"({part})" if "|" in part else part for part in (first, second))


def locked_pypi(pin: PypiPin, platform: str) -> LockedPackage:
    """Return a package of an index, or of a place that a line names."""
    known = dict(pin.file.hashes) if pin.file else dict(pin.direct.hashes) if pin.direct else {}
    hashes = {name: known[name] for name in KNOWN_HASHES if name in known}
    source = direct_url(pin.direct, pin.commit) if pin.direct else None
    url = source or (strip(pin.file.url) if pin.file else "")
    if not source and known and not hashes:  # pip checks a hash in the fragment as well
        name = max(known)
        url = f"{url}#{name}={known[name]}"
    return LockedPackage(
        name=pin.name,
        version=pin.version,
        manager="pip",
        platform=platform,
        url=url,
        hashes=hashes,
        dependencies=dict(sorted(pin.dependencies.items())),
        categories=_main_first(pin.categories),
        source_url=source,
    )


def direct_url(direct: DirectReference, commit: str | None) -> str:
    """Return a direct reference as one address (PEP 508), its revision the full one where known.

    A local path keeps its relative form behind ``file:``.
    """
    fragments = [f"{name}={value}" for name, value in sorted(direct.hashes.items())]
    if direct.subdirectory:
        fragments.append(f"subdirectory={direct.subdirectory}")
    if direct.url is None:
        path = (direct.path or ".").replace("\\", "/")
        url = f"file://{path}" if path.startswith("/") else f"file:{path}"
    else:
        url = strip(direct.url)
        revision = commit or direct.revision
        if direct.kind is DirectKind.VCS:
            url = url if url.partition("+")[1] else f"git+{url}"
            url += f"@{revision}" if revision else ""
    return url + ("#" + "&".join(fragments) if fragments else "")


def _main_first(categories: frozenset[str]) -> frozenset[str]:
    """Return ``main`` alone where it is among them: what is always installed needs no other category."""
    return frozenset({"main"}) if "main" in categories or not categories else categories
