"""Conda channels, as written and as resolved to an address."""

from __future__ import annotations

import msgspec

from resolver.model.choices import StrEnum


class ChannelPriority(StrEnum):
    """How the order of channels limits candidates (conda's three modes).

    strict: a name found in one channel is never taken from a later one.
    flexible: candidates of earlier channels are tried first.
    disabled: the version decides; the channel only breaks ties.
    """

    STRICT = "strict"
    FLEXIBLE = "flexible"
    DISABLED = "disabled"


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """One channel.

    ``name`` is what people write and what lockfiles show (``conda-forge``,
    ``pkgs/main``, ``conda-forge/label/rc``, or a URL without credentials);
    ``base_url`` has no trailing slash, no credentials and no subdir.
    """

    name: str
    base_url: str
