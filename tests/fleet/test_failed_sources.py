"""Jobs that sources failed wait, are tried one a source, and follow the one that gets on."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from lockfiles.cli.fleet.progress import waiting_lines
from lockfiles.fleet.causes import failures_of
from lockfiles.fleet.failed_sources import NAME_PATIENCE, FailedSource, FailedSources
from lockfiles.fleet.jobs import Job, failed_record
from lockfiles.fleet.records import FleetRecord
from lockfiles.locking import LockRequest
from resolver.errors import LockstackError, OfflineError, SourceError, UnknownHostError
from tests.fleet.world import fleet, write_environment

DOWN = SourceError("the server answered 503", "https://one.example/x/noarch", status=503)
UNKNOWN = UnknownHostError("the host's name is unknown", "https://two.example:8443/simple/")


def job(number: int) -> Job:
    return Job(number=number, request=LockRequest(files=(f"{number}.yml",)), key=str(number))


def failed(error: LockstackError) -> FleetRecord:
    (failure,) = failures_of(error)
    return failed_record("e.yml", 3, failure, ("lock",))


def numbers(jobs: list[Job]) -> list[tuple[int, int]]:
    return [(one.number, one.attempt) for one in jobs]


@pytest.fixture
def sources() -> FailedSources:
    found = FailedSources(60.0)
    for number, error in enumerate((DOWN, UNKNOWN, DOWN, DOWN)):
        assert found.keep(job(number), failed(error))
    return found


def test_what_waits_is_told_by_server(sources: FailedSources) -> None:
    assert sources.waiting() == (
        FailedSource(
            source="https://one.example", reason="the server answered 503", jobs=3, patience=60.0
        ),
        FailedSource(
            source="https://two.example:8443", reason="the host's name is unknown", jobs=1,
            patience=NAME_PATIENCE,
        ),
    )  # fmt: skip


def test_pauses_double_until_patience_ends(sources: FailedSources) -> None:
    assert [sources.pause(spent) for spent in (0.0, 1.0, 4.0, 10.0, 18.0, 34.0, 60.0)] == [
        *(1.0, 2.0, 4.0, 8.0, 16.0, 26.0, None)
    ]


def test_one_job_of_each_source_is_tried_and_the_others_follow_it(sources: FailedSources) -> None:
    assert numbers(sources.to_try(1.0)) == [(0, 2), (1, 2)]
    assert numbers(sources.got_on(job(0))) == [(2, 2), (3, 2)]
    assert sources.keep(job(1), failed(UNKNOWN))
    sources.clear()
    assert [one.source for one in sources.waiting()] == ["https://two.example:8443"]
    assert numbers(sources.all()) == [(1, 2)]
    assert sources.pause(0.0) is None


def test_an_unknown_name_is_waited_for_briefly_and_done_once_more_at_the_end(sources: FailedSources) -> None:
    assert numbers(sources.to_try(NAME_PATIENCE + 1)) == [(0, 2)]
    assert sources.keep(replace(job(0), attempt=2), failed(DOWN))
    assert sorted(numbers(sources.all())) == [(0, 3), (1, 2), (2, 2), (3, 2)]


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(
            SourceError("there is no channel", "https://one.example/x", status=404), id="a clear no"
        ),
        pytest.param(OfflineError("is not in the cache", "https://one.example/x"), id="nobody was asked"),
        pytest.param(SourceError("there is no channel", "file:///x"), id="a folder"),
    ],
)
def test_what_asking_again_cannot_mend_waits_for_nothing(error: SourceError) -> None:
    assert not FailedSources(60.0).keep(job(0), failed(error))


def test_no_more_than_three_servers_are_named() -> None:
    found = [
        FailedSource(source=f"https://{n}", reason="down", jobs=n, patience=60.0) for n in range(5, 0, -1)
    ]
    assert list(waiting_lines(found)) == [
        "5 files wait for https://5: down; tried again for 60 s",
        "4 files wait for https://4: down; tried again for 60 s",
        "3 files wait for https://3: down; tried again for 60 s",
        "and 2 more servers",
        "`--patience 0` doesn't wait.",
    ]


def test_waiting_is_told_at_once(tmp_path: Path) -> None:
    write_environment(tmp_path, "e/one.yml", ["a"])
    (tmp_path / "e/one.yml").write_text("channels: ['http://127.0.0.1:9/x']\ndependencies: [a]\n")
    done = fleet("e", "--workers", "0", "--retries", "0", "--patience", "0.1", folder=tmp_path)
    assert done.code == 3
    first, second, *_ = done.err.splitlines()
    assert first.startswith("1 file waits for http://127.0.0.1:9: can't connect: ")
    assert first.endswith("; tried again for 0.1 s")
    assert second == "`--patience 0` doesn't wait."
