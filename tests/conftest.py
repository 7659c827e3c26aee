"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scripts.make_sample import ensure_sample

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def pytest_configure() -> None:
    """Make the embedded sample where it is absent: modules read it while they are collected."""
    ensure_sample()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real records beside the project; tests that need it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the folder of real records does not stand beside the project")
    return SHARED


@pytest.fixture(scope="session")
def root() -> Path:
    """Folder of the project."""
    return ROOT


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is marked ``shared`` where the folder is absent, with or without the fixture.

    Under LOCKSTACK_ALL some tests take as long as they take: the limit on each is lifted.
    """
    if os.environ.get("LOCKSTACK_ALL"):
        for item in items:
            item.add_marker(pytest.mark.timeout(0))
    if SHARED.is_dir():
        return
    absent = pytest.mark.skip(reason="the folder of real records does not stand beside the project")
    for item in items:
        if item.get_closest_marker("shared"):
            item.add_marker(absent)
