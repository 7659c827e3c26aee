"""Pages and metadata that earlier runs over the same files know of: read again only where that is needed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from resolver.errors import PageMovedError
from resolver.metadata.page_rows import LazyPage
from resolver.model.builds import BuildRules
from resolver.model.indexes import Index
from resolver.model.names import PypiName, pypi_name
from resolver.model.records import CoreMetadata, DistFile
from resolver.sources.cache.folder import Cache
from resolver.sources.cache.pack import Pack
from resolver.sources.http.fetching import Fetcher, HttpSettings
from resolver.sources.http.retry import RetryPolicy
from resolver.sources.pypi.indexes import IndexSet
from resolver.sources.pypi.listed_files import ListedFiles
from resolver.sources.pypi.sdist_metadata import SdistReader
from tests.support.packages import index_files, make_sdist, make_wheel, metadata_text
from tests.support.server import LoopbackServer

FOO, ABSENT = pypi_name("foo"), pypi_name("absent")
ONE = {"foo-1.0-py3-none-any.whl": make_wheel("foo", "1.0", ["six"])}
TWO = {**ONE, "foo-2.0-py3-none-any.whl": make_wheel("foo", "2.0")}
PAGES = "project-page-8"


class Runs:
    """One folder and one server, and what each run over the same files sees."""

    def __init__(self, server: LoopbackServer, folder: Path) -> None:
        self.server, self.cache = server, Cache(folder)
        self.url = f"{server.url}/simple/foo/"
        self.open: list[Fetcher] = []

    def index(self, *, offline: bool = True) -> tuple[IndexSet, Pack]:
        """Begin a run."""
        pack = Pack(self.cache, "environment.yml", ("1",))
        fetcher = Fetcher(HttpSettings(retry=RetryPolicy(attempts=1), offline=offline))
        self.open.append(fetcher)
        index = Index(name="main", url=f"{self.server.url}/simple")
        return IndexSet([index], fetcher=fetcher, cache=self.cache, pack=lambda: pack), pack

    def publish(self, wheels: dict[str, bytes]) -> None:
        """Put other files on the page, and have it renewed."""
        self.server.files = index_files({"foo": wheels})
        indexes, pack = self.index(offline=False)
        page(indexes)
        pack.save()

    def know(self) -> None:
        """Run once over what the cache has."""
        indexes, pack = self.index()
        page(indexes)
        pack.save()

    @property
    def entry(self) -> Path:
        place = self.cache.path(PAGES, self.url)
        assert place is not None
        return place


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    with LoopbackServer(index_files({"foo": ONE})) as server:
        server.extra_headers = {"/": {"Cache-Control": "max-age=0"}}
        made = Runs(server, tmp_path)
        made.publish(ONE)
        yield made
        for fetcher in made.open:
            fetcher.close()


def page(indexes: IndexSet, name: PypiName = FOO) -> LazyPage:
    found = indexes.project(name)
    assert isinstance(found, LazyPage)
    return found


def is_read(found: LazyPage) -> bool:
    return found._rows is not None


def versions(found: LazyPage) -> list[str]:
    return list(found.rows.versions)


def test_a_page_that_is_known_is_read_once_more_is_asked(runs: Runs) -> None:
    indexes, _ = runs.index()
    first = page(indexes)
    assert is_read(first)
    runs.know()
    indexes, _ = runs.index()
    found = page(indexes)
    assert (found.name, found.index, found.facts) == (FOO, "main", first.facts)
    assert found.status.is_active
    assert not found.has_faults
    assert not found.has_yanked({"1"})
    assert indexes.states([FOO]) == {FOO: (first.state,)}
    assert not is_read(found)
    assert versions(found) == ["1.0"]
    assert [file.version for file in found.files] == ["1.0"]


def test_a_page_that_changed_is_read(runs: Runs) -> None:
    runs.know()
    runs.publish(TWO)
    indexes, _ = runs.index()
    found = page(indexes)
    assert is_read(found)
    assert versions(found) == ["2.0", "1.0"]


def test_a_page_that_was_vouched_for_anew_is_known_by_its_state(runs: Runs) -> None:
    runs.know()
    runs.publish(ONE)  # a 304, or the same page once more: the entry is another, the state the same
    indexes, _ = runs.index()
    found = page(indexes)
    assert not is_read(found)
    assert versions(found) == ["1.0"]


def test_a_page_is_asked_for_once_it_is_stale(runs: Runs) -> None:
    runs.know()
    before = len(runs.server.seen)
    indexes, _ = runs.index(offline=False)
    page(indexes)
    assert len(runs.server.seen) > before


def test_a_project_that_the_index_lacks_is_known(runs: Runs) -> None:
    indexes, _ = runs.index(offline=False)
    assert indexes.project(ABSENT) is None
    for _ in range(2):
        indexes, pack = runs.index()
        assert indexes.project(ABSENT) is None
        assert indexes.states([ABSENT]) == {ABSENT: (b"",)}
        pack.save()


def test_what_follows_from_two_states_is_refused(runs: Runs) -> None:
    """Another process replaces the page between two looks; the search begins anew over what is there."""
    runs.know()
    indexes, pack = runs.index()
    found = page(indexes)
    runs.publish(TWO)
    with pytest.raises(PageMovedError):
        versions(found)
    indexes.forget_pages()
    assert versions(page(indexes)) == ["2.0", "1.0"]
    pack.save()


def test_metadata_is_in_the_pack(runs: Runs) -> None:
    indexes, pack = runs.index(offline=False)
    wheel = file(indexes)
    said = indexes.metadata(wheel)
    assert isinstance(said, CoreMetadata)
    pack.save()
    for entry in runs.entry.parents[2].glob("wheel-metadata-1/*/*"):
        entry.unlink()
    indexes, _ = runs.index()
    assert indexes.metadata(file(indexes)) == said


def test_metadata_of_another_file_isn_t_in_the_pack(runs: Runs) -> None:
    """A wheel that was replaced under its name has another hash."""
    indexes, pack = runs.index(offline=False)
    indexes.metadata(file(indexes))
    pack.save()
    runs.publish({"foo-1.0-py3-none-any.whl": make_wheel("foo", "1.0", ["seven"])})
    indexes, _ = runs.index(offline=False)
    said = indexes.metadata(file(indexes))
    assert isinstance(said, CoreMetadata)
    assert said.requires_dist == ("seven",)


def file(indexes: IndexSet) -> DistFile:
    return page(indexes).files[0]


def test_an_sdist_that_was_read_needs_no_reader(runs: Runs) -> None:
    """But where its metadata comes from a build, and none is allowed now, or the user says more of builds."""
    archive = make_sdist(
        "foo", "1.0", {"PKG-INFO": metadata_text("foo", "1.0", ["six"], metadata_version="2.2")}
    )
    file = DistFile(
        file_name="foo-1.0.tar.gz", version="1.0", is_wheel=False, url=f"{runs.server.url}/foo-1.0.tar.gz",
        hashes={"sha256": hashlib.sha256(archive).hexdigest()},
    )  # fmt: skip
    runs.server.files["foo-1.0.tar.gz"] = archive
    made = []

    def read(*, builds: bool, rules: BuildRules | None = None, name: str = file.file_name) -> None:
        pack, fetcher = Pack(runs.cache, "environment.yml", ("1",)), Fetcher(HttpSettings())
        runs.open.append(fetcher)

        def reader() -> SdistReader:
            made.append((builds, rules, name))
            return SdistReader(fetcher, runs.cache, allow_build=False)

        files = ListedFiles(fetcher, runs.cache, reader, rules, lambda: pack, builds=builds)
        said = files.metadata(msgspec.structs.replace(file, file_name=name))
        assert not isinstance(said, CoreMetadata) or said.requires_dist == ("six",)
        pack.save()

    more = BuildRules(extra={"foo": ("numpy",)})
    for _ in range(2):
        read(builds=False)
        read(builds=True)
        read(builds=True, rules=more)
        read(builds=True, name="bar-1.0.tar.gz")
    plain, building, other = ((False, None, file.file_name), (True, None, file.file_name), "bar-1.0.tar.gz")
    assert [made.count(plain), made.count(building)] == [1, 1]
    assert made.count((True, more, file.file_name)) == 2
    assert (True, None, other) in made
