"""Base images: what a reference says is inside."""

from __future__ import annotations

import re

import msgspec
from msgspec.structs import replace

from resolver.errors import InputError
from resolver.machine import facts
from resolver.model.findings import Fact, Unknown
from resolver.model.images import split_reference
from resolver.model.leading_numbers import release
from resolver.model.origin import Origin
from resolver.model.patterns import pattern

_UBUNTU = pattern(r"ubuntu[-_]?(\d\d)\.?(\d\d)")
_CUDA = pattern(r"cuda[-_]?(\d+\.\d+(?:\.\d+)?)|(?<![a-z])cu(\d{2})(\d)(?!\d)")
_CUDNN = pattern(r"cudnn(\d[\d.]*)?")
#: The part of an image's name behind ``azureml/``, as Azure ML names its base images.
_BASE_NAME = pattern(
    r"(?:open|intel)mpi[\d.]+(?:-cuda(?P<cuda>\d+(?:\.\d+)+))?(?:-cudnn\d+)?-ubuntu(?P<ubuntu>\d\d\.\d\d)"
)
#: No reference: blanks (but those of a template), nothing behind the last slash, the address of a page.
_NO_REFERENCE = pattern(r"[^{]*\s[^}]*|.*/|https?://.*|[:@].*")
_NVIDIA = pattern(r"(?:^|/)nvidia/cuda(?:$|[:@-])")
_AZUREML_ENVIRONMENT = pattern(
    r"(?:azureml:(?://registries/[^/]+/environments/)?|(?=AzureML-))"
    r"([^:@/]+)(?:/versions/|:|@)?(.*)$"
)


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """A base image; None where nothing says what is inside.

    ``tag`` and ``digest`` are what the reference pins. For an Azure ML
    environment, ``curated`` is its row and ``version`` what the reference asks for.
    """

    reference: str
    repository: str
    tag: str | None = None
    digest: str | None = None
    ubuntu: str | None = None
    glibc: str | None = None
    cuda: str | None = None
    cudnn: str | None = None
    row: facts.BaseImage | None = None
    curated: facts.CuratedEnvironment | None = None
    version: str | None = None
    origin: Origin | None = None
    sets_library_path: bool = False  #: its LD_LIBRARY_PATH names the CUDA libraries of the image

    @property
    def is_floating(self) -> bool:
        """Whether what is pulled under this reference changes without notice."""
        if self.digest:
            return False
        if self.version is not None:
            return self.version in ("", "latest")
        return self.tag is None or "latest" in self.tag

    def fact(self, text: str) -> Fact | None:
        """Return a fact about the image with the source of its row, None where no row describes it."""
        if self.row is not None:
            return self.row.fact(text)
        if self.curated is not None:
            return self.curated.fact(text)
        return None


def read_image(text: str, origin: Origin | None = None) -> Image:
    """Return what is known of an image reference or of an Azure ML environment.

    An environment is ``azureml:name:version``, its address in a registry, or ``AzureML-name``, which no
    image can be called: those have no capitals. Raises InputError for what can be neither.
    """
    environment = _AZUREML_ENVIRONMENT.match(text)
    if _NO_REFERENCE.fullmatch(text.strip()):
        raise InputError(
            f"`{text}` is no reference of an image",
            origin or Origin(file="--image"),
            "References look like `mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest`.",
        )
    if environment:
        return _curated_image(text, environment[1], environment[2], origin)
    repository, tag, digest = split_reference(text)
    curated = repository.rsplit("/curated/", 1)
    if len(curated) == 2:
        found = _curated_image(text, curated[1], None, origin)
        return replace(found, repository=repository, tag=tag, digest=digest, version=None)
    row = _row_of_earlier_name(repository, tag) or next(
        (row for row in facts.table(facts.BaseImage).rows if row.image == repository), None
    )
    if row is not None:
        return Image(
            reference=text,
            repository=repository,
            tag=tag,
            digest=digest,
            ubuntu=row.ubuntu,
            glibc=row.glibc,
            cuda=row.cuda,
            cudnn=row.cudnn,
            row=row,
            origin=origin,
            sets_library_path=row.cuda is not None,
        )
    return _guess(text, repository, tag, digest, origin)


def _row_of_earlier_name(repository: str, tag: str | None) -> facts.BaseImage | None:
    """Return the row of an image by its name in the SDK's first version; a dated tag begins with it."""
    short = f"{repository.rsplit('/', 1)[-1]}:{tag or 'latest'}"
    found = [
        (len(name), row)
        for row in facts.table(facts.BaseImage).rows
        for name in row.earlier_names
        if "/azureml/" in f"/{repository}" and (short == name or short.startswith((f"{name}-", f"{name}:")))
    ]
    return max(found, key=lambda item: item[0], default=(0, None))[1]


def is_named_like_base_image(image: Image) -> bool:
    """Tell whether a reference is named as Azure ML names its base images, up to the newest that are known.

    One of a later CUDA or Ubuntu may be newer than the facts.
    """
    name = _BASE_NAME.fullmatch(image.repository.rpartition("/azureml/")[2])
    if image.row is not None or name is None or "/azureml/" not in f"/{image.repository}":
        return False
    rows = facts.table(facts.BaseImage).rows
    newest_cuda = max(release(row.cuda) for row in rows if row.cuda)
    newest_ubuntu = max(release(row.ubuntu) for row in rows if row.ubuntu)
    return release(name["ubuntu"]) <= newest_ubuntu and release(name["cuda"] or "0") <= newest_cuda


def unknown_image(image: Image) -> Unknown | None:
    """Say that an image is in no list of published ones, or that nothing tells what is inside.

    None where its contents are known, or its makers put them into the name.
    """
    if image.row is not None or image.curated is not None:
        return None
    row: type[facts.BaseImage | facts.CuratedEnvironment] = facts.BaseImage
    if image.version is not None or "/curated/" in image.reference:
        row, text = facts.CuratedEnvironment, "is none of the curated environments that the facts know"
    elif "/azureml/" in f"/{image.repository}":
        text = "is none of the base images that the facts know; what its name says is taken for true"
    elif image.ubuntu is None and image.cuda is None:
        text = "says nothing of what is inside: neither CUDA nor glibc are compared"
        if any(
            row.name.lower() == image.reference.lower() for row in facts.table(facts.CuratedEnvironment).rows
        ):
            text += f"; the environment of that name is `azureml:{image.reference}`"
    else:
        return None
    return Unknown(
        subject=f"image {image.reference}",
        text=f"image {image.reference} {text}",
        date=facts.table(row).read,
        tables=("curated_environments",) if row is facts.CuratedEnvironment else ("base_images",),
    )


def _guess(text: str, repository: str, tag: str | None, digest: str | None, origin: Origin | None) -> Image:
    """Read Ubuntu, CUDA and cuDNN from the words of a reference, as its makers put them there."""
    words = f"{repository}:{tag or ''}"
    ubuntu = _UBUNTU.search(words) or re.search(r"(?:^|/)ubuntu:(\d\d)\.(\d\d)", words)
    version_of_ubuntu = f"{ubuntu[1]}.{ubuntu[2]}" if ubuntu else None
    cuda = _CUDA.search(words)
    version = (cuda[1] or f"{cuda[2]}.{cuda[3]}") if cuda else None
    if version is None and _NVIDIA.search(repository + ":") and tag:
        head = re.match(r"\d+\.\d+(?:\.\d+)?", tag)
        version = head[0] if head else None
    cudnn = _CUDNN.search(words)
    glibc = next(
        (row.glibc for row in facts.table(facts.UbuntuGlibc).rows if row.ubuntu == version_of_ubuntu), None
    )
    return Image(
        reference=text,
        repository=repository,
        tag=tag,
        digest=digest,
        ubuntu=version_of_ubuntu,
        glibc=glibc,
        cuda=version,
        cudnn=(cudnn[1] or "unknown") if cudnn else None,
        origin=origin,
        sets_library_path=version is not None and ("nvidia/cuda" in repository or "azureml" in repository),
    )


def _curated_image(text: str, name: str, version: str | None, origin: Origin | None) -> Image:
    wanted = {name.lower(), name.lower().removeprefix("azureml-")}  # the registry shows some with a prefix
    row = next(
        (row for row in facts.table(facts.CuratedEnvironment).rows if row.name.lower() in wanted), None
    )
    base = read_image(row.base) if row is not None and row.base else None
    return Image(
        reference=text,
        repository=name,
        version=version,
        curated=row,
        origin=origin,
        ubuntu=base.ubuntu if base else None,
        glibc=base.glibc if base else None,
        cuda=base.cuda if base else None,
        cudnn=base.cudnn if base else None,
        sets_library_path=base.sets_library_path if base else False,
    )
