"""METADATA and PKG-INFO files (core metadata, PEP 566, 643), cut to what resolving needs.

The e-mail parser of the standard library takes about a millisecond for a file
with a long description; only the header block is read here, which takes a
fraction of it, and a search reads thousands.
"""

from __future__ import annotations

import msgspec
from packaging.version import Version

from resolver.model.names import pypi_name
from resolver.model.patterns import pattern
from resolver.model.pep508 import parse_requirement
from resolver.model.records import CoreMetadata
from resolver.model.unusable import Unusable

_END_OF_HEADERS = pattern(rb"\r?\n\r?\n|\r\r")
_LINE_END = pattern(r"\r\n?|\n")  # str.splitlines would also break at form feeds and U+2028
#: header names in lower case; the description is most of many files, and never needed
_WANTED = frozenset(
    {"metadata-version", "name", "version", "requires-dist", "requires-python", "provides-extra", "dynamic"}
)
#: what must not be dynamic for an sdist's metadata to hold for every wheel built from it (PEP 643)
_RESOLVING_FIELDS = frozenset({"name", "version", "requires-dist", "requires-python", "provides-extra"})
_FIRST_WITH_DYNAMIC = (2, 2)


class MetadataHeaders(msgspec.Struct, frozen=True, kw_only=True):
    """The headers of one file that matter, in file order; 0 or more values each."""

    fields: dict[str, tuple[str, ...]]

    def first(self, name: str) -> str | None:
        """Return the first value of a header, None where it is absent, empty or ``UNKNOWN``."""
        value = next(iter(self.fields.get(name, ())), "")
        return None if value in ("", "UNKNOWN") else value

    @property
    def is_static(self) -> bool:
        """Tell whether dependencies are promised to be those of every wheel (2.2 or later, not dynamic)."""
        parts = (self.first("metadata-version") or "1.0").split(".")
        if not all(part.isdecimal() for part in parts) or tuple(map(int, parts)) < _FIRST_WITH_DYNAMIC:
            return False
        return _RESOLVING_FIELDS.isdisjoint(name.lower() for name in self.fields.get("dynamic", ()))


def parse_headers(data: bytes) -> MetadataHeaders:
    """Read the header block: ``Name: value`` lines, continued on lines that start with a blank."""
    end = _END_OF_HEADERS.search(data)
    text = (data[: end.start()] if end else data).decode("utf-8", "replace")
    fields: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in _LINE_END.split(text):
        if line[:1] in (" ", "\t"):
            if current:
                current[-1] = f"{current[-1]} {line.strip()}".strip()
            continue
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        current = None
        if colon and name in _WANTED:
            current = fields.setdefault(name, [])
            current.append(value.strip())
    return MetadataHeaders(fields={name: tuple(values) for name, values in fields.items()})


def parse_core_metadata(data: bytes) -> CoreMetadata | Unusable:
    """Return what a METADATA or PKG-INFO file says; unusable without name and version."""
    return from_headers(parse_headers(data))


def from_headers(headers: MetadataHeaders) -> CoreMetadata | Unusable:
    """Return the values of ``headers``; every requirement is known to be readable afterwards."""
    name, version = headers.first("name"), headers.first("version")
    if name is None or version is None:
        return Unusable(f"its metadata gives no {'name' if name is None else 'version'}")
    try:
        normalised = str(Version(version))
    except ValueError:  # InvalidVersion, or more digits than Python reads
        return Unusable(f"its metadata gives a version that PEP 440 rejects: `{version}`")
    extras = headers.fields.get("provides-extra", ())
    requirements = tuple(text for text in headers.fields.get("requires-dist", ()) if text)
    for text in requirements:
        requirement = parse_requirement(text)
        if isinstance(requirement, Unusable):
            return Unusable(f"its metadata has a faulty line: {requirement.reason}")
    return CoreMetadata(
        name=name,
        version=normalised,
        requires_dist=requirements,
        requires_python=headers.first("requires-python"),
        extras=tuple(sorted({pypi_name(extra) for extra in extras if extra})),
    )


def disagreement(said: CoreMetadata, held: CoreMetadata) -> str | None:
    """Return how what an index says of a wheel differs from what is in it, in words; None where it doesn't.

    Only what decides a lock counts; the order of requirements doesn't.
    """
    for words, one, other in (
        ("Name", pypi_name(said.name), pypi_name(held.name)),
        ("Version", said.version, held.version),
        ("Requires-Python", said.requires_python or "nothing", held.requires_python or "nothing"),
    ):
        if one != other:
            return f"{words} is `{other}` in it, `{one}` beside it"
    for more, less, words in (
        (held.requires_dist, said.requires_dist, "only it asks for"),
        (said.requires_dist, held.requires_dist, "only the index says that it asks for"),
    ):
        found = sorted(set(more) - set(less))
        if found:
            return f"{words} `{found[0]}`{f' and {len(found) - 1} more' if len(found) > 1 else ''}"
    return None


def check_identity(metadata: CoreMetadata, name: str, version: str | None) -> CoreMetadata | Unusable:
    """Return ``metadata`` if it is of this project and version (None: any), else why it is unusable.

    A file's name may leave the local part of the version out, as some build tools do.
    """
    if pypi_name(metadata.name) != pypi_name(name):
        return Unusable(f"its metadata is of another project: `{metadata.name}`, not `{name}`")
    if version is not None and metadata.version != version and Version(metadata.version).public != version:
        return Unusable(f"its metadata is of another version: `{metadata.version}`, not `{version}`")
    return metadata
