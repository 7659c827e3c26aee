"""Wheels against the interpreter, the C library and the machine."""

from __future__ import annotations

import re
from collections.abc import Iterator

from resolver.checks import facts, stack
from resolver.checks.context import CheckContext
from resolver.checks.registry import Found, Proposal, rule
from resolver.checks.rules.tensorflow import tensorflow_row
from resolver.metadata.wheel_tags import wheel_glibc, wheel_misfit
from resolver.model.dependency_text import split_dependency
from resolver.model.findings import Fact, Severity
from resolver.model.leading_numbers import minor, release, satisfies
from resolver.model.resolution import PypiPin

#: Packages whose requirement on torch is judged here; others have a rule of their own or only a floor.
_PIN_TORCH = ("sglang",)


@rule(
    "image/glibc-too-old",
    Severity.ERROR,
    "a wheel needs a newer glibc than the image has",
    facts=("base_images", "ubuntu_glibc"),
)
def glibc_too_old(context: CheckContext) -> Iterator[Found]:
    """Compare the manylinux tags of the wheels with the image's glibc.

    pip reports `no matching distribution`, or takes an older release that has a
    fitting wheel: another torch than the one locked.
    """
    glibc = context.glibc
    if glibc is None or context.system != "linux":
        return
    bad = []
    for pin in context.resolution.pypi:
        names = _wheel_names(context, pin)
        floors = [floor for name in names if (floor := wheel_glibc(name)) is not None]
        floor = min(floors, default=None) if names else _listed_glibc(context, pin)
        if floor is not None and floor > release(glibc):
            bad.append((floor, pin))
    if bad:
        floor, pin = max(bad, key=lambda item: (item[0], item[1].name))
        image = context.machine.image
        yield Found(
            message=f"{pin.name} {pin.version} needs glibc {floor[0]}.{floor[1]}, the target has {glibc}"
            + (f" ({len(bad)} wheels are too new)" if len(bad) > 1 else ""),
            evidence=(
                *(item for _, item in sorted(bad, key=lambda item: (-item[0][1], item[1].name))[:4]),
                f"glibc {glibc}" + (f" of {image.reference}" if image else ""),
            ),
            fact=(image.fact(f"{image.repository} has glibc {glibc}") if image else None)
            or facts.statement("manylinux"),
            fix="take an image with a newer Ubuntu" if image is not None else None,
        )


def _wheel_names(context: CheckContext, pin: PypiPin) -> tuple[str, ...]:
    """Return the name of the pin's wheel; of an installed one a name for each tag that it was for."""
    if pin.file is not None:
        return (pin.file.file_name,) if pin.file.is_wheel else ()
    projects = context.installation.projects if context.installation is not None else ()
    found = (project for project in projects if project.name == pin.name and project.owner is None)
    return tuple(f"{pin.name}-{pin.version}-{tag}.whl" for project in found for tag in project.tags)


def _listed_glibc(context: CheckContext, pin: PypiPin) -> tuple[int, int] | None:
    """Return the floor that the release tables give where the lockfile names no file.

    Not for what is installed.
    """
    if context.installed or context.target.subdir != "linux-64":
        return None
    text = None
    if pin.name == "torch":
        torch = stack.torch_release(pin.version)
        text = torch.glibc if torch else None
    elif pin.name == "tensorflow":
        row = tensorflow_row(pin.version)
        text = row.glibc if row else None
    numbers = release(text) if text else ()
    return (numbers[0], numbers[1]) if len(numbers) > 1 else None


@rule(
    "image/virtual-package",
    Severity.ERROR,
    "a conda record depends on a virtual package that the machine doesn't have",
)
def virtual_package(context: CheckContext) -> Iterator[Found]:
    """Compare what conda records ask of the machine (`__glibc >=2.28`, `__cuda >=12`) with the declared one.

    A lock made for another machine installs without a word, and fails to load.
    """
    machine = context.machine
    have = {
        "__glibc": machine.glibc,
        "__cuda": minor(machine.cuda) if machine.cuda and machine.driver_is_known else None,
    }
    absent = machine.has_gpu is False
    for pin in context.resolution.conda:
        for spec in pin.record.depends:
            if not spec.startswith("__"):
                continue
            name, wanted = split_dependency(spec)
            version = have.get(name)
            if name == "__cuda" and absent:
                yield Found(
                    message=f"{pin.record.name} {pin.record.version} depends on `{spec}`, the target has no "
                    "GPU",
                    evidence=(pin,),
                    fact=facts.statement("virtual-package"),
                    severity=Severity.WARNING,
                )
            elif version is not None and wanted and not _meets(version, wanted):
                yield Found(
                    message=f"{pin.record.name} {pin.record.version} depends on `{spec}`, the target has "
                    f"{name} {version}",
                    evidence=(pin, f"{name} {version}"),
                    fact=facts.statement("virtual-package"),
                )


def _meets(version: str, wanted: str) -> bool:
    parts = [part for part in re.split(r"[,\s]+", wanted) if re.match(r"[<>=!]", part)]
    return all(satisfies(version, part.rstrip("*").rstrip(".")) for part in parts)


@rule(
    "python/framework",
    Severity.ERROR,
    "a framework has no build for this Python",
    facts=("torch_releases", "tensorflow_releases", "onnxruntime_releases"),
)
def framework(context: CheckContext) -> Iterator[Found]:
    """Compare Python with the wheels that a release of torch, tensorflow or onnxruntime-gpu has.

    A lock names a file that fits; requirements without hashes, and a Python
    changed afterwards, don't.
    """
    python = context.resolution.python
    if python is None:
        return
    short = minor(python)
    for name in ("torch", "tensorflow", "onnxruntime-gpu"):
        pin = context.pypi.get(name)
        if pin is None or "+" in pin.version or context.target.subdir != "linux-64":
            continue
        pythons, fact = _pythons(name, pin)
        if pythons and short not in pythons and fact is not None:
            yield Found(
                message=f"{name} {pin.version} has no wheel for Python {short}; it has them for "
                f"{pythons[0]} to {_last(pythons)}",
                evidence=(pin, context.conda.get("python", f"Python {python}")),
                fact=fact,
                proposals=(Proposal(text=f"python {_last(pythons)}", conda=(f"python {_last(pythons)}.*",)),),
            )


def _last(pythons: tuple[str, ...]) -> str:
    return max((text for text in pythons if not text.endswith("t")), key=release)


def _pythons(name: str, pin: PypiPin) -> tuple[tuple[str, ...], Fact | None]:
    text = f"wheels of {name} {pin.version}: Python "
    if name == "torch":
        row = stack.torch_release(pin.version)
        return (
            (row.pythons, stack.torch_release_fact(row, text + ", ".join(row.pythons))) if row else ((), None)
        )
    if name == "tensorflow":
        found = tensorflow_row(pin.version)
        return (found.pythons, found.fact(text + ", ".join(found.pythons))) if found else ((), None)
    listed = next((item for item in facts.table(facts.OnnxRelease).rows if item.version == pin.version), None)
    return (listed.pythons, listed.fact(text + ", ".join(listed.pythons))) if listed else ((), None)


@rule("python/wheel-tag", Severity.ERROR, "a wheel is for another Python or platform")
def wheel_tag(context: CheckContext) -> Iterator[Found]:
    """Compare the tags of the wheels with the environment's Python and platform.

    Files locked for one target and used for another, hand-written pins, and wheels that were copied into
    an environment: an installed wheel says what it was for.
    """
    python = context.resolution.python
    if python is None:
        return
    numbers = release(python)
    if len(numbers) < 2:
        return
    for pin in context.resolution.pypi:
        names = _wheel_names(context, pin)
        faults = [wheel_misfit(name, (numbers[0], numbers[1]), context.target.subdir) for name in names]
        if names and all(faults):
            fault = faults[0]
            yield Found(
                message=f"{pin.name} {pin.version} is a wheel for {fault}, the environment has Python "
                f"{minor(python)} on {context.target.subdir}",
                evidence=(pin, context.conda.get("python", f"Python {python}")),
                fact=facts.statement("manylinux"),
            )


@rule(
    "python/requires-python",
    Severity.ERROR,
    "a GPU package doesn't support this Python",
    facts=("package_needs", "jax_plugins"),
)
def requires_python(context: CheckContext) -> Iterator[Found]:
    """Compare Requires-Python of GPU packages with the Python of the environment.

    A lock can't break it; an interpreter changed afterwards can. It knows triton,
    cupy, cudf, numba and others whose requirement is listed.
    """
    python = context.resolution.python
    if python is None:
        return
    for name, pin in context.pypi.items():
        row = stack.package_need(name, pin.version)
        if (
            row is not None
            and row.requires_python
            and not satisfies(python, row.requires_python.replace(" ", ""))
        ):
            yield Found(
                message=f"{name} {pin.version} requires Python {row.requires_python}, the environment has "
                f"{python}",
                evidence=(pin, context.conda.get("python", f"Python {python}")),
                fact=row.fact(f"{name} {row.version}: Requires-Python {row.requires_python}"),
            )


@rule(
    "python/package-needs",
    Severity.ERROR,
    "a GPU package's own requirement isn't met",
    facts=("package_needs",),
)
def package_needs(context: CheckContext) -> Iterator[Found]:
    """Compare numba, cupy, cudf, faiss, catboost and sglang with numpy, CUDA and torch beside them.

    It speaks where the requirements of the release were read, as those of its wheel for this platform.
    """
    for name, pin in context.pypi.items():
        row = stack.package_need(name, pin.version)
        if row is None or not row.requires:
            continue
        for project, specifier in stack.needs_of(context, row, pin).items():
            other = context.pypi.get(project) or context.conda.get(project)
            if (
                other is None
                or not specifier
                or (project == "torch" and name not in _PIN_TORCH)
                or satisfies(stack.pypi_version(other), specifier)
            ):
                continue
            yield Found(
                message=f"{name} {pin.version} requires {project}{specifier}, the environment has "
                f"{stack.pypi_version(other)}",
                evidence=(pin, other),
                fact=row.fact(f"{name} {row.version} to {row.last} requires {project}{specifier}"),
                proposals=(Proposal(text=f"{project}{specifier}", pypi=(f"{project}{specifier}",)),),
            )
