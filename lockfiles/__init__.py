"""Lockfiles: from resolutions to files and back.

The names below are the public ones; each is loaded when it is first used::

    from lockfiles import LockMetadata, read_conda_lock, write_conda_lock

    metadata = LockMetadata(content_hash=content_hashes(requirements, ["linux-64"]))
    text = write_conda_lock(resolutions, metadata)
    lock = read_conda_lock(text, "conda-lock.yml")
    difference = diff_locks(old, lock)

Nothing here prints, solves or reaches the network.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lockfiles.difference import Change, ChangeKind, Difference, diff_locks, diff_resolutions
    from lockfiles.files import read_text, write_text
    from lockfiles.formats.conda_lock.restore import resolutions_of_lock
    from lockfiles.formats.conda_lock.text import format_conda_lock, read_conda_lock, write_conda_lock
    from lockfiles.formats.export import ExportedFile, ExportRequest, export, request_of_lock
    from lockfiles.model import CondaLock, LockedChannel, LockedPackage, LockMetadata
    from lockfiles.request.content_hash import content_hashes
    from lockfiles.request.request_hash import request_hashes
    from lockfiles.request.satisfied import Fault, check_closed, check_satisfied
    from lockfiles.update import preferred_pins

#: Public name -> the module that has it.
_HOMES = {
    "Change": "difference",
    "ChangeKind": "difference",
    "CondaLock": "model",
    "Difference": "difference",
    "ExportRequest": "formats.export",
    "ExportedFile": "formats.export",
    "Fault": "request.satisfied",
    "LockMetadata": "model",
    "LockedChannel": "model",
    "LockedPackage": "model",
    "check_closed": "request.satisfied",
    "check_satisfied": "request.satisfied",
    "content_hashes": "request.content_hash",
    "diff_locks": "difference",
    "diff_resolutions": "difference",
    "export": "formats.export",
    "format_conda_lock": "formats.conda_lock.text",
    "preferred_pins": "update",
    "read_conda_lock": "formats.conda_lock.text",
    "read_text": "files",
    "request_hashes": "request.request_hash",
    "request_of_lock": "formats.export",
    "resolutions_of_lock": "formats.conda_lock.restore",
    "write_conda_lock": "formats.conda_lock.text",
    "write_text": "files",
}

__all__ = [
    "Change",
    "ChangeKind",
    "CondaLock",
    "Difference",
    "ExportRequest",
    "ExportedFile",
    "Fault",
    "LockMetadata",
    "LockedChannel",
    "LockedPackage",
    "check_closed",
    "check_satisfied",
    "content_hashes",
    "diff_locks",
    "diff_resolutions",
    "export",
    "format_conda_lock",
    "preferred_pins",
    "read_conda_lock",
    "read_text",
    "request_hashes",
    "request_of_lock",
    "resolutions_of_lock",
    "write_conda_lock",
    "write_text",
]


def __getattr__(name: str) -> Any:
    """Load a public name's module when the name is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
