"""Compute capability, drivers, and CPU builds on GPU machines."""

from __future__ import annotations

from collections.abc import Iterator

from resolver.checks import facts, stack
from resolver.checks.context import CheckContext
from resolver.checks.machine import family_driver, toolkit_driver
from resolver.checks.registry import Found, Proposal, rule
from resolver.checks.versions import at_least, major, release
from resolver.model.findings import Severity

#: Packages that compile or load PTX at run time.
_JIT = ("triton", "numba-cuda", "cupy", "cupy-cuda11x", "cupy-cuda12x", "cupy-cuda13x")


@rule(
    "gpu/architecture-missing",
    Severity.ERROR,
    "PyTorch holds no code for the GPU's compute capability",
    facts=("torch_arch", "gpus", "vm_sizes"),
)
def architecture_missing(context: CheckContext) -> Iterator[Found]:
    """Compare the architectures compiled into PyTorch with the GPU's compute capability.

    Machine code (SASS) runs on GPUs of the same major and a capability that is
    not lower; portable code (PTX) runs on any newer one. With neither, the job
    ends in `no kernel image is available for execution on the device`. Where the
    exact list of a release has no source, the lists before and after it stand in,
    and the finding is a warning.
    """
    gpu = context.machine.gpu
    if gpu is None or gpu.capability is None:
        return
    for build in stack.torch_builds(context):
        if build.cuda is None:
            continue
        rows, exact = stack.arch_rows(build)
        if not rows or any(_covers(row, gpu.capability) for row in rows):
            continue
        row = rows[0]
        codes = ", ".join(row.sass or ())
        yield Found(
            message=f"torch {build.version} for CUDA {build.cuda} has no code for the {gpu.model} "
            f"(compute capability {gpu.capability})",
            evidence=(
                build.pin,
                f"compiled for {codes}" + ("" if exact else f" in the neighbouring release {row.first}"),
                f"GPU: {gpu.model}, compute capability {gpu.capability}",
            ),
            fact=facts.table(facts.TorchArch).fact(
                f"torch {row.first} to {row.last} from {row.channel} for CUDA {row.cuda} is compiled for "
                f"{codes}" + (f", PTX for {', '.join(row.ptx)}" if row.ptx else ""),
                row.source,
            ),
            severity=None if exact else Severity.WARNING,
            proposals=_older_variants(build, gpu.capability),
        )


def _covers(row: facts.TorchArch, capability: str) -> bool:
    if any(stack.runs_on(code, capability) for code in row.sass or ()):
        return True
    return any(release(code) <= release(capability) for code in row.ptx)


def _older_variants(build: stack.Build, capability: str) -> tuple[Proposal, ...]:
    rows = [
        row
        for row in facts.table(facts.TorchArch).rows
        if row.channel == "pypi" and row.sass and _covers(row, capability)
    ]
    best = max(rows, key=lambda row: (release(row.last), release(row.cuda)), default=None)
    if best is None or build.is_conda:
        return ()
    return (Proposal(text=f"torch=={best.last}.* for CUDA {best.cuda}", pypi=(f"torch=={best.last}.*",)),)


@rule(
    "gpu/toolkit-cannot-target",
    Severity.ERROR,
    "no package of this CUDA release can hold code for the GPU",
    facts=("cuda_arch", "gpus", "vm_sizes"),
)
def toolkit_cannot_target(context: CheckContext) -> Iterator[Found]:
    """Compare the CUDA major of every package with the GPUs that its toolkits can still compile for.

    Each CUDA release drops old GPUs: CUDA 12 starts at compute capability 5.0,
    CUDA 13 at 7.5. Whatever a package was built with, it can't hold code for less.
    """
    gpu = context.machine.gpu
    if gpu is None or gpu.capability is None:
        return
    capability = release(gpu.capability)
    seen: set[int] = set()
    for number, pin in stack.cuda_users(context):
        rows = [row for row in facts.table(facts.CudaArch).rows if release(row.first)[0] == number]
        if number in seen or not rows:
            continue
        lowest = min(row.lowest for row in rows)
        if capability[0] * 10 + capability[1] < lowest:
            seen.add(number)
            row = rows[0]
            yield Found(
                message=f"packages for CUDA {number} can't run on the {gpu.model}: compute capability "
                f"{gpu.capability} is below {lowest // 10}.{lowest % 10}",
                evidence=(pin, f"GPU: {gpu.model}, compute capability {gpu.capability}"),
                fact=facts.table(facts.CudaArch).fact(
                    f"CUDA {row.first} to {row.last} compiles for {row.lowest // 10}.{row.lowest % 10} "
                    "and later",
                    row.source,
                ),
                proposals=(
                    Proposal(text=f"packages for CUDA {number - 1}", conda=(f"cuda-version <{number}",)),
                ),
            )


@rule(
    "gpu/ptx-only",
    Severity.WARNING,
    "the GPU is served by PTX alone, compiled when the job starts",
    facts=("torch_arch", "cuda_toolkits"),
)
def ptx_only(context: CheckContext) -> Iterator[Found]:
    """Find a torch that reaches the GPU only through PTX.

    The driver compiles it at the first start, which takes minutes, and the
    driver must be as new as the toolkit that made the PTX: the lower floor of
    the CUDA major doesn't do.
    """
    gpu = context.machine.gpu
    build = stack.torch_build(context)
    if gpu is None or gpu.capability is None or build is None or build.cuda is None:
        return
    rows, exact = stack.arch_rows(build)
    if not exact or any(stack.runs_on(code, gpu.capability) for row in rows for code in row.sass or ()):
        return
    row = next((row for row in rows if _covers(row, gpu.capability)), None)
    if row is not None:
        toolkit = toolkit_driver(build.cuda, context.system)
        floor = f"; the driver must be {toolkit.linux} or newer" if toolkit and toolkit.linux else ""
        yield Found(
            message=f"torch {build.version} reaches the {gpu.model} through PTX for {', '.join(row.ptx)} "
            f"only{floor}",
            evidence=(build.pin, f"GPU: {gpu.model}, compute capability {gpu.capability}"),
            fact=facts.table(facts.TorchArch).fact(
                f"torch {row.first} to {row.last} for CUDA {row.cuda}: machine code for "
                f"{', '.join(row.sass or ())}, "
                f"PTX for {', '.join(row.ptx)}",
                row.source,
            ),
        )


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
                message=f"CUDA {number} needs driver {floor} or newer, the target has {what}",
                evidence=(pin, what),
                fact=facts.table(facts.CudaFamily).fact(
                    f"CUDA {number}.x runs on drivers from {floor} on", family.source
                ),
                proposals=(
                    Proposal(text=f"packages for CUDA {number - 1}", conda=(f"cuda-version <{number}",)),
                ),
            )


@rule(
    "gpu/driver-too-old-for-jit",
    Severity.WARNING,
    "a package compiles for the GPU at run time, and the driver doesn't know its toolkit's PTX",
    facts=("cuda_toolkits",),
)
def driver_too_old_for_jit(context: CheckContext) -> Iterator[Found]:
    """Compare the driver with the toolkit's own driver where a package compiles PTX at run time.

    Compatibility within a CUDA major covers finished machine code, not PTX:
    triton (torch.compile), numba and cupy hand PTX to the driver, which fails
    with `the provided PTX was compiled with an unsupported toolchain`.
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
            fact=facts.table(facts.CudaToolkit).fact(
                f"CUDA {toolkit.cuda} comes with driver {floor}", toolkit.source
            ),
        )


@rule("gpu/cpu-build", Severity.ERROR, "a CPU build was chosen for a machine with a GPU")
def cpu_build(context: CheckContext) -> Iterator[Found]:
    """Find frameworks in their CPU build although the target has an NVIDIA GPU.

    The job runs, slowly, on the CPU; `torch.cuda.is_available()` is false. It
    happens when the environment was solved where no GPU is, or from an index of
    CPU wheels. A CPU build that was asked for (`cpuonly`, `pytorch-cpu`,
    `=*=cpu*`) is a note; where only `__cuda` speaks of a GPU it is a warning.
    """
    if not context.wants_gpu:
        return
    severity = Severity.ERROR if context.machine.gpu is not None else Severity.WARNING
    for build in stack.torch_builds(context):
        if not build.is_cpu:
            continue
        asked = _asked_for_cpu(context)
        yield Found(
            message=f"torch {build.version} is a CPU build, the target has "
            + (context.machine.gpu.model if context.machine.gpu else "a CUDA driver"),
            evidence=(
                build.pin,
                *((f"asked for: {asked}",) if asked else ()),
                f"GPU: {context.machine.gpu.model}"
                if context.machine.gpu
                else f"__cuda {context.cuda_limit}",
            ),
            severity=Severity.NOTE if asked else severity,
            fact=facts.statement("cpu-build"),
            proposals=(Proposal(text="a CUDA build", conda=(f"pytorch =={build.version} *cuda*",)),)
            if build.is_conda
            else (),
        )
    for name in ("tensorflow", "jaxlib", "xgboost", "lightgbm", "faiss"):
        pin = context.conda.get(name)
        if pin is not None and pin.record.build.startswith("cpu") and name in ("tensorflow", "jaxlib"):
            yield Found(
                message=f"{name} {pin.record.version} is a CPU build, the target has a GPU",
                evidence=(pin,),
                severity=min(severity, Severity.WARNING, key=lambda item: -item.rank),
                fact=facts.statement("cpu-build"),
                proposals=(Proposal(text="a CUDA build", conda=(f"{name} * *cuda*",)),),
            )


def _asked_for_cpu(context: CheckContext) -> str | None:
    if context.requirements is None:
        return None
    for item in context.requirements.conda:
        if str(item.name) in ("cpuonly", "pytorch-cpu", "nocuda") or (
            "torch" in str(item.name) and "cpu" in item.spec
        ):
            return f"{item.origin}: {item.spec}"
    for wheel in context.requirements.pypi:
        if wheel.name == "torch" and (
            "+cpu" in wheel.text or (wheel.index or "").rstrip("/").endswith("/cpu")
        ):
            return f"{wheel.origin}: {wheel.text}"
    return None


@rule("gpu/cuda-build-without-gpu", Severity.WARNING, "a CUDA build was chosen for a machine without a GPU")
def cuda_build_without_gpu(context: CheckContext) -> Iterator[Found]:
    """Find CUDA builds for a target that is declared to have no GPU.

    They work, on the CPU, and carry gigabytes of libraries that nothing uses.
    Only a declared machine counts (a VM size without a GPU, `--gpu none`).
    """
    if context.machine.has_gpu is not False:
        return
    for build in stack.torch_builds(context):
        if build.cuda is not None:
            yield Found(
                message=f"torch {build.version} is built for CUDA {build.cuda}, the target has no GPU",
                evidence=(
                    build.pin,
                    f"VM size {context.machine.vm_size}" if context.machine.vm_size else "--gpu none",
                ),
                fact=facts.statement("cuda-without-gpu"),
                proposals=(Proposal(text="the CPU build", conda=(f"pytorch =={build.version} *cpu*",)),)
                if build.is_conda
                else (),
            )


@rule(
    "gpu/not-nvidia",
    Severity.ERROR,
    "packages for CUDA on a machine whose GPU isn't NVIDIA's",
    facts=("vm_sizes",),
)
def not_nvidia(context: CheckContext) -> Iterator[Found]:
    """Find CUDA packages for a VM size with an AMD GPU: nothing in them can use it."""
    gpu = context.machine.gpu
    if gpu is None or gpu.vendor == "nvidia":
        return
    user = next(iter(stack.cuda_users(context)), None)
    if user is not None:
        row = context.machine.vm
        yield Found(
            message=f"{context.machine.vm_size or gpu.model} has no NVIDIA GPU, and the environment is for "
            f"CUDA {user[0]}",
            evidence=(user[1], f"GPU: {gpu.model}"),
            fact=facts.table(facts.VmSize).fact(f"series {row.series}: {row.gpu}", row.source)
            if row
            else None,
        )


@rule(
    "gpu/cudnn-architecture",
    Severity.WARNING,
    "cuDNN no longer lists the GPU's compute capability",
    facts=("cudnn_support",),
)
def cudnn_architecture(context: CheckContext) -> Iterator[Found]:
    """Compare cuDNN's support matrix with the GPU.

    cuDNN dropped Maxwell, Pascal and Volta between 9.11 and 9.17. Releases between two
    matrices are only judged where both say the same.
    """
    gpu = context.machine.gpu
    wheel = stack.nvidia_wheel(context, "cudnn")
    if gpu is None or gpu.capability is None or (wheel is None and "cudnn" not in context.conda):
        return
    pin = wheel[0] if wheel else context.conda["cudnn"]
    version = stack.pypi_version(pin)
    rows = [
        row for row in facts.table(facts.CudnnSupport).rows if wheel is None or row.family == f"cu{wheel[1]}"
    ]
    below = [row for row in rows if at_least(version, row.version)]
    if not below:
        return
    newest = max(release(row.version) for row in below)
    held = [row for row in below if release(row.version) == newest]
    device = release(gpu.capability)
    if all(
        all(release(code)[0] != device[0] or release(code) > device for code in row.capabilities)
        for row in held
    ):
        row = held[0]
        yield Found(
            message=f"cuDNN {version} doesn't support compute capability {gpu.capability} ({gpu.model})",
            evidence=(pin, f"its matrix lists {', '.join(row.capabilities)}"),
            fact=facts.table(facts.CudnnSupport).fact(
                f"cuDNN {row.version} for {row.family}: {', '.join(row.capabilities)}", row.source
            ),
        )


@rule("gpu/flash-attention-2", Severity.ERROR, "flash-attn 2 needs a GPU of compute capability 8.0 or later")
def flash_attention_2(context: CheckContext) -> Iterator[Found]:
    """Compare flash-attn with the GPU.

    It holds code for Ampere and later only (A100, A10, H100; not V100, T4).
    """
    gpu = context.machine.gpu
    pin = context.pypi.get("flash-attn") or context.conda.get("flash-attn")
    if gpu is None or gpu.capability is None or pin is None:
        return
    if at_least(stack.pypi_version(pin), "2") and release(gpu.capability) < (8, 0):
        yield Found(
            message=f"flash-attn {stack.pypi_version(pin)} doesn't run on the {gpu.model} (compute "
            f"capability {gpu.capability})",
            evidence=(pin, f"GPU: {gpu.model}"),
            fact=facts.statement("flash-attention-2"),
        )
