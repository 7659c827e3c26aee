"""Errors of other tools, as their logs have them."""

from resolver.explain.logs.reading import read_log
from resolver.explain.logs.report import LoggedSpec, LogReport

__all__ = ["LogReport", "LoggedSpec", "read_log"]
