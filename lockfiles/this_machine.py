"""The facts of the machine that locks, for ``--this-machine`` only."""

from __future__ import annotations

import os
import platform
import re
import sys

from resolver.inputs.virtual_packages import default_virtual_packages
from resolver.model.target import VirtualPackage

_MACHINES = {"x86_64": "64", "amd64": "64", "aarch64": "aarch64", "arm64": "arm64", "ppc64le": "ppc64le"}


def platform_here() -> str:
    """Return this machine's conda platform."""
    system = {"linux": "linux", "darwin": "osx", "win32": "win"}.get(sys.platform, sys.platform)
    machine = _MACHINES.get(platform.machine().lower(), platform.machine().lower())
    if system == "linux" and machine == "arm64":
        machine = "aarch64"
    return f"{system}-{machine}"


def virtual_packages_here(subdir: str) -> tuple[VirtualPackage, ...] | None:
    """Return what this machine is; None for a platform that it is not."""
    if subdir != platform_here():
        return None
    found = {package.name: package for package in default_virtual_packages(subdir)}
    found.pop("__glibc", None)  # a system with another C library has none
    versions = {
        "__glibc": _glibc(),
        "__linux": _numbers(platform.release()) if sys.platform == "linux" else None,
        "__osx": platform.mac_ver()[0] or None,
        "__win": _numbers(platform.version()) if sys.platform == "win32" else None,
        "__cuda": _cuda(),
    }
    for name, version in versions.items():
        if version:
            found[name] = VirtualPackage(name=name, version=version)
    return tuple(sorted(found.values()))


def _numbers(text: str) -> str | None:
    match = re.match(r"\d+(?:\.\d+){0,2}", text)
    return match.group() if match else None


def _glibc() -> str | None:
    try:
        text = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, OSError, ValueError):
        return None
    return text.removeprefix("glibc ").strip() or None


def _cuda() -> str | None:
    """Return the newest CUDA that the driver knows, as the driver itself says; None without one."""
    import ctypes

    for name in ("libcuda.so.1", "libcuda.so", "nvcuda.dll"):
        try:
            library = ctypes.CDLL(name)
            number = ctypes.c_int(0)
            failed = library.cuDriverGetVersion(ctypes.byref(number))
        except (OSError, AttributeError):
            continue
        if not failed and number.value:
            return f"{number.value // 1000}.{number.value % 1000 // 10}"
    return None
