"""The base image: its age, its tag, its CUDA, what its name promises."""

from __future__ import annotations

import re
from collections.abc import Iterator

from resolver.checks import facts, stack
from resolver.checks.context import CheckContext
from resolver.checks.registry import Found, rule
from resolver.machine.drivers import toolkit_driver
from resolver.machine.facts import BaseImage, CudaCompat
from resolver.machine.facts import table as machine_table
from resolver.machine.image import is_named_like_base_image
from resolver.model.findings import Severity
from resolver.model.leading_numbers import at_least, major, minor

#: A CUDA installation's folder that names its release.
_CUDA_FOLDER = re.compile(r"/cuda-(\d+\.\d+)")


@rule("image/deprecated", Severity.WARNING, "the base image is no longer maintained", facts=("base_images",))
def deprecated(context: CheckContext) -> Iterator[Found]:
    """Find Azure ML base images that get no more builds: they can still be pulled, without security fixes."""
    image = context.machine.image
    if image is not None and image.row is not None and image.row.deprecated:
        yield Found(
            message=f"{image.repository} is no longer maintained: {image.row.status}",
            evidence=(f"image {image.reference}",),
            fact=image.fact(f"status: {image.row.status}"),
            origin=image.origin,
            fix=_successor(image.cuda),
        )


def _successor(cuda: str | None) -> str | None:
    rows = [row for row in machine_table(BaseImage).rows if not row.deprecated]
    same = [row for row in rows if (row.cuda is None) == (cuda is None)]
    if cuda is not None:
        near = [row for row in same if row.cuda and at_least(row.cuda, cuda)]
        same = sorted(near, key=lambda row: [int(part) for part in (row.cuda or "0").split(".")])
    return f"{same[0].image} is maintained" if same else None


@rule(
    "image/never-published",
    Severity.WARNING,
    "no base image of this name is in Azure ML's lists, old or new",
    facts=("base_images",),
)
def never_published(context: CheckContext) -> Iterator[Found]:
    """Find images named like Azure ML's base images that its list and the history of its sources don't know.

    Names of a later CUDA or Ubuntu than the facts know are left alone: they may be newer.
    """
    image = context.machine.image
    if image is not None and is_named_like_base_image(image):
        yield Found(
            message=f"no base image `{image.repository.rsplit('/', 1)[-1]}` is known to have been published",
            evidence=(f"image {image.reference}",),
            fact=facts.statement("base-image-names"),
            origin=image.origin,
            fix=_successor(image.cuda),
        )


@rule("image/floating-tag", Severity.WARNING, "the base image is named by a tag that moves")
def floating_tag(context: CheckContext) -> Iterator[Found]:
    """Find image references without a tag, with `latest`, or Azure ML environments asked for by `@latest`.

    What is locked for today's image may meet another glibc or CUDA tomorrow, and the
    image identity changes with it. A dated tag or a digest stays.
    """
    image = context.machine.image
    if image is None or not image.is_floating:
        return
    what = "an environment without a version" if image.version is not None else "an image without a fixed tag"
    yield Found(
        message=f"`{image.reference}` is {what}",
        evidence=(f"image {image.reference}",),
        fact=facts.statement("floating-tag"),
        origin=image.origin,
        fix="name a version" if image.version is not None else "name a dated tag or a digest (`@sha256:...`)",
    )


@rule(
    "azureml/curated-name",
    Severity.WARNING,
    "the curated environment's name doesn't say what is inside",
    facts=("curated_environments",),
)
def curated_name(context: CheckContext) -> Iterator[Found]:
    """Compare the versions in a curated environment's name with what is installed inside."""
    image = context.machine.image
    row = image.curated if image is not None else None
    if image is None or row is None:
        return
    lies = [f"{project} {pin}" for project, pin in row.pins.items() if _name_lies(row.name, project, pin)]
    if row.honest is False or (row.honest is None and lies):
        yield Found(
            message=f"`{row.name}` holds {row.actual or ', '.join(lies)}",
            evidence=(f"environment {image.reference}", *lies),
            fact=image.fact(f"{row.name}: {row.actual or ', '.join(lies)}"),
            origin=image.origin,
        )


def _name_lies(name: str, project: str, pin: str) -> bool:
    word = {"torch": "pytorch", "scikit-learn": "sklearn"}.get(project, project)
    promised = re.search(rf"{re.escape(word)}-(\d+\.\d+)", name)
    installed = re.search(r"[=~]=?\s*(\d+\.\d+)", pin) or re.search(r">=\s*(\d+\.\d+)", pin)
    if promised is None or installed is None:
        return False
    floor_only = pin.startswith(">=")
    return at_least(installed[1], promised[1] + ".1") if floor_only else installed[1] != promised[1]


@rule(
    "azureml/curated-deleted",
    Severity.ERROR,
    "the curated environment was deleted",
    facts=("curated_environments",),
)
def curated_deleted(context: CheckContext) -> Iterator[Found]:
    """Find curated environments that are no longer in the registry's sources.

    No new versions, old ones go away.
    """
    image = context.machine.image
    if image is not None and image.curated is not None and not image.curated.current:
        yield Found(
            message=f"the curated environment `{image.curated.name}` was deleted",
            evidence=(f"environment {image.reference}",),
            fact=image.fact(f"{image.curated.name} is no longer among the curated environments"),
            origin=image.origin,
        )


@rule(
    "image/driver-requirement",
    Severity.ERROR,
    "the driver doesn't know the image's CUDA: the container won't start",
    facts=("cuda_toolkits", "image_requirements"),
)
def driver_requirement(context: CheckContext) -> Iterator[Found]:
    """Compare the image's CUDA with the driver.

    Images made from nvidia/cuda carry NVIDIA_REQUIRE_CUDA: the container runtime
    starts them on a driver that knows their CUDA minor, or on one of the older
    branches they list and carry cuda-compat for (12.4: 470, 525 and 535). On any
    other it refuses, even where the packages inside would run; NVIDIA_DISABLE_REQUIRE
    switches the refusal off. A branch that some images of a CUDA list and others
    don't (updates and earlier builds differ) is said nothing of.
    """
    image, machine = context.machine.image, context.machine
    if image is not None and image.cuda is not None and machine.starts_image is False:
        toolkit = toolkit_driver(image.cuda)
        driver = f"driver {machine.driver}" if machine.driver else "the driver"
        yield Found(
            message=f"{image.reference} asks for CUDA {minor(image.cuda)}, {driver} knows {machine.cuda}",
            evidence=(f"image {image.reference}: CUDA {image.cuda}", f"{driver}: CUDA {machine.cuda}"),
            fact=facts.statement("driver-requirement")
            if toolkit is None
            else toolkit.fact(f"CUDA {toolkit.cuda} comes with driver {toolkit.linux}"),
            fix="take an image of an older CUDA, or set NVIDIA_DISABLE_REQUIRE=1 where only the libraries "
            "inside are used",
        )


@rule(
    "image/cuda-shadows-wheels",
    Severity.WARNING,
    "CUDA libraries of the image come before those of the wheels",
)
def cuda_shadows_wheels(context: CheckContext) -> Iterator[Found]:
    """Find a CUDA on LD_LIBRARY_PATH before that of packages that bring theirs as wheels.

    Azure ML's images name /usr/local/cuda/lib64 there. The loader looks there before the
    wheel's own folders; a library of the same major and an older minor is taken and
    lacks symbols. A minor not older than the wheels' is said nothing about. Without an
    image, a folder tells its CUDA by its name (`/usr/local/cuda-12.1/lib64`).
    """
    image = context.machine.image
    path = [part for part in context.machine.library_path if "cuda" in part]
    named = next((match[1] for part in path if (match := _CUDA_FOLDER.search(part))), None)
    in_image = image.cuda if image is not None and (image.sets_library_path or path) else None
    cuda = named or in_image
    if cuda is None:
        return
    build = next((item for item in stack.torch_builds(context) if not item.is_conda and item.cuda), None)
    wheel = next(
        (
            pin
            for name, pin in context.pypi.items()
            if re.match(r"nvidia-(cublas|cusparse|cuda-runtime)", name)
        ),
        None,
    )
    if build is None or build.cuda is None or (wheel is None and "torch" not in context.pypi):
        return
    if major(cuda) == major(build.cuda) and not at_least(cuda, minor(build.cuda)):
        what = f"CUDA {cuda}" if named else f"CUDA {cuda} of the image"
        yield Found(
            message=f"{what} stands before CUDA {build.cuda} of torch {build.version} on LD_LIBRARY_PATH",
            evidence=(
                build.pin,
                *((wheel,) if wheel else ()),
                *((f"image {image.reference}: CUDA {image.cuda}",) if image and image.cuda else ()),
                *path,
            ),
            fact=facts.statement("library-path"),
            origin=image.origin if image else None,
            fix="take the folder out of LD_LIBRARY_PATH: the wheels bring their own"
            if named
            else "take an image without CUDA: the wheels bring theirs",
        )


@rule("image/nvcc-mismatch", Severity.ERROR, "extensions are compiled with another CUDA major than torch's")
def nvcc_mismatch(context: CheckContext) -> Iterator[Found]:
    """Find packages that compile CUDA code in an image of another CUDA major.

    They are deepspeed, flash-attn and apex, on installation or at run time.
    """
    image, build = context.machine.image, stack.torch_build(context)
    if image is None or image.cuda is None or build is None or build.cuda is None:
        return
    for name in ("deepspeed", "flash-attn", "apex"):
        pin = context.pypi.get(name)
        source = pin is not None and (pin.file is None or not pin.file.is_wheel)
        if pin is not None and source and major(image.cuda) != major(build.cuda):
            yield Found(
                message=f"{name} {pin.version} is compiled with CUDA {image.cuda} of the image, torch "
                f"{build.version} is for {build.cuda}",
                evidence=(pin, build.pin, f"image {image.reference}: CUDA {image.cuda}"),
                fact=facts.statement("nvcc-match"),
            )


@rule("image/cuda-unused", Severity.NOTE, "a CUDA image under packages that bring CUDA of another major")
def cuda_unused(context: CheckContext) -> Iterator[Found]:
    """Find images with CUDA of another major than torch's.

    Its libraries serve nothing, and it costs gigabytes.
    """
    image, build = context.machine.image, stack.torch_build(context)
    if (
        image is not None
        and image.cuda is not None
        and build is not None
        and build.cuda is not None
        and major(image.cuda) != major(build.cuda)
    ):
        yield Found(
            message=f"the image brings CUDA {image.cuda}, torch {build.version} brings its own {build.cuda}",
            evidence=(build.pin, f"image {image.reference}"),
            fact=None if build.is_conda else facts.statement("library-path"),
        )


@rule(
    "image/cuda-compat",
    Severity.ERROR,
    "the image's cuda-compat doesn't run on this driver branch",
    facts=("cuda_compat",),
)
def cuda_compat(context: CheckContext) -> Iterator[Found]:
    """Compare a cuda-compat folder on LD_LIBRARY_PATH with the driver's branch.

    On a newer branch it is refused: `Error 803: system has unsupported display driver /
    cuda driver combination`.
    """
    machine = context.machine
    image = machine.image
    if image is None or image.cuda is None or machine.driver is None:
        return
    if not any("compat" in part for part in machine.library_path):
        return
    branch = major(machine.driver)
    row = next(
        (
            row
            for row in machine_table(CudaCompat).rows
            if row.cuda == minor(image.cuda or "0") and row.branch == branch
        ),
        None,
    )
    if row is not None and row.verdict == "incompatible":
        yield Found(
            message=f"cuda-compat {row.cuda} of {image.reference} doesn't run on driver branch {branch}",
            evidence=(
                f"image {image.reference}: CUDA {image.cuda}",
                f"LD_LIBRARY_PATH={':'.join(machine.library_path)}",
                f"driver {machine.driver}",
            ),
            fact=row.fact(f"cuda-compat {row.cuda} on branch {branch}: {row.verdict}"),
            fix="take the compat folder out of LD_LIBRARY_PATH",
        )
