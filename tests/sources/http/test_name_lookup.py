"""Host names are looked up once, whoever asks at the same time."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import httpx
import pytest

from resolver.sources.http.fetching import Fetcher
from resolver.sources.http.name_lookup import NameLookup, use_lookup
from tests.support.server import LoopbackServer

SYSTEM = socket.getaddrinfo


class SlowResolver:
    """Stands in for the system's resolver and counts."""

    def __init__(self, *addresses: str, fault: OSError | None = None) -> None:
        self.addresses, self.fault, self.calls = addresses, fault, 0

    def __call__(self, host: str, port: int, *rest: Any, **more: Any) -> list[Any]:
        if host[0].isdigit():  # connecting to a numeric address passes here too, and asks nobody
            return SYSTEM(host, port, *rest, **more)
        self.calls += 1
        time.sleep(0.02)
        if self.fault:
            raise self.fault
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in self.addresses]


def test_threads_share_one_lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver, lookup = SlowResolver("192.0.2.1", "192.0.2.2", "192.0.2.1"), NameLookup()
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    found: list[tuple[str, ...]] = []
    threads = [
        threading.Thread(target=lambda: found.append(lookup.addresses("example.org", 443))) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert found == [("192.0.2.1", "192.0.2.2")] * 16
    assert resolver.calls == 1
    lookup.forget("example.org", 443)
    lookup.addresses("example.org", 443)
    assert resolver.calls == 2


def test_fault_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver, lookup = (
        SlowResolver("192.0.2.1", fault=socket.gaierror(socket.EAI_AGAIN, "later")),
        NameLookup(),
    )
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    with pytest.raises(socket.gaierror):
        lookup.addresses("example.org", 443)
    resolver.fault = None
    assert lookup.addresses("example.org", 443) == ("192.0.2.1",)


def test_second_address_serves_where_the_first_does_not() -> None:
    lookup = NameLookup()
    with LoopbackServer({"a": b"body"}) as server:
        lookup._found["somewhere.example", server.port] = ("127.0.0.9", "127.0.0.1")
        transport = httpx.HTTPTransport(trust_env=False)
        use_lookup(transport, lookup)
        with httpx.Client(transport=transport, trust_env=False) as client:
            assert client.get(f"http://somewhere.example:{server.port}/a").content == b"body"
        assert server.seen[0].headers["host"] == f"somewhere.example:{server.port}"


def test_fetcher_asks_once_for_many_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = SlowResolver("127.0.0.1")
    with LoopbackServer({"a": b"body"}) as server, Fetcher() as fetcher:
        server.slow("/a", 0.05)
        monkeypatch.setattr(socket, "getaddrinfo", resolver)
        url = f"http://somewhere.example:{server.port}/a"
        tasks = [fetcher.submit(fetcher.get, url) for _ in range(8)]
        assert [task.result().body for task in tasks] == [b"body"] * 8
        assert resolver.calls == 1
