"""CUDA variants of torch and its extensions, and more than one torch."""

from __future__ import annotations

import re
from collections.abc import Iterator

from resolver.checks import facts, stack
from resolver.checks.context import CheckContext
from resolver.checks.registry import Found, Proposal, rule
from resolver.model.findings import Severity
from resolver.model.leading_numbers import at_least, major, minor, release

_EXTENSIONS = ("torchvision", "torchaudio", "torchtext")


@rule("torch/conda-and-pip", Severity.ERROR, "torch comes from conda and from pip at once")
def conda_and_pip(context: CheckContext) -> Iterator[Found]:
    """Find conda's pytorch and pip's torch in one environment.

    They are one module: pip's files lie over conda's, and which libraries are
    loaded is chance.
    """
    pin, wheel = context.conda.get("pytorch"), context.pypi.get("torch")
    if pin is not None and wheel is not None:
        yield Found(
            message=f"torch comes from conda ({pin.record.version}) and from pip ({wheel.version})",
            evidence=(pin, wheel),
            fact=facts.statement("conda-and-pip-torch"),
            proposals=(Proposal(text="torch from conda alone", conda=("pytorch",)),),
        )


@rule(
    "torch/pip-extensions-over-conda",
    Severity.ERROR,
    "torchvision, torchaudio or xformers from pip over torch from conda",
)
def pip_extensions_over_conda(context: CheckContext) -> Iterator[Found]:
    """Find pip's compiled extensions of torch over conda's torch.

    They are compiled against PyPI's torch. Up to 2.6 that has the old C++ ABI and
    conda's the new one: undefined symbols. From 2.7 on both have the new one, and
    what is left is another CUDA minor and an exact pin, for which a later `pip
    install` brings a second torch: a warning.
    """
    pin = context.conda.get("pytorch")
    if pin is None or "torch" in context.pypi:
        return
    for name in (*_EXTENSIONS, "xformers", "flash-attn", "vllm"):
        wheel = context.pypi.get(name)
        if wheel is not None:
            abi = stack.torch_abi(stack.pypi_version(pin))
            same_abi = abi is None or abi.cxx11 or context.system != "linux"
            yield Found(
                message=f"{name} {wheel.version} from pip is built against pip's torch, torch "
                f"{pin.record.version} is conda's",
                evidence=(wheel, pin),
                fact=facts.statement("conda-and-pip-torch"),
                severity=Severity.WARNING if same_abi else None,
                proposals=(Proposal(text=f"{name} from conda", conda=(name,)),),
            )


@rule("torch/variants-differ", Severity.ERROR, "torch and its extensions are of different CUDA variants")
def variants_differ(context: CheckContext) -> Iterator[Found]:
    """Compare the CUDA variants of torch, torchvision, torchaudio and xformers.

    Of wheels only a local version says the variant (`+cu124`, `+cpu`); torchvision from 0.16 on refuses
    another CUDA major alone: within one it is a warning. Among conda packages a CPU build of
    torchvision over a CUDA torch works on the CPU alone: `torchvision::nms` has no CUDA backend.
    """
    wheel = context.pypi.get("torch")
    if wheel is not None:
        cuda, is_cpu = stack.variant_of_wheel(wheel)
        assumed = cuda is None and not is_cpu
        if assumed:
            build = next((item for item in stack.torch_builds(context) if item.pin is wheel), None)
            cuda = minor(build.cuda) if build is not None and build.cuda else None
        for name in (*_EXTENSIONS, "xformers"):
            other = context.pypi.get(name)
            if other is None:
                continue
            cuda_2, is_cpu_2 = stack.variant_of_wheel(other)
            if (cuda or is_cpu) and (cuda_2 or is_cpu_2) and (cuda, is_cpu) != (cuda_2, is_cpu_2):
                lenient = name == "torchvision" and not facts.holds(
                    "torch-variant-pair", torchvision=other.version
                )
                loads = lenient and cuda and cuda_2 and major(cuda) == major(cuda_2)
                unsure = assumed and wheel.file is None
                yield Found(
                    message=f"torch {wheel.version} and {name} {other.version} are of different variants"
                    + (f": PyPI's torch is for CUDA {cuda}" if assumed else ""),
                    evidence=(wheel, other),
                    fact=facts.statement("torch-variant-pair"),
                    severity=Severity.WARNING if unsure or loads else None,
                )
    pin = context.conda.get("pytorch")
    if pin is None:
        return
    build = stack.torch_build(context)
    for name in _EXTENSIONS:
        record = context.conda.get(name)
        if record is None or build is None:
            continue
        cuda, is_cpu = stack.variant_of_record(record)
        differ = (build.is_cpu and cuda is not None) or (build.cuda is not None and is_cpu)
        if differ or (cuda and build.cuda and major(cuda) != major(build.cuda)):
            yield Found(
                message=f"{name} {record.record.build} and pytorch {pin.record.build} are of different "
                "variants",
                evidence=(pin, record),
                fact=facts.statement("torch-variant-pair"),
                proposals=(
                    Proposal(
                        text=f"{name} of the variant of pytorch",
                        conda=(f"{name} * *{'cpu' if build.is_cpu else 'cuda'}*",),
                    ),
                ),
            )


#: Projects whose wheels on PyPI are compiled against the torch that stands on PyPI, for its CUDA.
_COMPILED_AGAINST = ("xformers", "vllm", "torchvision", "torchaudio", "auto-gptq", "sgl-kernel", "torchcodec")


@rule(
    "torch/compiled-for-pypi",
    Severity.ERROR,
    "an extension of PyPI is compiled for PyPI's torch, and another variant of torch is there",
    facts=("torch_releases", "torch_defaults", "torch_abi"),
)
def compiled_for_pypi(context: CheckContext) -> Iterator[Found]:
    """Find extensions of PyPI (xformers, vllm, torchvision) beside a torch of a variant (`+cu118`, `+cpu`).

    They load the CUDA libraries of PyPI's torch and its C++ ABI. A CPU torch, another CUDA major or another
    ABI is an error (`can't load C++/CUDA extensions`, undefined symbols); another CUDA minor a warning.
    An extension with a local version of its own is left to `torch/variants-differ`.
    """
    wheel = context.pypi.get("torch")
    if wheel is None or context.system != "linux" or context.target.subdir != "linux-64":
        return
    cuda, is_cpu = stack.variant_of_wheel(wheel)
    default = stack.default_cuda(wheel.version)
    if default is None or (cuda is None and not is_cpu):
        return
    for name in _COMPILED_AGAINST:
        pin = context.pypi.get(name)
        if pin is None or "+" in pin.version or stack.variant_of_wheel(pin) != (None, False):
            continue
        other_major = cuda is not None and major(cuda) != major(default)
        if is_cpu and name == "torchaudio":
            continue  # its wheels of PyPI load without CUDA
        other_abi = cuda is not None and stack.torch_abi(wheel.version) is not stack.torch_abi(
            wheel.version.split("+")[0]
        )
        if not (is_cpu or minor(cuda or "") != minor(default)):
            continue
        worse = is_cpu or other_major or other_abi
        yield Found(
            message=f"{name} {pin.version} of PyPI is compiled for torch with CUDA {default}, torch "
            f"{wheel.version} is " + ("a CPU build" if is_cpu else f"for CUDA {cuda}"),
            evidence=(pin, wheel),
            fact=facts.statement("compiled-for-pypi") if is_cpu else stack.default_cuda_fact(wheel.version),
            severity=None if worse else Severity.WARNING,
        )


@rule(
    "torch/no-such-variant",
    Severity.WARNING,
    "the release matrix of torch lacks the CUDA variant asked for",
    facts=("torch_releases",),
)
def no_such_variant(context: CheckContext) -> Iterator[Found]:
    """Compare a `+cuXYZ` that is asked for with the variants of that release.

    The matrix lists what the project announces; a variant that is locked with its
    hash exists, announced or not, and is said nothing about.
    """
    asked = []
    wheel = context.pypi.get("torch")
    if wheel is not None and "+cu" in wheel.version:
        return
    for item in context.requested("torch"):
        match = re.search(r"==\s*(\d[\w.]*\+cu\d+)", getattr(item, "text", ""))
        if match:
            asked.append((match[1], f"{item.origin}: {getattr(item, 'text', '')}"))
    for version, evidence in asked[:1]:
        row = stack.torch_release(version)
        digits = version.rsplit("+cu", 1)[1]
        cuda = f"{digits[:2]}.{digits[2:]}"
        if row is not None and row.matrix.variants is not None and cuda not in row.matrix.variants:
            yield Found(
                message=f"torch {row.version} has no variant for CUDA {cuda}; it has "
                f"{', '.join(row.matrix.variants)}",
                evidence=(evidence,),
                fact=row.matrix.fact(
                    f"torch {row.version} was built for CUDA {', '.join(row.matrix.variants)}"
                ),
            )


@rule(
    "torch/bitsandbytes",
    Severity.WARNING,
    "bitsandbytes is older than the CUDA that torch is built for",
    facts=("cuda_binaries",),
)
def bitsandbytes(context: CheckContext) -> Iterator[Found]:
    """Find a bitsandbytes whose newest binary is for an older CUDA than torch's.

    It picks its binary by torch.version.cuda (0.40 to 0.49: that version's alone), and ends in
    `CUDA Setup failed` where there is none.
    """
    pin, build = context.pypi.get("bitsandbytes"), stack.torch_build(context)
    if pin is None or build is None or build.cuda is None:
        return
    known = [row for row in facts.table(facts.CudaBinaries).rows if row.project == "bitsandbytes"]
    rows = [row for row in known if context.target.subdir in row.platforms]
    row = next((row for row in reversed(rows) if at_least(pin.version, row.version)), None)
    wanted = release(minor(build.cuda))
    # From the newest row on the nearest binary of the same major is taken.
    if row is None or row is rows[-1] or wanted <= release(row.cuda):
        return
    serves = next((later.version for later in rows if wanted <= release(later.cuda)), rows[-1].version)
    yield Found(
        message=f"bitsandbytes {pin.version} has binaries up to CUDA {row.cuda}, torch {build.version} "
        f"is built for {build.cuda}",
        evidence=(pin, build.pin),
        fact=row.fact(f"wheels of bitsandbytes from {row.version} on hold binaries up to CUDA {row.cuda}"),
        proposals=(Proposal(text="a newer bitsandbytes", pypi=(f"bitsandbytes>={serves}",)),),
    )


@rule("torch/no-mac-variant", Severity.ERROR, "a CUDA or ROCm wheel is asked for on macOS")
def no_mac_variant(context: CheckContext) -> Iterator[Found]:
    """Find torch and its extensions with a `+cuXYZ` or `+rocm` version for macOS: there is no such file."""
    if context.system != "osx":
        return
    for name in ("torch", *_EXTENSIONS, "xformers"):
        pin = context.pypi.get(name)
        if pin is not None and re.search(r"\+(cu\d|rocm)", pin.version):
            yield Found(
                message=f"{name} {pin.version} has no file for macOS",
                evidence=(pin, f"target {context.target.subdir}"),
                fact=facts.statement("no-cuda-on-macos"),
                proposals=(
                    Proposal(
                        text="the version without a variant", pypi=(f"{name}=={pin.version.split('+')[0]}",)
                    ),
                ),
            )
