"""The text level of a universe: repodata, index pages, metadata, and the user's files.

What is made here must lead, through the project's own readers and matching, back to the candidates and
needs that the universe states.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from resolver.model.names import PypiName
from resolver.model.records import CondaRecord, CoreMetadata, DistFile, ProjectPage
from tests.oracles.universe_generator import DIRECT
from tests.oracles.universe_specs import release
from tests.oracles.universes import Candidate, Kind, Need, Package, Universe

INDEX = "https://index.example.org/simple"
FILES = "https://files.example.org/"
NOARCH = frozenset({"gamma"})  #: names whose records lie in ``noarch``, as ``noarch: generic``
BASE_TIME = 1_600_000_000_000  #: ms


def digest(name: str, algorithm: str = "sha256") -> str:
    """Return a hash that stands for a file's, made of its name."""
    return hashlib.new(algorithm, name.encode(), usedforsecurity=False).hexdigest()


def conda_record(package: Package, candidate: Candidate) -> CondaRecord:
    """Return the record of one conda candidate."""
    file_name = f"{package.key}-{candidate.version}-{candidate.build}.conda"
    return CondaRecord(
        name=package.key,
        version=candidate.version,
        build=candidate.build,
        build_number=candidate.build_number,
        file_name=file_name,
        depends=candidate.texts,
        constrains=candidate.constrains,
        md5=digest(file_name, "md5"),
        sha256=digest(file_name),
        size=1000,
        timestamp=BASE_TIME + candidate.build_number,
        track_features=candidate.track_features,
        noarch="generic" if package.key in NOARCH else None,
        license="MIT",
        purls=candidate.purls,
    )


def conda_records(universe: Universe) -> dict[str, dict[str, list[CondaRecord]]]:
    """Return channel -> subdir -> records; channels in order of priority, both subdirs always there."""
    first, second = universe.channels
    found: dict[str, dict[str, list[CondaRecord]]] = {
        channel: {universe.subdir: [], "noarch": []} for channel in (first, second)
    }
    for package in universe.packages.values():
        if package.kind is Kind.CONDA:
            subdir = "noarch" if package.key in NOARCH else universe.subdir
            found[first][subdir] += [conda_record(package, candidate) for candidate in package.candidates]
            found[second][subdir] += [
                conda_record(package, candidate) for candidate in package.hidden_records
            ]
    return found


def repodata(universe: Universe) -> dict[str, dict[str, dict[str, Any]]]:
    """Return channel -> subdir -> the JSON value of its repodata."""
    return {
        channel: {
            subdir: {
                "info": {"subdir": subdir},
                "packages": {},
                "packages.conda": {record.file_name: repodata_entry(record, subdir) for record in records},
                "repodata_version": 1,
            }
            for subdir, records in subdirs.items()
        }
        for channel, subdirs in conda_records(universe).items()
    }


def repodata_entry(record: CondaRecord, subdir: str) -> dict[str, Any]:
    """Return what repodata says of one record."""
    entry: dict[str, Any] = {
        "name": record.name,
        "version": record.version,
        "build": record.build,
        "build_number": record.build_number,
        "depends": list(record.depends),
        "constrains": list(record.constrains),
        "md5": record.md5,
        "sha256": record.sha256,
        "size": record.size,
        "timestamp": record.timestamp,
        "license": record.license,
        "subdir": subdir,
    }
    optional = {"track_features": record.track_features, "noarch": record.noarch}
    entry |= {key: value for key, value in optional.items() if value}
    if record.purls is not None:
        entry["purls"] = list(record.purls)
    return entry


def dist_file(file_name: str, version: str, *, yanked: str | None = None, folder: str = "") -> DistFile:
    """Return a wheel as an index lists it."""
    return DistFile(
        file_name=file_name,
        version=version,
        is_wheel=True,
        url=f"{FILES}{folder}{file_name}",
        hashes={"sha256": digest(file_name)},
        yanked=yanked,
        size=1000,
        metadata_hashes={},
    )


def project_pages(universe: Universe) -> dict[PypiName, ProjectPage]:
    """Return the index's page of each project that it has, newest version first."""
    pages = {}
    for package in universe.packages.values():
        if package.kind is not Kind.PYPI or package.direct:
            continue
        name = PypiName(package.key.removeprefix("pypi:"))
        files = []
        for version, why in sorted(package.hidden_versions, reverse=True):
            tag = "py3-none-any" if why == "yanked" else "cp311-cp311-win_amd64"
            files.append(
                dist_file(
                    f"{name}-{version}-{tag}.whl", version, yanked="broken" if why == "yanked" else None
                )
            )
        newest_first = sorted(package.candidates, key=lambda one: release(one.version), reverse=True)
        for candidate in newest_first:
            for file_name in candidate.files:
                found = dist_file(file_name, candidate.version)
                files.append(msgspec.structs.replace(found, requires_python=candidate.requires_python))
        if files:
            pages[name] = ProjectPage(name=name, index=INDEX, files=tuple(files))
    return pages


def core_metadata(universe: Universe) -> dict[str, CoreMetadata]:
    """Return file name -> metadata of every wheel, those of direct references included."""
    found = {}
    for package in universe.packages.values():
        if package.kind is not Kind.PYPI:
            continue
        name = package.key.removeprefix("pypi:")
        for candidate in package.candidates:
            for file_name in candidate.files:
                found[file_name] = CoreMetadata(
                    name=name,
                    version=candidate.version,
                    requires_dist=candidate.texts,
                    requires_python=candidate.requires_python,
                    extras=package.extras,
                )
    return found


def metadata_text(metadata: CoreMetadata) -> str:
    """Return metadata as a METADATA file."""
    lines = ["Metadata-Version: 2.1", f"Name: {metadata.name}", f"Version: {metadata.version}"]
    if metadata.requires_python:
        lines.append(f"Requires-Python: {metadata.requires_python}")
    lines += [f"Provides-Extra: {extra}" for extra in metadata.extras]
    lines += [f"Requires-Dist: {text}" for text in metadata.requires_dist]
    return "\n".join(lines) + "\n\n"


def conda_specs(universe: Universe) -> list[str]:
    """Return the match specs of the root, in file order."""
    return [need.text for need in universe.root if not need.package.startswith("pypi:")]


def pip_requirements(universe: Universe) -> tuple[list[str], list[str]]:
    """Return pip's requirements and its constraints, in file order."""
    lines: dict[bool, dict[str, None]] = {False: {}, True: {}}
    for need in universe.root:
        if need.package.startswith("pypi:"):
            lines[need.optional][pip_line(universe, need)] = None
    return list(lines[False]), list(lines[True])


def pip_line(universe: Universe, need: Need) -> str:
    """Return a need of the root as a requirement; a direct reference gets the address of its first file."""
    if DIRECT not in need.text:
        return need.text
    candidate = universe.packages[need.package].candidates[0]
    return need.text.replace(DIRECT, dist_file(candidate.files[0], candidate.version, folder="direct/").url)


def environment_files(universe: Universe) -> dict[str, str]:
    """Return file name -> text: ``environment.yml``, and ``constraints.txt`` where there are constraints.

    A universe with a fixed Python has no conda requirements: its ``requirements.txt`` is returned instead.
    """
    required, constraints = pip_requirements(universe)
    files = {"constraints.txt": "\n".join(constraints) + "\n"} if constraints else {}
    options = ["-c constraints.txt"] if constraints else []
    python = universe.packages.get("python")
    if python is not None and python.kind is Kind.FIXED:
        return files | {"requirements.txt": "\n".join([*options, *required]) + "\n"}
    lines = [
        "name: universe",
        "channels:",
        *(f"  - {channel}" for channel in universe.channels),
        "dependencies:",
    ]
    lines += [f"  - '{spec}'" for spec in conda_specs(universe)]
    if required or constraints:
        lines += ["  - pip:", *(f"    - '{line}'" for line in [*options, *required])]
    return files | {"environment.yml": "\n".join(lines) + "\n"}
