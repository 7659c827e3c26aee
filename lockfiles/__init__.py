"""Lockfiles: from files to lockfiles, and from resolutions to files and back.

The names below are the public ones; each is loaded when it is first used. Every verb
of the command is a function of one frozen request (``docs/library.md``)::

    from lockfiles import LockRequest, lock, write_text

    locked = lock(LockRequest(files=("environment.yml",)))
    write_text("conda-lock.yml", locked.text)

and what lockfiles are made of can be had by itself::

    from lockfiles import LockMetadata, diff_locks, read_conda_lock, write_conda_lock

    text = write_conda_lock(resolutions, LockMetadata(content_hash=hashes))
    difference = diff_locks(old, read_conda_lock(text, "conda-lock.yml"))

Nothing here prints, exits, or asks for arguments, variables and folders of the
process, unless they are given (:func:`surroundings_here`).
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers know the name; `typing` takes 10 ms, and the command starts here
if TYPE_CHECKING:
    from typing import Any

    from lockfiles.amending import Amended, AmendRequest, add, remove
    from lockfiles.checking import CheckReport, CheckRequest, check
    from lockfiles.comparing import DiffRequest, diff
    from lockfiles.difference import Change, ChangeKind, Difference, diff_locks, diff_resolutions
    from lockfiles.drawing import GraphRequest, drawing_text, graph
    from lockfiles.explaining import Explained, ExplainListener, ExplainRequest, explain
    from lockfiles.explaining_edits import EditedFile, edited_files
    from lockfiles.exporting import (
        AzuremlFiles,
        AzuremlRequest,
        ExportFileRequest,
        export_azureml,
        export_file,
    )
    from lockfiles.files import read_text, write_text
    from lockfiles.fleet.finding import FindRequest
    from lockfiles.fleet.merging.merging import Merged, MergeRequest, merge
    from lockfiles.fleet.running import FleetReport, FleetRequest, run_fleet
    from lockfiles.formats.conda_lock.restore import resolutions_of_lock
    from lockfiles.formats.conda_lock.text import format_conda_lock, read_conda_lock, write_conda_lock
    from lockfiles.formats.export import ExportedFile, ExportRequest, export, request_of_lock
    from lockfiles.freshness import Freshness, check_fresh
    from lockfiles.hashing import HashReport, HashRequest, hash  # noqa: A004  the verb's name
    from lockfiles.installing import Installed, InstallRequest, install
    from lockfiles.listener import Listener
    from lockfiles.locking import Locked, LockRequest, lock
    from lockfiles.machine import MachineRequest
    from lockfiles.model import CondaLock, LockedChannel, LockedPackage, LockMetadata
    from lockfiles.outdating import Outdated, OutdatedRequest, outdated
    from lockfiles.recording.record import Recorded, record
    from lockfiles.recording.replay import Replayed, replay
    from lockfiles.request.content_hash import content_hashes
    from lockfiles.request.request_hash import request_hashes
    from lockfiles.request.satisfied import Fault, check_closed, check_satisfied
    from lockfiles.session import Session, SessionRequest, open_session
    from lockfiles.several.locking import LockedEnvironment, LockedSeveral, lock_several
    from lockfiles.subjects.verifying import Verified, VerifyRequest, verify
    from lockfiles.surroundings import Surroundings, surroundings_here
    from lockfiles.syncing import Synced, SyncRequest, sync
    from lockfiles.tracing import Tree, TreeRequest, Why, WhyRequest, tree, why
    from lockfiles.update import preferred_pins
    from lockfiles.validating import Suite, Validated, ValidateRequest, init_suite, validate
    from lockfiles.verifying_sources import SourcesReport, SourcesRequest, verify_sources

#: Public name -> the module that has it.
_HOMES = {
    "AmendRequest": "amending",
    "Amended": "amending",
    "AzuremlFiles": "exporting",
    "AzuremlRequest": "exporting",
    "Change": "difference",
    "ChangeKind": "difference",
    "CheckReport": "checking",
    "CheckRequest": "checking",
    "CondaLock": "model",
    "DiffRequest": "comparing",
    "Difference": "difference",
    "EditedFile": "explaining_edits",
    "ExplainListener": "explaining",
    "ExplainRequest": "explaining",
    "Explained": "explaining",
    "ExportFileRequest": "exporting",
    "ExportRequest": "formats.export",
    "ExportedFile": "formats.export",
    "Fault": "request.satisfied",
    "FindRequest": "fleet.finding",
    "FleetReport": "fleet.running",
    "FleetRequest": "fleet.running",
    "Freshness": "freshness",
    "GraphRequest": "drawing",
    "HashReport": "hashing",
    "HashRequest": "hashing",
    "InstallRequest": "installing",
    "Installed": "installing",
    "Listener": "listener",
    "LockMetadata": "model",
    "LockRequest": "locking",
    "Locked": "locking",
    "LockedChannel": "model",
    "LockedEnvironment": "several.locking",
    "LockedPackage": "model",
    "LockedSeveral": "several.locking",
    "MachineRequest": "machine",
    "MergeRequest": "fleet.merging.merging",
    "Merged": "fleet.merging.merging",
    "Outdated": "outdating",
    "OutdatedRequest": "outdating",
    "Recorded": "recording.record",
    "Replayed": "recording.replay",
    "Session": "session",
    "SessionRequest": "session",
    "SourcesReport": "verifying_sources",
    "SourcesRequest": "verifying_sources",
    "Suite": "validating",
    "Surroundings": "surroundings",
    "SyncRequest": "syncing",
    "Synced": "syncing",
    "Tree": "tracing",
    "TreeRequest": "tracing",
    "ValidateRequest": "validating",
    "Validated": "validating",
    "Verified": "subjects.verifying",
    "VerifyRequest": "subjects.verifying",
    "Why": "tracing",
    "WhyRequest": "tracing",
    "add": "amending",
    "check": "checking",
    "check_closed": "request.satisfied",
    "check_fresh": "freshness",
    "check_satisfied": "request.satisfied",
    "content_hashes": "request.content_hash",
    "diff": "comparing",
    "diff_locks": "difference",
    "diff_resolutions": "difference",
    "drawing_text": "drawing",
    "edited_files": "explaining_edits",
    "explain": "explaining",
    "export": "formats.export",
    "export_azureml": "exporting",
    "export_file": "exporting",
    "format_conda_lock": "formats.conda_lock.text",
    "graph": "drawing",
    "hash": "hashing",
    "init_suite": "validating",
    "install": "installing",
    "lock": "locking",
    "lock_several": "several.locking",
    "merge": "fleet.merging.merging",
    "open_session": "session",
    "outdated": "outdating",
    "preferred_pins": "update",
    "read_conda_lock": "formats.conda_lock.text",
    "read_text": "files",
    "record": "recording.record",
    "remove": "amending",
    "replay": "recording.replay",
    "request_hashes": "request.request_hash",
    "request_of_lock": "formats.export",
    "resolutions_of_lock": "formats.conda_lock.restore",
    "run_fleet": "fleet.running",
    "surroundings_here": "surroundings",
    "sync": "syncing",
    "tree": "tracing",
    "validate": "validating",
    "verify": "subjects.verifying",
    "verify_sources": "verifying_sources",
    "why": "tracing",
    "write_conda_lock": "formats.conda_lock.text",
    "write_text": "files",
}

__all__ = [
    "AmendRequest",
    "Amended",
    "AzuremlFiles",
    "AzuremlRequest",
    "Change",
    "ChangeKind",
    "CheckReport",
    "CheckRequest",
    "CondaLock",
    "DiffRequest",
    "Difference",
    "EditedFile",
    "ExplainListener",
    "ExplainRequest",
    "Explained",
    "ExportFileRequest",
    "ExportRequest",
    "ExportedFile",
    "Fault",
    "FindRequest",
    "FleetReport",
    "FleetRequest",
    "Freshness",
    "GraphRequest",
    "HashReport",
    "HashRequest",
    "InstallRequest",
    "Installed",
    "Listener",
    "LockMetadata",
    "LockRequest",
    "Locked",
    "LockedChannel",
    "LockedEnvironment",
    "LockedPackage",
    "LockedSeveral",
    "MachineRequest",
    "MergeRequest",
    "Merged",
    "Outdated",
    "OutdatedRequest",
    "Recorded",
    "Replayed",
    "Session",
    "SessionRequest",
    "SourcesReport",
    "SourcesRequest",
    "Suite",
    "Surroundings",
    "SyncRequest",
    "Synced",
    "Tree",
    "TreeRequest",
    "ValidateRequest",
    "Validated",
    "Verified",
    "VerifyRequest",
    "Why",
    "WhyRequest",
    "add",
    "check",
    "check_closed",
    "check_fresh",
    "check_satisfied",
    "content_hashes",
    "diff",
    "diff_locks",
    "diff_resolutions",
    "drawing_text",
    "edited_files",
    "explain",
    "export",
    "export_azureml",
    "export_file",
    "format_conda_lock",
    "graph",
    "hash",
    "init_suite",
    "install",
    "lock",
    "lock_several",
    "merge",
    "open_session",
    "outdated",
    "preferred_pins",
    "read_conda_lock",
    "read_text",
    "record",
    "remove",
    "replay",
    "request_hashes",
    "request_of_lock",
    "resolutions_of_lock",
    "run_fleet",
    "surroundings_here",
    "sync",
    "tree",
    "validate",
    "verify",
    "verify_sources",
    "why",
    "write_conda_lock",
    "write_text",
]


def __getattr__(name: str) -> Any:
    """Load a public name's module when the name is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
