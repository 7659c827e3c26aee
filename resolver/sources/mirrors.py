"""Several places that hold the same thing: asked in order, those that failed last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


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

    def mark_failed(self, base: str) -> None:
        """Ask ``base`` after all others from now on."""
        self._failed.add(base)

    def attempts(self, base: str) -> int | None:
        """Return how often to ask: twice while there is another place, else None (as the settings say)."""
        return None if base == tuple(self)[-1] else 2
