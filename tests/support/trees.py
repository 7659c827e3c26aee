"""The product's modules as syntax trees, for tests of how it is written."""

from __future__ import annotations

import ast
import functools
import gc
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@functools.cache
def trees() -> Mapping[Path, ast.Module]:
    """Return path below the project's folder -> tree of every module of both packages, in the order of names.

    Reading them takes a second: once for all tests of a process. A million nodes stay, which no search for
    garbage has to look at.
    """
    gc.disable()
    try:
        found = {
            path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8"))
            for package in ("resolver", "lockfiles")
            for path in sorted((ROOT / package).rglob("*.py"))
        }
        gc.freeze()
    finally:
        gc.enable()
    return found
