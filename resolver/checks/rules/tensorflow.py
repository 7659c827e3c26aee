"""TensorFlow: where its CUDA libraries come from."""

from __future__ import annotations

from collections.abc import Iterator

from resolver.checks import facts
from resolver.checks.context import CheckContext
from resolver.checks.horizon import is_beyond
from resolver.checks.registry import Found, Proposal, rule
from resolver.model.findings import Severity
from resolver.model.leading_numbers import minor, satisfies
from resolver.model.resolution import PypiPin


def tensorflow_row(version: str) -> facts.TensorflowRelease | None:
    """Return the row of a TensorFlow release, None where it isn't listed."""
    return next((row for row in facts.table(facts.TensorflowRelease).rows if row.version == version), None)


def _tensorflow(context: CheckContext) -> PypiPin | None:
    return context.pypi.get("tensorflow") or context.pypi.get("tensorflow-gpu")


@rule(
    "tensorflow/without-and-cuda",
    Severity.ERROR,
    "TensorFlow for a GPU without any CUDA libraries",
    facts=("tensorflow_releases",),
)
def without_and_cuda(context: CheckContext) -> Iterator[Found]:
    """Find pip's tensorflow for a GPU target with no NVIDIA wheels, and no image with the tested CUDA.

    It runs on the CPU: `Cannot dlopen some GPU libraries`. With an image whose
    CUDA is the tested one, nothing is said; with another it is a warning.
    """
    pin = _tensorflow(context)
    if pin is None or not context.wants_gpu or context.system != "linux":
        return
    row = tensorflow_row(pin.version)
    if is_beyond("tensorflow", pin.version):
        return
    if any(name.startswith("nvidia-cudnn-cu") for name in context.pypi) or "cudnn" in context.conda:
        return
    if context.asks_extra(pin, "and-cuda"):
        return  # pins without what they bring along: the installer fetches it
    image = context.machine.image
    if image is not None and image.cuda is not None:
        if row is None or minor(image.cuda) == row.tested.cuda:
            return
        evidence: tuple[PypiPin | str, ...] = (pin, f"image {image.reference}: CUDA {image.cuda}")
        message = (
            f"tensorflow {pin.version} is tested with CUDA {row.tested.cuda}, the image has {image.cuda}"
        )
    else:
        evidence = (pin, "no nvidia-cudnn, nvidia-cuda-runtime or conda cudnn beside it")
        message = f"tensorflow {pin.version} brings no CUDA libraries, and nothing else does"
    extra = row is not None and row.and_cuda is not None
    yield Found(
        message=message,
        evidence=evidence,
        fact=facts.statement("tf-and-cuda"),
        severity=None
        if context.machine.gpu is not None and (image is None or image.cuda is None)
        else Severity.WARNING,
        proposals=(Proposal(text="the CUDA extra", pypi=(f"tensorflow[and-cuda]=={pin.version}",)),)
        if extra
        else (),
    )


@rule("tensorflow/windows-gpu", Severity.ERROR, "TensorFlow after 2.10 has no GPU support on Windows")
def windows_gpu(context: CheckContext) -> Iterator[Found]:
    """Find TensorFlow 2.11 or later for a Windows target with a GPU: it runs on the CPU there."""
    pin = _tensorflow(context)
    if pin is None or context.system != "win" or not context.wants_gpu:
        return
    if facts.holds("tf-windows", tensorflow=pin.version):
        older = f"tensorflow{facts.before('tf-windows', 'tensorflow')}"
        yield Found(
            message=f"tensorflow {pin.version} doesn't use a GPU on Windows",
            evidence=(pin, f"target {context.target.subdir}"),
            fact=facts.statement("tf-windows"),
            proposals=(Proposal(text=older, pypi=(older,)),),
        )


@rule("tensorflow/2-16-1", Severity.ERROR, "TensorFlow 2.16.1 doesn't find its NVIDIA wheels")
def release_2_16_1(context: CheckContext) -> Iterator[Found]:
    """Find tensorflow 2.16.1 with NVIDIA's wheels.

    It ends in `Skipping registering GPU devices`, unless LD_LIBRARY_PATH names them.
    """
    pin = context.pypi.get("tensorflow")
    wheel = next(
        (
            item
            for name, item in context.pypi.items()
            if name.startswith("nvidia-") and name.endswith("-cu12")
        ),
        None,
    )
    if pin is None or wheel is None or context.wants_gpu is False:
        return
    if facts.holds("tf-2.16.1", tensorflow=pin.version):
        yield Found(
            message="tensorflow 2.16.1 doesn't find the NVIDIA wheels it depends on",
            evidence=(pin, wheel),
            fact=facts.statement("tf-2.16.1"),
            proposals=(Proposal(text="2.16.2", pypi=("tensorflow==2.16.2",)),),
        )


@rule(
    "tensorflow/numpy",
    Severity.ERROR,
    "numpy is outside what the TensorFlow wheel was built for",
    facts=("tensorflow_releases",),
)
def numpy(context: CheckContext) -> Iterator[Found]:
    """Compare numpy with TensorFlow's requirement.

    A lock of pip packages can't break it; conda's numpy under pip's tensorflow can, where they are solved
    apart.
    """
    yield from _requirement(context, "numpy")


@rule(
    "tensorflow/keras",
    Severity.ERROR,
    "keras is outside what the TensorFlow wheel asks for",
    facts=("tensorflow_releases",),
)
def keras(context: CheckContext) -> Iterator[Found]:
    """Compare keras with TensorFlow's requirement.

    Releases up to 2.15 need the keras of their own number, 2.16 Keras 3.
    """
    yield from _requirement(context, "keras")


@rule(
    "tensorflow/protobuf",
    Severity.ERROR,
    "protobuf is outside what the TensorFlow wheel asks for",
    facts=("tensorflow_releases",),
)
def protobuf(context: CheckContext) -> Iterator[Found]:
    """Compare protobuf with TensorFlow's requirement.

    Generated code of one major fails with another (`Descriptors cannot be created directly`).
    """
    yield from _requirement(context, "protobuf")


def _requirement(context: CheckContext, project: str) -> Iterator[Found]:
    pin = context.pypi.get("tensorflow")
    row = tensorflow_row(pin.version) if pin is not None else None
    other = context.pypi.get(project) or context.conda.get(project)
    if pin is None or row is None or other is None or context.target.subdir not in row.platforms:
        return
    texts = row.numpy if project == "numpy" else (getattr(row, project),)
    version = other.version if isinstance(other, PypiPin) else other.record.version
    if texts and not any(satisfies(version, text) for text in texts):
        yield Found(
            message=f"tensorflow {pin.version} asks for {project}{texts[0]}, the environment has {version}",
            evidence=(pin, other),
            fact=row.fact(f"tensorflow {row.version} requires {project}{' or '.join(texts)}"),
            proposals=(Proposal(text=f"{project}{texts[0]}", pypi=(f"{project}{texts[0]}",)),),
        )


@rule("tensorflow/keras-3", Severity.WARNING, "a package for Keras 2 beside TensorFlow 2.16 or later")
def keras_3(context: CheckContext) -> Iterator[Found]:
    """Find tensorflow 2.16 or later with packages that were written for Keras 2.

    They are tensorflow-addons, tensorflow-hub before 0.16.1 and tensorflow-probability
    before 0.24; with tf-keras beside them they work.
    """
    pin = context.pypi.get("tensorflow")
    if pin is None or "tf-keras" in context.pypi or not facts.holds("tf-keras-3", tensorflow=pin.version):
        return
    for name in ("tensorflow-addons", "tensorflow-hub", "tensorflow-probability"):
        other = context.pypi.get(name)
        if other is not None and facts.holds("keras-2-packages", **{name: other.version}):
            yield Found(
                message=f"{name} {other.version} is written for Keras 2, tensorflow {pin.version} uses "
                "Keras 3",
                evidence=(other, pin),
                fact=facts.statement("tf-keras-3"),
                proposals=(Proposal(text="tf-keras beside it", pypi=("tf-keras",)),),
            )
