"""Our own ``conda-lock.yml`` read without a YAML parser: three to four times faster.

Only the exact form that :mod:`lockfiles.formats.conda_lock.text` writes is taken,
line by line. Anything else (an edited file, another tool's) gives None, and is
then read as YAML.
"""

from __future__ import annotations

import json
import re

from lockfiles.canonical import quote_text
from lockfiles.model import LockedPackage

#: ``key: value`` at the indentations of an entry; the value plain or between double quotes, or empty.
_LINE = re.compile(
    r'(  - |    |      )("(?:[^"\\]|\\.)*"|[^\s":]+(?::[^\s":]+)*):'
    r'(?: ("(?:[^"\\]|\\.)*"|[^\s"{}][^\s"]*|\{\}))?\Z'
)
_MAPPINGS = frozenset({"dependencies", "hash", "source"})


class _OtherForm(Exception):  # noqa: N818  (no fault, only a sign)
    """The text isn't in the form that we write."""


def read_packages(text: str) -> list[LockedPackage] | None:
    """Return one package for each entry of a ``package:`` section, in order; None: another form."""
    try:
        entries = _entries(text)
        return [_package(entry) for entry in entries]
    except (_OtherForm, KeyError, ValueError):
        return None


def _entries(text: str) -> list[dict[str, str | dict[str, str]]]:
    """Return the entries as mappings of texts, and of mappings of texts."""
    entries: list[dict[str, str | dict[str, str]]] = []
    entry: dict[str, str | dict[str, str]] = {}
    inner: dict[str, str] | None = None  # the mapping that deeper lines belong to
    for line in text.split("\n"):
        match = _LINE.match(line)
        if match is None:
            if line:
                raise _OtherForm
            continue
        start, key, value = match.groups()
        key = _scalar(key)
        if start == "      ":
            if value is None or inner is None or key in inner:
                raise _OtherForm
            inner[key] = _scalar(value)
            continue
        if start == "  - ":
            entry = {}
            entries.append(entry)
        if key in entry or not entries:
            raise _OtherForm
        if key in _MAPPINGS:
            if value not in (None, "{}"):
                raise _OtherForm
            inner = entry[key] = {}
        elif value is None or value == "{}":
            raise _OtherForm
        else:
            inner = None
            entry[key] = value if key == "optional" else _scalar(value)
    return entries


def _scalar(value: str) -> str:
    if value[0] == '"':
        text: str = json.loads(value)
        return text
    if quote_text(value) != value:  # YAML would take it for a number, a date, a truth value
        raise _OtherForm
    return value


def _package(entry: dict[str, str | dict[str, str]]) -> LockedPackage:
    texts = {key: value for key, value in entry.items() if isinstance(value, str)}
    mappings = {key: value for key, value in entry.items() if not isinstance(value, str)}
    source = mappings.get("source", {})
    category = texts["category"]
    if texts["optional"] != ("false" if category == "main" else "true") or len(entry) - bool(source) != 9:
        raise _OtherForm
    if texts["manager"] not in ("conda", "pip") or (source and source.keys() != {"type", "url"}):
        raise _OtherForm
    return LockedPackage(
        name=texts["name"],
        version=texts["version"],
        manager=texts["manager"],
        platform=texts["platform"],
        url=texts["url"],
        hashes=mappings["hash"],
        dependencies=mappings["dependencies"],
        categories=frozenset({category}),
        source_url=source.get("url"),
    )
