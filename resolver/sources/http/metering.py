"""What comes from sockets, counted: one exchange a thread, from its first byte to its last."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from resolver.sources.limits import Exchange

if TYPE_CHECKING:
    import ssl

    import httpcore


class SocketMeter:
    """Knows which exchange each thread is in."""

    def __init__(self) -> None:
        self._local = threading.local()

    @contextmanager
    def watching(self, exchange: Exchange) -> Iterator[None]:
        """Count what this thread receives as part of ``exchange``; its errors come out of the reading."""
        self._local.exchange = exchange
        try:
            yield
        finally:
            self._local.exchange = None

    def received(self, size: int) -> None:
        """Take in that so many bytes came."""
        exchange: Exchange | None = getattr(self._local, "exchange", None)
        if exchange is not None:
            exchange.receive(size)

    def over(self, stream: httpcore.NetworkStream) -> httpcore.NetworkStream:
        """Return ``stream`` with its bytes counted, and those of what is tunnelled through it."""
        found: httpcore.NetworkStream = _stream_kind()(stream, self.received)
        return found


@functools.cache
def _stream_kind() -> type[Any]:
    import httpcore  # dear to load

    class Metered(httpcore.NetworkStream):
        def __init__(self, stream: httpcore.NetworkStream, received: Callable[[int], None]) -> None:
            self._stream, self._received = stream, received

        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            data = self._stream.read(max_bytes, timeout)
            self._received(len(data))
            return data

        def write(self, buffer: bytes, timeout: float | None = None) -> None:
            self._stream.write(buffer, timeout)

        def close(self) -> None:
            self._stream.close()

        def start_tls(
            self,
            ssl_context: ssl.SSLContext,
            server_hostname: str | None = None,
            timeout: float | None = None,
        ) -> httpcore.NetworkStream:
            return Metered(self._stream.start_tls(ssl_context, server_hostname, timeout), self._received)

        def get_extra_info(self, info: str) -> Any:
            return self._stream.get_extra_info(info)

    return Metered
