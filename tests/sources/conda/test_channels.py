"""Channels in every form, over files and HTTP: the same records from all of them."""

from __future__ import annotations

import gzip
import json
import logging
import os
import random
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard
from msgspec.structs import astuple

from resolver.errors import AuthenticationError, OfflineError, SourceError
from resolver.metadata.name_table import NameTable
from resolver.metadata.shards import SHARDS_FILE
from resolver.model.channels import Channel
from resolver.sources.cache import folder
from resolver.sources.cache.fetching import CachePolicy
from resolver.sources.cache.folder import Cache
from resolver.sources.conda.opening import ChannelSubdir, open_channel_subdir, open_channels
from resolver.sources.http.credentials import Credentials
from resolver.sources.http.fetching import Fetcher, FetchReporter, HttpSettings
from resolver.sources.http.retry import RetryPolicy
from tests.support.channel import as_file, as_shards, record, repodata
from tests.support.server import LoopbackServer

SECRET = "planted-secret-value"
CONTENTS = repodata(
    conda=[record("numpy", "2.0"), record("numpy", "1.10"), record("numpy", "1.9", purls=["pkg:pypi/numpy"])],
    tar=[record("numpy", "1.9"), record("zlib", "1.3", depends=["libc >=2"]), record("gone", "1")],
    removed=["gone-1-0.tar.bz2"],
)
ONE_FILE = ("repodata.json.zst", "repodata.json", "repodata.json.bz2")
FORMS = [*ONE_FILE, "shards"]


def form_files(form: str, contents=CONTENTS, subdir: str = "linux-64") -> dict[str, bytes]:
    found = as_shards(contents) if form == "shards" else {form: as_file(contents, form)}
    return {f"chan/{subdir}/{name}": data for name, data in found.items()}


def write_files(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder / "chan"


Opener = Callable[..., ChannelSubdir]


@pytest.fixture
def opener(tmp_path) -> Iterator[Opener]:
    """Opens a subdir as a new run would: a new fetcher, the same cache."""
    fetchers = []

    def make(base: object, subdir: str = "linux-64", *, cache=None, offline=False, **more) -> ChannelSubdir:
        settings = HttpSettings(retry=RetryPolicy(attempts=3, first_delay=0.001), offline=offline)
        credentials = more.pop("credentials", None)
        fetchers.append(Fetcher(settings, credentials=credentials, reporter=more.pop("reporter", None)))
        channel = Channel(name=more.pop("name", "chan"), base_url=str(base))
        return open_channel_subdir(channel, subdir, fetchers[-1], cache or Cache(tmp_path / "cache"), **more)

    yield make
    for fetcher in fetchers:
        fetcher.close()


def everything(subdir: ChannelSubdir) -> dict[str, list[tuple]]:
    """Rows by name; a name may have none, where all its builds were removed."""
    return {name: rows for name in subdir.names() if (rows := [astuple(r) for r in subdir.records(name)])}


@pytest.fixture
def expected(tmp_path, opener) -> dict[str, list[tuple]]:
    folder = write_files(tmp_path / "expected", form_files("repodata.json"))
    return everything(opener(folder, cache=Cache(None)))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("where", ["path", "file", "http"])
def test_every_form_everywhere_gives_the_same_records(form, where, tmp_path, opener, expected) -> None:
    files = form_files(form)
    folder = write_files(tmp_path, files)
    with LoopbackServer(files) as server:
        base = {"path": folder, "file": folder.as_uri(), "http": f"{server.url}/chan"}[where]
        for run in ("cold", "warm"):
            subdir = opener(base)
            subdir.prefetch(["numpy", "zlib", "unknown"])
            assert subdir.exists, run
            assert {"numpy", "zlib"} <= set(subdir.names())
            assert everything(subdir) == expected
            assert not subdir.records("unknown")
            assert [r.file_name for r in subdir.records("numpy")] == [
                "numpy-2.0-0.conda",
                "numpy-1.10-0.conda",
                "numpy-1.9-0.conda",
            ]
            address = folder.as_uri() if where != "http" else base
            assert subdir.url_of(subdir.records("zlib")[0]) == f"{address}/linux-64/zlib-1.3-0.tar.bz2"


def test_best_form_is_taken(opener) -> None:
    with LoopbackServer({}) as server:
        for form in reversed(FORMS):  # each one is preferred to those added before it
            server.files |= form_files(form)
        everything(opener(f"{server.url}/chan"))
        assert server.paths[0] == "/chan/linux-64/repodata_shards.msgpack.zst"
        assert server.count("/chan/linux-64/repodata.json") == 0


def test_warm_run_asks_once_or_not_at_all(opener) -> None:
    with LoopbackServer(form_files("repodata.json.zst")) as server:
        now = [1000.0]
        opener(f"{server.url}/chan", clock=lambda: now[0])
        server.seen.clear()
        opener(f"{server.url}/chan", clock=lambda: now[0])
        assert [(s.path.rsplit("/", 1)[1], s.status) for s in server.seen] == [("repodata.json.zst", 304)]
        server.extra_headers["/"] = {"Cache-Control": "max-age=100"}
        opener(f"{server.url}/chan", clock=lambda: now[0])
        server.seen.clear()
        now[0] += 99
        opener(f"{server.url}/chan", clock=lambda: now[0])
        assert server.seen == []
        now[0] += 100_000  # so late that a better form is looked for
        opener(f"{server.url}/chan", clock=lambda: now[0])
        assert [s.status for s in server.seen] == [404, 304]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("where", ["path", "http"])
def test_changed_repodata_is_noticed(form, where, tmp_path, opener) -> None:
    with LoopbackServer({}, root=tmp_path) as server:
        folder = write_files(tmp_path, form_files(form))
        base = folder if where == "path" else f"{server.url}/chan"
        assert len(opener(base).records("numpy")) == 3
        write_files(tmp_path, form_files(form, repodata(conda=[record("numpy", "3")])))
        assert [r.version for r in opener(base).records("numpy")] == ["3"]


@pytest.mark.parametrize("mirrored", [False, True], ids=["channel", "mirror"])
def test_other_repodata_of_the_same_size_and_time_is_noticed(mirrored, tmp_path, opener) -> None:
    """As what unpacks archives leaves it that were made alike each time."""
    for version in ("1", "2", "3"):
        contents = repodata(conda=[record("numpy", version)])
        folder = write_files(tmp_path, form_files("repodata.json", contents))
        os.utime(folder / "linux-64/repodata.json", (1e9, 1e9))
        where = ("https://example.org/chan", [str(folder)]) if mirrored else (folder, ())
        assert [r.version for r in opener(where[0], mirrors=where[1]).records("numpy")] == [version]


@pytest.mark.parametrize("form", FORMS)
def test_offline_takes_what_an_earlier_run_left(form, opener) -> None:
    with LoopbackServer(form_files(form)) as server:
        base = f"{server.url}/chan"
        before = everything(opener(base))
    subdir = opener(base, offline=True)
    subdir.prefetch(["numpy"])
    assert everything(subdir) == before


def test_offline_without_an_earlier_run_is_an_error(opener) -> None:
    with pytest.raises(OfflineError) as caught:
        opener("https://example.org/chan", offline=True)
    words = "https://example.org/chan: its `linux-64` is not in the cache, and the network may not be used"
    assert str(caught.value) == words


def test_offline_with_a_shard_missing_is_an_error(opener) -> None:
    with LoopbackServer(form_files("shards")) as server:
        base = f"{server.url}/chan"
        opener(base).records("numpy")
    subdir = opener(base, offline=True)
    assert len(subdir.records("numpy")) == 3
    with pytest.raises(OfflineError):
        subdir.records("zlib")


def test_noarch_may_be_missing(tmp_path, opener) -> None:
    folder = write_files(tmp_path, form_files("repodata.json"))
    subdir = opener(folder, "noarch")
    assert (subdir.exists, list(subdir.names()), list(subdir.records("numpy"))) == (False, [], [])


def test_platform_may_be_missing_where_noarch_is_there(tmp_path, opener) -> None:
    folder = write_files(tmp_path, form_files("repodata.json", subdir="noarch"))
    assert not opener(folder, "osx-arm64").exists


def test_no_channel_at_all_names_it_and_a_near_one(tmp_path, opener) -> None:
    write_files(tmp_path, form_files("repodata.json"))
    with pytest.raises(SourceError) as caught:
        opener(tmp_path / "chqn", name="chqn")
    assert str(caught.value) == (
        f"{tmp_path / 'chqn'}: there is no channel `chqn`: neither `linux-64` nor `noarch` is there"
    )
    assert caught.value.hint == "Did you mean `chan`?"
    with LoopbackServer() as server, pytest.raises(SourceError) as caught:
        opener(f"{server.url}/conda-forg", name="conda-forg")
    assert caught.value.hint == "Did you mean `conda-forge`?"


BASES = [
    ("absolute", "https://example.org/pool/", "https://example.org/pool"),
    ("relative", "../pool", "{server}/chan/pool"),
    ("with a secret", f"https://me:{SECRET}@example.org/pool", "https://example.org/pool"),
    ("none", None, "{server}/chan/linux-64"),
]


@pytest.mark.parametrize(("written", "expected_base"), [b[1:] for b in BASES], ids=[b[0] for b in BASES])
@pytest.mark.parametrize("form", ["repodata.json", "shards"])
def test_base_url_of_packages(form, written, expected_base, opener) -> None:
    info = {} if written is None else {"base_url": written}
    contents = repodata(conda=[record("a")], info=info)
    files = as_shards(contents, info=info) if form == "shards" else {form: as_file(contents, form)}
    with LoopbackServer({f"chan/linux-64/{name}": data for name, data in files.items()}) as server:
        subdir = opener(f"{server.url}/chan")
        address = expected_base.format(server=server.url)
        assert subdir.base_url == address
        assert subdir.url_of(subdir.records("a")[0]) == f"{address}/a-1.0-0.conda"


@pytest.mark.parametrize("written", ["https-other", "../../far/shards", "./"])
def test_shards_may_lie_elsewhere(written, opener, expected) -> None:
    with LoopbackServer() as other, LoopbackServer() as server:
        folder = f"{other.url}/s" if written == "https-other" else written
        files = as_shards(CONTENTS, folder="", info={"shards_base_url": folder})
        for name, data in files.items():
            server.files[f"chan/linux-64/{name}"] = data
            server.files[f"far/shards/{name}"] = data
            other.files[f"s/{name}"] = data
        assert everything(opener(f"{server.url}/chan")) == expected
        assert len(other.paths) == (3 if written == "https-other" else 0)


def test_prefetch_fetches_side_by_side_and_each_shard_once(opener) -> None:
    contents = repodata(conda=[record(f"p{n}") for n in range(30)])
    with LoopbackServer(form_files("shards", contents)) as server:
        subdir = opener(f"{server.url}/chan")
        server.slow("/chan/linux-64/shards/", 0.05)
        names = list(subdir.names())
        import time

        start = time.monotonic()
        subdir.prefetch(names)
        subdir.prefetch(names)
        assert all(len(subdir.records(name)) == 1 for name in names)
        assert time.monotonic() - start < 0.05 * 30 / 2
        assert server.count("/chan/linux-64/shards/") == 30


def test_shard_that_is_not_what_the_list_promises(opener) -> None:
    files = form_files("shards")
    with LoopbackServer(files) as server:
        for name in files:
            if "/shards/" in name:
                server.files[name] = b"something else"
        subdir = opener(f"{server.url}/chan")
        with pytest.raises(SourceError, match="the shard of `numpy` is not what the channel's list promises"):
            subdir.records("numpy")
        del server.files[next(name for name in files if "/shards/" in name)]
        server.files = {name: data for name, data in files.items() if "/shards/" not in name}
        with pytest.raises(SourceError, match="is listed but not there") as caught:
            opener(f"{server.url}/chan").records("zlib")
        assert "lock again" in (caught.value.hint or "")


def test_failover_to_the_next_mirror(opener, expected, caplog) -> None:
    with LoopbackServer() as broken, LoopbackServer(form_files("shards")) as good:
        broken.fail("/", status=503)
        subdir = opener("https://example.org/chan", mirrors=[f"{broken.url}/chan", f"{good.url}/chan"])
        assert everything(subdir) == expected
        assert len(broken.paths) == 2  # asked twice, then left alone
        assert subdir.base_url == "https://example.org/chan/linux-64"
    assert "a mirror fails" in caplog.text


def test_shards_fail_over_too(opener, expected) -> None:
    with LoopbackServer(form_files("shards")) as half, LoopbackServer(form_files("shards")) as good:
        half.fail("/chan/linux-64/shards/", status=500)
        assert everything(opener(f"{good.url}/chan", mirrors=[f"{half.url}/chan"])) == expected


def test_a_folder_may_be_a_mirror(tmp_path, opener, expected) -> None:
    folder = write_files(tmp_path, form_files("repodata.json.zst"))
    for _ in range(2):
        subdir = opener("https://example.org/chan", mirrors=[str(folder)])
        assert everything(subdir) == expected
        assert subdir.base_url == "https://example.org/chan/linux-64"


def test_a_mirror_that_is_given_up_says_nothing_more(opener) -> None:
    contents = repodata(conda=[record("numpy", "3")])
    with LoopbackServer(form_files("repodata.json", contents)) as old, LoopbackServer() as own:
        own.files = form_files("repodata.json")
        for server in (old, own):
            server.extra_headers = {"/": {"Cache-Control": "max-age=600"}}
        base, versions = f"{own.url}/chan", []
        for mirrors, offline in (([f"{old.url}/chan"], False), ([], True), ([], False)):
            found = opener(base, mirrors=mirrors, offline=offline).records("numpy")
            versions.append(len(found))
        assert versions == [1, 1, 3]


def test_a_mirrors_secret_is_sent_and_kept_nowhere(tmp_path, opener, expected) -> None:
    with LoopbackServer(form_files("shards")) as server:
        server.require_basic("me", SECRET)
        for _ in range(2):
            mirror = server.with_user("me", SECRET) + "/chan"
            assert everything(opener("https://example.org/chan", mirrors=[mirror])) == expected
    kept = [p for p in (tmp_path / "cache").rglob("*") if p.is_file()]
    assert SECRET.encode() not in b"".join(p.read_bytes() for p in kept)


def test_splitting_is_reported_and_done_once(tmp_path, opener) -> None:
    heard = []

    class Listener(FetchReporter):
        def index_started(self, where: str) -> None:
            heard.append(("started", where))

        def index_done(self, where: str) -> None:
            heard.append(("done", where))

    folder = write_files(tmp_path, form_files("repodata.json"))
    with LoopbackServer(form_files("repodata.json")) as server:
        for base in (str(folder), f"{server.url}/chan"):
            for _ in range(2):
                opener(base, reporter=Listener())
            where = f"{base}/linux-64/repodata.json"
            assert heard == [("started", where), ("done", where)]
            heard.clear()


def test_all_mirrors_down_is_the_last_ones_error(opener) -> None:
    with LoopbackServer() as first, LoopbackServer() as own:
        first.fail("/", status=503)
        own.fail("/", status=502)
        with pytest.raises(SourceError, match="502 Bad Gateway"):
            opener(f"{own.url}/chan", mirrors=[f"{first.url}/chan"])


DAMAGED = [
    ("not compressed as it says", "repodata.json.zst", zstandard.ZstdCompressor().compress(b"{}")[:-3]),
    ("a page instead", "repodata.json", b"<html>sign in</html>"),
    ("cut short", "repodata.json", as_file(CONTENTS, "repodata.json")[:-200]),
    ("zstd cut short", "repodata.json.zst", as_file(CONTENTS, "repodata.json.zst")[:-50]),
    ("bzip2 cut short", "repodata.json.bz2", as_file(CONTENTS, "repodata.json.bz2")[:-50]),
    ("no shard list", SHARDS_FILE, zstandard.ZstdCompressor().compress(b"\x01")),
    ("list cut short", SHARDS_FILE, as_shards(CONTENTS)[SHARDS_FILE][:-9]),
    ("gzip cut short", "repodata.json", gzip.compress(as_file(CONTENTS, "repodata.json"))[:-20]),
    ("bzip2 damaged", "repodata.json.bz2", b"BZh91AY&SY" + bytes(200)),
]


@pytest.mark.parametrize(("form", "data"), [case[1:] for case in DAMAGED], ids=[case[0] for case in DAMAGED])
@pytest.mark.parametrize("where", ["path", "http"])
def test_damaged_repodata_is_a_clear_error(form, data, where, tmp_path, opener) -> None:
    files = {f"chan/linux-64/{form}": data}
    folder = write_files(tmp_path, files)
    with LoopbackServer(files) as server, pytest.raises(SourceError, match=f"{form}: is damaged: "):
        opener(folder if where == "path" else f"{server.url}/chan")


@pytest.mark.parametrize("form", ["repodata.json.zst", "shards"])
@pytest.mark.parametrize("where", ["path", "http"])
def test_damaged_cache_is_made_anew(form, where, tmp_path, opener, expected) -> None:
    with LoopbackServer({}, root=tmp_path) as server:
        folder = write_files(tmp_path, form_files(form))
        base = folder if where == "path" else f"{server.url}/chan"
        everything(opener(base))
        kept = [p for p in (tmp_path / "cache").rglob("*") if p.is_file() and p.suffix != ".lock"]
        assert kept
        for path in kept:
            path.write_bytes(path.read_bytes()[:-1])
        assert everything(opener(base)) == expected
        for path in kept:
            path.write_bytes(b"")
        assert everything(opener(base)) == expected


def damage_blocks(cache: Path) -> None:
    """Damage what tables hold of each name, which is proved when it is read."""
    for path in [p for p in cache.rglob("*") if p.is_file() and p.read_bytes().startswith(b"LockTab")]:
        data = bytearray(path.read_bytes())
        (end,) = struct.unpack_from("<Q", data, len(data) - 60)
        data[8:end] = bytes(byte ^ 1 for byte in data[8:end])
        path.write_bytes(data)


@pytest.mark.parametrize("form", ["repodata.json", "shards"])
@pytest.mark.parametrize("where", ["path", "http"])
def test_records_that_are_damaged_late_are_read_anew(form, where, tmp_path, opener, expected) -> None:
    with LoopbackServer({}, root=tmp_path) as server:
        folder = write_files(tmp_path, form_files(form))
        base = folder if where == "path" else f"{server.url}/chan"
        opener(base)
        damage_blocks(tmp_path / "cache")
        subdir = opener(base)
        state = subdir.state
        assert everything(subdir) == expected
        assert subdir.state == state, "what is kept beside it is of the state that the run began with"
        damage_blocks(tmp_path / "cache")
        if where == "http":
            with pytest.raises(SourceError, match=r"records of .* are damaged") as caught:
                everything(opener(base, offline=True))
            assert caught.value.hint == ("It is taken out of the cache: run the command without `--offline`.")
            opener(base)
            damage_blocks(tmp_path / "cache")
        subdir = opener(base)
        write_files(tmp_path, form_files(form, repodata(conda=[record("numpy", "3")])))
        with pytest.raises(SourceError, match="and the channel has changed since then"):
            everything(subdir)
        assert list(everything(opener(base))) == ["numpy"]


def damage_rows(cache: Path) -> None:
    """Damage the last row of each name, which is proved when it is read."""
    for path in [p for p in cache.rglob("*") if p.is_file() and p.read_bytes().startswith(b"LockTab")]:
        data = bytearray(path.read_bytes())
        table = NameTable(bytes(data))
        for name in table:
            block = table.block(name) or b""
            data[data.index(block) + len(block) - 1] ^= 1
        path.write_bytes(data)


@pytest.mark.parametrize("are_kept", [False, True], ids=["as long as it is open", "longer"])
def test_a_row_that_is_damaged_late_is_read_anew(are_kept, tmp_path, opener, expected) -> None:
    base = write_files(tmp_path, form_files("repodata.json"))
    opener(base)
    damage_rows(tmp_path / "cache")
    subdir = opener(base)
    subdir.are_kept = are_kept
    assert everything(subdir) == expected
    assert everything(opener(base)) == expected
    damage_rows(tmp_path / "cache")
    subdir = opener(base)
    assert subdir.find("numpy", "numpy-9-0.conda") is None, "who reads all of them will say"
    records = subdir.records("numpy")
    write_files(tmp_path, form_files("repodata.json", repodata(conda=[record("numpy", "3")])))
    with pytest.raises(SourceError, match="and the channel has changed since then"):
        list(records)
    opener(base)
    damage_rows(tmp_path / "cache")
    records = opener(base).records("numpy")
    with pytest.raises(SourceError, match=r"records of `numpy` are damaged"):
        list(records)  # the opening is gone


@pytest.mark.parametrize("form", ["repodata.json.zst", "shards"])
def test_cache_that_takes_nothing(form, tmp_path, opener, expected, caplog) -> None:
    (tmp_path / "blocked").write_text("")
    with LoopbackServer(form_files(form)) as server:
        for cache in (Cache(None), Cache(tmp_path / "blocked")):
            assert everything(opener(f"{server.url}/chan", cache=cache)) == expected
    assert [r.levelname for r in caplog.records] == ["WARNING"]


GUARDS = [
    ("password", lambda s: s.require_basic("me", SECRET), lambda s: s.with_user("me", SECRET) + "/chan"),
    ("token", lambda s: s.require_token(SECRET), lambda s: f"{s.url}/t/{SECRET}/chan"),
    ("bearer", lambda s: s.require_bearer(SECRET), None),
]


@pytest.mark.parametrize("form", ["repodata.json.zst", "shards"])
@pytest.mark.parametrize(("guard", "address"), [g[1:] for g in GUARDS], ids=[g[0] for g in GUARDS])
def test_private_channel(guard, address, form, opener, expected, tmp_path, caplog) -> None:
    with LoopbackServer(form_files(form)) as server, caplog.at_level(logging.DEBUG):
        guard(server)
        credentials = Credentials({} if address else {"LOCK_AUTH_127_0_0_1": f"bearer {SECRET}"})
        base = credentials.learn(address(server), channel=True) if address else f"{server.url}/chan"
        subdir = opener(base, credentials=credentials)
        subdir.prefetch(["numpy"])
        assert everything(subdir) == expected
        assert SECRET not in subdir.url_of(subdir.records("numpy")[0])
        with pytest.raises(AuthenticationError, match="no credentials are known"):
            opener(base, cache=Cache(None))
    names = " ".join(str(p) for p in (tmp_path / "cache").rglob("*"))
    contents = b"".join(p.read_bytes() for p in (tmp_path / "cache").rglob("*") if p.is_file())
    assert SECRET not in caplog.text + names + repr(subdir)
    assert SECRET.encode() not in contents


def test_forbidden_instead_of_missing_leads_on(opener, expected) -> None:
    with LoopbackServer(form_files("repodata.json.zst")) as server:
        server.fail("/chan/linux-64/repodata_shards", status=403)
        assert everything(opener(f"{server.url}/chan")) == expected


def test_channels_come_in_order(tmp_path) -> None:
    files = form_files("shards") | form_files("repodata.json", subdir="noarch")
    with LoopbackServer(files) as server, Fetcher() as fetcher:
        folder = write_files(tmp_path, form_files("repodata.json"))
        bases = {"remote": f"{server.url}/chan", "here": str(folder)}
        channels = [Channel(name=name, base_url=base) for name, base in bases.items()]
        found = open_channels(channels, ["linux-64", "noarch"], fetcher, Cache(tmp_path / "c"))
    assert [(s.channel.name, s.subdir, s.exists) for s in found] == [
        ("remote", "linux-64", True),
        ("remote", "noarch", True),
        ("here", "linux-64", True),
        ("here", "noarch", False),
    ]


def test_shuffled_channel_gives_equal_records(tmp_path, opener) -> None:
    entries = [record(n, f"1.{v}", build=b) for n in "ab" for v in range(12) for b in ("0", "1")]
    seen = []
    for seed in range(3):
        shuffled = random.Random(seed).sample(entries, len(entries))  # noqa: S311
        for form in ("repodata.json", "shards"):
            folder = write_files(tmp_path / f"{form}{seed}", form_files(form, repodata(conda=shuffled)))
            seen.append(everything(opener(folder)))
    assert all(found == seen[0] for found in seen)


SECOND = """
import sys
import tempfile
from pathlib import Path
from resolver.metadata.name_table import NameTable
from resolver.metadata.shards import SHARDS_FILE
from resolver.model.channels import Channel
from resolver.sources.cache.folder import Cache
from resolver.sources.conda.opening import open_channel_subdir
from resolver.sources.http.fetching import Fetcher
with Fetcher() as fetcher:
    channel, cache = Channel(name="c", base_url=sys.argv[1]), Cache(Path(sys.argv[2]))
    subdir = open_channel_subdir(channel, "linux-64", fetcher, cache)
    print(sum(len(subdir.records(name)) for name in subdir.names()))
"""


@pytest.mark.parametrize("form", ["repodata.json.zst", "shards"])
def test_processes_share_one_cache(form, tmp_path, root) -> None:
    contents = repodata(conda=[record(f"p{n % 20}", f"1.{n}") for n in range(400)])
    with LoopbackServer(form_files(form, contents)) as server:
        command = [sys.executable, "-c", SECOND, f"{server.url}/chan", str(tmp_path / "cache")]
        running = [subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) for _ in range(3)]
        assert [int(p.communicate(timeout=60)[0]) for p in running] == [400] * 3
        assert [s.status for s in server.seen].count(200) >= (1 if form != "shards" else 21)
        if form != "shards":
            assert sorted(s.status for s in server.seen if "json.zst" in s.path) == [200, 304, 304]


@pytest.mark.parametrize("form", ["repodata.json.zst", "shards"])
def test_read_only_cache_serves_what_it_has(form, opener, expected, caplog, monkeypatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    with LoopbackServer(form_files(form)) as server:
        everything(opener(f"{server.url}/chan"))
        monkeypatch.setattr(folder, "_open_new", refuse)
        server.seen.clear()
        assert everything(opener(f"{server.url}/chan")) == expected
        assert [s.status for s in server.seen if "repodata" in s.path][-1] == 304
        assert server.count("/chan/linux-64/shards/") == 0
    assert "Read-only file system" in caplog.text
    assert len(caplog.records) == 1


@pytest.mark.shared
def test_real_channel_as_shards_equals_one_file(shared, tmp_path, opener) -> None:
    packed = (shared / "channels" / "pytorch" / "linux-64" / "repodata.json.zst").read_bytes()
    contents = json.loads(zstandard.ZstdDecompressor().decompressobj().decompress(packed))
    folder = write_files(tmp_path, form_files("shards", contents))
    one_file = opener(shared / "channels" / "pytorch", name="pytorch")
    assert everything(opener(folder)) == everything(one_file)
    assert opener(folder, policy=CachePolicy(refresh=True)).exists
