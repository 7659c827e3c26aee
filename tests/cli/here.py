"""The command in this process, with streams of its own: for tables of runs, none of which is about a process.

Starting Python and importing takes five times as long as most of these runs. What a caller sees of a process
(exit codes of signals, closed streams, what is imported) is looked at with :mod:`tests.cli.process`.
"""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path

import pytest

from tests.cli.process import Done
from tests.end_to_end.inside import run


def lock(*arguments: str | Path, folder: Path, stdin: str = "", **variables: str) -> Done:
    """Run ``lock`` in ``folder``, which is also the home folder, as :func:`tests.cli.process.lock` does."""
    given = {"XDG_CACHE_HOME": str(folder / "cache"), **variables}
    out, err = _stream(), _stream()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.setattr(sys, "stdin", _stream(stdin))
        code = run(*arguments, folder=folder, **given)
    return Done(code=code, out=_text(out), err=_text(err))


def _stream(text: str = "") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()
