"""What is installed in a prefix: conda-meta and dist-info, read without running any of its code."""

from __future__ import annotations

import json
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from resolver.errors import InputError, InputErrors
from resolver.model.channels import Channel
from resolver.model.names import PypiName, pypi_name
from resolver.model.origin import Origin
from resolver.model.records import CondaRecord
from resolver.model.resolution import CondaPin, PypiPin, Resolution
from resolver.model.target import Target


def read_prefix(prefix: Path, subdir: str = "linux-64") -> Resolution:
    """Return what is installed under ``prefix`` (an environment's folder, or a virtual environment).

    Conda packages come from ``conda-meta/*.json``, PyPI projects from
    ``*.dist-info`` in site-packages; a dist-info that a conda package installed
    is that package's. Raises InputErrors with every file that can't be read.
    """
    if not prefix.is_dir():
        raise InputError(f"no such folder: `{prefix}`", Origin(file="--prefix"))
    faults: list[InputError] = []
    conda, owned = _read_conda(prefix, faults)
    folders = sorted(
        {
            path
            for pattern in ("lib/python3*/site-packages", "Lib/site-packages")
            for path in prefix.glob(pattern)
        }
    )
    if not conda and not folders and not faults:
        raise InputError(
            f"`{prefix}` is no environment: neither conda-meta nor site-packages is there",
            Origin(file="--prefix"),
        )
    pypi = _read_wheels(prefix, folders, owned, faults)
    if faults:
        raise InputErrors(faults)
    platforms = [pin.subdir for pin in conda if pin.subdir != "noarch"]
    python = next((pin.record.version for pin in conda if pin.name == "python"), None) or _venv_python(prefix)
    return Resolution(
        target=Target(subdir=platforms[0] if platforms else subdir),
        python=python,
        conda=tuple(sorted(conda, key=lambda pin: pin.record.name)),
        pypi=tuple(sorted(pypi, key=lambda pin: pin.name)),
    )


def _read_conda(prefix: Path, faults: list[InputError]) -> tuple[list[CondaPin], set[str]]:
    """Return the pins, and the dist-info folders that conda packages installed (relative, with ``/``)."""
    pins, owned = [], set()
    for path in sorted((prefix / "conda-meta").glob("*.json")):
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            pins.append(_conda_pin(data))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            faults.append(InputError(f"can't be read as a conda record: {error}", Origin(file=str(path))))
            continue
        for file in data.get("files") or ():
            head, separator, _ = str(file).replace("\\", "/").partition(".dist-info/")
            if separator:
                owned.add(head.lower())
    return pins, owned


def _conda_pin(data: dict[str, Any]) -> CondaPin:
    subdir = str(data.get("subdir") or "noarch")
    address = str(data.get("channel") or "").rstrip("/")
    base = address.removesuffix(f"/{subdir}")
    noarch = data.get("noarch")
    record = CondaRecord(
        name=data["name"],
        version=data["version"],
        build=data["build"],
        build_number=int(data.get("build_number") or 0),
        file_name=str(data.get("fn") or f"{data['name']}-{data['version']}-{data['build']}.conda"),
        depends=tuple(data.get("depends") or ()),
        constrains=tuple(data.get("constrains") or ()),
        md5=data.get("md5"),
        sha256=data.get("sha256"),
        size=data.get("size"),
        noarch=str(noarch) if noarch else None,
    )
    name = (
        base.removeprefix("https://conda.anaconda.org/").removeprefix("https://repo.anaconda.com/")
        or "unknown"
    )
    return CondaPin(
        record=record,
        channel=Channel(name=_without_credentials(name), base_url=_without_credentials(base)),
        subdir=subdir,
        url=_without_credentials(str(data.get("url") or "")),
    )


def _without_credentials(text: str) -> str:
    from resolver.model.redaction import strip

    return strip(text)


def _read_wheels(
    prefix: Path, folders: list[Path], owned: set[str], faults: list[InputError]
) -> list[PypiPin]:
    pins: dict[str, PypiPin] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.dist-info")):
            relative = path.relative_to(prefix).as_posix().removesuffix(".dist-info").lower()
            if relative in owned or f"site-packages/{relative.rsplit('/', 1)[-1]}" in owned:
                continue
            try:
                text = (path / "METADATA").read_text(encoding="utf-8", errors="replace")
            except FileNotFoundError:
                continue  # the remains of a removed project
            except OSError as error:
                faults.append(
                    InputError(f"can't be read: {error.strerror}", Origin(file=str(path / "METADATA")))
                )
                continue
            pin = _wheel_pin(text)
            pins.setdefault(pin.name, pin)
    return list(pins.values())


def _wheel_pin(text: str) -> PypiPin:
    headers = HeaderParser().parsestr(text.split("\n\n", 1)[0])
    return PypiPin(
        name=pypi_name(headers.get("Name", "")),
        version=headers.get("Version", "0"),
        file=None,
        dependencies=_dependencies(headers.get_all("Requires-Dist") or []),
        requires_python=headers.get("Requires-Python"),
    )


def _dependencies(texts: list[str]) -> dict[PypiName, str]:
    from packaging.requirements import InvalidRequirement, Requirement

    found = {}
    for text in texts:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker is None or "extra" not in str(requirement.marker):
            found[pypi_name(requirement.name)] = str(requirement.specifier)
    return dict(sorted(found.items()))


def _venv_python(prefix: Path) -> str | None:
    """Return the interpreter's version that a virtual environment's ``pyvenv.cfg`` names."""
    try:
        lines = (prefix / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    pairs = dict(line.replace(" ", "").split("=", 1) for line in lines if "=" in line)
    return pairs.get("version_info") or pairs.get("version")
