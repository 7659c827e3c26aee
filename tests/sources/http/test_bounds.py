"""Files that are none, and answers beyond their bounds, on a real server."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest

from resolver.errors import SourceError
from resolver.sources.http.downloads import hash_file
from resolver.sources.http.fetching import Fetcher, HttpSettings
from resolver.sources.http.retry import RetryPolicy
from resolver.sources.limits import ResourceKind, SourceLimits
from tests.support.server import LoopbackServer

SETTINGS = HttpSettings(
    retry=RetryPolicy(attempts=1), limits=SourceLimits(sizes=dict.fromkeys(ResourceKind, 1000))
)


def test_a_pipe_and_a_device_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with Fetcher(SETTINGS) as fetcher:
        for place in (tmp_path / "pipe", Path("/dev/zero")):
            with pytest.raises(SourceError, match="not a regular file"):
                fetcher.get(place.as_uri())
            with pytest.raises(SourceError, match="not a regular file"):
                hash_file(fetcher, place.as_uri(), {})


@pytest.mark.parametrize("kind", ResourceKind, ids=lambda kind: kind.value)
@pytest.mark.parametrize("to_sink", [False, True])
def test_a_size_of_the_users_own_holds_for_every_kind(
    kind: ResourceKind, to_sink: bool, tmp_path: Path
) -> None:
    (tmp_path / "large").write_bytes(b"x" * 1001)
    with LoopbackServer({"fits": b"x" * 1000, "large": b"x" * 1001}) as server, Fetcher(SETTINGS) as fetcher:

        def get(address: str) -> Any:
            return fetcher.get(address, kind=kind, sink=io.BytesIO() if to_sink else None)

        assert get(f"{server.url}/fits").status == 200
        for address in (f"{server.url}/large", (tmp_path / "large").as_uri()):
            with pytest.raises(SourceError, match="larger than 1000 bytes") as caught:
                get(address)
            assert "size-limits" in (caught.value.hint or "")


@pytest.mark.parametrize("status", [201, 204, 205, 206, 304])
def test_answers_that_bring_nothing_or_a_part(status: int) -> None:
    with LoopbackServer() as server, Fetcher(SETTINGS) as fetcher:
        server.fail("/", status=status)
        with pytest.raises(SourceError, match=f"answers {status}"):
            fetcher.get(f"{server.url}/x")


@pytest.mark.parametrize(
    "address", ["http://[::1/x", "http://h:x/", f"http://h:{'9' * 5000}/", "http:///x", "http://h:0/"]
)
def test_addresses_that_are_none(address: str) -> None:
    with Fetcher(SETTINGS) as fetcher, pytest.raises(SourceError, match="not a valid address"):
        fetcher.get(address)
