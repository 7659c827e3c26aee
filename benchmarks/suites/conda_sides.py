"""Conda cases as our resolver, its resolvelib engine and py-rattler answer them.

Channels are written once into a folder, as repodata.json; every side reads the same files.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import rattler
from rattler.exceptions import SolverError
from rattler.package import BuildString

from benchmarks.suites.case import Answer, Channel, CondaCase, Package, Verdict
from resolver import (
    Channel as OurChannel,
)
from resolver import (
    ChannelPriority,
    CondaRequirement,
    Requirements,
    ResolveOptions,
    Target,
    VirtualPackage,
    resolve,
)
from resolver.errors import LockstackError, NoSolutionError
from resolver.model.origin import Origin
from resolver.model.target import ResolutionMode

TIMEOUT = dt.timedelta(seconds=60)
#: what a case may read: flexible priority is no word of py-rattler's, whose strict lets the first decide
PRIORITIES = {
    "strict": rattler.ChannelPriority.Strict,
    "disabled": rattler.ChannelPriority.Disabled,
}
#: build strings of virtual packages that have one
BUILDS = {"__archspec": "x86_64"}


class CondaBench:
    """Asks all sides; channels lie below ``folder``, one place for each content."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places: dict[int, Path] = {}
        self._sparse: dict[Path, Any] = {}
        self._kept: list[Channel] = []  # so that no id is used twice

    def sides(self) -> Iterator[tuple[str, Any]]:
        """Yield the name and the function of each side."""
        yield "lockstack", lambda case: with_the_rest(case, self.ours)
        yield "py-rattler", lambda case: with_the_rest(case, self.rattler)
        yield "resolvelib", lambda case: self.ours(case, engine="resolvelib")

    def place(self, name: str, channel: Channel) -> Path:
        """Return the folder of a channel, written if it isn't yet."""
        found = self._places.get(id(channel))
        if found is None:
            texts = {
                subdir: json.dumps({"info": {"subdir": subdir}, **_by_format(files)}, sort_keys=True)
                for subdir, files in {"noarch": {}, **channel}.items()
            }
            digest = hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()[:16]
            found = self._folder / digest / name
            for subdir, text in texts.items():
                (found / subdir).mkdir(parents=True, exist_ok=True)
                (found / subdir / "repodata.json").write_text(text, encoding="utf-8")
            self._places[id(channel)] = found
            self._kept.append(channel)
        return found

    def ours(self, case: CondaCase, engine: str = "lockstack") -> Answer:
        """Answer as the product does, an earlier lockfile included."""
        if engine != "lockstack" and case.locked and not case.update_all:
            return Answer(verdict=Verdict.UNASKED, why="the engine knows no earlier lockfile")
        origin = Origin(file="environment.yml", line=1)
        try:
            lines = [CondaRequirement.parse(spec, origin) for spec in case.specs]
            lines += [
                CondaRequirement(name=one.name, spec=one.spec, origin=origin, is_constraint=True)
                for one in (CondaRequirement.parse(spec, origin) for spec in case.constraints)
            ]
            options = ResolveOptions(
                targets=(_target(case),),
                channels=tuple(
                    OurChannel(name=name, base_url=str(self.place(name, channel)))
                    for name, channel in case.channels.items()
                ),
                preferred={case.subdir: {} if case.update_all else _pins(case)},
                updated=tuple(sorted(case.updated)) if case.locked and not case.update_all else (),
                exclude_newer_except=case.exempt,
                admit_undated=case.admit_undated,
                cache_dir=self._folder / "cache",
                engine=engine,
            )
            (found,) = resolve(Requirements(conda=tuple(lines)), options)
        except NoSolutionError as error:
            return Answer(verdict=Verdict.NONE, why=str(error))
        except (LockstackError, ValueError) as error:
            missing = "No package named" in str(error) or " is not in " in str(error)
            return Answer(verdict=Verdict.NONE if missing else Verdict.ERROR, why=str(error))
        packages = frozenset(
            Package(
                name=pin.record.name,
                version=pin.record.version,
                build=pin.record.build,
                channel=Path(pin.url).parent.parent.name,
                subdir=Path(pin.url).parent.name,
            )
            for pin in found.conda
            if pin.record.name not in case.leave_out
        )
        return Answer(verdict=Verdict.SOLUTION, packages=packages)

    def rattler(self, case: CondaCase) -> Answer:
        """Answer as py-rattler does; what is to move is not given as locked."""
        if case.exempt:
            return Answer(verdict=Verdict.UNASKED, why="no exemptions from a limit in time")
        try:
            found = asyncio.run(self._solve(case))
        except SolverError as error:
            return Answer(verdict=Verdict.NONE, why=str(error))
        except Exception as error:  # whatever else py-rattler raises is a result here
            return Answer(verdict=Verdict.ERROR, why=f"{type(error).__name__}: {error}")
        packages = frozenset(
            Package(
                name=record.name.normalized,
                version=str(record.version),
                build=str(record.build),
                channel=record.url.split("/")[-3],
                subdir=record.url.split("/")[-2],
            )
            for record in found
            if record.name.normalized not in case.leave_out
        )
        return Answer(verdict=Verdict.SOLUTION, packages=packages)

    async def _solve(self, case: CondaCase) -> list[Any]:
        sparse = [s for name, channel in case.channels.items() for s in self._sparse_of(case, name, channel)]
        locked = () if case.update_all else [p for p in case.locked if p.name not in case.updated]
        limit = None if case.exclude_newer is None else dt.datetime.fromtimestamp(case.exclude_newer, dt.UTC)
        return await rattler.solve_with_sparse_repodata(
            specs=[rattler.MatchSpec(spec) for spec in case.specs],
            constraints=[rattler.MatchSpec(spec) for spec in case.constraints],
            sparse_repodata=sparse,
            virtual_packages=[
                rattler.GenericVirtualPackage(
                    rattler.PackageName(name), rattler.Version(version), BuildString(BUILDS.get(name, "0"))
                )
                for name, version in sorted(case.virtual.items())
            ],
            locked_packages=[found for package in locked for found in _records_of(sparse, package)],
            channel_priority=PRIORITIES.get(case.priority, PRIORITIES["strict"]),
            exclude_newer=limit,
            timestamp_policy="allow-missing" if case.admit_undated else "require-timestamp",
            strategy=case.strategy,
            timeout=TIMEOUT,
        )

    def _sparse_of(self, case: CondaCase, name: str, channel: Channel) -> Iterator[Any]:
        for subdir in (case.subdir, "noarch"):
            path = self.place(name, channel) / subdir / "repodata.json"
            if not path.is_file():
                continue
            if path not in self._sparse:
                self._sparse[path] = rattler.SparseRepoData(rattler.Channel(name), subdir, path)
            yield self._sparse[path]


def with_the_rest(case: CondaCase, ask: Callable[[CondaCase], Answer]) -> Answer:
    """Ask; where the case wants it, ask again with what was locked and went as further lines."""
    found = ask(case)
    gone = {package.name for package in case.locked} - {package.name for package in found.packages}
    if not case.keep_all or not gone or found.verdict is not Verdict.SOLUTION:
        return found
    lines = [f"{one.name} =={one.version} {one.build}" for one in case.locked if one.name in gone]
    more = ask(replace(case, specs=(*case.specs, *lines)))
    return more if found.packages <= more.packages else found


def _by_format(files: Any) -> dict[str, Any]:
    files = {name: {k: v for k, v in entry.items() if v is not None} for name, entry in files.items()}
    return {
        "packages": {n: r for n, r in files.items() if n.endswith(".tar.bz2")},
        "packages.conda": {n: r for n, r in files.items() if n.endswith(".conda")},
    }


def _target(case: CondaCase) -> Target:
    return Target(
        subdir=case.subdir,
        channel_priority=ChannelPriority(case.priority),
        exclude_newer=case.exclude_newer,
        resolution_mode=ResolutionMode(case.strategy),
        virtual_packages=tuple(
            VirtualPackage(name=name, version=version, build=BUILDS.get(name, "0"))
            for name, version in sorted(case.virtual.items())
        ),
    )


def _pins(case: CondaCase) -> dict[str, str]:
    """Return the earlier lockfile's files, as our resolver takes them."""
    found: dict[str, str] = {}
    for package in case.locked:
        if package.name in case.updated:
            continue
        for channel in case.channels.values():
            for files in channel.values():
                for file_name, record in files.items():
                    same = (record["name"], record["version"], record["build"])
                    if same == (package.name, package.version, package.build):
                        found.setdefault(f"conda:{package.name}", file_name)
    return found


def _records_of(sparse: list[Any], package: Package) -> list[Any]:
    """Return the first record that a locked package is."""
    name = rattler.PackageName(package.name)
    for source in sparse:
        for record in source.load_records(name):
            if (str(record.version), str(record.build)) == (package.version, package.build):
                return [record]
    return []
