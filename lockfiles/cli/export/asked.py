"""What ``lock export`` is asked for, as one value."""

from __future__ import annotations

import msgspec

from lockfiles.surroundings import Surroundings


class ExportCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What the verb is to do: list the formats, write a format's files, or an Azure ML environment's."""

    lockfile: str
    format: str | None = None
    list_formats: bool = False
    output: str | None = None  #: a file, a folder, ``-``; None: beside the lockfile
    platforms: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    beside: tuple[tuple[str, str], ...] = ()  #: further environments: name, lockfile
    inputs: tuple[str, ...] = ()  #: files that the lockfile was made from
    surroundings: Surroundings = msgspec.field(default_factory=Surroundings)
    python: str | None = None  #: of a lockfile for several
    environment: str | None = None  #: of a pixi.lock
    all_environments: bool = False
    azureml: str | None = None  #: the folder of a v2 environment
    azureml_v1: str | None = None
    image: str | None = None
    name: str | None = None  #: of the environment; None: the folder's
    environment_version: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()  #: ``NAME=VALUE``
    pip_indexes: tuple[str, ...] = ()
    pip_hashes: bool = False
