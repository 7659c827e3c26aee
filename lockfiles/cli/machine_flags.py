"""Flags that describe the machine a job runs on: the same for `lock` and `lock check`."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

#: What tells an Azure ML environment from other YAML, at the top level.
_AZUREML_IMAGE = re.compile(r"(?m)^image\s*:")
_AZUREML_MARK = re.compile(r"(?m)^conda_file\s*:|azuremlschemas")
#: Characters that are looked at.
_HEAD = 20_000

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resolver.machine.description import Machine
    from resolver.model.origin import Origin
    from resolver.model.target import Target


def add_machine_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags: image, VM size, GPU, driver, CUDA, glibc, library path."""
    group = parser.add_argument_group("machine")
    group.add_argument(
        "--image", metavar="REF|FILE", help="base image, or the Dockerfile or Azure ML YAML that names it"
    )
    group.add_argument("--vm-size", metavar="SIZE", help="Azure VM size, such as Standard_NC24ads_A100_v4")
    group.add_argument(
        "--gpu", metavar="MODEL", help="GPU model or compute capability (A100, 8.0); `none`: no GPU"
    )
    group.add_argument("--driver", metavar="VERSION", help="NVIDIA driver, such as 535.161")
    group.add_argument(
        "--cuda", metavar="VERSION", help="newest CUDA the driver knows (as nvidia-smi prints it)"
    )
    group.add_argument("--glibc", metavar="VERSION", help="glibc of the machine or image")
    group.add_argument("--library-path", metavar="PATHS", help="LD_LIBRARY_PATH of the job")


def machine_of(arguments: argparse.Namespace) -> Machine:
    """Return what the flags say; raises InputError for what can't be read."""
    from resolver.machine.description import describe_machine

    image, origin, library_path = _image(arguments.image or _implied_image(getattr(arguments, "files", ())))
    return describe_machine(
        image=image,
        image_origin=origin,
        vm_size=arguments.vm_size,
        gpu=arguments.gpu,
        driver=arguments.driver,
        cuda=arguments.cuda,
        glibc=arguments.glibc,
        library_path=arguments.library_path or library_path,
    )


def _implied_image(files: Sequence[str]) -> str | None:
    """Return the first input that is an Azure ML environment with an image of its own."""
    for name in files:
        path = Path(name)
        if path.suffix.lower() not in (".yml", ".yaml") or not path.is_file():
            continue
        with path.open(encoding="utf-8-sig", errors="replace") as stream:
            head = stream.read(_HEAD)  # a lockfile may be long, and holds neither key
        if _AZUREML_IMAGE.search(head) and _AZUREML_MARK.search(head):
            return name
    return None


def _image(text: str | None) -> tuple[str | None, Origin | None, str | None]:
    """Return the reference that a flag gives itself, or that the file names which it points to."""
    from resolver.errors import InputError
    from resolver.machine.image import find_image_reference
    from resolver.model.origin import Origin

    if text is None:
        return None, None, None
    path = Path(text)
    if path.is_dir():
        path = path / "Dockerfile"
    looks_like_file = text.lower().endswith((".yml", ".yaml", ".json", "dockerfile")) or text.startswith(
        ("./", "../", "/")
    )
    if not path.is_file():
        if looks_like_file:
            raise InputError(f"no such file: `{text}`", Origin(file="--image"))
        return text, Origin(file="--image"), None
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"can't be read: {error}", Origin(file=text)) from None
    reference, origin, library_path = find_image_reference(
        content, str(path) if path.name == "Dockerfile" else text
    )
    return reference, origin, library_path


def with_machine(target: Target, machine: Machine) -> Target:
    """Return the target with what the machine says: its virtual packages win over the profile's.

    A machine without a GPU takes ``__cuda`` away. Images and sizes are Linux ones: other targets stay.
    """
    from resolver.machine.description import virtual_packages
    from resolver.values import replace

    if target.operating_system != "linux":
        return target
    told = virtual_packages(machine)
    names = {package.name for package in told}
    if machine.has_gpu is False:
        names.add("__cuda")
    kept = tuple(package for package in target.virtual_packages if package.name not in names)
    return replace(target, virtual_packages=tuple(sorted((*kept, *told))))
