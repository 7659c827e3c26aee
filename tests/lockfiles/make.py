"""Resolutions to test with, small and readable."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from resolver.model.channels import Channel
from resolver.model.names import PypiName
from resolver.model.records import DistFile
from resolver.model.requirements import DirectReference
from resolver.model.resolution import CondaPin, PypiPin, Resolution
from resolver.model.target import Target, VirtualPackage
from tests.support.records import conda_record

FORGE = Channel(name="conda-forge", base_url="https://conda.anaconda.org/conda-forge")
LINUX = Target(
    subdir="linux-64",
    virtual_packages=(
        VirtualPackage(name="__archspec", version="1", build="x86_64"),
        VirtualPackage(name="__glibc", version="2.28"),
        VirtualPackage(name="__unix"),
    ),
)
MACOS = Target(subdir="osx-arm64", virtual_packages=(VirtualPackage(name="__osx", version="11.0"),))


def digest(algorithm: str, text: str) -> str:
    return hashlib.new(algorithm, text.encode(), usedforsecurity=False).hexdigest()


def conda(
    name: str,
    version: str = "1.0",
    build: str = "h0_0",
    *depends: str,
    subdir: str = "linux-64",
    channel: Channel = FORGE,
    **fields: Any,
) -> CondaPin:
    file_name = f"{name}-{version}-{build}{fields.pop('extension', '.conda')}"
    url = f"{channel.base_url}/{subdir}/{file_name}"
    categories = fields.pop("categories", frozenset({"main"}))
    values = {"md5": digest("md5", file_name), "sha256": digest("sha256", file_name)} | fields
    record = conda_record(name, version, build, file_name=file_name, depends=depends, **values)
    return CondaPin(record=record, channel=channel, subdir=subdir, url=url, categories=categories)


def pypi(
    name: str,
    version: str = "1.0",
    dependencies: Mapping[str, str] | None = None,
    *,
    direct: DirectReference | None = None,
    file: bool = True,
    **fields: Any,
) -> PypiPin:
    file_name = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    dist = DistFile(
        file_name=file_name,
        version=version,
        is_wheel=True,
        url=fields.pop("url", f"https://example.org/files/{file_name}"),
        hashes=fields.pop("hashes", {"sha256": digest("sha256", file_name)}),
    )
    return PypiPin(
        name=PypiName(name),
        version=version,
        file=dist if file else None,
        direct=direct,
        index=fields.pop("index", "https://example.org/simple"),
        dependencies={PypiName(key): value for key, value in sorted((dependencies or {}).items())},
        **fields,
    )


def resolution(*pins: CondaPin | PypiPin, target: Target = LINUX, **fields: Any) -> Resolution:
    conda_pins = sorted((p for p in pins if isinstance(p, CondaPin)), key=lambda p: p.record.name)
    pypi_pins = sorted((p for p in pins if isinstance(p, PypiPin)), key=lambda p: p.name)
    python = next((p.record.version for p in conda_pins if p.record.name == "python"), None)
    return Resolution(target=target, python=python, conda=tuple(conda_pins), pypi=tuple(pypi_pins), **fields)
