"""Package names of the two ecosystems, normalised."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from resolver.model.patterns import pattern

if TYPE_CHECKING:
    from typing import NewType

    CondaName = NewType("CondaName", str)  #: lower case, as repodata spells it
    PypiName = NewType("PypiName", str)  #: lower case, runs of ``-_.`` as one ``-`` (PEP 503)
else:  # a call of `str` gives the text itself back; one of a `NewType` is a call in Python
    CondaName = PypiName = str

_RUNS = pattern(r"[-_.]+")


def conda_name(text: str) -> CondaName:
    """Return ``text`` as a conda package name."""
    return CondaName(text.strip().lower())


@lru_cache(maxsize=1 << 14)  # a run asks for each name dozens of times
def pypi_name(text: str) -> PypiName:
    """Return ``text`` normalised as PEP 503 says."""
    return PypiName(_RUNS.sub("-", text.strip()).lower())
