"""The version of the distribution, as the project file has it."""

from __future__ import annotations

VERSION = "0.1.0"
