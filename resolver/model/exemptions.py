"""What a limit in time doesn't hold for: packages by name, channels as a whole."""

from __future__ import annotations

import msgspec

from resolver.model.channels import Channel
from resolver.model.match_spec import same_channel
from resolver.model.names import conda_name, pypi_name


class Exemptions(msgspec.Struct, frozen=True):
    """``texts``: ``NAME`` (of either ecosystem), ``CHANNEL::NAME`` or ``CHANNEL::*`` (of conda alone)."""

    texts: tuple[str, ...] = ()

    def covers_project(self, name: str) -> bool:
        """Tell whether a project of an index is exempt."""
        return any("::" not in text and pypi_name(text) == name for text in self.texts)

    def covers(self, name: str, channel: Channel) -> bool:
        """Tell whether a conda package of a channel is exempt."""
        return any(_covers(text, name, channel) for text in self.texts)


def _covers(text: str, name: str, channel: Channel) -> bool:
    before, mark, package = text.rpartition("::")
    if mark and not same_channel(before, channel):
        return False
    return bool(mark and package == "*") or conda_name(package) == name
