"""The machine a job will run on: flags, base image and VM size resolved into facts.

The same facts serve a check and a lock: :func:`virtual_packages` turns them into
``__glibc``, ``__cuda`` and ``__cuda_arch``.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from resolver.errors import InputError
from resolver.machine import facts
from resolver.machine.drivers import (
    cuda_is_known,
    driver_is_listed,
    first_of_branch,
    newest_cuda,
    oldest_listed_driver,
    starts_on,
    toolkit_driver,
    unknown_cuda,
    unknown_driver,
)
from resolver.machine.gpus import Gpu, find_gpu, oldest_gpu, printed_gpus, unknown_gpu
from resolver.machine.image import Image, read_image, unknown_image
from resolver.machine.nvidia_smi import SmiReport
from resolver.machine.vm_sizes import find_vm_size
from resolver.model.findings import Unknown
from resolver.model.leading_numbers import at_least, minor, release
from resolver.model.origin import Origin
from resolver.model.target import VirtualPackage

#: What ``--gpu`` says of a machine without one.
NO_GPU = "none"


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
    unknown: tuple[Unknown, ...] = ()  #: what of it the facts don't reach

    def on_system(self, system: str) -> Machine:
        """Return the machine as one that an operating system can have: macOS runs on no NVIDIA or AMD GPU.

        What is left out is the GPU, its driver and the CUDA that this knows.
        """
        if system != "osx" or (self.gpu is None and self.driver is None and self.cuda is None):
            return self
        if self.gpu is not None and self.gpu.vendor == "apple":
            return self
        return msgspec.structs.replace(
            self, gpu=None, has_gpu=None, driver=None, cuda=None, assumptions=(), unknown=()
        )

    @property
    def driver_is_known(self) -> bool:
        """Whether a flag (not an assumption) says what the driver is."""
        return self.driver is not None or (self.cuda is not None and not self.assumptions)

    @property
    def driver_branch(self) -> int | None:
        """Branch of the driver (``535``); where only its CUDA is known, that of the CUDA's toolkit."""
        if self.driver is not None:
            return release(self.driver)[0]
        toolkit = toolkit_driver(self.cuda) if self.cuda is not None else None
        return release(toolkit.linux)[0] if toolkit is not None and toolkit.linux else None

    @property
    def starts_image(self) -> bool | None:
        """Whether the container runtime starts the image on this driver; None where the facts don't say."""
        if self.image is None or self.image.cuda is None or not self.driver_is_known or self.cuda is None:
            return None
        if at_least(self.cuda, minor(self.image.cuda)):
            return True
        if self.driver is not None and not driver_is_listed(self.driver):
            return None
        brand = self.gpu.brand if self.gpu is not None else None
        return starts_on(self.image.cuda, self.cuda, self.driver_branch or 0, brand)


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
    smi: SmiReport | None = None,
) -> Machine:
    """Return what the flags say of the machine.

    A flag outranks what nvidia-smi printed, and that what an image or a VM size would give.
    Raises InputError for a model, size or version that can't be read.
    """
    for flag, value in (("--driver", driver), ("--cuda", cuda), ("--glibc", glibc)):
        if value is not None and not release(value):
            raise InputError(f"`{value}` is no version", Origin(file=flag))
    found_image = read_image(image, image_origin) if image else None
    vm = find_vm_size(vm_size) if vm_size else None
    told = smi.gpus if smi is not None and gpu is None else ()
    chosen = _chosen_gpu(gpu, told, vm)
    if smi is not None and gpu != NO_GPU:
        cuda = cuda or (smi.cuda if driver is None else None)
        driver = driver or smi.driver
    has_gpu: bool | None = None
    if gpu == NO_GPU or (vm_size and vm is None and gpu is None):
        has_gpu = False
    elif chosen is not None or driver or cuda:
        has_gpu = True
    full_driver = first_of_branch(driver) if driver is not None else None
    assumptions = [f"driver {driver}: {full_driver}, the branch's first"] if full_driver != driver else []
    if len(told) > 1 and chosen is not None:
        known = [name for name, found in zip(told, printed_gpus(told), strict=True) if found.listed]
        if len(known) > 1:
            assumptions.append(f"{chosen.model}: the oldest of {', '.join(known)}")
    newest = cuda if cuda is not None or full_driver is None else newest_cuda(full_driver)
    if newest is None and chosen is not None and chosen.vendor == "nvidia":
        newest, assumption = _assumed_cuda(found_image)
        assumptions.append(assumption)
    return Machine(
        gpu=chosen,
        has_gpu=has_gpu,
        driver=full_driver,
        cuda=newest if has_gpu is not False else None,
        glibc=glibc or (found_image.glibc if found_image else None),
        image=found_image,
        vm_size=vm_size,
        vm=vm,
        library_path=tuple(part for part in (library_path or "").split(":") if part),
        assumptions=tuple(assumptions),
        unknown=_beyond_facts(
            found_image, printed_gpus(told) or (chosen,) if chosen is not None else (), full_driver, cuda
        ),
    )


def _chosen_gpu(gpu: str | None, told: Sequence[str], vm: facts.VmSize | None) -> Gpu | None:
    """Return the GPU that a flag names, else the oldest that nvidia-smi printed, else that of the size."""
    if gpu and gpu != NO_GPU:
        return find_gpu(gpu)
    if told:
        return oldest_gpu(told)
    if vm is None:
        return None
    return Gpu(model=vm.gpu, capability=vm.capability, vendor=vm.vendor, is_sure=vm.is_sure)


def _assumed_cuda(image: Image | None) -> tuple[str | None, str]:
    """Return the CUDA that a driver nobody named is taken to know, and why in words."""
    driver = oldest_listed_driver()
    newest = newest_cuda(driver)
    if image and image.cuda and at_least(image.cuda, newest or "0"):
        newest = minor(image.cuda)
        return newest, f"CUDA {newest}: the driver must know the CUDA of the image to start it"
    return newest, f"CUDA {newest}: driver {driver}, the oldest branch NVIDIA still lists"


def _beyond_facts(
    image: Image | None, gpus: Sequence[Gpu], driver: str | None, cuda: str | None
) -> tuple[Unknown, ...]:
    """Return what of the machine is newer than the facts, or in none of them; each stands once."""
    return tuple(
        found
        for found in (
            unknown_image(image) if image is not None else None,
            unknown_cuda(image.cuda, f"image {image.reference}")
            if image is not None and image.cuda is not None and not cuda_is_known(image.cuda)
            else None,
            *map(unknown_gpu, gpus),
            unknown_driver(driver) if driver is not None and not driver_is_listed(driver) else None,
            unknown_cuda(cuda, "the driver") if cuda is not None and not cuda_is_known(cuda) else None,
        )
        if found is not None
    )


def virtual_packages(machine: Machine) -> tuple[VirtualPackage, ...]:
    """Return ``__cuda``, ``__cuda_arch`` and ``__glibc`` as far as the machine says them, sorted by name.

    ``__cuda_arch`` is the lowest compute capability of the machine's GPUs; it stands beside ``__cuda`` alone.
    """
    found = []
    if machine.cuda is not None and (machine.gpu is None or machine.gpu.vendor == "nvidia"):
        found.append(VirtualPackage(name="__cuda", version=minor(machine.cuda)))
        if machine.gpu is not None and machine.gpu.capability is not None:
            found.append(VirtualPackage(name="__cuda_arch", version=machine.gpu.capability))
    if machine.glibc is not None:
        found.append(VirtualPackage(name="__glibc", version=machine.glibc))
    return tuple(found)
