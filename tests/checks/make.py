"""Environments for the checks' tests, made of real records and real wheel names."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace
from packaging.utils import parse_wheel_filename

from lockfiles.formats.conda_lock.target_keys import parse_shared
from resolver.checks.context import CheckContext
from resolver.checks.deviations import LockedWith
from resolver.machine.description import describe_machine
from resolver.model.channels import Channel, ChannelPriority
from resolver.model.installed import Installation
from resolver.model.names import CondaName, pypi_name
from resolver.model.origin import Origin
from resolver.model.records import CondaRecord, DistFile
from resolver.model.requirements import (
    ChannelRequest,
    CondaRequirement,
    IndexOptions,
    PypiRequirement,
    Requirements,
)
from resolver.model.resolution import CondaPin, PypiPin, Resolution
from resolver.model.target import Target, VirtualPackage

RECORDS = Path(__file__).parent / "records.json"


@dataclass(frozen=True, kw_only=True)
class Env:
    """One environment on one machine.

    ``conda``: addresses ``channel/subdir/file`` of records in records.json.
    ``pip``: wheel file names, or ``name==version`` where no file is known.
    ``asked``: lines of an environment.yml; one that starts with ``pip:`` is pip's,
    ``channel:`` a channel, ``index:`` an ``--extra-index-url``.
    """

    conda: str = ""
    pip: str = ""
    python: str | None = None
    subdir: str = "linux-64"
    priority: str = "strict"
    virtual: str = ""  #: ``__cuda=12.4``
    asked: tuple[str, ...] = ()
    image: str | None = None
    vm: str | None = None
    gpu: str | None = None
    driver: str | None = None
    cuda: str | None = None
    glibc: str | None = None
    library_path: str | None = None
    installation: Installation | None = None
    locked: LockedWith | None = None
    today: str | None = None
    shared: tuple[str, ...] = ()  #: ``project: *a b``: indexes that have it; a star: it gave the file
    needs: tuple[str, ...] = ()  #: edges of PyPI pins: ``name>other``


@functools.cache
def embedded_records() -> dict[str, CondaRecord]:
    """Return the real records that the cases use, by address."""
    rows = json.loads(RECORDS.read_text(encoding="utf-8"))["records"]
    found = {}
    for address, name, version, build, number, depends, constrains, noarch in rows:
        found[address] = CondaRecord(
            name=name,
            version=version,
            build=build,
            build_number=number,
            file_name=address.rsplit("/", 1)[1],
            depends=tuple(depends),
            constrains=tuple(constrains),
            noarch=noarch,
        )
    return found


def conda_pin(address: str) -> CondaPin:
    """Return the pin of a real record."""
    channel, subdir, file_name = address.rsplit("/", 2)
    base = f"https://conda.anaconda.org/{channel}"
    return CondaPin(
        record=embedded_records()[address],
        channel=Channel(name=channel, base_url=base),
        subdir=subdir,
        url=f"{base}/{subdir}/{file_name}",
    )


def wheel_pin(text: str, needs: tuple[str, ...] = ()) -> PypiPin:
    """Return the pin of a wheel's file name, an sdist's, or of ``name==version``."""
    edges = {}
    if text.endswith(".whl"):
        name, version, _, _ = parse_wheel_filename(text)
        file = DistFile(
            file_name=text,
            version=str(version),
            is_wheel=True,
            url=f"https://files.example.org/{text}",
            hashes={},
        )
        project, number = pypi_name(name), str(version)
    elif text.endswith(".tar.gz"):
        stem, _, number = text.removesuffix(".tar.gz").rpartition("-")
        project = pypi_name(stem)
        file = DistFile(
            file_name=text, version=number, is_wheel=False, url=f"https://files.example.org/{text}", hashes={}
        )
    else:
        head, _, number = text.partition("==")
        project, file = pypi_name(head), None
    for edge in needs:
        left, _, right = edge.partition(">")
        if left == project:
            edges[pypi_name(right)] = ""
    return PypiPin(name=project, version=number, file=file, dependencies=edges)


def _requirements(lines: tuple[str, ...]) -> Requirements | None:
    if not lines:
        return None
    channels, conda, pypi, indexes = [], [], [], []
    for number, line in enumerate(lines, 1):
        origin = Origin(file="environment.yml", line=number)
        kind, _, rest = (
            line.partition(":") if line.startswith(("channel:", "pip:", "index:")) else ("conda", "", line)
        )
        text = rest.strip()
        if kind == "channel":
            channels.append(ChannelRequest(text=text, origin=origin))
        elif kind == "index":
            indexes.append(text)
        elif kind == "pip":
            name = re.split(r"[\[=<>!~ ]", text)[0]
            specifier = re.sub(r"\[.*?\]", "", text[len(name) :]).strip()
            extras = frozenset(re.findall(r"[\w-]+", "".join(re.findall(r"\[(.*?)\]", text))))
            pypi.append(
                PypiRequirement(
                    name=pypi_name(name), text=text, origin=origin, specifier=specifier, extras=extras
                )
            )
        else:
            name = re.split(r"[=<> ]", text.split("::")[-1])[0]
            conda.append(CondaRequirement(name=CondaName(name), spec=text, origin=origin))
    return Requirements(
        channels=tuple(channels),
        conda=tuple(conda),
        pypi=tuple(pypi),
        indexes=IndexOptions(extra_index_urls=tuple(indexes)),
    )


def _by_indexes(texts: tuple[str, ...]) -> dict[str, str]:
    return {indexes: names for names, _, indexes in (text.partition(": ") for text in texts)}


def make_context(env: Env) -> CheckContext:
    """Return what a rule sees of an environment."""
    conda = tuple(
        sorted((conda_pin(address) for address in env.conda.split()), key=lambda pin: pin.record.name)
    )
    pypi = tuple(sorted((wheel_pin(text, env.needs) for text in env.pip.split()), key=lambda pin: pin.name))
    virtual = tuple(
        VirtualPackage(name=name, version=version)
        for name, _, version in (text.partition("=") for text in env.virtual.split())
    )
    target = Target(
        subdir=env.subdir,
        virtual_packages=tuple(sorted(virtual)),
        channel_priority=ChannelPriority(env.priority),
    )
    python = env.python or next((pin.record.version for pin in conda if pin.name == "python"), None)
    machine = describe_machine(
        image=env.image,
        vm_size=env.vm,
        gpu=env.gpu,
        driver=env.driver,
        cuda=env.cuda,
        glibc=env.glibc,
        library_path=env.library_path,
    )
    resolution = Resolution(target=target, python=python, conda=conda, pypi=pypi)
    if env.shared:
        resolution = replace(resolution, shared=parse_shared(json.dumps(_by_indexes(env.shared))))
    if env.installation is not None:
        resolution = replace(resolution, conda=env.installation.conda)
    return CheckContext(
        resolution=resolution,
        machine=machine,
        requirements=_requirements(env.asked),
        installation=env.installation,
        locked=env.locked,
        today=env.today,
    )


@dataclass(frozen=True, kw_only=True)
class Case:
    """One rule: it must speak about ``fails``, naming ``names``, and be silent about ``passes``."""

    rule: str
    fails: Env
    passes: Env
    names: tuple[str, ...]
    severity: str | None = None
