"""The product's modules as syntax trees, for tests of how it is written."""

from __future__ import annotations

import ast
import functools
import gc
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.amount import IS_FEW

ROOT = Path(__file__).resolve().parents[2]
#: For tests of nothing but how modules are written.
once = pytest.mark.skipif(IS_FEW, reason="how modules are written is the same under any Python")


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


def dotted(node: ast.AST) -> str:
    """Return ``a.b.c`` of names and attributes; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""
