"""Fixtures shared by all tests."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from scripts.make_sample import ensure_sample
from tests.support.secret_scan import leaks_in

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


#: How fast a machine is decides no test: a busy one takes seconds over what takes a hundredth of one alone.
settings.register_profile(
    "any machine", parent=settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


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


@pytest.fixture(autouse=True)
def _no_secret_is_written(request: pytest.FixtureRequest) -> Iterator[None]:
    """Look through what each test's runs of the command left behind for the secrets that they were given."""
    folder: Path | None = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    yield
    if folder is not None:
        assert leaks_in(folder) == []


@pytest.fixture(autouse=True)
def _no_log_goes_on() -> Iterator[None]:
    """Undo what ``-v`` does to the loggers: its handler writes to a stream that ends with the test."""
    loggers = [logging.getLogger(name) for name in ("resolver", "lockfiles")]
    kept = [(logger, logger.level, logger.handlers[:], logger.propagate) for logger in loggers]
    yield
    for logger, level, handlers, propagate in kept:
        logger.handlers[:], logger.propagate = handlers, propagate
        if logger.level != level:
            logger.setLevel(level)


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
