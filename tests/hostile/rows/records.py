"""What repodata says of its packages."""

from __future__ import annotations

from collections.abc import Callable

from tests.hostile.rows.makers import (
    Row,
    odd_record,
    records,
)
from tests.support.server import LoopbackServer


def _dependency(text: str) -> Callable[[LoopbackServer], None]:
    return records(odd_record(depends=[text]))


RECORDS = tuple(
    Row(f"a dependency: {why}", "repodata", _dependency(text), 3 if "surrogate" in why else 0)
    for why, text in (
        ("20,000 parentheses", "python " + "(" * 20_000 + ">=3" + ")" * 20_000),
        ("10 MB", "python " + ">=3," * 2_500_000 + ">=3"),
        ("a version of 5,000 digits", f"python >={'9' * 5000}"),
        ("a pattern that backtracks", "python ^(a+)+$"),
        ("a build pattern that backtracks", "python * ^(a+)+$"),
        ("a build pattern that is none", "python * ^(((($"),
        ("a glob of 10,000 stars", "python * " + "a*" * 10_000),
        ("brackets without end", "python" + "[" * 20_000),
        ("nothing", ""),
        ("blanks", "   "),
        ("an escape", "python >=\x1b[31m3"),
        ("a newline", "python\n>=3 x"),
        ("a bar of bars", "python " + "|" * 20_000),
        ("5,000 alternatives", "python " + "|".join(f"<0.{n}" for n in range(5000))),
        ("a name of a megabyte", "x" * (1 << 20)),
        ("an operator alone", "python >="),
        ("a NUL", "python >=\0"),
        ("right to left", "python >=\u202e3"),
        ("a lone surrogate", "python >=\ud800"),
        ("a name nobody has", "nobody-has-this >=1"),
    )
) + tuple(
    Row(f"a record: {why}", "repodata", records(odd_record(**fields)), 0)
    for why, fields in (
        ("no version", {"version": ""}),
        ("a version of 5,000 digits", {"version": "9" * 5000}),
        ("a version of 100,000 dots", {"version": "1" + ".1" * 100_000}),
        ("an epoch of 30 digits", {"version": "9" * 30 + "!1"}),
        ("an escape in its version", {"version": "1\x1b[2J"}),
        ("a version that is a list", {"version": [1]}),
        ("a name that is a number", {"name": 5}),
        ("a build number below 0 and absurd", {"build_number": -(10**30)}),
        ("a build number of 400 digits", {"build_number": 10**400}),
        ("a date that is infinite", {"timestamp": 1e308}),
        ("a date below 0", {"version": "0.5", "timestamp": -5}),
        ("a size below 0", {"version": "0.5", "size": -5}),
        ("a size of 30 digits", {"version": "0.5", "size": 10**30}),
        ("dependencies that are a text", {"depends": "python"}),
        ("dependencies that are numbers", {"depends": [1, 2]}),
        ("a hash that is empty", {"version": "0.5", "sha256": ""}),
        ("a hash that isn't ASCII", {"version": "0.5", "sha256": "\u00fc" * 64}),
        ("track_features that are a number", {"track_features": 7}),
    )
)  # fmt: skip
