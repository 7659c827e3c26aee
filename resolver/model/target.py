"""What one resolution is made for."""

from __future__ import annotations

import msgspec

from resolver.model.channels import ChannelPriority
from resolver.model.choices import StrEnum


class ResolutionMode(StrEnum):
    """Which of a package's versions are the best, in uv's words (``--resolution``).

    Who publishes a library tests with the lowest ones, to see that its lower bounds hold.
    """

    HIGHEST = "highest"
    LOWEST = "lowest"  #: of every package
    LOWEST_DIRECT = "lowest-direct"  #: of the packages that lines ask for; the newest of all others


class VirtualPackage(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A fact about the machine as a package, for example ``__glibc 2.28`` (CEP 30)."""

    name: str
    version: str = "0"
    build: str = "0"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Platform, machine facts and rules of one resolution.

    ``python`` is set only where no conda package gives the interpreter (pip
    requirements alone): a full version such as ``3.12.7``.
    """

    subdir: str  #: ``linux-64``, ``osx-arm64`` ...
    virtual_packages: tuple[VirtualPackage, ...] = ()  #: sorted by name
    channel_priority: ChannelPriority = ChannelPriority.STRICT
    python: str | None = None
    resolution_mode: ResolutionMode = ResolutionMode.HIGHEST
    exclude_newer: int | None = None  #: seconds since 1970, UTC: candidates made later are left out

    def virtual(self, name: str) -> VirtualPackage | None:
        """Return the virtual package of that name, None where the target lacks it."""
        return next((v for v in self.virtual_packages if v.name == name), None)

    @property
    def operating_system(self) -> str:
        """``linux``, ``osx`` or ``win``."""
        return self.subdir.split("-", 1)[0]

    @property
    def machine(self) -> str:
        """The processor as Python's ``platform.machine()`` names it on this platform."""
        system, _, arch = self.subdir.partition("-")
        table = {
            ("linux", "64"): "x86_64", ("linux", "32"): "i686", ("linux", "aarch64"): "aarch64",
            ("linux", "ppc64le"): "ppc64le", ("linux", "s390x"): "s390x", ("osx", "64"): "x86_64",
            ("osx", "arm64"): "arm64", ("win", "64"): "AMD64", ("win", "32"): "x86",
            ("win", "arm64"): "ARM64",
        }  # fmt: skip
        return table.get((system, arch), arch)

    def marker_environment(self) -> dict[str, str]:
        """PEP 508 marker variables that don't depend on the Python version (6 of them, and 2 empty)."""
        system = self.operating_system
        return {
            "os_name": "nt" if system == "win" else "posix",
            "sys_platform": {"linux": "linux", "osx": "darwin", "win": "win32"}.get(system, system),
            "platform_system": {"linux": "Linux", "osx": "Darwin", "win": "Windows"}.get(system, system),
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "implementation_name": "cpython",
            "platform_release": "",
            "platform_version": "",
        }
