"""Settings: each with its value and the place it came from.

Places, the first that says something wins:

1. flags
2. ``LOCK_*`` variables
3. ``lockstack.toml``, then ``[tool.lockstack]`` of the pyproject.toml, of the nearest folder that has one,
   upwards from the environment file's own (:mod:`.nearest`)
4. conda's configuration, then pip's
5. the default

Settings that add up (the table says which) join the entries of all places; those of a nearer place win.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from lockfiles.settings.ages import Age
from lockfiles.settings.layers import default_layer, environment_layer, flag_layer
from lockfiles.settings.setting import Layer, Setting, Values
from lockfiles.settings.table import BY_NAME
from resolver.errors import InputError
from resolver.inputs.channels import ChannelRules
from resolver.inputs.faults import Faults
from resolver.model.channels import ChannelPriority


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of a run. Addresses may hold credentials: show them with :func:`show_settings` only.

    Paths are as typed, those of a settings file relative to that file.
    """

    platforms: Setting[tuple[str, ...]]  #: empty: those of the input, else ``linux-64``
    output: Setting[Path | None]  #: None: beside the input
    channels: Setting[tuple[str, ...]]  #: used where the input names none
    channel_alias: Setting[str | None]  #: address or folder; None: conda's own
    channel_priority: Setting[ChannelPriority]
    default_channels: Setting[tuple[str, ...] | None]  #: members of ``defaults``; None: conda's own
    custom_channels: Setting[Mapping[str, str]]
    custom_multichannels: Setting[Mapping[str, tuple[str, ...]]]
    mirrors: Setting[Mapping[str, tuple[str, ...]]]  #: channel name or address -> addresses, tried in order
    virtual_packages: Setting[tuple[str, ...]]  #: ``[SUBDIR:]NAME=VERSION[=BUILD]``, later ones win
    this_machine: Setting[bool]  #: take virtual packages from the machine that locks
    python: Setting[tuple[str, ...]]  #: interpreter where no conda package gives one; several: environments
    index_url: Setting[str]
    extra_index_urls: Setting[tuple[str, ...]]
    indexes: Setting[Mapping[str, str]]  #: name -> address
    torch_backend: Setting[str | None]  #: ``cpu``, ``cu124`` ...
    package_indexes: Setting[Mapping[str, str]]  #: project (normalised) -> index name or address
    index_strategy: Setting[str]  #: ``first-index`` or ``unsafe-best-match``
    find_links: Setting[tuple[str, ...]]
    no_index: Setting[bool]
    pip_from_conda: Setting[str]  #: ``if-present``, ``prefer`` or ``never``
    resolution: Setting[str]  #: ``highest``, ``lowest`` or ``lowest-direct``
    pre: Setting[bool]  #: pre-releases of every project
    no_build: Setting[bool]  #: never run a source distribution's build backend
    override_dependencies: Setting[tuple[str, ...]]  #: requirements
    exclude_dependencies: Setting[tuple[str, ...]]  #: normalised names
    build_network: Setting[bool]  #: build backends may use the network
    build_timeout: Setting[float]  #: seconds
    no_build_isolation_package: Setting[tuple[str, ...]]  #: normalised names
    extra_build_dependencies: Setting[Mapping[str, tuple[str, ...]]]  #: project -> requirements
    extra_build_variables: Setting[Mapping[str, Mapping[str, str]]]  #: project -> variable -> value
    dependency_metadata: Setting[Mapping[str, tuple[str, ...]]]  #: ``NAME[==VERSION]`` -> requirements
    no_binary: Setting[tuple[str, ...]]  #: normalised names, ``:all:``
    only_binary: Setting[tuple[str, ...]]
    prefer_binary: Setting[bool]  #: releases with wheels before newer ones without
    require_hashes: Setting[bool]  #: pip's hash-checking mode
    exclude_newer: Setting[int | Age | None]  #: seconds since 1970, UTC, or how old all has to be
    exclude_newer_except: Setting[tuple[str, ...]]  #: ``NAME``, ``CHANNEL::NAME``, ``CHANNEL::*``
    admit_undated: Setting[bool]  #: what has no date counts as old enough
    name_map: Setting[Path | None]  #: the user's table of conda and PyPI names
    engine: Setting[str]  #: ``lockstack`` or ``resolvelib``
    search_limit: Setting[int]  #: conflicts of a search until a solution is found; 0: any number
    offline: Setting[bool]
    cache_dir: Setting[Path | None]  #: None: the platform's cache folder
    ssl_verify: Setting[bool]
    cert: Setting[Path | None]  #: bundle of certificate authorities
    client_cert: Setting[Path | None]
    client_key: Setting[Path | None]
    trusted_hosts: Setting[tuple[str, ...]]  #: ``host`` or ``host:port`` whose certificate is not checked
    proxies: Setting[Mapping[str, str]]  #: scheme -> address
    timeout: Setting[float]  #: seconds
    retries: Setting[int]
    size_limits: Setting[Mapping[str, int]]  #: kind of resource -> bytes
    download_deadline: Setting[float]  #: seconds
    least_rate: Setting[int]  #: bytes a second
    silenced: Setting[Mapping[str, str]]  #: check rule -> the reason why it may be broken
    progress: Setting[str]  #: ``auto``, ``on`` or ``off``
    processes: Setting[int]  #: that solve platforms side by side; 0: one for each processor

    @property
    def one_python(self) -> str | None:
        """The interpreter of a run that is for one; None: the input says. Raises InputError for several."""
        asked = self.python
        if len(asked.value) > 1:
            raise InputError(
                f"{asked.source}: this run is for one Python, not for {', '.join(asked.value)}",
                hint="`lock FILE --python 3.11,3.12` makes a lockfile with an environment for each; "
                "`--python VERSION` names one of them here.",
            )
        return next(iter(asked.value), None)

    def channel_rules(self) -> ChannelRules:
        """Return what gives channels their addresses.

        ``defaults`` follows an alias of the user's own; conda's configured alias
        leaves it where it is, as conda does.
        """
        return ChannelRules(
            alias=self.channel_alias.value,
            defaults_follow_alias=self.channel_alias.layer is not Layer.CONDA,
            custom_channels=self.custom_channels.value,
            custom_multichannels=self.custom_multichannels.value,
            default_channels=self.default_channels.value,
        )


def load_settings(
    flags: Mapping[str, object],
    environ: Mapping[str, str],
    environment_file: Path | None,
    home: Path,
    cwd: Path,
    *,
    root: Path = Path("/"),
    prefix: Path | None = None,
) -> Settings:
    """Return every setting with its source.

    ``flags`` has the names of :class:`Settings`' fields; None, an empty
    list and an absent name all mean "not given". ``environment_file`` as typed
    (relative to ``cwd``); None: settings files are looked for in ``cwd``.
    ``root`` stands for ``/`` in the search for system-wide configuration,
    ``prefix`` for the Python environment whose ``pip.conf`` counts. Raises
    InputErrors with every fault of every place.
    """
    from lockfiles.settings.conda import read_conda_layer
    from lockfiles.settings.files import read_file_layers
    from lockfiles.settings.pip import read_pip_layer

    faults = Faults()
    layers = [
        flag_layer(flags, home, faults),
        environment_layer(environ, home, faults),
        *read_file_layers(environment_file, cwd, home, faults),
        read_conda_layer(environ, home, cwd, root, faults),
        read_pip_layer(environ, home, root, prefix, faults),
    ]
    faults.raise_if_any()
    layers.append(default_layer({name for layer in layers for name in layer}))
    return Settings(**{name: _choose(name, layers) for name in Settings.__struct_fields__})


def _choose(name: str, layers: list[Values]) -> Setting[Any]:
    """Return the nearest place's value; of a setting that adds up, the values of all places."""
    found = [layer[name] for layer in layers if name in layer]
    given = [setting for setting in found if setting.layer is not Layer.DEFAULT]
    if not BY_NAME[name].adds_up or len(given) < 2:
        return found[0]
    source = ", ".join(setting.source for setting in given)
    joined: Any
    if isinstance(given[0].value, tuple):
        joined = tuple(text for setting in reversed(given) for text in setting.value)
    else:
        together = {key: value for setting in reversed(given) for key, value in setting.value.items()}
        joined = dict(sorted(together.items()))
    return Setting(value=joined, source=source, layer=given[0].layer)
