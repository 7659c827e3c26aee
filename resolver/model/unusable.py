"""Why something read from a source can't be used, as a value."""

from __future__ import annotations

import msgspec

from resolver.errors import one_line
from resolver.model.choices import StrEnum


class Cause(StrEnum):
    """What keeps something from being used."""

    FAULTY = "faulty"  #: what was read breaks its standard, or is of something else
    BUILD_FORBIDDEN = "build-forbidden"  #: only a build could tell, and builds are not allowed
    OTHER_PYTHON = "other-python"  #: only a build could tell, with a Python that is not the one running
    BUILD_FAILED = "build-failed"
    GIVEN_UP = "given-up"  #: only a build could tell, and those of several other releases came to nothing
    NETWORK = "network"  #: a build could not fetch what it needs: the next try may do better


class Unusable(msgspec.Struct, frozen=True):
    """Why something read from a source can't be used: one line for people, and a fact to decide by."""

    reason: str
    cause: Cause = Cause.FAULTY

    def __post_init__(self) -> None:
        """Keep the reason, which may quote a stranger, to its one line."""
        if "\n" in self.reason:
            msgspec.structs.force_setattr(self, "reason", one_line(self.reason))
