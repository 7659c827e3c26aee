"""Each parser over its seeds, and over seeds with something wrong: the same inputs in every run.

``python -m benchmarks.fuzz`` looks on, led by what the code does.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.fuzzing.targets import TARGETS, Target, crashes

COUNT = 60
#: What readers stumble over.
PIECES = (
    b"\0", b"\n", b"\r\n", b"\xff\xfe", b"\xed\xa0\x80", b"\x1b[2J", b"9" * 5000, b"-1", b"[" * 300,
    b"(" * 300, b"{}", b"'", b'"', b"\\", b"${X}", b"*", b"^", b"$", b"==", b"@", b"://", b"[::1", b"%",
    b"#", b": ", b"- ", b"1e999", b"NaN", b"null", "\u202e\u0660\u00b2".encode(), b"&#x110000;", b"<!--",
    b"PK\x05\x06",
)  # fmt: skip


def mutants(target: Target, count: int, seed: int = 1) -> Iterator[bytes]:
    """Yield the seeds, then ``count`` of them with one to four pieces put in, taken out or doubled."""
    yield from target.seeds
    chance = random.Random(seed)  # noqa: S311
    for _ in range(count):
        data = chance.choice(target.seeds)
        for _ in range(chance.randint(1, 4)):
            at, size = chance.randint(0, len(data)), chance.randint(0, 12)
            middle = chance.choice(
                (b"", chance.choice(PIECES), data[at : at + size] * 2, chance.randbytes(2))
            )
            data = data[:at] + middle + data[at + size * chance.randint(0, 1) :]
        yield data


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_but_what_callers_know_is_raised(name: str) -> None:
    assert crashes(TARGETS[name], mutants(TARGETS[name], COUNT)) == []
