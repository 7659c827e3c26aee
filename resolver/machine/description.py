"""The machine a job will run on: flags, base image and VM size resolved into facts.

The same facts serve a check and a lock: :func:`virtual_packages` turns them into
``__glibc`` and ``__cuda``.
"""

from __future__ import annotations

import re

import msgspec

from resolver.errors import InputError
from resolver.machine import facts
from resolver.machine.image import Image, read_image
from resolver.model.leading_numbers import at_least, minor, release
from resolver.model.origin import Origin
from resolver.model.target import VirtualPackage

#: Driver assumed where a GPU is known and nothing says which driver: the oldest branch still in NVIDIA's
#: compatibility table, so that what is locked for it runs on every newer one too.
ASSUMED_DRIVER = "535.54.03"


class Gpu(msgspec.Struct, frozen=True, kw_only=True):
    """A GPU model; ``capability`` is CUDA's compute capability (``8.0``), None for one without CUDA."""

    model: str
    capability: str | None
    vendor: str = "nvidia"


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the machine; None everywhere it is not.

    ``cuda`` is the newest CUDA that the driver knows (what ``nvidia-smi`` prints).
    ``assumptions`` says in sentences what was filled in.
    """

    gpu: Gpu | None = None
    has_gpu: bool | None = None
    driver: str | None = None
    cuda: str | None = None
    glibc: str | None = None
    image: Image | None = None
    vm_size: str | None = None
    vm: facts.VmSize | None = None
    library_path: tuple[str, ...] = ()  #: LD_LIBRARY_PATH
    assumptions: tuple[str, ...] = ()

    @property
    def driver_is_known(self) -> bool:
        """Whether a flag (not an assumption) says what the driver is."""
        return self.driver is not None or (self.cuda is not None and not self.assumptions)


def find_gpu(text: str) -> Gpu:
    """Return the GPU of a model name (``A100``, ``Tesla T4``) or a compute capability (``8.0``, ``sm_80``).

    Raises InputError for an unknown model, with the known ones in its hint.
    """
    wanted = re.sub(r"(?i)^(nvidia|tesla|amd)\s+", "", text.strip())
    number = re.fullmatch(r"(?:sm_?|cc)?(\d{1,2})\.?(\d)", wanted, re.IGNORECASE)
    if number:
        capability = f"{int(number[1])}.{number[2]}"
        return Gpu(model=f"GPU of compute capability {capability}", capability=capability)
    rows = facts.table(facts.GpuModel).rows
    tokens = re.split(r"[\s_]+", wanted.upper())
    for row in rows:
        if any(name.upper() == wanted.upper() or name.upper() == tokens[0] for name in row.names):
            return Gpu(model=row.names[0] if len(row.names) == 1 else tokens[0], capability=row.capability)
    if re.match(r"(?i)mi\d{3}|radeon|v620|v710", wanted):
        return Gpu(model=text.strip(), capability=None, vendor="amd")
    known = ", ".join(name for row in rows for name in row.names)
    raise InputError(
        f"unknown GPU model `{text}`",
        Origin(file="--gpu"),
        f"Known: {known}; or give a compute capability such as `8.0`.",
    )


_GPU_SERIES = re.compile(r"(?i)standard_n[cdvg]")
#: GPU series whose rows list no sizes: the part of a size's name that tells them.
_SERIES_HINTS = (
    (re.compile(r"(?i)standard_nc\d+r?s_v2$"), "NCv2"),
    (re.compile(r"(?i)standard_nd\d+r?s$"), "ND (v1)"),
    (re.compile(r"(?i)standard_nv\d+$"), "NV (v1)"),
    (re.compile(r"(?i)standard_nv\d+as_v4$"), "NVv4"),
    (re.compile(r"(?i)mi300x"), "ND_MI300X_v5"),
    (re.compile(r"(?i)gb300"), "ND_GB300_v6"),
    (re.compile(r"(?i)v620"), "NGadsV620"),
    (re.compile(r"(?i)v710"), "NVadsV710_v5"),
)


def find_vm_size(text: str) -> facts.VmSize | None:
    """Return the row of a VM size with a GPU, None for one without.

    Raises InputError for a size of a GPU series (``Standard_N...``) that no row knows.
    """
    rows = facts.table(facts.VmSize).rows
    for row in rows:
        if row.size is not None and row.size.lower() == text.lower():
            return row
    for pattern, series in _SERIES_HINTS:
        if pattern.search(text):
            return next((row for row in rows if row.series == series), None)
    if _GPU_SERIES.match(text):
        raise InputError(
            f"unknown GPU size `{text}`",
            Origin(file="--vm-size"),
            "Give `--gpu` instead; `lock check --matrix vm` lists the sizes that are known.",
        )
    if not text.lower().startswith("standard_"):
        raise InputError(
            f"`{text}` is no VM size", Origin(file="--vm-size"), "Sizes look like `Standard_NC24ads_A100_v4`."
        )
    return None


def newest_cuda(driver: str, system: str = "linux") -> str | None:
    """Return the newest CUDA (``12.4``) that a driver knows, None for one older than every toolkit listed."""
    for row in facts.table(facts.CudaToolkit).rows:
        floor = row.windows if system == "win" else row.linux
        if floor is not None and at_least(driver, floor):
            return row.cuda
    return None


def toolkit_driver(cuda: str, system: str = "linux") -> facts.CudaToolkit | None:
    """Return the first release of a toolkit (``12.4``) that has a driver listed, None where there is none."""
    rows = [row for row in facts.table(facts.CudaToolkit).rows if row.cuda == minor(cuda)]
    listed = [row for row in rows if (row.windows if system == "win" else row.linux) is not None]
    return (
        min(listed, key=lambda row: release((row.windows if system == "win" else row.linux) or ""))
        if listed
        else None
    )


def family_driver(major: int) -> facts.CudaFamily | None:
    """Return the driver floor of a CUDA major, None where no row says it."""
    return next((row for row in facts.table(facts.CudaFamily).rows if row.major == major), None)


def starts_on_older_branch(machine: Machine) -> bool:
    """Tell whether the image names the driver's branch among those it starts on without knowing its CUDA.

    Where the image's CUDA has no row, the branches that its cuda-compat runs on count.
    """
    branch, cuda = driver_branch(machine), minor(machine.image.cuda or "") if machine.image else ""
    row = next((row for row in facts.table(facts.ImageRequirement).rows if row.cuda == cuda), None)
    if row is None:
        return any(
            row.cuda == cuda and row.branch == branch and row.verdict == "compatible"
            for row in facts.table(facts.CudaCompat).rows
        )
    is_geforce = machine.gpu is not None and "GEFORCE" in machine.gpu.model.upper()
    return branch in row.branches and (row.geforce or not is_geforce)


def driver_branch(machine: Machine) -> int | None:
    """Return the branch of the driver (``535``); where only its CUDA is known, that of the CUDA's toolkit."""
    if machine.driver is not None:
        return release(machine.driver)[0]
    toolkit = toolkit_driver(machine.cuda) if machine.cuda is not None else None
    return release(toolkit.linux)[0] if toolkit is not None and toolkit.linux else None


def describe_machine(
    *,
    image: str | None = None,
    image_origin: Origin | None = None,
    vm_size: str | None = None,
    gpu: str | None = None,
    driver: str | None = None,
    cuda: str | None = None,
    glibc: str | None = None,
    library_path: str | None = None,
) -> Machine:
    """Return what the flags say of the machine; a flag outranks what an image or a VM size would give.

    Raises InputError for a model, size or version that can't be read.
    """
    for flag, value in (("--driver", driver), ("--cuda", cuda), ("--glibc", glibc)):
        if value is not None and not release(value):
            raise InputError(f"`{value}` is no version", Origin(file=flag))
    found_image = read_image(image, image_origin) if image else None
    vm = find_vm_size(vm_size) if vm_size else None
    chosen: Gpu | None = find_gpu(gpu) if gpu and gpu != "none" else None
    if chosen is None and vm is not None:
        chosen = Gpu(model=vm.gpu, capability=vm.capability, vendor=vm.vendor)
    has_gpu: bool | None = None
    if gpu == "none" or (vm_size and vm is None and gpu is None):
        has_gpu = False
    elif chosen is not None or driver or cuda:
        has_gpu = True
    assumptions: list[str] = []
    newest = cuda
    if newest is None and driver is not None:
        newest = newest_cuda(driver)
    if newest is None and chosen is not None and chosen.vendor == "nvidia":
        newest = newest_cuda(ASSUMED_DRIVER)
        if found_image and found_image.cuda and at_least(found_image.cuda, newest or "0"):
            newest = minor(found_image.cuda)
            assumptions.append(f"CUDA {newest}: the driver must know the CUDA of the image to start it")
        else:
            assumptions.append(
                f"CUDA {newest}: driver {ASSUMED_DRIVER}, the oldest branch NVIDIA still lists"
            )
    return Machine(
        gpu=chosen,
        has_gpu=has_gpu,
        driver=driver,
        cuda=newest if has_gpu is not False else None,
        glibc=glibc or (found_image.glibc if found_image else None),
        image=found_image,
        vm_size=vm_size,
        vm=vm,
        library_path=tuple(part for part in (library_path or "").split(":") if part),
        assumptions=tuple(assumptions),
    )


def virtual_packages(machine: Machine) -> tuple[VirtualPackage, ...]:
    """Return ``__cuda`` and ``__glibc`` as far as the machine says them, sorted by name."""
    found = []
    if machine.cuda is not None and (machine.gpu is None or machine.gpu.vendor == "nvidia"):
        found.append(VirtualPackage(name="__cuda", version=minor(machine.cuda)))
    if machine.glibc is not None:
        found.append(VirtualPackage(name="__glibc", version=machine.glibc))
    return tuple(found)
