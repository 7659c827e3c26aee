"""All that servers answered in one run: noted as it comes in, or given again without a network.

It stands where all bytes of servers pass (:meth:`resolver.sources.http.fetching.Fetcher.get`). What is noted
has no secret: addresses are stripped, and in bodies of text those are masked that are known or have the
shape of one.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Protocol

import msgspec

from resolver.errors import AuthenticationError, OfflineError, SourceError
from resolver.model.redaction import HIDDEN
from resolver.sources.http.response import ByteRange, Response
from resolver.sources.limits import ResourceKind

#: Headers that somebody reads.
_HEADERS = frozenset(
    {"content-type", "content-range", "content-length", "cache-control", "etag", "last-modified"}
)
#: What stands in place of a secret: an address with it is still one.
MASK = "hidden"
#: Beginnings of what is packed, in which nothing is looked for.
_PACKED = (b"\x28\xb5\x2f\xfd", b"BZh", b"\x1f\x8b", b"PK\x03\x04", b"\xfd7zXZ")


class TapedFault(msgspec.Struct, frozen=True, kw_only=True):
    """A question that ended in an error of the source."""

    message: str
    hint: str | None = None
    status: int | None = None
    is_refusal: bool = False  #: 401 or 403


class TapedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One question and what came of it; ``body`` is the name of what holds the bytes."""

    url: str
    byte_range: ByteRange | None = None
    status: int = 0
    headers: dict[str, str] = {}
    final_url: str = ""
    is_complete: bool = True
    is_framed: bool = True
    body: str | None = None
    fault: TapedFault | None = None


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """How a question is put: what the server isn't told by the address alone."""

    headers: Mapping[str, str] = {}  #: names in lower case, without credentials
    kind: ResourceKind = ResourceKind.PAGE
    is_link: bool = False  #: the address is a source's, not the user's


class Tape(Protocol):
    """Stands between a question and the server; not ``is_live``: nothing may be asked, run or looked up.

    ``is_kept``: what it answers may be kept in a cache, as it is the same all the time.
    """

    is_live: bool
    is_kept: bool

    def ask(
        self,
        url: str,
        byte_range: ByteRange | None,
        sink: IO[bytes] | None,
        fetch: Callable[[], Response],
        redact: Callable[[str], str],
        how: Asking,
    ) -> Response:
        """Return the answer; ``fetch`` asks the server, ``redact`` masks secrets."""
        ...


class Recorder:
    """Notes answers, and keeps their bytes in a folder; safe for threads."""

    is_live = True
    is_kept = False

    def __init__(self, folder: Path, most: int) -> None:
        """``most``: bytes that are kept; a run that needs more ends as a source that failed."""
        self.folder, self._most, self._size, self._count = folder, most, 0, 0
        self._answers: dict[tuple[str, ByteRange | None], TapedAnswer] = {}
        self._unsteady: set[str] = set()
        self._lock = threading.Lock()

    def answers(self) -> list[TapedAnswer]:
        """Return all answers, by address."""
        with self._lock:
            return sorted(self._answers.values(), key=lambda one: (one.url, one.byte_range or (0, -1)))

    def ask(
        self,
        url: str,
        byte_range: ByteRange | None,
        sink: IO[bytes] | None,
        fetch: Callable[[], Response],
        redact: Callable[[str], str],
        how: Asking,
    ) -> Response:
        """Ask, and note what came of it."""
        del how
        try:
            response = fetch()
        except OfflineError:
            raise
        except SourceError as error:
            fault = TapedFault(
                message=redact(error.message),
                hint=error.hint,
                status=error.status,
                is_refusal=isinstance(error, AuthenticationError),
            )
            self._note(TapedAnswer(url=url, byte_range=byte_range, fault=fault))
            raise
        body = self._keep(response, sink, redact)
        headers = {name: redact(text) for name, text in response.headers.items() if name in _HEADERS}
        self._note(
            TapedAnswer(
                url=url, byte_range=byte_range, status=response.status, headers=headers,
                final_url=response.url, is_complete=response.is_complete,
                is_framed=response.is_framed, body=body,
            )
        )  # fmt: skip
        return response

    def unsteady(self) -> list[str]:
        """Return the addresses that answered in two ways, sorted; the last answer is kept."""
        with self._lock:
            return sorted(self._unsteady)

    def _note(self, answer: TapedAnswer) -> None:
        with self._lock:
            before = self._answers.get((answer.url, answer.byte_range))
            if before is not None and self._meaning(before) != self._meaning(answer):
                self._unsteady.add(answer.url)
            self._answers[answer.url, answer.byte_range] = answer

    def _meaning(self, answer: TapedAnswer) -> tuple[bool, int, bytes]:
        """Return what of an answer decides what is made of it."""
        body = (self.folder / answer.body).read_bytes() if answer.body is not None else b""
        return answer.fault is not None, answer.status, body

    def _keep(self, response: Response, sink: IO[bytes] | None, redact: Callable[[str], str]) -> str | None:
        with self._lock:
            name = f"{self._count:05}"
            self._count += 1
        place = self.folder / name
        if sink is not None and response.status == 200:
            sink.seek(0)
            with place.open("wb") as file:
                shutil.copyfileobj(sink, file)
            if not _is_packed(place):
                place.write_bytes(masked(place.read_bytes(), redact))
        else:
            place.write_bytes(masked(response.body, redact))
        with self._lock:
            self._size += place.stat().st_size
            if self._size > self._most:
                raise SourceError(
                    f"what is recorded grows beyond {self._most >> 20} MiB",
                    response.url,
                    "Record a smaller question: fewer platforms, or a channel that serves shards.",
                )
        return name


def _is_packed(place: Path) -> bool:
    with place.open("rb") as file:
        return file.read(6).startswith(_PACKED)


def masked(data: bytes, redact: Callable[[str], str]) -> bytes:
    """Return bytes of text without secrets; what is packed, or no text, as it is."""
    if data.startswith(_PACKED):
        return data
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return data
    clean = redact(text)
    return data if clean == text else clean.replace(HIDDEN, MASK).encode()


class Player:
    """Gives the answers of a recording; what isn't in it can't be asked for."""

    is_live = False
    is_kept = False

    def __init__(self, answers: list[TapedAnswer], read: Callable[[str], bytes]) -> None:
        self._answers, self._read = {(one.url, one.byte_range): one for one in answers}, read

    def ask(
        self,
        url: str,
        byte_range: ByteRange | None,
        sink: IO[bytes] | None,
        fetch: Callable[[], Response],
        redact: Callable[[str], str],
        how: Asking,
    ) -> Response:
        """Return the answer that was noted; raises OfflineError where there is none."""
        del fetch, redact, how
        answer = self._answers.get((url, byte_range))
        if answer is None:
            raise OfflineError("is not in the recording", url)
        if answer.fault is not None:
            kind = AuthenticationError if answer.fault.is_refusal else SourceError
            raise kind(answer.fault.message, url, answer.fault.hint, answer.fault.status)
        body = self._read(answer.body) if answer.body is not None else b""
        if sink is not None and answer.status == 200:
            sink.seek(0)
            sink.truncate()
            sink.write(body)
            body = b""
        return Response(
            status=answer.status, headers=answer.headers, body=body, url=answer.final_url,
            is_complete=answer.is_complete, is_framed=answer.is_framed,
        )  # fmt: skip
