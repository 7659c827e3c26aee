"""The VM size: retired, another processor, another driver."""

from __future__ import annotations

from collections.abc import Iterator

from resolver.checks import facts
from resolver.checks.context import CheckContext
from resolver.checks.registry import Found, rule
from resolver.machine import facts as machine_facts
from resolver.model.findings import Severity


@rule("vm/retired", Severity.ERROR, "the VM size was retired", facts=("vm_sizes",))
def retired(context: CheckContext) -> Iterator[Found]:
    """Find VM sizes past their retirement date.

    They can't be provisioned any more. Before the date it is a warning.
    """
    row = context.machine.vm
    if row is None or row.retired is None:
        return
    past = context.today is None or row.retired <= context.today
    yield Found(
        message=f"{context.machine.vm_size} ({row.gpu}) {'was' if past else 'will be'} retired on "
        f"{row.retired}",
        evidence=(f"VM size {context.machine.vm_size}: series {row.series}",),
        fact=row.fact(f"series {row.series}: {row.status}"),
        severity=None if past else Severity.WARNING,
    )


@rule(
    "vm/other-processor",
    Severity.ERROR,
    "the VM size has another processor than the lock is for",
    facts=("vm_sizes",),
)
def other_processor(context: CheckContext) -> Iterator[Found]:
    """Compare the processor of the VM size with the platform of the lock.

    GB200 and GB300 hosts are aarch64: nothing of a linux-64 lock runs there.
    """
    row = context.machine.vm
    if row is not None and row.machine != context.target.machine and context.system == "linux":
        pin = context.conda.get("python") or next(iter(context.pins()), None)
        yield Found(
            message=f"{context.machine.vm_size} has a {row.machine} processor, the lock is for "
            f"{context.target.subdir}",
            evidence=(f"VM size {context.machine.vm_size}: {row.gpu}", *((pin,) if pin else ())),
            fact=facts.statement("grace"),
            fix="lock for the platform linux-aarch64",
        )


@rule("vm/operating-system", Severity.WARNING, "the image is for Linux and the lock for another system")
def operating_system(context: CheckContext) -> Iterator[Found]:
    """Find locks for Windows or macOS that are checked against a Linux image.

    Nothing of them can be installed there.
    """
    image = context.machine.image
    if image is not None and image.ubuntu is not None and context.system != "linux":
        yield Found(
            message=f"`{image.reference}` is Ubuntu {image.ubuntu}, the lock is for {context.target.subdir}",
            evidence=(f"image {image.reference}", f"platform {context.target.subdir}"),
            fact=image.fact(f"Ubuntu {image.ubuntu}"),
        )


@rule("vm/grid-driver", Severity.NOTE, "the VM size uses the GRID driver", facts=("vm_sizes", "vm_drivers"))
def grid_driver(context: CheckContext) -> Iterator[Found]:
    """Say for NVadsA10 v5 and NC RTX PRO 6000 BSE v6 sizes that their driver is the GRID one.

    Its version isn't the data-center driver's.
    """
    row = context.machine.vm
    drivers = machine_facts.table(machine_facts.VmDriver).rows if row is not None else ()
    for driver in drivers:
        if row is not None and driver.series == row.series:
            yield Found(
                message=f"{context.machine.vm_size} uses the {driver.driver} driver, whose versions move on "
                "their own",
                evidence=(f"VM size {context.machine.vm_size}: {row.gpu}",),
                fact=driver.fact(f"series {driver.series}: {driver.driver} driver"),
            )


@rule("vm/no-gpu", Severity.WARNING, "GPU packages for a VM size without a GPU")
def no_gpu(context: CheckContext) -> Iterator[Found]:
    """Find packages that only make sense on a GPU, for a VM size without one.

    They are vllm, flash-attn, cupy, cudf, tensorrt, bitsandbytes and onnxruntime-gpu.
    """
    if context.machine.has_gpu is not False:
        return
    for name, pin in context.pypi.items():
        if name in ("vllm", "flash-attn", "onnxruntime-gpu", "tensorrt", "bitsandbytes") or name.startswith(
            ("cupy-cuda", "cudf-cu")
        ):
            yield Found(
                message=f"{name} {pin.version} needs a GPU, the target has none",
                evidence=(
                    pin,
                    f"VM size {context.machine.vm_size}" if context.machine.vm_size else "--gpu none",
                ),
                fact=facts.statement("cuda-without-gpu"),
            )
