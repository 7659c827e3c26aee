"""Which mirrors a channel has, and in which order they are asked."""

from __future__ import annotations

import pytest

from resolver.model.channels import Channel
from resolver.sources.http.credentials import strip
from resolver.sources.http.mirrors import Mirrors

OWN = "https://conda.anaconda.org/conda-forge"
CHANNEL = Channel(name="conda-forge", base_url=OWN)

TABLES = [
    ("none", {}, []),
    ("by name", {"conda-forge": ["https://a.example.org/cf/"]}, ["https://a.example.org/cf"]),
    ("by address", {OWN + "/": ["https://a.example.org/x"]}, ["https://a.example.org/x"]),
    (
        "by the start of the address",
        {"https://conda.anaconda.org": ["https://a.example.org/all/", "/srv/mirror"]},
        ["https://a.example.org/all/conda-forge", "/srv/mirror/conda-forge"],
    ),
    (
        "the longest start wins",
        {"https://conda.anaconda.org": ["https://short"], OWN: ["https://long.example.org"]},
        ["https://long.example.org"],
    ),
    ("a start is whole segments", {"https://conda.anaconda.org/conda": ["https://a.example.org"]}, []),
    ("another channel's", {"pytorch": ["https://a.example.org"]}, []),
    (
        "secrets are taken out",
        {"conda-forge": ["https://u:p@a.example.org/cf"]},
        ["https://a.example.org/cf"],
    ),
    ("it may be listed", {"conda-forge": [OWN, "https://a.example.org"]}, [OWN, "https://a.example.org"]),
]


@pytest.mark.parametrize("case", TABLES, ids=[case[0] for case in TABLES])
def test_mirrors_of_a_channel_stand_before_it(case) -> None:
    _, table, expected = case
    found = Mirrors.of(CHANNEL, table, strip)
    assert list(found) == expected + [OWN] * (OWN not in expected)


def test_those_that_failed_come_last_and_only_the_last_is_asked_patiently() -> None:
    found = Mirrors(OWN, ["https://a.example.org", "https://b.example.org"])
    found.mark_failed("https://a.example.org")
    assert list(found) == ["https://b.example.org", OWN, "https://a.example.org"]
    assert [found.attempts(base) for base in found] == [2, 2, None]
