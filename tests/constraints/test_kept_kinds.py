"""Which packages have builds of one kind, as an earlier search found, changes no order, and is rested on."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.constraints.conda_side import CondaSide
from resolver.constraints.kept_kinds import KeptKinds
from resolver.metadata.record_index import order_records
from resolver.metadata.record_rows import decode_rows, encode_rows
from resolver.model.channels import Channel
from resolver.model.records import CondaRecord
from resolver.model.target import Target, VirtualPackage
from resolver.sources.cache.folder import Cache
from resolver.sources.cache.pack import Pack
from tests.support.amount import examples
from tests.support.records import conda_record

NAMES = ("a", "b", "c", "d", "e")
TEXTS = ("__cuda", "cuda-cudart 12", "python", *(f"{name} 1.0 {kind}*" for name in NAMES for kind in "gc"))
TARGET = Target(subdir="linux-64", virtual_packages=(VirtualPackage(name="__cuda", version="12.1"),))


class Subdir:
    """One subdir in memory."""

    subdir, channel = "linux-64", Channel(name="first", base_url="https://first.example")

    def __init__(self, records: dict[str, list[CondaRecord]], *, as_rows: bool = False) -> None:
        self._records: Mapping[str, Sequence[CondaRecord]] = records
        if as_rows:
            self._records = {name: decode_rows(encode_rows(mine)) for name, mine in records.items()}
        self.looked: set[str] = set()

    def records(self, name: str) -> Sequence[CondaRecord]:
        self.looked.add(name)
        return self._records.get(name, ())

    def find(self, name: str, file_name: str) -> None:
        pass

    def adopt(self, name: str, records: Sequence[CondaRecord], faulty: Sequence[CondaRecord]) -> None:
        pass

    def faulty(self, name: str) -> Sequence[CondaRecord]:
        return ()

    def names(self) -> Collection[str]:
        return self._records

    def prefetch(self, names: Sequence[str]) -> None:
        pass

    def url_of(self, record: CondaRecord) -> str:
        return record.file_name


@st.composite
def channels(draw: st.DrawFn) -> dict[str, list[CondaRecord]]:
    found = {}
    for name in NAMES:
        builds = draw(st.lists(st.sampled_from(("g_0", "g_1", "c_0", "c_1")), min_size=1, unique=True))
        records = [
            conda_record(
                name, build=build, timestamp=draw(st.sampled_from((1, 10**12))),
                depends=tuple(draw(st.lists(st.sampled_from(TEXTS), max_size=2))),
            )
            for build in builds
        ]  # fmt: skip
        found[name] = list(order_records(records))
    return found


def seen(subdir: Subdir, order: Sequence[str], pack: Pack | None) -> list[object]:
    """Return the candidates of each name, asked for in an order."""
    kinds = None if pack is None else KeptKinds(pack, ("state",), subdir.looked.update)
    side = CondaSide((subdir,), TARGET, kinds=kinds)
    domains = [side.domain(name) for name in order]
    return [(d.name, [record.file_name for record in d.records], d.cuda, d.levels()) for d in domains]


@settings(deadline=None, max_examples=examples(150, part=1))
@given(channel=channels(), data=st.data())
def test_what_is_kept_of_kinds_changes_nothing(
    channel: dict[str, list[CondaRecord]], data: st.DataObject
) -> None:
    """Not even where packages need each other, so that the one that is asked for first decides."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(Path(folder))
        for _ in range(3):
            order = data.draw(st.permutations(NAMES))[: data.draw(st.integers(1, 5))]
            pack = Pack(cache, "environment.yml", ("1",))
            fresh, known = Subdir(channel), Subdir(channel)
            assert seen(known, order, pack) == seen(fresh, order, None)
            assert fresh.looked <= known.looked
            pack.save()


class InOrder(CondaSide):
    """A side that learns from candidates in order alone what kind a package's builds are."""

    def _said_of(self, name: str) -> None:
        pass


@settings(deadline=None, max_examples=examples(300, part=1))
@given(channel=channels(), order=st.permutations(NAMES), as_rows=st.booleans())
def test_names_that_reach_no_cuda_package_have_one_kind(
    channel: dict[str, list[CondaRecord]], order: Sequence[str], as_rows: bool
) -> None:
    """Told by names alone, the order is the same, and no more is looked at."""
    sides, subdirs = [], []
    for kind in (CondaSide, InOrder):
        subdirs.append(Subdir(channel, as_rows=as_rows))
        sides.append(kind((subdirs[-1],), TARGET))
    for name in order:
        told, in_order = (side.domain(name) for side in sides)
        assert [r.file_name for r in told.records] == [r.file_name for r in in_order.records]
        assert (told.cuda, told.levels()) == (in_order.cuda, in_order.levels())
    assert subdirs[0].looked <= subdirs[1].looked


def test_what_reaches_no_cuda_package_is_not_put_in_order() -> None:
    channel = {
        "a": [conda_record("a", build="c_0", depends=("b 1.0 c*",))],
        "b": [conda_record("b", build="c_0", depends=("c 1.0 c*", "cuda"))],
        "c": [conda_record("c", build="c_0", depends=("d 1.0 c*", "cud"))],
        "d": [conda_record("d", build="c_0")],
    }
    side = CondaSide((Subdir(channel, as_rows=True),), TARGET)
    side.domain("c")
    assert side.loaded("d") is None
    side.domain("a")
    assert side.loaded("b") is not None


def test_a_package_of_one_kind_is_not_read_for_its_kind(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    channel = {
        "a": [conda_record("a", build="c_0", depends=("b 1.0 c*",))],
        "b": [conda_record("b", build="c_0", depends=("c 1.0 c*",))],
        "c": [conda_record("c", build="g_0", depends=("__cuda",)), conda_record("c", build="c_0")],
    }
    read = []
    for _ in range(2):
        pack, subdir = Pack(cache, "environment.yml", ("1",)), Subdir(channel)
        kinds = KeptKinds(pack, ("state",), read.append)
        CondaSide((subdir,), TARGET, kinds=kinds).domain("a")
        read.append(subdir.looked)
        pack.save()
    assert read == [{"a", "b", "c"}, {"a", "b", "c"}, {"a"}]
