"""Pins of an earlier lockfile: ``conda:NAME`` -> file name, ``pypi:NAME`` -> version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from resolver.model.names import conda_name, pypi_name


def without_pins(pins: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return the pins of all packages but some, which are named in either ecosystem's spelling."""
    released = {spelled for name in names for spelled in (conda_name(name), pypi_name(name))}
    return {
        key: value
        for key, value in pins.items()
        if released.isdisjoint((key.partition(":")[2], pypi_name(key.partition(":")[2])))
    }


def pins_of(pins: Mapping[str, str], ecosystem: str) -> dict[str, str]:
    """Return the pins of ``conda`` or of ``pypi``, by name."""
    return {
        key.removeprefix(f"{ecosystem}:"): value
        for key, value in pins.items()
        if key.startswith(f"{ecosystem}:")
    }
