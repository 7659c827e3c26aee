"""A log as lines that people wrote: without colours, prefixes of build systems, progress."""

from __future__ import annotations

import re

import msgspec

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
#: What build systems put before a line; taken off again and again, as they nest.
_PREFIXES = (
    re.compile(r"^\s*\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?[:,]?\s?"),  # a time
    re.compile(r"^#\d+ (?:\d+\.\d+ )?"),  # docker buildkit: `#12 34.56 `
    re.compile(r"^\[(?:stdout|stderr|INFO|ERROR|WARN(?:ING)?)\]:?\s?"),
    re.compile(r"^(?:stderr|stdout): "),
    re.compile(r"^\s?(?:error|warning|critical|info)\s+libmamba (?=\S)"),  # mamba's own logger
    re.compile(
        r"^(?:[\w.-]+\s*\|\s)(?=\s*(?:[├└│]|\S))(?<=\| )(?=.*(?:─|ERROR|Error|Because|UnsatisfiableError))"
    ),
)


class Line(msgspec.Struct, frozen=True):
    """A line of a log and its number, from 1."""

    number: int
    text: str


def clean_lines(text: str) -> list[Line]:
    """Return the lines without colours and prefixes; of a line that was overwritten, what stayed."""
    result = []
    for number, raw in enumerate(text.lstrip("\ufeff").replace("\r\n", "\n").split("\n"), start=1):
        line = _ANSI.sub("", raw)
        if "\r" in line:
            line = next((part for part in reversed(line.split("\r")) if part.strip()), "")
        line = line.replace("\xa0", " ")
        changed = True
        while changed:
            changed = False
            for prefix in _PREFIXES:
                found = prefix.match(line)
                if found and found.end():
                    line, changed = line[found.end() :], True
        result.append(Line(number, line.rstrip()))
    return result


def is_azureml(text: str) -> bool:
    """Tell whether a log is one of Azure ML's image builds."""
    marks = ("azureml-environment-setup", "/azureml-envs/", "azureml_", "mutated_conda_dependencies")
    return any(mark in text for mark in marks)
