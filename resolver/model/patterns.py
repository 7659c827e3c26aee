"""Regular expressions that are compiled when they are first used.

A run of the command loads two hundred modules and uses few of their patterns; compiling one takes
longer than loading most modules.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Pattern:
    """Stands for a pattern; each method is the compiled one's from its first use on."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:
        # re.compile remembers what it has compiled, so another method finds the same pattern.
        value = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, value)
        return value


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a pattern as :func:`re.compile` does; a fault in it shows at its first use."""
    return cast("re.Pattern[AnyStr]", _Pattern(text, flags))
