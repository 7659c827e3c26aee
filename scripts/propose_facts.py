"""Compare the tables of facts with what is published, and propose rows for what is new.

Run it as ``python scripts/propose_facts.py [--index-url URL] [--only TABLE ...]``. What an index says of a
release is read anew, from each of its wheels: which releases there are, ``Requires-Python``,
``Requires-Dist`` (markers judged for each platform and Python, extras apart), the Pythons and the glibc of
the file names, NVIDIA pins, the components of each CUDA toolkit, and where a row stands for several releases
(``last``) each of these. ``--clone OWNER/NAME=FOLDER`` reads the tables that a maker's repository speaks of
(:mod:`scripts.repository_facts`) from a clone with its history; ``--contents`` reads wheels' modules for what
they were compiled with (some hundred megabytes); ``--channels ADDRESS`` reads records of the channels below
an address (:mod:`scripts.channel_facts`); ``--require TEXT`` compares what an image asks of the driver. Rows
that a person settled otherwise (``certainty`` other than ``published``) are left alone. Differences and
proposed rows are printed; nothing is written. Exit code 0: the tables say what is published; 5: they differ,
or the index lacks a release that a row cites; 3: the index couldn't be read; 2: bad arguments.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import msgspec
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from lockfiles.settings.public_index import default_index_url
from resolver.checks import facts
from resolver.errors import LockstackError, SourceError
from resolver.model.indexes import Index
from resolver.model.leading_numbers import release, within
from resolver.sources.cache.folder import Cache
from resolver.sources.http.fetching import Fetcher, HttpSettings
from resolver.sources.pypi.indexes import IndexSet
from scripts.channel_facts import ChannelReader
from scripts.format_facts import layout_row
from scripts.framework_facts import (
    FEEDSTOCK,
    TENSORFLOW,
    TORCH,
    feedstock_differences,
    page_differences,
    variant_differences,
)
from scripts.image_facts import requirement_differences
from scripts.index_facts import Reader
from scripts.index_subjects import NVIDIA, SUBJECTS, Subject
from scripts.repository_facts import BUILDER, NOT_IN_ROWS, SOURCES, Clone, Source, say_conda_code
from scripts.wheel_contents import NumpyApi, numpy_api, torch_code
from scripts.wheel_facts import abi_differences, binary_differences, cudnn_differences

#: The table of what images ask of drivers.
_IMAGES = "image_requirements"
#: Repositories that speak of a part of a table's rows: the table, and what compares it.
_FRAMEWORKS: Mapping[str, tuple[str, Callable[[Clone, Sequence[Mapping[str, Any]]], Iterator[str]]]] = {
    TENSORFLOW: ("tensorflow_releases", page_differences),
    TORCH: ("torch_releases", variant_differences),
    FEEDSTOCK: ("conda_torch", feedstock_differences),
}
#: Further tables that wheels' contents are compared with.
_CONTENTS: Mapping[str, Callable[[Reader, Fetcher, Sequence[Mapping[str, Any]]], Iterator[str]]] = {
    "cuda_binaries": binary_differences,
    "cudnn_loads": cudnn_differences,
    "torch_abi": abi_differences,
}


@dataclass(slots=True)
class Outcome:
    """What was found: rows compared, those left to people, lines of differences, proposed rows."""

    compared: int = 0
    by_hand: int = 0
    unread: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    proposed: tuple[dict[str, Any], ...] = ()


def compare_table(reader: Reader, subject: Subject, rows: Sequence[Mapping[str, Any]], today: str) -> Outcome:
    """Compare the rows of a table with an index, and propose rows for newer releases."""
    outcome = Outcome()
    for row in rows:
        project, version = _identity(subject, row)
        if row.get("certainty") != "published":
            outcome.by_hand += 1
            continue
        wheels = reader.release(project, version)
        if not wheels:
            outcome.unread += (f"{project} {version}",)
            continue
        outcome.compared += 1
        outcome.differences += tuple(
            f"{project} {version}: {key}: the table says {row_says}, the index {index_says} "
            f"({wheels[0].wheel})"
            for key, row_says, index_says in differences(row, subject.say(wheels), selects=subject.selects)
        )
    found = [*propose_rows(reader, subject, rows, today)]
    outcome.proposed = tuple(row for row, is_new in found if is_new)
    ends = {_identity(subject, row): row.get("last") for row in rows}
    outcome.differences += tuple(
        f"{row['project']} {row['version']}: last: the table says {ends[_identity(subject, row)]}, "
        f"the index {row['last']}"
        for row, is_new in found
        if not is_new and ends[_identity(subject, row)] != row["last"]
    )
    return outcome


def differences(
    row: Mapping[str, Any], said: Mapping[str, Any], *, selects: bool = False
) -> Iterator[tuple[str, str, str]]:
    """Yield key, what the row says, what the index says; without what an index doesn't know."""
    for key, there in said.items():
        here = row.get(key)
        if key == "requires_on":
            yield from _elsewhere(row, there)
        elif isinstance(there, dict):
            here = here or {}
            if selects:
                there = {name: given for name, given in there.items() if name in here or _is_cuda(name, key)}
            names = sorted({*here, *there})
            for name in names:
                if (name in here) != (name in there) or not same(here[name], there[name]):
                    yield f"{key}.{name}", _words(here.get(name)), _words(there.get(name))
        elif not same(here, there):
            yield key, _words(here), _words(there)


def _elsewhere(
    row: Mapping[str, Any], said: Mapping[str, Mapping[str, str | None]]
) -> Iterator[tuple[str, str, str]]:
    """Yield what other wheels ask for instead, of the requirements that a row holds; null: of none."""
    rows = row.get("requires_on") or {}
    names = {*(row.get("requires") or {}), "torch"}
    for place in sorted({*rows, *said}):
        here = rows.get(place, {})
        there = {name: given for name, given in said.get(place, {}).items() if name in names}
        for name in sorted({*here, *there}):
            both = name in here and name in there
            if not both or not _same_need(here[name], there[name]):
                yield (
                    f"requires_on.{place}.{name}",
                    json.dumps(here[name]) if name in here else "nothing else",
                    json.dumps(there[name]) if name in there else "nothing else",
                )


def _same_need(here: str | None, there: str | None) -> bool:
    """Tell whether two requirements say the same; any version isn't the same as no requirement."""
    return (here is None) == (there is None) and same(here, there)


def _is_cuda(name: str, key: str) -> bool:
    """Tell whether a requirement is a fact wherever it stands; what other systems ask for is selected."""
    return key == "requires" and name.startswith(NVIDIA)


def same(here: object, there: object) -> bool:
    """Tell whether two values say the same: specifiers in any order, nothing and null alike."""
    if isinstance(here, str) and isinstance(there, str):
        return here == there or _specifiers(here) == _specifiers(there)
    if isinstance(here, dict) and isinstance(there, dict):
        return here.keys() == there.keys() and all(same(here[key], there[key]) for key in here)
    if isinstance(here, list) and isinstance(there, list) and len(there) == 1:
        return any(same(one, there[0]) for one in here)  # a row may hold one value for each Python
    return (here or None) == (there or None)


def _specifiers(text: str) -> object:
    try:
        return SpecifierSet(text)
    except ValueError:
        return text


def _words(value: object) -> str:
    return "nothing" if value is None else json.dumps(value)


def _identity(subject: Subject, row: Mapping[str, Any]) -> tuple[str, str]:
    return subject.project or row["project"], row[subject.version]


def propose_rows(
    reader: Reader, subject: Subject, rows: Sequence[Mapping[str, Any]], today: str
) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield a row for each release that is newer than a project's newest row and says something new; True.

    Where rows stand only where something changes, each holds up to the next one: releases between two and
    behind the last one are read too, withdrawn ones among them, and one that says something else than the
    row before it is proposed. Such rows of the table are yielded too, with the ``last`` that was found, and
    False. What a person settled holds as far as that person said.
    """
    held: dict[str, dict[Version, Mapping[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: Version(row[subject.version])):
        held.setdefault(_identity(subject, row)[0], {})[Version(row[subject.version])] = row
    for project, ours in sorted(held.items()):
        if subject.selects:
            yield from _spans(reader, subject, project, ours, today)
            continue
        newest = next(reversed(ours))
        for version in sorted(reader.versions(project), key=Version):
            wheels = reader.release(project, version) if Version(version) > newest else ()
            said = subject.say(wheels) if wheels else {}
            if said:
                yield _proposed(subject, project, version, _filled(said), wheels[0].source, today), True


def _spans(
    reader: Reader, subject: Subject, project: str, ours: Mapping[Version, Mapping[str, Any]], today: str
) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield the rows of a project with the newest release up to which each holds, and which ones are new."""
    row: dict[str, Any] = {}
    is_new = False
    for version in sorted(reader.versions(project, yanked=True), key=Version):
        if Version(version) < next(iter(ours)):
            continue
        if Version(version) in ours:
            if row:
                yield row, is_new
            row, is_new = dict(ours[Version(version)]), False
            if row.get("certainty") == "published":
                row["last"] = version
            continue
        if row.get("certainty") != "published" and Version(version) <= Version(row["last"]):
            continue  # a person settled it
        wheels = reader.release(project, version)
        if not wheels:
            continue
        said = subject.say(wheels)
        if [*differences(row, said, selects=True)]:
            yield row, is_new
            kept = _known(said, row)
            row, is_new = _proposed(subject, project, version, kept, wheels[0].source, today), True
        row["last"] = version
    yield row, is_new


def _proposed(
    subject: Subject, project: str, version: str, kept: Mapping[str, Any], source: str, today: str
) -> dict[str, Any]:
    names = {} if subject.project else {"project": project}
    last = {"last": version} if subject.selects else {}
    cited = {"source": source, "date": today, "certainty": "published"}
    return {**names, subject.version: version, **last, **kept, **cited}


def _filled(said: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if value not in (None, {}, [])}


def _known(said: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a proposed row holds where a table selects: requirements of the row before, and CUDA's."""
    kept = _filled(said)
    names = last.get("requires", {})
    chosen = {
        name: given
        for name, given in kept.pop("requires", {}).items()
        if name in names or _is_cuda(name, "requires")
    }
    other = {
        place: {name: given for name, given in there.items() if name in chosen}
        for place, there in kept.pop("requires_on", {}).items()
    }
    return _filled({**kept, "requires": chosen, "requires_on": _filled(other)})


# ---------------------------------------------------------------- repositories and contents


def compare_clone(clone: Clone, source: Source, rows: Sequence[Mapping[str, Any]], today: str) -> Outcome:
    """Compare the rows of a table with what a repository says, and propose rows for what it has besides."""
    outcome = Outcome()
    held = {str(row[source.key]).lower(): row for row in rows}
    seen = set()
    for said in source.say(clone):
        key = str(said[source.key])
        seen.add(key.lower())
        row = held.get(key.lower())
        if row is None:
            cited = {"source": source.cite(clone, said), "date": today, "certainty": "published"}
            outcome.proposed += ({**_row_of(said), **cited},)
            continue
        outcome.compared += 1
        outcome.differences += tuple(
            f"{key}: {name}: the table says {_words(row.get(name))}, the repository {_words(there)}"
            for name, there in said.items()
            if name not in NOT_IN_ROWS and name != source.key and not _agrees(row.get(name), there)
        )
    absent = [row for key, row in held.items() if key not in seen]
    outcome.by_hand = sum(row.get("certainty") != "published" for row in absent)
    outcome.unread = tuple(str(row[source.key]) for row in absent if row.get("certainty") == "published")
    return outcome


def _row_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a proposed row holds: of several clauses of a project the last one counts."""
    kept = {
        key: value for key, value in said.items() if key not in NOT_IN_ROWS and value not in (None, {}, [])
    }
    if isinstance(kept.get("pins"), dict):
        kept["pins"] = {name: clauses[-1] for name, clauses in kept["pins"].items()}
    return kept


def _agrees(here: Any, there: Any) -> bool:
    """Tell whether a row says what a repository says: of several clauses one, of a version its beginning."""
    if isinstance(there, dict):
        here = here or {}
        return here.keys() == there.keys() and all(
            here[name] in (clauses, *clauses) for name, clauses in there.items()
        )
    if isinstance(here, str) and isinstance(there, str):
        return here == there or here.startswith(f"{there}.")
    return (here or None) == (there or None)


def compare_contents(reader: Reader, fetcher: Fetcher, rows: Sequence[Mapping[str, Any]]) -> Outcome:
    """Compare ``numpy_abi`` with the wheels: up to ``last`` for numpy 1, from ``before`` on for numpy 2.

    Between the two no release may lie whose wheel was read: it moves one of them. Yanked ones count.
    """
    outcome = Outcome()
    for row in rows:
        project, last, before = row["project"], row.get("last"), row["before"]
        if last is None:
            outcome.by_hand += 1
            continue
        there = [
            version
            for version in reader.versions(project, yanked=True)
            if Version(last) <= Version(version) <= Version(before)
        ]
        gone = [version for version in (last, before) if version not in there]
        outcome.unread += tuple(f"{project} {version}" for version in gone)
        outcome.compared += 1
        for platform in row["platforms"]:
            files = {version: reader.wheel(project, version, platform) for version in there}
            found = {v: numpy_api(fetcher, file) for v, file in files.items() if file is not None}
            outcome.differences += tuple(_turning_point(project, last, before, found))
    return outcome


def _turning_point(project: str, last: str, before: str, found: Mapping[str, NumpyApi]) -> Iterator[str]:
    """Yield what the wheels say otherwise: the newest one for numpy 1, the oldest one for numpy 2."""
    by_api = {api: sorted((v for v in found if found[v] is api), key=Version) for api in NumpyApi}
    oldest = next(iter(by_api[NumpyApi.TWO]), None)
    ones = [
        version
        for version in by_api[NumpyApi.ONE]
        if oldest is None or Version(version) < Version(oldest) or version == before
    ]
    if ones and ones[-1] != last:
        yield f"{project}: last: the table says {last}, for numpy 1 is the wheel of {ones[-1]} too"
    if oldest is not None and oldest != before:
        yield f"{project}: before: the table says {before}, for numpy 2 is the wheel of {oldest} already"


def compare_torch_code(reader: Reader, fetcher: Fetcher, rows: Sequence[Mapping[str, Any]]) -> Outcome:
    """Compare ``torch_arch`` with PyPI's wheels of each release, for both processors of Linux."""
    outcome = Outcome(by_hand=sum(row["channel"] != "pypi" for row in rows))
    oldest = min((Version(row["first"]) for row in rows if row["channel"] == "pypi"), default=Version("0"))
    for version in reader.versions("torch"):
        minor = Version(version).release[:2]
        for platform in ("linux-64", "linux-aarch64"):
            file = reader.wheel("torch", version, platform) if Version(version) >= oldest else None
            said = torch_code(fetcher, file) if file is not None else None
            if said is None:
                continue
            row = next(
                (
                    row
                    for row in rows
                    if (row["channel"], row["cuda"], row.get("platform", "linux-64"))
                    == ("pypi", said[0], platform)
                    and Version(row["first"]).release <= minor <= Version(row["last"]).release
                ),
                None,
            )
            outcome.compared += 1
            held = tuple((row or {}).get("sass") or ())
            if held != said[1]:
                told, found = " ".join(held) or "nothing", " ".join(said[1])
                what = f"torch {version}, {platform}, CUDA {said[0]}"
                outcome.differences += (f"{what}: the table says {told}, the wheel {found}",)
    return outcome


def ranges_without_builds(
    rows: Sequence[Mapping[str, Any]], releases: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Yield the rows of ``torch_arch`` that hold for a release whose matrix has no such CUDA.

    A row covers what was published in each of its releases, not what was in one of them; disputed rows say so
    themselves.
    """
    published: dict[tuple[int, ...], set[str]] = {}
    for item in releases:
        published.setdefault(release(item["version"])[:2], set()).update(item["matrix"].get("variants") or ())
    for row in rows:
        if row["channel"] != "pypi" or row.get("platform", "linux-64") != "linux-64" or row.get("disputed"):
            continue
        for minor, variants in published.items():
            covered = release(row["first"])[:2] <= minor <= release(row["last"])[:2]
            if covered and variants and row["cuda"] not in variants:
                text = ".".join(map(str, minor))
                yield f"torch {row['first']} to {row['last']}, CUDA {row['cuda']}: {text} wasn't built for it"


def compare_conda_code(clone: Clone, rows: Sequence[Mapping[str, Any]]) -> Outcome:
    """Compare ``torch_arch`` with the scripts that built the packages of the channel `pytorch`."""
    outcome = Outcome()
    compared = set()
    for said in say_conda_code(clone):
        for number, row in enumerate(rows):
            if (
                row["channel"] != "pytorch"
                or not f"{row['cuda']}.".startswith(f"{said.cuda}.")
                or not within(said.release, row["first"], row["last"])
            ):
                continue
            compared.add(number)
            outcome.differences += tuple(
                f"pytorch {said.release}, CUDA {row['cuda']}: {key}: the table says "
                f"{' '.join(here) or 'nothing'}, the script {' '.join(there) or 'nothing'}"
                for key, there in (("sass", said.sass), ("ptx", said.ptx))
                if (here := tuple(sorted(row.get(key) or (), key=Version))) != there
            )
    outcome.compared, outcome.by_hand = len(compared), len(rows) - len(compared)
    return outcome


def compare_channels(reader: ChannelReader, rows: Sequence[Mapping[str, Any]]) -> Outcome:
    """Compare ``channel_families`` with the channels' records, where a row says that these tell it."""
    outcome = Outcome()
    for row in rows:
        channel = row["channel"]
        if row["certainty"] != "published":
            outcome.by_hand += 1
            continue
        try:
            mark = reader.mark(channel)
        except SourceError:
            outcome.unread += (channel,)
            continue
        outcome.compared += 1
        if mark is None:
            outcome.differences += (f"{channel}: no record depends on a build of conda-forge",)
    return outcome


def compare_conda_torch(reader: ChannelReader, rows: Sequence[Mapping[str, Any]]) -> Outcome:
    """Compare ``conda_torch`` with the builds of the channels: none may be missing in a row's lists."""
    outcome = Outcome()
    for channel, (subdir, name) in itertools.product(
        dict.fromkeys(row["channel"] for row in rows), (("linux-64", "linux"), ("win-64", "windows"))
    ):
        try:
            builds = reader.torch_builds(channel, subdir)
        except SourceError:
            outcome.unread += (f"{channel}/{subdir}",)
            continue
        for version, found in sorted(builds.items(), key=lambda item: release(item[0])):
            row = next(
                (
                    row
                    for row in rows
                    if row["channel"] == channel and within(version, row["first"], row["last"])
                ),
                None,
            )
            if row is None:
                continue
            outcome.compared += 1
            missing = sorted(found - set(row.get(name) or ()))
            if missing:
                outcome.differences += (f"{channel}/{subdir}: pytorch {version} for {', '.join(missing)}",)
    return outcome


# ---------------------------------------------------------------- the command


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, print, and say by the exit code whether the tables differ."""
    options = _parser().parse_args(arguments)
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    outcomes: list[tuple[str, Outcome]] = []
    try:
        outcomes += _compare_clones(options.clone or (), today)
        outcomes += _compare_required(options.require or ())
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    index = Index(name="default", url=options.index_url or default_index_url())
    name = "numpy_abi"
    with Fetcher(HttpSettings(), environ=os.environ) as fetcher:
        reader = Reader(IndexSet([index], fetcher=fetcher, cache=Cache(None)))
        try:
            if options.channels:
                name = "channel_families"
                with tempfile.TemporaryDirectory() as folder:
                    channels = ChannelReader(options.channels, fetcher, Cache(Path(folder)))
                    outcomes.append((name, compare_channels(channels, _rows(name))))
                    name = "conda_torch"
                    outcomes.append((name, compare_conda_torch(channels, _rows(name))))
            if options.contents:
                outcomes.append((name, compare_contents(reader, fetcher, _rows(name))))
                name = "torch_arch"
                code = compare_torch_code(reader, fetcher, _rows(name))
                code.differences += tuple(ranges_without_builds(_rows(name), _rows("torch_releases")))
                outcomes.append((name, code))
                for name, compare in _CONTENTS.items():
                    said = tuple(compare(reader, fetcher, _rows(name)))
                    outcomes.append((name, Outcome(compared=len(_rows(name)), differences=said)))
            named = options.only or SUBJECTS
            special = options.clone or options.contents or options.channels or options.require
            for name in () if special else named:
                outcomes.append((name, _compare(reader, name, today)))
        except LockstackError as error:
            print(f"error: {name}: {error}", file=sys.stderr)
            return 3
    for name, outcome in outcomes:
        print(report(name, outcome))
    return 5 if any(item.differences or item.proposed or item.unread for _, item in outcomes) else 0


def _compare_clones(clones: Sequence[str], today: str) -> Iterator[tuple[str, Outcome]]:
    """Yield table and outcome for ``OWNER/NAME=FOLDER``; raises ValueError for an unknown repository."""
    for repository, folder in (text.split("=", 1) for text in clones):
        clone = Clone(Path(folder))
        tables = [name for name, source in SOURCES.items() if source.repository == repository]
        for name in tables:
            yield name, compare_clone(clone, SOURCES[name], _rows(name), today)
        if repository == BUILDER:
            yield "torch_arch", compare_conda_code(clone, _rows("torch_arch"))
        elif repository in _FRAMEWORKS:
            name, differ = _FRAMEWORKS[repository]
            rows = _rows(name)
            yield name, Outcome(compared=len(rows), differences=tuple(differ(clone, rows)))
        elif not tables:
            known = dict.fromkeys(
                [*(source.repository for source in SOURCES.values()), BUILDER, *_FRAMEWORKS]
            )
            raise ValueError(f"known repositories: {', '.join(known)}")


def _compare_required(texts: Sequence[str]) -> Iterator[tuple[str, Outcome]]:
    """Yield table and outcome for each NVIDIA_REQUIRE_CUDA; raises ValueError for what is none."""
    for text in texts:
        yield _IMAGES, Outcome(compared=1, differences=tuple(requirement_differences(text, _rows(_IMAGES))))


def _compare(reader: Reader, name: str, today: str) -> Outcome:
    """Compare a table that an index speaks of."""
    return compare_table(reader, SUBJECTS[name], _rows(name), today)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--index-url", help="the index; default: the public one, as the settings have it")
    parser.add_argument("--only", action="append", choices=sorted(SUBJECTS), help="a table; may be repeated")
    parser.add_argument("--clone", action="append", metavar="OWNER/NAME=FOLDER", help="a repository on disk")
    parser.add_argument(
        "--require", action="append", metavar="TEXT", help="an image's NVIDIA_REQUIRE_CUDA; may be repeated"
    )
    parser.add_argument("--contents", action="store_true", help="read what wheels were compiled with")
    parser.add_argument("--channels", metavar="ADDRESS", help="read the channels below this address")
    return parser


def _rows(name: str) -> list[dict[str, Any]]:
    """Return the rows of a table as JSON values."""
    found: list[dict[str, Any]] = json.loads(msgspec.json.encode(facts.table_named(name)[0].rows))
    return found


def report(name: str, outcome: Outcome) -> str:
    """Return what was found of one table in lines: the count, differences, then rows to add."""
    count = f"{outcome.compared} rows compared, {outcome.by_hand} settled by hand"
    lines = [
        f"{name}: {count}, {len(outcome.differences)} differences, {len(outcome.proposed)} rows proposed"
    ]
    lines += [f"  not on the index: {', '.join(outcome.unread)}"] if outcome.unread else []
    lines += [f"  differs: {line}" for line in outcome.differences]
    return "\n".join([*lines, *(layout_row(row) for row in outcome.proposed)])


if __name__ == "__main__":
    raise SystemExit(main())
