"""The shared folder: whole entries or none, and no secret in a name."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from resolver.errors import OfflineError
from resolver.sources.cache import folder
from resolver.sources.cache.fetching import CachedFetcher, CachePolicy, parse_max_age
from resolver.sources.cache.folder import Cache, Entry
from resolver.sources.http.fetching import Fetcher, HttpSettings
from resolver.sources.http.retry import RetryPolicy
from tests.support.server import LoopbackServer
from tests.support.tables import table

ENTRY = Entry(
    payload=b"payload", stored=5.0, max_age=7, etag='"e"', last_modified="m", url="https://example.org/"
)


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_round_trip_and_miss(tmp_path) -> None:
    cache = Cache(tmp_path / "deep" / "er")
    assert cache.read("b", "k") is None
    assert cache.write("b", "k", ENTRY)
    assert cache.read("b", "k") == ENTRY
    assert cache.read("other", "k") is None
    assert cache.read("b", "other") is None
    cache.forget("b", "k")
    assert cache.read("b", "k") is None


def test_every_damage_is_a_miss(tmp_path) -> None:
    cache = Cache(tmp_path)
    cache.write("b", "k", ENTRY)
    (path,) = [p for p in tmp_path.rglob("*") if p.is_file()]
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert cache.read("b", "k") is None
        path.write_bytes(whole[:place])
        assert cache.read("b", "k") is None
    path.write_bytes(whole)
    assert cache.read("b", "k") == ENTRY


def write_old(cache: Cache, key: str, age: float, size: int = 1000) -> None:
    """Write an entry that nobody touched for ``age`` seconds."""
    cache.write("b", key, Entry(payload=b"x" * size))
    path = cache.path("b", key)
    assert path is not None
    before = time.time() - age
    os.utime(path, (before, before))


TRIMMED = [
    ("nothing old, and little", {"a": 10, "b": 20}, 1 << 20, "ab"),
    ("what is old goes", {"a": 10, "b": 2000, "c": 999}, 1 << 20, "ac"),
    ("of what is too much, the oldest goes", {"a": 30, "b": 10, "c": 20}, 2500, "bc"),
    ("even the newest goes where it is too much alone", {"a": 10}, 500, ""),
]


@table("ages, most_bytes, kept", TRIMMED)
def test_trimming(ages: dict[str, float], most_bytes: int, kept: str, tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for key, age in ages.items():
        write_old(cache, key, age)
    cache.write("other", "k", ENTRY)
    cache.trim("b", most_bytes=most_bytes, longest_age=1000.0)
    assert "".join(key for key in ages if cache.holds("b", key)) == kept
    assert cache.holds("other", "k")


def test_what_is_touched_stays(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for key in "abc":
        write_old(cache, key, 2000)
    cache.touch("b", "b")
    cache.touch("b", "absent")
    cache.trim("b", most_bytes=1 << 20, longest_age=1000.0)
    assert [key for key in "abc" if cache.holds("b", key)] == ["b"]
    assert not cache.holds("b", "absent")


def test_nothing_is_trimmed_where_nothing_is_kept(tmp_path: Path) -> None:
    Cache(None).trim("b", most_bytes=0, longest_age=0.0)
    Cache(tmp_path / "absent").trim("b", most_bytes=0, longest_age=0.0)
    Cache(None).touch("b", "k")


def test_names_show_no_address_and_depend_on_no_secret(tmp_path) -> None:
    cache = Cache(tmp_path)
    for url in (
        "https://me:planted@example.org/x",
        "https://example.org/t/planted/x",
        "https://example.org/x",
    ):
        cache.write("b", url, ENTRY)
    (name,) = files(tmp_path)
    assert "planted" not in name
    assert "example" not in name


def test_no_folder_keeps_nothing() -> None:
    cache = Cache(None)
    assert not cache.write("b", "k", ENTRY)
    assert cache.read("b", "k") is None
    assert cache.path("b", "k") is None
    with cache.lock("b", "k"), cache.scratch() as file:
        assert file.write(b"x") == 1


def test_a_folder_that_takes_nothing_is_one_warning(tmp_path, caplog) -> None:
    (tmp_path / "file").write_text("not a folder")
    cache = Cache(tmp_path / "file")
    assert cache.is_kept
    for key in "abc":
        assert not cache.write("b", key, ENTRY)
        with cache.lock("b", key):
            pass
    assert not cache.is_kept
    assert [r.levelname for r in caplog.records] == ["WARNING"]
    assert "what is new isn't kept" in caplog.text


def test_threads_that_write_side_by_side_are_one_warning(tmp_path, monkeypatch) -> None:
    (tmp_path / "file").write_text("not a folder")
    cache, said = Cache(tmp_path / "file"), list[str]()

    def warning(text: str, *_: object) -> None:
        said.append(text)
        if len(said) == 1:  # another thread writes while the first one speaks
            other = threading.Thread(target=cache.write, args=("b", "other", ENTRY))
            other.start()
            other.join()

    monkeypatch.setattr(folder._log, "warning", warning, raising=False)
    cache.write("b", "k", ENTRY)
    assert len(said) == 1


def test_full_disk_is_one_warning_and_leaves_the_old_entry(tmp_path, caplog, monkeypatch) -> None:
    cache = Cache(tmp_path)
    cache.write("b", "k", ENTRY)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert not cache.write("b", "k", Entry(payload=b"new"))
    assert cache.read("b", "k") == ENTRY
    assert len(files(tmp_path)) == 1
    assert "No space left on device" in caplog.text


def fail_halfway(file) -> None:
    file.write(b"half")
    raise ZeroDivisionError


def test_a_failing_writer_leaves_the_old_entry(tmp_path) -> None:
    cache = Cache(tmp_path)
    cache.write("b", "k", ENTRY)
    with pytest.raises(ZeroDivisionError), cache.writing("b", "k") as file:
        fail_halfway(file)
    assert cache.read("b", "k") == ENTRY
    assert len(files(tmp_path)) == 1


def test_what_a_killed_process_left_is_removed(tmp_path) -> None:
    cache = Cache(tmp_path)
    cache.write("b", "k", ENTRY)
    folder = (cache.path("b", "k") or tmp_path).parent
    old, new = folder / ".part-old", folder / ".part-new"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (1e9, 1e9))
    with cache.lock("b", "k"):
        pass
    assert (old.exists(), new.exists()) == (False, True)
    assert cache.read("b", "k") == ENTRY


HAMMER = """
import sys
import threading
import time
from pathlib import Path
from resolver.sources.cache.folder import Cache, Entry
cache, mine = Cache(Path(sys.argv[1])), sys.argv[2].encode() * 50_000
seen = set()
for round in range(120):
    cache.write("b", "k", Entry(payload=mine))
    found = cache.read("b", "k")
    assert found is not None and len(set(found.payload)) == 1 and len(found.payload) == len(mine)
    seen.add(found.payload[:1])
"""


def test_processes_never_see_a_torn_entry(tmp_path, root) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", HAMMER, str(tmp_path), letter], cwd=root, stderr=subprocess.PIPE
        )
        for letter in "xy"
    ]
    for process in started:
        _, words = process.communicate(timeout=60)
        assert process.returncode == 0, words.decode()


HOLDER = """
import sys, time
from pathlib import Path
from resolver.sources.cache.folder import Cache
with Cache(Path(sys.argv[1])).lock("b", "k"):
    print("held", flush=True)
    time.sleep(0.6)
"""


def test_lock_waits_for_another_process_but_not_for_ever(tmp_path, root) -> None:
    import time

    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], cwd=root, stdout=subprocess.PIPE)
    assert holder.stdout
    assert holder.stdout.readline() == b"held\n"
    cache, start = Cache(tmp_path), time.monotonic()
    with cache.lock("b", "k", patience=0.1):
        assert time.monotonic() - start < 0.5
    with cache.lock("b", "k"):
        assert time.monotonic() - start > 0.4
    holder.communicate(timeout=10)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def server():
    with LoopbackServer({"page": b"one"}) as running:
        yield running


@pytest.fixture
def source():
    fetchers = []

    def make(cache: Cache, clock: Clock, **policy) -> CachedFetcher:
        settings = HttpSettings(retry=RetryPolicy(attempts=1), offline=policy.get("offline", False))
        fetchers.append(Fetcher(settings))
        return CachedFetcher(fetchers[-1], cache, CachePolicy(**policy), clock=clock)

    yield make
    for fetcher in fetchers:
        fetcher.close()


def upper(response) -> bytes:
    return response.body.upper()


def test_fresh_entries_are_not_asked_for(tmp_path, clock, server, source) -> None:
    server.extra_headers["/page"] = {"Cache-Control": "public, max-age=60"}
    for later in (0, 59):
        clock.now = 1000.0 + later
        assert source(Cache(tmp_path), clock).get("b", f"{server.url}/page", upper).payload == b"ONE"
    assert len(server.paths) == 1
    clock.now = 1061.0
    assert source(Cache(tmp_path), clock).get("b", f"{server.url}/page", upper).payload == b"ONE"
    assert [s.status for s in server.seen] == [200, 304]
    clock.now = 1100.0  # the 304 made it fresh again
    source(Cache(tmp_path), clock).get("b", f"{server.url}/page", upper)
    assert len(server.paths) == 2


def test_without_max_age_each_run_revalidates_and_sees_changes(tmp_path, clock, server, source) -> None:
    url = f"{server.url}/page"
    assert source(Cache(tmp_path), clock).get("b", url, upper).payload == b"ONE"
    assert source(Cache(tmp_path), clock).get("b", url, upper).payload == b"ONE"
    server.files["page"] = b"two"
    assert source(Cache(tmp_path), clock).get("b", url, upper).payload == b"TWO"
    assert [s.status for s in server.seen] == [200, 304, 200]


def test_refresh_asks_even_for_fresh_ones(tmp_path, clock, server, source) -> None:
    server.extra_headers["/page"] = {"Cache-Control": "max-age=60"}
    for _ in range(2):
        source(Cache(tmp_path), clock, refresh=True).get("b", f"{server.url}/page", upper)
    assert [s.status for s in server.seen] == [200, 304]


def test_immutable_ones_are_asked_for_once(tmp_path, clock, server, source) -> None:
    for _ in range(2):
        source(Cache(tmp_path), clock).get("b", f"{server.url}/page", upper, immutable=True)
    assert len(server.paths) == 1


def test_absence_is_remembered_for_a_while(tmp_path, clock, server, source) -> None:
    url = f"{server.url}/none"
    for now in (1000.0, 1500.0):
        clock.now = now
        found = source(Cache(tmp_path), clock).get("b", url, upper)
        assert (found.status, found.payload) == (404, b"")
    assert len(server.paths) == 1
    clock.now, server.files["none"] = 1700.0, b"here"
    assert source(Cache(tmp_path), clock).get("b", url, upper).payload == b"HERE"


def test_offline_takes_what_is_there(tmp_path, clock, server, source) -> None:
    source(Cache(tmp_path), clock).get("b", f"{server.url}/page", upper)
    clock.now = 1e9
    offline = source(Cache(tmp_path), clock, offline=True)
    assert offline.get("b", f"{server.url}/page", upper).payload == b"ONE"
    with pytest.raises(OfflineError, match="is not in the cache"):
        offline.get("b", f"{server.url}/other", upper)
    assert len(server.paths) == 1


def test_files_are_compared_each_time_offline_too(tmp_path, clock, source) -> None:
    page = tmp_path / "page"
    page.write_bytes(b"one")
    cache, parsed = Cache(tmp_path / "cache"), []

    def parse(response) -> bytes:
        parsed.append(response.body)
        return response.body.upper()

    for offline in (False, True):
        assert source(cache, clock, offline=offline).get("b", str(page), parse).payload == b"ONE"
    page.write_bytes(b"longer")
    assert source(cache, clock, offline=True).get("b", str(page), parse).payload == b"LONGER"
    assert parsed == [b"one", b"longer"]


@pytest.mark.parametrize(
    ("headers", "age"),
    [
        ({}, None),
        ({"cache-control": "max-age=600, public"}, 600),
        ({"cache-control": 'public, max-age="60"', "age": "20"}, 40),
        ({"cache-control": "s-maxage=5"}, None),
        ({"cache-control": "max-age=600, no-cache"}, 0),
        ({"cache-control": "no-store"}, 0),
    ],
)
def test_max_age(headers, age) -> None:
    assert parse_max_age(headers) == age
