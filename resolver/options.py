"""Everything a resolution depends on besides the requirements."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from resolver.model.builds import BuildRules
from resolver.model.channels import Channel
from resolver.model.indexes import FormatRules, Index, IndexStrategy
from resolver.model.names import PypiName
from resolver.model.target import Target
from resolver.sources.http.credentials import Credentials
from resolver.sources.http.settings import HttpSettings

if TYPE_CHECKING:
    from resolver.constraints.kept_domains import ProcessShelf


class ResolveOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a resolution depends on besides the requirements.

    ``indexes`` in the order in which they are asked. ``preferred``: subdir ->
    ``conda:NAME`` -> file name, or ``pypi:NAME`` -> version; tried first (the
    pins of an earlier lockfile, which stay where that is possible). ``updated``:
    names that take their newest instead. ``cache_dir`` None: nothing is kept.
    ``base_folder``: where relative paths of direct references start.
    """

    targets: tuple[Target, ...]
    channels: tuple[Channel, ...] = ()
    mirrors: Mapping[str, Sequence[str]] = msgspec.field(default_factory=dict)
    indexes: tuple[Index, ...] = ()
    find_links: tuple[str, ...] = ()
    index_strategy: IndexStrategy = IndexStrategy.FIRST_INDEX
    per_package: Mapping[PypiName, str] = msgspec.field(default_factory=dict)
    formats: FormatRules = msgspec.field(default_factory=FormatRules)
    pip_from_conda: str = "if-present"  #: or ``prefer``, ``never``
    pre: bool = False
    no_build: bool = False
    #: what a limit in time (of a target) does not hold for: names, ``CHANNEL::NAME``, ``CHANNEL::*``
    exclude_newer_except: tuple[str, ...] = ()
    builds: BuildRules = msgspec.field(default_factory=BuildRules)  #: what the user says of builds
    admit_undated: bool = False  #: a limit in time (of a target) leaves what has no date in
    require_hashes: bool = False  #: index files without a hash that the user gave are no candidates
    prefer_binary: bool = False  #: releases with wheels before newer ones without
    #: the Python that builds here; None: taken to be any
    build_python: tuple[int, int] | None = sys.version_info[:2]
    http: HttpSettings = msgspec.field(default_factory=HttpSettings)
    credentials: Credentials | None = None
    environ: Mapping[str, str] = msgspec.field(default_factory=dict)
    cache_dir: Path | None = None
    refresh: bool = False
    name_map: Path | None = None
    preferred: Mapping[str, Mapping[str, str]] = msgspec.field(default_factory=dict)
    updated: tuple[str, ...] = ()
    engine: str = "lockstack"
    search_limit: int = 100_000  #: conflicts until a solution is found; 0: any number
    base_folder: Path = Path()
    inputs: tuple[str, ...] = ()  #: whose earlier runs may save work: places of files; empty: nobody's
    processes: int = 1  #: that may search for targets side by side, this one included
    seeks_fixes: bool = True  #: where there is no solution: a change that works
    seeks_updates: bool = True  #: where pins hold a package back: the update that frees it
    shelf: ProcessShelf | None = None  #: what earlier runs of the process have read; None: nothing is kept
