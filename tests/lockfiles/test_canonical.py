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


def read_ruamel(text: str, version: str) -> Any:
    reader = ruamel.yaml.YAML(typ="safe", pure=True)
    reader.version = version  # type: ignore[assignment]
    return reader.load(io.StringIO(text))


@settings(deadline=None, max_examples=400)
@given(NODES)
def test_every_value_comes_back_from_pyyaml(node: Any) -> None:
    text = to_yaml(node)
    assert yaml.load(text, Loader=yaml.CSafeLoader) == node
    assert yaml.load(text, Loader=yaml.SafeLoader) == node


@settings(deadline=None, max_examples=250)
@given(NODES)
def test_every_value_comes_back_from_a_yaml_1_2_reader(node: Any) -> None:
    assert read_ruamel(to_yaml(node), "1.2") == node


@settings(deadline=None, max_examples=1000)
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
