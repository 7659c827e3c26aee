"""Methods handed to parts of the object that they belong to, without a cycle.

A universe and a search are tens of thousands of objects. Without cycles they go as soon as nobody asks them
any more; with one they stay until garbage is collected, which looks at every one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar
from weakref import WeakMethod

P = ParamSpec("P")
R = TypeVar("R")


def weakly(method: Callable[P, R]) -> Callable[P, R]:
    """Return a bound method as a function that doesn't keep its object; raises ReferenceError behind it."""
    reference = WeakMethod(method)

    def call(*args: P.args, **named: P.kwargs) -> R:
        found = reference()
        if found is None:
            raise ReferenceError("the object of this method is gone")
        return found(*args, **named)

    return call
