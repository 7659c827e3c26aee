"""What the tables of facts hold of a release on a package index: what its wheels say, in the tables' keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from resolver.checks import facts
from resolver.machine.tables import Row
from resolver.metadata.wheel_tags import wheel_tag_text
from scripts.index_facts import PLATFORMS, Release

#: Names whose requirements are facts about CUDA, wherever they stand.
NVIDIA = ("nvidia-", "cuda-", "tensorrt")
#: Project -> what else of torch's family a row of ``torch_pins`` tells of it.
FAMILY_OF = {"vllm": ("torchaudio", "torchvision", "xformers")}
#: What is read of a release: of its wheels, the one for x86_64 Linux first.
Wheels = Sequence[Release]


def _nvidia(requires: Mapping[str, str]) -> dict[str, str]:
    return {name: given for name, given in requires.items() if name.startswith(NVIDIA)}


def _files(release: Release) -> dict[str, Any]:
    said = {"pythons": release.pythons, "glibc": release.glibc}
    return {"requires_python": release.metadata.requires_python, **said}


def _where(wheels: Wheels, says: Callable[[Release, str], object]) -> list[str]:
    """Return the platforms of which every wheel says what those for Linux on x86_64 do."""
    said: dict[str, list[object]] = {}
    for wheel in wheels:
        for platform in wheel.platforms:
            said.setdefault(platform, []).append(says(wheel, platform))
    ours = said.get("linux-64", [])
    return [name for name in PLATFORMS if name in said and all(item in ours for item in said[name])]


def _otherwise(wheels: Wheels, says: Callable[[Release], object]) -> dict[str, Any]:
    """Return the names of wheels that say otherwise than the first, which no row can hold: a difference."""
    names = [wheel.wheel for wheel in wheels if says(wheel) != says(wheels[0])]
    return {"otherwise": names} if names else {}


def say_torch(wheels: Wheels) -> dict[str, Any]:
    """Return the keys of a row of ``torch_releases`` that an index knows.

    ``pins`` are those of each wheel for Linux on x86_64, ``platforms`` those whose wheels have them too.
    """
    first = wheels[0]
    ours = [_nvidia(wheel.requires()) for wheel in wheels if "linux-64" in wheel.platforms]
    common = set.intersection(*(set(pins.items()) for pins in ours)) if ours else set()
    pins = {name: given for name, given in _nvidia(first.requires()).items() if (name, given) in common}
    runtime = next(
        (pins[name] for name in pins if name.startswith(("cuda-toolkit", "nvidia-cuda-runtime"))), ""
    )
    cudnn = next((pins[name] for name in pins if name.startswith("nvidia-cudnn")), "")
    said = {"cuda": ".".join(runtime.lstrip("=").split(".")[:2]), "cudnn": cudnn.lstrip("=")}
    where = _where(wheels, lambda wheel, name: common <= set(_nvidia(wheel.requires(name)).items()))
    having = [python for python in first.pythons if "triton" in first.requires(python=python.rstrip("t"))]
    some = {"triton_pythons": having if having != first.pythons else []}
    asked = next((first.requires(python=p.rstrip("t"))["triton"] for p in having), None)
    triton = {"triton": asked, **some} if asked is not None else {}
    return {**_files(first), **said, **triton, "pins": pins, "platforms": where}


def say_pin(wheels: Wheels) -> dict[str, Any]:
    """Return the keys of a row of ``torch_pins``; none where it asks for no torch.

    Of what some projects ask for besides, the family of torch is told, by platform.
    """
    release = wheels[0]
    requires = release.requires()
    if not requires.get("torch"):
        return {}
    family = {name: requires[name] for name in FAMILY_OF.get(release.project, ()) if name in requires}
    asked = {"torch": requires["torch"], **family}
    return {"torch": requires["torch"], "requires": family, "requires_on": elsewhere(wheels, asked)}


def say_need(wheels: Wheels) -> dict[str, Any]:
    """Return the keys of a row of ``package_needs``, with what another wheel asks for instead."""
    requires = wheels[0].requires()
    return {
        "requires_python": wheels[0].metadata.requires_python,
        "requires": requires,
        "requires_on": elsewhere(wheels, requires),
    }


def elsewhere(wheels: Wheels, requires: Mapping[str, str]) -> dict[str, dict[str, str | None]]:
    """Return what other wheels ask for instead of these requirements, by platform or by tag.

    Each key is the widest place of which all wheels say the same: a system (``win``), a platform
    (``linux-aarch64``), the tag of a Python (``cp312``) or of a platform (``manylinux2014_x86_64``). None: it
    isn't asked for there.
    """
    answers = [
        (_places(wheel, platform, python), wheel.requires(platform, python=python))
        for wheel in wheels
        for platform in wheel.platforms
        for python in wheel.own_pythons
    ]
    found: dict[str, dict[str, str | None]] = {}
    for name, given in requires.items():
        left = [places for places, asked in answers if asked.get(name) != given]
        for place in sorted({place for places in left for place in places}, key=_width):
            said = {asked.get(name) for places, asked in answers if place in places}
            if len(said) == 1 and any(place in places for places in left):
                found.setdefault(place, {})[name] = said.pop()
                left = [places for places in left if place not in places]
    return dict(sorted(found.items(), key=lambda item: _width(item[0])))


def _places(wheel: Release, platform: str, python: str) -> frozenset[str]:
    """Return the places that a wheel is of, judged for a platform and a Python."""
    system = {platform.split("-")[0]} - {"linux"}
    tag = wheel_tag_text(wheel.wheel).rsplit("-", 1)[-1]
    tags = {part for part in tag.split(".") if part != "any"}
    own = {platform} - {"linux-64"}
    return frozenset({*system, *own, *tags, f"cp{python.replace('.', '')}"})


def _width(place: str) -> tuple[int, str]:
    """Order places by what they hold: systems, platforms, Pythons, tags of platforms."""
    kind = 0 if place in ("win", "osx") else 1 if place in PLATFORMS else 2 if place[:2] == "cp" else 3
    return kind, place


def say_jax(wheels: Wheels) -> dict[str, Any]:
    """Return the keys of a row of ``jax_plugins``: the NVIDIA packages stand in an extra."""

    def asked(release: Release) -> dict[str, str]:
        extras = {**release.requires(extra="with-cuda"), **release.requires(extra="with_cuda")}
        return dict(sorted({**release.requires(), **extras}.items()))

    said = {"requires_python": wheels[0].metadata.requires_python, "requires": asked(wheels[0])}
    return {**said, **_otherwise(wheels, asked)}


def say_onnx(wheels: Wheels) -> dict[str, Any]:
    """Return the keys of a row of ``onnxruntime_releases`` that an index knows."""

    def asked(release: Release) -> dict[str, dict[str, str]]:
        extras = {extra: release.requires(extra=extra) for extra in ("cuda", "cudnn")}
        return {extra: given for extra, given in extras.items() if given}

    return {**_files(wheels[0]), "extras": asked(wheels[0]), **_otherwise(wheels, asked)}


def say_tensorflow(wheels: Wheels) -> dict[str, Any]:
    """Return the keys of a row of ``tensorflow_releases`` that an index knows.

    ``numpy`` has what a wheel for Linux on x86_64 asks for, once; ``platforms`` are those whose wheels ask
    for the same of it all.
    """

    def asked(release: Release, platform: str = "linux-64") -> dict[str, str]:
        requires = release.requires(platform)
        named = ((name.replace("-", "_"), name) for name in ("keras", "numpy", "protobuf", "ml-dtypes"))
        return {key: requires[name] for key, name in named if name in requires}

    ours = [asked(wheel) for wheel in reversed(wheels) if "linux-64" in wheel.platforms]
    cuda = wheels[0].requires(extra="and-cuda")
    return {
        **_files(wheels[0]),
        **asked(wheels[0]),
        "numpy": sorted({said.get("numpy", "") for said in ours}),
        "platforms": _where(wheels, asked),
        **({"and_cuda": cuda} if cuda else {}),
    }


def say_components(wheels: Wheels) -> dict[str, Any]:
    """Return the components of a CUDA toolkit: the exact pins of its extra ``all``, of any platform."""
    every = {
        name: given for platform in PLATFORMS for name, given in wheels[0].requires(platform, "all").items()
    }
    exact = {
        name: given for name, given in sorted(every.items()) if given.startswith("==") and "," not in given
    }
    return {"components": {name: given.lstrip("=").removesuffix(".*") for name, given in exact.items()}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A table that an index can speak of."""

    row: type[Row]
    say: Callable[[Wheels], dict[str, Any]]  #: the keys of a row that an index knows
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
