"""Host names looked up once, by one thread at a time.

A pool that opens thirty connections to one host asks for its address thirty
times at once. Name servers and the firewalls before them drop some of such a
burst, and the system's resolver waits 5 seconds before it asks again: measured
as every third cold run losing that time.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

    from resolver.sources.http.metering import SocketMeter


class NameLookup:
    """Addresses of hosts, remembered for the length of a run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._host_locks: dict[tuple[str, int], threading.Lock] = {}
        self._found: dict[tuple[str, int], tuple[str, ...]] = {}

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Return the host's numeric addresses in the system's order; raises socket.gaierror."""
        key = (host, port)
        with self._lock:
            found = self._found.get(key)
            lock = self._host_locks.setdefault(key, threading.Lock())
        if found is not None:
            return found
        with lock:
            if key not in self._found:
                answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                self._found[key] = tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))
            return self._found[key]

    def forget(self, host: str, port: int) -> None:
        """Look the host up again next time."""
        self._found.pop((host, port), None)


def use_lookup(transport: httpx.HTTPTransport, lookup: NameLookup, meter: SocketMeter | None = None) -> None:
    """Make ``transport`` open its connections through ``lookup``; a proxy's host too.

    ``meter`` counts what comes over them.
    """
    import httpcore

    class Backend(httpcore.SyncBackend):
        def connect_tcp(
            self,
            host: str,
            port: int,
            timeout: float | None = None,
            local_address: str | None = None,
            socket_options: Iterable[Any] | None = None,
        ) -> httpcore.NetworkStream:
            fault: Exception | None = None
            try:
                addresses = lookup.addresses(host, port)
            except OSError as error:
                raise httpcore.ConnectError(str(error)) from error
            for address in addresses:
                try:
                    stream = super().connect_tcp(address, port, timeout, local_address, socket_options)
                except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                    fault = error
                else:
                    return meter.over(stream) if meter else stream
            lookup.forget(host, port)
            raise fault or httpcore.ConnectError("the host has no address")

    # httpx has no parameter for it; TLS is spoken with the host's name all the same
    transport._pool._network_backend = Backend()  # noqa: SLF001
