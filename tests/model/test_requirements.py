"""Requirements as values: equal ones are one member of a set."""

from __future__ import annotations

from resolver.model.names import PypiName
from resolver.model.origin import Origin
from resolver.model.requirements import DirectKind, DirectReference, PypiRequirement


def requirement(digest: str) -> PypiRequirement:
    direct = DirectReference(
        kind=DirectKind.ARCHIVE,
        url="https://files.example.org/a-1-py3-none-any.whl",
        hashes={"sha256": digest},
    )
    return PypiRequirement(name=PypiName("a"), text="a", origin=Origin(file="f"), direct=direct)


def test_a_requirement_of_a_file_with_hashes_goes_into_sets() -> None:
    assert len({requirement("0" * 64), requirement("0" * 64), requirement("1" * 64)}) == 2
