"""What makes a search long: deep chains, many versions that can't be, many dependencies, hard puzzles."""

# ruff: noqa: E501 - rows are read across

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.hostile.rows.makers import PAGE, SUBDIR, Row, link
from tests.hostile.world import RECORDS, WHEELS, listing
from tests.support.channel import as_file, record, repodata
from tests.support.server import LoopbackServer

_CONFLICTS = ("--search-limit", "2000")


def _channel(make: Callable[[], Iterable[Mapping[str, Any]]]) -> Callable[[LoopbackServer], None]:
    """Put records beside python and thing 1.0: those of ``thing`` there would be chosen."""

    def put(server: LoopbackServer) -> None:
        contents = repodata([*RECORDS, *make()])
        server.files[f"{SUBDIR}/repodata.json"] = as_file(contents, "repodata.json")

    return put


def _chain(length: int, end: str) -> Iterable[Mapping[str, Any]]:
    yield record("thing", "3.0", depends=["a-0"])
    for number in range(length):
        yield record(f"a-{number}", depends=[f"a-{number + 1}"])
    yield record(f"a-{length}", depends=[end])


def _versions(count: int, *depends: str) -> Iterable[Mapping[str, Any]]:
    return (record("thing", f"3.{number}", depends=list(depends)) for number in range(count))


def _many(field: str, count: int) -> Iterable[Mapping[str, Any]]:
    yield record("thing", "3.0", **{field: [f"b-{number} >=1" for number in range(count)]})


def _met(count: int) -> Iterable[Mapping[str, Any]]:
    yield record("thing", "3.0", depends=[f"b-{number}" for number in range(count)])
    for number in range(count):
        yield record(f"b-{number}")


def _pigeons(holes: int) -> Iterable[Mapping[str, Any]]:
    """One bird more than holes, each in a hole of its own: every version of thing 3 needs all birds."""
    birds = [f"bird-{number}" for number in range(holes + 1)]
    yield record("thing", "3.0", depends=birds)
    for bird, hole in itertools.product(birds, range(holes)):
        others = [f"{other} !={hole + 1}" for other in birds if other != bird]
        yield record(bird, str(hole + 1), constrains=others)


def _circle(length: int) -> Iterable[Mapping[str, Any]]:
    yield record("thing", "3.0", depends=["c-0"])
    for number in range(length):
        yield record(f"c-{number}", depends=[f"c-{(number + 1) % length}"])


def _diamonds(depth: int) -> Iterable[Mapping[str, Any]]:
    """Each layer's two packages need both of the next: two to the power of ``depth`` ways down."""
    yield record("thing", "3.0", depends=["d-0-0", "d-0-1"])
    for layer, side in itertools.product(range(depth), range(2)):
        below = [f"d-{layer + 1}-{n}" for n in range(2)] if layer + 1 < depth else ["nobody-has-this"]
        yield record(f"d-{layer}-{side}", depends=below)


def _page_of(count: int, more: str) -> Callable[[LoopbackServer], None]:
    def put(server: LoopbackServer) -> None:
        good = [link(name) for name, _ in WHEELS.values()]
        odd = [link(f"thing-3.{number}-py3-none-any.whl", more=more) for number in range(count)]
        server.files[f"{PAGE}index.html"] = listing(*odd, *good)

    return put


SEARCH: tuple[Row, ...] = (
    Row("a chain of 3,000 packages", "repodata", _channel(lambda: _chain(3000, "python")), 0, version="3.0"),
    Row("a chain of 3,000 packages to nowhere", "repodata", _channel(lambda: _chain(3000, "nobody-has-it")), 0,
        version="2.0"),
    Row("19,000 versions that can't be", "repodata", _channel(lambda: _versions(19_000, "python >=9")), 0,
        version="2.0"),
    Row("50,000 versions that can't be", "repodata", _channel(lambda: _versions(50_000, "python >=9")), 3,
        ("builds of `thing`",)),
    Row("5,000 versions, each impossible for a reason of its own", "repodata",
        _channel(lambda: (record("thing", f"3.{n}", depends=[f"python >=9.{n}"]) for n in range(5_000))), 0,
        version="2.0"),
    Row("a record with 100,000 dependencies that nobody has", "repodata", _channel(lambda: _many("depends", 100_000)),
        0, ("more than 10,000 dependencies",), version="2.0"),
    Row("a record with 100,000 limits", "repodata", _channel(lambda: _many("constrains", 100_000)), 0,
        ("more than 10,000 dependencies",), version="2.0"),
    Row("a record with 9,000 dependencies that nobody has", "repodata", _channel(lambda: _many("depends", 9_000)), 0,
        version="2.0"),
    Row("a record with 9,000 limits", "repodata", _channel(lambda: _many("constrains", 9_000)), 0, version="3.0"),
    Row("a record with 5,000 dependencies that are there", "repodata", _channel(lambda: _met(5_000)), 0, version="3.0"),
    Row("a circle of 3,000 packages", "repodata", _channel(lambda: _circle(3000)), 0, version="3.0"),
    Row("two to the power of 500 ways down, none through", "repodata", _channel(lambda: _diamonds(500)), 0, version="2.0"),
    Row("13 birds in 12 holes", "repodata", _channel(lambda: _pigeons(12)), 4, ("not decided",), _CONFLICTS),
    Row("50,000 files for another Python", "page", _page_of(50_000, ' data-requires-python="&gt;=9"'), 0, version="2.0"),
    Row("50,000 files, each for another Python", "page",
        lambda s: _page_of(1, "")(s) or s.files.update({f"{PAGE}index.html": listing(
            *(link(f"thing-3.{n}-py3-none-any.whl", more=f' data-requires-python="&gt;=9.{n}"') for n in range(50_000)),
            *(link(name) for name, _ in WHEELS.values()))}), 0, version="2.0"),
)  # fmt: skip
