"""The last look at an answer: nothing that a conda package needs may be missing from it."""

from __future__ import annotations

from collections.abc import Sequence

from resolver.errors import IncompleteAnswerError
from resolver.model.dependency_text import dependency_name
from resolver.model.resolution import CondaPin


def check_complete(pins: Sequence[CondaPin]) -> None:
    """Raise IncompleteAnswerError where a pin depends on a package that is neither pinned nor virtual.

    A search can't end so; a target that names a Python of its own beside conda packages can.
    """
    there = {pin.record.name for pin in pins}
    for pin in pins:
        for text in pin.record.depends:
            name = dependency_name(text)
            if name not in there and not name.startswith("__"):
                raise IncompleteAnswerError(pin.record.name, name)
