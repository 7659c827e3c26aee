"""Run as a program of its own: make a source tree's metadata in an isolated environment (PEP 517).

``python build_child.py SOURCE_FOLDER OUTPUT_FOLDER RESULT_FILE WORDS [EXTRA...]``: writes the path of
the ``.dist-info`` folder to RESULT_FILE. WORDS (JSON) stand before each command that runs the backend.
EXTRA are requirements to install besides what the backend
asks for; ``--in-place`` instead: nothing is installed, this interpreter's own packages serve. It
imports nothing of this project, so that it runs from its file alone. Where whoever started it is gone
(killed, say), it ends with all that it runs.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CalledProcessError, check_call

from build import BuildBackendException, BuildException, FailedProcessError, ProjectBuilder
from build.env import DefaultIsolatedEnv


class ToolsError(Exception):
    """What the backend asks for can't be installed."""


def install(environment: DefaultIsolatedEnv, requirements: set[str]) -> None:
    """Install build requirements; raises ToolsError."""
    try:
        environment.install(requirements)
    except (CalledProcessError, FailedProcessError) as error:
        for output in (getattr(error, "stdout", None), getattr(error, "stderr", None)):
            sys.stderr.write(output.decode(errors="replace") if isinstance(output, bytes) else output or "")
        raise ToolsError(str(error)) from error


def make_metadata(source: str, output: str, words: list[str], extra: list[str]) -> str:
    """Install what the backend asks for, call it, and return the folder it wrote."""

    def run(
        cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None
    ) -> None:
        check_call([*words, *cmd], cwd=cwd, env={**os.environ, **(extra_environ or {})})  # noqa: S603

    if extra == ["--in-place"]:
        return str(ProjectBuilder(source, runner=run).metadata_path(output))
    with DefaultIsolatedEnv() as environment:
        builder = ProjectBuilder.from_isolated_env(environment, source, run)
        install(environment, {*builder.build_system_requires, *extra})
        install(environment, builder.get_requires_for_build("wheel"))
        return str(builder.metadata_path(output))


def end_with(parent: int) -> None:
    """Wait until this process belongs to another parent, then end its group."""
    while os.getppid() == parent:
        time.sleep(0.5)
    if hasattr(os, "killpg") and os.getpgid(0) == os.getpid():  # the group is this build's alone
        os.killpg(os.getpid(), signal.SIGKILL)


def main(arguments: list[str]) -> int:
    """Return the exit code: 0 done, 3 the backend failed, 4 what it asks for can't be installed."""
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    source, output, result, words, *extra = arguments
    try:
        Path(result).write_text(make_metadata(source, output, json.loads(words), extra), encoding="utf-8")
    except ToolsError as error:
        sys.stderr.write(f"ToolsError: {error}\n")
        return 4
    except (BuildException, BuildBackendException, FailedProcessError) as error:
        # a backend that can't be imported: what it lacks stands in there alone
        sys.stderr.write(getattr(getattr(error, "exception", None), "traceback", None) or "")
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
