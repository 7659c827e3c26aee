"""The public surface of the library, pinned."""

from __future__ import annotations

import subprocess
import sys

import lockfiles
from lockfiles import _HOMES
from tests.support.trees import trees

PUBLIC = (
    "AmendRequest Amended AzuremlFiles AzuremlRequest Change ChangeKind CheckReport CheckRequest "
    "CondaLock DiffRequest Difference EditedFile ExplainListener ExplainRequest Explained "
    "ExportFileRequest ExportRequest ExportedFile Fault FindRequest FleetReport FleetRequest "
    "Freshness GraphRequest HashReport HashRequest InstallRequest Installed Listener LockMetadata "
    "LockRequest Locked LockedChannel LockedEnvironment LockedPackage LockedSeveral MachineRequest "
    "MergeRequest Merged Outdated OutdatedRequest Recorded Replayed Session SessionRequest "
    "SourcesReport SourcesRequest Suite Surroundings SyncRequest Synced Tree TreeRequest "
    "ValidateRequest Validated Verified VerifyRequest Why WhyRequest add check check_closed "
    "check_fresh check_satisfied content_hashes diff diff_locks diff_resolutions drawing_text "
    "edited_files explain export export_azureml export_file format_conda_lock graph hash init_suite "
    "install lock lock_several merge open_session outdated preferred_pins read_conda_lock read_text "
    "record remove replay request_hashes request_of_lock resolutions_of_lock run_fleet "
    "surroundings_here sync tree validate verify verify_sources why write_conda_lock write_text"
)


def test_the_names_are_these() -> None:
    assert lockfiles.__all__ == PUBLIC.split() == sorted(_HOMES)
    assert dir(lockfiles) == lockfiles.__all__


def test_every_name_is_there_and_has_a_docstring() -> None:
    for name in lockfiles.__all__:
        value = getattr(lockfiles, name)
        assert value.__doc__, name
        assert value.__module__ == f"lockfiles.{_HOMES[name]}", name


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(lockfiles, "solve")


def test_the_import_loads_nothing() -> None:
    script = (
        "import sys, lockfiles\nprint([m for m in sys.modules if m.startswith(('lockfiles.', 'resolver'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=240
    )
    assert done.stdout == "[]\n"


def test_the_library_does_not_print() -> None:
    """Prints and exits belong to the command alone."""
    import ast

    for path, tree in trees().items():
        if path.parts[0] != "lockfiles" or "cli" in path.parts:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("print", "exit", "quit", "input"), f"{path}:{node.lineno}"
