"""The NVIDIA driver against the CUDA of the packages."""

from __future__ import annotations

from collections.abc import Iterator

from resolver.checks import stack
from resolver.checks.context import CheckContext
from resolver.checks.registry import Found, Proposal, rule
from resolver.machine.drivers import family_driver, toolkit_driver
from resolver.model.findings import Severity
from resolver.model.leading_numbers import at_least, major, release

#: Packages that hand PTX to the driver at run time. triton and cupy assemble machine code themselves.
_JIT = ("numba-cuda",)


@rule(
    "gpu/driver-too-old",
    Severity.ERROR,
    "the driver is older than the floor of a package's CUDA major",
    facts=("cuda_families", "cuda_toolkits"),
)
def driver_too_old(context: CheckContext) -> Iterator[Found]:
    """Compare the driver with the floor of each CUDA major in the environment.

    Any driver of the family runs any toolkit of its major (CUDA 13: 580, 12: 525,
    11: 450); an older one ends in `The NVIDIA driver on your system is too old`.
    With `--cuda` instead of `--driver`, the CUDA that the driver knows is compared.
    """
    machine = context.machine
    seen: set[int] = set()
    for number, pin in stack.cuda_users(context):
        family = family_driver(number)
        if number in seen or family is None:
            continue
        floor = family.windows if context.system == "win" else family.linux
        if machine.driver is not None and floor is not None:
            too_old, what = not at_least(machine.driver, floor), f"driver {machine.driver}"
        elif machine.driver_is_known and machine.cuda is not None:
            too_old, what = major(machine.cuda) < number, f"a driver for CUDA {machine.cuda}"
        else:
            continue
        if too_old:
            seen.add(number)
            yield Found(
                message=f"CUDA {number} needs {_asked(number, floor)}, the target has {what}",
                evidence=(pin, what),
                fact=family.fact(f"CUDA {number}.x runs on {_asked(number, floor)}"),
                proposals=(
                    Proposal(text=f"packages for CUDA {number - 1}", conda=(f"cuda-version <{number}",)),
                ),
            )


def _asked(number: int, floor: str | None) -> str:
    """Return the driver that a CUDA major needs, also where its number isn't known (Windows)."""
    return f"driver {floor} or newer" if floor is not None else f"a driver that knows CUDA {number}"


@rule(
    "gpu/driver-too-old-for-jit",
    Severity.WARNING,
    "a package compiles for the GPU at run time, and the driver doesn't know its toolkit's PTX",
    facts=("cuda_toolkits",),
)
def driver_too_old_for_jit(context: CheckContext) -> Iterator[Found]:
    """Compare the driver with the toolkit's own driver where a package compiles PTX at run time.

    Compatibility within a CUDA major covers finished machine code, not PTX: numba
    hands PTX to the driver, which fails with `the provided PTX was compiled with an
    unsupported toolchain`. triton (torch.compile) assembles with a ptxas of its own,
    and cupy compiles to machine code unless CUPY_COMPILE_WITH_PTX=1 is set.
    """
    machine = context.machine
    if not machine.driver_is_known:
        return
    build = stack.torch_build(context)
    cuda = build.cuda if build is not None else None
    version = context.conda.get("cuda-version") or context.conda.get("cudatoolkit")
    if cuda is None and version is not None:
        cuda = version.record.version
    if cuda is None or len(release(cuda)) < 2:
        return
    compiler = next((name for name in _JIT if context.version(name) is not None), None)
    toolkit = toolkit_driver(cuda, context.system)
    if compiler is None or toolkit is None:
        return
    floor = (toolkit.windows if context.system == "win" else toolkit.linux) or ""
    if machine.driver is not None:
        known, too_old = f"driver {machine.driver}", not at_least(machine.driver, floor)
    else:
        known, too_old = f"CUDA {machine.cuda}", not at_least(machine.cuda or "0", cuda)
    family = family_driver(major(cuda))
    below_family = (
        machine.driver is not None and family is not None and not at_least(machine.driver, family.linux)
    )
    if (
        too_old
        and not below_family
        and not (machine.driver is None and major(machine.cuda or "0") < major(cuda))
    ):
        pin = context.conda.get(compiler) or context.pypi[compiler]
        yield Found(
            message=f"{compiler} hands PTX of CUDA {cuda} to the driver, which needs {floor}; the target "
            f"has {known}",
            evidence=(pin, *((build.pin,) if build else ()), *((version,) if version else ())),
            fact=toolkit.fact(f"CUDA {toolkit.cuda} comes with driver {floor}"),
        )
