"""What a broken exchange says: its own cause, however errors hang together."""

from __future__ import annotations

import socket
from itertools import pairwise

import httpx
import pytest

from resolver.errors import SourceError, iter_causes
from resolver.sources.http.faults import Retry, transport_fault

_URL = "http://127.0.0.1/simple/"


def _broken(*led_to_it: BaseException) -> httpx.ConnectError:
    """Return a failure to connect, and behind it what each time was being handled, the latest first."""
    error = httpx.ConnectError("no route")
    for one, before in pairwise([error, *led_to_it]):
        one.__context__ = before
    return error


def test_errors_that_lead_back_to_themselves_come_to_an_end() -> None:
    broken, other = httpx.ReadError("broken"), httpx.ReadError("kept, and raised again")
    broken.__cause__, other.__context__ = other, broken
    assert list(iter_causes(broken)) == [broken, other]
    assert isinstance(transport_fault(broken, _URL, "broken"), Retry)


@pytest.mark.parametrize("earlier", [SourceError("gone", _URL), Retry("gone")], ids=["told", "asked again"])
def test_what_was_being_handled_when_it_broke_is_not_its_cause(earlier: Exception) -> None:
    unknown = socket.gaierror(socket.EAI_NONAME, "unknown")
    said = transport_fault(_broken(OSError("no route"), earlier, unknown), _URL, "no route")
    assert isinstance(said, Retry)
    own = transport_fault(_broken(OSError("no route"), unknown), _URL, "no route")
    assert "the host's name is unknown" in str(own)
