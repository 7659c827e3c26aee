"""The entries of a ``package:`` section: one grammar, for writing and for reading what was written.

An entry is the form below and nothing else; ``dependencies`` and ``hash`` are ``{}`` where
empty, ``source`` stands only where there is one, a text is plain or between double quotes as
:func:`~lockfiles.canonical.quote_text` decides::

      - name: TEXT
        version: TEXT
        manager: conda|pip
        platform: TEXT
        dependencies:
          TEXT: TEXT
        url: TEXT
        hash:
          TEXT: TEXT
        source:
          type: url
          url: TEXT
        category: TEXT
        optional: false|true

Reading is three to four times faster than with a YAML parser. A text is taken only where writing what
was read gives that very text back: anything else (an edited file, another tool's) is None,
and is then read as YAML.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from lockfiles.canonical import quote_text
from lockfiles.model import LockedPackage
from resolver.model.patterns import pattern

#: ``key: value`` at the indentations of an entry; the value plain or between double quotes, or empty.
_LINE = pattern(
    r'(  - |    |      )("(?:[^"\\]|\\.)*"|[^\s":]+(?::[^\s":]+)*):'
    r'(?: ("(?:[^"\\]|\\.)*"|[^\s"]+))?\Z'
)
_MAPPINGS = frozenset({"dependencies", "hash", "source"})


def format_entries(package: LockedPackage) -> Iterator[str]:
    """Yield one entry for each category, in order; written by hand, as most of a file's time goes here."""
    if package.dependencies:
        dependencies = "".join(
            f"\n      {quote_text(name)}: {quote_text(spec)}"
            for name, spec in sorted(package.dependencies.items())
        )
    else:
        dependencies = " {}"
    hashes = "".join(
        f"\n      {quote_text(name)}: {quote_text(value)}" for name, value in sorted(package.hashes.items())
    )
    source = (
        f"    source:\n      type: url\n      url: {quote_text(package.source_url)}\n"
        if package.source_url
        else ""
    )
    for category in sorted(package.categories):
        yield (
            f"  - name: {quote_text(package.name)}\n"
            f"    version: {quote_text(package.version)}\n"
            f"    manager: {package.manager}\n"
            f"    platform: {quote_text(package.platform)}\n"
            f"    dependencies:{dependencies}\n"
            f"    url: {quote_text(package.url)}\n"
            f"    hash:{hashes or ' {}'}\n"
            f"{source}"
            f"    category: {quote_text(category)}\n"
            f"    optional: {'false' if category == 'main' else 'true'}\n"
        )


def read_entries(text: str) -> list[LockedPackage] | None:
    """Return one package for each entry of a ``package:`` section, in order; None: another form."""
    try:
        packages = [_package(entry) for entry in _entries(text)]
    except (KeyError, TypeError, ValueError, msgspec.DecodeError):
        return None
    written = "".join(entry for package in packages for entry in format_entries(package))
    return packages if written == text else None


def _entries(text: str) -> Iterator[dict[str, str | dict[str, str]]]:
    """Yield the entries as mappings of texts, and of mappings of texts; raise ValueError for another form."""
    entry: dict[str, str | dict[str, str]] = {}
    inner: dict[str, str] | None = None  # the mapping that deeper lines belong to
    for line in text.split("\n"):
        match = _LINE.match(line)
        if match is None:
            if line:
                raise ValueError(line)
            continue
        start, key, value = match.groups()
        key = _scalar(key)
        if start == "      ":
            if value is None or inner is None:
                raise ValueError(line)
            inner[key] = _scalar(value)
            continue
        if start == "  - ":
            if entry:
                yield entry
            entry = {}
        if key in _MAPPINGS:
            inner = entry[key] = {}
        elif value is None:
            raise ValueError(line)
        else:
            inner = None
            entry[key] = _scalar(value)
    if entry:
        yield entry


def _scalar(value: str) -> str:
    return msgspec.json.decode(value, type=str) if value[0] == '"' else value


def _package(entry: dict[str, str | dict[str, str]]) -> LockedPackage:
    texts = {key: value for key, value in entry.items() if isinstance(value, str)}
    mappings = {key: value for key, value in entry.items() if not isinstance(value, str)}
    manager = texts["manager"]
    if manager not in ("conda", "pip"):
        raise ValueError(manager)
    return LockedPackage(
        name=texts["name"],
        version=texts["version"],
        manager=manager,
        platform=texts["platform"],
        url=texts["url"],
        hashes=mappings["hash"],
        dependencies=mappings["dependencies"],
        categories=frozenset({texts["category"]}),
        source_url=mappings["source"]["url"] if "source" in mappings else None,
    )
