"""A conflict with what is to be said of it."""

from __future__ import annotations

import msgspec

from resolver.explain.absence.values import Absence
from resolver.explain.members import UserConflict
from resolver.explain.telling.story import Story


class ToldConflict(msgspec.Struct, frozen=True, kw_only=True):
    """A conflict, its story (None where its proof is not known) and what is not there at all."""

    conflict: UserConflict
    story: Story | None
    absences: tuple[Absence, ...] = ()
    notes: tuple[str, ...] = ()  #: what indexes have to do with it, one line each
