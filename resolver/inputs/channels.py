"""Channels as written -> names and addresses.

A channel is written as a name (``conda-forge``, ``conda-forge/label/rc``), an
address, a folder, or a name for several channels (``defaults``). The rules are
those of conda's ``Channel``; the order stays, repetitions go.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from resolver.errors import InputError
from resolver.inputs.faults import Faults
from resolver.inputs.placeholders import first_placeholder, placeholder_error
from resolver.inputs.urls import expand_conda, is_path, is_url, split_credentials
from resolver.model.channels import Channel
from resolver.model.credentials import SecretAddress
from resolver.model.origin import Origin
from resolver.model.patterns import pattern
from resolver.model.platforms import KNOWN_SUBDIRS
from resolver.model.redaction import redact
from resolver.model.requirements import ChannelRequest

#: Where a channel with a plain name lies (conda's ``channel_alias``).
DEFAULT_ALIAS = "https://conda.anaconda.org"
#: Where the members of ``defaults`` lie (conda's ``default_channels``).
DEFAULTS_HOME = "https://repo.anaconda.com"
_DEFAULTS = ("pkgs/main", "pkgs/r")
_DEFAULTS_ON_WINDOWS = (*_DEFAULTS, "pkgs/msys2")

_SUBDIR_SUFFIX = pattern(rf"/(?:noarch|{'|'.join(map(re.escape, KNOWN_SUBDIRS))})\Z")
_PLATFORM_FILTER = pattern(r"\[[\w\-, ]*\]\Z")
_NAME = pattern(r"[\w.+@~-]+(?:/[\w.+@~-]+)*\Z")


class ChannelRules(msgspec.Struct, frozen=True, kw_only=True):
    """conda's configuration as far as it gives channels their addresses.

    ``alias`` None: conda's own. An alias may be an address or a folder; where
    it is given, ``defaults`` and ``pkgs/*`` lie under it too, unless
    ``defaults_follow_alias`` is false.
    """

    alias: str | None = None
    defaults_follow_alias: bool = True
    custom_channels: Mapping[str, str] = msgspec.field(default_factory=dict)  #: name -> the address above it
    custom_multichannels: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    default_channels: tuple[str, ...] | None = None  #: members of ``defaults``; None: conda's own


class ResolvedChannels(msgspec.Struct, frozen=True, kw_only=True):
    """Channels in order of priority, and the addresses that held credentials."""

    channels: tuple[Channel, ...]
    secrets: tuple[SecretAddress, ...] = ()


def resolve_channels(
    requests: Sequence[ChannelRequest],
    rules: ChannelRules | None = None,
    *,
    subdir: str = "linux-64",
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> ResolvedChannels:
    """Return the channels that the requests name; with none, ``defaults``.

    ``subdir`` decides what ``defaults`` holds (Windows has one more);
    ``environ`` serves ``$NAME`` and ``${NAME}``; relative folders are seen from
    ``folder`` (None: the current one). ``nodefaults`` takes ``defaults`` out.
    Raises InputErrors.
    """
    resolver = _Resolver(rules or ChannelRules(), subdir, environ or {}, folder or Path.cwd())
    nodefaults = any(request.text == "nodefaults" for request in requests)
    wanted = [request for request in requests if request.text != "nodefaults"]
    if nodefaults:
        wanted = [request for request in wanted if request.text != "defaults"]
        if not wanted:
            raise InputError(
                "`nodefaults` leaves no channel", requests[0].origin, "name a channel, such as `conda-forge`"
            )
    elif not wanted:
        wanted = [ChannelRequest(text="defaults", origin=Origin(file="(default)"))]
    faults = Faults()
    for request in wanted:
        try:
            resolver.add(request.text, request.origin, ())
        except InputError as error:
            faults.add_error(error)
    faults.raise_if_any()
    return ResolvedChannels(channels=tuple(resolver.channels), secrets=tuple(dict.fromkeys(resolver.secrets)))


class _Resolver:
    """Collects channels in order."""

    def __init__(self, rules: ChannelRules, subdir: str, environ: Mapping[str, str], folder: Path) -> None:
        self.rules, self.environ, self.folder = rules, environ, folder
        self.is_windows = subdir.startswith("win-")
        self.channels: list[Channel] = []
        self.secrets: list[SecretAddress] = []

    def add(self, text: str, origin: Origin | None, parents: tuple[str, ...]) -> None:
        """Add what one text names; ``parents`` are the multichannels it came through."""
        written = first_placeholder(text)
        if written:
            raise placeholder_error(written, origin or Origin(file="channels"))
        expanded, missing = expand_conda(text, self.environ)
        if missing:
            raise InputError(
                f"the environment variable `{missing[0]}` is not set", origin, f"set `{missing[0]}`"
            )
        cleaned = _PLATFORM_FILTER.sub("", expanded.strip()).rstrip("/")
        cleaned = _SUBDIR_SUFFIX.sub("", cleaned)
        if not cleaned:
            raise InputError("an empty channel", origin, "name a channel, such as `conda-forge`")
        members = self.members_of(cleaned)
        if members is None:
            self.add_one(cleaned, text, origin)
            return
        if cleaned in parents:
            raise InputError(f"the multichannel `{cleaned}` holds itself", origin)
        for member in members:
            self.add(member, origin, (*parents, cleaned))

    def members_of(self, name: str) -> Sequence[str] | None:
        """Return the channels behind a name for several; None where it names one."""
        if name in self.rules.custom_multichannels:
            return self.rules.custom_multichannels[name]
        if name != "defaults":
            return None
        if self.rules.default_channels is not None:
            return self.rules.default_channels
        return _DEFAULTS_ON_WINDOWS if self.is_windows else _DEFAULTS

    def add_one(self, text: str, written: str, origin: Origin | None) -> None:
        if is_url(text):
            base, name = self.address(text, origin), None
        elif is_path(text):
            base, name = self.local(text), written.rstrip("/")
        else:
            base, name = self.by_name(text, origin)
        name = name or self.name_of(base)
        if any(channel.base_url == base for channel in self.channels):
            return
        if any(channel.name == name for channel in self.channels):
            name = base
        self.channels.append(Channel(name=name, base_url=base))

    def address(self, url: str, origin: Origin | None) -> str:
        """Return an address without credentials, or a file address made whole."""
        scheme = url.split(":", 1)[0].lower()
        if scheme == "file":
            path = re.sub(r"^file:(?://(?:localhost)?(?=/))?", "", url)
            return url.rstrip("/") if re.match(r"file:///", url) else self.local(path)
        if scheme not in ("http", "https"):
            raise InputError(
                f"`{redact(url)}`: channels over `{scheme}` can't be read",
                origin,
                "http, https and folders can",
            )
        clean, secret = split_credentials(url, is_channel=True)
        if secret:
            self.secrets.append(secret)
        if not clean.split("://", 1)[1].split("/", 1)[0]:
            raise InputError(f"`{redact(url)}` is an address without a host", origin)
        return clean.rstrip("/")

    def local(self, path: str) -> str:
        """Return the address of a folder."""
        expanded = Path(path).expanduser() if path.startswith("~") else Path(path)
        sys.audit("lockstack.link", str(self.folder / expanded))
        return (self.folder / expanded).resolve().as_uri()

    def by_name(self, text: str, origin: Origin | None) -> tuple[str, str]:
        """Return address and name of a channel written as a name."""
        if not _NAME.match(text):
            raise InputError(
                f"`{redact(text)}` is not a channel", origin, "a channel is a name, an address or a folder"
            )
        if text == "local":
            raise InputError(
                "the channel `local` belongs to one machine's conda-build", origin, "name its folder instead"
            )
        parts = text.split("/")
        for length in range(len(parts), 0, -1):
            home = self.rules.custom_channels.get("/".join(parts[:length]))
            if home is not None:
                return self.under(home, text, origin), text
        alias = self.rules.alias
        if parts[0] == "pkgs" and (alias is None or not self.rules.defaults_follow_alias):
            alias = DEFAULTS_HOME
        alias = alias or DEFAULT_ALIAS
        return self.under(alias, text, origin), text

    def under(self, home: str, name: str, origin: Origin | None) -> str:
        """Return the address of a name below an address or folder."""
        home, _ = expand_conda(home, self.environ)
        base = self.address(home, origin) if is_url(home) else self.local(home)
        return f"{base.rstrip('/')}/{name}"

    def name_of(self, base: str) -> str:
        """Return the name that an address goes by: what stands below an alias, else the address."""
        homes = [DEFAULT_ALIAS, DEFAULTS_HOME]
        if self.rules.alias:
            homes.insert(0, self.under(self.rules.alias, "", None).rstrip("/"))
        for home in homes:
            if base.startswith(home + "/"):
                return base[len(home) + 1 :]
        return base
