"""Plain command lines mean what argparse takes them to mean, and all others are left to it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockfiles.cli.main import make_parser
from lockfiles.cli.plain_parser import PlainParser, RareArgumentError, parse_plainly
from lockfiles.cli.verbs import DEFAULT

_MODULE = import_module(DEFAULT.arguments)
_ARGPARSE = make_parser(None, DEFAULT, _MODULE)
_ARGPARSE.usage = "lock"  # else made of all flags for each line
_FLAGS = [flag for action in _ARGPARSE._actions for flag in action.option_strings]
_VALUES = (
    "a.yml", "linux-64", "", "x y", "a=b", "3.11", "joint", "strict", "highest", "=", "ä", "-", "--", "-1",
    "-x", "--nothing",
)  # fmt: skip
_WORDS = st.one_of(
    st.sampled_from(_FLAGS),
    st.sampled_from(_VALUES),
    st.builds(lambda flag, value: f"{flag}={value}", st.sampled_from(_FLAGS), st.sampled_from(_VALUES)),
    st.sampled_from(["-qv", "-vv", "-plinux-64", "-o=x", "--pla", "--outp=x", "-h", "--help"]),
)


def _plain(line: list[str]) -> dict[str, Any] | None:
    found = parse_plainly(_MODULE, line)
    return None if found is None else vars(found)


def _by_argparse(line: list[str]) -> dict[str, Any] | None:
    try:
        return vars(_ARGPARSE.parse_intermixed_args(line))
    except SystemExit:
        return None


@given(st.lists(_WORDS, max_size=6))
def test_plain_lines_mean_what_argparse_says(line: list[str]) -> None:
    found = _plain(line)
    if found is not None:
        expected = _by_argparse(line)
        assert expected is not None
        assert [*found] == [*expected]  # settings are told in this order
        assert found == expected


PLAIN = [
    [],
    ["a.yml"],
    ["a.yml", "b.yml", "-p", "linux-64", "-p", "osx-arm64", "-p", "linux-64", "-o", "x"],
    ["-q", "a.yml", "--offline", "b.yml", "--update-all"],
    ["-v", "-v", "a.yml", "--python=3.11", "--update", "numpy", "--update", "x"],
    ["--index-url=https://example.org/simple?a=b", "--version"],
]


@pytest.mark.parametrize("line", PLAIN, ids=" ".join)
def test_what_is_usual_is_plain(line: list[str]) -> None:
    assert _plain(line) == _by_argparse(line)
    assert _plain(line) is not None


@pytest.mark.parametrize(
    "line",
    [["--help"], ["-vv"], ["--nothing"], ["-o"], ["-o", "-x"], ["--offline=1"], ["--", "a"],
     ["--engine", "none"]],
    ids=" ".join,
)  # fmt: skip
def test_faults_and_what_is_rare_are_argparse_s(line: list[str]) -> None:
    assert _plain(line) is None


@pytest.mark.parametrize(
    "rare",
    [{"type": int}, {"nargs": "?"}, {"required": True}, {"action": "append"},
     {"const": 1, "action": "store_const"}],
    ids=str,
)  # fmt: skip
def test_rare_definitions_are_argparse_s(rare: dict[str, Any]) -> None:
    with pytest.raises(RareArgumentError):
        PlainParser().add_argument("--flag", **rare)
