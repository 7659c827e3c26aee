"""Any log -> the errors in it: which tool's they are, and what was asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from resolver.explain.logs.conda_classic import read_conda_classic
from resolver.explain.logs.lines import Line, clean_lines, is_azureml
from resolver.explain.logs.pip_log import read_pip
from resolver.explain.logs.poetry_log import read_poetry
from resolver.explain.logs.report import LogReport, Tool
from resolver.explain.logs.trees import read_mamba, read_rattler
from resolver.explain.logs.uv_log import read_uv

_CONDA = (Tool.CONDA, Tool.LIBMAMBA, Tool.RATTLER)
_READERS = (read_conda_classic, read_mamba, read_rattler, read_pip, read_uv, read_poetry)


def read_log(text: str) -> tuple[LogReport, ...]:
    """Return the errors found in a log, in order; none where nothing is recognised.

    Never raises for a text, however cut or mixed: what can be read is returned,
    with ``complete`` False where something seems to be missing.
    """
    lines = clean_lines(text)
    found = [report for reader in _READERS if (report := reader(lines)) is not None]
    kept = [report for report in found if not _is_shadow(report, found)]
    azureml = is_azureml(text)
    platform, channels = _conda_head(lines)
    return tuple(
        replace(
            report,
            azureml=azureml,
            platform=report.platform or (platform if report.tool in _CONDA else None),
            channels=report.channels or (channels if report.tool in _CONDA else ()),
        )
        for report in sorted(kept, key=lambda one: (one.first_line, one.tool.value))
    )


def _conda_head(lines: Sequence[Line]) -> tuple[str | None, tuple[str, ...]]:
    """Return platform and channels as conda prints them before it solves."""
    platform: str | None = None
    channels: list[str] = []
    listing = False
    for line in lines:
        if line.text.startswith("Channels:"):
            listing = True
        elif listing and (item := re.match(r"\s+- (\S+)$", line.text)):
            channels.append(item[1])
        elif found := re.match(r"Platform: ([a-z]+-[a-z0-9]+)$", line.text):
            platform, listing = found[1], False
        else:
            listing = False
    return platform, tuple(dict.fromkeys(channels))


def _is_shadow(report: LogReport, found: list[LogReport]) -> bool:
    """Tell whether a report only repeats another's lines in a weaker reading."""
    for other in found:
        if other is report or not other.specs:
            continue
        if not report.specs and not report.missing:
            return True
        if {report.tool, other.tool} == {Tool.UV, Tool.POETRY} and _overlap(report, other):
            return len(report.specs) < len(other.specs) or (
                len(report.specs) == len(other.specs) and report.tool is Tool.POETRY
            )
    return False


def _overlap(one: LogReport, other: LogReport) -> bool:
    return one.first_line <= other.last_line and other.first_line <= one.last_line
