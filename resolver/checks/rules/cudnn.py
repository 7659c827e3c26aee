"""cuDNN and NCCL: pins that can't meet, and libraries that shadow each other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from resolver.checks import facts, stack
from resolver.checks.context import CheckContext
from resolver.checks.horizon import is_beyond
from resolver.checks.registry import Found, Proposal, rule
from resolver.model.findings import Fact, Severity
from resolver.model.leading_numbers import at_least, major, minor, release, satisfies, within
from resolver.model.resolution import PypiPin

#: cuDNN itself, without its frontend.
_CUDNN = re.compile(r"nvidia-cudnn(-cu\d+)?")


def _needs(context: CheckContext, stem: str) -> Iterator[tuple[PypiPin, int, str, Fact]]:
    """Yield what frameworks ask of ``nvidia-<stem>-cuN``: pin, CUDA major, specifier, fact."""
    yield from _torch_needs(context, stem)
    yield from _jaxlib_needs(context, stem)
    tensorflow = context.pypi.get("tensorflow")
    if tensorflow is not None and _brings_cuda(context, tensorflow):
        releases = facts.table(facts.TensorflowRelease)
        found = next((item for item in releases.rows if item.version == tensorflow.version), None)
        for name, specifier in ((found.and_cuda or {}) if found else {}).items():
            if name.startswith(f"nvidia-{stem}-cu") and found is not None:
                text = f"tensorflow {found.version} [and-cuda] requires {name}{specifier}"
                yield tensorflow, int(name.rsplit("cu", 1)[1]), specifier, found.fact(text)
    for project in ("jax-cuda12-plugin", "jax-cuda13-plugin"):
        plugin = context.pypi.get(project)
        rows = facts.table(facts.JaxPlugin)
        needed = next(
            (
                item
                for item in rows.rows
                if plugin and item.project == project and item.version == plugin.version
            ),
            None,
        )
        for name, specifier in (needed.requires if needed else {}).items():
            if (
                name.startswith(f"nvidia-{stem}-cu")
                and plugin is not None
                and needed is not None
                and specifier
            ):
                text = f"{project}[with_cuda] {needed.version} requires {name}{specifier}"
                yield plugin, int(name.rsplit("cu", 1)[1]), specifier, needed.fact(text)


def _torch_needs(context: CheckContext, stem: str) -> Iterator[tuple[PypiPin, int, str, Fact]]:
    """Yield what torch's wheel asks of an NVIDIA library.

    The wheel of PyPI pins it. A variant (`+cu118`) pins what only its own index says: its cuDNN is that of
    the release matrix, which no older one of that major replaces, and its NCCL that of its CUDA major.
    """
    torch = context.pypi.get("torch")
    row = stack.torch_release(torch.version) if torch is not None else None
    build = next((item for item in stack.torch_builds(context) if item.pin is torch), None)
    if torch is None or row is None or build is None or build.cuda is None:
        return
    if context.target.subdir not in row.platforms:
        return  # there it may bring its libraries itself
    shares_nccl = stem == "nccl" and major(build.cuda) == major(row.cuda)
    for name, specifier in row.pins.items():
        if name.startswith(f"nvidia-{stem}-cu") and (build.cuda == row.cuda or shares_nccl):
            text = f"torch {row.version} requires {name}{specifier}"
            fact = row.fact(text) if build.cuda == row.cuda else facts.statement("nccl-per-major")
            yield torch, int(name.rsplit("cu", 1)[1]), specifier, fact
    if build.cuda == row.cuda or context.target.subdir != "linux-64":
        return
    if stem == "cudnn" and (version := row.matrix.cudnn.get(build.cuda)):
        fact = row.matrix.cudnn_fact(
            f"torch {row.version} for CUDA {build.cuda} is built with cuDNN {version}"
        )
        yield torch, major(build.cuda), f">={version},<{major(version) + 1}", fact
    for variant in facts.table(facts.TorchVariant).rows:
        if within(torch.version, variant.torch, variant.torch) and variant.cuda == build.cuda:
            for name, specifier in variant.requires.items():
                if name.startswith(f"nvidia-{stem}-cu"):
                    fact = variant.fact(
                        f"torch {variant.torch} for CUDA {variant.cuda} needs {name}{specifier}"
                    )
                    yield torch, int(name.rsplit("cu", 1)[1]), specifier, fact


def _brings_cuda(context: CheckContext, tensorflow: PypiPin) -> bool:
    """Tell whether TensorFlow's extra is asked for: without it, its pins of NVIDIA packages bind nobody."""
    nvidia = any(name.startswith("nvidia-") for name in tensorflow.dependencies)
    return nvidia or context.asks_extra(tensorflow, "and-cuda")


def _jaxlib_needs(context: CheckContext, stem: str) -> Iterator[tuple[PypiPin, int, str, Fact]]:
    """Yield the cuDNN that the local version of an older jaxlib names (``+cuda11.cudnn86``)."""
    pin = context.pypi.get("jaxlib")
    match = re.search(r"\+cuda(\d+)\.cudnn(\d)(\d*)", pin.version) if pin is not None else None
    if pin is not None and match is not None and stem == "cudnn":
        floor = f"{match[2]}.{match[3]}" if match[3] else match[2]
        yield pin, int(match[1]), f">={floor},<{int(match[2]) + 1}", facts.statement("jaxlib-cudnn")


def _unmet(context: CheckContext, stem: str) -> Iterator[Found]:
    """Yield what the installed library fails to meet, or two asked-for sets that don't meet."""
    wheel = stack.nvidia_wheel(context, stem)
    needs = list(_needs(context, stem))
    for pin, number, specifier, fact in needs:
        name = f"nvidia-{stem}-cu{number}"
        held = context.pypi.get(name)
        if held is not None and not satisfies(held.version, specifier):
            other = next((item for item in needs if item[0] is not pin and item[1] == number), None)
            yield Found(
                message=f"{pin.name} {pin.version} needs {name}{specifier}, the environment has "
                f"{held.version}",
                evidence=(pin, held, *((other[0],) if other else ())),
                fact=fact,
                proposals=(Proposal(text=f"{name}{specifier}", pypi=(f"{name}{specifier}",)),),
            )
    if wheel is None:
        exact = [need for need in needs if need[2].startswith("==")]
        for pin, number, specifier, _ in exact:
            for peer, number_2, specifier_2, fact in needs:
                if peer is not pin and number == number_2 and not satisfies(specifier[2:], specifier_2):
                    yield Found(
                        message=f"{pin.name} {pin.version} pins {stem} {specifier[2:]}, {peer.name} "
                        f"{peer.version} needs {specifier_2}",
                        evidence=(pin, peer),
                        fact=fact,
                    )


@rule(
    "gpu/cudnn-pins",
    Severity.ERROR,
    "cuDNN doesn't meet what a framework asks for",
    facts=("torch_releases", "tensorflow_releases", "jax_plugins"),
)
def cudnn_pins(context: CheckContext) -> Iterator[Found]:
    """Compare cuDNN with what torch (an exact pin), JAX (a floor) and TensorFlow ask for.

    torch 2.7 pins 9.5.1, JAX 0.6 needs 9.8: one environment can't hold both. What
    is installed decides; without it, the pins are compared with each other.
    """
    yield from _unmet(context, "cudnn")


@rule(
    "gpu/nccl-pin",
    Severity.ERROR,
    "NCCL doesn't meet what a framework asks for",
    facts=("torch_releases", "tensorflow_releases", "jax_plugins"),
)
def nccl_pin(context: CheckContext) -> Iterator[Found]:
    """Compare NCCL with torch's exact pin and the floors of JAX and TensorFlow.

    An older NCCL than torch is linked against ends in `libtorch_cuda.so: undefined symbol: nccl...`.
    """
    yield from _unmet(context, "nccl")


@rule("gpu/cudnn-twice", Severity.WARNING, "two cuDNN libraries are in reach")
def cudnn_twice(context: CheckContext) -> Iterator[Found]:
    """Find cuDNN from more than one place: conda, wheels of two CUDA majors, the image.

    Of two 8.x releases parts mix at run time; conda's and the wheel's are an error
    where both are cuDNN 8 and differ.
    """
    providers: list[tuple[str, object]] = []
    conda = context.conda.get("cudnn") or context.conda.get("libcudnn")
    wheels = [pin for name, pin in context.pypi.items() if _CUDNN.fullmatch(name)]
    if conda is not None:
        providers.append((conda.record.version, conda))
    providers += [(pin.version, pin) for pin in wheels]
    if len(providers) < 2:
        return
    versions = [version for version, _ in providers]
    mixed = (
        all(major(version) == 8 for version in versions) and len({minor(version) for version in versions}) > 1
    )
    one_file = len({major(pin.version) for pin in wheels}) < len(wheels)
    one_name = len({major(version) for version in versions}) == 1
    other = "cuda-majors" if one_file else "cuda-libraries-twice" if one_name else "cudnn-soname"
    yield Found(
        message=f"cuDNN {' and '.join(versions)} are both installed",
        evidence=tuple(pin for _, pin in providers),  # type: ignore[misc]
        fact=facts.statement("cudnn8-mixed" if mixed else other),
        severity=Severity.ERROR if mixed else None,
    )


@rule(
    "gpu/cudnn-major",
    Severity.ERROR,
    "the cuDNN that a framework loads is of another major",
    facts=("onnxruntime_releases", "cudnn_loads"),
)
def cudnn_major(context: CheckContext) -> Iterator[Found]:
    """Compare the cuDNN that onnxruntime-gpu and ctranslate2 load with the one in the environment.

    They ask for none, and cuDNN 8 and 9 don't replace each other: `Could not load library libcudnn_ops`.
    """
    brought = _brought(context)
    if brought is None:
        return
    pin, version, words, severity = brought
    for row, loader in _loaders(context):
        if row.cudnn is not None and major(version) != major(str(row.cudnn)):
            yield Found(
                message=f"{loader.name} {loader.version} loads cuDNN {row.cudnn}, {words} {version}",
                evidence=(loader, pin),
                fact=row.fact(
                    f"onnxruntime-gpu {row.version} is built for cuDNN {row.cudnn}"
                    if isinstance(row, facts.OnnxRelease)
                    else f"{row.project} loads cuDNN {row.cudnn} from {row.version} on"
                ),
                severity=severity,
            )


def _brought(context: CheckContext) -> tuple[PypiPin, str, str, Severity | None] | None:
    """Return the package that brings cuDNN, its version, words for both, and the severity it allows.

    Without cuDNN among the packages it is what torch pins; a system may hold another one beside it.
    """
    wheel = stack.nvidia_wheel(context, "cudnn")
    if wheel is not None:
        return wheel[0], wheel[0].version, "the environment has", None
    if not context.target.subdir.endswith("-64"):
        return None  # wheels for ARM load none
    for pin, _, specifier, _ in _torch_needs(context, "cudnn"):
        return pin, re.split(r"[=<>~,]+", specifier)[1], f"torch {pin.version} brings", Severity.WARNING
    return None


def _loaders(context: CheckContext) -> Iterator[tuple[facts.OnnxRelease | facts.CudnnLoad, PypiPin]]:
    """Yield what is known of each package that loads a cuDNN that it doesn't ask for."""
    rows = facts.table(facts.CudnnLoad).rows
    for project in dict.fromkeys(row.project for row in rows):
        pin = context.pypi.get(project)
        if pin is None or is_beyond(project, pin.version):
            continue
        ours = [row for row in rows if row.project == project and context.target.subdir in row.platforms]
        older = [row for row in ours if at_least(pin.version, row.version)]
        if older:
            yield max(older, key=lambda row: release(row.version)), pin
    pin = context.pypi.get("onnxruntime-gpu")
    row = stack.onnx_release(pin.version) if pin is not None else None
    if pin is not None and row is not None and row.needs_cudnn and context.target.subdir in row.platforms:
        yield row, pin


@rule(
    "gpu/image-cudnn-older", Severity.ERROR, "the image's cuDNN comes first and is older than the framework's"
)
def image_cudnn_older(context: CheckContext) -> Iterator[Found]:
    """Compare the image's cuDNN with the wheel's where LD_LIBRARY_PATH puts the image's first.

    torch then ends in `cuDNN version incompatibility: PyTorch was compiled against ...`.
    """
    image = context.machine.image
    wheel = stack.nvidia_wheel(context, "cudnn")
    if image is None or wheel is None or not image.cudnn or not release(image.cudnn):
        return
    if not (image.sets_library_path or context.machine.library_path):
        return
    same_major = major(image.cudnn) == major(wheel[0].version)
    if (
        same_major
        and len(release(image.cudnn)) > 1
        and not at_least(minor(image.cudnn), minor(wheel[0].version))
    ):
        yield Found(
            message=f"cuDNN {image.cudnn} of the image is loaded before {wheel[0].version} of the "
            "environment",
            evidence=(wheel[0], f"image {image.reference}: cuDNN {image.cudnn} on LD_LIBRARY_PATH"),
            fact=facts.statement("cudnn-minor"),
            fix="take the image's CUDA folders out of LD_LIBRARY_PATH",
        )
