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


def index_of_label(project: str, label: str) -> str | None:
    """Return the address of the index that has a project's wheels of a label; None where it isn't known."""
    return f"{_PYTORCH}/{label}" if project in _PROJECTS and _LABEL.fullmatch(label) else None
