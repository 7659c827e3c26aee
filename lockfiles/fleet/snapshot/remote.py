"""A job on a worker that shares nothing with the process that the fleet runs in.

What the job reads is laid out in a folder of this worker, what its resolver asks of servers is asked of the
snapshot. The folder, with the cache in it, is the run's own and goes with it.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import platform
import tempfile
import threading
from collections.abc import Callable
from typing import IO, Any

import msgspec
from msgspec.structs import replace

from lockfiles.fleet.engines.worker import collected_behind, memory_held
from lockfiles.fleet.jobs import Job
from lockfiles.fleet.records import FleetRecord
from lockfiles.fleet.run_folder import run_folder
from lockfiles.fleet.snapshot.files import lay_out, place_of
from lockfiles.fleet.work import do_job
from lockfiles.surroundings import Surroundings
from resolver.constraints.kept_domains import ProcessShelf
from resolver.errors import AuthenticationError, SourceError
from resolver.sources.http.response import ByteRange, Response
from resolver.sources.tape import Asking, TapedAnswer

#: Bytes that are asked for at once.
CHUNK = 16 << 20
#: Asks the service: what, with which values.
Call = Callable[..., Any]


class RemoteParcel:
    """A job on its way to a worker; what a scheduler or a log shows of it is its number."""

    def __init__(
        self, job: Job, files: tuple[tuple[str, str], ...], run: str, address: str, today: str | None
    ) -> None:
        self.job, self.files, self.run, self.address, self.today = job, files, run, address, today

    def __repr__(self) -> str:
        return f"<job {self.job.number}>"


class RemoteEnd(msgspec.Struct, frozen=True, kw_only=True):
    """What a job came to: its record, and the lockfile where one is to be written."""

    record: FleetRecord
    lockfile: bytes | None = None


class RemoteTape:
    """Asks the snapshot in place of servers; what it answers is the same all the run."""

    is_live = True
    is_kept = True

    def __init__(self, call: Call) -> None:
        self._call = call

    @property
    def sources(self) -> RemoteTape:
        """Itself; of files nothing is noted."""
        return self

    def note_file(self, name: str, data: bytes) -> None:
        """Note nothing."""

    def ask(
        self,
        url: str,
        byte_range: ByteRange | None,
        sink: IO[bytes] | None,
        fetch: Callable[[], Response],
        redact: Callable[[str], str],
        how: Asking,
    ) -> Response:
        """Return the snapshot's answer; raises as the source did."""
        del fetch, redact
        accept = {"accept": how.headers["accept"]} if "accept" in how.headers else {}
        asked = msgspec.to_builtins(Asking(headers=accept, kind=how.kind, is_link=how.is_link))
        found = msgspec.convert(self._call("answer", url=url, byte_range=byte_range, how=asked), TapedAnswer)
        fault = found.fault
        if fault is not None:
            kind = AuthenticationError if fault.is_refusal else SourceError
            raise kind(fault.message, url, fault.hint, fault.status)
        body = b""
        if sink is not None and found.status == 200:
            sink.seek(0)
            sink.truncate()
            copy_blob(self._call, found.body or "", sink)
        elif found.body is not None:
            body = read_blob(self._call, found.body)
        # An entry of the run's own cache is good for as long as any may be: nothing here changes.
        headers = {**found.headers, "cache-control": "max-age=86400"}
        return Response(
            status=found.status, headers=headers, body=body, url=found.final_url,
            is_complete=found.is_complete, is_framed=found.is_framed,
        )  # fmt: skip


def copy_blob(call: Call, digest: str, into: IO[bytes]) -> None:
    """Write the bytes of a digest, part by part."""
    at = 0
    while True:
        part = call("blob", digest=digest, start=at, size=CHUNK)
        into.write(part)
        at += len(part)
        if len(part) < CHUNK:
            return


def read_blob(call: Call, digest: str) -> bytes:
    """Return the bytes of a digest."""
    parts = [call("blob", digest=digest, start=0, size=CHUNK)]
    while len(parts[-1]) == CHUNK:
        parts.append(call("blob", digest=digest, start=len(parts) * CHUNK, size=CHUNK))
    return b"".join(parts)


class _Space:
    """The folder of a run on this worker."""

    def __init__(self, parcel: RemoteParcel) -> None:
        self.run = parcel.run
        self._held = contextlib.ExitStack()
        home = self._held.enter_context(run_folder())
        self.files, self.cache = home / "files", home / "cache"
        self.files.mkdir()
        self._known: dict[str, str] = {}
        self._lock = threading.Lock()
        self.call = functools.partial(_call, _worker(), parcel.address)

    def prepare(self, files: tuple[tuple[str, str], ...]) -> None:
        """Lay out files that aren't there yet."""
        with self._lock:
            for place, digest in lay_out(self.files, files, self._known):
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(read_blob(self.call, digest))

    def close(self) -> None:
        self._held.close()


_space: _Space | None = None
_lock = threading.Lock()
_local = threading.local()


def _space_of(parcel: RemoteParcel) -> _Space:
    global _space
    with _lock:
        if _space is None or _space.run != parcel.run:
            if _space is None:
                atexit.register(forget)
            else:
                _space.close()
            _space = _Space(parcel)
        return _space


def forget() -> None:
    """Remove what this worker has of any run."""
    global _space
    with _lock:
        if _space is not None:
            os.chdir(tempfile.gettempdir())
            _space.close()
        _space = None


def do_parcel(parcel: RemoteParcel) -> RemoteEnd:
    """Do a parcel's job in this worker."""
    space = _space_of(parcel)
    space.prepare(parcel.files)
    os.chdir(space.files)
    if getattr(_local, "run", None) != parcel.run:
        _local.run, _local.shelf = parcel.run, ProcessShelf()
    around = Surroundings(
        cwd=space.files,
        home=space.files.parent,
        cache_folder=lambda: space.cache,
        tape=RemoteTape(space.call),
        today=lambda: parcel.today,
        shelf=_local.shelf,
    )
    with collected_behind():
        record = do_job(parcel.job, around)
    lockfile = None
    if record.is_written and record.output is not None:
        lockfile = place_of(space.files, record.output).read_bytes()
    record = replace(record, worker=f"{platform.node()}:{os.getpid()}", memory=memory_held())
    return RemoteEnd(record=record, lockfile=lockfile)


def _worker() -> Any:
    """Return the worker that runs here; threads of a job don't know it."""
    from distributed.worker import get_worker

    return get_worker()


def _call(worker: Any, address: str, what: str, **values: Any) -> Any:
    """Ask the service over the cluster's own transport; raises SourceError where it doesn't answer."""
    from distributed.utils import sync

    async def ask() -> Any:
        return await getattr(worker.rpc(address), what)(**values)

    try:
        return sync(worker.loop, ask, callback_timeout=600)
    except (OSError, TimeoutError) as error:
        raise SourceError(f"the snapshot doesn't answer ({type(error).__name__})", address) from None
