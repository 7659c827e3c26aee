"""Where wheels with a local version stand: the default index has none (``2.6.0+cpu``)."""

from __future__ import annotations

import re

#: The part of a pinned version behind the plus.
_PINNED = re.compile(r"===?\s*[\w.!]+\+(?P<label>[\w.]+)")
#: Labels under which PyTorch publishes, each as an index of its own.
_LABEL = re.compile(r"cpu|cu\d+|rocm[\d.]+|xpu")
_PYTORCH = "https://download.pytorch.org/whl"
_PROJECTS = frozenset({"torch", "torchvision", "torchaudio", "torchtext"})


def pinned_label(text: str) -> str | None:
    """Return the local part that a requirement's exact version has, ``cpu`` of ``torch==2.6.0+cpu``."""
    found = _PINNED.search(text)
    return found["label"] if found else None


#: Projects that PyTorch publishes on no other index, or in other variants there.
_BESIDE = frozenset({"torchdata", "pytorch-triton", "pytorch-triton-rocm", "pytorch-triton-xpu"})


def is_backend(text: str) -> bool:
    """Tell whether PyTorch publishes under such a label: ``cpu``, ``cu124``, ``rocm6.2``, ``xpu``."""
    return _LABEL.fullmatch(text) is not None


def indexes_of_backend(backend: str) -> dict[str, str]:
    """Return PyTorch's projects with the address of the one index to take them from."""
    return dict.fromkeys(sorted(_PROJECTS | _BESIDE), f"{_PYTORCH}/{backend}")


def is_variant_index(address: str) -> bool:
    """Tell whether an index has other builds of projects that the default one has too, as PyTorch's do."""
    return re.search(r"/whl/(?:nightly/)?([\w.]+)/?\Z", address) is not None


def index_of_label(project: str, label: str) -> str | None:
    """Return the address of the index that has a project's wheels of a label; None where it isn't known."""
    return f"{_PYTORCH}/{label}" if project in _PROJECTS and _LABEL.fullmatch(label) else None
