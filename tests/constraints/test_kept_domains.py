"""Candidates that many questions share are those that each would have read for itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from resolver.constraints.conda_side import CondaSide, candidate_rules
from resolver.constraints.kept_domains import MOST_KEPT, DomainShelf
from resolver.constraints.version_order import VersionOrder
from resolver.errors import SourceError
from resolver.metadata.record_index import order_records
from resolver.model.channels import Channel, ChannelPriority
from resolver.model.exemptions import Exemptions
from resolver.model.records import CondaRecord
from resolver.model.target import ResolutionMode, Target, VirtualPackage

NAMES = ("torch", "lib", "numpy", "python", "__cuda", "unreadable")
CHANNELS = ("first", "second")


def _record(name: str, version: str, build: str, when: int, *depends: str) -> CondaRecord:
    return CondaRecord(
        name=name, version=version, build=build, build_number=0, timestamp=when * 1000, depends=depends,
        file_name=f"{name}-{version}-{build}.conda",
    )  # fmt: skip


RECORDS = {
    "first": {
        "torch": [
            _record("torch", "2.0", "cpu", 300, "lib =1=cpu*"),
            _record("torch", "1.9", "gpu", 200, "lib =1=gpu*"),
            _record("torch", "1.9", "cpu", 100, "lib =1=cpu*"),
        ],
        "lib": [_record("lib", "1", "cpu_0", 100), _record("lib", "1", "gpu_0", 0, "__cuda")],
        "python": [_record("python", "3.12.1", "0", 100)],
    },
    "second": {
        "torch": [_record("torch", "2.1", "gpu", 250, "__cuda >=12")],
        "lib": [_record("lib", "2", "gpu_1", 250, "cuda-cudart")],
        "numpy": [_record("numpy", "2.1", "0", 300), _record("numpy", "1.26", "0", 100)],
    },
}


class Subdir:
    """One subdir in memory; of one name nothing can be read."""

    subdir = "linux-64"

    def __init__(self, name: str) -> None:
        self.channel = Channel(name=name, base_url=f"https://{name}.example")

    def records(self, name: str) -> Sequence[CondaRecord]:
        if name == "unreadable":
            raise SourceError("is not there", "x")
        return order_records(RECORDS[self.channel.name].get(name, []))

    def find(self, name: str, file_name: str) -> None:
        pass

    def faulty(self, name: str) -> Sequence[CondaRecord]:
        return [_record("numpy", "3.0", "broken", 1)] if name == "numpy" else []

    def names(self) -> Collection[str]:
        return RECORDS[self.channel.name]

    def prefetch(self, names: Sequence[str]) -> None:
        pass

    def url_of(self, record: CondaRecord) -> str:
        return record.file_name


@dataclass(frozen=True)
class Question:
    channels: tuple[str, ...]
    priority: ChannelPriority
    own: tuple[str, str] | None
    pin: str | None
    mode: ResolutionMode
    has_cuda: bool
    date: int | None
    undated: bool
    apart: bool
    lenient: bool
    is_wild: bool
    python: str | None
    names: tuple[str, ...]

    def ask(self, subdirs: dict[str, Subdir], shelf: DomainShelf | None) -> list[Any]:
        """Return all that is to be seen of each name's candidates."""
        target = Target(
            subdir="linux-64", channel_priority=self.priority, exclude_newer=self.date, python=self.python,
            virtual_packages=(VirtualPackage(name="__cuda", version="12.1"),) if self.has_cuda else (),
        )  # fmt: skip
        used = [subdirs[name] for name in self.channels]
        own = {self.own[0]: frozenset([self.own[1]])} if self.own else {}
        exempt = Exemptions()
        rules, plain_rules = (
            candidate_rules(
                target, own, apart=self.apart, admit_undated=self.undated, exempt=exempt,
                lenient=self.lenient, ranks=ranks,
            )
            for ranks in (True, False)
        )  # fmt: skip
        side = CondaSide(
            used, target, own_channels=own, preferred={"torch": self.pin} if self.pin else None,
            wild=frozenset(["__cuda"]) if self.is_wild else frozenset(), apart=self.apart,
            admit_undated=self.undated, exempt=exempt, lenient=self.lenient,
            order=VersionOrder(mode=self.mode, conda=frozenset(["torch"])),
            kept=shelf.under(used, rules) if shelf is not None else None,
            plain=shelf.under(used, plain_rules) if shelf is not None and self.has_cuda else None,
        )  # fmt: skip
        return [_seen(side, name) for name in self.names]


def _seen(side: CondaSide, name: str) -> Any:
    try:
        domain = side.domain(name)
    except SourceError as error:
        return str(error)
    places = zip(domain.records, domain.sources, strict=True)
    ranks = sorted({source.rank for source in domain.sources})  # alone in a list a channel has the same order
    files = [(r.file_name, s.channel.name, ranks.index(s.rank)) for r, s in places]
    left_out = [(out.record.file_name, out.fault) for out in side.left_out.get(name, ())]
    machine = [side.is_machine(source) for source in domain.sources]
    told = (type(domain).__name__, domain.levels(), domain.cuda, domain.is_pinned, side.foreign(name))
    return files, left_out, machine, told


@st.composite
def questions(draw: st.DrawFn) -> Question:
    return Question(
        channels=draw(st.sampled_from([("first", "second"), ("second", "first"), ("second",)])),
        priority=draw(st.sampled_from(ChannelPriority)),
        own=draw(st.sampled_from([None, ("torch", "second"), ("lib", "first")])),
        pin=draw(st.sampled_from([None, "torch-1.9-cpu.conda"])),
        mode=draw(st.sampled_from(ResolutionMode)),
        has_cuda=draw(st.booleans()),
        date=draw(st.sampled_from([None, None, 150, 260])),
        undated=draw(st.booleans()),
        apart=draw(st.booleans()),
        lenient=draw(st.booleans()),
        is_wild=draw(st.booleans()),
        python=draw(st.sampled_from([None, "3.11.2"])),
        names=draw(st.permutations(NAMES).map(tuple)),
    )


FIELDS = [field.name for field in fields(Question) if field.name != "names"]


@st.composite
def following(draw: st.DrawFn) -> list[Question]:
    """Draw questions of which each differs from the one before in one thing, as an explanation's do."""
    asked = [draw(questions())]
    for _ in range(draw(st.integers(1, 6))):
        other, field = draw(questions()), draw(st.sampled_from(FIELDS))
        asked.append(replace(asked[-1], **{field: getattr(other, field), "names": other.names}))
    return asked


@given(following())
def test_sharing_changes_nothing_that_is_seen(asked: list[Question]) -> None:
    subdirs, shelf = {name: Subdir(name) for name in CHANNELS}, DomainShelf()
    for question in asked:
        assert question.ask(subdirs, shelf) == question.ask(subdirs, None)


def test_what_was_used_last_stays() -> None:
    subdirs, shelf = [Subdir("first")], DomainShelf()
    kept = [shelf.under(subdirs, rules) for rules in range(MOST_KEPT)]
    assert shelf.under(subdirs, 0) is kept[0]
    shelf.under(subdirs, MOST_KEPT)
    assert shelf.under(subdirs, 0) is kept[0]
    assert shelf.under(subdirs, 1) is not kept[1]
