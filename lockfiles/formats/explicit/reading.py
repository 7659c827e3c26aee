"""``@EXPLICIT`` -> a resolution: conda's addresses, and pip's part where ``# pip`` lines name it.

The format keeps no dependencies and, but for our own comment, no platform: it is
taken from the first address that isn't noarch.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from lockfiles.formats.conda_files import FILES, is_path, subdir_of
from lockfiles.formats.conda_lock.restore import parse_direct_url
from lockfiles.formats.reading import LockContent, LockReadOptions
from lockfiles.model import LockedChannel, LockMetadata, split_conda_file_name
from resolver.errors import InputError, InputErrors
from resolver.model.channels import Channel
from resolver.model.names import pypi_name
from resolver.model.origin import Origin
from resolver.model.records import CondaRecord, DistFile
from resolver.model.redaction import strip
from resolver.model.requirements import DirectKind
from resolver.model.resolution import CondaPin, PypiPin, Resolution
from resolver.model.target import Target

_PLATFORM = re.compile(r"^#\s*platform:\s*(\S+)\s*$")
_PIP = re.compile(
    r"^#\s*pip\s+(?P<name>[A-Za-z0-9][\w.-]*)\s*"
    r"(?:==\s*(?P<version>\S+)|@\s*(?P<url>\S+))\Z"
)
_PUBLIC_SERVER = "https://conda.anaconda.org/"


def read(text: str, file: str, options: LockReadOptions) -> LockContent:
    """Return the one resolution of an explicit list; raises InputErrors with every bad line."""
    conda: dict[str, CondaPin] = {}
    pypi: dict[str, PypiPin] = {}
    platform: str | None = None
    faults: list[InputError] = []
    for number, line in enumerate(map(str.strip, text.split("\n")), 1):
        origin = Origin(file=file, line=number)
        if found := _PLATFORM.match(line):
            platform = found[1]
        elif found := _PIP.match(line):
            pin = _pypi_pin(found["name"], found["version"], found["url"])
            pypi[pin.name] = pin
        elif not line or line.startswith("#") or line == "@EXPLICIT":
            continue
        elif (package := _conda_pin(line)) is not None:
            conda[package.record.name] = package
        else:
            faults.append(
                InputError(
                    "no address of a conda package",
                    origin,
                    "A line is `https://.../SUBDIR/NAME-VERSION-BUILD.conda#HASH`.",
                )
            )
    if faults:
        raise faults[0] if len(faults) == 1 else InputErrors(faults)
    pins = tuple(conda[name] for name in sorted(conda))
    subdir = platform or next((pin.subdir for pin in pins if pin.subdir != "noarch"), options.platform)
    resolution = Resolution(
        target=Target(subdir=subdir),
        python=conda["python"].record.version if "python" in conda else None,
        conda=pins,
        pypi=tuple(pypi[name] for name in sorted(pypi)),
        provided={
            pypi_name(pin.name): (pin.name, pin.record.version)
            for pin in pins
            if pypi_name(pin.name) not in pypi
        },
    )
    channels = dict.fromkeys(pin.channel.name for pin in conda.values())
    return LockContent(
        resolutions=(resolution,),
        metadata=LockMetadata(
            channels=tuple(LockedChannel(url=name) for name in channels), platforms=(subdir,)
        ),
    )


def _conda_pin(line: str) -> CondaPin | None:
    """Return the package of an address line, None where the line is none."""
    address, _, digest = line.partition("#")
    url = strip(address)
    base, _, last = url.rpartition("/")
    base, _, subdir = base.rpartition("/")
    if is_path(url):
        subdir = subdir_of(url, None, "noarch")
    file_name = unquote(last)
    parts = split_conda_file_name(file_name)
    if parts is None or not subdir or not file_name.endswith((".conda", ".tar.bz2")):
        return None
    number = parts[2].rpartition("_")[2]
    algorithm, colon, value = digest.partition(":")
    sha256 = value if colon and algorithm == "sha256" else digest if len(digest) == 64 else None
    record = CondaRecord(
        name=parts[0],
        version=parts[1],
        build=parts[2],
        build_number=int(number) if number.isdecimal() and number.isascii() and len(number) < 10 else 0,
        file_name=file_name,
        md5=digest if len(digest) == 32 else None,
        sha256=sha256,
        noarch="generic" if subdir == "noarch" else None,
    )
    channel = FILES if is_path(url) else Channel(name=base.removeprefix(_PUBLIC_SERVER), base_url=base)
    return CondaPin(record=record, channel=channel, subdir=subdir, url=url)


def _pypi_pin(name: str, version: str | None, url: str | None) -> PypiPin:
    """Return the project of a ``# pip`` line; a wheel's or sdist's version stands in its file name."""
    if url is None:
        return PypiPin(name=pypi_name(name), version=version or "0", file=None)
    direct, commit = parse_direct_url(strip(url))
    if direct.kind is not DirectKind.ARCHIVE:
        return PypiPin(name=pypi_name(name), version="0", file=None, direct=direct, commit=commit)
    address = strip(url).partition("#")[0]
    file_name = unquote(address.partition("?")[0].rpartition("/")[2])
    found = _version_of(file_name)
    file = DistFile(
        file_name=file_name,
        version=found,
        is_wheel=file_name.endswith(".whl"),
        url=address,
        hashes=dict(direct.hashes),
    )
    return PypiPin(name=pypi_name(name), version=found, file=file)


def _version_of(file_name: str) -> str:
    """Return the version that a distribution's file name holds, ``0`` where it holds none."""
    from packaging.utils import (
        InvalidSdistFilename,
        InvalidWheelFilename,
        parse_sdist_filename,
        parse_wheel_filename,
    )

    try:
        if file_name.endswith(".whl"):
            return str(parse_wheel_filename(file_name)[1])
        return str(parse_sdist_filename(file_name)[1])
    except (InvalidWheelFilename, InvalidSdistFilename):
        return "0"
