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

Reading is many times faster than with a YAML parser. A text is taken only where each line is the one that
writing what was read gives: anything else (an edited file, another tool's) is None, and is then read as YAML.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from lockfiles.canonical import is_plain, quote_text
from lockfiles.model import LockedPackage
from resolver.model.patterns import pattern

#: A key between double quotes, and its value.
_QUOTED = pattern(r'("(?:[^"\\]|\\.)*"): (.+)\Z')
#: An entry by its lines: what stands behind each key.
_ENTRY = pattern(
    r"  - name: (.+)\n    version: (.+)\n    manager: (conda|pip)\n    platform: (.+)\n"
    r"    dependencies:( \{\}|(?:\n      .+)+)\n    url: (.+)\n    hash:( \{\}|(?:\n      .+)+)\n"
    r"(?:    source:\n      type: url\n      url: (.+)\n)?    category: (.+)\n    optional: (true|false)\n"
)
_DEEP = "\n      "  #: in front of each line of a mapping
#: What no text begins with that stands without quotes.
_NEVER_FIRST = frozenset("<>=!~")


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
        read = list(_iter_packages(text))
    except (IndexError, ValueError, msgspec.DecodeError):
        return None
    if texts is not None:
        for package, entry in read:
            texts.note(package, entry)
    return [package for package, _ in read]


def _iter_packages(text: str) -> Iterator[tuple[LockedPackage, str]]:
    """Yield each entry's package and text; all of it is as :func:`format_entries` writes it.

    Raises IndexError, ValueError or msgspec.DecodeError for any other.
    """
    place, scalars = 0, _Scalars()
    while place < len(text):
        entry = _ENTRY.match(text, place)
        if entry is None:
            raise ValueError(text[place:])
        manager, dependencies, hashes, optional, source, *others = entry.group(3, 5, 7, 10, 8, 1, 2, 4, 6, 9)
        name, version, platform, url, category = [scalars[other] for other in others]
        if (optional == "false") != (category == "main"):
            raise ValueError(optional)
        package = LockedPackage(
            name=name, version=version, manager=manager, platform=platform, url=url,
            hashes=_mapping(hashes, scalars), dependencies=_mapping(dependencies, scalars),
            categories=frozenset((category,)), source_url=None if source is None else scalars[source],
        )  # fmt: skip
        if package.source_url == "":
            raise ValueError(source)
        place = entry.end()
        yield package, entry[0]


def _mapping(text: str, scalars: _Scalars) -> dict[str, str]:
    """Return a mapping of texts, sorted by its keys."""
    found: dict[str, str] = {}
    if text == " {}":
        return found
    last = ""
    for line in text.split(_DEEP)[1:]:
        if line[0] == '"':
            parts = _QUOTED.match(line)
            if parts is None:
                raise ValueError(line)
            key, value = parts.groups()
        else:
            key, _, value = line.partition(": ")
        key = scalars[key]
        if found and key <= last:
            raise ValueError(line)
        found[key], last = scalars[value], key
    return found


class _Scalars(dict[str, str]):
    """Texts by how :func:`~lockfiles.canonical.quote_text` writes them; each is read once.

    Raises IndexError, ValueError or msgspec.DecodeError for one that it writes otherwise.
    """

    def __missing__(self, value: str) -> str:
        if value[0] == '"':
            text = _unquote(value)
        elif is_plain(value):
            text = value
        else:
            raise ValueError(value)
        self[value] = text
        return text


def _unquote(value: str) -> str:
    inner = value[1:-1]
    is_simple = inner.isprintable() and inner.isascii() and '"' not in inner and "\\" not in inner
    if is_simple and value[-1] == '"' and value[1] in _NEVER_FIRST:  # as versions in requirements
        return inner
    text = msgspec.json.decode(value, type=str)
    if quote_text(text) != value:
        raise ValueError(value)
    return text
