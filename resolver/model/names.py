"""Package names of the two ecosystems, normalised."""

from __future__ import annotations

from typing import NewType

from resolver.model.patterns import pattern

CondaName = NewType("CondaName", str)  #: lower case, as repodata spells it
PypiName = NewType("PypiName", str)  #: normalised as PEP 503 says: lower case, runs of ``-_.`` as one ``-``

_RUNS = pattern(r"[-_.]+")


def conda_name(text: str) -> CondaName:
    """Return ``text`` as a conda package name."""
    return CondaName(text.strip().lower())


def pypi_name(text: str) -> PypiName:
    """Return ``text`` normalised as PEP 503 says."""
    return PypiName(_RUNS.sub("-", text.strip()).lower())
