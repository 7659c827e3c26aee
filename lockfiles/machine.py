"""The machine that is locked or checked for: a request, and what it says of a target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from resolver.machine.description import Machine
    from resolver.machine.nvidia_smi import SmiReport
    from resolver.model.images import NamedImage
    from resolver.model.notices import Notice
    from resolver.model.target import Target


class MachineRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What the user says of the machine, as typed; None: nothing.

    ``image`` is a reference, or a Dockerfile, folder or Azure ML file that names it.
    """

    image: str | None = None
    vm_size: str | None = None
    gpu: str | None = None  #: a model, a compute capability, or ``none``
    driver: str | None = None
    cuda: str | None = None  #: the newest one that the driver knows
    glibc: str | None = None
    library_path: str | None = None  #: LD_LIBRARY_PATH
    nvidia_smi: str | None = None  #: file with what nvidia-smi printed there

    @property
    def says_something(self) -> bool:
        """Whether it bears on a target's virtual packages."""
        said = (self.image, self.vm_size, self.gpu, self.driver, self.cuda, self.glibc, self.nvidia_smi)
        return any(said)


def describe_request(request: MachineRequest, implied: NamedImage | None = None) -> Machine:
    """Return the machine asked for; ``implied`` is the image where the request names none.

    Raises InputError for what can't be read.
    """
    from resolver.machine.description import describe_machine

    image = _named_image(request) or implied
    return describe_machine(
        image=image.reference if image else None,
        image_origin=image.origin if image else None,
        vm_size=request.vm_size,
        gpu=request.gpu,
        driver=request.driver,
        cuda=request.cuda,
        glibc=request.glibc,
        library_path=request.library_path or (image.library_path if image else None),
        smi=_read_nvidia_smi(request.nvidia_smi) if request.nvidia_smi else None,
    )


def _read_nvidia_smi(name: str) -> SmiReport:
    """Read a file that nvidia-smi's output was written to; that of Windows' shell is UTF-16."""
    from lockfiles.files import read_bytes
    from resolver.machine.nvidia_smi import parse_nvidia_smi
    from resolver.model.origin import Origin

    data = read_bytes(name)
    is_utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = data.decode("utf-16" if is_utf16 else "utf-8-sig", errors="replace")
    return parse_nvidia_smi(text, Origin(file=name))


def _named_image(request: MachineRequest) -> NamedImage | None:
    """Return the image that the request gives itself, or that the file names which it points to."""
    from lockfiles.files import is_file, is_folder
    from resolver.errors import InputError
    from resolver.model.images import NamedImage
    from resolver.model.origin import Origin

    text = request.image
    if text is None:
        return None
    path = Path(text)
    if is_folder(path):
        path /= "Dockerfile"
    looks_like_file = text.lower().endswith((".yml", ".yaml", ".json", "dockerfile")) or text.startswith(
        ("./", "../", "/")
    )
    if not is_file(path):
        if looks_like_file:
            raise InputError(f"no such file: `{text}`", Origin(file="--image"))
        return NamedImage(reference=text, origin=Origin(file="--image"))
    return _image_of_file(path, str(path) if path.name == "Dockerfile" else text)


def _image_of_file(path: Path, shown: str) -> NamedImage:
    """Return the image that a Dockerfile, or an Azure ML environment or job, names; a job's first one."""
    from lockfiles.files import read_text
    from lockfiles.identity.read.image import image_of_definition
    from lockfiles.identity.read.reading import read_definitions
    from resolver.errors import InputError
    from resolver.inputs.dockerfile import image_of_dockerfile
    from resolver.inputs.file_kinds import is_dockerfile
    from resolver.model.origin import Origin

    text = read_text(path)
    if is_dockerfile(text, path.name):
        found = image_of_dockerfile(text, shown)
    else:
        named = (image_of_definition(definition) for definition in read_definitions(path, shown))
        found = next((image for image in named if image is not None), None)
    if found is None:
        hint = "Expected a Dockerfile with FROM, or a YAML with `image:`."
        raise InputError("names no base image", Origin(file=shown), hint)
    return found


def with_machine(target: Target, machine: Machine) -> Target:
    """Return the target with what the machine says: its virtual packages win over the profile's.

    A machine without a GPU takes ``__cuda`` away. Images and sizes are Linux ones: other targets stay.
    """
    from msgspec.structs import replace

    from resolver.machine.description import virtual_packages

    if target.operating_system != "linux":
        return target
    told = virtual_packages(machine)
    names = {package.name for package in told}
    if machine.has_gpu is False:
        names |= {"__cuda", "__cuda_arch"}
    kept = tuple(package for package in target.virtual_packages if package.name not in names)
    return replace(target, virtual_packages=tuple(sorted((*kept, *told))))


def virtual_package_requests(machine: Machine, platforms: Sequence[str]) -> tuple[str, ...]:
    """Return what the machine says as requests (``linux-64:__cuda=12.4``), for Linux platforms alone."""
    from resolver.machine.description import virtual_packages

    told = {package.name: package.version for package in virtual_packages(machine)}
    if machine.has_gpu is False:
        told["__cuda"] = ""
    linux = [platform for platform in platforms if platform.startswith("linux-")]
    return tuple(
        f"{platform}:{name}={version}" for platform in linux for name, version in sorted(told.items())
    )


def flag_of(request: MachineRequest, name: str) -> str | None:
    """Return the flag that gives a virtual package its version; None: none does."""
    flags = {
        "__cuda": ("cuda", "driver", "nvidia_smi", "gpu", "vm_size", "image"),
        "__cuda_arch": ("gpu", "nvidia_smi", "vm_size"),
        "__glibc": ("glibc", "image"),
    }
    given = next((flag for flag in flags.get(name, ()) if getattr(request, flag)), None)
    return f"--{given.replace('_', '-')}" if given else None


def said_of_machine(
    request: MachineRequest, implied: NamedImage | None, targets: Sequence[Target]
) -> tuple[Notice, ...]:
    """Return what is said of the machine: what was assumed or isn't known, a GPU that is missing.

    An image that can't be read is met by who needs it.
    """
    from resolver.errors import InputError
    from resolver.model.notices import Notice

    linux = [target for target in targets if target.operating_system == "linux"]
    if not (request.says_something or implied):
        return ()
    if not linux:
        flags = [
            f"`--{name.replace('_', '-')}`" for name in request.__struct_fields__ if getattr(request, name)
        ]
        text = f"{', '.join(flags)} without effect: no Linux platform is locked"
        return (Notice(code="unused-setting", text=text),) if flags else ()
    try:
        machine = describe_request(request, implied)
    except InputError:
        return ()
    found = [*_assumed_or_unknown(machine)] if request.says_something else []
    lacking = _gpu_not_named(machine) if any(t.virtual("__cuda") is None for t in linux) else None
    return (*found, *([lacking] if lacking else []))


def _assumed_or_unknown(machine: Machine) -> Iterator[Notice]:
    from resolver.model.findings import Severity
    from resolver.model.notices import Notice

    for text in machine.assumptions:
        yield Notice(code="assumed", text=f"assumed: {text}")
    for one in machine.unknown:
        facts = {"subject": one.subject, "facts_of": one.date}
        yield Notice(code="unknown", severity=Severity.WARNING, text=f"not known: {one}", facts=facts)


def _gpu_not_named(machine: Machine) -> Notice | None:
    """Return what is missing where an image brings CUDA and nothing says that there is a GPU."""
    from resolver.model.findings import Severity
    from resolver.model.notices import Notice

    image = machine.image
    if image is None or image.cuda is None or machine.has_gpu is not None:
        return None
    return Notice(
        code="gpu-not-named",
        severity=Severity.WARNING,
        text=f"`{image.reference}` brings CUDA {image.cuda}, but nothing says that there is a GPU: "
        "the target has no `__cuda`, and CPU builds are taken (`--gpu`, `--vm-size`, `--driver` or `--cuda` "
        "names it)",
        facts={"image": image.reference, "cuda": image.cuda},
    )
