"""A few locks of real records, read by those that they are for; the whole is a measurement."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.consumers import Consumer, Written, consumers, fault_of, judge, write
from benchmarks.lock_corpus import Corpus

ASKED = [one for one in consumers(None) if not one.name.startswith("uv")]


@pytest.fixture(scope="module")
def written(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Written]:
    folder = tmp_path_factory.mktemp("consumers")
    problems = shared / "problems" / "conda.jsonl.zst"
    locks = Corpus(problems, shared / "channels", folder / "wheels").locks(3)
    formats = sorted({one.format for one in ASKED})
    return [write(lock, folder / str(number), formats) for number, lock in enumerate(locks)]


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning", "ignore::DeprecationWarning")  # theirs
@pytest.mark.parametrize("consumer", ASKED, ids=lambda one: one.name)
def test_nothing_is_refused(consumer: Consumer, written: list[Written]) -> None:
    refused = judge(written, consumer)
    assert [reason for _, reason in refused if fault_of(consumer.name, reason) is None] == []
