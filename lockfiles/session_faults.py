"""Every fault of a run's files, settings and flags at once: what else is wrong, once one thing is."""

from __future__ import annotations

from collections.abc import Callable

from resolver.errors import InputError, InputErrors, LockstackError
from resolver.inputs.faults import Faults


def told_together(error: InputError, *others: Callable[[], object]) -> InputError:
    """Return an error with its own faults and those that other readers meet; each reader is run once.

    A reader that fails in another way says nothing here: that isn't what the user has to mend first.
    """
    faults = Faults()
    faults.add_error(error)
    for read in others:
        try:
            read()
        except InputError as other:
            faults.add_error(other)
        except LockstackError:
            continue
    return error if len(faults) == 1 else InputErrors(faults.in_order())
