"""The command inside this process, blind to the machine's settings: for tests that lock hundreds of times."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from lockfiles.cli.main import main
from tests.support.secret_scan import VARIABLES as PLANTED_VARIABLES


@contextmanager
def clean_variables(home: Path, more: Mapping[str, str]) -> Iterator[None]:
    """Let the command see a home folder of its own, and no variables but ``more``."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name not in ("PATH", "TMPDIR", "PYTEST_CURRENT_TEST"):
                patch.delenv(name)
        given = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "PIP_CONFIG_FILE": os.devnull}
        for name, value in (given | PLANTED_VARIABLES | dict(more)).items():
            patch.setenv(name, value)
        yield


def run(*arguments: str | Path, folder: Path, **variables: str) -> int:
    """Run ``lock`` in this process with ``folder`` as home and current folder; return the exit code."""
    with clean_variables(folder, variables), pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        kept = [(one, one.level, list(one.handlers), one.propagate) for one in _loggers()]
        try:
            return main([str(argument) for argument in arguments])
        finally:
            for logger, level, handlers, propagate in kept:
                logger.setLevel(level)
                logger.handlers[:], logger.propagate = handlers, propagate


def _loggers() -> list[logging.Logger]:
    return [logging.getLogger(name) for name in (None, "resolver", "lockfiles", "httpx", "httpcore")]
