"""Locked packages, each once, with the platforms that have it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from lockfiles.verification.model import SourceFault, SourceFinding
from resolver.model.resolution import CondaPin, PypiPin, Resolution

P = TypeVar("P", CondaPin, PypiPin)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedIn(Generic[P]):
    """A pin, and the platforms that it is locked for."""

    pin: P
    platforms: tuple[str, ...]

    def finding(
        self,
        kind: SourceFault,
        message: str,
        where: str = "",
        advisory: str | None = None,
        fixed: tuple[str, ...] = (),
    ) -> SourceFinding:
        """Return a finding about the package."""
        pin = self.pin
        if isinstance(pin, CondaPin):
            manager, name, version = "conda", pin.record.name, pin.record.version
        else:
            manager, name, version = "pip", str(pin.name), pin.version
        return SourceFinding(
            kind=kind,
            manager=manager,
            name=name,
            version=version,
            message=message,
            where=where,
            platforms=self.platforms,
            advisory=advisory,
            fixed=fixed,
        )


def conda_packages(resolutions: Iterable[Resolution]) -> tuple[LockedIn[CondaPin], ...]:
    """Return the conda packages of all platforms, by address."""
    return _once(((r.target.subdir, pin) for r in resolutions for pin in r.conda), lambda pin: pin.url)


def pypi_packages(resolutions: Iterable[Resolution]) -> tuple[LockedIn[PypiPin], ...]:
    """Return the projects of all platforms, by name, version and file."""
    return _once(
        ((r.target.subdir, pin) for r in resolutions for pin in r.pypi),
        lambda pin: f"{pin.name} {pin.version} {pin.file.url if pin.file else ''}",
    )


def _once(pins: Iterable[tuple[str, P]], key: Callable[[P], str]) -> tuple[LockedIn[P], ...]:
    found: dict[str, tuple[P, list[str]]] = {}
    for platform, pin in pins:
        found.setdefault(key(pin), (pin, []))[1].append(platform)
    return tuple(
        LockedIn(pin=pin, platforms=tuple(sorted(platforms))) for _, (pin, platforms) in sorted(found.items())
    )
