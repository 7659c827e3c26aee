"""The line that activates an environment in a shell."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

from lockfiles.environments.marks import environment_variables


def activation_line(prefix: Path, environ: Mapping[str, str]) -> str:
    """Return one line for a POSIX shell: by conda or mamba where they are, else by itself."""
    place = shlex.quote(str(prefix))
    if not (prefix / "conda-meta").is_dir():
        return f". {shlex.quote(str(prefix / 'bin' / 'activate'))}"
    path = environ.get("PATH", "")
    if environ.get("CONDA_EXE") or shutil.which("conda", path=path):
        return f"conda activate {place}"
    for name in ("mamba", "micromamba"):
        if Path(environ.get("MAMBA_EXE", "")).name == name or shutil.which(name, path=path):
            return f"{name} activate {place}"
    folder = shlex.quote(str(prefix / "bin"))
    assignments = [f"CONDA_PREFIX={place}", f'PATH={folder}:"$PATH"']
    assignments += [f"{name}={shlex.quote(value)}" for name, value in environment_variables(prefix).items()]
    line = f"export {' '.join(assignments)}"
    if (prefix / "etc" / "conda" / "activate.d").is_dir():
        scripts = shlex.quote(str(prefix / "etc" / "conda" / "activate.d"))
        line += f'; for script in {scripts}/*.sh; do . "$script"; done'
    return line
