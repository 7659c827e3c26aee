"""Several places that hold the same thing: asked in order, those that failed last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from resolver.model.channels import Channel


class Mirrors:
    """Addresses of one channel, the preferred first, its own last; shared by its subdirs."""

    def __init__(self, own: str, mirrors: Sequence[str] = ()) -> None:
        """Addresses have no trailing slash and no credentials."""
        self._bases = tuple(dict.fromkeys((*(base.rstrip("/") for base in mirrors), own)))
        self._failed: set[str] = set()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._bases, key=lambda base: base in self._failed))

    def __len__(self) -> int:
        return len(self._bases)

    @classmethod
    def of(
        cls,
        channel: Channel,
        table: Mapping[str, Sequence[str]],
        clean: Callable[[str], str] = str,
    ) -> Mirrors:
        """Find the mirrors of a channel by its name, its address, or the longest start of its address.

        ``table``: name or address -> addresses; those of a start get the rest of the
        channel's address behind them. ``clean`` takes the secrets out of an address.
        """
        own = clean(channel.base_url)
        if channel.name in table:
            return cls(own, [clean(base) for base in table[channel.name]])
        for key in sorted(table, key=lambda key: (-len(key), key)):
            start = clean(key).rstrip("/")
            if own == start or own.startswith(f"{start}/"):
                rest = own[len(start) :]
                return cls(own, [clean(base).rstrip("/") + rest for base in table[key]])
        return cls(own)

    def mark_failed(self, base: str) -> None:
        """Ask ``base`` after all others from now on."""
        self._failed.add(base)

    def attempts(self, base: str) -> int | None:
        """Return how often to ask: twice while there is another place, else None (as the settings say)."""
        return None if base == tuple(self)[-1] else 2
