"""Connections of each thread's own, and a bound on the requests of all.

httpcore's pool looks at each of its connections for each of its others at every request: with thirty
of them that takes longer than the request. A thread has one request under way, so a pool of its own
holds one connection a server.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import cast

import httpx


class ThreadPools(httpx.BaseTransport):
    """Sends each request through a transport that only its thread uses; ``most`` are under way at once."""

    def __init__(self, make: Callable[[], httpx.BaseTransport], most: int) -> None:
        self._make = make
        self._own = threading.local()
        self._lock = threading.Lock()
        self._made: list[httpx.BaseTransport] = []
        self._slots = threading.BoundedSemaphore(most)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; it is under way until its answer is closed."""
        transport = self._transport()
        self._slots.acquire()
        try:
            answer = transport.handle_request(request)
        except BaseException:
            self._slots.release()
            raise
        answer.stream = _Counted(cast("httpx.SyncByteStream", answer.stream), self._slots.release)
        return answer

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            made, self._made = self._made, []
        for transport in made:
            transport.close()

    def _transport(self) -> httpx.BaseTransport:
        found: httpx.BaseTransport | None = getattr(self._own, "transport", None)
        if found is None:
            found = self._own.transport = self._make()
            with self._lock:
                self._made.append(found)
        return found


class _Counted(httpx.SyncByteStream):
    """A body that gives its place free once it is closed."""

    def __init__(self, stream: httpx.SyncByteStream, release: Callable[[], None]) -> None:
        self._stream, self._release = stream, release
        self._is_open = True

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        """Close the body."""
        try:
            self._stream.close()
        finally:
            if self._is_open:
                self._is_open = False
                self._release()
