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

#: A key between double quotes, and its value.
_QUOTED = pattern(r'("(?:[^"\\]|\\.)*"): (.+)\Z')
#: Where values begin, by their keys' lengths; how deep the keys of mappings stand.
_NAME, _VERSION, _MANAGER, _PLATFORM = 10, 13, 13, 14
_URL, _CATEGORY, _INNER_URL, _DEEP = 9, 14, 11, 6


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


class EntryTexts:
    """The texts of packages' entries, as they stand in a lockfile or have been made."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str, str], tuple[LockedPackage, str]] = {}

    def note(self, package: LockedPackage, text: str) -> None:
        """Note the text of a package's entries."""
        self._texts[package.key] = package, text

    def of(self, package: LockedPackage) -> str:
        """Return the text of a package's entries; made where none of an equal one is known."""
        known, text = self._texts.get(package.key, (None, ""))
        return text if known is package or known == package else "".join(format_entries(package))


def read_entries(text: str, texts: EntryTexts | None = None) -> list[LockedPackage] | None:
    """Return one package for each entry of a ``package:`` section, in order; None: another form.

    ``texts`` takes the text of each.
    """
    try:
        packages = _packages(text)
    except (IndexError, StopIteration, ValueError, msgspec.DecodeError):
        return None
    written = ["".join(format_entries(package)) for package in packages]
    if "".join(written) != text:
        return None
    if texts is not None:
        for package, entry in zip(packages, written, strict=True):
            texts.note(package, entry)
    return packages


def _packages(text: str) -> list[LockedPackage]:
    """Read entries line by line, each line for what stands there in the form; what isn't so shows later.

    Raises IndexError, StopIteration, ValueError or msgspec.DecodeError for what can't be read at all.
    """
    lines, found = iter(text.split("\n")), list[LockedPackage]()
    for line in lines:
        if not line:
            continue
        name, version, manager = line[_NAME:], next(lines)[_VERSION:], next(lines)[_MANAGER:]
        if manager not in ("conda", "pip"):
            raise ValueError(manager)
        platform = next(lines)[_PLATFORM:]
        dependencies, line = _mapping(lines)
        url = line[_URL:]
        hashes, line = _mapping(lines)
        source = None
        if line == "    source:":
            next(lines)
            source, line = _scalar(next(lines)[_INNER_URL:]), next(lines)
        category = line[_CATEGORY:]
        next(lines)  # optional or not, by its category
        found.append(
            LockedPackage(
                name=_scalar(name),
                version=_scalar(version),
                manager=manager,
                platform=_scalar(platform),
                url=_scalar(url),
                hashes=hashes,
                dependencies=dependencies,
                categories=frozenset({_scalar(category)}),
                source_url=source,
            )
        )
    return found


def _mapping(lines: Iterator[str]) -> tuple[dict[str, str], str]:
    """Return a mapping of texts whose key stands in the next line, and the line behind it."""
    next(lines)
    found: dict[str, str] = {}
    for line in lines:
        if line[:_DEEP] != "      ":
            return found, line
        text = line[_DEEP:]
        if text[0] == '"':
            parts = _QUOTED.match(text)
            if parts is None:
                raise ValueError(line)
            key, value = parts.groups()
        else:
            key, _, value = text.partition(": ")
        found[_scalar(key)] = _scalar(value)
    raise ValueError(found)


def _scalar(value: str) -> str:
    return msgspec.json.decode(value, type=str) if value[0] == '"' else value
