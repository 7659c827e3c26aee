"""What a message quotes of a stranger stays in one line, and fills no screen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import SourceError, one_line


@given(st.text(max_size=3000))
def test_short_ones_lose_nothing_but_newlines(text: str) -> None:
    assert one_line(text) == text.replace("\n", "\\n") or len(text.replace("\n", "\\n")) > 4000


@given(st.integers(4001, 100_000))
def test_long_ones_lose_their_middle(size: int) -> None:
    said = str(SourceError("says " + "x" * size + " at its end", "https://x.example"))
    assert len(said) < 4200
    assert said.startswith("https://x.example: says x")
    assert said.endswith("x at its end")
    assert " characters) … " in said
