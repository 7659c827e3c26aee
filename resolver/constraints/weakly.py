"""Methods handed to parts of the object that they belong to, without a cycle.

A universe and a search are tens of thousands of objects. Without cycles they go as soon as nobody asks them
any more; with one they stay until garbage is collected, which looks at every one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import ParamSpec, TypeVar
from weakref import ref

P = ParamSpec("P")
R = TypeVar("R")


def weakly(method: Callable[P, R]) -> Callable[P, R]:
    """Return a bound method as a function that doesn't keep its object; raises ReferenceError behind it."""
    if not isinstance(method, MethodType):
        raise TypeError("not a bound method")
    owner, function = ref(method.__self__), method.__func__

    def call(*args: P.args, **named: P.kwargs) -> R:
        found = owner()
        if found is None:
            raise ReferenceError("the object of this method is gone")
        result: R = function(found, *args, **named)
        return result

    return call
