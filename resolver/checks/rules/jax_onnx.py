"""JAX, ONNX Runtime, OpenCV, Paddle: releases that must agree, and twins that overwrite each other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from resolver.checks import facts, stack
from resolver.checks.context import CheckContext
from resolver.checks.registry import Found, Proposal, rule
from resolver.model.findings import Severity
from resolver.model.leading_numbers import major, release
from resolver.model.resolution import PypiPin


def _jax_parts(context: CheckContext) -> list[PypiPin]:
    return [pin for name, pin in context.pypi.items() if re.fullmatch(r"jax-cuda\d+-(plugin|pjrt)", name)]


@rule("jax/one-release", Severity.ERROR, "jax, jaxlib and the CUDA plugin of JAX are of different releases")
def one_release(context: CheckContext) -> Iterator[Found]:
    """Compare jaxlib with the CUDA plugin and its PJRT: they are one program in three wheels.

    jax itself refuses a jaxlib that is newer than it is.
    """
    jaxlib = context.pypi.get("jaxlib") or context.conda.get("jaxlib")
    jax = context.pypi.get("jax") or context.conda.get("jax")
    if jax is not None and jaxlib is not None:
        have, library = stack.pypi_version(jax), stack.pypi_version(jaxlib)
        if release(library)[:3] > release(have)[:3]:
            yield Found(
                message=f"jaxlib {library} is newer than jax {have}, which refuses it",
                evidence=(jax, jaxlib),
                fact=facts.statement("jaxlib-newer"),
                proposals=(Proposal(text=f"jaxlib=={have}", pypi=(f"jaxlib=={have}",)),),
            )
    for part in _jax_parts(context):
        if jaxlib is None:
            return
        have = stack.pypi_version(jaxlib)
        if release(part.version)[:3] != release(have)[:3]:
            yield Found(
                message=f"{part.name} {part.version} stands beside jaxlib {have}",
                evidence=(part, jaxlib),
                fact=facts.statement("jax-one-release"),
                proposals=(Proposal(text=f"{part.name}=={have}", pypi=(f"{part.name}=={have}",)),),
            )


@rule("jax/no-plugin", Severity.WARNING, "JAX for a GPU without its CUDA plugin")
def no_plugin(context: CheckContext) -> Iterator[Found]:
    """Find pip's jax for a GPU target without a CUDA plugin: it runs on the CPU and says so in one line."""
    pin = context.pypi.get("jaxlib")
    if (
        pin is None
        or context.machine.gpu is None
        or not context.wants_gpu
        or _jax_parts(context)
        or "+cuda" in pin.version
    ):
        return
    yield Found(
        message=f"jaxlib {pin.version} has no CUDA plugin beside it, the target has a "
        f"{context.machine.gpu.model}",
        evidence=(pin, f"GPU: {context.machine.gpu.model}"),
        fact=facts.statement("jax-without-plugin"),
        proposals=(Proposal(text="the CUDA extra", pypi=(f"jax[cuda12]=={pin.version}",)),),
    )


@rule("onnxruntime/twice", Severity.ERROR, "onnxruntime and onnxruntime-gpu are both installed")
def onnxruntime_twice(context: CheckContext) -> Iterator[Found]:
    """Find more than one of onnxruntime, onnxruntime-gpu, onnxruntime-directml.

    One module, the last one installed wins.
    """
    found = [
        pin
        for name, pin in context.pypi.items()
        if name in ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-openvino")
    ]
    if len(found) > 1:
        yield Found(
            message=f"{' and '.join(str(pin.name) for pin in found)} overwrite each other",
            evidence=tuple(found),
            fact=facts.statement("ort-twice"),
        )


@rule(
    "onnxruntime/libraries",
    Severity.WARNING,
    "onnxruntime-gpu finds no CUDA libraries of its major",
    facts=("onnxruntime_releases",),
)
def onnxruntime_libraries(context: CheckContext) -> Iterator[Found]:
    """Find onnxruntime-gpu without CUDA and cuDNN of its major in the environment or the image.

    It requires none by itself, and falls back to the CPU without an error.
    """
    pin = context.pypi.get("onnxruntime-gpu")
    row = stack.onnx_release(pin.version) if pin is not None else None
    if pin is None or row is None or context.wants_gpu is False:
        return
    if context.target.subdir not in row.platforms:
        return
    wanted = major(row.cuda)
    image = context.machine.image
    in_image = image is not None and image.cuda is not None and major(image.cuda) == wanted
    libraries = [
        (number, item)
        for number, item in stack.cuda_users(context)
        if item is not pin
        and re.match(
            r"(nvidia-(cublas|cudnn|cuda-runtime)|cudatoolkit|cuda-version|cuda-cudart)", _name(item)
        )
    ]
    if in_image or any(number == wanted for number, _ in libraries):
        return
    other = libraries[0][1] if libraries else None
    yield Found(
        message=f"onnxruntime-gpu {pin.version} loads libraries of CUDA {wanted}, and "
        + (f"the environment has those of CUDA {libraries[0][0]}" if libraries else "nothing brings them"),
        evidence=(pin, other if other is not None else "no nvidia-cudnn or nvidia-cuda-runtime beside it"),
        fact=row.fact(f"onnxruntime-gpu {row.version} is built for CUDA {row.cuda}"),
    )


def _name(pin: stack.Pin) -> str:
    return str(pin.name)


@rule("runtime/opencv-twice", Severity.ERROR, "two opencv packages of pip overwrite each other")
def opencv_twice(context: CheckContext) -> Iterator[Found]:
    """Find more than one of the four opencv-python packages: they are one module `cv2`.

    The same version of two of them works by chance (a warning).
    """
    found = [
        pin
        for name, pin in context.pypi.items()
        if re.fullmatch(r"opencv(-contrib)?-python(-headless)?", name)
    ]
    if len(found) > 1:
        same = len({pin.version for pin in found}) == 1
        yield Found(
            message=f"{' and '.join(f'{pin.name} {pin.version}' for pin in found)} overwrite each other",
            evidence=tuple(found),
            fact=facts.statement("opencv-one"),
            severity=Severity.WARNING if same else None,
        )


@rule(
    "gpu/paddle-and-torch-on-windows",
    Severity.NOTE,
    "paddlepaddle-gpu and torch share one cuDNN library on Windows",
)
def paddle_and_torch(context: CheckContext) -> Iterator[Found]:
    """Find paddlepaddle-gpu beside a CUDA torch on Windows: the second import fails to load cuDNN."""
    paddle, torch = (
        context.pypi.get("paddlepaddle-gpu"),
        context.pypi.get("torch") or context.conda.get("pytorch"),
    )
    build = stack.torch_build(context)
    if build is not None and build.is_cpu:
        return  # it brings no cuDNN
    if paddle is not None and torch is not None and context.system == "win":
        yield Found(
            message=f"paddlepaddle-gpu {paddle.version} and torch load different cuDNN libraries of one name",
            evidence=(paddle, torch),
            fact=facts.statement("paddle-torch"),
        )
