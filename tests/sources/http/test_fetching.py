"""The fetcher against a real server on loopback."""

from __future__ import annotations

import io
import logging
import threading
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from resolver.errors import AuthenticationError, OfflineError, SourceError
from resolver.sources.http.client import _proxies
from resolver.sources.http.credentials import Credentials
from resolver.sources.http.fetching import Fetcher, FetchReporter, HttpSettings, Response
from resolver.sources.http.retry import RetryPolicy, parse_retry_after
from tests.support.server import LoopbackServer

QUICK = HttpSettings(retry=RetryPolicy(attempts=4, first_delay=0.001), read_timeout=5.0)
BODY = bytes(range(256)) * 40


class Watcher(FetchReporter):
    def __init__(self) -> None:
        self.started: list[str] = []
        self.done: list[tuple[str, int]] = []
        self.waits: list[str] = []

    def fetch_started(self, where: str) -> None:
        self.started.append(where)

    def fetch_done(self, where: str, size: int) -> None:
        self.done.append((where, size))

    def fetch_waits(self, where: str, seconds: float, reason: str) -> None:
        assert seconds >= 0
        assert where in self.started
        self.waits.append(reason)


@pytest.fixture
def server():
    with LoopbackServer({"file.bin": BODY, "folder/index.html": b"<html>"}) as running:
        yield running


@pytest.fixture
def watcher():
    return Watcher()


@pytest.fixture
def fetcher(watcher):
    with Fetcher(QUICK, reporter=watcher) as made:
        yield made


def test_get_returns_body_headers_and_reports(server, fetcher, watcher) -> None:
    answer = fetcher.get(f"{server.url}/file.bin")
    assert (answer.status, answer.body, answer.found) == (200, BODY, True)
    assert answer.headers["etag"].startswith('"')
    assert watcher.done == [(f"{server.url}/file.bin", len(BODY))]


def test_connection_is_kept(server, fetcher) -> None:
    opened = []
    original = server._server.get_request
    server._server.get_request = lambda: opened.append(1) or original()
    for _ in range(5):
        fetcher.get(f"{server.url}/file.bin")
    assert len(opened) == 1


def test_missing_is_a_value(server, fetcher) -> None:
    answer = fetcher.get(f"{server.url}/nothing")
    assert (answer.status, answer.found, answer.body) == (404, False, b"")


def test_known_etag_answers_304(server, fetcher) -> None:
    first = fetcher.get(f"{server.url}/file.bin")
    again = fetcher.get(f"{server.url}/file.bin", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


RANGES = [
    ((0, 9), BODY[:10]),
    ((100, 199), BODY[100:200]),
    ((-50, None), BODY[-50:]),
    ((len(BODY) - 3, None), BODY[-3:]),
]


@pytest.mark.parametrize(("wanted", "expected"), RANGES, ids=str)
@pytest.mark.parametrize("kind", ["http", "file"])
def test_byte_ranges(server, fetcher, tmp_path, kind, wanted, expected) -> None:
    (tmp_path / "file.bin").write_bytes(BODY)
    base = server.url if kind == "http" else tmp_path.as_uri()
    answer = fetcher.get(f"{base}/file.bin", byte_range=wanted)
    assert (answer.status, answer.body, answer.total_size) == (206, expected, len(BODY))


@pytest.mark.parametrize("kind", ["http", "file"])
def test_range_beyond_the_end_is_a_value(server, fetcher, tmp_path, kind) -> None:
    (tmp_path / "file.bin").write_bytes(BODY)
    base = server.url if kind == "http" else str(tmp_path)
    assert fetcher.get(f"{base}/file.bin", byte_range=(len(BODY), None)).status == 416


def test_a_part_of_a_large_local_file_is_read_and_the_whole_is_not(fetcher, tmp_path) -> None:
    """A wheel of a local index may have gigabytes; of it only the directory and METADATA are wanted."""
    file = tmp_path / "large.whl"
    with file.open("wb") as stream:
        stream.truncate(1 << 30)  # a hole: no space is taken
        stream.seek((1 << 30) - len(BODY))
        stream.write(BODY)
    answer = fetcher.get(file.as_uri(), byte_range=(-len(BODY), None))
    assert (answer.status, answer.body, answer.total_size) == (206, BODY, 1 << 30)
    for too_much in (None, (0, None)):
        with pytest.raises(SourceError, match="is larger than"):
            fetcher.get(file.as_uri(), byte_range=too_much)


def test_server_without_ranges_is_not_read_to_the_end(server, fetcher) -> None:
    server.ranges = False
    server.files["big.whl"] = bytes(3 << 20)
    answer = fetcher.get(f"{server.url}/big.whl", byte_range=(-100, None))
    assert (answer.status, answer.body, answer.is_complete, answer.total_size) == (200, b"", False, 3 << 20)
    small = fetcher.get(f"{server.url}/file.bin", byte_range=(-100, None))
    assert (small.status, small.body, small.is_complete) == (200, BODY, True)


PASSING = [
    ("429 with Retry-After", lambda s: s.fail("/file", status=429, times=1, headers={"Retry-After": "0"})),
    ("503 twice", lambda s: s.fail("/file", status=503, times=2)),
    ("truncated body", lambda s: s.truncate("/file", times=2)),
    ("dropped connection", lambda s: s.drop("/file", times=2)),
]


@pytest.mark.parametrize("misbehave", [act for _, act in PASSING], ids=[why for why, _ in PASSING])
@pytest.mark.parametrize("to_sink", [False, True])
def test_passing_faults_are_asked_again(server, fetcher, watcher, misbehave, to_sink) -> None:
    misbehave(server)
    sink = io.BytesIO()
    answer = fetcher.get(f"{server.url}/file.bin", sink=sink if to_sink else None)
    assert (sink.getvalue() if to_sink else answer.body) == BODY
    assert watcher.waits
    assert len(watcher.started) == len(watcher.done) == 1


def test_retry_after_is_obeyed(server, fetcher) -> None:
    server.fail("/file", status=429, times=1, headers={"Retry-After": "1"})
    start = time.monotonic()
    assert fetcher.get(f"{server.url}/file.bin").status == 200
    assert time.monotonic() - start >= 1.0


def test_too_much_patience_asked_is_an_error_at_once(server, fetcher) -> None:
    server.fail("/file", status=503, headers={"Retry-After": "86400"})
    with pytest.raises(SourceError, match="the server answers 503"):
        fetcher.get(f"{server.url}/file.bin")
    assert len(server.paths) == 1


LASTING = [
    ("gateway", lambda s: s.fail("/", status=502), "the server answers 502 Bad Gateway", 4, 502),
    ("truncated", lambda s: s.truncate("/"), "the connection broke: ", 4, None),
    ("hangs up", lambda s: s.drop("/"), "the connection broke: ", 4, None),
    ("teapot", lambda s: s.fail("/", status=418), "the server answers 418", 1, 418),
    (
        "away from http",
        lambda s: s.redirect("/", "file:///x"),
        "redirects to an address that is not http",
        1,
        None,
    ),
    ("loop", lambda s: s.redirect("/", "/x"), "redirects more than 10 times", 10, None),
]


@pytest.mark.parametrize("case", LASTING, ids=[case[0] for case in LASTING])
def test_lasting_faults_are_source_errors(server, fetcher, case) -> None:
    _, misbehave, words, asked, status = case
    misbehave(server)
    with pytest.raises(SourceError) as caught:
        fetcher.get(f"{server.url}/file.bin")
    assert str(caught.value).startswith(f"{server.url}/file.bin: {words}")
    assert caught.value.exit_code == 3
    assert caught.value.status == status
    assert len(server.paths) == asked


def test_nobody_listens(fetcher) -> None:
    with LoopbackServer() as server:
        gone = server.url
    with pytest.raises(SourceError, match="can't connect: ") as caught:
        fetcher.get(f"{gone}/x")
    assert caught.value.hint == "Check the address and the network."


def test_a_server_that_was_silent_is_asked_once_until_it_answers(server: LoopbackServer) -> None:
    server.files.update({"a": b"a", "b": b"b", "c": b"c"})
    server.slow("/a", 1.0, times=3)
    server.slow("/b", 1.0, times=1)
    settings = HttpSettings(retry=RetryPolicy(attempts=3, first_delay=0.001), read_timeout=0.2)
    with Fetcher(settings) as fetcher:
        for path in ("a", "b"):
            with pytest.raises(SourceError, match="does not answer in time"):
                fetcher.get(f"{server.url}/{path}")
        assert fetcher.get(f"{server.url}/c").body == b"c"
        server.fail("/a", status=503, times=1)
        assert fetcher.get(f"{server.url}/a").body == b"a"  # it answers again: so often as ever


def test_silence_times_out(server) -> None:
    server.slow("/file", 1.0)
    settings = HttpSettings(retry=RetryPolicy(attempts=1), read_timeout=0.1)
    with Fetcher(settings) as fetcher, pytest.raises(SourceError, match="does not answer in time"):
        fetcher.get(f"{server.url}/file.bin")


def test_offline_reads_files_only(server, tmp_path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    with Fetcher(HttpSettings(offline=True)) as fetcher:
        assert fetcher.get(str(tmp_path / "a")).body == b"1"
        with pytest.raises(OfflineError) as caught:
            fetcher.get(server.with_user("me", "pass-word") + "/file.bin")
    assert "pass-word" not in repr(caught.value)
    assert server.paths == []


@pytest.mark.parametrize("form", [Path.as_uri, str], ids=["file address", "plain path"])
def test_files_and_folders(fetcher, tmp_path, form) -> None:
    folder = tmp_path / "a folder+with%20odd#name"
    folder.mkdir()
    (folder / "index.html").write_bytes(b"<html>")
    address = form(folder)
    answer = fetcher.get(address)
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"<html>", "text/html")
    assert answer.url == address + "/"
    assert fetcher.get(address, headers={"if-none-match": answer.headers["etag"]}).status == 304
    assert fetcher.get(form(tmp_path / "none")).status == 404
    assert fetcher.get(form(folder / "index.html" / "below")).status == 404


def test_unknown_scheme(fetcher) -> None:
    with pytest.raises(SourceError, match="`ftp` is not a way to read a source"):
        fetcher.get("ftp://example.org/x")


def test_body_goes_to_the_sink_from_its_start(server, fetcher) -> None:
    sink = io.BytesIO(b"left over from before" * 10_000)
    assert fetcher.get(f"{server.url}/file.bin", sink=sink).body == b""
    assert sink.getvalue() == BODY


def test_redirect_is_followed_and_told(server, fetcher) -> None:
    server.redirect("/old/", "/")
    answer = fetcher.get(f"{server.url}/old/folder/")
    assert (answer.body, answer.url) == (b"<html>", f"{server.url}/folder/")


def test_requests_run_side_by_side_within_bounds(server) -> None:
    server.slow("/file", 0.05)
    under_way, peak, lock = 0, 0, threading.Lock()

    class Counter(FetchReporter):
        def fetch_started(self, _where: str) -> None:
            nonlocal under_way, peak
            with lock:
                under_way += 1
                peak = max(peak, under_way)

        def fetch_done(self, _where: str, _size: int) -> None:
            nonlocal under_way
            with lock:
                under_way -= 1

    with Fetcher(HttpSettings(concurrency=4), reporter=Counter()) as fetcher:
        tasks = [fetcher.submit(fetcher.get, f"{server.url}/file.bin") for _ in range(12)]
        answers: list[Response] = [task.result() for task in tasks]
    assert {answer.status for answer in answers} == {200}
    assert 2 <= peak <= 5  # four threads of the pool, and the one that waits for results


def test_proxy_from_the_environment_and_its_exceptions(server) -> None:
    server.files["where"] = b"direct"
    with LoopbackServer() as proxy:
        proxy.fail("http://", status=404)
        environ = {"http_proxy": proxy.url.removeprefix("http://")}
        with Fetcher(QUICK, environ=environ) as fetcher:
            assert fetcher.get(f"{server.url}/where").status == 404
        assert proxy.paths == [f"{server.url}/where"]
        with Fetcher(QUICK, environ=environ | {"NO_PROXY": "example.org,127.0.0.1"}) as fetcher:
            assert fetcher.get(f"{server.url}/where").body == b"direct"


PROXY = "http://p.example.org:3128"
OTHER = "http://o.example.org"
PATTERNS = [
    ("none", {}, {}, {}),
    ("the settings alone", {"https": PROXY}, {}, {"https://": PROXY}),
    ("every scheme", {"all": PROXY}, {"HTTP_PROXY": OTHER, "NO_PROXY": "x.org"}, {"all://": PROXY}),
    ("one host", {"https://i.example.org": PROXY}, {}, {"https://i.example.org": PROXY}),
    ("the environment for the other scheme", {"https": PROXY}, {"HTTP_PROXY": OTHER, "HTTPS_PROXY": OTHER},
     {"http://": OTHER, "https://": PROXY}),
    ("exceptions are the environment's", {"https": PROXY}, {"HTTP_PROXY": OTHER, "NO_PROXY": "localhost"},
     {"http://": OTHER, "http://localhost": None, "https://": PROXY}),
    ("of both schemes", {"https": PROXY, "http": OTHER}, {"ALL_PROXY": "x", "NO_PROXY": "localhost"},
     {"http://": OTHER, "https://": PROXY}),
    ("the environment alone", {}, {"all_proxy": "o.example.org", "no_proxy": "localhost"},
     {"all://": OTHER, "all://localhost": None}),
    ("no proxy for anything", {"http": PROXY}, {"HTTPS_PROXY": OTHER, "NO_PROXY": "*"}, {"http://": PROXY}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("explicit", "environ", "patterns"), [c[1:] for c in PATTERNS], ids=[c[0] for c in PATTERNS]
)
def test_proxies_of_settings_and_environment(explicit, environ, patterns) -> None:
    assert _proxies(explicit, environ) == patterns


def test_each_scheme_has_its_proxy(server) -> None:
    server.files["where"] = b"direct"
    with LoopbackServer() as proxy:
        proxy.fail("http://", status=404)
        with Fetcher(replace(QUICK, proxies={"http": proxy.url})) as fetcher:
            assert fetcher.get(f"{server.url}/where").status == 404
        with Fetcher(replace(QUICK, proxies={"https": proxy.url})) as fetcher:
            assert fetcher.get(f"{server.url}/where").body == b"direct"
        assert proxy.paths == [f"{server.url}/where"]


def test_missing_certificates_are_a_clear_error() -> None:
    fetcher = Fetcher(QUICK, environ={"SSL_CERT_FILE": "/no/such/file.pem"})
    with fetcher, pytest.raises(SourceError) as caught:
        fetcher.get("https://127.0.0.1:9/x")
    assert caught.value.hint == "Check the certificate and proxy settings."


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (None, None),
        ("soon", None),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 90.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
    ],
)
def test_retry_after(value, seconds) -> None:
    assert parse_retry_after(value, now=10.0) == seconds


def test_backoff_grows_to_its_bound() -> None:
    policy = RetryPolicy(first_delay=1.0, longest_delay=5.0)
    for attempt, full in enumerate([1, 2, 4, 5, 5], start=1):
        assert all(full / 2 <= policy.delay(attempt) <= full for _ in range(50))


def test_refusal_names_the_ways_to_give_credentials(server, fetcher) -> None:
    server.require_basic("me", "pass-word")
    with pytest.raises(AuthenticationError) as caught:
        fetcher.get(f"{server.url}/file.bin")
    assert "no credentials are known" in str(caught.value)
    assert "`LOCK_AUTH_127_0_0_1`" in (caught.value.hint or "")


def test_other_libraries_logs_hold_no_secret(server, caplog) -> None:
    server.require_token("tok-en-value")
    with caplog.at_level(logging.DEBUG), Fetcher(QUICK, credentials=Credentials()) as fetcher:
        assert fetcher.get(f"{server.url}/t/tok-en-value/file.bin").status == 200
    assert server.paths == ["/t/tok-en-value/file.bin"]
    assert "127.0.0.1" in caplog.text  # something was logged at all
    assert "tok-en-value" not in caplog.text


def test_closed_fetcher_reads_files_and_starts_no_threads(server, tmp_path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    fetcher = Fetcher(QUICK)
    fetcher.close()
    fetcher.close()
    threads = threading.active_count()
    assert fetcher.submit(fetcher.get, str(tmp_path / "a")).result().body == b"1"
    assert threading.active_count() == threads
    with pytest.raises(SourceError, match="the run is over"):
        fetcher.get(f"{server.url}/file.bin")
