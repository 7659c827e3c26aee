"""Asking servers: one question until it is answered, over attempts and redirects.

::

    attempt 1..n ──> hop 1..10 (redirects) ──> httpx.Client, pooled
      │  429, 5xx, broken or truncated: wait, try again
      └─ 401, 403: ask keyring once, try again, else AuthenticationError

Apart from :mod:`resolver.sources.http.fetching`, as a run that finds all in the cache asks none.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import IO, TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from resolver.errors import SourceError
from resolver.model.loggers import lazy_logger
from resolver.model.redaction import is_remote, strip
from resolver.sources.http.client import Muzzle, make_client
from resolver.sources.http.credentials import Credential, Credentials
from resolver.sources.http.decoding import EncodingError, iter_body
from resolver.sources.http.faults import Retry, refusal, transport_fault
from resolver.sources.http.metering import SocketMeter
from resolver.sources.http.response import ByteRange, FetchReporter, Response, header_number
from resolver.sources.http.retry import RETRIED_STATUSES, parse_retry_after
from resolver.sources.http.settings import HttpSettings
from resolver.sources.limits import Exchange, LimitError, ResourceKind, Unpacking

if TYPE_CHECKING:
    from typing import NamedTuple

    import httpx
else:
    from resolver.model.named_tuples import NamedTuple

_log = lazy_logger(__name__)

_LONGEST_CHAIN = 10  #: redirects followed for one request
_VALUES = frozenset({304, 404, 410, 416})  #: answers that the caller judges
#: An empty file of these would be taken for one that says that there is nothing.
_NEVER_EMPTY = frozenset(
    {
        ResourceKind.PAGE,
        ResourceKind.REPODATA,
        ResourceKind.SHARD_LIST,
        ResourceKind.SHARD,
        ResourceKind.METADATA,
        ResourceKind.INPUT,
    }
)
_CONTENTS = frozenset({200, 203, 206})  #: answers that bring something
#: A server that ignores a range sends the whole file: more than this is left unread.
_UNRANGED_LIMIT = 1 << 20
_PACKED = (".zst", ".bz2", ".gz", ".whl", ".conda", ".zip")


class AskedServer(NamedTuple):
    """One question, whatever it takes to have it answered."""

    url: str
    headers: dict[str, str]  #: names in lower case
    byte_range: ByteRange | None
    sink: IO[bytes] | None
    kind: ResourceKind
    is_link: bool

    @property
    def is_conditional(self) -> bool:
        """Whether the server may answer that what is known still holds."""
        return "if-none-match" in self.headers or "if-modified-since" in self.headers


class Servers:
    """Asks servers, over connections that stay open; one instance may serve every thread of a run."""

    def __init__(
        self,
        settings: HttpSettings,
        credentials: Credentials,
        environ: Mapping[str, str],
        clock: Callable[[], float],
        closed: threading.Event,
    ) -> None:
        """Open nothing yet. ``closed`` is set when the run is over; ``clock`` gives seconds."""
        self._settings, self._credentials, self._environ = settings, credentials, environ
        self._clock, self._meter, self._closed = clock, SocketMeter(), closed
        self._client: httpx.Client | None = None
        self._lock = threading.Lock()
        #: servers that were silent through all attempts: they are asked once from then on
        self._silent: set[str] = set()
        self._muzzle = Muzzle(credentials.redact)

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            client, self._client = self._client, None
        if client:
            client.close()
        self._muzzle.take_off()

    def answer(self, asked: AskedServer, attempts: int, reporter: FetchReporter) -> tuple[Response, int]:
        """Ask until an answer comes or patience ends; return it with the bytes received.

        A server that is silent keeps a run waiting for each attempt: where it was silent through
        all of them, it is asked once for everything else, until it answers.
        """
        url, policy = asked.url, self._settings.retry
        server = urlsplit(url).netloc
        if server in self._silent:
            attempts = 1
        for attempt in range(1, attempts + 1):
            try:
                answer = self._attempt(asked)
            except Retry as signal:
                fault = signal
            else:
                self._silent.discard(server)
                return answer
            wanted = fault.retry_after
            if attempt == attempts or self._closed.is_set() or (wanted or 0) > policy.longest_asked:
                if fault.is_silence:
                    self._silent.add(server)
                raise SourceError(fault.reason, url, fault.hint, fault.status) from None
            delay = policy.delay(attempt) if wanted is None else wanted
            _log.info("%s: %s; asking again in %.1f s", url, fault.reason, delay)
            reporter.fetch_waits(url, delay, fault.reason)
            self._closed.wait(delay)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _attempt(self, asked: AskedServer) -> tuple[Response, int]:
        """Send one request, following redirects; raises Retry for what may pass."""
        import httpx

        url, settings = asked.url, self._settings
        bound = settings.limits.bound(asked.kind)
        exchange = Exchange(
            asked.kind, settings.limits, self._clock, stretch=settings.read_timeout, bound=bound
        )
        try:
            with self._meter.watching(exchange):
                return self._follow(asked, Unpacking(asked.kind, bound), exchange)
        except httpx.InvalidURL:
            raise SourceError("is not a valid address", url) from None
        except httpx.UnsupportedProtocol:
            raise SourceError("redirects to an address that is not http", url) from None
        except httpx.TransportError as error:
            raise transport_fault(error, url, self._words(error)) from None
        except LimitError as error:
            raise SourceError(f"is not read any further: {error.reason}", url, error.hint) from None
        except EncodingError as error:
            raise (Retry(error.reason) if error.may_pass else SourceError(error.reason, url)) from None

    def _follow(self, asked: AskedServer, count: Unpacking, exchange: Exchange) -> tuple[Response, int]:
        url, byte_range = asked.url, asked.byte_range
        target, may_identify, asked_keyring = url, True, False
        for _ in range(_LONGEST_CHAIN):
            credential = self._credentials.find(target, is_link=asked.is_link) if may_identify else None
            address, extra = credential.apply(target) if credential else (target, {})
            address = self._credentials.restore_query(target) if address == target else address
            sent = {**asked.headers, **_encoding(target, byte_range), **extra}
            client = self._open_client()
            exchange.begin_head()
            with client.stream("GET", address, headers=sent) as answer:
                exchange.end_head()
                location = answer.headers.get("location")
                if answer.status_code in (301, 302, 303, 307, 308) and location:
                    goal = _goal(address, location, url)
                    # A credential goes to no other host, not even one that we know otherwise:
                    # the server that redirects would choose where we identify ourselves.
                    may_identify = may_identify and _same_server(target, goal)
                    target = self._credentials.learn(goal) if may_identify else goal
                    continue
                if answer.status_code in (401, 403) and may_identify and not asked_keyring and not credential:
                    asked_keyring = True
                    if self._may_ask_keyring(asked, target) and self._credentials.ask_keyring(target):
                        continue
                return self._receive(answer, asked, strip(target), credential, count)
        raise SourceError(f"redirects more than {_LONGEST_CHAIN} times", url)

    def _may_ask_keyring(self, asked: AskedServer, target: str) -> bool:
        return not asked.is_link or self._credentials.is_named(target)

    def _receive(
        self,
        answer: httpx.Response,
        asked: AskedServer,
        final_url: str,
        credential: Credential | None,
        count: Unpacking,
    ) -> tuple[Response, int]:
        """Judge the status and read the body; raises Retry, AuthenticationError or SourceError."""
        status = answer.status_code
        self._check_status(answer, asked, credential)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        if status in _VALUES:
            return Response(status=status, headers=headers, url=final_url), 0
        if asked.byte_range is not None and status == 200 and _length(headers) > _UNRANGED_LIMIT:
            return Response(status=status, headers=headers, url=final_url, is_complete=False), 0
        body = iter_body(answer.iter_raw(), headers, count)
        if asked.sink is not None and status == 200:
            size, content = _pour(body, asked.sink), b""
        else:
            content = b"".join(body)
            size = len(content)
        if not size and asked.kind in _NEVER_EMPTY:
            raise SourceError(f"the server answers {status} with nothing in it", asked.url, status=status)
        return (
            Response(
                status=status, headers=headers, body=content, url=final_url, is_framed=_is_framed(headers)
            ),
            size,
        )

    def _check_status(
        self, answer: httpx.Response, asked: AskedServer, credential: Credential | None
    ) -> None:
        """Raise what the status of an answer means, where it is none that has or needs no content."""
        status, url = answer.status_code, asked.url
        words = f"the server answers {status} {answer.reason_phrase}".rstrip()
        if status in (401, 403):
            withheld = asked.is_link and not self._credentials.is_named(url)
            raise refusal(status, url, credential, is_foreign=withheld)
        if status in RETRIED_STATUSES:
            wait = parse_retry_after(answer.headers.get("retry-after"), now=time.time())
            raise Retry(words, wait, status=status)
        if status == 304 and not asked.is_conditional:
            raise SourceError(
                f"{words}, though it was not asked whether anything changed", url, status=status
            )
        if status == 206 and asked.byte_range is None:
            raise SourceError(f"{words}, a part where the whole was asked for", url, status=status)
        if status not in _CONTENTS and status not in _VALUES:
            raise SourceError(words, url, status=status)

    def _open_client(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                if self._closed.is_set():
                    raise SourceError("the run is over", "fetcher")
                self._muzzle.put_on()
                try:
                    self._client = make_client(self._settings, self._environ, self._meter)
                except (OSError, ValueError, ImportError) as error:  # certificates, proxies
                    reason = f"can't start: {self._words(error)}"
                    hint = "Check the certificate and proxy settings."
                    raise SourceError(reason, "network", hint) from None
            return self._client

    def _words(self, error: BaseException) -> str:
        """Return the first line of an error's text without secrets, or its kind."""
        lines = self._credentials.redact(str(error)).splitlines()
        return lines[0] if lines else type(error).__name__


def _encoding(url: str, byte_range: ByteRange | None) -> dict[str, str]:
    """Ask for compression only where it helps: never for parts of files or packed ones."""
    if byte_range is None:
        return {"accept-encoding": "identity" if urlsplit(url).path.endswith(_PACKED) else "gzip"}
    first, last = byte_range
    value = f"bytes={first}" if first < 0 else f"bytes={first}-{'' if last is None else last}"
    return {"accept-encoding": "identity", "range": value}


def _goal(address: str, location: str, url: str) -> str:
    """Return where a redirect leads; raises SourceError for what is no address of a server."""
    try:
        goal = urljoin(address, location)
        _ = urlsplit(goal).port
    except ValueError:
        raise SourceError("redirects to what is not a valid address", url) from None
    if not is_remote(goal):
        raise SourceError("redirects to an address that is not http", url)
    return goal


def _same_server(left: str, right: str) -> bool:
    """Tell whether a redirect stays on one server; from http to https on usual ports counts too."""
    a, b = urlsplit(left), urlsplit(right)
    ports = {"http": 80, "https": 443}
    first = (a.scheme, a.hostname, a.port or ports.get(a.scheme))
    second = (b.scheme, b.hostname, b.port or ports.get(b.scheme))
    return first == second or (
        a.hostname == b.hostname and first[::2] == ("http", 80) and second[::2] == ("https", 443)
    )


def _is_framed(headers: Mapping[str, str]) -> bool:
    """Tell whether a body's end is told, so that one that is cut off shows."""
    return any(name in headers for name in ("content-length", "transfer-encoding", "content-encoding"))


def _length(headers: Mapping[str, str]) -> int:
    """Return the announced size; huge where a server tells none."""
    size = header_number(headers.get("content-length", ""))
    return 1 << 62 if size is None else size


def _pour(body: Iterable[bytes], sink: IO[bytes]) -> int:
    """Write a body to ``sink`` from its start, over what a broken attempt left there."""
    sink.seek(0)
    sink.truncate()
    size = 0
    for chunk in body:
        sink.write(chunk)
        size += len(chunk)
    return size
