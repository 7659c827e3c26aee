"""pip requirements and dependencies against pins, and against what conda provides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from resolver.model.names import PypiName
from resolver.model.requirements import PypiRequirement
from resolver.model.resolution import PypiPin, Resolution
from resolver.model.target import Target
from resolver.model.unusable import Unusable

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet


class PypiView(msgspec.Struct, frozen=True, kw_only=True):
    """PyPI projects of one resolution: pinned ones, and those that conda packages provide."""

    pins: Mapping[str, PypiPin]
    provided: Mapping[PypiName, tuple[str, str]]
    python: str | None
    has_extras: bool = True  #: whether it is known which extras were taken

    @classmethod
    def of(cls, resolution: Resolution, *, has_extras: bool = True) -> PypiView:
        """Return the view of a resolution."""
        return cls(
            has_extras=has_extras,
            pins={pin.name: pin for pin in resolution.pypi},
            provided={name: (conda, version) for name, (conda, version) in resolution.provided.items()},
            python=resolution.python,
        )

    def version_of(self, name: str) -> str | None:
        """Return the version a project has, from either ecosystem; None where it is absent."""
        if name in self.pins:
            return self.pins[name].version
        pair = self.provider(name)
        return pair[1] if pair else None

    def provider(self, name: str) -> tuple[str, str] | None:
        """Return the conda package that provides a project, and the project's version; None: none."""
        return self.provided.get(PypiName(name))

    def names_for(self, requirement: PypiRequirement) -> Sequence[str]:
        """Return the projects a requirement brings in: its name, or those at its place where it has none."""
        if requirement.name is not None:
            return (requirement.name,)
        return tuple(name for name, pin in self.pins.items() if _is_same_place(requirement, pin))

    def dependencies_of(self, name: str) -> Sequence[str]:
        """Return the projects a pin depends on; none for what isn't pinned."""
        pin = self.pins.get(name)
        return tuple(pin.dependencies) if pin else ()

    def applies(self, requirement: PypiRequirement, target: Target) -> bool:
        """Tell whether a requirement counts for the target and its Python."""
        if requirement.platforms is not None and target.subdir not in requirement.platforms:
            return False
        if requirement.marker is None:
            return True
        python = self.python or target.python or "3"
        environment = {
            **target.marker_environment(),
            "python_version": ".".join(python.split(".")[:2]),
            "python_full_version": python,
            "implementation_version": python,
            "extra": "",
        }
        return requirement.holds(environment)

    def iter_open(self) -> Iterator[str]:
        """Yield a sentence for each dependency of a pin that isn't met."""
        for name, pin in self.pins.items():
            if pin.requires_python and self.python and not contains(pin.requires_python, self.python):
                yield f"`{name}` needs Python {pin.requires_python}, the lockfile has {self.python}"
            for other, specifier in pin.dependencies.items():
                version = self.version_of(other)
                if version is None:
                    yield f"`{name}` needs `{other}{specifier}`, which is not in the lockfile"
                elif not contains(specifier, version):
                    yield f"`{name}` needs `{other}{specifier}`, the lockfile has {other} {version}"


def contains(specifier: str, version: str) -> bool:
    """Tell whether a version is in a specifier set; a version that isn't PEP 440's is in any."""
    if not specifier or specifier == "*":
        return True
    from resolver.model.specifiers import parse_specifier

    return _admits(parse_specifier(specifier), version)


def _admits(versions: SpecifierSet | Unusable, version: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return isinstance(versions, Unusable) or versions.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return True


def iter_pypi_faults(requirement: PypiRequirement, view: PypiView) -> Iterator[str]:
    """Yield why a requirement isn't met (at most one sentence)."""
    if requirement.name is None:
        yield from _nameless_faults(requirement, view)
        return
    version, pin = view.version_of(requirement.name), view.pins.get(requirement.name)
    if version is None:
        if not requirement.is_constraint:
            yield f"`{requirement.text}` is not in the lockfile"
        return
    asked = f"`{requirement.text}` is asked for, the lockfile has"
    if requirement.specifier and not _admits(requirement.specifier_set, version):
        yield f"{asked} {requirement.name} {version}"
    elif pin is not None and (words := _hash_words(requirement, pin)):
        yield f"{asked} {words}"
    elif requirement.direct is not None:
        if not _is_same_place(requirement, pin):
            yield f"{asked} it from another place"
    elif requirement.is_constraint or pin is None:
        return
    elif pin.direct is not None:
        yield f"{asked} it from `{pin.direct.url or pin.direct.path}`"
    elif view.has_extras and not requirement.extras <= pin.extras:
        yield f"{asked} it without `{', '.join(sorted(requirement.extras - pin.extras))}`"


def _nameless_faults(requirement: PypiRequirement, view: PypiView) -> Iterator[str]:
    """Check a direct reference without a name by its place."""
    if not any(_is_same_place(requirement, pin) for pin in view.pins.values()):
        yield f"`{requirement.text}` is not in the lockfile"


def _hash_words(requirement: PypiRequirement, pin: PypiPin) -> str | None:
    """Return the hash that a pin's file has where the requirement asks for others; None where it doesn't."""
    asked = set(requirement.hashes)
    if requirement.direct is not None:
        asked |= {f"{kind}:{digest}" for kind, digest in requirement.direct.hashes.items()}
    kinds = {text.partition(":")[0] for text in asked}
    known = [f"{k}:{v}" for k, v in sorted(pin.file.hashes.items()) if k in kinds] if pin.file else []
    if not known or asked & set(known):
        return None
    return f"a file with {known[0]}, not {' or '.join(sorted(asked))}"


def _is_same_place(requirement: PypiRequirement, pin: PypiPin | None) -> bool:
    asked = requirement.direct
    if asked is None or pin is None or pin.direct is None:
        return False
    known = pin.direct
    if (asked.url is None) != (known.url is None) or asked.subdirectory != known.subdirectory:
        return False
    if asked.url is None:
        return _normal_path(asked.path) == _normal_path(known.path)
    if _plain(asked.url) != _plain(known.url or ""):
        return False
    revision = asked.revision
    full = revision is not None and len(revision) >= 40
    return not full or revision in (known.revision, pin.commit)  # a branch may point anywhere by now


def _plain(url: str) -> str:
    """Return an address without fragment and revision."""
    address = url.partition("#")[0]
    start = address.find("/", address.find("://") + 3)
    return address[:start] + address[start:].partition("@")[0] if start >= 0 else address


def _normal_path(path: str | None) -> str:
    return (path or ".").replace("\\", "/").removeprefix("./").rstrip("/") or "."
