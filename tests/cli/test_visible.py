"""Nothing a stranger wrote acts on the terminal: every way out, any text."""

from __future__ import annotations

import io
import json
import logging
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockfiles.cli import failures, log_lines
from lockfiles.cli.terminal import Terminal, make_json_visible
from resolver import errors
from resolver.model.origin import Origin
from resolver.model.visible import make_visible

#: Any text, and often the characters that act.
TEXTS = st.text(
    st.one_of(
        st.characters(codec=None),
        st.sampled_from("\x1b\x07\x08\r\x7f\x9b\u202e\u2066\u2028\u200e\ufeff\ud800\U000e0041"),
    )
)
ACTING = {"Cc", "Cs", "Zl", "Zp", "Cf"}
#: Format characters that stand within words of living scripts, and turn nothing round.
HARMLESS = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\u180e\U000110bd\U000110cd"
)


def acting(text: str) -> set[str]:
    found = {char for char in text if unicodedata.category(char) in ACTING and char not in "\n\t"}
    return {c for c in found if c not in HARMLESS and not 0x13430 <= ord(c) <= 0x1D17A}


def terminal(**fields: bool | int) -> tuple[Terminal, io.StringIO, io.StringIO]:
    out, err = io.StringIO(), io.StringIO()
    return Terminal(stdout=out, stderr=err, **fields), out, err  # type: ignore[arg-type]


@given(TEXTS)
def test_what_is_visible_acts_no_more_and_plain_text_stays(text: str) -> None:
    assert acting(make_visible(text)) == set()
    assert make_visible(make_visible(text)) == make_visible(text)
    if not acting(text):
        assert make_visible(text) == text.replace("\xad", "\\xad")


@given(st.recursive(TEXTS, lambda part: st.lists(part) | st.dictionaries(TEXTS, part), max_leaves=8))
def test_json_keeps_its_meaning(value: object) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    assert json.loads(make_json_visible(text)) == value
    assert acting(make_json_visible(text)) == set()


ERRORS = (
    lambda text: errors.InputError(text, Origin(file=text, line=1, column=1), text),
    lambda text: errors.InputErrors([errors.InputError(text, None, text), errors.InputError(text)]),
    lambda text: errors.SourceError(text, text, text, 500),
    lambda text: errors.OfflineError(text, text, text),
    lambda text: errors.AuthenticationError(text, text, text),
    lambda text: errors.NoSolutionError(
        text, ((Origin(file=text, line=1, column=1), text), (None, text)), text
    ),
    lambda text: errors.IncompleteAnswerError(text, text),
    lambda text: errors.OutputError(text, text, text),
)


@pytest.mark.parametrize("make", ERRORS, ids=range(len(ERRORS)))
@pytest.mark.parametrize("as_json", [False, True])
@given(text=TEXTS)
def test_every_error(make: object, as_json: bool, text: str) -> None:
    shown, out, err = terminal(json=as_json)
    failures.show_error(make(text), shown)  # type: ignore[operator]
    assert acting(err.getvalue()) | acting(out.getvalue()) == set()
    if as_json:
        json.loads(out.getvalue())


@given(text=TEXTS)
def test_every_other_way_out(text: str) -> None:
    shown, out, err = terminal(verbosity=2)
    for say in (shown.note, shown.detail, shown.warning, shown.error, shown.data):
        say(text)
    shown.warning("x", text)
    failures.show_bug(ValueError(text or "x"), shown)
    record = logging.LogRecord("resolver", logging.INFO, __file__, 1, "%s", (text,), None)
    err.write(log_lines.CleanFormatter("%(message)s").format(record))
    assert acting(err.getvalue()) | acting(out.getvalue()) == set()


def test_colours_are_the_commands_own() -> None:
    out, err = io.StringIO(), io.StringIO()
    shown = Terminal(stdout=out, stderr=err, color=True)
    shown.warning("a \x1b[32mgreen\x1b[0m lie")
    assert err.getvalue() == "\x1b[33;1mwarning:\x1b[0m a \\x1b[32mgreen\\x1b[0m lie\n"


def test_nothing_else_writes_to_the_streams() -> None:
    """The command has one way to each stream; what draws the live line leaves out what can't be printed."""
    root = Path(__file__).parents[2] / "lockfiles" / "cli"
    found = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "stderr.write(" in path.read_text() or "stdout.write(" in path.read_text()
    }
    # what a run said is said again as it was made visible
    assert found == {"terminal.py", "stamps/reading.py"}
