"""Fixtures shared by all tests."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from scripts.make_sample import ensure_sample
from tests.support.amount import IS_WHOLE, examples
from tests.support.secret_scan import leaks_in

if TYPE_CHECKING:
    from resolver.sources.cache.tables import KeptTable
    from resolver.sources.http.fetching import Fetcher

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


#: How fast a machine is decides no test: a busy one takes seconds over what takes a hundredth of one alone.
settings.register_profile(
    "any machine", parent=settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow],
    max_examples=examples(100),
)  # fmt: skip
settings.load_profile("any machine")


def pytest_configure() -> None:
    """Make the embedded sample where it is absent: modules read it while they are collected.

    That makes a million values and no garbage, so none is searched for.
    """
    ensure_sample()
    gc.disable()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real records beside the project; tests that need it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the folder of real records does not stand beside the project")
    return SHARED


@pytest.fixture
def shared_tables(
    shared: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep the tables of the real records for all tests that ask for this: making one takes a second."""
    from resolver.sources.cache.folder import Cache
    from resolver.sources.conda import local

    kept, make = Cache(tmp_path_factory.getbasetemp() / "shared-tables"), local._table

    def table(
        path: Path, form: str, source: str, cache: Cache, fetcher: Fetcher, *, alone: bool
    ) -> KeptTable:
        where = kept if path.is_relative_to(shared) else cache
        return make(path, form, source, where, fetcher, alone=alone)

    monkeypatch.setattr(local, "_table", table)


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


def pytest_collection_finish() -> None:
    """Keep the million values of ten thousand tests out of every search for garbage, and search less often.

    Without this it takes more than half of a test's time; the command itself searches for none.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is marked ``shared`` where the folder is absent, with or without the fixture.

    Under LOCKSTACK_ALL some tests take as long as they take: the limit on each is lifted.
    """
    if IS_WHOLE:
        for item in items:
            item.add_marker(pytest.mark.timeout(0))
    if SHARED.is_dir():
        return
    absent = pytest.mark.skip(reason="the folder of real records does not stand beside the project")
    for item in items:
        if item.get_closest_marker("shared"):
            item.add_marker(absent)
