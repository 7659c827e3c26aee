"""The table of settings: how each one is written, read and defaulted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from lockfiles.settings import values
from resolver.model.channels import ChannelPriority

ENGINES = ("lockstack", "resolvelib")
INDEX_STRATEGIES = ("first-index", "unsafe-best-match")
PROGRESS = ("auto", "on", "off")


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """One setting; ``parse`` takes what a place holds and raises ValueError(message, hint)."""

    name: str
    parse: Callable[[Any, values.Where], Any]
    default: Any
    flag: str = ""  #: as typed; empty: no flag
    aliases: tuple[str, ...] = ()  #: other spellings in settings files

    @property
    def key(self) -> str:
        """The name in settings files."""
        return self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"LOCK_{self.name.upper()}"


def _define(name: str, parse: Any, default: Any, flag: str = "", *aliases: str) -> Definition:
    return Definition(name=name, parse=parse, default=default, flag=flag, aliases=aliases)


DEFINITIONS: tuple[Definition, ...] = (
    _define("platforms", values.platforms, (), "--platform", "platform"),
    _define("output", values.path, None, "--output"),
    _define("channels", values.channels, (), "--channel", "channel"),
    _define("channel_alias", values.place_or_address, None, "--channel-alias"),
    _define("channel_priority", values.priority, ChannelPriority.STRICT, "--channel-priority"),
    _define("default_channels", values.channels, None),
    _define("custom_channels", values.address_table, {}),
    _define("custom_multichannels", values.list_table, {}),
    _define("mirrors", values.list_table, {}),
    _define("virtual_packages", values.virtual_packages, (), "--virtual-package", "virtual-package"),
    _define("this_machine", values.boolean, False, "--this-machine"),
    _define("python", values.python_version, None, "--python"),
    _define("index_url", values.place_or_address, "", "--index-url"),
    _define("extra_index_urls", values.addresses, (), "--extra-index-url", "extra-index-url"),
    _define("indexes", values.address_table, {}),
    _define("package_indexes", values.project_table, {}),
    _define("index_strategy", values.choice(INDEX_STRATEGIES), "first-index", "--index-strategy"),
    _define("find_links", values.addresses, (), "--find-links"),
    _define("no_index", values.boolean, False, "--no-index"),
    _define("pre", values.boolean, False, "--pre"),
    _define("no_build", values.boolean, False, "--no-build"),
    _define("exclude_newer", values.moment, None, "--exclude-newer"),
    _define("name_map", values.path, None, "--name-map"),
    _define("engine", values.choice(ENGINES), "lockstack", "--engine"),
    _define("offline", values.boolean, False, "--offline"),
    _define("cache_dir", values.path, None, "--cache-dir"),
    _define("ssl_verify", values.boolean, True),
    _define("cert", values.path, None, "--cert"),
    _define("client_cert", values.path, None),
    _define("trusted_hosts", values.words, (), "--trusted-host", "trusted-host"),
    _define("proxies", values.address_table, {}),
    _define("timeout", values.seconds, 30.0, "--timeout"),
    _define("retries", values.count, 3, "--retries"),
    _define("silenced", values.reasons, {}, "--silence", "silence"),
    _define("progress", values.choice(PROGRESS), "auto", "--progress"),
)
BY_NAME = {definition.name: definition for definition in DEFINITIONS}
