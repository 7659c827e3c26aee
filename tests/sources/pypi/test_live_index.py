"""The configured default index, as it is today."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.version import Version
from pypi_simple import PYPI_SIMPLE_ENDPOINT

from resolver.errors import SourceError
from resolver.metadata.wheel_tags import WheelTags, wheel_tag_text
from resolver.model.indexes import Index
from resolver.model.names import pypi_name
from resolver.model.records import CoreMetadata
from resolver.model.target import Target, VirtualPackage
from resolver.sources.cache.folder import Cache
from resolver.sources.http.fetching import Fetcher, HttpSettings
from resolver.sources.http.retry import RetryPolicy
from resolver.sources.pypi.indexes import IndexSet

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexSet]:
    settings = HttpSettings(retry=RetryPolicy(attempts=2), connect_timeout=5.0)
    url = os.environ.get("LOCK_TEST_INDEX", PYPI_SIMPLE_ENDPOINT)
    cache: Path = tmp_path_factory.mktemp("cache")
    with Fetcher(settings, environ=os.environ) as fetcher:
        made = IndexSet([Index(name="default", url=url)], fetcher=fetcher, cache=Cache(cache))
        try:
            made.project(pypi_name("six"))
        except SourceError as error:
            pytest.skip(f"the index can't be reached: {error}")
        yield made


def test_page_with_thousands_of_files(indexes: IndexSet) -> None:
    page = indexes.project(pypi_name("numpy"))
    assert page is not None
    assert len(page.files) > 4_000
    versions = [Version(file.version) for file in page.files]
    assert versions == sorted(versions, reverse=True)
    assert all("sha256" in file.hashes for file in page.files)


def test_metadata_of_wheels_of_every_shape(indexes: IndexSet) -> None:
    glibc = VirtualPackage(name="__glibc", version="2.28")
    tags = WheelTags(Target(subdir="linux-64", virtual_packages=(glibc,)))
    chosen = []
    for name in ("six", "numpy", "pandas", "streamlit", "requests"):
        page = indexes.project(pypi_name(name))
        assert page is not None
        fitting = (
            file
            for file in page.files
            if file.is_wheel and tags.fits_platform(wheel_tag_text(file.file_name))
        )
        chosen.append(next(fitting))
    indexes.prefetch_metadata(chosen)
    for file in chosen:
        metadata = indexes.metadata(file)
        assert isinstance(metadata, CoreMetadata)
        assert metadata.version == file.version


def test_unknown_project(indexes: IndexSet) -> None:
    assert indexes.project(pypi_name("lockstack-surely-there-is-no-such-project")) is None
