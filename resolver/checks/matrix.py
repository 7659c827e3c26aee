"""Version matrices as users know them, cell by cell with the source of each cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from resolver.checks import facts
from resolver.machine.description import family_driver, toolkit_driver
from resolver.machine.facts import BaseImage, CudaFamily, CudaToolkit, VmSize
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
        said.append(machine_table(CudaFamily).fact(f">={family.linux}", family.source))
    if toolkit is not None and toolkit.linux is not None:
        said.append(machine_table(CudaToolkit).fact(f"PTX >={toolkit.linux}", toolkit.source))
    return _cell(*said)


def _arch_cell(version: str, cuda: str) -> Cell:
    table = facts.table(facts.TorchArch)
    said = []
    for row in table.rows:
        if row.channel == "pypi" and row.cuda == cuda and within(version, row.first, row.last):
            codes = [code + ("+PTX" if code in row.ptx else "") for code in row.sass or ()]
            said.append(table.fact(" ".join(codes) or f"unknown ({row.note})", row.source))
            if row.disputed:
                said.append(table.fact(f"disputed: {row.disputed}", row.source))
    return _cell(*said)


def _toolkit_arch_cell(cuda: str) -> Cell:
    table = facts.table(facts.CudaArch)
    return _cell(
        *(
            table.fact(
                f"CUDA {cuda}: {row.lowest // 10}.{row.lowest % 10} "
                f"to {row.highest // 10}.{row.highest % 10} at most",
                row.source,
            )
            for row in table.rows
            if within(cuda, row.first, row.last)
        )
    )


def _pytorch() -> Matrix:
    table = facts.table(facts.TorchRelease)
    rows = []
    for row in table.rows:
        for cuda in row.variants or (row.cuda,):
            is_default = cuda == row.cuda
            wheel = table.fact(row.cudnn, row.source) if is_default else None
            listed = (
                table.fact(row.matrix_cudnn[cuda], row.matrix_source) if cuda in row.matrix_cudnn else None
            )
            label = (
                table.fact(f"{cuda} (PyPI)", row.source)
                if is_default
                else table.fact(cuda, row.matrix_source)
            )
            rows.append(
                (
                    _cell(table.fact(row.version, row.source)),
                    _cell(table.fact(_pythons(row.pythons), row.source)),
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
        python = [table.fact(_pythons(row.pythons), row.source)]
        if row.tested_python != python[0].text:
            python.append(table.fact(f"{row.tested_python} (tested)", row.tested_source))
        rows.append(
            (
                _cell(table.fact(row.version, row.source)),
                _cell(*python),
                _cell(
                    table.fact(f"{row.tested_cuda} (tested)", row.tested_source),
                    table.fact(f"{runtime} [and-cuda]", row.source) if runtime else None,
                ),
                _cell(
                    table.fact(f"{row.tested_cudnn} (tested)", row.tested_source),
                    table.fact(f"{cudnn} [and-cuda]", row.source) if cudnn else None,
                ),
                _driver_cell(row.tested_cuda),
                _toolkit_arch_cell(minor(row.tested_cuda)),
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
                _cell(table.fact(row.version, row.source)),
                _cell(table.fact(row.requires_python or "-", row.source)),
                _cell(table.fact(cuda, row.source)),
                _cell(table.fact(cudnn or "-", row.source)),
                _cell(table.fact(nccl or "-", row.source)),
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
        disputed = table.fact(f"disputed: {row.disputed}", row.source) if row.disputed else None
        rows.append(
            (
                _cell(table.fact(row.version, row.source)),
                _cell(table.fact(_pythons(row.pythons), row.source)),
                _cell(table.fact(row.cuda, row.source)),
                _cell(table.fact(row.cudnn or "-", row.source), disputed),
                _cell(table.fact(f"glibc {row.glibc}", row.source)),
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
                _cell(table.fact(f"{row.cuda} {row.update}".strip(), row.source)),
                _cell(
                    table.fact(f">={row.linux}", row.source) if row.linux else None,
                    table.fact(f"disputed: {row.disputed}", row.source) if row.disputed else None,
                ),
                _cell(table.fact(f">={row.windows}", row.source) if row.windows else None),
                _cell(machine_table(CudaFamily).fact(f">={family.linux}", family.source) if family else None),
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
            _cell(table.fact(text, row.source) if text else None)
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
            _cell(table.fact(text, row.source) if text else None)
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
