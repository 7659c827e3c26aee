"""The one way to bytes: http, https, file addresses and plain paths, with one call.

::

    Fetcher.get ──> local.read_local                      file: and paths
        │
        └─> attempt 1..n ──> hop 1..10 (redirects) ──> httpx.Client, pooled
              │  429, 5xx, broken or truncated: wait, try again
              └─ 401, 403: ask keyring once, try again, else AuthenticationError
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import IO, TYPE_CHECKING, TypeVar
from urllib.parse import urljoin, urlsplit

from resolver.errors import AuthenticationError, OfflineError, SourceError
from resolver.model.redaction import is_remote, redact, strip
from resolver.sources.background import Background, Task
from resolver.sources.http.client import Muzzle, make_client
from resolver.sources.http.credentials import Credential, Credentials
from resolver.sources.http.local import read_local
from resolver.sources.http.response import ByteRange, FetchReporter, Response
from resolver.sources.http.retry import RETRIED_STATUSES, parse_retry_after
from resolver.sources.http.settings import HttpSettings

if TYPE_CHECKING:
    import httpx

__all__ = ["ByteRange", "FetchReporter", "Fetcher", "HttpSettings", "Response", "Task"]

T = TypeVar("T")
_log = logging.getLogger(__name__)

_LONGEST_CHAIN = 10  #: redirects followed for one request
_VALUES = frozenset({304, 404, 410, 416})  #: answers that the caller judges
#: A server that ignores a range sends the whole file: more than this is left unread.
_UNRANGED_LIMIT = 1 << 20
_PACKED = (".zst", ".bz2", ".gz", ".whl", ".conda", ".zip")


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
    ) -> None:
        """``environ`` gives proxies, certificates and, without ``credentials``, those too; None: nothing."""
        self.settings = settings or HttpSettings()
        self.credentials = credentials or Credentials(environ)
        self.reporter = reporter or FetchReporter()
        self._environ = dict(environ or {})
        self._client: httpx.Client | None = None
        self._pool: Background | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()
        #: servers that were silent through all attempts: they are asked once from then on
        self._silent: set[str] = set()
        self._muzzle = Muzzle(self.credentials.redact)

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        byte_range: ByteRange | None = None,
        sink: IO[bytes] | None = None,
        attempts: int | None = None,
    ) -> Response:
        """Fetch ``url`` (http, https, file or a path) and return the answer, 404 included.

        ``headers`` names are lower case. With ``byte_range`` an obliging server
        answers 206; one that ignores it 200, with the body only if that is at
        most 1 MiB (else ``is_complete`` is False). With ``sink`` the body of a
        200 is written there, from position 0, and ``body`` is empty. ``attempts``
        overrules the settings where there is another place to ask.

        Raises AuthenticationError (401, 403), OfflineError, SourceError (everything
        else, after the retries).
        """
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        if not is_remote(url):
            if "://" in url and url[:5].lower() != "file:":
                raise SourceError(f"`{url.partition(':')[0]}` is not a way to read a source", strip(url))
            return read_local(url, headers=sent, byte_range=byte_range, sink=sink)
        url = self.credentials.learn(url)
        if self.settings.offline:
            reason = "is not in the cache, and the network may not be used"
            raise OfflineError(reason, url, "Lock once without `--offline`.")
        self.reporter.fetch_started(url)
        size = 0
        try:
            tries = attempts or self.settings.retry.attempts
            response, size = self._with_retries(url, sent, byte_range, sink, tries)
        finally:
            self.reporter.fetch_done(url, size)
        return response

    def submit(self, call: Callable[..., T], *args: object, priority: int = 0) -> Task[T]:
        """Run ``call(*args)`` on the background pool; lower ``priority`` first, then first come.

        ``Task.result()`` runs it in the calling thread if no other has begun.
        """
        work = functools.partial(call, *args)
        with self._lock:
            if self._closed.is_set():
                return Task(work)
            if self._pool is None:
                self._pool = Background(self.settings.concurrency)
        return self._pool.submit(work, priority=priority)

    def close(self) -> None:
        """Drop waiting background work and close every connection; may be called twice."""
        self._closed.set()
        with self._lock:
            pool, self._pool = self._pool, None
            client, self._client = self._client, None
        if pool:
            pool.close()
        if client:
            client.close()
        self._muzzle.take_off()

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _with_retries(
        self,
        url: str,
        headers: dict[str, str],
        byte_range: ByteRange | None,
        sink: IO[bytes] | None,
        attempts: int,
    ) -> tuple[Response, int]:
        """Ask until an answer comes or patience ends; return it with the bytes received.

        A server that is silent keeps a run waiting for each attempt: where it was silent through
        all of them, it is asked once for everything else, until it answers.
        """
        policy, server = self.settings.retry, urlsplit(url).netloc
        if server in self._silent:
            attempts = 1
        for attempt in range(1, attempts + 1):
            try:
                answer = self._attempt(url, headers, byte_range, sink)
            except _Retry as signal:
                fault = signal
            else:
                self._silent.discard(server)
                return answer
            asked = fault.retry_after
            if attempt == attempts or self._closed.is_set() or (asked or 0) > policy.longest_asked:
                if fault.is_silence:
                    self._silent.add(server)
                raise SourceError(fault.reason, url, fault.hint, fault.status) from None
            delay = policy.delay(attempt) if asked is None else asked
            _log.info("%s: %s; asking again in %.1f s", url, fault.reason, delay)
            self.reporter.fetch_waits(url, delay, fault.reason)
            self._closed.wait(delay)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _attempt(
        self, url: str, headers: dict[str, str], byte_range: ByteRange | None, sink: IO[bytes] | None
    ) -> tuple[Response, int]:
        """Send one request, following redirects; raises _Retry for what may pass."""
        import httpx

        try:
            return self._follow(url, headers, byte_range, sink)
        except httpx.InvalidURL:
            raise SourceError("is not a valid address", url) from None
        except httpx.UnsupportedProtocol:
            raise SourceError("redirects to an address that is not http", url) from None
        except httpx.TransportError as error:
            raise self._transport_fault(error, url) from None
        except httpx.DecodingError:
            raise _Retry("the answer's body is damaged") from None

    def _follow(
        self, url: str, headers: dict[str, str], byte_range: ByteRange | None, sink: IO[bytes] | None
    ) -> tuple[Response, int]:
        target, may_identify, asked_keyring = url, True, False
        for _ in range(_LONGEST_CHAIN):
            credential = self.credentials.find(target) if may_identify else None
            address, extra = credential.apply(target) if credential else (target, {})
            address = self.credentials.restore_query(target) if address == target else address
            sent = {**headers, **_encoding(target, byte_range), **extra}
            client = self._open_client()
            with client.stream("GET", address, headers=sent) as answer:
                location = answer.headers.get("location")
                if answer.status_code in (301, 302, 303, 307, 308) and location:
                    goal = urljoin(address, location)
                    # A credential goes to no other host, not even one that we know otherwise:
                    # the server that redirects would choose where we identify ourselves.
                    may_identify = may_identify and _same_server(target, goal)
                    target = self.credentials.learn(goal) if may_identify else goal
                    continue
                if answer.status_code in (401, 403) and may_identify and not asked_keyring and not credential:
                    asked_keyring = True
                    if self.credentials.ask_keyring(target):
                        continue
                return self._receive(answer, url, strip(target), credential, byte_range, sink)
        raise SourceError(f"redirects more than {_LONGEST_CHAIN} times", url)

    def _receive(
        self,
        answer: httpx.Response,
        url: str,
        final_url: str,
        credential: Credential | None,
        byte_range: ByteRange | None,
        sink: IO[bytes] | None,
    ) -> tuple[Response, int]:
        """Judge the status and read the body; raises _Retry, AuthenticationError or SourceError."""
        status = answer.status_code
        if status in (401, 403):
            raise _refusal(status, url, credential)
        if status in RETRIED_STATUSES:
            wait = parse_retry_after(answer.headers.get("retry-after"), now=time.time())
            raise _Retry(f"the server answers {status} {answer.reason_phrase}".rstrip(), wait, status=status)
        if not (200 <= status < 300 or status in _VALUES):
            reason = f"the server answers {status} {answer.reason_phrase}".rstrip()
            raise SourceError(reason, url, status=status)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        if status in _VALUES:
            return Response(status=status, headers=headers, url=final_url), 0
        if byte_range is not None and status == 200 and _length(headers) > _UNRANGED_LIMIT:
            return Response(status=status, headers=headers, url=final_url, is_complete=False), 0
        if sink is not None and status == 200:
            size = _pour(answer, sink)
            return Response(status=status, headers=headers, url=final_url), size
        body = answer.read()
        return Response(status=status, headers=headers, body=body, url=final_url), len(body)

    def _open_client(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                if self._closed.is_set():
                    raise SourceError("the run is over", "fetcher")
                self._muzzle.put_on()
                try:
                    self._client = make_client(self.settings, self._environ)
                except (OSError, ValueError, ImportError) as error:  # certificates, proxies
                    reason = f"can't start: {self._words(error)}"
                    hint = "Check the certificate and proxy settings."
                    raise SourceError(reason, "network", hint) from None
            return self._client

    def _transport_fault(self, error: httpx.TransportError, url: str) -> Exception:
        """Turn a broken exchange into _Retry, or into SourceError where asking again can't help."""
        import socket
        import ssl

        import httpx

        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                reason = f"the server's certificate is not trusted: {cause.verify_message}"
                return SourceError(reason, url, "Set `SSL_CERT_FILE` to the certificates of your network.")
            if isinstance(cause, ssl.SSLError) and "CERTIFICATE_REQUIRED" in (cause.reason or ""):
                return SourceError(
                    "the server asks for a client certificate",
                    url,
                    "Name it with `--client-cert`, or as `client-cert` in the settings.",
                )
            if isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_NONAME:
                return SourceError("the host's name is unknown", url, "Check the address and the network.")
            cause = cause.__cause__ or cause.__context__
        if isinstance(error, httpx.TimeoutException):
            return _Retry("the server does not answer in time", is_silence=True)
        if isinstance(error, httpx.ProxyError):
            return _Retry(f"the proxy fails: {self._words(error)}", hint="Check the proxy settings.")
        if isinstance(error, httpx.ConnectError):
            return _Retry(f"can't connect: {self._words(error)}", hint="Check the address and the network.")
        return _Retry(f"the connection broke: {self._words(error)}")

    def _words(self, error: BaseException) -> str:
        """Return the first line of an error's text without secrets, or its kind."""
        lines = self.credentials.redact(str(error)).splitlines()
        return lines[0] if lines else type(error).__name__


class _Retry(Exception):  # noqa: N818 - a signal between two methods, not an error
    """The exchange failed in a way that may pass."""

    def __init__(
        self,
        reason: str,
        retry_after: float | None = None,
        hint: str | None = None,
        status: int | None = None,
        is_silence: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason, self.retry_after, self.hint, self.status = redact(reason), retry_after, hint, status
        self.is_silence = is_silence


def _refusal(status: int, url: str, credential: Credential | None) -> AuthenticationError:
    if credential:
        return AuthenticationError(
            f"the server answers {status}: it refuses the credentials from {credential.source}",
            url,
            "Renew them, or check that they may read this address.",
            status,
        )
    host = (urlsplit(url).hostname or "HOST").upper().replace(".", "_").replace("-", "_")
    return AuthenticationError(
        f"the server answers {status}, and no credentials are known for it",
        url,
        f"Set `LOCK_AUTH_{host}` to `user:password`, or add the host to your netrc file or keyring.",
        status,
    )


def _encoding(url: str, byte_range: ByteRange | None) -> dict[str, str]:
    """Ask for compression only where it helps: never for parts of files or packed ones."""
    if byte_range is None:
        return {"accept-encoding": "identity" if urlsplit(url).path.endswith(_PACKED) else "gzip"}
    first, last = byte_range
    value = f"bytes={first}" if first < 0 else f"bytes={first}-{'' if last is None else last}"
    return {"accept-encoding": "identity", "range": value}


def _same_server(left: str, right: str) -> bool:
    """Tell whether a redirect stays on one server; from http to https on usual ports counts too."""
    a, b = urlsplit(left), urlsplit(right)
    ports = {"http": 80, "https": 443}
    first = (a.scheme, a.hostname, a.port or ports.get(a.scheme))
    second = (b.scheme, b.hostname, b.port or ports.get(b.scheme))
    return first == second or (
        a.hostname == b.hostname and first[::2] == ("http", 80) and second[::2] == ("https", 443)
    )


def _length(headers: Mapping[str, str]) -> int:
    """Return the announced size; huge where a server tells none."""
    value = headers.get("content-length", "")
    return int(value) if value.isdigit() else 1 << 62


def _pour(answer: httpx.Response, sink: IO[bytes]) -> int:
    """Write the body to ``sink`` from its start, over what a broken attempt left there."""
    sink.seek(0)
    sink.truncate()
    size = 0
    for chunk in answer.iter_bytes(1 << 18):
        size += sink.write(chunk)
    return size
