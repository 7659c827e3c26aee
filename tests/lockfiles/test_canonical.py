"""The emitter's text is read back as the same value by readers of YAML 1.1 and 1.2."""

from __future__ import annotations

import io
from typing import Any

import pytest
import ruamel.yaml
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lockfiles.canonical import format_scalar, is_plain, to_yaml
from lockfiles.canonical_reading import from_yaml
from tests.support.amount import examples

#: Pieces that YAML gives a meaning, to be glued together at random.
PIECES = st.sampled_from(
    [
        *(
            "yes",
            "No",
            "null",
            "~",
            "1",
            "0x1f",
            "0o17",
            "017",
            "1e5",
            "1_000",
            ".5",
            "-",
            "- ",
            ": ",
            ":",
            " #",
        ),
        *(
            "#",
            "'",
            '"',
            "\\",
            "\n",
            "\t",
            "\r",
            "\x85",
            "\u2028",
            "\ufeff",
            "\U0001f600",
            "2024-01-01",
            "?",
            "!",
        ),
        *(
            "12:30:45",
            "1:20",
            "&a",
            "*a",
            "%",
            "@",
            "`",
            "|",
            ">",
            "{",
            "}",
            "[",
            "]",
            ",",
            "=",
            "<<",
            ".inf",
        ),
        *(".NaN", "...", "---", "a", "é", "\x00", "\x1b", " ", "e", "E", "+", "b", "0b1"),
    ]
)
TEXTS = st.one_of(
    st.lists(PIECES, max_size=6).map("".join),
    st.text(max_size=12),
    st.text(alphabet="0123456789abcdefx._:+-", max_size=9),
)
NODES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)


#: As a lockfile's head: no numbers below zero, and a collection with something in it.
OURS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(min_value=0), TEXTS, st.just([]), st.just({})),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4), st.dictionaries(TEXTS, inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
).filter(lambda node: isinstance(node, list | dict) and bool(node))


def read_ruamel(text: str, version: str) -> Any:
    reader = ruamel.yaml.YAML(typ="safe", pure=True)
    reader.version = version  # type: ignore[assignment]
    return reader.load(io.StringIO(text))


#: YAML 1.1's words for truth values and null, of which readers know more or fewer.
WORDS = ("y", "yes", "true", "on", "n", "no", "false", "off", "null")


@pytest.mark.parametrize("word", [form(word) for word in WORDS for form in (str.lower, str.upper, str.title)])
def test_a_word_that_means_something_is_quoted(word: str) -> None:
    text = to_yaml({word: word})
    assert text == f'"{word}": "{word}"\n'
    assert yaml.load(text, Loader=yaml.SafeLoader) == {word: word}


@settings(deadline=None, max_examples=examples(400))
@given(NODES)
def test_every_value_comes_back_from_pyyaml(node: Any) -> None:
    text = to_yaml(node)
    assert yaml.load(text, Loader=yaml.CSafeLoader) == node
    assert yaml.load(text, Loader=yaml.SafeLoader) == node


@settings(deadline=None, max_examples=examples(400))
@given(OURS)
def test_every_value_comes_back_without_a_parser(node: Any) -> None:
    text = to_yaml(node)
    assert "\\ud" in text or repr(from_yaml(text)) == repr(node)  # True is no 1


@settings(deadline=None, max_examples=examples(400))
@given(OURS, st.integers(min_value=0), st.one_of(PIECES, st.just("\n  "), st.just("\n")), st.booleans())
def test_a_touched_text_is_read_as_a_parser_reads_it_or_not_at_all(
    node: Any, at: int, piece: str, is_put_in: bool
) -> None:
    text = to_yaml(node)
    at %= len(text) + 1
    touched = text[:at] + piece + text[at if is_put_in else at + len(piece) :]
    found = from_yaml(touched)
    assert found is None or repr(found) == repr(yaml.load(touched, Loader=yaml.CSafeLoader))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing"),
        ("a: 1\na: 2\n", "a key twice"),
        ("a: b # c\n", "a comment"),
        ("a: 'b'\n", "other quotes"),
        ('a: "b"\n', "quotes that aren't needed"),
        ("a: yes\n", "a truth value of YAML 1.1"),
        ("a: 1.5\n", "a fraction"),
        ("a: 0x10\n", "a number of another base"),
        ("a: &b c\nd: *b\n", "an anchor"),
        ("a: |\n  b\n", "a block of text"),
        ("a: [b]\n", "brackets"),
        ("a:\n- b\n", "a list that isn't set in"),
        ("a: b", "no line end"),
        ("a: b\r\n", "another line end"),
        ("<<<<<<< ours\na: b\n=======\na: c\n>>>>>>> theirs\n", "a merge that isn't done"),
        ('a: "\\ud800"\n', "half a character"),
        ("a:\n" + "".join("  " * depth + "- \n" for depth in range(1, 5000)), "nested too deeply"),
    ],
    ids=lambda value: value if "\n" not in value else "",
)
def test_another_form_is_left_to_a_parser(text: str, why: str) -> None:
    assert from_yaml(text) is None, why


@settings(deadline=None, max_examples=examples(250))
@given(NODES)
def test_every_value_comes_back_from_a_yaml_1_2_reader(node: Any) -> None:
    assert read_ruamel(to_yaml(node), "1.2") == node


@settings(deadline=None, max_examples=examples(400))
@given(TEXTS)
def test_a_plain_text_is_a_text_in_both_versions(text: str) -> None:
    if is_plain(text):
        assert yaml.safe_load(f"k: {text}\n") == {"k": text}
        assert yaml.safe_load(f"{text}: 1\n") == {text: 1}
        assert read_ruamel(f"k: {text}\n", "1.1") == {"k": text}
        assert read_ruamel(f"k: {text}\n", "1.2") == {"k": text}


@pytest.mark.parametrize(
    ("value", "text", "why"),
    [
        ("conda-forge", "conda-forge", "a name is plain"),
        ("https://conda.anaconda.org/conda-forge/noarch/a-1.0-0.conda", None, "an address is plain"),
        ("1.26.4", "1.26.4", "three numbers are no float"),
        ("1.26", '"1.26"', "two numbers would be a float"),
        ("2024.1", '"2024.1"', "a year and month would be a float"),
        ("12e3", '"12e3"', "a digest may look like a float"),
        ("no", '"no"', "a country's code is a truth value in YAML 1.1"),
        (">=3.11,<3.12.0a0", '">=3.11,<3.12.0a0"', "an indicator in front"),
        ("", '""', "empty"),
        ("a\u2028b\tc", '"a\\u2028b\\tc"', "line ends of YAML 1.1 are escaped"),
        (True, "true", "a truth value"),
        (7, "7", "a number"),
        (None, "null", "nothing"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_scalars(value: Any, text: str | None, why: str) -> None:
    assert format_scalar(value) == (value if text is None else text), why


def test_nested_collections_are_block_style() -> None:
    node = {"a": [{"b": "c", "d": []}, ["e", {}]], "f": {"g": {}}}
    assert to_yaml(node) == "a:\n  - b: c\n    d: []\n  - - e\n    - {}\nf:\n  g: {}\n"
