"""Connections of each thread's own."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from resolver.sources.http.thread_pools import ThreadPools


class Transport(httpx.BaseTransport):
    """Answers; notes who asks, and how many requests are under way."""

    def __init__(self, busy: Busy) -> None:
        self.busy, self.threads, self.is_closed = busy, set[int](), False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.threads.add(threading.get_ident())
        self.busy.begin()
        if request.url.path == "/broken":
            self.busy.end()
            raise httpx.ReadError("broken")
        return httpx.Response(200, stream=Body(self.busy))

    def close(self) -> None:
        self.is_closed = True


class Body(httpx.SyncByteStream):
    def __init__(self, busy: Busy) -> None:
        self.busy = busy

    def __iter__(self):  # type: ignore[no-untyped-def]
        yield b"some"
        yield b"thing"

    def close(self) -> None:
        self.busy.end()


class Busy:
    def __init__(self) -> None:
        self.lock, self.now, self.most = threading.Lock(), 0, 0

    def begin(self) -> None:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def end(self) -> None:
        with self.lock:
            self.now -= 1


def test_threads_share_no_connections_and_keep_to_the_bound() -> None:
    busy, made = Busy(), list[Transport]()

    def make() -> Transport:
        made.append(Transport(busy))
        return made[-1]

    pools = ThreadPools(make, most=3)
    with httpx.Client(transport=pools) as client:
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda n: client.get(f"http://a.example/{n}").content, range(200)))
        with pytest.raises(httpx.ReadError):
            client.get("http://a.example/broken")
        assert answers == [b"something"] * 200
        assert 1 <= busy.most <= 3
        assert busy.now == 0
        assert all(len(transport.threads) == 1 for transport in made)
        assert len({t for transport in made for t in transport.threads}) == len(made)
        for _ in range(5):  # what failed, or is closed twice, has given its place free once
            with client.stream("GET", "http://a.example/") as answer:
                answer.close()
    assert all(transport.is_closed for transport in made)
