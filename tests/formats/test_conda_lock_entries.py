"""The short way to read our own files gives what the YAML parser gives, or declines."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from lockfiles.formats.conda_lock.entries import EntryTexts, format_entries, read_entries
from lockfiles.formats.conda_lock.text import HEADER, format_conda_lock, read_conda_lock
from lockfiles.model import CondaLock, LockedPackage, LockMetadata
from resolver.errors import InputError
from tests.formats.test_conda_lock import PACKAGES
from tests.lockfiles.make import conda, pypi, resolution
from tests.support.amount import examples

METADATA = LockMetadata(content_hash={"linux-64": "x"}, platforms=("linux-64",))


def tail(text: str) -> str:
    return text.partition("\npackage:\n")[2]


@settings(deadline=None, max_examples=examples(200))
@given(st.lists(PACKAGES, min_size=1, max_size=4, unique_by=lambda package: package.key))
def test_what_we_write_is_read_the_short_way(packages: list[LockedPackage]) -> None:
    lock = CondaLock(metadata=METADATA, packages=tuple(sorted(packages, key=lambda package: package.key)))
    text = format_conda_lock(lock)
    assert read_entries(tail(text)) is not None
    assert read_conda_lock(text, "f") == read_conda_lock(text.removeprefix(HEADER), "f") == lock


#: Texts that YAML, JSON and a plain reading by line could take for different things.
AWKWARD = st.one_of(
    st.sampled_from(
        ["0:A", "A:0", "1:20", "a:b", "a:", ":a", "{}", "[]", "null", "1.0", "2024-01-01", "a #b"]
    ),
    st.text(alphabet="0Aa:._-+#{}[]'\"\\ ,&*!|>%@=~é\t\n", min_size=1, max_size=6),
)


@settings(deadline=None, max_examples=examples(300))
@given(
    st.dictionaries(AWKWARD, AWKWARD, max_size=3),
    st.tuples(AWKWARD, AWKWARD, AWKWARD, AWKWARD, AWKWARD),
    st.none() | AWKWARD,
)
def test_awkward_texts_are_read_the_same_both_ways(
    dependencies: dict[str, str], texts: tuple[str, str, str, str, str], source: str | None
) -> None:
    name, version, platform, url, category = texts
    package = LockedPackage(
        name=name, version=version, manager="pip", platform=platform, url=url, hashes={name: "0"},
        dependencies=dict(sorted(dependencies.items())), categories=frozenset({category}), source_url=source,
    )  # fmt: skip
    lock = CondaLock(metadata=METADATA, packages=(package,))
    text = format_conda_lock(lock)
    assert read_entries(tail(text)) == [package]
    assert read_conda_lock(text, "f") == read_conda_lock(text.removeprefix(HEADER), "f") == lock


@settings(deadline=None, max_examples=examples(100))
@given(st.lists(PACKAGES, min_size=1, max_size=4, unique_by=lambda package: package.key), st.randoms())
def test_texts_of_an_earlier_lockfile_are_those_of_equal_packages(
    packages: list[LockedPackage], chance: random.Random
) -> None:
    texts = EntryTexts()
    read_entries("".join(text for package in packages for text in format_entries(package)), texts)
    for package in packages:
        others = sorted(package.dependencies.items(), key=lambda _: chance.random())
        fields = {"dependencies": dict(others), "hashes": dict(package.hashes), "version": "7"}
        for changed in (["dependencies", "hashes"], ["version"]):
            one = structs.replace(package, **{field: fields[field] for field in changed})
            assert texts.of(one) == "".join(format_entries(one))


@settings(deadline=None, max_examples=examples(300))
@given(key=AWKWARD, value=AWKWARD, quote=st.booleans())
def test_a_line_that_we_would_write_otherwise_is_declined(key: str, value: str, quote: bool) -> None:
    """A key and a value put in as they are: taken only as the writer spells them."""
    written = f'      "{key}": "{value}"' if quote else f"      {key}: {value}"
    text = tail(sample()).replace('      urllib3: ""', written, 1)
    assert text != tail(sample())
    found = read_entries(text)
    if found is not None:
        assert "".join(entry for package in found for entry in format_entries(package)) == text
        with_head = f"{HEADER}version: 1\nmetadata: {{}}\npackage:\n{text}"
        assert outcome(with_head) == outcome(with_head.removeprefix(HEADER))


def sample() -> str:
    lock = resolution(
        conda("python", "3.11.9", "h0_0", "__glibc >=2.17", "openssl"),
        conda("dev-tool", categories=frozenset({"dev", "test"})),
        pypi("requests", "2.31", {"urllib3": ""}),
    )
    from lockfiles.formats.conda_lock.text import write_conda_lock

    return write_conda_lock([lock], LockMetadata())


EDITS = [
    "",
    " ",
    "  ",
    "#",
    "# x",
    "'",
    '"',
    "1.0",
    "yes",
    ": ",
    "- ",
    "\t",
    "~",
    "{}",
    "[]",
    "&a ",
    "|",
    ">",
]


def test_an_edited_file_is_read_as_yaml_reads_it() -> None:
    """Small edits anywhere: never another value than YAML's, and never an error of its own."""
    text = sample()
    shuffled = random.Random(7)  # noqa: S311  # an order, no secret
    short = 0
    for _ in range(1500):
        place = shuffled.randrange(len(HEADER), len(text))
        cut = shuffled.choice([0, 0, 1, 2, 9])
        edited = text[:place] + shuffled.choice(EDITS) + text[place + cut :]
        short += read_entries(tail(edited)) is not None
        assert outcome(edited) == outcome(edited.removeprefix(HEADER))
    assert short > 50, "the test means nothing where the short way declines everything"


def test_a_fault_before_the_packages_is_told_where_yaml_finds_it() -> None:
    edited, lines = sample().replace("version: 1\n", "version: '1\n", 1), []
    for text, above in ((edited, HEADER.count("\n")), (edited.removeprefix(HEADER), 0)):
        with pytest.raises(InputError) as caught:
            read_conda_lock(text, "f")
        assert caught.value.origin is not None
        lines.append((caught.value.origin.line or 0) - above)
    assert lines[0] == lines[1]


def outcome(text: str) -> CondaLock | str:
    try:
        return read_conda_lock(text, "f")
    except InputError as error:
        return str(type(error))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("version: 3.11.9", "version: 3.11", "a number"),
        ("version: 3.11.9", "version: 'a'", "other quotes"),
        ("manager: conda", "manager: apt", "an unknown manager"),
        ("category: main", "category: dev", "a category that is optional"),
        ("    category: main\n", "", "a key less"),
        ("    category: main\n", "    category: main\n    build: x\n", "a key more"),
        ("    category: main\n", "    category: main\n    category: main\n", "a key twice"),
        ("  - name: python", "- name: python", "another indentation"),
        ("  - name: python", "  # a comment\n  - name: python", "a comment"),
    ],
)
def test_it_declines(old: str, new: str, why: str) -> None:
    text = tail(sample())
    assert old in text
    assert read_entries(text.replace(old, new, 1)) is None, why
