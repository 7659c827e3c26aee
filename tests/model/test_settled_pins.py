"""Dependencies under conditions, of packages that are locked or installed."""

from __future__ import annotations

from resolver.model.settled_pins import settled_pins
from resolver.model.target import VirtualPackage
from tests.lockfiles.make import conda
from tests.support.tables import table

UNIX = VirtualPackage(name="__unix")


@table(
    "depends, left",
    [
        ("plain ones stay as they are", ("b >=1", "c[build='x*']"), ("b >=1", "c[build='x*']")),
        ("a condition that is met", ('b[version=">=1",when="c"]',), ("b >=1",)),
        ("one of two", ('b[when="nothing or c>=1"]',), ("b",)),
        ("one that isn't", ('b[when="c>=9"]', 'b[when="nothing"]'), ()),
        ("a fact of the machine", ('b[when="__unix"]', 'c[when="__win"]'), ("b",)),
        ("flags and extras", ('b[version=">=1",flags=["x:*"]]', "c[extras=[y]]"), ("b >=1", "c")),
        ("what nobody can read", ("b[when='(']",), ("b[when='(']",)),
    ],
)
def test_what_is_left(depends: tuple[str, ...], left: tuple[str, ...]) -> None:
    pins = (conda("a", "1.0", "h0_0", *depends), conda("b", "2.0"), conda("c", "1.0"))
    assert settled_pins(pins, (UNIX,))[0].record.depends == left
