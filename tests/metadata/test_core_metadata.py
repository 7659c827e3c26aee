"""METADATA and PKG-INFO."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.metadata import parse_email

from resolver.metadata.core_metadata import check_identity, parse_core_metadata, parse_headers
from resolver.model.records import CoreMetadata
from resolver.model.unusable import Unusable
from tests.support.amount import examples
from tests.support.tables import table

PLAIN = b"""Metadata-Version: 2.1
Name: Foo.Bar
Version: 1.0.0-RC1
Summary: Requires-Dist: not this
Requires-Python: >=3.8
Requires-Dist: six>=1.5
Requires-Dist: numpy (>=1.7.*) ; extra == 'fast'
Provides-Extra: fast
Provides-Extra: All_Of-It
Description-Content-Type: text/markdown

Requires-Dist: nor-this
"""


def test_values_that_resolving_needs() -> None:
    assert parse_core_metadata(PLAIN) == CoreMetadata(
        name="Foo.Bar",
        version="1.0.0rc1",
        requires_dist=("six>=1.5", "numpy (>=1.7.*) ; extra == 'fast'"),
        requires_python=">=3.8",
        extras=("all-of-it", "fast"),
    )


HEADER = b"Metadata-Version: 2.1\nName: a\nVersion: 1\n"
SPELLINGS = [
    ("windows line ends", PLAIN.replace(b"\n", b"\r\n")),
    ("names in capitals", PLAIN.replace(b"Requires-Dist", b"REQUIRES-DIST")),
    ("no description", PLAIN.partition(b"\n\n")[0]),
    ("folded header", PLAIN.replace(b"six>=1.5", b"six\n  >=1.5").replace(b"six>=1.5", b"six >=1.5")),
]


@table("data", SPELLINGS)
def test_spelling_makes_no_difference(data: bytes) -> None:
    found = parse_core_metadata(data)
    assert isinstance(found, CoreMetadata)
    texts = [text.replace(" ", "") for text in found.requires_dist]
    assert texts == ["six>=1.5", "numpy(>=1.7.*);extra=='fast'"]
    assert (found.requires_python, found.extras) == (">=3.8", ("all-of-it", "fast"))


def test_long_description_in_a_header_hides_nothing() -> None:
    data = HEADER + b"Description: first\n        \n        Requires-Dist: no\nRequires-Dist: yes\n"
    found = parse_core_metadata(data)
    assert isinstance(found, CoreMetadata)
    assert found.requires_dist == ("yes",)


UNUSABLE = [
    ("no name", b"Version: 1\n", "its metadata gives no name"),
    ("unknown version", b"Name: a\nVersion: UNKNOWN\n", "its metadata gives no version"),
    ("version of no meaning", b"Name: a\nVersion: one\n",
     "its metadata gives a version that PEP 440 rejects: `one`"),
    ("faulty requirement", HEADER + b"Requires-Dist: b >>1\n",
     "its metadata has a faulty line: `b >>1` is no requirement (PEP 508)"),
    ("not a text", bytes(range(256)), "its metadata gives no name"),
]  # fmt: skip


@table("data, reason", UNUSABLE)
def test_unusable_has_a_reason(data: bytes, reason: str) -> None:
    assert parse_core_metadata(data) == Unusable(reason)


STATIC = [
    ("before dynamic existed", b"Metadata-Version: 2.1\n", False),
    ("nothing is dynamic", b"Metadata-Version: 2.2\n", True),
    ("something else is dynamic", b"Metadata-Version: 2.4\nDynamic: license-file\n", True),
    ("dependencies are dynamic", b"Metadata-Version: 2.2\nDynamic: Requires-Dist\n", False),
    ("extras are dynamic", b"Metadata-Version: 2.3\nDynamic: provides-extra\n", False),
    ("no version", b"Name: a\n", False),
    ("faulty version", b"Metadata-Version: two\n", False),
]


@table("data, static", STATIC)
def test_static_sdist_metadata(data: bytes, static: bool) -> None:
    assert parse_headers(data).is_static is static


IDENTITY = [
    ("same", "Foo_bar", "1.0", "foo-bar", "1.0", True),
    ("version not known", "foo", "1.0", "foo", None, True),
    ("local part left out of the file name", "foo", "1.0+cu121", "foo", "1.0", True),
    ("another project", "foo", "1.0", "bar", "1.0", False),
    ("another version", "foo", "1.0", "foo", "1.1", False),
    ("another local part", "foo", "1.0+cu121", "foo", "1.0+cpu", False),
]


@pytest.mark.parametrize("case", IDENTITY, ids=[case[0] for case in IDENTITY])
def test_metadata_must_be_of_the_file(case: tuple[str, str, str, str, str | None, bool]) -> None:
    _, name, version, page_name, page_version, usable = case
    metadata = CoreMetadata(name=name, version=version)
    assert (check_identity(metadata, page_name, page_version) == metadata) is usable


LINE = st.text(alphabet="abz09 <>=.;'[]é", min_size=1, max_size=20).map(str.strip).filter(bool)


@settings(deadline=None, max_examples=examples(200))
@given(st.lists(LINE, max_size=5), st.lists(LINE, max_size=3), st.text(alphabet="ab:\n -", max_size=40))
def test_headers_agree_with_packaging(requires: list[str], extras: list[str], description: str) -> None:
    lines = [f"Requires-Dist: {text}" for text in requires] + [f"Provides-Extra: {text}" for text in extras]
    data = "\n".join(["Name: a", "Version: 1", *lines, "", description]).encode()
    theirs, _ = parse_email(data)
    ours = parse_headers(data).fields
    assert ours.get("requires-dist", ()) == tuple(theirs.get("requires_dist", ()))
    assert ours.get("provides-extra", ()) == tuple(theirs.get("provides_extra", ()))
