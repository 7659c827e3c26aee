"""Lockfiles to try formats on: real conda solutions, each with PyPI projects whose wheels are made here.

PROBLEMS give the packages of public lockfiles and CHANNELS their records. A project of the PyPI part
becomes a wheel with nothing inside, which needs a few of the other projects, so that installers can fetch
it; what no real lockfile has together is drawn by ``seed``: groups, extras, repositories, hashes of other
algorithms. The same arguments give the same locks.
"""

from __future__ import annotations

import hashlib
import random
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import zstandard

from benchmarks.prepare import BASELINES, Problem, read_problems
from lockfiles.model import LockedChannel, LockMetadata
from resolver.model.channels import Channel
from resolver.model.names import CondaName, PypiName, pypi_name
from resolver.model.records import CondaRecord, DistFile
from resolver.model.requirements import DirectKind, DirectReference
from resolver.model.resolution import CondaPin, PypiPin, Resolution
from resolver.model.target import Target, VirtualPackage
from tests.oracles.channel_folder import ChannelFolder

SERVER = "https://conda.anaconda.org/"
#: Groups that packages are drawn into.
GROUPS = ("main", "dev", "docs")
_COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLock:
    """A lock of one or several platforms; ``is_plain``: pip's part is of wheels alone, in one group."""

    id: str
    resolutions: tuple[Resolution, ...]
    metadata: LockMetadata
    is_plain: bool


class Corpus:
    """Makes locks, and the wheels that they name, under ``wheels``."""

    def __init__(self, problems: Path, channels: Path, wheels: Path) -> None:
        self._problems = read_problems(problems)
        self._pypi = dict(_pypi_parts(problems))
        self._folder = ChannelFolder(channels)
        self._wheels = wheels

    def locks(self, count: int, seed: int = 1) -> Iterator[SampleLock]:
        """Yield so many locks, every second one plain; each has a PyPI part where its problem has one."""
        chance = random.Random(seed)  # noqa: S311  (a sample, not a secret)
        usable = [one for one in self._problems if one.solution and len(self._pypi[one.id]) < 60]
        chance.shuffle(usable)
        usable.sort(key=lambda one: not self._pypi[one.id])
        with_pypi = [one for one in usable if self._pypi[one.id]]
        without = [one for one in usable if not self._pypi[one.id]]
        chosen = [*with_pypi[: count * 3 // 4], *without[: count - min(len(with_pypi), count * 3 // 4)]]
        for number, problem in enumerate(chosen[:count]):
            found = self._resolution(problem, chance, is_plain=number % 2 == 0)
            if found is not None:
                yield SampleLock(
                    id=problem.id,
                    resolutions=(found,),
                    metadata=_metadata(problem),
                    is_plain=number % 2 == 0,
                )

    def of_problem(self, problem: Problem) -> SampleLock:
        """Return the lock of one problem, plain."""
        found = self._resolution(problem, random.Random(1), is_plain=True)  # noqa: S311
        if found is None:
            raise ValueError(f"{problem.id} has no solution of known records")
        return SampleLock(id=problem.id, resolutions=(found,), metadata=_metadata(problem), is_plain=True)

    def _resolution(self, problem: Problem, chance: random.Random, *, is_plain: bool) -> Resolution | None:
        conda = [pin for address in problem.solution if (pin := self._conda(address)) is not None]
        if not conda:
            return None
        taken = {pypi_name(pin.name) for pin in conda}
        parts = (part.partition("==") for part in self._pypi[problem.id])
        wanted = {name: version for name, _, version in parts if version[:1].isdigit()}
        names = [pypi_name(name) for name in wanted]
        pypi: dict[PypiName, PypiPin] = {}
        for name, version in wanted.items():
            pin = self._wheel(pypi_name(name), version, names, chance)
            pypi[pin.name] = pin
        if not is_plain:
            conda = [replace_categories(pin, chance) for pin in conda]
            pypi = {name: _varied(pin, chance) for name, pin in pypi.items()}
        python = next((pin.record.version for pin in conda if pin.name == "python"), None)
        return Resolution(
            target=_target(problem),
            python=python,
            conda=tuple(sorted(conda, key=lambda pin: pin.name)),
            pypi=tuple(pypi[name] for name in sorted(pypi)),
            provided={
                name: (CondaName(name), pin.record.version)
                for pin in sorted(conda, key=lambda pin: pin.name)
                if (name := pypi_name(pin.name)) in taken - pypi.keys()
            },
        )

    def _conda(self, address: str) -> CondaPin | None:
        channel, subdir, file_name = address.rsplit("/", 2)
        entry = self._folder.entries(channel, subdir).get(file_name)
        if entry is None:
            return None
        base = SERVER + channel
        record = CondaRecord(
            name=entry["name"],
            version=entry["version"],
            build=entry["build"],
            build_number=entry["build_number"],
            file_name=file_name,
            depends=tuple(entry.get("depends", ())),
            constrains=tuple(entry.get("constrains", ())),
            md5=entry.get("md5"),
            sha256=entry.get("sha256"),
            size=entry.get("size"),
            timestamp=entry.get("timestamp", 0),
            noarch=entry.get("noarch") if isinstance(entry.get("noarch"), str) else None,
            license=entry.get("license"),
        )
        return CondaPin(
            record=record,
            channel=Channel(name=channel, base_url=base),
            subdir=subdir,
            url=f"{base}/{subdir}/{file_name}",
        )

    def _wheel(self, name: PypiName, version: str, names: list[PypiName], chance: random.Random) -> PypiPin:
        needs = {other: "" for other in names if other > name and chance.random() < 2 / (len(names) + 1)}
        path = make_wheel(self._wheels, name, version, needs)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        file = DistFile(
            file_name=path.name,
            version=version,
            is_wheel=True,
            url=path.resolve().as_uri(),
            hashes={"sha256": digest},
            size=path.stat().st_size,
        )
        return PypiPin(name=name, version=version, file=file, dependencies=dict(sorted(needs.items())))


def make_wheel(folder: Path, name: PypiName, version: str, needs: Mapping[PypiName, str]) -> Path:
    """Write a wheel with metadata alone, of the same bytes for the same arguments; return its path."""
    from packaging.version import Version

    stem = f"{name.replace('-', '_')}-{Version(version)}"
    digest = hashlib.sha256(repr(sorted(needs.items())).encode()).hexdigest()[:8]
    path = folder / digest / name / f"{stem}-py3-none-any.whl"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {Version(version)}"]
    lines += [f"Requires-Dist: {other}{spec}" for other, spec in sorted(needs.items())]
    texts = {
        "METADATA": "\n".join(lines) + "\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: here\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{stem}.dist-info/{file},,\n" for file in (*texts, "RECORD"))
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in (*texts.items(), ("RECORD", record)):
            archive.writestr(zipfile.ZipInfo(f"{stem}.dist-info/{file}"), text)
    return path


def replace_categories(pin: CondaPin, chance: random.Random) -> CondaPin:
    """Return a conda pin in a group that is drawn, python in the main one."""
    import msgspec

    group = "main" if pin.name == "python" else chance.choices(GROUPS, (8, 1, 1))[0]
    return msgspec.structs.replace(pin, categories=frozenset({group}))


def _varied(pin: PypiPin, chance: random.Random) -> PypiPin:
    """Return a PyPI pin as formats find it hard: in a group, with extras, from a repository ..."""
    import msgspec

    changes: dict[str, object] = {"categories": frozenset({chance.choices(GROUPS, (8, 1, 1))[0]})}
    kind = chance.random()
    if kind < 0.05:
        changes |= {
            "file": None,
            "commit": _COMMIT,
            "direct": DirectReference(
                kind=DirectKind.VCS,
                url=f"git+https://git.example.org/{pin.name}",
                revision="v1",
                subdirectory="python" if kind < 0.02 else None,
            ),
        }
    elif kind < 0.1 and pin.file is not None:
        url = f"https://files.example.org/{pin.file.file_name}"
        changes["file"] = msgspec.structs.replace(pin.file, url=url)
        changes["direct"] = DirectReference(kind=DirectKind.ARCHIVE, url=url, hashes=pin.file.hashes)
    elif kind < 0.2:
        changes["extras"] = frozenset({"more"})
    elif kind < 0.3:
        changes["requires_python"] = ">=3.8"
    return msgspec.structs.replace(pin, **changes)


def _metadata(problem: Problem) -> LockMetadata:
    return LockMetadata(
        content_hash={problem.platform: hashlib.sha256(problem.id.encode()).hexdigest()},
        channels=tuple(LockedChannel(url=name) for name in problem.channels),
        platforms=(problem.platform,),
        sources=("environment.yml",),
        custom={"lockstack.tool": "lockstack 0"},
    )


def _target(problem: Problem) -> Target:
    baseline = BASELINES.get(problem.platform, "0")
    return Target(
        subdir=problem.platform,
        virtual_packages=tuple(
            VirtualPackage(name=name, version=version, build=baseline if name == "__archspec" else "0")
            for name, version in problem.virtual_packages
        ),
    )


def _pypi_parts(problems: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    import io
    import json

    with problems.open("rb") as raw:
        stream = zstandard.ZstdDecompressor().stream_reader(raw) if problems.suffix == ".zst" else raw
        for line in io.TextIOWrapper(stream, encoding="utf-8"):
            row = json.loads(line)
            yield row["id"], tuple(row.get("pypi_solution") or ())
