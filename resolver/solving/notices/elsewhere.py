"""Channels whose packages lie on another host than the channel itself."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from resolver.model.notices import Notice
from resolver.model.redaction import is_remote
from resolver.model.resolution import Resolution


def packages_elsewhere(resolution: Resolution) -> Iterator[Notice]:
    """Yield a note for each channel that sends whoever installs to a host that nobody named."""
    found: dict[str, dict[str, int]] = {}
    for pin in resolution.conda:
        home = pin.channel.base_url
        if is_remote(home) and is_remote(pin.url) and not pin.url.startswith(f"{home}/"):
            host = urlsplit(pin.url).netloc
            if host != urlsplit(home).netloc:
                counts = found.setdefault(pin.channel.name, {})
                counts[host] = counts.get(host, 0) + 1
    for channel, counts in found.items():
        hosts = ", ".join(f"`{host}`" for host in counts)
        count = sum(counts.values())
        yield Notice(
            code="packages-elsewhere",
            text=f"`{channel}` says that its packages lie at {hosts} ({count} of those locked); no netrc or "
            "keyring entry is used for a host that only a channel names",
            target=resolution.target.subdir,
            facts={"channel": channel, "hosts": tuple(counts)},
        )
