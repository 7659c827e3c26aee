"""The one way to bytes: http, https, file addresses and plain paths, with one call.

::

    Fetcher.get ──> local.read_local         file: and paths
        │
        └─> asking.Servers.answer            http and https, where the network may be used
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import IO, TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from resolver.errors import OfflineError, SourceError
from resolver.model.redaction import is_remote, redact, strip
from resolver.sources.background import Background, Task
from resolver.sources.copied import leave_if_copy
from resolver.sources.http.credentials import Credentials
from resolver.sources.http.response import ByteRange, FetchReporter, Response
from resolver.sources.http.settings import HttpSettings
from resolver.sources.limits import ResourceKind

if TYPE_CHECKING:
    from resolver.sources.http.asking import Servers

__all__ = ["ByteRange", "FetchReporter", "Fetcher", "HttpSettings", "Response", "Task"]

T = TypeVar("T")
_LONGEST_ADDRESS = 65_536  #: characters


class Fetcher:
    """Reads addresses; one instance may serve every thread of a run.

    Nothing is opened before the first remote address. Credentials inside an
    address are learned, and never appear in answers, errors or logs.
    """

    def __init__(
        self,
        settings: HttpSettings | None = None,
        *,
        credentials: Credentials | None = None,
        reporter: FetchReporter | None = None,
        environ: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``environ`` gives proxies, certificates and, without ``credentials``, those too; None: nothing.

        ``clock`` gives seconds, from any moment on.
        """
        self.settings = settings or HttpSettings()
        self.credentials = credentials or Credentials(environ)
        self.reporter = reporter or FetchReporter()
        self._environ = dict(environ or {})
        self._clock = clock
        self._servers: Servers | None = None
        self._pool: Background | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        byte_range: ByteRange | None = None,
        sink: IO[bytes] | None = None,
        attempts: int | None = None,
        kind: ResourceKind = ResourceKind.PAGE,
        is_link: bool = False,
    ) -> Response:
        """Fetch ``url`` (http, https, file or a path) and return the answer, 404 included.

        ``headers`` names are lower case. With ``byte_range`` an obliging server
        answers 206; one that ignores it 200, with the body only if that is at
        most 1 MiB (else ``is_complete`` is False). With ``sink`` the body of a
        200 is written there, from position 0, and ``body`` is empty. ``attempts``
        overrules the settings where there is another place to ask. ``kind`` says which
        bounds the answer is held to. ``is_link``: the address is a source's, not the user's.

        Raises AuthenticationError (401, 403), OfflineError, SourceError (everything
        else, after the retries).
        """
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        if not is_remote(url):
            from resolver.sources.http.local import read_local

            if "://" in url and url[:5].lower() != "file:":
                raise SourceError(f"`{url.partition(':')[0]}` is not a way to read a source", strip(url))
            bound = self.settings.limits.bound(kind)
            return read_local(url, headers=sent, byte_range=byte_range, sink=sink, largest=bound.sent)
        url = self._checked(url)
        if self.settings.tape is not None:
            from resolver.sources.tape import Asking

            ask = functools.partial(
                self._ask_server, url, sent, byte_range=byte_range, sink=sink, attempts=attempts, kind=kind,
                is_link=is_link,
            )  # fmt: skip
            how = Asking(headers=sent, kind=kind, is_link=is_link)
            return self.settings.tape.ask(url, byte_range, sink, ask, self.credentials.redact, how)
        return self._ask_server(
            url, sent, byte_range=byte_range, sink=sink, attempts=attempts, kind=kind, is_link=is_link
        )

    def _ask_server(
        self,
        url: str,
        sent: dict[str, str],
        *,
        byte_range: ByteRange | None,
        sink: IO[bytes] | None,
        attempts: int | None,
        kind: ResourceKind,
        is_link: bool,
    ) -> Response:
        if self.settings.offline:
            reason = "is not in the cache, and the network may not be used"
            raise OfflineError(reason, url, "Lock once without `--offline`.")
        leave_if_copy()
        from resolver.sources.http.asking import AskedServer

        self.reporter.fetch_started(url)
        size = 0
        try:
            tries = attempts or self.settings.retry.attempts
            asked = AskedServer(url, sent, byte_range, sink, kind, is_link)
            response, size = self._open_servers().answer(asked, tries, self.reporter)
        finally:
            self.reporter.fetch_done(url, size)
        return response

    def submit(self, call: Callable[..., T], *args: object, priority: int = 0) -> Task[T]:
        """Run ``call(*args)`` on the background pool; lower ``priority`` first, then first come.

        ``Task.result()`` runs it in the calling thread if no other has begun.
        """
        leave_if_copy()
        work = functools.partial(call, *args)
        with self._lock:
            if self._closed.is_set():
                return Task(work)
            if self._pool is None:
                self._pool = Background(self.settings.concurrency)
        return self._pool.submit(work, priority=priority)

    def begin(self, call: Callable[[], T], *, at_hand: bool, priority: int = 0) -> Task[T]:
        """Queue a call that may have to wait; one that won't runs when its result is asked for.

        Handing work to another thread and back takes longer than reading a file of the cache.
        """
        return Task(call) if at_hand else self.submit(call, priority=priority)

    def close(self) -> None:
        """Drop waiting background work and close every connection; may be called twice."""
        self._closed.set()
        with self._lock:
            pool, self._pool = self._pool, None
            servers = self._servers
        if pool:
            pool.close()
        if servers:
            servers.close()

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _checked(self, url: str) -> str:
        """Return an address without its secrets, which are learned; raises SourceError for what is none."""
        try:
            clean = self.credentials.learn(url)
            parts = urlsplit(clean)
            is_good = bool(parts.hostname) and parts.port != 0 and len(clean) <= _LONGEST_ADDRESS
        except ValueError:  # `https://[`, a port of 5,000 digits
            is_good = False
        if not is_good:
            raise SourceError("is not a valid address", redact(url[:200]))
        return clean

    def _open_servers(self) -> Servers:
        from resolver.sources.http.asking import Servers

        with self._lock:
            if self._servers is None:
                self._servers = Servers(
                    self.settings, self.credentials, self._environ, self._clock, self._closed
                )
            return self._servers
