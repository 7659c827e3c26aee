"""Known solutions of public projects, as resolutions: for the test on a sample and the full run.

Each line of ``problems/conda.jsonl.zst`` names the conda files and the PyPI pins
of a lockfile that its project works with; the records are looked up in
``channels/<channel>/<subdir>/repodata.json.zst``.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from resolver.checks.context import CheckContext
from resolver.model.channels import Channel, ChannelPriority
from resolver.model.names import pypi_name
from resolver.model.origin import Origin
from resolver.model.records import CondaRecord
from resolver.model.requirements import ChannelRequest, CondaRequirement, PypiRequirement, Requirements
from resolver.model.resolution import CondaPin, PypiPin, Resolution
from resolver.model.target import Target, VirtualPackage


class _Raw(msgspec.Struct):
    name: str
    version: str
    build: str
    build_number: int
    depends: tuple[str, ...] = ()
    constrains: tuple[str, ...] = ()
    timestamp: int = 0
    noarch: str | bool | None = None
    md5: str | None = None
    sha256: str | None = None


class _Repodata(msgspec.Struct):
    packages: dict[str, _Raw] = {}
    conda: dict[str, _Raw] = msgspec.field(name="packages.conda", default_factory=dict)


@dataclass
class Records:
    """The records under one folder of channels, read per channel and subdir when first asked for."""

    folder: Path
    _read: dict[tuple[str, str], dict[str, _Raw]] = field(default_factory=dict)

    def raw(self, channel: str, subdir: str, file_name: str) -> _Raw:
        """Return one record; KeyError where the sample lacks it."""
        key = (channel, subdir)
        if key not in self._read:
            path = self.folder / channel / subdir / "repodata.json.zst"
            with path.open("rb") as stream:
                data = zstandard.ZstdDecompressor().stream_reader(stream).read()
            repodata = msgspec.json.decode(data, type=_Repodata)
            self._read[key] = {**repodata.packages, **repodata.conda}
        return self._read[key][file_name]

    def pin(self, address: str) -> CondaPin:
        """Return the pin of ``channel/subdir/file`` (the channel may hold slashes)."""
        channel, subdir, file_name = address.rsplit("/", 2)
        raw = self.raw(channel, subdir, file_name)
        noarch = raw.noarch if isinstance(raw.noarch, str) else ("python" if raw.noarch else None)
        record = CondaRecord(
            name=raw.name,
            version=raw.version,
            build=raw.build,
            build_number=raw.build_number,
            file_name=file_name,
            depends=raw.depends,
            constrains=raw.constrains,
            md5=raw.md5,
            sha256=raw.sha256,
            timestamp=raw.timestamp,
            noarch=noarch,
        )
        base = f"https://conda.anaconda.org/{channel}"
        if channel.startswith("pkgs/"):
            base = f"https://repo.anaconda.com/{channel}"
        return CondaPin(
            record=record,
            channel=Channel(name=channel, base_url=base),
            subdir=subdir,
            url=f"{base}/{subdir}/{file_name}",
        )


def read_problems(folder: Path, platform: str) -> Iterator[dict[str, Any]]:
    """Yield the problems of one platform in file order."""
    with (folder / "problems" / "conda.jsonl.zst").open("rb") as stream:
        text = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(stream), encoding="utf-8")
        for line in text:
            problem = json.loads(line)
            if problem["platform"] == platform:
                yield problem


def _virtual(problem: dict[str, Any]) -> tuple[VirtualPackage, ...]:
    packages = problem["virtual_packages"]
    pairs = (
        packages.items() if isinstance(packages, dict) else (str(item).split("=")[:2] for item in packages)
    )
    return tuple(sorted(VirtualPackage(name=name, version=str(version)) for name, version in pairs))


def _pypi_pins(problem: dict[str, Any]) -> tuple[PypiPin, ...]:
    pins = []
    for text in problem.get("pypi_solution") or ():
        name, separator, version = text.partition("==")
        if separator:
            pins.append(PypiPin(name=pypi_name(name), version=version, file=None))
    return tuple(sorted(pins, key=lambda pin: pin.name))


def _requirements(problem: dict[str, Any]) -> Requirements:
    origin = Origin(file=f"{problem['repo']}:{problem['environment']}")
    indexes: list[str] = []
    pypi = []
    wanted = problem.get("pypi") or {}
    items = wanted.items() if isinstance(wanted, dict) else ((text, []) for text in wanted)
    for name, choices in items:
        choice = choices[0] if isinstance(choices, list) and choices else choices
        version = choice if isinstance(choice, str) else (choice or {}).get("version") or ""
        index = choice.get("index") if isinstance(choice, dict) else None
        if index:
            indexes.append(index)
        bare = name.split("=")[0].split("<")[0].split(">")[0].split("[")[0].strip()
        pypi.append(
            PypiRequirement(
                name=pypi_name(bare),
                text=f"{name}{version}",
                origin=origin,
                specifier=version if version != "*" else "",
                index=index,
            )
        )
    return Requirements(
        channels=tuple(ChannelRequest(text=text, origin=origin) for text in problem["channels"]),
        conda=tuple(
            CondaRequirement(
                name=spec.split("::")[-1].split(" ")[0].split("=")[0].lower(), spec=spec, origin=origin
            )
            for spec in problem["specs"]
        ),
        pypi=tuple(pypi),
    )


def known_context(problem: dict[str, Any], records: Records) -> CheckContext:
    """Return what a check of the problem's lockfile sees."""
    conda = tuple(sorted((records.pin(address) for address in problem["solution"]), key=lambda pin: pin.name))
    python = next((pin.record.version for pin in conda if pin.name == "python"), None)
    target = Target(
        subdir=problem["platform"],
        virtual_packages=_virtual(problem),
        channel_priority=ChannelPriority(problem["channel_priority"]),
    )
    resolution = Resolution(target=target, python=python, conda=conda, pypi=_pypi_pins(problem))
    return CheckContext(resolution=resolution, requirements=_requirements(problem))
