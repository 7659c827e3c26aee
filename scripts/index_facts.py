"""What a package index says of a release: of each of its wheels, and of the names of all its files.

A release is read from the METADATA of all its wheels and from the names of all its files. Markers are judged
for each platform and each Python, and what an extra adds stands apart from what the plain package asks for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from resolver.metadata.wheel_tags import wheel_glibc, wheel_tag_text
from resolver.model.names import PypiName
from resolver.model.records import CoreMetadata, DistFile
from resolver.sources.pypi.indexes import IndexSet

#: What a marker is judged for: one platform a row, as the standard names its parts.
PLATFORMS: Mapping[str, Mapping[str, str]] = {
    name: {
        "os_name": "nt" if system == "Windows" else "posix", "sys_platform": short,
        "platform_system": system, "platform_machine": machine,
    }
    for name, system, short, machine in (
        ("linux-64", "Linux", "linux", "x86_64"), ("linux-aarch64", "Linux", "linux", "aarch64"),
        ("win-64", "Windows", "win32", "AMD64"),
        ("osx-64", "Darwin", "darwin", "x86_64"), ("osx-arm64", "Darwin", "darwin", "arm64"),
    )
}  # fmt: skip
#: The platform tags of its wheels.
_TAGS = {
    "linux-64": re.compile(r"(many)?linux\w*_x86_64"),
    "linux-aarch64": re.compile(r"(many)?linux\w*_aarch64"),
    "win-64": re.compile(r"win_amd64"),
    "osx-64": re.compile(r"macosx_\w+_(x86_64|intel|universal2)"),
    "osx-arm64": re.compile(r"macosx_\w+_(arm64|universal2)"),
}
#: Pythons that a wheel for several is judged with.
_PYTHONS = tuple(f"3.{minor}" for minor in range(7, 16))
#: The Python that a wheel for any is judged with.
ANY_PYTHON = "3.12"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What an index says of one release: the METADATA of one wheel, and all its file names."""

    project: str
    version: str
    wheel: str
    metadata: CoreMetadata
    files: tuple[DistFile, ...]

    @property
    def source(self) -> str:
        """The words in which a row cites it."""
        return f"PyPI project {self.project} {self.version} wheel METADATA ({self.wheel})"

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms that the wheel is for; of those that are no target of ours nothing is said."""
        tag = wheel_tag_text(self.wheel).rsplit("-", 1)[-1]
        return tuple(PLATFORMS) if tag == "any" else tuple(n for n in PLATFORMS if _is_for(tag, n))

    @property
    def own_pythons(self) -> tuple[str, ...]:
        """The Pythons that the wheel can be installed for, oldest first."""
        tag, abi, _ = wheel_tag_text(self.wheel).split("-")
        if abi != "abi3" and tag.startswith("cp3"):
            return (self.python,)
        first = Version(f"3.{tag[3:]}") if tag.startswith("cp3") else Version("3")
        asked = _specifier(self.metadata.requires_python or "")
        fitting = (python for python in _PYTHONS if asked.contains(f"{python}.99"))
        return tuple(python for python in fitting if Version(python) >= first)

    def requires(self, platform: str = "linux-64", extra: str = "", python: str = "") -> dict[str, str]:
        """Return what is required on a platform: project -> specifier; of an extra, what it adds.

        Markers are judged for the wheel's Python unless another is named.
        """
        found: dict[str, list[str]] = {}
        for text in self.metadata.requires_dist:
            requirement = _requirement(text)
            if requirement is not None and self._holds(requirement, platform, extra, python):
                found.setdefault(canonicalize_name(requirement.name), []).append(str(requirement.specifier))
        return {name: ",".join(filter(None, given)) for name, given in sorted(found.items())}

    def _holds(self, requirement: Requirement, platform: str, extra: str, python: str) -> bool:
        if requirement.marker is None:
            return not extra
        python = python or self.python
        environment = {
            **PLATFORMS[platform], "python_version": python, "python_full_version": f"{python}.0",
            "implementation_name": "cpython", "platform_python_implementation": "CPython",
        }  # fmt: skip
        plain = requirement.marker.evaluate({**environment, "extra": ""})
        return requirement.marker.evaluate({**environment, "extra": extra}) and not (extra and plain)

    @property
    def python(self) -> str:
        """The Python of the wheel that was read."""
        tag = wheel_tag_text(self.wheel).partition("-")[0]
        return f"{tag[2]}.{tag[3:]}" if tag.startswith("cp3") and len(tag) > 3 else ANY_PYTHON

    @property
    def pythons(self) -> list[str]:
        """The Pythons of the wheels for Linux, x86_64, oldest first; free-threaded ones end in ``t``."""
        tags = {tuple(wheel_tag_text(file.file_name).split("-")[:2]) for file in self.linux}
        found = {f"3.{tag[3:]}" + ("t" if abi.endswith("t") else "") for tag, abi in tags if tag[:3] == "cp3"}
        return sorted(found, key=lambda python: (int(python[2:].rstrip("t")), python))

    @property
    def glibc(self) -> str | None:
        """The lowest glibc that one of those wheels asks for."""
        floor = min(filter(None, (wheel_glibc(file.file_name) for file in self.linux)), default=None)
        return None if floor is None else f"{floor[0]}.{floor[1]}"

    @property
    def linux(self) -> tuple[DistFile, ...]:
        """Its wheels for Linux, x86_64."""
        return tuple(file for file in self.files if file.file_name.endswith("x86_64.whl"))


def _requirement(text: str) -> Requirement | None:
    """Read a line of Requires-Dist; None for one that the standard doesn't allow (``>=1.0.*``)."""
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def _specifier(text: str) -> SpecifierSet:
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        return SpecifierSet()


def _is_for(tag: str, platform: str) -> bool:
    """Tell whether a wheel's platform tag (of several parts) is for a platform."""
    return any(_TAGS[platform].fullmatch(part) for part in tag.split("."))


class Reader:
    """Reads releases of an index; each once."""

    def __init__(self, indexes: IndexSet) -> None:
        self._indexes = indexes
        self._read: dict[tuple[str, str], tuple[Release, ...]] = {}

    def versions(self, project: str, *, yanked: bool = False) -> list[str]:
        """Return the releases that have wheels, newest first; without pre-releases.

        Those that were withdrawn are left out, unless ``yanked`` asks for them too: a pin still installs
        them, so they count where one asks in which release something changed.
        """
        page = self._indexes.project(PypiName(project))
        files = page.files if page else ()
        found = dict.fromkeys(
            file.version for file in files if file.is_wheel and (yanked or file.yanked is None)
        )
        return [version for version in found if not Version(version).is_prerelease]

    def release(self, project: str, version: str) -> tuple[Release, ...]:
        """Read every wheel of a release: first the one for Linux on x86_64 that most people get.

        Which wheel a row cites plays no part: a row that was read from the wrong one differs. Empty: there
        is none, or one can't be read.
        """
        if (project, version) not in self._read:
            self._read[project, version] = tuple(self._wheels(project, version))
        return self._read[project, version]

    def _wheels(self, project: str, version: str) -> list[Release]:
        page = self._indexes.project(PypiName(project))
        files = [file for file in page.files if file.version == version and file.is_wheel] if page else []
        self._indexes.prefetch_metadata(files)
        found = []
        for file in sorted(files, key=_preference, reverse=True):
            metadata = self._indexes.metadata(file, may_build=False)
            if not isinstance(metadata, CoreMetadata):
                return []
            found.append(
                Release(
                    project=project, version=version, wheel=file.file_name, metadata=metadata,
                    files=tuple(files),
                )
            )  # fmt: skip
        return found

    def wheel(self, project: str, version: str, platform: str = "linux-64") -> DistFile | None:
        """Return a wheel of the release for a platform, else one for any; of several that of Python 3.11."""
        page = self._indexes.project(PypiName(project))
        files = [file for file in page.files if file.version == version and file.is_wheel] if page else []
        tags = {file.file_name: wheel_tag_text(file.file_name).rsplit("-", 1)[-1] for file in files}
        return max(
            [file for file in files if _is_for(tags[file.file_name], platform)]
            or [file for file in files if tags[file.file_name] == "any"],
            key=lambda file: ("cp311" in file.file_name, "manylinux" in file.file_name, file.file_name),
            default=None,
        )


def _preference(file: DistFile) -> tuple[bool, bool, tuple[int, ...], str]:
    """Prefer Linux on x86_64, the build for the Python that most people have, the newest glibc."""
    name = file.file_name
    ours = name.endswith("-any.whl") or (name.endswith("x86_64.whl") and "linux" in name)
    return ours, "cp312" in name, wheel_glibc(name) or (), name
