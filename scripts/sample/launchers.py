"""Programs of the sample that do run: ``python`` and ``pip``, by way of a Python of the machine's own.

An environment made of the sample is thereby one that installers take for real. The launcher
asks for the machine's Python of its own minor version, and makes the environment a virtual one of
that (PEP 405) when it is first run.
"""

from __future__ import annotations

_LAUNCHER = r"""#!/bin/sh
# Stand-in for python @VERSION@: a Python of this machine, with this environment as its prefix (PEP 405).
# LOCKSTACK_SAMPLE_PYTHON names one; else the first python@MINOR@, then python3, on PATH is taken.
prefix=$(CDPATH= cd -P -- "$(dirname -- "$0")/.." && pwd) || exit 127
real=
if [ -f "$prefix/pyvenv.cfg" ]; then
    real=$(sed -n 's/^executable = //p' "$prefix/pyvenv.cfg")
fi
if [ ! -x "$real" ]; then
    others=
    IFS=:
    for folder in $PATH; do
        [ "$folder" = "$prefix/bin" ] || others="$others${others:+:}$folder"
    done
    unset IFS
    for name in "${LOCKSTACK_SAMPLE_PYTHON:-}" python@MINOR@ python3; do
        [ -n "$name" ] || continue
        real=$(PATH=$others "$name" -I -S -c 'import sys; print(sys._base_executable)' 2>/dev/null) && break
    done
    if [ ! -x "$real" ]; then
        echo "python: the sample's stand-in finds no Python on PATH" >&2
        exit 127
    fi
    made=$prefix/.pyvenv.$$
    {
        echo "home = $(dirname -- "$real")"
        echo 'include-system-site-packages = false'
        echo "executable = $real"
    } >"$made"
    mv -f "$made" "$prefix/pyvenv.cfg"
fi
# sh can't give a program another name, and by its name Python finds its prefix
exec "$real" -I -S -c 'import os, sys; os.execv(sys.argv[1], sys.argv[2:])' "$real" "$prefix/bin/python" "$@"
"""

#: ``pip/__main__.py``: what is behind the environment has a pip, which can work on another interpreter.
PIP = b'''"""Stand-in for pip: that of the Python behind this environment, at work on this one."""

import os
import sys

behind = sys._base_executable
os.execv(behind, [behind, "-I", "-m", "pip", "--python", sys.executable, *sys.argv[1:]])
'''


def python_launcher(version: str) -> bytes:
    """Return the program of the package ``python`` of a version."""
    minor = ".".join(version.split(".")[:2])
    return _LAUNCHER.replace("@VERSION@", version).replace("@MINOR@", minor).encode()
