"""Programs that are run for an install: with few variables, and holding its folder as long as they run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

#: Variables that programs need and that hold no secret and no setting of an installer.
_PASSED = frozenset({
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP", "SHELL",
    "XDG_CACHE_HOME", "UV_CACHE_DIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    "CC", "CXX", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "CPATH", "LIBRARY_PATH", "LD_LIBRARY_PATH",
    "CUDA_HOME", "SOURCE_DATE_EPOCH", "MACOSX_DEPLOYMENT_TARGET", "SDKROOT", "RAYON_NUM_THREADS",
    "LOCKSTACK_SAMPLE_PYTHON",
})  # fmt: skip
#: Characters of an output's end that are kept.
_KEPT = 20_000


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """The folder that is worked in, the descriptor that holds it, and the variables of the run."""

    work: Path
    handle: int
    environ: Mapping[str, str]


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """How a program ended."""

    code: int
    output: str  #: the end of what it wrote, both streams

    @property
    def last_line(self) -> str:
        """The last line that says something."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        return lines[-1] if lines else "it says nothing"


def run(command: Sequence[str], holding: Holding, **variables: str) -> Finished:
    """Run a program to its end; it is ended where this process is interrupted.

    It inherits the descriptor of the work folder: where this process is killed, no other install
    begins there before the program is done. Raises OSError where it can't be started.
    """
    environ = {name: value for name, value in holding.environ.items() if name in _PASSED}
    environ |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1", **variables}
    output = holding.work / "output.log"
    with output.open("wb") as sink:
        process = subprocess.Popen(  # noqa: S603 - named by who calls, never by what was read
            list(command),
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            pass_fds=(holding.handle,),
            cwd=holding.work,
        )
        try:
            code = process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    with output.open("rb") as file:
        file.seek(max(0, output.stat().st_size - _KEPT))
        return Finished(code=code, output=file.read().decode("utf-8", "replace"))


def can_run(program: Path) -> bool:
    """Tell whether a file is there and may be run."""
    return program.is_file() and os.access(program, os.X_OK)
