"""Whether chosen conda records are a right answer, judged by py-rattler's matching alone.

Rules, each with its ``kind``:

``spec``       a requested match spec has no chosen record (or virtual package) that it matches
``duplicate``  two builds of one name
``depends``    a dependency of a chosen record is not met
``constrains`` a chosen record (or virtual package) breaks a ``constrains`` of a chosen record
``channel``    a record comes from a channel that the problem does not list, or not from the one that a spec
               names. py-rattler lets the first spec of a name that names a channel decide for that name, and
               no other; specs in ``depends`` don't count
``priority``   strict priority: a record comes from a channel although an earlier one holds that name
               (names for which a spec names a channel are excepted)
``subdir``     a record lies neither in the platform's subdir nor in ``noarch``
``extra``      nothing that was requested needs the record

Nothing is shared with the engine; the values are plain. ``MatchSpec.matches`` of py-rattler looks at neither
channel nor subdir, so both are judged here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import rattler
from rattler.package import BuildString

from resolver.model.records import CondaRecord

#: tells whether a channel holds any record of a name in the subdirs that the platform reads
Holds = Callable[[str, str], bool]

DEFAULT_ALIAS = "https://conda.anaconda.org/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A chosen record and where it lies; ``channel`` as the problem writes it."""

    channel: str
    subdir: str
    record: CondaRecord

    def __str__(self) -> str:
        return f"{self.channel}/{self.subdir}/{self.record.file_name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was asked; ``virtual`` maps a name to version and build string."""

    specs: tuple[str, ...]
    channels: tuple[str, ...]
    platform: str
    virtual: Mapping[str, tuple[str, str]]
    strict: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Violation:
    """One broken rule; ``kind`` is one of the module's words."""

    kind: str
    text: str


@cache
def match_spec(text: str) -> rattler.MatchSpec:
    """Return a parsed match spec."""
    return rattler.MatchSpec(text)


@cache
def spec_name(text: str) -> str:
    """Return the package name of a match spec, lower case."""
    name = match_spec(text).name
    if name is None:
        raise ValueError(f"the match spec `{text}` names no package")
    return str(name.normalized if hasattr(name, "normalized") else name).lower()


@cache
def rattler_record(name: str, version: str, build: str, build_number: int) -> rattler.PackageRecord:
    """Return a record with what a match spec without hashes looks at."""
    return rattler.PackageRecord(name, version, BuildString(build), build_number, "noarch")


@cache
def matches(spec: str, name: str, version: str, build: str, build_number: int) -> bool:
    """Tell whether a match spec admits a build."""
    return match_spec(spec).matches(rattler_record(name, version, build, build_number))


Build = tuple[str, str, str, int]  #: name, version, build string, build number


def build_of(record: CondaRecord) -> Build:
    """Return what a match spec looks at."""
    return record.name.lower(), record.version, record.build, record.build_number


def channel_of(spec: str) -> str | None:
    """Return the channel that a match spec names, as a problem writes it; None: it names none."""
    channel = match_spec(spec).channel
    if channel is None:
        return None
    return channel.base_url.removeprefix(DEFAULT_ALIAS).rstrip("/")


def check(chosen: Sequence[Chosen], question: Question, holds: Holds) -> list[Violation]:
    """Return every broken rule, sorted; empty: a right answer."""
    found: list[Violation] = []
    present = {name: (name, *facts, 0) for name, facts in question.virtual.items()}
    present |= {one.record.name.lower(): build_of(one.record) for one in chosen}
    counts = Counter(one.record.name.lower() for one in chosen)
    found += [Violation(kind="duplicate", text=name) for name, count in counts.items() if count > 1]
    found += [
        Violation(kind="spec", text=spec)
        for spec in question.specs
        if not _is_met(spec, present, absent=False)
    ]
    for one in chosen:
        found += _check_record(one, present)
    found += _check_channels(chosen, question, holds)
    found += [
        Violation(kind="extra", text=name) for name in sorted(counts.keys() - _reachable(chosen, question))
    ]
    return sorted(found)


def _is_met(spec: str, present: Mapping[str, Build], *, absent: bool) -> bool:
    """Tell whether what is present meets a match spec; ``absent``: the answer where nothing has the name."""
    build = present.get(spec_name(spec))
    return absent if build is None else matches(spec, *build)


def _check_record(one: Chosen, present: Mapping[str, Build]) -> Iterable[Violation]:
    """Yield what is wrong with the dependencies of one record."""
    for spec in one.record.depends:
        if not _is_met(spec, present, absent=False):
            yield Violation(kind="depends", text=f"{one}: {spec}")
    for spec in one.record.constrains:
        if not _is_met(spec, present, absent=True):
            yield Violation(kind="constrains", text=f"{one}: {spec}")


def _check_channels(chosen: Sequence[Chosen], question: Question, holds: Holds) -> Iterable[Violation]:
    """Yield what is wrong with the places that records come from."""
    named: dict[str, str] = {}
    for spec in question.specs:
        channel = channel_of(spec)
        if channel is not None:
            named.setdefault(spec_name(spec), channel)
    for one in chosen:
        name = one.record.name.lower()
        if one.subdir not in (question.platform, "noarch"):
            yield Violation(kind="subdir", text=str(one))
        if one.channel not in question.channels or named.get(name, one.channel) != one.channel:
            yield Violation(kind="channel", text=str(one))
        elif question.strict and name not in named:
            earlier = question.channels[: question.channels.index(one.channel)]
            first = next((channel for channel in earlier if holds(channel, name)), None)
            if first is not None:
                yield Violation(kind="priority", text=f"{one}: {first} holds {name}")


def _reachable(chosen: Sequence[Chosen], question: Question) -> set[str]:
    """Return the names that the request reaches through dependencies."""
    edges: dict[str, set[str]] = defaultdict(set)
    for one in chosen:
        edges[one.record.name.lower()] |= {spec_name(spec) for spec in one.record.depends}
    stack = [spec_name(spec) for spec in question.specs]
    reached: set[str] = set()
    while stack:
        name = stack.pop()
        if name not in reached:
            reached.add(name)
            stack += edges.get(name, ())
    return reached
