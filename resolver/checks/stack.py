"""The GPU stack of a resolution: which torch, built for which CUDA, beside which NVIDIA libraries."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

import msgspec
from packaging.version import InvalidVersion, Version

from resolver.checks import facts
from resolver.checks.context import CheckContext
from resolver.checks.horizon import is_beyond
from resolver.machine.tables import Cited
from resolver.metadata.wheel_tags import wheel_tag_text
from resolver.model.dependency_text import split_dependency
from resolver.model.findings import Fact
from resolver.model.leading_numbers import at_least, major, minor, release, within
from resolver.model.resolution import CondaPin, PypiPin

Pin = CondaPin | PypiPin

_LOCAL = re.compile(r"\+(?:cu(\d{2,3})|(cpu)|(rocm[\d.]*))")
_INDEX = re.compile(r"/whl/(?:cu(\d{2,3})|(cpu))(?:/|$)")
_BUILD = re.compile(r"cuda_?(\d+)(?:\.(\d+))?")
_SUFFIX = re.compile(r"-cu(\d{2})$|-cuda(\d{2})(?:x|-|$)|-cuda(\d{2})\d$")
#: Unsuffixed NVIDIA projects on PyPI are of the CUDA major that their own version says.
_UNSUFFIXED = frozenset(
    {
        "nvidia-cublas",
        "nvidia-cuda-runtime",
        "nvidia-cuda-nvrtc",
        "nvidia-cuda-cupti",
        "nvidia-nvjitlink",
        "cuda-toolkit",
    }
)
#: Compilers for Python kernels that carry libraries for several CUDA majors, whatever they are used with.
_TOOLS = re.compile(r"nvidia-cutlass-dsl.*")
_FRAMEWORKS = frozenset(
    {"pytorch", "libtorch", "torch", "tensorflow", "jaxlib", "onnxruntime-gpu", "jax-cuda12-plugin"}
)
#: Conda packages whose version is a CUDA version.
_CONDA_CUDA = ("cuda-version", "cudatoolkit", "cuda-cudart", "cuda-runtime", "cuda-toolkit", "pytorch-cuda")


class Build(msgspec.Struct, frozen=True, kw_only=True):
    """A framework's build: ``cuda`` is ``12.4``, None where it is a CPU build or nothing says."""

    pin: Pin
    version: str
    cuda: str | None
    is_cpu: bool  #: it is certain that the build has no CUDA
    source: str  #: ``pypi``, or the conda channel's name

    @property
    def is_conda(self) -> bool:
        """Whether it is a conda package."""
        return isinstance(self.pin, CondaPin)


def variant_of_wheel(pin: PypiPin) -> tuple[str | None, bool]:
    """Return CUDA version and "is for CPU" of a wheel, from its local version or its index.

    (None, False) where neither says it.
    """
    text = pin.version
    if pin.file is not None and "+" not in text:
        text = pin.file.file_name.replace("%2B", "+")
    match = (
        _LOCAL.search(text)
        or _INDEX.search(pin.index or "")
        or _INDEX.search(pin.file.url if pin.file else "")
    )
    if match is None:
        return None, False
    digits = match[1]
    return (f"{int(digits[:2])}.{digits[2:]}" if digits else None), match[2] is not None


def variant_of_record(pin: CondaPin) -> tuple[str | None, bool]:
    """Return CUDA version and "is for CPU" of a conda build, from its build string and dependencies."""
    record = pin.record
    match = _BUILD.search(record.build)
    if match:
        if match[2]:
            return f"{match[1]}.{match[2]}", False
        digits = match[1]
        return (f"{digits[:2]}.{digits[2:]}" if len(digits) > 2 else f"{digits[0]}.{digits[1:]}"), False
    for spec in record.depends:
        name, rest = split_dependency(spec)
        if name in ("pytorch-cuda", "cudatoolkit", "cuda-version") and release(rest.lstrip(">=~")):
            return minor(rest.lstrip(">=~")), False
    if "gpu" in record.build or "cuda" in record.build:
        return None, False
    return None, bool(re.search(r"(?:^|_)cpu(?:_|$|py)", record.build))


def torch_release(version: str) -> facts.TorchRelease | None:
    """Return the row of a torch release (its local part aside), None for one that isn't listed."""
    public = version.split("+", 1)[0]
    return next((row for row in facts.table(facts.TorchRelease).rows if row.version == public), None)


def torch_release_fact(row: facts.TorchRelease, text: str) -> Fact:
    """Return a fact with the source of a torch release."""
    return row.fact(text)


def torch_builds(context: CheckContext) -> Iterator[Build]:
    """Yield the builds of PyTorch: conda's ``pytorch`` (else ``libtorch``) first, then pip's ``torch``."""
    pin = context.conda.get("pytorch") or context.conda.get("libtorch")
    if pin is not None:
        cuda, is_cpu = variant_of_record(pin)
        if cuda is None and not is_cpu and "libtorch" in context.conda:
            cuda, is_cpu = variant_of_record(context.conda["libtorch"])
        yield Build(pin=pin, version=pin.record.version, cuda=cuda, is_cpu=is_cpu, source=channel_name(pin))
    wheel = context.pypi.get("torch")
    if wheel is not None:
        cuda, is_cpu = variant_of_wheel(wheel)
        if cuda is None and not is_cpu:
            cuda = _default_cuda(context, wheel)
            is_cpu = cuda is None and is_default_cpu_wheel(context, wheel)
        if context.system == "osx":
            cuda, is_cpu = None, False
        yield Build(pin=wheel, version=wheel.version, cuda=cuda, is_cpu=is_cpu, source="pypi")


def _default_cuda(context: CheckContext, wheel: PypiPin) -> str | None:
    """Return the CUDA of the wheel on PyPI for the target; None: no table says it, or it is a variant."""
    if "+" in wheel.version:
        return None
    if context.target.subdir == "linux-aarch64":
        rows = facts.table(facts.TorchDefault).rows
        machine = [row for row in rows if row.machine == "aarch64"]
        return next((row.cuda for row in machine if within(wheel.version, row.first, row.last)), None)
    return default_cuda(wheel.version) if context.target.subdir == "linux-64" else None


def default_cuda(version: str) -> str | None:
    """Return the CUDA of a release's wheel on PyPI for Linux, x86_64; None where it isn't listed."""
    row = torch_release(version)
    if row is not None:
        return row.cuda
    older = [item for item in facts.table(facts.TorchDefault).rows if item.machine == "x86_64"]
    return next((item.cuda for item in older if within(version, item.first, item.last)), None)


def default_cuda_fact(version: str) -> Fact | None:
    """Return the row that says which CUDA a release's wheel on PyPI is for, as :func:`default_cuda`."""
    older = [item for item in facts.table(facts.TorchDefault).rows if item.machine == "x86_64"]
    row: Cited | None = torch_release(version) or next(
        (item for item in older if within(version, item.first, item.last)), None
    )
    text = f"PyPI's torch {version.split('+')[0]} for x86_64 Linux is built for CUDA {default_cuda(version)}"
    return row.fact(text) if row is not None else None


def is_default_cpu_wheel(context: CheckContext, wheel: PypiPin) -> bool:
    """Tell whether PyPI's own wheel of torch is a CPU build on this target, and no other index is in play."""
    indexes = context.requirements.indexes if context.requirements is not None else None
    elsewhere = indexes is not None and any(
        "/whl/" in text for text in (*indexes.extra_index_urls, indexes.index_url or "")
    )
    if elsewhere or "+" in wheel.version or (wheel.index and "/whl" in wheel.index):
        return False
    if context.target.subdir == "linux-aarch64":
        ours = [row for row in facts.table(facts.TorchDefault).rows if row.machine == "aarch64"]
        return not any(at_least(wheel.version, row.first) for row in ours)
    return context.target.subdir.startswith("win-")


def torch_build(context: CheckContext) -> Build | None:
    """Return the first build of PyTorch, None where there is none."""
    return next(torch_builds(context), None)


def channel_name(pin: CondaPin) -> str:
    """Return a channel's name without label and address.

    ``https://.../conda-forge/label/rc`` -> ``conda- forge``.
    """
    name = pin.channel.name.split("/label/", 1)[0].strip("/")
    if "://" not in name:
        return name
    parts = name.split("/")
    return "/".join(parts[-2:]) if parts[-2] == "pkgs" else parts[-1]


def wheel_cuda_major(name: str, version: str) -> int | None:
    """Return the CUDA major that a PyPI project is built for, as its name or version says, else None."""
    match = _SUFFIX.search(name)
    if _TOOLS.fullmatch(name):
        return None
    if match:
        return int(next(group for group in match.groups() if group))
    if name in _UNSUFFIXED and release(version):
        return major(version)
    if name == "onnxruntime-gpu":
        row = onnx_release(version)
        return major(row.cuda) if row else None
    return None


def onnx_release(version: str) -> facts.OnnxRelease | None:
    """Return the row of a release of onnxruntime-gpu, without its local part; None where none is listed."""
    public = version.split("+", 1)[0]
    return next((row for row in facts.table(facts.OnnxRelease).rows if row.version == public), None)


def cuda_users(context: CheckContext) -> tuple[tuple[int, Pin], ...]:
    """Return every pin that is of one CUDA major, with that major.

    Frameworks first, conda before PyPI, by name.
    """
    return tuple(sorted(_cuda_users(context), key=lambda item: str(item[1].name) not in _FRAMEWORKS))


def _cuda_users(context: CheckContext) -> Iterator[tuple[int, Pin]]:
    for name, pin in context.conda.items():
        if name in _CONDA_CUDA:
            yield major(pin.record.version), pin
        elif name in ("pytorch", "libtorch", "tensorflow", "jaxlib"):
            cuda, _ = variant_of_record(pin)
            if cuda:
                yield major(cuda), pin
    for name, wheel in context.pypi.items():
        if name == "torch":
            found = next((build for build in torch_builds(context) if build.pin is wheel), None)
            if found and found.cuda:
                yield major(found.cuda), wheel
            continue
        number = wheel_cuda_major(name, wheel.version)
        if number is not None:
            yield number, wheel


def nvidia_wheel(context: CheckContext, stem: str) -> tuple[PypiPin, int | None] | None:
    """Return the wheel of an NVIDIA library.

    ``cudnn`` with its CUDA major; the newest major where there are several.
    """
    found = []
    for name, pin in context.pypi.items():
        match = re.fullmatch(rf"nvidia-{stem}(?:-cu(\d+))?", name)
        if match:
            found.append((pin, int(match[1]) if match[1] else wheel_cuda_major(name, pin.version)))
    return max(found, key=lambda item: item[1] or 0, default=None)


def arch_rows(build: Build, subdir: str) -> tuple[tuple[facts.TorchArch, ...], bool]:
    """Return rows of compiled architectures for a torch build of a platform, and whether they are exact.

    Where the exact list has no source, the rows of the releases just before and
    after it with the same CUDA stand in (not exact); empty where nothing is known,
    as of a release that is newer than the facts, or on a platform whose builds weren't read.
    """
    if is_beyond("torch", build.version):
        return (), False
    rows = [
        row
        for row in facts.table(facts.TorchArch).rows
        if row.channel == build.source and row.cuda == build.cuda and row.platform == subdir
    ]
    exact = tuple(row for row in rows if within(build.version, row.first, row.last))
    if any(row.sass for row in exact):
        return tuple(row for row in exact if row.sass), True
    known = [row for row in rows if row.sass]
    below = [row for row in known if release(row.last) < release(build.version)]
    above = [row for row in known if release(row.first) > release(build.version)]
    nearest = [max(below, key=lambda row: release(row.last))] if below else []
    nearest += [min(above, key=lambda row: release(row.first))] if above else []
    return tuple(nearest), False


def runs_on(code: str, device: str) -> bool:
    """Tell whether machine code of one compute capability runs on a device: same major, device not older.

    Integrated GPUs (Tegra) need code of their own.
    """
    left, right = release(code), release(device)
    if left != right and any(facts.holds("tegra-code", capability=name) for name in (code, device)):
        return False
    return left[0] == right[0] and right >= left


def torch_abi(version: str) -> facts.TorchAbi | None:
    """Return the C++ ABI of a Linux wheel of torch; None where no row is sure."""
    local = version.partition("+")[2]
    rows = [row for row in facts.table(facts.TorchAbi).rows if within(version, row.first, row.last)]
    named = (row for row in rows if local in row.variants)
    return next(named, None) or next((row for row in rows if not row.variants), None)


def torch_requirement(project: str, version: str) -> facts.TorchPin | None:
    """Return what a release of a project asks of torch, None where it isn't listed, as a local build."""
    public, _, local = version.partition("+")
    if local and not re.fullmatch(r"cu\d+", local):
        return None
    rows = facts.table(facts.TorchPin).rows
    return next((row for row in rows if row.project == project and row.version == public), None)


def package_need(project: str, version: str) -> facts.PackageNeed | None:
    """Return the requirements of a GPU package at a version: those of the row whose releases have it.

    None where it lies outside all that were read. Post-releases count: they change requirements.
    """
    wanted = _exactly(version)
    rows = (row for row in facts.table(facts.PackageNeed).rows if row.project == project)
    return next((row for row in rows if _exactly(row.version) <= wanted <= _exactly(row.last)), None)


def needs_of(context: CheckContext, row: facts.Needs, pin: PypiPin) -> dict[str, str]:
    """Return what a row says that a pin requires here: on this platform, for this Python, of this wheel."""
    python = minor(context.resolution.python or "").replace(".", "")
    is_wheel = pin.file is not None and pin.file.is_wheel
    tag = wheel_tag_text(pin.file.file_name).rsplit("-", 1)[-1] if pin.file is not None and is_wheel else ""
    tags = {f"cp{python}", *tag.split(".")}
    return row.needs(context.target.subdir, tags, has_file=is_wheel)


@functools.lru_cache(maxsize=4096)
def _exactly(version: str) -> Version:
    """Return a version with its suffixes, or its leading numbers where it isn't one of Python's."""
    try:
        return Version(version.split("+", 1)[0])
    except InvalidVersion:
        return Version(".".join(str(number) for number in release(version)) or "0")


def pypi_version(pin: Pin) -> str:
    """Return a pin's version without its local part."""
    text = pin.record.version if isinstance(pin, CondaPin) else pin.version
    return text.split("+", 1)[0]
