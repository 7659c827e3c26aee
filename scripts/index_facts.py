"""What a package index says of a release, in the keys of the tables of facts.

A release is read from the METADATA of one wheel and from the names of all its files. Markers are judged
for each platform, and what an extra adds stands apart from what the plain package asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from resolver.checks import facts
from resolver.machine.tables import Row
from resolver.metadata.wheel_tags import wheel_glibc, wheel_tag_text
from resolver.model.names import PypiName
from resolver.model.records import CoreMetadata, DistFile
from resolver.sources.pypi.indexes import IndexSet

#: What a marker is judged for: one platform a row, as the standard names its parts.
PLATFORMS: Mapping[str, Mapping[str, str]] = {
    "linux": {
        "os_name": "posix", "sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64",
    },
    "linux-aarch64": {
        "os_name": "posix", "sys_platform": "linux", "platform_system": "Linux",
        "platform_machine": "aarch64",
    },
    "win": {
        "os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64",
    },
    "osx": {
        "os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin",
        "platform_machine": "arm64",
    },
}  # fmt: skip
#: Names whose requirements are facts about CUDA, wherever they stand.
NVIDIA = ("nvidia-", "cuda-", "tensorrt")
#: Project -> what else of torch's family a row of ``torch_pins`` tells of it.
FAMILY_OF = {"vllm": ("torchaudio", "torchvision", "xformers")}
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

    def requires(self, platform: str = "linux", extra: str = "", python: str = "") -> dict[str, str]:
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


class Reader:
    """Reads releases of an index; each once."""

    def __init__(self, indexes: IndexSet) -> None:
        self._indexes = indexes

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

    def newest(self, project: str) -> list[str]:
        """Return the releases of any kind of file, newest first; without pre-releases and yanked ones."""
        page = self._indexes.project(PypiName(project))
        found = {file.version for file in (page.files if page else ()) if file.yanked is None}
        return sorted((text for text in found if not Version(text).is_prerelease), key=Version, reverse=True)

    def release(self, project: str, version: str, wheel: str | None = None) -> Release | None:
        """Read the release; of the wheel that is named where it is still there. None: it can't be read."""
        page = self._indexes.project(PypiName(project))
        files = [file for file in page.files if file.version == version and file.is_wheel] if page else []
        if not files:
            return None
        chosen = next((file for file in files if file.file_name == wheel), None) or max(
            files, key=_preference
        )
        metadata = self._indexes.metadata(chosen, may_build=False)
        if not isinstance(metadata, CoreMetadata):
            return None
        return Release(
            project=project, version=version, wheel=chosen.file_name, metadata=metadata, files=tuple(files)
        )

    def wheel(self, project: str, version: str, machine: str = "x86_64") -> DistFile | None:
        """Return a wheel of the release for Linux on this machine (or ``win_amd64``), or for any."""
        page = self._indexes.project(PypiName(project))
        files = [file for file in page.files if file.version == version and file.is_wheel] if page else []
        system = "win" if machine.startswith("win") else "linux"
        ours = [f for f in files if f.file_name.endswith(f"{machine}.whl") and system in f.file_name]
        return max(
            ours or [file for file in files if file.file_name.endswith("-any.whl")],
            key=lambda file: ("cp311" in file.file_name, "manylinux" in file.file_name, file.file_name),
            default=None,
        )


def _preference(file: DistFile) -> tuple[bool, bool, str]:
    """Prefer Linux on x86_64, then the build for the Python that most people have."""
    name = file.file_name
    ours = name.endswith("-any.whl") or (name.endswith("x86_64.whl") and "linux" in name)
    return ours, "cp312" in name, name


# ---------------------------------------------------------------- what a release says, by table


def _nvidia(requires: Mapping[str, str]) -> dict[str, str]:
    return {name: given for name, given in requires.items() if name.startswith(NVIDIA)}


def _files(release: Release) -> dict[str, Any]:
    said = {"pythons": release.pythons, "glibc": release.glibc}
    return {"requires_python": release.metadata.requires_python, **said}


def say_torch(release: Release) -> dict[str, Any]:
    """Return the keys of a row of ``torch_releases`` that an index knows."""
    requires = release.requires()
    pins = _nvidia(requires)
    runtime = next(
        (pins[name] for name in pins if name.startswith(("cuda-toolkit", "nvidia-cuda-runtime"))), ""
    )
    cudnn = next((pins[name] for name in pins if name.startswith("nvidia-cudnn")), "")
    said = {"cuda": ".".join(runtime.lstrip("=").split(".")[:2]), "cudnn": cudnn.lstrip("=")}
    having = [python for python in release.pythons if "triton" in release.requires(python=python.rstrip("t"))]
    some = {"triton_pythons": having if having != release.pythons else []}
    asked = next((release.requires(python=p.rstrip("t"))["triton"] for p in having), None)
    triton = {"triton": asked, **some} if asked is not None else {}
    return {**_files(release), **said, **triton, "pins": pins}


def say_pin(release: Release) -> dict[str, Any]:
    """Return the keys of a row of ``torch_pins``; none where it asks for no torch.

    Of what some projects ask for besides, the family of torch is told, by platform.
    """
    requires = release.requires()
    if not requires.get("torch"):
        return {}
    family = {name: requires[name] for name in FAMILY_OF.get(release.project, ()) if name in requires}
    return {"torch": requires["torch"], "requires": family, "requires_on": _elsewhere(release, family)}


def say_need(release: Release) -> dict[str, Any]:
    """Return the keys of a row of ``package_needs``, with what another platform asks for instead."""
    requires = release.requires()
    elsewhere = _elsewhere(release, requires)
    return {
        "requires_python": release.metadata.requires_python,
        "requires": requires,
        "requires_on": elsewhere,
    }


def _elsewhere(release: Release, requires: Mapping[str, str]) -> dict[str, dict[str, str | None]]:
    """Return what other platforms ask for instead of these requirements; None: it isn't asked for there."""
    other = {
        platform: {name: there.get(name) for name in requires if there.get(name) != requires[name]}
        for platform in PLATFORMS
        for there in (release.requires(platform),)
    }
    return {platform: given for platform, given in other.items() if given}


def say_jax(release: Release) -> dict[str, Any]:
    """Return the keys of a row of ``jax_plugins``: the NVIDIA packages stand in an extra."""
    requires = {
        **release.requires(),
        **release.requires(extra="with-cuda"),
        **release.requires(extra="with_cuda"),
    }
    return {"requires_python": release.metadata.requires_python, "requires": dict(sorted(requires.items()))}


def say_onnx(release: Release) -> dict[str, Any]:
    """Return the keys of a row of ``onnxruntime_releases`` that an index knows."""
    extras = {extra: release.requires(extra=extra) for extra in ("cuda", "cudnn")}
    return {**_files(release), "extras": {extra: given for extra, given in extras.items() if given}}


def say_tensorflow(release: Release) -> dict[str, Any]:
    """Return the keys of a row of ``tensorflow_releases`` that an index knows."""
    requires = release.requires()
    said = {
        name.replace("-", "_"): requires[name]
        for name in ("keras", "protobuf", "ml-dtypes")
        if name in requires
    }
    cuda = release.requires(extra="and-cuda")
    return {
        **_files(release),
        **said,
        "numpy": [requires.get("numpy", "")],
        **({"and_cuda": cuda} if cuda else {}),
    }


def say_components(release: Release) -> dict[str, Any]:
    """Return the components of a CUDA toolkit: the exact pins of its extra ``all``, of any platform."""
    every = {
        name: given for platform in PLATFORMS for name, given in release.requires(platform, "all").items()
    }
    exact = {
        name: given for name, given in sorted(every.items()) if given.startswith("==") and "," not in given
    }
    return {"components": {name: given.lstrip("=").removesuffix(".*") for name, given in exact.items()}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A table that an index can speak of."""

    row: type[Row]
    say: Callable[[Release], dict[str, Any]]  #: the keys of a row that an index knows
    project: str = ""  #: of all its rows; "": the row names it
    version: str = "version"  #: the key that holds the release
    selects: bool = (
        False  #: ``requires`` holds the requirements that matter, and a row stands where they change
    )


SUBJECTS = {
    "torch_releases": Subject(row=facts.TorchRelease, say=say_torch, project="torch"),
    "torch_pins": Subject(row=facts.TorchPin, say=say_pin),
    "package_needs": Subject(row=facts.PackageNeed, say=say_need, selects=True),
    "jax_plugins": Subject(row=facts.JaxPlugin, say=say_jax),
    "onnxruntime_releases": Subject(row=facts.OnnxRelease, say=say_onnx, project="onnxruntime-gpu"),
    "tensorflow_releases": Subject(row=facts.TensorflowRelease, say=say_tensorflow, project="tensorflow"),
    "cuda_components": Subject(
        row=facts.CudaComponents, say=say_components, project="cuda-toolkit", version="cuda"
    ),
}
