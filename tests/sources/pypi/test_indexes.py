"""Several indexes as one."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from resolver.errors import AuthenticationError, OfflineError, SourceError
from resolver.model.indexes import FormatRules, Index, IndexStrategy
from resolver.model.names import PypiName, pypi_name
from resolver.model.records import CoreMetadata
from resolver.sources.cache.folder import Cache
from resolver.sources.http.fetching import Fetcher, HttpSettings
from resolver.sources.http.retry import RetryPolicy
from resolver.sources.pypi.indexes import IndexSet
from resolver.sources.pypi.project_pages import PagePolicy
from tests.support.packages import index_files, make_page, make_sdist, make_wheel
from tests.support.server import LoopbackServer
from tests.support.tables import table

FOO = pypi_name("foo")
QUICK = RetryPolicy(attempts=1)
OLD = {"foo-1.0-py3-none-any.whl": make_wheel("foo", "1.0", ["six"])}
NEW = {"foo-9.0-py3-none-any.whl": make_wheel("foo", "9.0", ["evil"])}


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher(HttpSettings(retry=QUICK)) as made:
        yield made


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    files = {**index_files({"foo": OLD}, "private"), **index_files({"foo": NEW, "bar": NEW}, "public")}
    with LoopbackServer(files) as made:
        yield made


def both(server: LoopbackServer) -> tuple[Index, ...]:
    private = Index(name="private", url=f"{server.url}/private/")
    public = Index(name="public", url=f"{server.url}/public")
    return (private, public)


def index_set(
    indexes: tuple[Index, ...], fetcher: Fetcher, cache: Path | None = None, **options: Any
) -> IndexSet:
    return IndexSet(indexes, fetcher=fetcher, cache=Cache(cache), **options)


def versions(indexes: IndexSet, name: PypiName = FOO) -> list[str] | None:
    page = indexes.project(name)
    return None if page is None else [file.version for file in page.files]


def test_private_project_is_never_shadowed_by_a_newer_public_one(
    server: LoopbackServer, fetcher: Fetcher
) -> None:
    indexes = index_set(both(server), fetcher)
    page = indexes.project(FOO)
    assert page is not None
    assert (page.index, [file.version for file in page.files]) == ("private", ["1.0"])
    assert indexes.index_of(page.files[0]) == "private"
    assert server.count("/public") == 0


def test_best_match_takes_files_of_all_indexes(server: LoopbackServer, fetcher: Fetcher) -> None:
    indexes = index_set(both(server), fetcher, strategy=IndexStrategy.UNSAFE_BEST_MATCH)
    page = indexes.project(FOO)
    assert page is not None
    assert [file.version for file in page.files] == ["9.0", "1.0"]
    assert [indexes.index_of(file) for file in page.files] == ["public", "private"]


def test_project_of_a_later_index_only(server: LoopbackServer, fetcher: Fetcher) -> None:
    page = index_set(both(server), fetcher).project(pypi_name("bar"))
    assert page is not None
    assert page.index == "public"


def test_unknown_project_is_none(server: LoopbackServer, fetcher: Fetcher) -> None:
    assert index_set(both(server), fetcher).project(pypi_name("no-such")) is None


def test_no_index_at_all(fetcher: Fetcher) -> None:
    assert index_set((), fetcher).project(FOO) is None


PER_PACKAGE = [
    ("by name", "public"),
    ("by address", "{url}/public/"),
    ("by an address that is no configured index", "{url}/public/./"),
]


@table("index", PER_PACKAGE)
def test_index_of_one_package(index: str, server: LoopbackServer, fetcher: Fetcher) -> None:
    wanted = {FOO: index.format(url=server.url)}
    assert versions(index_set(both(server), fetcher, per_package=wanted)) == ["9.0"]


def test_package_that_names_an_index_is_not_sought_elsewhere(
    server: LoopbackServer, fetcher: Fetcher
) -> None:
    indexes = index_set(both(server), fetcher, per_package={pypi_name("bar"): "private"})
    assert indexes.project(pypi_name("bar")) is None


def test_package_that_names_an_unknown_index_is_refused(server: LoopbackServer, fetcher: Fetcher) -> None:
    indexes = index_set(both(server), fetcher, per_package={FOO: "privat"})
    with pytest.raises(SourceError) as error:
        indexes.project(FOO)
    assert error.value.hint == "Configured: `private`, `public`."


def test_explicit_index_serves_only_those_who_name_it(server: LoopbackServer, fetcher: Fetcher) -> None:
    special = Index(name="special", url=f"{server.url}/private", is_explicit=True)
    public = Index(name="public", url=f"{server.url}/public")
    assert versions(index_set((special, public), fetcher)) == ["9.0"]
    assert versions(index_set((special, public), fetcher, per_package={FOO: "special"})) == ["1.0"]


def test_json_is_asked_for_and_read(fetcher: Fetcher) -> None:
    (name, data) = next(iter(OLD.items()))
    page = {"meta": {"api-version": "1.1"}, "name": "foo", "files": [
        {"filename": name, "url": f"../../files/{name}", "upload-time": "2024-02-03T04:05:06Z",
         "hashes": {"sha256": hashlib.sha256(data).hexdigest()}}]}  # fmt: skip
    with LoopbackServer(
        {"simple/foo/index.html": json.dumps(page).encode(), f"files/{name}": data}
    ) as server:
        server.extra_headers["/simple"] = {"Content-Type": "application/vnd.pypi.simple.v1+json"}
        indexes = index_set((Index(name="json", url=f"{server.url}/simple"),), fetcher)
        found = indexes.project(FOO)
        assert found is not None
        assert found.has_dates
        assert indexes.metadata(found.files[0]) == CoreMetadata(
            name="foo", version="1.0", requires_dist=("six",)
        )
        assert server.seen[0].headers["accept"].startswith("application/vnd.pypi.simple.v1+json")


# ---------------------------------------------------------------- files


def write_index(folder: Path) -> None:
    for path, data in index_files({"foo": OLD}, "simple").items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def write_flat(folder: Path, files: dict[str, bytes] | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in (files or OLD).items():
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize("as_address", [False, True], ids=["path", "file address"])
def test_index_in_a_folder(as_address: bool, fetcher: Fetcher, tmp_path: Path) -> None:
    write_index(tmp_path)
    root = tmp_path / "simple"
    indexes = index_set((Index(name="here", url=root.as_uri() if as_address else str(root)),), fetcher)
    page = indexes.project(FOO)
    assert page is not None
    file = page.files[0]
    assert file.url == (root / "foo" / "foo-1.0-py3-none-any.whl").as_uri()
    assert indexes.metadata(file) == CoreMetadata(name="foo", version="1.0", requires_dist=("six",))
    assert indexes.project(pypi_name("bar")) is None


def test_index_in_a_relative_folder(
    fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_index(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert versions(index_set((Index(name="here", url="./simple"),), fetcher)) == ["1.0"]


def test_folder_of_project_folders_without_pages(fetcher: Fetcher, tmp_path: Path) -> None:
    write_flat(tmp_path / "foo")
    assert versions(index_set((Index(name="here", url=str(tmp_path)),), fetcher)) == ["1.0"]


def test_flat_folder_as_an_index(fetcher: Fetcher, tmp_path: Path) -> None:
    write_flat(tmp_path, {**OLD, "other-1.tar.gz": b"", "readme.txt": b""})
    indexes = index_set((Index(name="here", url=str(tmp_path)),), fetcher)
    assert versions(indexes) == ["1.0"]
    assert versions(indexes, pypi_name("bar")) is None


def test_missing_folder_is_a_fault_of_the_source(fetcher: Fetcher, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no such folder"):
        index_set((Index(name="here", url=str(tmp_path / "nowhere")),), fetcher).project(FOO)


FIND_LINKS = [
    ("folder", "wheels"),
    ("file", "wheels/foo-2.0-py3-none-any.whl"),
    ("page on disk", "wheels/links.html"),
    ("page of a server", "{url}/links.html"),
]


@table("place", FIND_LINKS)
def test_find_links_stand_beside_the_index(
    place: str, server: LoopbackServer, fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"foo-2.0-py3-none-any.whl": make_wheel("foo", "2.0")}
    write_flat(tmp_path / "wheels", files)
    (tmp_path / "wheels" / "links.html").write_bytes(make_page(files))
    server.files["links.html"] = make_page({**files, "bar-1.0.tar.gz": b""})
    monkeypatch.chdir(tmp_path)
    indexes = index_set(both(server), fetcher, find_links=[place.format(url=server.url)])
    assert versions(indexes) == ["2.0", "1.0"]


def test_same_file_in_find_links_and_index_is_taken_from_the_index(
    server: LoopbackServer, fetcher: Fetcher, tmp_path: Path
) -> None:
    page = index_set(both(server), fetcher, find_links=[str(write_flat(tmp_path))]).project(FOO)
    assert page is not None
    assert [file.url for file in page.files] == [f"{server.url}/private/foo/foo-1.0-py3-none-any.whl"]


def test_other_content_of_one_name_is_taken_from_find_links(
    server: LoopbackServer, fetcher: Fetcher, tmp_path: Path
) -> None:
    patched = make_wheel("foo", "1.0", ["patched"])
    write_flat(tmp_path, {"foo-1.0-py3-none-any.whl": patched})
    indexes = index_set(both(server), fetcher, find_links=[str(tmp_path)])
    page = indexes.project(FOO)
    assert page is not None
    assert [indexes.index_of(file) for file in page.files] == [str(tmp_path)]
    assert indexes.with_hash(page.files[0]).hashes == {"sha256": hashlib.sha256(patched).hexdigest()}


def test_hash_is_computed_where_the_index_gives_none(fetcher: Fetcher) -> None:
    (name, data) = next(iter(OLD.items()))
    files = {f"simple/foo/{name}": data, "simple/foo/index.html": make_page(OLD, hashes=False)}
    with LoopbackServer(files) as server:
        indexes = index_set((Index(name="plain", url=f"{server.url}/simple"),), fetcher)
        page = indexes.project(FOO)
        assert page is not None
        found = indexes.with_hash(page.files[0])
        assert (found.hashes, found.size) == ({"sha256": hashlib.sha256(data).hexdigest()}, len(data))


# ---------------------------------------------------------------- cache


def test_page_is_fresh_for_ten_minutes_where_the_server_says_nothing(
    server: LoopbackServer, fetcher: Fetcher, tmp_path: Path
) -> None:
    for _ in range(2):
        assert versions(index_set(both(server), fetcher, tmp_path)) == ["1.0"]
    assert server.paths == ["/private/foo/"]


def test_refresh_asks_whether_the_page_still_holds(
    server: LoopbackServer, fetcher: Fetcher, tmp_path: Path
) -> None:
    index_set(both(server), fetcher, tmp_path).project(FOO)
    again = index_set(both(server), fetcher, tmp_path, policy=PagePolicy(refresh=True))
    assert versions(again) == ["1.0"]
    assert [seen.status for seen in server.seen] == [200, 304]


def test_name_of_the_index_is_the_one_of_this_run(
    server: LoopbackServer, fetcher: Fetcher, tmp_path: Path
) -> None:
    index_set((Index(name="one", url=f"{server.url}/private"),), fetcher, tmp_path).project(FOO)
    page = index_set((Index(name="two", url=f"{server.url}/private"),), fetcher, tmp_path).project(FOO)
    assert page is not None
    assert page.index == "two"


def test_offline_answers_from_the_cache_and_says_what_is_missing(
    server: LoopbackServer, fetcher: Fetcher, tmp_path: Path
) -> None:
    index_set(both(server), fetcher, tmp_path).project(FOO)
    with Fetcher(HttpSettings(offline=True)) as offline:
        indexes = index_set(both(server), offline, tmp_path)
        assert versions(indexes) == ["1.0"]
        with pytest.raises(OfflineError):
            indexes.project(pypi_name("bar"))


def test_page_of_another_version_of_this_program_is_read_anew(
    server: LoopbackServer, fetcher: Fetcher, tmp_path: Path
) -> None:
    cache = Cache(tmp_path)
    index_set(both(server), fetcher, tmp_path).project(FOO)
    place = "project-page-8", f"{server.url}/private/foo/"
    found = cache.read_parts(*place)
    assert found is not None
    entry, files = found
    cache.write_parts(*place, type(entry)(payload=b"\x91\x01", stored=entry.stored), bytes(files))
    assert versions(index_set(both(server), fetcher, tmp_path)) == ["1.0"]


# ---------------------------------------------------------------- background


def test_each_project_and_file_is_read_once(server: LoopbackServer, fetcher: Fetcher) -> None:
    indexes = index_set(both(server), fetcher)
    indexes.prefetch_projects([FOO, pypi_name("bar"), FOO])
    page = indexes.project(FOO)
    assert page is not None
    indexes.prefetch_metadata(page.files)
    assert indexes.metadata(page.files[0]) == indexes.metadata(page.files[0])
    assert server.count("/private/foo/") == 2  # page and wheel


def test_fault_of_a_prefetch_is_met_by_who_asks(server: LoopbackServer, fetcher: Fetcher) -> None:
    server.fail("/private", status=500)
    indexes = index_set(both(server), fetcher)
    indexes.prefetch_projects([FOO])
    with pytest.raises(SourceError, match="the server answers 500"):
        indexes.project(FOO)


def test_sdists_are_not_prefetched(fetcher: Fetcher) -> None:
    sdist = make_sdist("foo", "1.0", {"PKG-INFO": "Metadata-Version: 2.2\nName: foo\nVersion: 1.0\n"})
    with LoopbackServer(index_files({"foo": {"foo-1.0.tar.gz": sdist}})) as server:
        indexes = index_set((Index(name="i", url=f"{server.url}/simple"),), fetcher)
        page = indexes.project(FOO)
        assert page is not None
        indexes.prefetch_metadata(page.files)
        assert server.count("/simple/foo/foo-") == 0
        assert indexes.metadata(page.files[0]) == CoreMetadata(name="foo", version="1.0")


def test_formats_are_limited(server: LoopbackServer, fetcher: Fetcher) -> None:
    indexes = index_set(both(server), fetcher, formats=FormatRules(no_binary=frozenset({"foo"})))
    page = indexes.project(FOO)
    assert page is not None
    assert page.files == ()
    assert [skipped.reason for skipped in page.skipped] == ["wheels are excluded by `--no-binary`"]


# ---------------------------------------------------------------- credentials


def test_credentials_of_an_address_are_used_and_never_shown(
    server: LoopbackServer, fetcher: Fetcher, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.require_basic("user", "correct-horse")
    address = f"{server.with_user('user', 'correct-horse')}/private"
    indexes = index_set((Index(name=address, url=address),), fetcher, tmp_path)
    page = indexes.project(FOO)
    assert page is not None
    assert indexes.metadata(page.files[0]) == CoreMetadata(name="foo", version="1.0", requires_dist=("six",))
    shown = repr(page) + caplog.text
    kept = b"".join(path.read_bytes() + str(path).encode() for path in tmp_path.rglob("*") if path.is_file())
    assert "correct-horse" not in shown
    assert b"correct-horse" not in kept


def test_refused_credentials_are_an_error_not_an_absence(server: LoopbackServer, fetcher: Fetcher) -> None:
    server.require_basic("user", "correct-horse", "/private")
    with pytest.raises(AuthenticationError):
        index_set(both(server), fetcher).project(FOO)
