"""The snapshot in the process that the fleet runs in: asks sources, and serves what it has to workers."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import importlib
import posixpath
import re
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from lockfiles.fleet.jobs import Job
from lockfiles.fleet.records import FleetRecord
from lockfiles.fleet.run_folder import run_folder
from lockfiles.fleet.snapshot.files import PackedFiles, place_of
from lockfiles.fleet.snapshot.plain import for_workers, learn_secrets
from lockfiles.fleet.snapshot.remote import RemoteEnd, RemoteParcel
from lockfiles.fleet.snapshot.store import AnswerStore
from lockfiles.regular_files import open_regular_file
from lockfiles.session import read_settings
from resolver.errors import AuthenticationError, OutputError, SourceError
from resolver.sources.http.response import ByteRange, Response
from resolver.sources.tape import Asking, TapedAnswer, TapedFault

if TYPE_CHECKING:
    from lockfiles.locking import LockRequest
    from lockfiles.settings.model import Settings
    from lockfiles.surroundings import Surroundings

#: What may be a credential in an input file: user information, a channel's token, a variable.
_MAY_HOLD_SECRET = re.compile(rb"://[^/\s]*@|/t/|\$\{")
#: Seconds in which the service opens.
_PATIENCE = 30


class Snapshot:
    """One moment of sources and inputs for a run; used as a context."""

    def __init__(self, template: LockRequest, folder: Path | None) -> None:
        """``template``: what is asked for of every file; ``folder`` None: the snapshot goes with the run.

        Raises InputError for another's folder, and OutputError.
        """
        from lockfiles.addressed_files import http_settings
        from resolver.sources.http.credentials import Credentials
        from resolver.sources.http.fetching import Fetcher

        around = template.surroundings
        self._around: Surroundings = around
        self._own = contextlib.ExitStack()  # a folder that goes with the run
        settings = read_settings(replace(template, files=()))
        self._credentials = Credentials(around.environ)
        self._fetcher = Fetcher(
            http_settings(settings), credentials=self._credentials, environ=around.environ
        )
        place = folder if folder is not None else self._own.enter_context(run_folder())
        now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.store = AnswerStore(place, self._fetch, now)
        self._template = template
        self._files = PackedFiles(around.cwd)
        self._settings: dict[str, Settings] = {}  #: of each folder's files
        self._today = around.today()
        self._run = uuid.uuid4().hex
        self._server: Any = None
        self.address = ""

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *_: object) -> None:
        self._fetcher.close()
        self._own.close()

    # -- jobs ---------------------------------------------------------------------------------------

    def learn(self, requests: Sequence[LockRequest]) -> None:
        """Learn the credentials that requests bring; they stay in this process."""
        learn_secrets(requests, self._credentials)

    def parcel(self, job: Job) -> RemoteParcel:
        """Return a job as it goes to a worker: with what it reads, and settings without secrets.

        Raises InputError for files that can't be sent, and for settings that can't be read.
        """
        files = self._files.needed(job.file)
        whole = replace(job.request, surroundings=self._around)
        own = next((digest for path, digest in files if path == posixpath.normpath(job.file)), None)
        folder = str(Path(job.file).parent)
        is_new = folder not in self._settings
        if is_new:
            self._settings[folder] = for_workers(read_settings(whole))
        if is_new or (own is not None and _MAY_HOLD_SECRET.search(self._files.data(own))):
            self.learn([whole])
        request = replace(job.request, settled=self._settings[folder])
        return RemoteParcel(replace(job, request=request), files, self._run, self.address, self._today)

    def take(self, job: Job, end: RemoteEnd) -> FleetRecord:
        """Write a job's lockfile into its place; return its record, with the fault where that fails."""
        from lockfiles.files import write_text
        from lockfiles.fleet.work import unwritten

        record = end.record
        if end.lockfile is None or record.output is None:
            return record
        try:
            write_text(place_of(self._around.cwd, record.output), end.lockfile.decode(), job.run)
        except (ValueError, OutputError) as error:
            return unwritten(
                record, error if isinstance(error, OutputError) else OutputError(record.output, str(error))
            )
        return record

    # -- the service --------------------------------------------------------------------------------

    def open(self, client: Any) -> None:
        """Open the service where a cluster's workers reach it, over the cluster's own transport."""
        from urllib.parse import urlsplit

        core: Any = importlib.import_module("distributed.core")
        utils: Any = importlib.import_module("distributed.utils")
        address = urlsplit(client.scheduler.address)
        security = client.security

        async def listen() -> Any:
            server = core.Server(
                {"answer": self._answer, "blob": self._blob},
                connection_args=security.get_connection_args("client"),
                needs_workdir=False,
            )
            here = f"{address.scheme}://{utils.get_ip(address.hostname)}:0"
            await server.listen(here, **security.get_listen_args("client"))
            return server

        self._client = client
        self._server = client.sync(listen, callback_timeout=_PATIENCE)
        self.address = self._server.address

    def close(self) -> None:
        """Close the service."""
        if self._server is not None:
            self._client.sync(self._server.close, callback_timeout=_PATIENCE)
            self._server = None

    async def _answer(self, url: str, byte_range: Sequence[int | None] | None, how: Any) -> Any:
        asked: ByteRange | None = None
        if byte_range is not None:
            first, last = byte_range
            asked = (first or 0, last)
        return await asyncio.to_thread(self._answered, url, asked, msgspec.convert(how, Asking))

    def _answered(self, url: str, byte_range: ByteRange | None, how: Asking) -> Any:
        try:
            found = self.store.answer(url, byte_range, how)
        except SourceError as error:
            fault = TapedFault(
                message=self._credentials.redact(error.message), hint=error.hint, status=error.status,
                is_refusal=isinstance(error, AuthenticationError),
            )  # fmt: skip
            found = TapedAnswer(url=url, byte_range=byte_range, fault=fault)
        return msgspec.to_builtins(found)

    async def _blob(self, digest: str, start: int, size: int) -> bytes:
        return await asyncio.to_thread(self._part, digest, start, size)

    def _part(self, digest: str, start: int, size: int) -> bytes:
        if not re.fullmatch("[0-9a-f]{64}", digest):
            raise ValueError("no digest")
        try:
            return self._files.data(digest)[start : start + size]
        except KeyError:
            with open_regular_file(self.store.blob(digest)) as file:
                file.seek(start)
                return file.read(size)

    def _fetch(self, url: str, byte_range: ByteRange | None, sink: IO[bytes], how: Asking) -> Response:
        return self._fetcher.get(
            url, headers=how.headers, byte_range=byte_range, sink=sink, kind=how.kind, is_link=how.is_link
        )
