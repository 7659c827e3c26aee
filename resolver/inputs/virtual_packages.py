"""Default machine facts per platform, as a dated table, and requests to change them.

The machine that locks is never asked: what a lock is made for is declared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from resolver.errors import InputError
from resolver.inputs.faults import did_you_mean
from resolver.model.origin import Origin
from resolver.model.patterns import pattern
from resolver.model.platforms import KNOWN_SUBDIRS
from resolver.model.target import VirtualPackage

#: Operating system -> virtual packages, with the reason for each version; last compared with them in 2026-11.
#:
#: * ``__glibc 2.28``, ``__linux 4.18``: Enterprise Linux 8, the oldest system that conda-forge
#:   builds for and the lowest ``manylinux_2_28``; every maintained Ubuntu, Debian and Azure Linux has more.
#: * ``__osx 13.0``: the oldest macOS that runners and build services still offer.
#: * ``__win 10.0``: what Windows 10, 11 and Server 2016 and later report.
#: * ``__cuda`` is in no profile: a machine with a GPU is declared by ``--virtual-package __cuda=12.4``.
_BY_SYSTEM: Mapping[str, tuple[tuple[str, str], ...]] = {
    "linux": (("__glibc", "2.28"), ("__linux", "4.18"), ("__unix", "0")),
    "osx": (("__osx", "13.0"), ("__unix", "0")),
    "win": (("__win", "10.0"),),
    "freebsd": (("__unix", "0"),),
    "emscripten": (("__unix", "0"),),
    "wasi": (("__unix", "0"),),
}

#: Subdir -> the processor that all its machines have, as archspec names it (build of ``__archspec``, CEP 30).
_ARCHSPEC: Mapping[str, str] = {
    "linux-64": "x86_64",
    "linux-32": "x86",
    "linux-aarch64": "aarch64",
    "linux-ppc64": "ppc64",
    "linux-ppc64le": "ppc64le",
    "linux-s390x": "s390x",
    "linux-riscv64": "riscv64",
    "linux-armv6l": "armv6l",
    "linux-armv7l": "armv7l",
    "osx-64": "x86_64",
    "osx-arm64": "m1",
    "win-64": "x86_64",
    "win-32": "x86",
    "win-arm64": "aarch64",
    "freebsd-64": "x86_64",
}

#: Names that only exist on some systems: a request for them leaves the other platforms of one call alone.
_SYSTEMS_OF: Mapping[str, tuple[str, ...]] = {
    "__glibc": ("linux",),
    "__musl": ("linux",),
    "__linux": ("linux",),
    "__osx": ("osx",),
    "__win": ("win",),
    "__cuda": ("linux", "win"),
    "__cuda_arch": ("linux", "win"),
    "__unix": ("linux", "osx", "freebsd", "emscripten", "wasi"),
}

#: conda's variables -> the virtual package each one speaks of (CEP 30).
OVERRIDES: Mapping[str, str] = {
    "CONDA_OVERRIDE_ARCHSPEC": "__archspec",
    "CONDA_OVERRIDE_CUDA": "__cuda",
    "CONDA_OVERRIDE_GLIBC": "__glibc",
    "CONDA_OVERRIDE_LINUX": "__linux",
    "CONDA_OVERRIDE_OSX": "__osx",
    "CONDA_OVERRIDE_WIN": "__win",
}

_KNOWN_NAMES = (*sorted({*_SYSTEMS_OF, "__archspec", "__conda"}),)
_REQUEST = pattern(
    r"(?:(?P<subdir>[^:=\s]+):)?\s*(?P<name>[^:=\s]+)\s*=\s*(?P<version>[^=\s]*)\s*(?:=\s*(?P<build>[^=\s]*))?\s*\Z"
)
_VERSION = pattern(r"[0-9][A-Za-z0-9._!+-]*\Z")
_NAME = pattern(r"__[a-z0-9][a-z0-9_.-]*\Z")


class VirtualPackageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """``NAME=VERSION[=BUILD]``, or ``NAME=`` to say that targets lack it (``package`` None)."""

    text: str
    name: str
    package: VirtualPackage | None
    subdir: str | None = (
        None  #: the only platform it speaks of (``SUBDIR:NAME=...``); None: all that can have it
    )
    origin: Origin | None = None

    def applies_to(self, subdir: str) -> bool:
        """Tell whether the request speaks of a platform."""
        if self.subdir is not None:
            return self.subdir == subdir
        systems = _SYSTEMS_OF.get(self.name)
        return systems is None or subdir.split("-", 1)[0] in systems


def default_virtual_packages(subdir: str) -> tuple[VirtualPackage, ...]:
    """Return the default profile of a platform, sorted by name."""
    rows = [
        VirtualPackage(name=name, version=version)
        for name, version in _BY_SYSTEM.get(subdir.split("-", 1)[0], ())
    ]
    if subdir in _ARCHSPEC:
        rows.append(VirtualPackage(name="__archspec", version="1", build=_ARCHSPEC[subdir]))
    return tuple(sorted(rows))


def parse_virtual_package(text: str, origin: Origin | None = None) -> VirtualPackageRequest:
    """Return the request in ``[SUBDIR:]NAME=VERSION[=BUILD]``; raises InputError."""
    found = _REQUEST.match(text.strip())
    if not found:
        raise InputError(
            f"`{text}` is not a virtual package",
            origin,
            "write it as `__cuda=12.4`, or `__cuda=` to leave it out",
        )
    name, subdir = found["name"].lower(), found["subdir"]
    if subdir is not None and subdir not in KNOWN_SUBDIRS:
        raise InputError(
            f"unknown platform `{subdir}` in `{text}`", origin, did_you_mean(subdir, KNOWN_SUBDIRS)
        )
    if not _NAME.match(name):
        near = f"__{name.lstrip('_')}" if f"__{name.lstrip('_')}" in _KNOWN_NAMES else None
        hint = f"did you mean `{near}`?" if near else did_you_mean(name, _KNOWN_NAMES)
        raise InputError(
            f"`{name}` in `{text}` is not a virtual package: their names begin with `__`", origin, hint
        )
    package = _package(name, found["version"], found["build"], text, origin)
    return VirtualPackageRequest(text=text, name=name, package=package, subdir=subdir, origin=origin)


def _package(
    name: str, version: str, build: str | None, text: str, origin: Origin | None
) -> VirtualPackage | None:
    if not version and not build:
        return None
    if name == "__archspec" and not _VERSION.match(version) and build is None:
        return VirtualPackage(name=name, version="1", build=version)
    if not _VERSION.match(version):
        raise InputError(f"`{version}` in `{text}` is not a version", origin, "write it as `__cuda=12.4`")
    return VirtualPackage(name=name, version=version, build=build or "0")


def requests_of_overrides(environ: Mapping[str, str]) -> tuple[VirtualPackageRequest, ...]:
    """Return what conda's ``CONDA_OVERRIDE_*`` variables ask for; an empty one takes the package away.

    Raises InputError for a value that is no version.
    """
    found = []
    for variable, name in OVERRIDES.items():
        if variable in environ:
            origin = Origin(file=f"${variable}")
            value = environ[variable].strip()
            found.append(parse_virtual_package(f"{name}={value}", origin))
    return tuple(found)


def apply_requests(
    packages: Sequence[VirtualPackage], requests: Sequence[VirtualPackageRequest], subdir: str
) -> tuple[VirtualPackage, ...]:
    """Return the packages with the requests carried out in order, sorted by name.

    ``__cuda_arch`` stands beside ``__cuda`` (CEP 46): what takes that away takes the architecture too.
    """
    by_name = {package.name: package for package in packages}
    for request in requests:
        if not request.applies_to(subdir):
            continue
        if request.package is None:
            by_name.pop(request.name, None)
            if request.name == "__cuda":
                by_name.pop("__cuda_arch", None)
        else:
            by_name[request.name] = request.package
    return tuple(sorted(by_name.values()))
