"""Who hears of a run while it goes on."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lockfiles.settings.model import Settings
    from resolver.pipeline import Reporter


class Listener:
    """Hears of a run; every method does nothing, override what is wanted."""

    def warn(self, text: str, hint: str | None = None) -> None:
        """Note what the user should know though the run goes on."""

    def solving(self, settings: Settings) -> AbstractContextManager[Reporter | None]:
        """Return the context of one solve; it gives who hears of the solve's progress."""
        del settings
        return nullcontext()
