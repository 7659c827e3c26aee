"""What a lock says besides its pins."""

from __future__ import annotations

import msgspec
import pytest

from lockfiles.cli.notices import notice_lines
from lockfiles.locking import gather_notices
from resolver.model.findings import Severity
from resolver.model.notices import Notice
from resolver.model.requirements import Requirements
from resolver.model.resolution import Resolution
from tests.lockfiles.make import conda, resolution

TARGETS = ("linux-64", "osx-arm64")


def notice(text: str, target: str | None, severity: Severity = Severity.NOTE) -> Notice:
    return Notice(code="a-code", text=text, target=target, severity=severity)


LINES = [
    ("of the whole run: without a platform", [notice("x", None)], ["x"]),
    ("of every platform: once, without one", [notice("x", t) for t in TARGETS], ["x"]),
    ("of one of two: named", [notice("x", "osx-arm64")], ["osx-arm64: x"]),
    ("one said twice of a platform: once", [notice("x", "linux-64")] * 2, ["linux-64: x"]),
    ("other words: a line each", [notice("x", "linux-64"), notice("y", "osx-arm64")],
     ["linux-64: x", "osx-arm64: y"]),
]  # fmt: skip


@pytest.mark.parametrize(("notices", "lines"), [case[1:] for case in LINES], ids=[case[0] for case in LINES])
def test_each_text_is_one_line(notices: list[Notice], lines: list[str]) -> None:
    assert notice_lines(notices, TARGETS) == [(Severity.NOTE, line) for line in lines]


def test_a_warning_and_a_note_of_the_same_words_stand_apart() -> None:
    both = [notice("x", None), notice("x", None, Severity.WARNING)]
    assert [severity for severity, _ in notice_lines(both, TARGETS)] == [Severity.NOTE, Severity.WARNING]


def test_what_reading_says_comes_first() -> None:
    said = msgspec.structs.replace(resolution(conda("a")), notices=(notice("later", "linux-64"),))
    asked = Requirements(notices=(notice("first", None),))
    assert [found.text for found in gather_notices(asked, [said])] == ["first", "later"]


def test_a_remembered_answer_keeps_its_notices() -> None:
    told = Notice(
        code="c", text="t", package="p", target="linux-64", facts={"a": "b", "many": ("x", "y"), "no": None}
    )
    said = msgspec.structs.replace(resolution(conda("a")), notices=(told,))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(said), type=Resolution) == said


def test_facts_stand_beside_the_text_in_json() -> None:
    told = Notice(code="c", text="t", package="p", target="linux-64", facts={"many": ("x", "y")})
    expected = {
        "code": "c",
        "severity": "note",
        "target": "linux-64",
        "package": "p",
        "text": "t",
        "many": ["x", "y"],
    }
    assert told.to_json() == expected
