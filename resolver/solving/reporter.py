"""Who hears of a search's progress."""

from __future__ import annotations


class SearchReporter:
    """What a search tells about its progress; every method may be left out."""

    def decided(self, count: int) -> None:
        """Tell how many packages are decided now."""

    def conflict(self, count: int) -> None:
        """Tell how many conflicts there have been."""
