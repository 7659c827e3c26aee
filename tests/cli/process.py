"""The command as people run it: a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.secret_scan import VARIABLES as PLANTED_VARIABLES

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLE = ROOT / "examples" / "sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a process ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def environ(home: Path, **more: str) -> dict[str, str]:
    """Return variables that no one's settings are in."""
    names = ("PATH", "SYSTEMROOT", "TMPDIR", "LANG", "COVERAGE_PROCESS_CONFIG")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error",
        "PIP_CONFIG_FILE": os.devnull,
        **PLANTED_VARIABLES,
        **more,
    }


def lock(
    *arguments: str | Path,
    folder: Path,
    stdin: str = "",
    before: Callable[[], object] | None = None,
    **variables: str,
) -> Done:
    """Run ``lock`` in ``folder``, which is also the home folder; ``before``: done in the child first."""
    done = subprocess.run(
        [sys.executable, "-m", "lockfiles.cli", *map(str, arguments)],
        cwd=folder,
        env=environ(folder, **variables),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=before,
    )
    return Done(code=done.returncode, out=done.stdout, err=done.stderr)


def make_project(folder: Path, example: str = "fraud-train") -> Path:
    """Copy an example with its settings into ``folder``; the sample stays where it is."""
    source = ROOT / "examples" / example
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(source / "environment.yml", folder)
    settings = (source / "lockstack.toml").read_text()
    (folder / "lockstack.toml").write_text(settings.replace("../sample", SAMPLE.as_posix()))
    return folder / "environment.yml"
