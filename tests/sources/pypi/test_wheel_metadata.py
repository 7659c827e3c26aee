"""METADATA of a wheel from servers of every kind."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from resolver.errors import AuthenticationError, OfflineError, SourceError
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.unusable import Unusable
from resolver.sources.cache.folder import Cache
from resolver.sources.cache.pack import Pack
from resolver.sources.http.fetching import Fetcher, HttpSettings
from resolver.sources.http.retry import RetryPolicy
from resolver.sources.pypi import kept_wheels
from resolver.sources.pypi.wheel_metadata import WheelReader
from tests.support.packages import make_wheel, metadata_text
from tests.support.server import LoopbackServer, Rule
from tests.support.tables import table

NAME = "foo_bar-1.0-py3-none-any.whl"
EXPECTED = CoreMetadata(name="foo-bar", version="1.0", requires_dist=("six>=1.5",))
SMALL = make_wheel("foo-bar", "1.0", ["six>=1.5"])
LARGE = make_wheel("foo-bar", "1.0", ["six>=1.5"], padding=3_000_000)
FRONT = make_wheel("foo-bar", "1.0", ["six>=1.5"], padding=3_000_000, metadata_first=True)
WIDE = make_wheel("foo-bar", "1.0", ["six>=1.5"], files={f"foo_bar/{i:05}.py": b"" for i in range(1500)})
QUICK = RetryPolicy(attempts=2, first_delay=0.01, longest_delay=0.02)


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher(HttpSettings(retry=QUICK)) as made:
        yield made


def file_on(server: LoopbackServer, data: bytes, **values: Any) -> DistFile:
    server.files[NAME] = data
    defaults: dict[str, Any] = {"hashes": {"sha256": hashlib.sha256(data).hexdigest()}}
    return DistFile(NAME, "1.0", True, f"{server.url}/{NAME}", **{**defaults, **values})


ARCHIVES = [
    ("smaller than the tail", SMALL, 1),
    ("METADATA in the tail", LARGE, 1),
    ("METADATA at the front", FRONT, 2),
    ("directory longer than the tail", WIDE, 3),
]


@table("data, requests", ARCHIVES)
def test_byte_ranges(data: bytes, requests: int, fetcher: Fetcher) -> None:
    with LoopbackServer() as server:
        assert WheelReader(fetcher, Cache(None)).metadata(file_on(server, data)) == EXPECTED
        assert [seen.status for seen in server.seen] == [206] * requests


def test_next_wheel_of_a_project_needs_one_request() -> None:
    with LoopbackServer() as server, Fetcher() as fetcher:
        reader = WheelReader(fetcher, Cache(None))
        reader.metadata(file_on(server, WIDE))
        server.seen.clear()
        assert reader.metadata(file_on(server, WIDE)) == EXPECTED
        assert len(server.seen) == 1


def test_advertised_metadata_file_is_read_alone(fetcher: Fetcher) -> None:
    text = metadata_text("foo-bar", "1.0", ["six>=1.5"]).encode()
    with LoopbackServer({f"{NAME}.metadata": text}) as server:
        hashes = {"sha256": hashlib.sha256(text).hexdigest()}
        file = file_on(server, LARGE, metadata_hashes=hashes)
        assert WheelReader(fetcher, Cache(None)).metadata(file) == EXPECTED
        assert server.paths == [f"/{NAME}.metadata"]


BESIDE = [
    ("is not there", None),
    ("has another hash", metadata_text("foo-bar", "1.0", ["evil"]).encode()),
]


@table("text", BESIDE)
def test_wheel_itself_has_the_word_where_the_advertised_file(text: bytes | None, fetcher: Fetcher) -> None:
    with LoopbackServer({f"{NAME}.metadata": text} if text else {}) as server:
        file = file_on(server, LARGE, metadata_hashes={"sha256": "0" * 64})
        assert WheelReader(fetcher, Cache(None)).metadata(file) == EXPECTED
        assert server.paths == [f"/{NAME}.metadata", f"/{NAME}"]


def refuse(status: int, wanted: Callable[[str], bool]) -> Callable[[Any], bool]:
    def act(handler: Any) -> bool:
        value = handler.headers.get("Range")
        return bool(value and wanted(value) and handler.answer(status, b"", {}))

    return act


def is_suffix(value: str) -> bool:
    return value.startswith("bytes=-")


@pytest.mark.parametrize("status", [403, 416, 501])
def test_server_without_suffix_ranges_is_asked_by_number(status: int, fetcher: Fetcher) -> None:
    with LoopbackServer() as server:
        server.rules.append(Rule(prefix="/", act=refuse(status, is_suffix)))
        reader = WheelReader(fetcher, Cache(None))
        assert reader.metadata(file_on(server, LARGE)) == EXPECTED
        assert [seen.status for seen in server.seen] == [status, 206, 206]
        server.seen.clear()
        assert reader.metadata(file_on(server, LARGE, size=len(LARGE))) == EXPECTED
        assert [seen.status for seen in server.seen] == [206]


@pytest.mark.parametrize("status", [403, 416, 501])
def test_server_that_refuses_ranges_gives_the_whole(status: int, fetcher: Fetcher) -> None:
    with LoopbackServer() as server:
        server.rules.append(Rule(prefix="/", act=refuse(status, bool)))
        reader = WheelReader(fetcher, Cache(None))
        assert reader.metadata(file_on(server, LARGE)) == EXPECTED
        server.seen.clear()
        assert reader.metadata(file_on(server, LARGE)) == EXPECTED
        assert [seen.status for seen in server.seen] == [200]


def test_empty_file_says_nothing_of_the_server(fetcher: Fetcher) -> None:
    with LoopbackServer() as server:
        reader = WheelReader(fetcher, Cache(None))
        assert isinstance(reader.metadata(file_on(server, b"")), Unusable)
        server.seen.clear()
        assert reader.metadata(file_on(server, LARGE)) == EXPECTED
        assert [seen.status for seen in server.seen] == [206]


def test_failing_server_is_not_taken_for_one_without_ranges(fetcher: Fetcher) -> None:
    with LoopbackServer() as server:
        server.fail("/", status=502)
        with pytest.raises(SourceError, match="the server answers 502"):
            WheelReader(fetcher, Cache(None)).metadata(file_on(server, LARGE))
        assert len(server.seen) == QUICK.attempts


@table("data", [("small", SMALL), ("large", LARGE)])
def test_server_that_ignores_ranges(data: bytes, fetcher: Fetcher) -> None:
    with LoopbackServer(ranges=False) as server:
        assert WheelReader(fetcher, Cache(None)).metadata(file_on(server, data)) == EXPECTED


def test_whole_wheel_with_another_hash_is_a_fault_of_the_source(fetcher: Fetcher) -> None:
    with LoopbackServer(ranges=False) as server:
        file = file_on(server, LARGE, hashes={"sha256": "0" * 64})
        with pytest.raises(SourceError, match=r"its sha256 is .*, not 0000"):
            WheelReader(fetcher, Cache(None)).metadata(file)


def test_what_was_read_is_never_asked_again(fetcher: Fetcher, tmp_path: Path) -> None:
    with LoopbackServer() as server:
        file = file_on(server, LARGE)
        WheelReader(fetcher, Cache(tmp_path)).metadata(file)
    with Fetcher(HttpSettings(offline=True)) as offline:
        assert WheelReader(offline, Cache(tmp_path)).metadata(file) == EXPECTED
        with pytest.raises(OfflineError):
            WheelReader(offline, Cache(None)).metadata(file)


@pytest.mark.parametrize("algorithm", ["md5", None])
def test_a_wheel_that_takes_another_s_place_is_read(
    algorithm: str | None, fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By whatever hash there is; without one once it is as old as a page may be."""

    def read(reader: Fetcher) -> tuple[str, ...]:
        pack = Pack(Cache(tmp_path), "some", ())
        found = WheelReader(reader, Cache(tmp_path), pack=pack).metadata(file)
        pack.save()
        assert isinstance(found, CoreMetadata)
        return found.requires_dist

    with LoopbackServer() as server:
        for needs in ("six", "seven"):
            data = make_wheel("foo-bar", "1.0", [needs])
            hashes = {algorithm: hashlib.new(algorithm, data).hexdigest()} if algorithm else {}
            file = file_on(server, data, hashes=hashes)
            assert read(fetcher) == (needs if algorithm else "six",)
        monkeypatch.setattr(kept_wheels, "AGE_BY_ADDRESS", 0.0)
        with Fetcher(HttpSettings(offline=True)) as offline:
            assert read(offline) == ("seven" if algorithm else "six",)
        assert read(fetcher) == ("seven",)


@pytest.mark.parametrize("beside", [None, {}], ids=["in the wheel", "beside it"])
def test_no_index_speaks_for_another(beside: dict[str, str] | None, fetcher: Fetcher, tmp_path: Path) -> None:
    """What is read of a wheel without all of it proves nothing, so the first to be asked mustn't decide."""
    cache, pack = Cache(tmp_path), Pack(Cache(tmp_path), "some", ())
    with LoopbackServer() as first, LoopbackServer() as second:
        for server, needs in ((first, "evil"), (second, "six>=1.5")):
            file = file_on(server, make_wheel("foo-bar", "1.0", [needs]), metadata_hashes=beside)
            server.files[f"{NAME}.metadata"] = metadata_text("foo-bar", "1.0", [needs]).encode()
            file = replace(file, hashes={"sha256": "0" * 64})
            found = WheelReader(fetcher, cache, pack=pack).metadata(file)
            assert isinstance(found, CoreMetadata)
            assert found.requires_dist == (needs,)


def test_metadata_that_was_put_right_is_read(fetcher: Fetcher, tmp_path: Path) -> None:
    with LoopbackServer() as server:
        for needs in ("sic", "six"):
            said = metadata_text("foo-bar", "1.0", [needs]).encode()
            file = file_on(server, LARGE, metadata_hashes={"sha256": hashlib.sha256(said).hexdigest()})
            server.files[f"{NAME}.metadata"] = said
            found = WheelReader(fetcher, Cache(tmp_path)).metadata(file)
            assert isinstance(found, CoreMetadata)
            assert found.requires_dist == (needs,)


def test_reason_of_an_unusable_wheel_is_kept_too(fetcher: Fetcher, tmp_path: Path) -> None:
    with LoopbackServer() as server:
        file = file_on(server, make_wheel("foo-bar", "1.0", ["six >>1"]))
        first = WheelReader(fetcher, Cache(tmp_path)).metadata(file)
        assert first == Unusable("its metadata has a faulty line: `six >>1` is no requirement (PEP 508)")
        server.seen.clear()
        assert WheelReader(fetcher, Cache(tmp_path)).metadata(file) == first
        assert server.seen == []


UNUSABLE = [
    (
        "another project's",
        make_wheel("evil", "1.0"),
        "its metadata is of another project: `evil`, not `foo_bar`",
    ),
    ("another version", make_wheel("foo-bar", "2.0"), "its metadata is of another version: `2.0`, not `1.0`"),
    ("no archive", b"<html></html>", f"`{NAME}` can't be read: it has no end record of a zip archive"),
    ("empty", b"", f"`{NAME}` can't be read: it has no end record of a zip archive"),
]


@table("data, reason", UNUSABLE)
def test_unusable_wheel_has_a_reason(data: bytes, reason: str, fetcher: Fetcher) -> None:
    with LoopbackServer() as server:
        assert WheelReader(fetcher, Cache(None)).metadata(file_on(server, data)) == Unusable(reason)


def test_missing_file_is_a_fault_of_the_source(fetcher: Fetcher) -> None:
    with LoopbackServer() as server:
        file = file_on(server, SMALL)
        server.files.clear()
        with pytest.raises(SourceError, match="lists a file that is not there"):
            WheelReader(fetcher, Cache(None)).metadata(file)


def test_refused_credentials_are_not_taken_for_missing_ranges(fetcher: Fetcher) -> None:
    with LoopbackServer() as server:
        server.require_basic("user", "correct-horse")
        with pytest.raises(AuthenticationError):
            WheelReader(fetcher, Cache(None)).metadata(file_on(server, SMALL))


def test_wheel_on_disk(fetcher: Fetcher, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(FRONT)
    file = DistFile(NAME, "1.0", True, path.as_uri(), {})
    assert WheelReader(fetcher, Cache(tmp_path / "cache")).metadata(file) == EXPECTED
    path.write_bytes(make_wheel("foo-bar", "1.0", ["tomli"]))  # no hash: the file may change
    changed = WheelReader(fetcher, Cache(tmp_path / "cache")).metadata(file)
    assert isinstance(changed, CoreMetadata)
    assert changed.requires_dist == ("tomli",)
