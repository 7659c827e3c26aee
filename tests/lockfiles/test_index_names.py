"""What indexes are called: names that tell them apart."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from lockfiles.cli.summary import describe_resolution
from lockfiles.session import SessionRequest, open_session
from lockfiles.surroundings import Surroundings
from tests.lockfiles.make import pypi, resolution

NAMES = [
    ("a folder alone: its last part", ["/a/one/simple"], "https://i.example.org/simple", ["simple"]),
    ("folders of one name: as many parts as tell them apart", ["/a/one/simple", "file:///a/two/simple"],
     "/b/two/simple", ["one/simple", "a/two/simple", "b/two/simple"]),
    ("a folder within another", ["/simple", "/a/simple"], "https://i.example.org", ["/simple", "a/simple"]),
    ("addresses by themselves", ["https://i.example.org/a/simple"], "https://i.example.org/b/simple",
     ["https://i.example.org/a/simple", "https://i.example.org/b/simple"]),
]  # fmt: skip


@pytest.mark.parametrize(("extra", "default", "names"), [c[1:] for c in NAMES], ids=[c[0] for c in NAMES])
def test_names_tell_indexes_apart(tmp_path: Path, extra: list[str], default: str, names: list[str]) -> None:
    (tmp_path / "requirements.txt").write_text("tool\n")
    session = open_session(
        SessionRequest(
            files=(str(tmp_path / "requirements.txt"),),
            settings={"extra_index_urls": extra, "index_url": default, "python": "3.11"},
            surroundings=Surroundings(cwd=tmp_path, home=tmp_path),
        )
    )
    assert [index.name for index in session.indexes][: len(names)] == names
    assert len({index.name for index in session.indexes}) == len(session.indexes)


def test_two_indexes_of_one_host_are_counted_apart() -> None:
    one, two = "https://i.example.org/a/simple", "https://i.example.org/b/simple"
    made = resolution(pypi("x"), pypi("y"), pypi("z"))
    pins = [
        msgspec.structs.replace(pin, index=index)
        for pin, index in zip(made.pypi, (one, one, two), strict=True)
    ]
    told = describe_resolution(msgspec.structs.replace(made, pypi=tuple(pins)))
    assert f"(2 from {one}, 1 from {two})" in told
    alone = [msgspec.structs.replace(pin, index=one) for pin in made.pypi]
    assert "(3 from i.example.org)" in describe_resolution(msgspec.structs.replace(made, pypi=tuple(alone)))
