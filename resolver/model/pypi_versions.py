"""Versions of PyPI projects, each text read once.

The platforms of one call look at the same releases, and so do the packages that conda provides.
"""

from __future__ import annotations

import functools

from packaging.version import Version


@functools.lru_cache(maxsize=1 << 16)
def pypi_version(text: str) -> Version:
    """Return a version (PEP 440); raises packaging's InvalidVersion for a text that is none."""
    return Version(text)
