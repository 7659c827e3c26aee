"""Problems of conda and pip requirements together, resolved against the live index."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from pypi_simple import PYPI_SIMPLE_ENDPOINT

from resolver.inputs.reading import parse_inputs
from resolver.model.channels import Channel
from resolver.model.indexes import Index
from resolver.model.records import CoreMetadata
from resolver.model.requirements import Requirements
from resolver.model.resolution import PypiPin
from resolver.model.target import Target, VirtualPackage
from resolver.options import ResolveOptions
from resolver.pipeline import Reporter, Resolver
from resolver.sources.cache.folder import Cache
from resolver.sources.http.fetching import Fetcher
from resolver.sources.http.retry import RetryPolicy
from resolver.sources.http.settings import HttpSettings
from resolver.sources.pypi.indexes import IndexSet

#: the index that pip is configured for, or its default
INDEX = os.environ.get("LOCK_TEST_INDEX") or os.environ.get("PIP_INDEX_URL") or PYPI_SIMPLE_ENDPOINT
HTTP = HttpSettings(retry=RetryPolicy(attempts=3), connect_timeout=5.0)
TARGET = Target(
    subdir="linux-64",
    virtual_packages=(
        VirtualPackage(name="__archspec", version="1", build="x86_64"),
        VirtualPackage(name="__glibc", version="2.35"),
        VirtualPackage(name="__linux", version="6.8"),
        VirtualPackage(name="__unix"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JointProblem:
    """What is asked for, and what must hold of the answer."""

    id: str
    conda: tuple[str, ...]
    pip: tuple[str, ...]
    holds: tuple[str, ...] = ()  #: match specs that the conda pins must satisfy
    from_conda: tuple[str, ...] = ()  #: projects that a conda pin must ship
    pypi_has: tuple[str, ...] = ()  #: projects that the index must give
    core: tuple[str, ...] = ()  #: no solution: exactly these lines clash

    def requirements(self) -> Requirements:
        """Return what the environment file of this problem asks for."""
        document = {
            "channels": ["conda-forge"],
            "dependencies": [*self.conda, {"pip": list(self.pip)}],
        }
        text = yaml.safe_dump(document, sort_keys=False)
        return parse_inputs(["environment.yml"], lambda _: text)


def read_joint(path: Path) -> dict[str, JointProblem]:
    """Return the problems of a file by id; one that is ``unsatisfiable`` has a core."""
    found = {}
    for row in yaml.safe_load(path.read_text(encoding="utf-8")):
        row = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
        if row.pop("unsatisfiable", False) is not ("core" in row):
            raise ValueError(f"{row['id']}: a core without `unsatisfiable`, or the other way round")
        found[row["id"]] = JointProblem(**row)
    return found


def open_problem(
    problem: JointProblem, channels: Path, cache: Path, *, http: HttpSettings = HTTP
) -> Resolver:
    """Return an open session for a problem over the channels of a folder."""
    settings = ResolveOptions(
        targets=(TARGET,),
        channels=(Channel(name="conda-forge", base_url=str(channels / "conda-forge")),),
        indexes=(Index(name="default", url=INDEX),),
        http=http,
        environ=os.environ,
        cache_dir=cache,
    )
    return Resolver(problem.requirements(), settings, Reporter())


class LiveMetadata:
    """What files of the index say of themselves, read by a reader of its own without any cache."""

    def __init__(self) -> None:
        self._fetcher = Fetcher(HTTP, environ=os.environ)
        self._indexes = IndexSet((), fetcher=self._fetcher, cache=Cache(None))

    def read(self, pins: Sequence[PypiPin]) -> dict[str, CoreMetadata]:
        """Return project -> metadata of the pins' files."""
        files = {pin.name: pin.file for pin in pins if pin.file is not None}
        self._indexes.prefetch_metadata(files.values())
        found = {}
        for name, file in files.items():
            said = self._indexes.metadata(file)
            if not isinstance(said, CoreMetadata):
                raise TypeError(f"{file.file_name}: {said.reason}")
            found[str(name)] = said
        return found

    def close(self) -> None:
        self._fetcher.close()
