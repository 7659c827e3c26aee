"""Ignore patterns: a table, and the library that the SDK's matching comes from beside ours."""

from __future__ import annotations

import random
import warnings

import pytest

from lockfiles.identity.docker.ignore_file import PatternError, is_excluded, parse_patterns

TABLE = [
    ("a name at every depth", ["*.log"], "deep/x.log", True),
    ("a folder's name stays, what is below goes", ["out/"], "out", False),
    ("what is below a folder", ["out/"], "deep/out/y", True),
    ("a folder without a slash", ["out"], "out", True),
    ("anchored at the root", ["/src"], "deep/src", False),
    ("anchored at the root, and there", ["/src"], "src/a.py", True),
    ("a path is anchored", ["a/b"], "x/a/b", False),
    ("two stars in the middle", ["a/**/b"], "a/x/y/b", True),
    ("two stars in the middle match nothing", ["a/**/b"], "a/b", True),
    ("two stars at the end", ["a/**"], "a/x", True),
    ("a class", ["[a-c].txt"], "b.txt", True),
    ("a negated class", ["[!a-c].txt"], "b.txt", False),
    ("a question mark is no slash", ["a?b"], "a/b", False),
    ("a comment", ["# x"], "x", False),
    ("an escaped hash", ["\\#x"], "#x", True),
    ("the last one wins", ["*.log", "!keep.log"], "keep.log", False),
]


@pytest.mark.parametrize(("why", "lines", "path", "excluded"), TABLE, ids=[row[0] for row in TABLE])
def test_table(why: str, lines: list[str], path: str, excluded: bool) -> None:
    assert is_excluded(path, parse_patterns(lines)) is excluded, why


def test_first_pattern_wins_in_old_versions() -> None:
    patterns = parse_patterns(["*.log", "!keep.log"])
    assert is_excluded("keep.log", patterns, first_wins=True) is True


@pytest.mark.parametrize("line", ["a\\", "!"])
def test_bad_patterns(line: str) -> None:
    with pytest.raises(PatternError):
        parse_patterns([line])


def random_line(rng: random.Random) -> str:
    pieces = ("a", "b", "*", "**", "/", "?", "[ab]", "[!a]", ".", "_")
    return "".join(rng.choice(pieces) for _ in range(rng.randint(1, 6)))


def random_path(rng: random.Random) -> str:
    return "/".join(rng.choice(("a", "b", "ab", "a.b", "_")) for _ in range(rng.randint(1, 3)))


def test_beside_pathspec() -> None:
    """Random patterns and paths give the same answers as the library whose pattern class the SDK copies."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pattern_class = pytest.importorskip("pathspec.patterns.gitwildmatch").GitWildMatchPattern
        rng = random.Random(1)  # noqa: S311  # seeded, so that a failure can be repeated
        compared = 0
        for _ in range(4000):
            line = random_line(rng)
            if "***" in line or "//" in line or line.startswith("/**"):
                continue  # versions of that library differ
            try:
                theirs = pattern_class(line)
            except ValueError:
                continue
            for path in (random_path(rng) for _ in range(5)):
                expected = theirs.match_file(path) is not None if theirs.include is not None else False
                assert is_excluded(path, parse_patterns([line])) is expected, (line, path)
                compared += 1
    assert compared > 10_000
