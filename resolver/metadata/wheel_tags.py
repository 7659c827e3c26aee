"""Which wheels a target can install (PEP 425, 600; tags of CPython only).

The target may be another machine than this one, so platform tags are derived
from its subdir and virtual packages, never from the running interpreter.
Free-threaded builds are left out: a target's Python is the ordinary one.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator

import msgspec

from resolver.model.patterns import pattern
from resolver.model.target import Target, VirtualPackage

PythonMinor = tuple[int, int]  #: ``(3, 12)``

#: glibc minor (of 2.x) -> the name that wheels carried before PEP 600
_LEGACY_MANYLINUX = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
#: manylinux starts at glibc 2.17; on these processors at 2.5 (PEP 513)
_OLD_GLIBC_MACHINES = frozenset({"x86_64", "i686"})
_WINDOWS_TAGS = {"AMD64": "win_amd64", "x86": "win32", "ARM64": "win_arm64"}
_MANYLINUX = pattern(r"manylinux_(\d+)_(\d+)_")
#: the first Python with a stable ABI; packaging goes down to cp32 too
_FIRST_ABI3 = 2


class PythonMinors(msgspec.Struct, frozen=True, kw_only=True):
    """A set of Python minors: some named, and every 3.x from ``lowest3`` on."""

    named: frozenset[PythonMinor] = frozenset()
    lowest3: int | None = None

    def __contains__(self, minor: PythonMinor) -> bool:
        if minor in self.named:
            return True
        return self.lowest3 is not None and minor[0] == 3 and minor[1] >= self.lowest3

    def __bool__(self) -> bool:
        return bool(self.named) or self.lowest3 is not None

    def __or__(self, other: PythonMinors) -> PythonMinors:
        lows = [low for low in (self.lowest3, other.lowest3) if low is not None]
        return PythonMinors(named=self.named | other.named, lowest3=min(lows, default=None))


def wheel_tag_text(file_name: str) -> str:
    """Return the last three parts of a wheel's name: ``cp311-cp311-win_amd64``; lower case."""
    parts = file_name[:-4].lower().rsplit("-", 3)
    return "-".join(parts[1:])


def wheel_glibc(file_name: str) -> tuple[int, int] | None:
    """Return the lowest glibc one of a wheel's tags asks for; None where it has no manylinux tag."""
    floors = []
    for platform in wheel_tag_text(file_name).rpartition("-")[2].split("."):
        legacy = next(
            (floor for floor, name in _LEGACY_MANYLINUX.items() if platform.startswith(f"{name}_")), None
        )
        if legacy is not None:
            floors.append((2, legacy))
        elif found := _MANYLINUX.match(platform):
            floors.append((int(found[1]), int(found[2])))
    return min(floors, default=None)


def wheel_misfit(file_name: str, python: PythonMinor, subdir: str) -> str | None:
    """Return what a wheel is for where that isn't this Python and platform, None where it fits.

    ``Python cp39`` or the platform's tag; how new the machine's C library or system is isn't
    judged, nor whether the Python is a free-threaded one. A name that is no wheel's fits, and a
    wheel of another interpreter: nothing is known of them.
    """
    parts = file_name.removesuffix(".whl").split("-")
    if len(parts) < 5:
        return None
    interpreters, abis, platform = parts[-3:]
    if not all(re.match(r"(?:cp|py)\d", tag) for tag in interpreters.split(".")):
        return None
    abis = re.sub(r"\b(cp3\d+)t\b", r"\1", abis)
    known = tags_of_platform(subdir)
    if python not in known.supported_minors(f"{interpreters}-{abis}-{known.platforms[0]}".lower()):
        return f"Python {', '.join(interpreters.split('.'))}"
    return None if known.fits_platform(platform.lower()) else platform


@functools.lru_cache(maxsize=32)
def tags_of_platform(subdir: str) -> WheelTags:
    """Return the tags of a platform whose C library and system are as new as any wheel asks for."""
    newest = (VirtualPackage(name="__glibc", version="2.99"), VirtualPackage(name="__osx", version="26.0"))
    return WheelTags(Target(subdir=subdir, virtual_packages=newest))


def platform_tags(target: Target) -> tuple[str, ...]:
    """Return the target's platform tags, best first; where none applies one that fits no wheel."""
    system = target.operating_system
    if system == "linux":
        found = tuple(_linux_tags(target))
    elif system == "osx":
        found = tuple(_macos_tags(target))
    elif system == "win":
        found = (_WINDOWS_TAGS.get(target.machine, f"win_{target.machine.lower()}"),)
    else:
        found = ()
    # packaging takes an empty list for "this machine", so it must never be empty
    return found or (target.subdir.replace("-", "_"),)


def _version_pair(text: str) -> tuple[int, int]:
    """Return major and minor of ``2.28`` or ``14.2.1``; (0, 0) where it is no such version."""
    parts = [int(part) if part.isdigit() else 0 for part in f"{text}.0".split(".")[:2]]
    return parts[0], parts[1]


def _linux_tags(target: Target) -> Iterator[str]:
    machine = target.machine
    yield f"linux_{machine}"
    glibc = target.virtual("__glibc")
    if glibc is None:
        return
    major, minor = _version_pair(glibc.version)
    if major != 2:
        return
    oldest = 5 if machine in _OLD_GLIBC_MACHINES else 17
    for number in range(minor, oldest - 1, -1):
        yield f"manylinux_2_{number}_{machine}"
        if number in _LEGACY_MANYLINUX:
            yield f"{_LEGACY_MANYLINUX[number]}_{machine}"


def _macos_tags(target: Target) -> Iterator[str]:
    macos = target.virtual("__osx")
    if macos is None:
        return iter(())
    from packaging.tags import mac_platforms

    return mac_platforms(_version_pair(macos.version), target.machine)


class WheelTags:
    """Answers which wheels fit a target, memoised on the tag text.

    ``tags`` is everywhere what :func:`wheel_tag_text` returns, compressed tag
    sets included (``py2.py3-none-any``).
    """

    def __init__(self, target: Target) -> None:
        self.platforms = platform_tags(target)
        self._known_platforms = frozenset(self.platforms) | {"any"}
        self._windows_or_mac = target.operating_system in ("win", "osx")
        self._orders: dict[PythonMinor, dict[str, int]] = {}
        self._ranks: dict[tuple[str, PythonMinor], int | None] = {}
        self._minors: dict[str, PythonMinors] = {}
        self._fits: dict[str, bool] = {}  # by platform tags

    def fits_platform(self, tags: str) -> bool:
        """Tell whether one of the platform tags is the target's, under whatever Python."""
        platforms = tags[tags.rfind("-") + 1 :]
        fits = self._fits.get(platforms)
        if fits is None:
            fits = self._fits[platforms] = not self._known_platforms.isdisjoint(platforms.split("."))
        return fits

    def rank(self, tags: str, python: PythonMinor) -> int | None:
        """Return the place in the order of preference (0 is best); None: it can't be installed."""
        key = (tags, python)
        if key not in self._ranks:
            order = self._order(python)
            places = (order.get(tag) for tag in _expand(tags))
            self._ranks[key] = min((place for place in places if place is not None), default=None)
        return self._ranks[key]

    def supported_minors(self, tags: str) -> PythonMinors:
        """Return the Python minors under which :meth:`rank` is not None, as a set to ask with ``in``."""
        found = self._minors.get(tags)
        if found is None:
            found = PythonMinors()
            if self.fits_platform(tags):
                for tag in _expand(tags):
                    found |= self._minors_of(*tag.split("-"))
            self._minors[tags] = found
        return found

    def _minors_of(self, interpreter: str, abi: str, platform: str) -> PythonMinors:
        """Say for one plain tag what :func:`packaging.tags.cpython_tags` and ``compatible_tags`` accept."""
        kind, version = interpreter[:2], interpreter[2:]
        if platform not in self._known_platforms or not version.isdecimal() or kind not in ("cp", "py"):
            return PythonMinors()
        major, minor = int(version[0]), int(version[1:]) if len(version) > 1 else None
        if kind == "py":
            return _pure_minors(major, minor) if abi == "none" else PythonMinors()
        if minor is None:
            return PythonMinors()
        if abi == "none" or (platform != "any" and abi == self._abi((major, minor))):
            return PythonMinors(named=frozenset({(major, minor)}))
        if abi == "abi3" and major == 3 and minor >= _FIRST_ABI3 and platform != "any":
            return PythonMinors(lowest3=minor)
        return PythonMinors()

    def _abi(self, python: PythonMinor) -> str:
        """Return the ABI tag of the builds that conda and python.org give (PEP 3149 flags up to 3.7)."""
        text = f"cp{python[0]}{python[1]}"
        if python >= (3, 8):
            return text
        return f"{text}m" if python[0] == 3 or self._windows_or_mac else f"{text}mu"

    def _order(self, python: PythonMinor) -> dict[str, int]:
        order = self._orders.get(python)
        if order is None:
            order = self._orders[python] = _order_of(self.platforms, python, self._abi(python))
        return order


@functools.lru_cache(maxsize=32)
def _order_of(platforms: tuple[str, ...], python: PythonMinor, abi: str) -> dict[str, int]:
    """Return all tags that fit with their places, 0 for the best; nobody changes it."""
    return {tag: place for place, tag in enumerate(dict.fromkeys(_tags(platforms, python, abi)))}


def _tags(platforms: tuple[str, ...], python: PythonMinor, abi: str) -> Iterator[str]:
    """Yield all tags that fit, best first, as packaging's ``cpython_tags`` and ``compatible_tags`` do.

    Written out, as that module brings `subprocess` and `logging` along.
    """
    major, minor = python
    own = f"cp{major}{minor}"
    pure = [f"py{major}{minor}", f"py{major}", *(f"py{major}{older}" for older in range(minor)[::-1])]
    builds = [f"{own}-{abi}"]
    if python >= (3, _FIRST_ABI3):
        older_abi3 = [f"cp{major}{older}-abi3" for older in range(_FIRST_ABI3, minor)[::-1]]
        builds += [f"{own}-abi3", f"{own}-none", *older_abi3]
    else:
        builds.append(f"{own}-none")
    lower = [platform.lower() for platform in platforms]
    for build in (*builds, *(f"{interpreter}-none" for interpreter in pure)):
        yield from (f"{build}-{platform}" for platform in lower)
    yield from (f"{interpreter}-none-any" for interpreter in (own, *pure))


def _pure_minors(major: int, minor: int | None) -> PythonMinors:
    if major == 3:
        return PythonMinors(lowest3=minor or 0)
    if major == 2:
        return PythonMinors(named=frozenset((2, later) for later in range(minor or 0, 8)))
    return PythonMinors()


def _expand(tags: str) -> Iterable[str]:
    interpreters, _, rest = tags.partition("-")
    abis, _, platforms = rest.partition("-")
    if "." not in tags:
        return (tags,)
    return [
        f"{interpreter}-{abi}-{platform}"
        for interpreter in interpreters.split(".")
        for abi in abis.split(".")
        for platform in platforms.split(".")
    ]
