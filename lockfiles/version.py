"""The version of the distribution."""

from __future__ import annotations

from resolver.version import VERSION

__all__ = ["VERSION"]
