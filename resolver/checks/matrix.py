"""Version matrices as users know them, cell by cell with the source of each cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from resolver.checks import facts
from resolver.machine.drivers import family_driver, toolkit_driver
from resolver.machine.facts import BaseImage, CudaToolkit, VmSize
from resolver.machine.facts import table as machine_table
from resolver.model.findings import Fact
from resolver.model.leading_numbers import major, minor, release, within


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One cell: what each source says (1 or more where they disagree), in the order of the facts."""

    said: tuple[Fact, ...]

    @property
    def text(self) -> str:
        """The values, parted by `` | `` where sources disagree; a dash where nothing is known."""
        return " | ".join(fact.text for fact in self.said) or "-"


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """A matrix: one row a release, oldest first; the first column is the release."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def matrix(name: str) -> Matrix:
    """Return the matrix of that name; KeyError for an unknown one (:func:`names`)."""
    return _BUILDERS[name]()


def names() -> tuple[str, ...]:
    """Return the names of all matrices, sorted."""
    return tuple(sorted(_BUILDERS))


def _cell(*said: Fact | None) -> Cell:
    """Return a cell of what is said; the same words from a second source stand once."""
    unique: dict[str, Fact] = {}
    for fact in said:
        if fact is not None:
            unique.setdefault(fact.text, fact)
    return Cell(said=tuple(unique.values()))


def _pythons(versions: Iterable[str]) -> str:
    plain = [text for text in versions if not text.endswith("t")]
    return f"{plain[0]}-{plain[-1]}" if plain else ""


def _driver_cell(cuda: str) -> Cell:
    """Return the floor of the CUDA major, and the toolkit's own driver (what PTX needs)."""
    family, toolkit = family_driver(major(cuda)), toolkit_driver(cuda)
    said = []
    if family is not None:
        said.append(family.fact(f">={family.linux}"))
    if toolkit is not None and toolkit.linux is not None:
        said.append(toolkit.fact(f"PTX >={toolkit.linux}"))
    return _cell(*said)


def _arch_cell(version: str, cuda: str) -> Cell:
    table = facts.table(facts.TorchArch)
    said = []
    for row in table.rows:
        is_listed = row.channel == "pypi" and row.platform == "linux-64"
        if is_listed and row.cuda == cuda and within(version, row.first, row.last):
            codes = [code + ("+PTX" if code in row.ptx else "") for code in row.sass or ()]
            said.append(row.fact(" ".join(codes) or "unknown"))
            if row.disputed:
                said.append(row.fact(f"disputed: {row.disputed}"))
    return _cell(*said)


def _toolkit_arch_cell(cuda: str) -> Cell:
    table = facts.table(facts.CudaArch)
    return _cell(
        *(
            row.fact(
                f"CUDA {cuda}: {row.lowest // 10}.{row.lowest % 10} "
                f"to {row.highest // 10}.{row.highest % 10} at most"
            )
            for row in table.rows
            if within(cuda, row.first, row.last)
        )
    )


def _pytorch() -> Matrix:
    table = facts.table(facts.TorchRelease)
    rows = []
    for row in table.rows:
        for cuda in row.matrix.variants or (row.cuda,):
            is_default = cuda == row.cuda
            wheel = row.fact(row.cudnn) if is_default else None
            listed = row.matrix.cudnn_fact(row.matrix.cudnn[cuda]) if cuda in row.matrix.cudnn else None
            label = row.fact(f"{cuda} (PyPI)") if is_default else row.matrix.fact(cuda)
            rows.append(
                (
                    _cell(row.fact(row.version)),
                    _cell(row.fact(_pythons(row.pythons))),
                    _cell(label),
                    _cell(wheel, listed),
                    _driver_cell(cuda),
                    _arch_cell(row.version, cuda),
                )
            )
    rows.sort(key=lambda cells: (release(cells[0].text), release(cells[2].text)))
    return Matrix(
        title="PyTorch wheels for Linux, x86_64",
        columns=("torch", "Python", "CUDA", "cuDNN", "driver", "architectures"),
        rows=tuple(rows),
    )


def _tensorflow() -> Matrix:
    table = facts.table(facts.TensorflowRelease)
    rows = []
    for row in table.rows:
        pinned = row.and_cuda or {}
        cudnn = next((spec for name, spec in pinned.items() if name.startswith("nvidia-cudnn")), None)
        runtime = next(
            (spec for name, spec in pinned.items() if name.startswith("nvidia-cuda-runtime")), None
        )
        python = [row.fact(_pythons(row.pythons))]
        if row.tested.python != python[0].text:
            python.append(row.tested.fact(f"{row.tested.python} (tested)"))
        rows.append(
            (
                _cell(row.fact(row.version)),
                _cell(*python),
                _cell(
                    row.tested.fact(f"{row.tested.cuda} (tested)"),
                    row.fact(f"{runtime} [and-cuda]") if runtime else None,
                ),
                _cell(
                    row.tested.fact(f"{row.tested.cudnn} (tested)"),
                    row.fact(f"{cudnn} [and-cuda]") if cudnn else None,
                ),
                _driver_cell(row.tested.cuda),
                _toolkit_arch_cell(minor(row.tested.cuda)),
            )
        )
    rows.sort(key=lambda cells: (release(cells[0].text), cells[0].text))
    return Matrix(
        title="TensorFlow wheels for Linux, x86_64 (architectures: what the tested CUDA can compile for)",
        columns=("tensorflow", "Python", "CUDA", "cuDNN", "driver", "architectures"),
        rows=tuple(rows),
    )


def _jax() -> Matrix:
    table = facts.table(facts.JaxPlugin)
    rows = []
    for row in table.rows:
        cuda = row.project.removeprefix("jax-").removesuffix("-plugin").removeprefix("cuda")
        cudnn = next((spec for name, spec in row.requires.items() if name.startswith("nvidia-cudnn")), "")
        nccl = next((spec for name, spec in row.requires.items() if name.startswith("nvidia-nccl")), "")
        rows.append(
            (
                _cell(row.fact(row.version)),
                _cell(row.fact(row.requires_python or "-")),
                _cell(row.fact(cuda)),
                _cell(row.fact(cudnn or "-")),
                _cell(row.fact(nccl or "-")),
                _driver_cell(cuda),
            )
        )
    rows.sort(key=lambda cells: (release(cells[0].text), cells[2].text))
    return Matrix(
        title="CUDA plugins of JAX",
        columns=("jax", "Python", "CUDA", "cuDNN", "NCCL", "driver"),
        rows=tuple(rows),
    )


def _onnxruntime() -> Matrix:
    table = facts.table(facts.OnnxRelease)
    rows = []
    for row in table.rows:
        disputed = row.fact(f"disputed: {row.disputed}") if row.disputed else None
        rows.append(
            (
                _cell(row.fact(row.version)),
                _cell(row.fact(_pythons(row.pythons))),
                _cell(row.fact(row.cuda)),
                _cell(row.fact(row.cudnn or "-"), disputed),
                _cell(row.fact(f"glibc {row.glibc}")),
                _driver_cell(row.cuda),
            )
        )
    return Matrix(
        title="onnxruntime-gpu wheels on PyPI",
        columns=("onnxruntime-gpu", "Python", "CUDA", "cuDNN", "glibc", "driver"),
        rows=tuple(rows),
    )


def _cuda() -> Matrix:
    table = machine_table(CudaToolkit)
    rows = []
    for row in table.rows:
        family = family_driver(major(row.cuda))
        rows.append(
            (
                _cell(row.fact(f"{row.cuda} {row.update}".strip())),
                _cell(
                    row.fact(f">={row.linux}") if row.linux else None,
                    row.fact(f"disputed: {row.disputed}") if row.disputed else None,
                ),
                _cell(row.fact(f">={row.windows}") if row.windows else None),
                _cell(family.fact(f">={family.linux}") if family else None),
                _toolkit_arch_cell(row.cuda),
            )
        )
    rows.reverse()
    return Matrix(
        title="CUDA toolkits and drivers",
        columns=("CUDA", "driver (Linux)", "driver (Windows)", "floor of the major", "architectures"),
        rows=tuple(rows),
    )


def _vm() -> Matrix:
    table = machine_table(VmSize)
    rows = tuple(
        tuple(
            _cell(row.fact(text) if text else None)
            for text in (
                row.size or f"series {row.series}",
                row.gpu,
                row.gpus,
                row.capability,
                row.machine,
                row.status,
            )
        )
        for row in table.rows
    )
    columns = ("size", "GPU", "GPUs", "compute capability", "processor", "status")
    return Matrix(title="Azure VM sizes with a GPU", columns=columns, rows=rows)


def _images() -> Matrix:
    table = machine_table(BaseImage)
    rows = tuple(
        tuple(
            _cell(row.fact(text) if text else None)
            for text in (row.image, row.ubuntu, row.glibc, row.cuda, row.cudnn, row.status)
        )
        for row in table.rows
    )
    columns = ("image", "Ubuntu", "glibc", "CUDA", "cuDNN", "status")
    return Matrix(title="Base images of Azure ML", columns=columns, rows=rows)


_BUILDERS: dict[str, Callable[[], Matrix]] = {
    "cuda": _cuda,
    "jax": _jax,
    "onnxruntime": _onnxruntime,
    "pytorch": _pytorch,
    "tensorflow": _tensorflow,
    "images": _images,
    "vm": _vm,
}
