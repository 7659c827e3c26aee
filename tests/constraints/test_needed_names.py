"""What candidates may need is the same, read with them in order or without."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from resolver.constraints.conda_side import CondaSide
from resolver.errors import SourceError
from resolver.metadata.record_index import order_records
from resolver.metadata.record_rows import RecordRows, decode_rows, encode_rows
from resolver.model.channels import Channel, ChannelPriority
from resolver.model.dependency_text import dependency_name
from resolver.model.records import CondaRecord, RevisionThree
from resolver.model.target import Target, VirtualPackage
from tests.constraints.test_kept_domains import RECORDS

_MORE = CondaRecord(
    name="more", version="1", build="0", build_number=0, file_name="more-1-0.conda", depends=("lib",),
    more=RevisionThree(depends=("numpy; if python",)),
)  # fmt: skip


class Subdir:
    """One subdir in memory, as the cache's tables give its rows."""

    subdir = "linux-64"
    fetches = False

    def __init__(self, name: str) -> None:
        self.channel = Channel(name=name, base_url=f"https://{name}.example")

    def records(self, name: str) -> RecordRows:
        if name == "unreadable":
            raise SourceError("is not there", "x")
        known = [_MORE] if name == "more" else RECORDS[self.channel.name].get(name, [])
        return decode_rows(encode_rows(order_records(known)))

    def faulty(self, name: str) -> Sequence[CondaRecord]:
        return RECORDS["second"]["numpy"] if name == "numpy" else []


SUBDIRS = (Subdir("first"), Subdir("second"))


def _side(priority: ChannelPriority, *virtual: VirtualPackage) -> CondaSide:
    target = Target(subdir="linux-64", virtual_packages=virtual, channel_priority=priority)
    return CondaSide(SUBDIRS, target)  # type: ignore[list-item]


@pytest.mark.parametrize("name", ["torch", "lib", "numpy", "python", "more", "nothing", "__cuda"])
@pytest.mark.parametrize("has_cuda", [False, True])
@pytest.mark.parametrize("priority", ChannelPriority)
def test_names_are_those_of_the_candidates(priority: ChannelPriority, name: str, *, has_cuda: bool) -> None:
    virtual = (VirtualPackage(name="__cuda", version="12.8"),) if has_cuda else ()
    apart, usual = _side(priority, *virtual), _side(priority, *virtual)
    candidates = usual.domain(name)
    needed = set(map(dependency_name, candidates.texts()))
    assert set(apart.needed(name)) == needed
    assert apart.left_out == usual.left_out
    assert list(apart.domain(name).records) == list(candidates.records)
    assert set(apart.needed(name)) == needed


def test_candidates_are_left_unread() -> None:
    side = _side(ChannelPriority.STRICT)
    assert set(side.needed("torch")) == {"lib"}
    assert side.loaded("torch") is None


def test_a_source_that_fails_is_told() -> None:
    with pytest.raises(SourceError):
        _side(ChannelPriority.STRICT).needed("unreadable")
