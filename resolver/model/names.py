"""Package names of the two ecosystems, normalised."""

from __future__ import annotations

import re
from typing import NewType

CondaName = NewType("CondaName", str)  #: lower case, as repodata spells it
PypiName = NewType("PypiName", str)  #: normalised as PEP 503 says: lower case, runs of ``-_.`` as one ``-``

_RUNS = re.compile(r"[-_.]+")


def conda_name(text: str) -> CondaName:
    """Return ``text`` as a conda package name."""
    return CondaName(text.strip().lower())


def pypi_name(text: str) -> PypiName:
    """Return ``text`` normalised as PEP 503 says."""
    return PypiName(_RUNS.sub("-", text.strip()).lower())
