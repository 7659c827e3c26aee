"""JSON of others: whatever it makes a decoder raise is a ValueError."""

from __future__ import annotations

import ast
import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resolver.model.json_text import decode_json, decode_named, dump_sorted, encode_named, load_json
from tests.support.trees import dotted, once, trees

TEXTS = {
    "lists within one another": b"[" * 100_000,
    "objects within one another": b'{"x":' * 100_000,
    "no text": b'"\xff\xfe"',
    "half a text": b'{"x": 1',
    "nothing": b"",
    "zeros": b"\0" * 100,
}


@pytest.mark.parametrize("why", TEXTS)
def test_odd_texts(why: str) -> None:
    for kind in (dict[str, msgspec.Raw], list[int], int):
        with pytest.raises(ValueError):  # noqa: PT011  (of several kinds)
            decode_json(TEXTS[why], kind)
    with pytest.raises(ValueError):  # noqa: PT011
        load_json(TEXTS[why])


@pytest.mark.parametrize("name", ["a", "\udcff.yml", "\u00fc\U0001f600\udc80", '"\\\n'], ids=ascii)
def test_names_of_files_come_back(name: str) -> None:
    line = encode_named({"file": name})
    assert b"\n" not in line
    assert line.decode("utf-8") == line.decode("utf-8", "surrogatepass")
    assert decode_named(line, dict[str, str]) == {"file": name}
    with pytest.raises(ValueError):  # noqa: PT011  (of several kinds)
        decode_named(line, dict[str, int])


def test_values() -> None:
    assert decode_json(b'{"a": "1"}', dict[str, int], strict=False) == {"a": 1}
    with pytest.raises(ValueError, match="Expected `int`"):
        decode_json(b'{"a": "1"}', dict[str, int])
    found: Any = load_json('{"a": [1, 2]}')
    assert found == {"a": [1, 2]}


#: Modules that decode JSON themselves, and why they may.
PLACES = {
    "resolver/model/json_text.py": "what this module is for",
    "resolver/machine/tables.py": "files of the package",
    "resolver/constraints/known_projects.py": "a file of the package",
    "resolver/constraints/name_map.py": "a file of the package",
    "resolver/sources/pypi/build_child.py": "what the parent wrote",
    "lockfiles/environments/link_child.py": "what the parent wrote; it imports nothing of this project",
    "lockfiles/environments/linking.py": "a record that was made a moment ago",
    "lockfiles/suite/environment_facts.py": "copied as it is into others' folders",
    "lockfiles/identity/content.py": "what was encoded a moment ago",
    "lockfiles/cli/hash/report.py": "what was encoded a moment ago",
    "lockfiles/cli/lock/each.py": "what this program printed",
    "lockfiles/asked_flags.py": "a key of conda-lock.yml, guarded in the same way",
    "lockfiles/formats/conda_lock/target_keys.py": "a key of conda-lock.yml, in which nothing is nested",
    "lockfiles/formats/sbom/cyclonedx.py": "what its library wrote",
    "lockfiles/formats/conda_lock/entries.py": "one quoted word, and nothing within it",
    "lockfiles/canonical_reading.py": "one quoted word, and nothing within it",
}


@once
def test_json_of_others_is_decoded_in_one_place() -> None:
    found = set()
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and dotted(node.func) in ("json.loads", "msgspec.json.decode"):
                found.add(path.as_posix())
    assert found == set(PLACES)


#: What is written in another way than it is.
_ODD = '\x7f\x00\t"\\/a'
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.text()
    | st.text('\x7f\x00\t"\\/a', max_size=6),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(value=_VALUES)
@example(value={"\u00fc": ["\x7f", "\x1f"], "": {}, "b": [], "a": {"y": 1, "x": None}})
@example(value="\ud800")
def test_sorted_text_is_that_of_the_standard_library(value: Any) -> None:
    assert dump_sorted(value, spaced=True).decode() == json.dumps(value, sort_keys=True)
    plain = json.dumps(value, sort_keys=True, separators=(",", ":"))
    assert dump_sorted(value).decode() == plain
